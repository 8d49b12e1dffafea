"""One author's file, read whole: front matter, template, cues."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from kindvoice.errors import ScriptError
from kindvoice.model import Cue, Pause, Script, Style, Where, Words
from kindvoice.script.frontmatter import FrontMatter, split
from kindvoice.script.parse import parse
from kindvoice.script.phrases import Phrase, StandIns, phrases_from
from kindvoice.script.source import read_text
from kindvoice.script.ssml import is_ssml, read_ssml
from kindvoice.script.template import expand
from kindvoice.script.version import Version

__all__ = ["Source", "read_facts", "read_script", "read_source", "read_text", "script_language"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An author's file, read once for any of its versions."""

    path: Path
    text: str
    front: FrontMatter
    cues: tuple[Cue, ...] | None = None
    """of a file in SSML, which has no template"""

    def script(self, version: Version, personal: Collection[str] | None = None) -> Script:
        """personal: as in `read_script`. Raises ScriptError with file and line."""
        return self.parsed(version, *self.expanded(version, personal))

    def parsed(self, version: Version, text: str, stand_ins: StandIns) -> Script:
        """From what `expanded` gives. Raises ScriptError with file and line."""
        known, cues = self.front.values, self.cues
        if cues is None:
            cues = parse(text, str(self.path), self._language(version))
        style = known.get("style", Style())
        if version.gentle:
            cues = tuple(_calmed(cue, style) for cue in cues)
            style = replace(style, stretch=min(style.stretch, GENTLE_STRETCH))
        if not any(c.isalnum() for cue in cues if isinstance(cue, Words) for c in cue.text):
            raise ScriptError("the script has no words to speak", where=Where(path=str(self.path), line=0))
        names = ("voice", "bed", "preset", "author", "about", "licence", "credit")
        return Script(
            title=self._title,
            practice=self._practice,
            language=self._language(version),
            length_ms=self._length_ms(version),
            tags=tuple(known.get("tags", {}).items()),
            style=style,
            cues=cues,
            path=str(self.path),
            stand_ins=stand_ins.records(),
            **{name: known[name] for name in names if name in known},
        )

    def expanded(self, version: Version, personal: Collection[str] | None = None) -> tuple[str, StandIns]:
        """The text with loops and conditions carried out, marked, and what stood in for forms of phrases in it."""
        path, phrases, values = str(self.path), version.phrases, self.front.values
        language, length_ms = self._language(version), self._length_ms(version)
        scope: dict[str, object] = {
            **values.get("values", {}), **dict(version.values), "language": language, "title": self._title,
            "practice": self._practice, "gentle": version.gentle, "audience": version.audience,
        }  # fmt: skip
        if length_ms is not None:
            scope["minutes"] = length_ms // 60_000 if length_ms % 60_000 == 0 else length_ms / 60_000

        @cache
        def brought() -> tuple[Phrase, ...]:
            if "phrases" not in values:
                return ()
            where = Where(path=path, line=self.front.lines["phrases"])
            return phrases_from(values["phrases"], language, where)

        spoken = brought() if phrases is None else phrases
        stand_ins = StandIns(spoken, brought, language)
        if phrases is not None or "phrases" in values:
            scope["phrases"] = spoken if version.strict else stand_ins.phrases
        own = {*dict(version.values), "phrases"} if personal is None else set(personal)
        own -= {"phrases"} if phrases is None else set()  # then they are the author's
        text = expand(self.front.body, scope, path, own) if self.cues is None else ""
        return text, stand_ins

    @property
    def _title(self) -> str:
        name = self.path.stem.replace("-", " ").replace("_", " ").strip().capitalize()
        return str(self.front.values.get("title", name))

    @property
    def _practice(self) -> str:
        return str(self.front.values.get("practice", self.path.stem))

    def _language(self, version: Version) -> str:
        return version.language or self.front.values.get("language") or "en"

    def _length_ms(self, version: Version) -> int | None:
        return version.length_ms if version.length_ms is not None else self.front.values.get("length")


def read_source(path: Path) -> Source:
    """A file with front matter and a template, or in SSML. Raises ScriptError with file and line."""
    text = read_text(path)
    if is_ssml(path, text):
        values, cues = read_ssml(text, str(path))
        return Source(path=path, text=text, front=FrontMatter(values, "", {}), cues=cues)
    return Source(path=path, text=text, front=split(text, str(path)))


def read_script(version: Version, personal: Collection[str] | None = None) -> Script:
    """The author's file in this version; what the version says stands before the front matter's.

    personal: the names of its values that are a participant's own words; None: all that it brings.
    Raises ScriptError with file and line.
    """
    return read_source(version.script).script(version, personal)


GENTLE_SILENCE_MS = 25_000
GENTLE_STRETCH = 1.6
"""With eyes closed, a long silence can leave somebody alone with too much: a gentle reading comes back soon."""


def _calmed(cue: Cue, style: Style) -> Cue:
    if not isinstance(cue, Pause):
        return cue
    natural = cue.length_ms(style)
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
    return read_source(path).front.values


def script_language(path: Path) -> str:
    """The language that a script says it is in; English when it says nothing."""
    return str(read_facts(path).get("language", "en"))
