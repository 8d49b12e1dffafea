"""One author's file, read whole: front matter, template, cues."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.errors import ScriptError
from kindvoice.model import Cue, Pause, Script, StandIn, Style, Where, Words
from kindvoice.script import frontmatter
from kindvoice.script.parse import parse
from kindvoice.script.phrases import Phrase, StandIns, phrases_from
from kindvoice.script.source import read_text
from kindvoice.script.ssml import is_ssml, read_ssml
from kindvoice.script.template import expand
from kindvoice.script.version import Version

__all__ = ["read_facts", "read_script", "read_text", "script_language"]


def read_script(version: Version, personal: Collection[str] | None = None) -> Script:
    """The author's file with its template carried out and its cues parsed; or a file in SSML, which has no template.

    What the version says stands before the front matter's. personal: the names of its values that are a participant's
    own words; None: all that it brings. Raises ScriptError with file and line.
    """
    path, name = version.script, str(version.script)
    text = read_text(path)
    front = None
    stand_ins: tuple[StandIn, ...] = ()
    if is_ssml(path, text):
        known, cues = read_ssml(text, name)
    else:
        front = frontmatter.split(text, name)
        known = front.values
    length_ms = version.length_ms if version.length_ms is not None else known.get("length")
    language = version.language or known.get("language") or "en"
    title = known.get("title", path.stem.replace("-", " ").replace("_", " ").strip().capitalize())
    practice = known.get("practice", path.stem)
    if front is not None:
        scope: dict[str, object] = {
            **known.get("values", {}), **dict(version.values), "language": language, "title": title,
            "practice": practice, "gentle": version.gentle, "audience": version.audience,
        }  # fmt: skip
        if personal is None:
            personal = {name for name, _ in version.values} | {"phrases"}
        cues, stand_ins = _expanded(front, scope, length_ms, version, personal)
    style = known.get("style", Style())
    if version.gentle:
        cues = tuple(_calmed(cue, style) for cue in cues)
        style = replace(style, stretch=min(style.stretch, GENTLE_STRETCH))
    if not any(c.isalnum() for cue in cues if isinstance(cue, Words) for c in cue.text):
        raise ScriptError("the script has no words to speak", where=Where(path=name, line=0))
    return Script(
        title=title,
        practice=practice,
        language=language,
        length_ms=length_ms,
        voice=known.get("voice"),
        bed=known.get("bed"),
        preset=known.get("preset"),
        author=known.get("author", ""),
        about=known.get("about", ""),
        licence=known.get("licence", ""),
        credit=known.get("credit", ""),
        tags=tuple(known.get("tags", {}).items()),
        style=style,
        cues=cues,
        path=name,
        stand_ins=stand_ins,
    )


def _expanded(
    front: frontmatter.FrontMatter, scope: dict[str, object], length_ms: int | None, version: Version,
    personal: Collection[str],
) -> tuple[tuple[Cue, ...], tuple[StandIn, ...]]:  # fmt: skip
    """The cues of a template. scope: what it sees, but for what comes from length_ms and phrases."""
    path, phrases = str(version.script), version.phrases
    language = str(scope["language"])
    if length_ms is not None:
        scope["minutes"] = length_ms // 60_000 if length_ms % 60_000 == 0 else length_ms / 60_000

    @cache
    def brought() -> tuple[Phrase, ...]:
        if "phrases" not in front.values:
            return ()
        where = Where(path=path, line=front.lines["phrases"])
        return phrases_from(front.values["phrases"], language, where)

    spoken = brought() if phrases is None else phrases
    stand_ins = StandIns(spoken, brought, language)
    if phrases is not None or "phrases" in front.values:
        scope["phrases"] = spoken if version.strict else stand_ins.phrases
    if phrases is None:  # they are the author's
        personal = set(personal) - {"phrases"}
    expanded = expand(front.body, scope, path, personal)
    return parse(expanded.text, expanded.origin, path, language), stand_ins.told()


GENTLE_SILENCE_MS = 25_000
GENTLE_STRETCH = 1.6
"""With eyes closed, a long silence can leave somebody alone with too much: a gentle reading comes back soon."""


def _calmed(cue: Cue, style: Style) -> Cue:
    if not isinstance(cue, Pause):
        return cue
    natural = cue.natural_ms
    if natural is None:
        natural = {"short": style.short_ms, "long": style.long_ms}.get(cue.size, style.medium_ms)
    if natural <= GENTLE_SILENCE_MS and cue.max_ms is None:
        return cue
    most = round(GENTLE_SILENCE_MS * GENTLE_STRETCH)
    return replace(
        cue,
        natural_ms=min(natural, GENTLE_SILENCE_MS),
        min_ms=None if cue.min_ms is None else min(cue.min_ms, GENTLE_SILENCE_MS),
        max_ms=min(most if cue.max_ms is None else cue.max_ms, most),
    )


def read_facts(path: Path) -> Mapping[str, Any]:
    """What a script says of itself, by the names of the front matter. Raises ScriptError with file and line."""
    text = read_text(path)
    return read_ssml(text, str(path))[0] if is_ssml(path, text) else frontmatter.split(text, str(path)).values


def script_language(path: Path) -> str:
    """The language that a script says it is in; English when it says nothing."""
    return str(read_facts(path).get("language", "en"))
