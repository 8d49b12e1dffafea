"""What is no line to speak in the text of a paragraph: cues and directions, in brackets and without."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from kindvoice.errors import Faults, ScriptError, nearest, terminal
from kindvoice.languages import UNSPACED, count_words
from kindvoice.model import Hold, Pause, Where
from kindvoice.script.aside import Aside, merged
from kindvoice.script.breaks import parse_tag
from kindvoice.script.condition import Listener, choose
from kindvoice.script.cues import CUE_WORDS, parse_cue, read_bracket, read_loosely
from kindvoice.script.directions import (
    LANGUAGES,
    TO_THE_READER,
    Direction,
    Vocabulary,
    read_alone,
    read_direction,
    vocabulary,
)
from kindvoice.script.flow import Flow
from kindvoice.script.heard import condition_in
from kindvoice.script.literal import reveal, twin
from kindvoice.script.reader import is_for_reader
from kindvoice.script.standing import ENDS, is_between, is_whole_line
from kindvoice.script.transcript import STROKES, end_of_label

_CLOCK = r"\d{1,2}:[0-5]\d(?::[0-5]\d)?"
_CLOCKS = rf"{_CLOCK} ?[-–—] ?{_CLOCK}"
_TIME_CODE = re.compile(
    rf"[(\[]?(?:{_CLOCKS}|0?0:[0-5]\d(?::[0-5]\d)?)[)\]]?(?=\W|$)[ \t]*[-–—:|]?[ \t]*|\({_CLOCK}\)[ \t]*"
)
_ONLY_CLOCKS = re.compile(rf"{_CLOCKS}|{_CLOCK}")
_NUMBERED = re.compile(r"[A-Za-z]{1,12}[-_]\d{1,4} ?: +(?=\S)")
_RIGHTS = re.compile(r"(?:(?:©|\(c\)|copyright) ?\d{4}\b|© )", re.IGNORECASE)
_WAITS = re.compile("^[⏸⏱⏲⏳]\ufe0f? ?")
_SOUND = re.compile(r"(?:SFX|FX|MUSIC|AMBIENCE|ATMO)\b ?[–—:-]")
_TAGS = re.compile(r"(?:#\w{1,40}\s*){2,}")
"""as below a post"""
_SLASHED = re.compile(r"/ ?[^\W\d][^/\n]{2,60}/")
_LASTING = re.compile(r"[^\W\d_]+:? \([^()\[\]]{0,12}\d[^()\[\]]{0,20}\)")
"""Pause (15 seconds)"""
_HALF_DASHED = re.compile(r"[^\W_][^–—-]{1,40} [-–—]")
"""of "- silence -", what a list's sign has left"""
_DASHED = re.compile(r"[–—-].{1,60}[–—-]")
_CAPITALS = "[A-ZÀ-ÞŁŚŻĞİŞ]"
_SAID_HOW = (
    "emphasis|whisper|rate|pitch|vol(?:ume)?|lang|voice|sub|ipa|char(?:acter)?s|number|cardinal|ordinal|date|time|address"
    "|expletive|bleep|fraction|interjection|(?:tele)?phone|unit|excited|disappointed|newscaster|dj"
)
"""how words are said, in Speech Markdown: (words)[emphasis]"""
_TOKEN = re.compile(
    rf"(?=[{twin('[')}\[\](（【［){{</x×.…–—⏸⏱⏲⏳🔁🔂{_CAPITALS[1:-1]}-])(?:"  # their beginnings
    rf"{twin('[')}(?P<half>[^\[\]{twin('[]')}\n]{{1,80}})\]"
    r"|\[\[(?P<twice>[^\[\]]*)\]\]"
    r"|\[(?P<square>[^\[\]]*)\]"
    rf"|(?P<opened>\((?=[^()\[\]\n]{{1,200}}\)\[(?:{_SAID_HOW})\b))|\)\[(?P<how>(?:{_SAID_HOW})\b[^\[\]\n]{{0,80}})\]"
    r"|[(（【［](?P<round>[^()\[\]（）【】［］]{1,200})[)）】］]"
    r"|(?<!\{)\{(?P<curly>[^{}\n]{1,80})\}(?!\})"
    r"|(?P<tag></?[A-Za-z][^<>\n]*>)"
    r"|(?P<stray>[\[\]]|<!--)"
    r"|(?P<slash>(?<!\S)/\d{1,3}(?:s|sec|m|min)(?!\w))"
    r"|(?P<waits>[⏸⏱⏲⏳]\ufe0f? ?(?P<waited>\d{1,3} ?[^\W\d]{1,8}))|(?P<again>[🔁🔂] ?(?:[x×] ?\d{1,2}|\d{1,2} ?[x×]))"
    r"|(?P<strokes>(?<!\S)/{2,3}(?!\S))"
    r"|(?P<times>(?<!\S)(?<!\d )[x×] ?\d{1,2}(?=[ \t]*(?:\n|$)))"
    rf"|(?P<capitals>(?<!\S){_CAPITALS}{{4,20}}(?: {_CAPITALS}{{1,12}}| \d{{1,3}}){{0,3}}(?!\w))"
    r"|(?P<between>(?<![.…])(?:\.{2,5}|…) ?[^\W\d]{1,20} ?(?:\.{2,5}|…)"
    r"|(?<!\S)(?:[-–—]{1,3} ?[^\W\d]{1,20} ?[-–—]{1,3}|/ ?[^\W\d]{1,20} ?/)(?!\S)))"
)
_STRAY = {
    "[": ("a [ is never closed", r"close it with ], or write \[ to have it spoken"),
    "]": ("a ] closes nothing", r"open it with [ in the same paragraph, or write \] to have it spoken"),
    "<!--": ("a comment is never closed", "close it with -->"),
}
_COUNTED = re.compile(r"[x×] ?\d{1,2}|\d{1,2} ?[x×]")
_LED_BY = re.compile(r"([^\W\d]{2,20}) ?[–—:-] ")
"""(Pause - let them settle)"""
_TIMED_PART = re.compile(rf"[^\n]{{1,60}}[-–—|:,( ] ?{_CLOCKS}\)?")
_FOOTNOTE = re.compile(r"\^[\w-]{1,20}|\d{1,3}(?: ?, ?\d{1,3})*")
_HTML = re.compile(
    r"</?\s*(?:a|b|i|u|em|strong|small|span|font|mark|sub|sup|div|p|center|blockquote|section|article|header|footer|hr|br"
    r"|ul|ol|li|h[1-6]|html|body|figure|figcaption|pre|code)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"<(/?)\s*s\s*>", re.IGNORECASE)
_ENDS_LINE = re.compile(r"</?\s*(?:div|p|center|hr|br|li|h[1-6])\b", re.IGNORECASE)
_BELOW = "write it on a line of its own below the heading"
_AT_START = (
    "put it at the start of a paragraph; a pause is written [pause 6s, 12s from 10m], how to read (gentle)"
)
_LONGEST_AD = 200
"""characters of a line"""
LABEL_WORDS = 8
"""Above the first line that is spoken a label may have more."""
_SPOKEN_WORDS = 4
"""A speaker's name with fewer words behind it is only a name."""


class Asides:
    """Finds the marks of a script's paragraphs.

    blanks: what is put into a [blank to fill in], by name, and whether it is a participant's own. faults: takes what
    is wrong. listener: as in `parse`. names: of who speaks in a transcript.
    """

    def __init__(
        self, words: Vocabulary, blanks: Mapping[str, tuple[str, bool]], faults: Faults,
        listener: Listener | None, *, timed: bool, footnotes: bool, names: Collection[str] = (),
    ) -> None:  # fmt: skip
        self._words, self._faults, self._listener = words, faults, listener
        self._label, self._speaker = words.frame["label"], words.frame["speaker"]
        self._blanks = blanks
        self._timed = timed
        self._footnotes = footnotes
        self._names = names
        self.began = False
        """whether something was spoken"""

    def marks(
        self, flow: Flow, emphasis: list[tuple[int, int]], *, heading: bool = False, begin: int = 0
    ) -> list[Aside]:
        """In their order; none reaches into another. begin: where the conditions at its start end."""
        text, position = flow.text, begin
        marks = [Aside(0, begin)] if begin else []
        token = _TOKEN.search(text, begin)
        for line in text[begin:].split("\n"):
            end = begin + len(line)
            if begin >= position:  # else a bracket of the line above reaches into it
                with self._faults.catch():
                    for mark in () if heading else self._line(flow, begin, end):
                        marks.append(mark)
                        position = mark.stop
                position = max(position, begin)
                if heading and (code := _TIME_CODE.match(text, begin, end)):
                    marks.append(Aside(begin, code.end(), reason="a time code"))
                    position = code.end()
            while token and token.start() < end:
                if token.start() >= position:
                    aside: Aside | None = Aside(*token.span())  # what is wrong is not spoken
                    with self._faults.catch():
                        aside = self._token(flow, token, heading=heading)
                        if aside is None and token["round"] and token.span() in emphasis:
                            aside = self._italic(flow, token)
                    marks += [aside] if aside else []
                    position = token.end()
                token = _TOKEN.search(text, max(position, token.start() + 1))
            begin = end + 1
        with self._faults.catch():
            marks += self._emphasised(flow, emphasis)
        return merged(marks)

    # -- a line by itself

    def _line(self, flow: Flow, begin: int, end: int, *, coded: bool = False) -> Iterator[Aside]:
        """What stands at the head of a line, or is all of it. coded: whether a time code stands before it."""
        line = flow.text[begin:end]
        start = begin + len(line) - len(line.lstrip())
        bare = reveal(flow.text[start:end]).strip()
        if not bare or flow.is_own(start, end):
            return
        before = flow.text[:begin].rstrip()
        if reason := self._whole(bare, alone=not before or ENDS.search(before[-20:]) is not None):
            yield Aside(start, end, reason=reason)
            return
        if (cue := STROKES.get(bare)) is not None:
            yield self._mark(flow, start, end, Direction(cue=cue))
            return
        if label_end := self._names and end_of_label(bare, self._names):
            yield Aside(start, start + label_end, reason="a label")
            return
        speaker = self._speaker.match(bare)
        said = bare[speaker.end() :] if speaker else ""
        few = count_words(said) < _SPOKEN_WORDS and not said.endswith((".", "!", "?", "…", "。", "！", "？"))
        if speaker and few and not _TOKEN.search(bare):
            yield Aside(start, end, reason="a label")
        elif head := speaker or _NUMBERED.match(bare):
            yield Aside(start, start + head.end(), reason="a label")
        elif code := _TIME_CODE.match(bare) or (self._timed and re.match(rf"\[{_CLOCK}\][ \t]*", bare)):
            yield Aside(start, start + code.end(), reason="a time code")
            yield from self._line(flow, start + code.end(), end, coded=True)
        elif _SOUND.match(bare) or _TAGS.fullmatch(bare):
            yield Aside(
                start, end, reason="music or a sound effect" if bare[0] != "#" else "around the script"
            )
        elif _SLASHED.fullmatch(bare) and not STROKES.get(bare):
            told = read_loosely(bare.strip("/ "), self._words) or Direction(reason="a direction")
            yield self._mark(flow, start, end, told)
        elif (_LASTING.fullmatch(bare) or not re.search(r"[\[\](){}<>]", bare)) and (
            direction := read_alone(
                _WAITS.sub("pause ", bare, count=1),
                self._words,
                emphasised=coded,
                whole=_DASHED.fullmatch(bare) is not None or _HALF_DASHED.fullmatch(bare) is not None,
            )
        ):
            yield self._mark(flow, start, end, direction)

    def _whole(self, bare: str, *, alone: bool) -> str:
        """Why nothing of a line is spoken; empty: some of it may be. alone: whether no sentence goes on in it."""
        frame = self._words.frame
        label = self._label.match(bare)
        if end_of_label(bare, self._names):
            return ""  # VOICE: again and again is who speaks
        value = bare[label.end() :] if label else ""
        few = count_words(value) <= LABEL_WORDS
        if label and (few or (not self.began and not re.search("[:：] ", value))):
            return "a label"
        if not self.began and frame["script"].fullmatch(bare.rstrip(":： ")):
            return "before the script"
        if frame["aside"].match(bare) or (not self.began and is_for_reader(bare, self._words)):
            return TO_THE_READER
        if len(bare) < _LONGEST_AD and frame["ads"].match(bare):
            return "an advertisement"
        if _RIGHTS.match(bare) or (
            (alone or " " in bare or bare.isupper()) and frame["furniture"].fullmatch(bare.strip("*_※ "))
        ):
            return "around the script"
        return "a footnote" if self._footnotes and re.match(r"\[\d{1,3}\] ", bare) else ""

    def _emphasised(self, flow: Flow, spans: list[tuple[int, int]]) -> Iterator[Aside]:
        """`*pause for three breaths*` between sentences."""
        for start, stop in spans:
            inside = flow.text[start:stop]
            if stop - start > 80 or not is_between(flow.text, start, stop) or flow.is_own(start, stop):
                continue
            if inside != reveal(inside) or re.search(r"[()\[\]]", inside):
                continue
            line = flow.text[flow.text.rfind("\n", 0, start) + 1 : start] + flow.text[stop:].split("\n", 1)[0]
            if direction := read_alone(inside, self._words, emphasised=True, whole=not line.strip()):
                yield self._mark(flow, start, stop, direction)

    # -- what stands in brackets

    def _token(self, flow: Flow, token: re.Match[str], *, heading: bool) -> Aside | None:
        start, stop, where = *token.span(), flow.where(token.start())
        if token["stray"]:
            what, cure = _STRAY[token["stray"]]
            raise ScriptError(what, where=where, cure=cure)
        if token["tag"]:
            return self._tag(token, where)
        if token["square"] is not None or token["twice"] is not None:
            return self._square(flow, token, where, heading=heading)
        if token["opened"] or token["how"]:
            return Aside(start, stop, reason="how a word is said" if token["how"] else "")
        if flow.is_own(start, stop) or (token[0] != reveal(token[0]) and not token["half"]):
            return None
        if token["strokes"]:
            direction: Direction | None = Direction(cue=STROKES[token["strokes"]])
        elif token["waits"]:
            direction = read_direction(f"pause {token['waited']}", self._words)
        elif token["again"]:
            direction = Direction(reason="a repetition")
        elif token["times"]:
            direction = read_direction(token[0].replace("×", "x"), self._words)
        elif token["slash"]:
            direction = read_direction(token[0][1:], self._words)
        elif token["between"]:
            direction = read_alone(token[0].strip(), self._words)
        elif token["capitals"]:
            direction = read_alone(token[0], self._words) if is_between(flow.text, start, stop) else None
        elif token["half"] or token["curly"]:
            direction = read_direction(token["half"] or token["curly"], self._words)
            if direction is None or direction.cue is None:
                return None
        else:
            direction = self._round(flow, token, heading=heading)
        return self._mark(flow, start, stop, direction) if direction else None

    def _square(self, flow: Flow, token: re.Match[str], where: Where, *, heading: bool) -> Aside:
        inside, (start, stop) = token["twice"] or token["square"] or "", token.span()
        raw = " ".join(reveal(inside).split())
        if flow.is_own(start, stop) or inside != reveal(inside):
            return Aside(start, stop, cue=parse_cue(raw, where))
        line = flow.text[flow.text.rfind("\n", 0, start) + 1 : start]
        if _FOOTNOTE.fullmatch(raw) and (raw.startswith("^") or line.strip() or self._footnotes):
            return Aside(start, stop, reason="a footnote")
        if raw and not raw.strip(".… "):
            return Aside(start, stop, reason="an omission")
        if _ONLY_CLOCKS.fullmatch(raw) and (not re.fullmatch(_CLOCK, raw) or self._timed):
            return Aside(start, stop, reason="a time code")
        if _TIMED_PART.fullmatch(raw):
            return Aside(start, stop, reason="a time code")
        if self._words.frame["blank"].fullmatch(raw) and read_direction(raw, self._words) is None:
            text, own = self._filled(raw, where)
            return Aside(start, stop, text=text, own=own)
        if condition_in(flow, inside, start + 1, self._words) is not None:
            cure = _BELOW if heading else _AT_START
            raise ScriptError(f"[{raw}] says who hears a whole part", where=where, cure=cure)
        try:
            return self._mark(flow, start, stop, self._chosen(raw, where))
        except ScriptError:
            if not heading or nearest(raw.split()[0].casefold() if raw else "", CUE_WORDS):
                raise
            return Aside(start, stop, reason="not understood")  # a title's [F4A] is a tag

    def _chosen(self, raw: str, where: Where) -> Direction:
        """Of the forms that a cue has for some, the one that is heard."""
        try:
            cues = list(choose(raw, self._words, self._listener))
        except ValueError as error:
            what, cure = error.args
            raise ScriptError(f"[{raw}]{what}", where=where, cure=cure) from None
        directions = [read_bracket(cue, where, self._words) for cue in cues]
        if directions[1:] and not all(isinstance(each.cue, (Pause, Hold)) for each in directions):
            what = f"[{raw}]: only a pause has a length of its own for some"
            raise ScriptError(what, where=where, cure="such as [pause 6s, 12s from 10m]")
        return directions[-1]

    def _round(self, flow: Flow, token: re.Match[str], *, heading: bool) -> Direction | None:
        """In a doubtful case ordinary words in round brackets are spoken."""
        inside = " ".join(token["round"].split())
        if _ONLY_CLOCKS.fullmatch(inside):
            return Direction(reason="a time code")
        if any(map(self._label.match, re.split(r"[.;,] ", inside))):
            return Direction(reason="a label")
        try:
            direction = read_direction(inside, self._words)
        except ValueError as error:
            what, cure = error.args
            raise ScriptError(f"{token[0]}{what}", where=flow.where(token.start()), cure=cure) from None
        if direction is None and (head := _LED_BY.match(inside)):
            led = read_direction(head[1], self._words)
            direction = led if led and led.kinds & {"pause", "bell", "silence"} else None
        if direction is None and is_whole_line(flow.text, *token.span()):
            direction = self._alone(inside)
        counted = _COUNTED.fullmatch(inside)
        short = len(inside) < 4 and not inside[0].isdecimal() and inside[0] not in UNSPACED
        short = short and not is_whole_line(flow.text, *token.span())
        if direction is None or (short and not counted):
            return None
        timed = "timed" in direction.kinds
        sure = (
            counted
            or direction.kinds & {"pause", "bell", "music"}
            or (timed and direction.kinds & {"wait", "silence"})
            or (timed and not heading and flow.text[: token.start()].rstrip().endswith(("…", "...")))
            or is_between(flow.text, *token.span())
        )
        ends = token.string[token.end() : token.end() + 1] in {"", "\n"}
        if direction.cue is not None and timed and (heading or (ends and not sure)):
            return Direction(reason="how long a part takes")
        return direction if sure else None

    def _alone(self, inside: str) -> Direction | None:
        """In brackets on a line of its own: in the words of any language, or with a capital and no stop."""
        cues = (read_direction(inside, vocabulary(language)) for language in LANGUAGES)
        direction = next((each for each in cues if each and each.cue), None)
        told = not inside[0].islower() and not ENDS.search(inside) and inside[0].isalpha()
        return direction or (Direction(reason="a direction") if told else None)

    def _italic(self, flow: Flow, token: re.Match[str]) -> Aside | None:
        """What stands in round brackets and between stars is said to the reader."""
        if (
            flow.is_own(*token.span())
            or token[0] != reveal(token[0])
            or not is_between(flow.text, *token.span())
        ):
            return None
        cue = read_loosely(" ".join(token["round"].split()), self._words) or Direction(reason="a direction")
        return self._mark(flow, *token.span(), cue)

    def outside(self, flow: Flow) -> list[Aside]:
        """A paragraph that is for the reader: the pause or the bell that it asks for."""
        text = " ".join(flow.text.split())
        direction = read_loosely(text, self._words) or read_direction(text, self._words, loose=True)
        direction = None if flow.is_own(0, len(flow.text)) or self._label.match(text) else direction
        return [self._mark(flow, 0, len(flow.text), direction)] if direction and direction.cue else []

    def _tag(self, token: re.Match[str], where: Where) -> Aside:
        tag, (start, stop) = reveal(token["tag"]), token.span()
        if sentence := _SENTENCE.fullmatch(tag):
            return Aside(start, stop, ends_sentence=bool(sentence[1]))
        if _HTML.fullmatch(tag):
            return Aside(start, stop, ends_line=bool(_ENDS_LINE.match(tag)))
        inside = tag.strip("</>").strip()
        name = re.match(r"/?\s*([\w:-]*)", inside)
        if name and nearest(name[1], ["break"]):
            return Aside(start, stop, cue=parse_tag(tag, where))
        try:
            direction = read_direction(inside, self._words)
        except ValueError:
            direction = None
        if direction is None:
            return Aside(start, stop, reason="an element that is not followed")
        cue = direction.cue
        return Aside(start, stop, cue=replace(cue, where=where) if cue else None, reason=direction.reason)

    def _filled(self, raw: str, where: Where) -> tuple[str, bool]:
        """What stands in place of a blank. Raises ScriptError, with the name in `missing`, when nothing was given."""
        names = blank_names(raw)
        for name in (raw, *names):
            if name in self._blanks:
                text, own = self._blanks[name]
                return twin(text), own
        cure = f"give it{terminal(f' with --set {names[0]}=...')}; to have the bracket spoken, write \\["
        error = ScriptError(f"[{raw}] is a blank to fill in", where=where, cure=cure)
        error.missing = names[0]
        raise error

    def _mark(self, flow: Flow, start: int, stop: int, direction: Direction) -> Aside:
        cue = direction.cue
        return Aside(
            start, stop, cue=replace(cue, where=flow.where(start)) if cue else None, reason=direction.reason
        )


def blank_names(raw: str) -> list[str]:
    """How --set may name what stands in a [blank]: the last word, or all of them.

    >>> blank_names("Your Name")
    ['name', 'your_name']
    """
    words = re.findall(r"\w+", raw.casefold())
    return list(dict.fromkeys([words[-1], "_".join(words)]))
