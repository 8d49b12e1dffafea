"""Cues to SSML 1.1, for other readers as well as for ourselves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath

from kindvoice.errors import ScriptError
from kindvoice.languages import primary
from kindvoice.model import (
    Bed,
    Bell,
    Breathe,
    Chapter,
    Cue,
    Hold,
    ParagraphBreak,
    Pause,
    Script,
    VoiceChange,
    Words,
)
from kindvoice.script.cues import format_cue, parse_cue
from kindvoice.script.ssml.address import address, is_file
from kindvoice.script.ssml.facts import head_elements, pause_ms
from kindvoice.script.ssml.parser import OURS, SSML
from kindvoice.script.ssml.reader import CHAPTER
from kindvoice.script.ssml.speaking import elements_for, pace_of

BreathWords = Mapping[str, tuple[str, str, str]]
"""in, hold, out, by language without its region"""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MS_A_LETTER = 75
"""how long a spoken letter lasts, about; other readers' breathing cannot be exact"""
_BELL_MS = 6_000
PLAIN_BREAK_MS = 10_000
"""the longest that Google, Amazon and Microsoft all take"""


def write_ssml(
    script: Script,
    *,
    folder: Path | None = None,
    languages: Mapping[str, str] | None = None,
    breath_words: BreathWords | None = None,
    plain: bool = False,
) -> str:
    """The script as an SSML 1.1 document; `read_ssml` gives the same cues back.

    folder: where the document will stand, so that the sound files it names are found from there; None: beside
    the script. languages: what the speakers of voice cues speak, where that is known, for readers that do not
    have these voices. breath_words: what paced breathing says, likewise. plain: for services that refuse what
    they do not know: nothing of our own, no voices by name, and no break longer than PLAIN_BREAK_MS; then a
    pause's bounds and the like are lost. Raises ScriptError for a cue that cannot be written down.
    """
    return _Writer(script, folder, languages or {}, breath_words or {}, plain).write()


class _Writer:
    def __init__(
        self,
        script: Script,
        folder: Path | None,
        languages: Mapping[str, str],
        breath_words: BreathWords,
        plain: bool,
    ) -> None:
        self._plain = plain
        self._script = script
        self._folder = folder
        self._languages = languages
        self._breath_words = breath_words
        self._own_pace = pace_of(script.voice or "")
        self._speaker = ""
        self._lines: list[str] = []
        self._open: list[str] = []
        self._speaking = ""  # for whom elements are open inside of the paragraph

    def write(self) -> str:
        own = {"version": "1.1", "xmlns": SSML, "xmlns:kv": OURS, "xml:lang": self._script.language}
        self._lines.append('<?xml version="1.0" encoding="UTF-8"?>')
        with self._element("speak", own):
            if not self._plain:
                self._head()
            if self._own_pace != 1:
                with self._element("prosody", {"rate": f"{self._own_pace * 100:g}%", "kv:told": "true"}):
                    self._body()
            else:
                self._body()
        return "\n".join(self._lines) + "\n"

    def _head(self) -> None:
        facts = list(head_elements(self._script))
        for name, attributes in facts:
            if name == "meta":
                self._leaf(name, attributes)
        with self._element("metadata"):
            for name, attributes in facts:
                if name != "meta":
                    if "bed" in attributes:
                        attributes["bed"] = self._seen(attributes["bed"])
                    self._leaf(name, attributes)

    def _body(self) -> None:
        before: Cue | None = None
        for cue in self._script.cues:
            match cue:
                case ParagraphBreak():
                    self._end_paragraph()
                case Chapter(title=title):
                    self._end_paragraph()
                    # Paragraphs end here for others; whether one did in the script is for us.
                    tight = before is not None and not isinstance(before, (ParagraphBreak, Chapter))
                    self._leaf(
                        "mark", {"name": f"{CHAPTER} {title}"} | ({"kv:tight": "true"} if tight else {})
                    )
                case _:
                    if "p" not in self._open:
                        self._begin("p")
                    self._cue(cue)
            before = cue
        self._end_paragraph()

    def _end_paragraph(self) -> None:
        while "p" in self._open:
            self._end()
        self._speaking = ""

    def _cue(self, cue: Cue) -> None:
        match cue:
            case Words(text=text):
                self._speak_as(self._speaker)
                self._line(f"<s>{_text(text)}</s>")
            case Pause() | Hold():
                self._break(pause_ms(cue, self._script.style), self._exactly(cue))
            case Bell() if is_file(cue.sound):
                self._bell_file(cue)
            case Bed(sound=str(sound)):
                self._mark(replace(cue, sound=self._seen(sound)))
            case VoiceChange(speaker=speaker):
                self._speaker = speaker
                self._mark(cue)
            case Breathe():
                self._mark(cue)
                self._breathe(cue)
            case _:
                self._mark(cue)

    def _mark(self, cue: Cue) -> None:
        if self._plain and isinstance(cue, (VoiceChange, Breathe)):
            return  # the elements around, or the words that follow, say it already
        self._leaf("mark", {"name": _written(cue)})

    def _break(self, ms: int, exactly: Mapping[str, str]) -> None:
        for part in self._parts(ms):
            self._leaf("break", {"time": _time(part), **exactly})

    def _parts(self, ms: int) -> list[int]:
        """A silence in breaks that every reader takes."""
        if not self._plain or ms <= PLAIN_BREAK_MS:
            return [ms]
        whole, rest = divmod(ms, PLAIN_BREAK_MS)
        return [PLAIN_BREAK_MS] * whole + ([rest] if rest else [])

    def _exactly(self, cue: Pause | Hold) -> dict[str, str]:
        """What a break has no words for: its bounds, that it is exact, or that the style says how long it is."""
        if cue == Pause(natural_ms=pause_ms(cue, self._script.style)):
            return {}
        return {"kv:cue": _written(cue)}

    def _bell_file(self, cue: Bell) -> None:
        bare = replace(cue, sound="middle")
        source = {"src": address(self._seen(cue.sound))}
        others = {"kv:skip": "true"}
        for strike in range(cue.count):
            if strike:
                self._break(cue.every_ms or _BELL_MS, others)
            extra = others if strike else {"kv:cue": _written(bare)} if bare != Bell() else {}
            with self._element("audio", source | extra):
                self._line("<desc>bell</desc>")

    def _breathe(self, cue: Breathe) -> None:
        """For others, because to them the mark is silent: the words, and about the silence that is left."""
        language = self._languages.get(self._speaker, self._script.language)
        words = self._breath_words.get(primary(language)) if cue.spoken else None
        said = dict(zip(("in", "hold", "out"), words or ("", "", ""), strict=True))
        self._speak_as(self._speaker)
        with self._element("s", {"kv:skip": "true"}):
            for _ in range(cue.count):
                pieces = []
                for name, ms in cue.phases:
                    left = max(ms - _MS_A_LETTER * len(said[name]), 0)
                    pieces += [_text(said[name])] if said[name] else []
                    pieces += [f'<break time="{_time(part)}"/>' for part in self._parts(left)]
                self._line(" ".join(pieces))

    def _seen(self, sound: str) -> str:
        """The path of a sound file, seen from where the document will stand."""
        file = is_file(sound) and not sound.startswith("~") and not PurePath(sound).is_absolute()
        if self._folder is None or not file or re.match(r"[A-Za-z]:", sound):
            return sound
        here = (Path(self._script.path).parent / sound).absolute()
        try:
            moved = Path(os.path.relpath(here, self._folder.absolute())).as_posix()
        except ValueError:  # another drive
            return here.as_posix()
        return sound if PurePath(moved) == PurePath(sound) else moved

    # ------------------------------------------------------------ lines

    def _speak_as(self, speaker: str) -> None:
        """Opens the elements that ask other readers for the speaker, inside of the paragraph."""
        if speaker == self._speaking:
            return
        while self._open[-1] != "p":
            self._end()
        self._speaking = speaker
        if speaker:
            language = self._languages.get(speaker, "")
            language = "" if language == self._script.language else language
            for name, attributes in elements_for(speaker, language, self._own_pace):
                if self._plain and name == "voice":
                    continue
                self._begin(name, attributes | {"kv:told": "true"})

    def _line(self, text: str) -> None:
        self._lines.append("  " * len(self._open) + text)

    def _leaf(self, name: str, attributes: Mapping[str, str]) -> None:
        self._line(f"<{name}{self._attributes(attributes)}/>")

    def _attributes(self, attributes: Mapping[str, str]) -> str:
        return "".join(
            f' {name}="{_value(text)}"'
            for name, text in attributes.items()
            if not (self._plain and name.startswith(("kv:", "xmlns:kv")))
        )

    def _begin(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self._line(f"<{name}{self._attributes(attributes or {})}>")
        self._open.append(name)

    def _end(self) -> None:
        name = self._open.pop()
        self._line(f"</{name}>")

    @contextmanager
    def _element(self, name: str, attributes: Mapping[str, str] | None = None) -> Iterator[None]:
        self._begin(name, attributes)
        yield
        self._end()


def _written(cue: Cue) -> str:
    """The cue as in brackets, without them."""
    text = format_cue(cue)[1:-1]
    if parse_cue(text, cue.where) != cue:
        raise ScriptError(
            f"[{text}] cannot be written down", where=cue.where, cure="give the sound file a plainer name"
        )
    return text


def _time(ms: int) -> str:
    """SSML counts in seconds or in milliseconds."""
    return f"{ms}ms" if ms % 1000 else f"{ms // 1000}s"


def _text(text: str) -> str:
    text = _NO_XML.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _value(text: str) -> str:
    text = _text(text).replace('"', "&quot;")
    return re.sub("[\t\n\r]", lambda match: f"&#{ord(match[0])};", text)
