"""SSML to cues: the part of it that a meditation uses. Of anything else the words are spoken, and it is told.

Words are data here too: whatever stands between the elements is spoken as it is written.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from operator import itemgetter
from typing import Any

from kindvoice.errors import ScriptError, terminal
from kindvoice.languages import primary
from kindvoice.model import (
    Bell,
    Breathe,
    Chapter,
    Cue,
    Hold,
    ParagraphBreak,
    Pause,
    Unspoken,
    VoiceChange,
    Where,
    Words,
)
from kindvoice.script.breaks import parse_tag
from kindvoice.script.cues import parse_cue
from kindvoice.script.literal import clean
from kindvoice.script.sentences import split_sentences
from kindvoice.script.ssml import grammar
from kindvoice.script.ssml.address import sound_path
from kindvoice.script.ssml.facts import Facts, pause_ms
from kindvoice.script.ssml.parser import Element, read_xml
from kindvoice.script.ssml.sayas import say_as
from kindvoice.script.ssml.speaking import Speaking

CHAPTER = "chapter:"
_APART = frozenset({"p", "s", "break", "audio"})
"""what is no part of the sentence around it"""
_CUE_MARK = re.compile(r"bells?|(?:bells?|bed|breathe|voice)\s.*")


def read_ssml(text: str, path: str) -> tuple[dict[str, Any], tuple[Cue, ...], tuple[Unspoken, ...]]:
    """(what the file says of itself, by the names of a script's front matter; its cues; what of it is not followed).

    text: cleaned, of a size that was checked. Raises ScriptError with file and line for what is not
    well-formed, is no SSML, or holds a pause or a bell that cannot be.
    """
    if not text.strip():
        raise ScriptError("the file is empty", where=Where(path=path, line=0))
    return _SsmlReader(path).read(read_xml(text, path))


class _NotHere(Exception):
    """A sound that is not on this computer."""


class _SsmlReader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._facts = Facts()
        self._cues: list[Cue] = []
        self._open: list[Element] = []
        self._speaking: Speaking | None = (
            None  # what the elements around ask for; None: whoever was asked last
        )
        self._sentence = 0  # how deep inside of <s>
        self._pieces: list[tuple[str, int]] = []
        self._left: dict[Unspoken, None] = {}
        self._speaker = ""  # whom the last voice change named
        self._asked = ""  # whom the last voice cue named

    def read(self, root: Element) -> tuple[dict[str, Any], tuple[Cue, ...], tuple[Unspoken, ...]]:
        # A whole document that is not to be heard is none: there kv:skip says nothing.
        self._read(root)
        self._flush()
        while self._cues and isinstance(self._cues[-1], ParagraphBreak):
            self._cues.pop()
        return self._facts.values, tuple(self._cues), tuple(self._left)

    def _read(self, element: Element) -> None:
        element.name = grammar.ALIASES.get(element.name, element.name)
        name, around = element.name, self._speaking
        self._check(element)
        with self._naming(element):
            speaking = self._speaking_in(element)
            apart = name in _APART or speaking != around
            if apart:
                self._flush()  # the words before it: to whom they belong is known only here
            self._open.append(element)
            self._speaking = speaking
            self._sentence += name == "s"
            inside = self._begin(element)
        if inside:
            for child in element.children:
                self._read_child(child, name)
        if apart:
            self._flush()
        self._sentence -= name == "s"
        self._speaking = around
        self._open.pop()
        if name == "p":
            self._break(element.end_line)

    def _read_child(self, child: Element | tuple[str, int], inside: str) -> None:
        if isinstance(child, Element):
            if child.attributes.get("kv:skip") != "true":
                self._read(child)
            elif child.name in _APART:
                self._flush()
        elif inside in grammar.NO_WORDS:
            if child[0].strip():
                cure = f"close it first: <{inside} .../>"
                raise self._error(f"<{inside}> holds words, which would not be spoken", child[1], cure)
        elif inside not in grammar.NO_CHILDREN:
            self._pieces.append(child)

    def _begin(self, element: Element) -> bool:
        """Gives whether what stands in it is read."""
        match element.name:
            case "speak":
                self._facts.speak(element)
            case "meta":
                self._facts.meta(element)
            case "metadata":
                for child in element.children:
                    if isinstance(child, Element):
                        with self._naming(child):
                            self._facts.take(child)
            case "p":
                self._break(element.line)
            case "break":
                self._cues.append(self._pause(element))
            case "mark":
                self._mark(element)
            case "audio":
                try:
                    self._cues.append(self._audio(element))
                except _NotHere as error:  # what stands in it is for those who cannot play it
                    self._leave(element, *error.args)
                    return True
            case "sub":
                self._pieces.append((self._needed(element, "alias"), element.line))
            case "say-as":
                self._pieces.append((self._said(element), element.line))
            case "phoneme":
                self._leave(element, self._lexicon_line(element))
                self._pieces.append((element.words, element.line))
        return element.name not in {"audio", "metadata"}

    # ------------------------------------------------------------ elements

    def _check(self, element: Element) -> None:
        name, line = element.name, element.line
        if not self._open and name != "speak":
            what = f"this is XML, and not SSML: it begins with <{name}>"
            raise self._error(what, line, "the outermost element of SSML is <speak>")
        inside = self._open[-1].name if self._open else ""
        if inside in grammar.NO_CHILDREN:
            raise self._error(f"<{name}> cannot stand inside of <{inside}>", line, f"close <{inside}> first")
        if not element.known or name not in grammar.ATTRIBUTES or (name == "speak" and self._open):
            if not element.children and (hint := grammar.slip_of(name)):
                raise self._error(f"<{name}> is not known", line, f"did you mean <{hint}>?")
            if name != "phoneme":
                self._leave(element, grammar.element_cure(name))
            return
        known = grammar.ATTRIBUTES[name] | grammar.ALWAYS
        for attribute in (attribute for attribute in element.attributes if attribute not in known):
            what = f"{attribute}={element.attributes[attribute]!r}"
            cure = grammar.attribute_cure(name, attribute)
            if name == "break":
                raise self._error(f"<{name}>: {what} is not known", line, cure)
            self._leave(element, f"{what}: {cure}")

    def _speaking_in(self, element: Element) -> Speaking | None:
        """What holds inside of the element."""
        around, attributes = self._speaking, element.attributes
        if element.name == "speak" or attributes.get("kv:told") == "true":
            return around
        document = self._facts.language
        if "xml:lang" in attributes:
            around = (around or Speaking()).in_language(attributes["xml:lang"], document)
        elif element.name == "lang":
            raise ValueError("no xml:lang is given")
        try:
            if element.name == "voice":
                around = (around or Speaking()).by(attributes, document)
            if element.name == "prosody":
                around = (around or Speaking()).paced(attributes)
        except ValueError as error:
            self._leave(element, str(error))
        # The script's own voice speaks already: a sentence goes on.
        return None if around == Speaking() and not self._asked else around

    def _pause(self, element: Element) -> Cue:
        where, tag = self._where(element.line), "<break"
        for name in ("time", "strength"):
            value = element.attributes.get(name, "medium")
            if not re.fullmatch(r"[\w.+-]{1,20}", value):
                raise ValueError(f"{name}={value!r} is not understood")
            tag += f' {name}="{value}"' if name in element.attributes else ""
        pause = parse_tag(tag + "/>", where)
        assert isinstance(pause, Pause)
        if "kv:cue" not in element.attributes:
            return pause
        cue = parse_cue(_short(element.attributes["kv:cue"]), where)
        if not isinstance(cue, (Pause, Hold)):
            what = f"<break> is a pause, and its kv:cue is {element.attributes['kv:cue']!r}"
            raise self._error(what, element.line)
        # Somebody may have changed the time without knowing of our attribute.
        return cue if pause_ms(cue, self._facts.style) == pause.natural_ms else pause

    def _mark(self, element: Element) -> None:
        """`chapter: Arriving`, and the cues that are silent elsewhere. Any other mark is for a program, and silent."""
        name = " ".join(self._needed(element, "name").split())
        if name.casefold().startswith(CHAPTER):
            title = name[len(CHAPTER) :].strip()
            if not title:
                cure = 'name it: <mark name="chapter: Arriving"/>'
                raise self._error("a chapter without words", element.line, cure)
            self._flush()
            tight = element.attributes.get("kv:tight") == "true"
            if tight and self._cues and isinstance(self._cues[-1], ParagraphBreak):
                self._cues.pop()
            self._cues.append(Chapter(title=title, where=self._where(element.line)))
        elif _CUE_MARK.fullmatch(name):
            self._flush()
            cue = parse_cue(_short(name), self._where(element.line))
            if isinstance(cue, VoiceChange):
                self._asked = self._speaker = cue.speaker
            elif isinstance(cue, Breathe):
                self._turn(element.line)
            self._cues.append(cue)

    def _audio(self, element: Element) -> Cue:
        where = self._where(element.line)
        bell: Cue = parse_cue(_short(element.attributes.get("kv:cue", "bell")), where)
        if not isinstance(bell, Bell):
            what = f"<audio> is a bell, and its kv:cue is {element.attributes['kv:cue']!r}"
            raise self._error(what, element.line)
        count, level = element.attributes.get("repeatCount"), element.attributes.get("soundLevel")
        if count is not None or level is not None:
            gain = re.fullmatch(r"([+-]?[\d.]{1,6}) ?dB", level or "0dB")
            if not gain or not re.fullmatch(r"\d{1,3}", count or "1"):
                raise ValueError("repeatCount is a whole number, soundLevel such as -3dB")
            strikes = parse_cue(f"bell x{count or 1} {gain[1]}dB", where)
            assert isinstance(strikes, Bell)
            bell = replace(bell, count=strikes.count, gain_db=strikes.gain_db)
        return replace(bell, sound=self._file(element))

    def _file(self, element: Element) -> str:
        """The path in src, as a bell names it."""
        src = self._needed(element, "src")
        path = sound_path(src)
        if path is None:
            cure = 'save the sound beside the script: <audio src="bowl.wav"/>'
            raise _NotHere(f"{src!r} is not on this computer, and kindvoice fetches nothing; {cure}")
        if base := self._facts.base:
            raise ValueError(f"xml:base={base!r} is not followed", "take it out, and write src in full")
        return path

    @property
    def _language(self) -> str:
        """Of the words that are being read, without its region."""
        return primary((self._speaking and self._speaking.language) or self._facts.language)

    def _said(self, element: Element) -> str:
        kind, form = self._needed(element, "interpret-as"), element.attributes.get("format", "")
        try:
            return say_as(element.words, kind, form, self._language)
        except ValueError as error:
            self._leave(element, f"{error}; the words are spoken as they are written")
            return element.words

    def _lexicon_line(self, element: Element) -> str:
        sounds = element.attributes.get("ph", "").strip().replace("\\", "").replace('"', "")
        ipa = element.attributes.get("alphabet", "ipa").lower() in {"ipa", ""}
        line = f'"{element.words}" = "/{sounds if ipa else "..."}/"'
        return f"write the sounds into the voice's lexicon, lexicons/{self._language}.toml: {line}"

    # ------------------------------------------------------------ words

    def _flush(self) -> None:
        pieces, self._pieces = self._pieces, []
        text, starts = _joined(pieces)
        if not text:
            return
        self._turn(starts[0][1])
        position = 0
        for sentence in [text] if self._sentence else split_sentences(text):
            position = text.index(sentence, position)
            line = starts[bisect.bisect_right(starts, position, key=itemgetter(0)) - 1][1]
            self._cues.append(Words(text=sentence, where=self._where(line)))
            position += len(sentence)

    def _turn(self, line: int) -> None:
        """Lets the right voice speak from here on."""
        try:
            speaker = self._asked if self._speaking is None else self._speaking.speaker()
        except ValueError as error:
            self._leave(next(e for e in reversed(self._open) if e.name == "prosody"), str(error))
            speaker = self._speaking.language if self._speaking else ""
        if speaker != self._speaker:
            self._speaker = speaker
            self._cues.append(VoiceChange(speaker=speaker, where=self._where(line)))

    def _break(self, line: int) -> None:
        self._flush()
        if self._cues and not isinstance(self._cues[-1], (ParagraphBreak, Chapter)):
            self._cues.append(ParagraphBreak(where=self._where(line)))

    # ------------------------------------------------------------ help

    def _leave(self, element: Element, why: str) -> None:
        """Tells of an element that is not followed."""
        where = self._where(element.line)
        self._left[
            Unspoken(text=f"<{_short(element.name)}>", reason=f"not followed: {_short(why)}", where=where)
        ] = None

    def _where(self, line: int) -> Where:
        return Where(path=self._path, line=line)

    def _needed(self, element: Element, attribute: str) -> str:
        value = element.attributes.get(attribute, "").strip()
        if not value:
            cure = f'<{element.name} {attribute}="..."/>'
            raise self._error(f"<{element.name}> wants {attribute}", element.line, cure)
        return value

    @contextmanager
    def _naming(self, element: Element) -> Iterator[None]:
        """A ValueError, of what is wrong and perhaps the cure, as one of this element."""
        try:
            yield
        except ValueError as error:
            what, *cures = error.args
            cure = cures[0] if cures else _CURES.get(element.name, "")
            raise self._error(f"<{element.name}>: {what}", element.line, cure) from None

    def _error(self, what: str, line: int, cure: str = "") -> ScriptError:
        return ScriptError(_short(what), where=self._where(line), cure=_short(cure))


_NAMED = '<voice name="..."> names one' + terminal("; `kindvoice voices list` shows them")
_CURES: Mapping[str, str] = {
    "break": 'such as time="8s"',
    "say-as": "write the words as they are to be spoken",
    "voice": _NAMED,
    "lang": 'such as <lang xml:lang="es">',
} | dict.fromkeys(("p", "s", "w", "token"), 'such as xml:lang="es"')  # fmt: skip


_LONGEST = 400
"""characters of a message, and of a cue: whatever is longer is no cue"""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _joined(pieces: list[tuple[str, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Pieces of text as one line of words, and the offsets at which another line of the file begins."""
    text, starts = "", []
    for piece, line in pieces:
        # White space is one space, and none at either end.
        run = re.sub(r"\s+", " ", piece)
        if not text or text.endswith(" "):
            run = run.lstrip(" ")
        if run.strip():
            starts.append((len(text), line))
        text += run
    return " ".join(clean(text).split()), starts
