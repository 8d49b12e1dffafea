"""From facts to HTML: templates, the language of a page, and what each page shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from kindvoice.care import Care
from kindvoice.errors import KindvoiceError
from kindvoice.languages import nearest_tag
from kindvoice.lint import PhraseHint
from kindvoice.publish.page.words import size, words_for
from kindvoice.publish.templates import html_templates
from kindvoice.speech.voices import HARD_PERCENT, misheard_percent
from kindvoice.studio.host.choices import Choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.security import form_token
from kindvoice.studio.host.wishes import Order
from kindvoice.studio.web.form import GAIN_DB, OrderForm, PhraseField, PracticeForm
from kindvoice.studio.web.listening import track_of
from kindvoice.studio.web.meeting import WhereToTurn, where_to_turn
from kindvoice.studio.web.practices import BEGIN_MINUTES, MINUTES, practice_groups, where_to_begin
from kindvoice.studio.web.texts import NAMES, lasting, say_for

_HERE = Path(__file__).parents[1]
_PAGE = _HERE.parent / "publish" / "page"
LANGUAGE_COOKIE = "kindvoice_language"


class _Texts(dict[str, str]):
    """Texts by name; one that is not there is empty, so that a template can say `or`."""

    def __missing__(self, name: str) -> str:
        return ""


@cache
def templates() -> Environment:
    """Ours, and below them those of the listening page, whose recording we show."""
    environment = html_templates(_HERE / "templates", _PAGE / "templates")
    environment.filters["size"] = size
    return environment


class Pages:
    """Every page of the participants' way."""

    def __init__(self, config: Config, choices: Choices, *, teach: bool) -> None:
        """teach: whether there are pages for teachers."""
        self.config = config
        self.choices = choices
        self.teach = teach

    def render(
        self, name: str, language: str, *, status: int = 200, request: Request | None = None, **facts: Any
    ) -> HTMLResponse:
        """request: whose browser may say in which country somebody is."""
        say = _Texts(say_for(language))
        html = templates().get_template(name).render(
            ui=words_for(language), say=say, language=language, turn=self.turn(request, language),
            teach=self.teach, **facts,
        )  # fmt: skip
        return HTMLResponse(html, status_code=status)

    def language_of(self, scope: Scope) -> str:
        return language_of(Request(scope), self.config.languages)

    def turn(self, request: Request | None, language: str) -> WhereToTurn:
        tags = _accepted(request.headers.get("accept-language", "")) if request else []
        return where_to_turn(self.config, language, tags, say_for(language)["crisis"])

    # ---- pages

    def start(self, request: Request, language: str, minutes: int | None) -> HTMLResponse:
        """minutes: that somebody has; None: nobody said."""
        groups = practice_groups(self.choices, language)
        first = where_to_begin(groups)
        if minutes is not None:
            groups = practice_groups(self.choices, language, minutes)
        return self.render(
            "start.html", language, request=request, groups=groups, first=first, minutes=minutes,
            begin_minutes=minutes or BEGIN_MINUTES, all_minutes=MINUTES, languages=self.config.languages,
            names=NAMES,
        )  # fmt: skip

    def make(
        self, request: Request, form: PracticeForm, draft: OrderForm, *, problems: Sequence[tuple[str, str]] = (),
        order: Order | None = None, status: int = 200, open_book: bool = False, fresh: bool = False,
    ) -> HTMLResponse:  # fmt: skip
        """problems: what to look at again, each with the id of its field. fresh: nobody has written anything yet."""
        entry, (low, high) = form.entry, form.range_ms
        say = say_for(entry.language)
        fits = fitting(order, say) if order else ""
        return self.render(
            "make.html", entry.language, status=status, request=request, token=form_token(request), entry=entry,
            nature=form.nature, for_sleep=form.for_sleep,
            draft=draft, book=form.book, open_book=open_book, fresh=fresh, limits=form.limits,
            blank=PhraseField(number=100), gain_db=GAIN_DB,
            low=low // 60_000, high=high // 60_000, span=fits or lasting(say, "span", low, high),
            told=problems, marks=_Texts({at: "yes" for _, at in problems}),
            example=say["such_as"].format(example=form.example) if form.book else "",
            hints={row.number: hint_texts(row.hints, say) for row in draft.rows},
            voices=_voices(self.choices, entry.language), bells=[*self.choices.bells, "off"],
            beds=["off", *self.choices.beds],
            version=order.version if order else 0,
            action=_action(form, order),
            back=f"/r/{order.token}/" if order else f"/?language={entry.language}",
            back_text=say["yours"] if order else say["back"],
            make_text=say["make_again"] if order else say["make"],
        )  # fmt: skip

    def care(
        self, request: Request, form: PracticeForm, care: Care, fields: Mapping[str, str],
        again: tuple[str, str], *, order: Order | None = None,
    ) -> HTMLResponse:  # fmt: skip
        """What is said before anything is made of a wish, with all that stands in its form, and the way on.

        again: the button that was pressed, by its name and value; a phrase that was only to be heard has its form in
        another tab, and no way back to it.
        """
        hearing = again[0] != "act"
        kept = [
            (name, text) for name, text in fields.items() if name not in {"token", "care", "act", again[0]}
        ]
        return self.render(
            "care.html", form.entry.language, request=request, token=form_token(request), care=care, kept=kept,
            again=again, back=not hearing, action="/hear" if hearing else _action(form, order),
        )  # fmt: skip

    def order(self, request: Request, order: Order, before: int) -> HTMLResponse:
        """What is being made, what was made, or why it could not be."""
        language = order.wish.language
        say = say_for(language)
        facts: dict[str, Any] = {
            "order": order, "base": f"/r/{order.token}/", "token": form_token(request), "percent": None,
            "why": why(order, say), "fitting": fitting(order, say), "left": left(order, say),
            "doing": doing(order, before, say), "until": say["until"].format(date=date(order.expires_at)),
        }  # fmt: skip
        if order.ready and order.manifest is not None:
            facts |= {"track": track_of(order), "course": None, "before": None, "after": None}
            facts["ranged"] = bool(self.config.limits.page_bytes) and self.choices.is_ranged(order.wish)
            return self.render("listen.html", language, request=request, **facts)
        try:
            title = self.choices.practice(order.wish.practice, language).title
        except KindvoiceError:
            title = ""
        return self.render("order.html", language, request=request, title=title, **facts)

    def message(
        self, language: str, words: str, *, status: int, text: str | None = None, back: str = ""
    ) -> HTMLResponse:
        """words: the name of a title among the texts; the text below it is `..._about` unless one is given. back: the
        address of the form that was not taken."""
        say = say_for(language)
        return self.render(
            "message.html", language, status=status, title=say[words], text=text or say[f"{words}_about"],
            back=back, forget={"deleted": "all", "missing": "sent"}.get(words, ""),
        )  # fmt: skip

    def login(
        self, request: Request, language: str, *, wrong: bool = False, named: bool = False
    ) -> HTMLResponse:
        """named: whether teachers say who they are."""
        return self.render(
            "login.html",
            language,
            status=403 if wrong else 200,
            token=form_token(request),
            wrong=wrong,
            named=named,
        )


def language_of(request: Request, languages: Sequence[str]) -> str:
    """As asked for in the address, else as it was chosen before, else as the browser says, else the first."""
    wanted = [request.query_params.get("language", ""), request.cookies.get(LANGUAGE_COOKIE, "")]
    wanted += _accepted(request.headers.get("accept-language", ""))
    known = (nearest_tag(tag, languages) for tag in wanted if tag)
    return next((tag for tag in known if tag), languages[0])


def remember_language(request: Request, response: Response, language: str) -> None:
    """For a year, where it was chosen just now."""
    if request.query_params.get("language"):
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=365 * 24 * 3600, samesite="lax", httponly=True,
            secure=request.url.scheme == "https",
        )  # fmt: skip


def _accepted(header: str) -> list[str]:
    """Language tags of an Accept-Language header, most wanted first."""
    tags = {}
    for part in header[:400].split(",")[:20]:
        match = re.fullmatch(
            r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4})(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?",
            part.strip(),
            re.ASCII,
        )
        if match and float(match[2] or 1):
            tags[match[1]] = float(match[2] or 1)
    return sorted(tags, key=lambda tag: -tags[tag])


def _action(form: PracticeForm, order: Order | None) -> str:
    entry = form.entry
    return f"/r/{order.token}/change" if order else f"/make/{entry.language}/{entry.practice}"


def _voices(choices: Choices, language: str) -> list[dict[str, object]]:
    voices = choices.voices_in(language)
    return [
        {
            "name": voice.name, "title": voice.title, "best": not n and len(voices) > 1 and voice.engine != "tone",
            "unclear": (misheard_percent(voice) or 0.0) >= HARD_PERCENT,
        }
        for n, voice in enumerate(voices)
    ]  # fmt: skip


# ---------------------------------------------------------------- an order in words


def doing(order: Order, before: int, say: Mapping[str, str]) -> str:
    if order.state == "waiting":
        return say["before"].format(n=before) if before else say["first"]
    return say.get(f"stage_{order.stage}", say["wait"])


def left(order: Order, say: Mapping[str, str]) -> str:
    if order.left_s is None or order.state not in {"waiting", "making"}:
        return ""
    if order.left_s < 90:
        return say["left_s"].format(n=max(5, -(-int(order.left_s) // 5) * 5))
    return say["left_min"].format(n=-(-int(order.left_s) // 60))


def why(order: Order, say: Mapping[str, str]) -> str:
    return say[{"length": "failed_fit", "voice": "failed_voice"}.get(order.kind, "trouble_about")]


def fitting(order: Order, say: Mapping[str, str]) -> str:
    """What length would do, in whole minutes that lie inside."""
    if order.range_ms is None:
        return ""
    low, high = -(-order.range_ms[0] // 60_000), order.range_ms[1] // 60_000
    return lasting(say, "fitting", low * 60_000, high * 60_000) if 0 < low <= high else ""


def hint_texts(hints: Iterable[PhraseHint], say: Mapping[str, str]) -> list[str]:
    return [say[f"hint_{hint.name}"].format(n=hint.words) for hint in hints]


def date(unix_s: float) -> str:
    """ISO 8601, for pages where no script shows the reader's own time."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
