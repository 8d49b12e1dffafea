"""One author's file, read whole: front matter, template, cues."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

from kindvoice.errors import Faults, KindvoiceError, ScriptError, terminal
from kindvoice.languages import UNKNOWN, language_of_few_words, line_in_other_language, other_language
from kindvoice.model import (
    Bed,
    Bell,
    Breathe,
    Cue,
    Hold,
    LeftOut,
    Pause,
    Script,
    Style,
    Unspoken,
    Where,
    Words,
)
from kindvoice.script import ssml
from kindvoice.script.condition import LENGTH_CURE, Listener, conditions_in
from kindvoice.script.directions import vocabulary
from kindvoice.script.frontmatter import AUDIENCES, TRAUMA_SENSITIVE, FrontMatter, split
from kindvoice.script.imports import Document, read_document
from kindvoice.script.literal import renumbered, reveal
from kindvoice.script.parse import Parsed, parse
from kindvoice.script.phrases import Phrase, StandIns, phrases_from
from kindvoice.script.several import find_parts
from kindvoice.script.source import read_text
from kindvoice.script.ssml import is_ssml
from kindvoice.script.titles import A_TITLE
from kindvoice.script.version import Version

__all__ = ["Source", "read_facts", "read_script", "read_source", "read_text", "script_language"]

_MOST_LOOKED_AT = 8_000
"""characters, to know the language of a script that does not say it"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An author's file, read once for any of its versions."""

    path: Path
    text: str
    front: FrontMatter
    cues: tuple[Cue, ...] | None = None
    """of a file in SSML, which has no template"""
    unspoken: tuple[Unspoken, ...] = ()
    """what stands around the script in its file"""
    numbers: tuple[int, ...] = ()
    """of each line of the text, the one in the file; empty, or 0: the line's own"""
    remarks: tuple[str, ...] = ()
    """how the file was understood, where its author may have meant something else"""
    _phrases: dict[str, tuple[Phrase, ...]] = field(default_factory=dict, compare=False)
    """its own, by the language that they are read in"""

    def script(
        self,
        version: Version,
        personal: Collection[str] | None = None,
        faults: Faults | None = None,
        blanks: Mapping[str, tuple[str, bool]] | None = None,
    ) -> Script:
        """personal, faults: as in `read_script`. blanks: what is put into [blanks]; None: the version's values."""
        noted = Faults() if faults is None else faults
        if self.front.faults:
            raise self.with_cues(self.front.faults.error())
        text, stand_ins = self.expanded(version, personal)
        script = self.parsed(version, text, stand_ins, noted, blanks)
        if faults is None:
            noted.raise_any()
        return script

    def with_cues(self, error: KindvoiceError) -> KindvoiceError:
        """An error of the front matter or the template, and with it what is wrong with the phrases and in the cues, in
        whatever branch."""
        faults = Faults()
        faults.add(error)
        with faults.catch():
            self._brought(self.language)
        if self.cues is None:
            from kindvoice.script.template import without_tags

            parse(without_tags(self.front.body), str(self.path), self.language, faults=faults)
        return faults.error()

    def parsed(
        self,
        version: Version,
        text: str,
        stand_ins: StandIns,
        faults: Faults,
        blanks: Mapping[str, tuple[str, bool]] | None = None,
        read: Callable[..., Parsed] = parse,
    ) -> Script:
        """From what `expanded` gives, without the cues that are wrong, which faults takes. Raises ScriptError.

        read: does what `parse` does.
        """
        known, cues = self.front.values, self.cues
        unspoken = self.unspoken
        remarks = (*self.remarks, *version.notes)
        left_out: tuple[LeftOut, ...] = ()
        if cues is None:
            if blanks is None:
                blanks = {name: (str(value), True) for name, value in version.values}
            path, language = str(self.path), self._language(version)
            listener = Listener(
                length_ms=self._length_ms(version), gentle=version.gentle, audience=version.audience,
                without=version.without,
            )  # fmt: skip
            parsed = read(text, path, language, blanks, also=self.language, listener=listener, faults=faults,
                          written_for=bool(known) and not self.numbers)  # fmt: skip
            cues, unspoken = parsed.cues, (*unspoken, *parsed.unspoken)
            left_out = parsed.left_out
            if parsed.titles:
                titles = ", ".join(map(repr, parsed.titles))
                remarks += (
                    f"taken for titles of chapters, and not spoken: {titles}; with a stop they are spoken",
                )
        if not version.language and "language" not in known and self._told_by_words == UNKNOWN:
            cure = terminal(", or --language")
            remarks += (
                f"its language is not sure, and it is read as English; `language: de` above the text{cure} says it",
            )
        style = known.get("style", Style())
        if version.gentle:
            cues = tuple(_calmed(cue, style) for cue in cues)
            style = replace(style, stretch=min(style.stretch, GENTLE_STRETCH))
        if not faults and not _sounds(cues, known.get("bed")):
            where = Where(path=str(self.path), line=0)
            cure = "for a silent timer put a [bell] before and after the silence"
            cure = cure if any(isinstance(cue, (Pause, Hold)) for cue in cues) else ""
            faults.add(ScriptError("the script has no words to speak", where=where, cure=cure))
        names = ("voice", "bed", "preset", "author", "about", "licence", "credit")
        return Script(
            title=str(known.get("title") or bare_title(unspoken) or self._title),
            practice=self._practice,
            language=self._language(version),
            recognised=not version.language and "language" not in known and self.language != _DEFAULT,
            length_ms=self._length_ms(version),
            tags=tuple(known.get("tags", {}).items()),
            style=style,
            cues=cues,
            path=str(self.path),
            stand_ins=stand_ins.records(),
            unspoken=unspoken,
            left_out=left_out,
            audiences=self.audiences,
            remarks=remarks,
            **{name: known[name] for name in names if name in known},
        )

    def expanded(self, version: Version, personal: Collection[str] | None = None) -> tuple[str, StandIns]:
        """The text with loops and conditions carried out, marked, and what stood in for forms of phrases in it.

        Raises ScriptError, ScriptErrors where the cues are wrong as well.
        """
        try:
            return self._expanded(version, personal)
        except ScriptError as error:
            raise self.with_cues(error) from None

    def _expanded(self, version: Version, personal: Collection[str] | None) -> tuple[str, StandIns]:
        path, phrases, values = str(self.path), version.phrases, self.front.values
        language, length_ms = self._language(version), self._length_ms(version)
        scope: dict[str, object] = {
            **values.get("values", {}), **dict(version.values), "language": language, "title": self._title,
            "practice": self._practice, "gentle": version.gentle, "audience": version.audience,
        }  # fmt: skip
        if length_ms is not None:
            scope["minutes"] = length_ms // 60_000 if length_ms % 60_000 == 0 else length_ms / 60_000
        else:
            self._want_a_length()

        brought = cache(partial(self._brought, language))
        spoken = brought() if phrases is None else phrases
        stand_ins = StandIns(spoken, brought, language)
        if phrases is not None or "phrases" in values:
            scope["phrases"] = spoken if version.strict else stand_ins.phrases
        own = {*dict(version.values), "phrases"} if personal is None else set(personal)
        own -= {"phrases"} if phrases is None else set()  # then they are the author's
        text = ""
        if self.cues is None:
            from kindvoice.script.template import expand  # with Jinja, which facts do without

            text = expand(self.front.body, scope, path, own)
        return renumbered(text, self.numbers) if self.numbers else text, stand_ins

    def _want_a_length(self) -> None:
        """Raises ScriptError where the text says from which length on something is heard."""
        for line, condition in conditions_in(self.front.body, self.language) if self.cues is None else ():
            if condition.timed:
                where = Where(path=str(self.path), line=line)
                error = ScriptError(f"[{condition}] needs a length", where=where, cure=LENGTH_CURE)
                error.missing = "minutes"
                raise error

    def _brought(self, language: str) -> tuple[Phrase, ...]:
        """The phrases that the script itself has."""
        if "phrases" not in self.front.values:
            return ()
        if language not in self._phrases:
            where = Where(path=str(self.path), line=self.front.lines["phrases"])
            self._phrases[language] = phrases_from(self.front.values["phrases"], language, where)
        return self._phrases[language]

    @property
    def _title(self) -> str:
        name = self.path.stem.replace("-", " ").replace("_", " ").strip().capitalize()
        return str(self.front.values.get("title", name))

    @property
    def _practice(self) -> str:
        return str(self.front.values.get("practice", self.path.stem))

    def _language(self, version: Version) -> str:
        return version.language or self.language

    @property
    def language(self) -> str:
        """That the script says it is in, else the one that its words are surely in, else English."""
        language = self.front.values.get("language") or self._told_by_words
        return str(_DEFAULT if language == UNKNOWN else language)

    @property
    def _told_by_words(self) -> str:
        return _recognised(self.text if self.cues else self.front.body)

    @property
    def audiences(self) -> frozenset[str]:
        """For whom it has words of their own: what it says, and what its conditions and its template name."""
        body = self.front.body if self.cues is None else ""
        return _audiences_in(body, self.language).union(self.front.values.get("audiences", ())) - {
            TRAUMA_SENSITIVE
        }

    def _length_ms(self, version: Version) -> int | None:
        return version.length_ms if version.length_ms is not None else self.front.values.get("length")


@lru_cache(maxsize=64)
def _audiences_in(body: str, language: str) -> frozenset[str]:
    named = {name for _, condition in conditions_in(body, language) for name in condition.only_for}
    quoted = {name for name in AUDIENCES if f'"{name}"' in body}  # as in audience == "carers"
    return frozenset(named | quoted)


def read_source(path: Path, text: str | bytes | None = None) -> Source:
    """A script in any form that can be read. Raises ScriptError with file and line; what is wrong in front matter waits
    in it. text: as in Version."""
    return make_source(path, read_document(path, text))


def make_source(path: Path, document: Document) -> Source:
    """Raises ScriptError, as `read_source`."""
    text, remarks = document.text, []
    if document.encoding:
        remarks.append(f"the file was read as {document.encoding}; if letters are wrong, save it as UTF-8")
    if _is_ssml(path, document):
        values, cues, unspoken = ssml.read_ssml(text, str(path))
        front = FrontMatter(values, "", {})
        return Source(path=path, text=text, front=front, cues=cues, unspoken=(*document.unspoken, *unspoken))
    front = split(text, str(path))
    source = Source(
        path=path, text=text, front=front, unspoken=(*document.unspoken, *front.unspoken),
        numbers=document.numbers,
    )  # fmt: skip
    parts, sure = find_parts(text, vocabulary(source.language))
    if parts and sure:
        cure = terminal("; `kindvoice scripts import` writes each to a file of its own")
        remarks.append(f"this file holds {len(parts)} scripts, and is read as one{cure}")
    return replace(source, remarks=tuple(remarks))


def bare_title(unspoken: Iterable[Unspoken]) -> str:
    """A first line that is the title; empty: there is none."""
    return next((left.text for left in unspoken if left.reason == A_TITLE), "")


def _is_ssml(path: Path, document: Document) -> bool:
    return is_ssml(path, document.text) and not document.numbers


def read_script(
    version: Version, personal: Collection[str] | None = None, faults: Faults | None = None
) -> Script:
    """The author's file in this version; what the version says stands before the front matter's.

    personal: the names of its values that are a participant's own words; None: all that it brings. faults: takes what
    is wrong in single cues, and the script is given without them. Raises ScriptError with file and line, ScriptErrors
    where that is more than one fault.
    """
    return read_source(version.script, version.text).script(version, personal, faults)


_DEFAULT = "en"
_NOT_SPOKEN = re.compile(r"\[[^\[\]\n]*\]|<[^<>\n]*>")


@lru_cache(maxsize=64)
def _recognised(body: str) -> str:
    """The language of a text that does not say it; UNKNOWN where it is hardly English, and nothing else is sure."""
    from kindvoice.script.template import without_tags

    text = reveal(_NOT_SPOKEN.sub(" ", without_tags(body)))
    likely = other_language(text, _DEFAULT) or line_in_other_language(text, _DEFAULT)  # that of a line of it
    return likely or language_of_few_words(text, _DEFAULT) or _DEFAULT


def _sounds(cues: Collection[Cue], bed: str | None) -> bool:
    """Whether anything is heard. bed: of the whole. Bells in silence are a timer, and so is a bed for some time."""
    beds = bed or any(isinstance(cue, Bed) and cue.sound is not None for cue in cues)
    return (
        any(isinstance(cue, (Bell, Breathe)) for cue in cues)
        or any(c.isalnum() for cue in cues if isinstance(cue, Words) for c in cue.text)
        or (bool(beds) and any(isinstance(cue, (Pause, Hold)) for cue in cues))
    )


GENTLE_SILENCE_MS = 25_000
GENTLE_STRETCH = 1.6
"""With eyes closed, a long silence can leave somebody alone with too much: a gentle reading comes back soon."""


def _calmed(cue: Cue, style: Style) -> Cue:
    if not isinstance(cue, Pause):
        return cue
    natural = cue.length_ms(style)
    most = cue.max_ms if cue.max_ms is not None else round(natural * min(style.stretch, GENTLE_STRETCH))
    if max(natural, most) <= GENTLE_SILENCE_MS:
        return cue
    return replace(
        cue,
        natural_ms=min(natural, GENTLE_SILENCE_MS),
        min_ms=None if cue.min_ms is None else min(cue.min_ms, GENTLE_SILENCE_MS),
        max_ms=min(most, GENTLE_SILENCE_MS),
    )


def read_facts(path: Path) -> Mapping[str, Any]:
    """What a script says of itself, by the names of the front matter. Raises ScriptError with file and line."""
    document = read_document(path)
    if _is_ssml(path, document):
        return make_source(path, document).front.values
    front = split(document.text, str(path))
    front.faults.raise_any()
    return front.values


def script_language(path: Path, text: str | bytes | None = None) -> str:
    """The language that a script says it is in, or that is recognised, else English."""
    return read_source(path, text).language
