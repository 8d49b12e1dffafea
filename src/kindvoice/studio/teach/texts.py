"""The words of the teachers' pages in the library's languages: one file a language, and which one a request is for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.requests import Request

from kindvoice.errors import KindvoiceError, ScriptError, on_page
from kindvoice.publish.page.words import words_for
from kindvoice.publish.templates import texts_for
from kindvoice.script.literal import clean
from kindvoice.studio.host.config import LANGUAGES
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.teach.scripts import Moved
from kindvoice.studio.web import pages
from kindvoice.studio.web.texts import say_for
from kindvoice.takes.sitting import Doubt, Unheard

FOLDER = Path(__file__).parent / "words"


LIVE = (
    "a_microphone", "again", "away", "away_take", "busy", "changed", "course_kept", "course_not_kept",
    "do_record", "exact", "file_gone", "follows",
    "from_to", "gone", "guessed", "has_take", "heard_fine", "heard_odd", "kept", "kept_all", "line_of", "made",
    "making", "mic_busy", "mic_gone", "mic_insecure", "mic_is_on", "mic_muted", "mic_none", "mic_not_allowed",
    "mic_off", "mic_on", "moved", "not_heard", "not_made", "not_now", "over_time", "recording_now", "speaking",
    "stage_check", "stage_draw", "stage_encode", "stage_measure", "stage_speak", "stage_waiting", "state_used",
    "stop", "stopped", "too_large", "undone", "unreachable", "unreachable_live", "unreachable_take", "used", "wait",
    "write_saved", "write_unsaved",
)  # fmt: skip
"""what the scripts of the pages say"""


class Unread(ScriptError):
    """What somebody brought or filled in, and that cannot be used. kind: nothing (none was), slow; of a course: title,
    tracks, minutes, name, practices."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@cache
def teach_say(language: str) -> Mapping[str, str]:
    """Texts by name, with those of the participants' pages and of the listening page behind them; `{n}` and the like
    are filled in by whoever shows them.

    >>> teach_say("pt-BR")["script"], teach_say("de")["stop"]
    ('Roteiro', 'Anhalten')
    """
    return {**words_for(language), **say_for(language), **texts_for(FOLDER, language)}


@cache
def live_texts(language: str) -> str:
    """Those of LIVE as JSON, for an attribute of the page."""
    say = teach_say(language)
    return json.dumps({name: say[name] for name in LIVE}, ensure_ascii=False)


def language_of(request: Request) -> str:
    return pages.language_of(request, LANGUAGES)


def title_in(text: str) -> str:
    """What somebody has filled in as a title or a name: one line, cut where it is long."""
    return " ".join(clean(text).split())[:80]


def doubt_in(language: str, doubt: Doubt) -> str:
    say = teach_say(language)
    digits = 1 if doubt.kind in {"shorter", "longer"} else 0
    number = f"{doubt.number:.{digits}f}".replace(".", say["decimal"])
    return str(say[f"doubt_{doubt.kind}"]).format(n=number)


def trouble_in(language: str, error: KindvoiceError) -> tuple[str, str]:
    """What is wrong, and the cure. What is said of a script itself is in English, as `kindvoice check` has it."""
    say = teach_say(language)
    if isinstance(error, Unheard):
        return say[f"unheard_{error.kind}"], say[f"unheard_{error.kind}_cure"]
    if isinstance(error, Moved):
        return say["moved"], say["moved_cure"]
    if isinstance(error, Unread):
        return say[f"unread_{error.kind}"], ""
    if isinstance(error, StudioError):
        return say.get(f"studio_{error.kind}", say["busy"]), ""
    # A page names its script already.
    place = f"line {error.where.line}: " if error.where and error.where.line else ""
    return f"{place}{on_page(error.marked_what)}", on_page(error.marked_cure)
