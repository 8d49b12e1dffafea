"""What stands out from a text's own habits, in any language: a title, headings, and what a page has around a script.

Where sentences end with stops, a short line by itself that has none is no sentence for the listener. Where lines
without stops are usual, in poems, phrases and transcripts, nothing stands out and all is spoken; and so is whatever
speaks of a person, wishes, begins as other sentences of the text do, or goes on in the next line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

from kindvoice.languages import UNSPACED, count_words
from kindvoice.script.addressee import may_be_for_a_reader
from kindvoice.script.directions import Vocabulary, is_breath, is_direction, tells_how_to_read
from kindvoice.script.edges import HEAD, Edges
from kindvoice.script.headings import COUNTED, SIGN, TITLE_WORDS, find_headings
from kindvoice.script.literal import reveal
from kindvoice.script.markdown import Block, parted
from kindvoice.script.marks import LABEL_WORDS
from kindvoice.script.reader import is_salutation
from kindvoice.script.sentences import split_sentences
from kindvoice.script.titles import A_TITLE, has_capitals
from kindvoice.script.units import LASTS, NUMBER, SIGNS, Unit, beginning, read_units

ABOUT, AROUND = "about the script", "around the script"
_LEADS = re.compile(r"[^\n.!?…:：,]{3,40}[:：]")
_LABEL = re.compile(r"\W{0,2}[^\W\d_][^\n:：.,!?…]{1,30}?[*_]{0,2}[:：][*_]{0,2} ?[^\W_]")
_FACT = re.compile(r"[^\W\d_][^\n:：]{0,30} ?[:：] ?\S.{0,80}")
_FORM = re.compile(r"^\W*©|_{3,}|\.{5,} {2,}\S")
_DATED = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d)|\((?:[^()]*, )?\d{4}\)")
_SIGNED_BY = re.compile(
    r"(?:[^\W\d_]{1,6}\.(?:ssa|in)? )?[A-ZÀ-ÞŁŚŻ][\w’'-]+ [A-ZÀ-ÞŁŚŻ][\w’'-]+(?:,| [–—|-]) ?[^.!?]*$"
)
"""Dr. Ana Roth, teacher of yoga"""
_SIGNED = re.compile(r"[–—~-]+ ?(?=[^\W\d_])")
_CAPITALS = re.compile(r"\W*[^\W\d_a-zà-öø-ÿ]{3,}(?: (?:\d|[^\W\d_a-zà-öø-ÿ]+)){0,3}[:：]\W")
_NAME = re.compile(r"[^\W\d_][\w’'-]*\.?(?:[^\W\d_][\w’'-]*)?")
_LEAST_SENTENCES, _LEAST_WORDS = 5, 25
"""of a text that has a habit"""
_FORGOTTEN, _MANY = 0.03, 12
"""of the other paragraphs, how many may have lost their stop; of many, one"""
_SMALL = 0.1
"""of the sentences, how many begin with a small letter where it says nothing"""
_SEVERAL = 1.5
"""sentences in a paragraph, in the mean, where lines by themselves are headings"""
_MOST_TOLD = 20
"""lines that may tell that facts stand above a script"""
_MOST_ABOVE, _MOST_BELOW = 3, 3
_FOOT = 1 - HEAD
"""of the words, where what stands around a script may begin again"""
_INTRODUCED = 0.25
"""likewise, where an introduction ends that no line parts from the script"""


def stand_out(
    blocks: Sequence[Block],
    reasons: Mapping[int, str],
    words: Vocabulary,
    own: AbstractSet[int],
    *,
    written_for: bool,
) -> tuple[list[Block], dict[int, str]]:
    """The blocks, cut where a line of one stands out, with the headings that are found; and why each is not spoken.

    reasons: of those that are known. own: the blocks with somebody's own words, or with what is to be spoken.
    written_for: as in `parse`.
    """
    spoken = [i for i, block in enumerate(blocks) if block.kind == "text" and i not in reasons]
    units = list(read_units(blocks, [i for i in spoken if blocks[i].text.strip()], words, own))
    titles = {i: reveal(block.text).strip() for i, block in enumerate(blocks) if block.kind == "heading"}
    headed = any(reason == ABOUT for i, reason in reasons.items() if spoken and i < spoken[0])
    titled = A_TITLE in reasons.values() or bool(spoken and titles and min(titles) < spoken[0])
    closed = bool(spoken) and max(reasons, default=0) > spoken[-1]
    habits = _Habits(units, titles, words, closed=closed, headed=headed)
    found = habits.found(titled=titled, written_for=written_for)
    parts: list[Block] = []
    why: dict[int, str] = {}
    marked: dict[int, dict[int, Unit]] = {}
    for unit in found:
        marked.setdefault(unit.block, {})[unit.line] = unit
    emptied = _emptied(blocks, reasons, units, found)
    for i, block in enumerate(blocks):
        here = marked.get(i, {})
        begins = sorted({line for unit in here.values() for line in (unit.line, unit.after)} - {0})
        most = block.text.count("\n") if begins else 0  # a block's text is put together anew each time
        begins = [line for line in begins if line <= most]
        for line, part in zip([0, *begins], parted(block, begins), strict=True):
            reason = found[here[line]] if line in here else reasons.get(i, emptied.get(i))
            if reason == "":
                part.head_by_shape()
            elif reason:
                why[len(parts)] = reason
            parts.append(part)
    return parts, why


def _emptied(
    blocks: Sequence[Block], reasons: Mapping[int, str], units: Sequence[Unit], found: Mapping[Unit, str]
) -> dict[int, str]:
    """Headings of which all that stands below is for somebody else, and why."""
    below: dict[int, list[str | None]] = {}
    heading: int | None = None
    of: dict[int, list[str | None]] = {}
    for unit in units:
        of.setdefault(unit.block, []).append(found.get(unit))
    for i, block in enumerate(blocks):
        if block.kind == "heading" and i not in reasons:
            heading = i
            below[i] = []
        elif heading is not None:
            below[heading] += of.get(i, [])
    return {i: AROUND for i, whys in below.items() if whys and all(whys)}


class _Habits:
    """titles: of all headings, by block. closed: whether what stands below the script is known in part; headed: whether
    facts stand above it."""

    def __init__(
        self,
        units: Sequence[Unit],
        titles: Mapping[int, str],
        words: Vocabulary,
        *,
        closed: bool,
        headed: bool,
    ) -> None:
        self._units, self._titles, self._words = units, titles, words
        self._closed, self._headed = closed, headed
        self._frame = words.frame
        self._cues = [n for n, unit in enumerate(units) if unit.cue]
        self._others = [unit for unit in units if not (unit.bare or unit.cue or unit.of_a_page)]
        self._labelled: dict[int, int] = {}
        """by block, its first line with a label that is known"""
        for unit in units:
            bare = unit.text.strip("*_ ")
            if any(self._frame[name].match(bare) for name in ("label", "furniture")):
                self._labelled.setdefault(unit.block, unit.line)
        sizes = list(itertools.accumulate(count_words(unit.text) for unit in units))
        self._share = [size / sizes[-1] for size in sizes]
        """of the words, how many are said when a unit is over"""
        early = (unit for unit, share in zip(units, self._share, strict=True) if share <= _FOOT)
        self._shouts = any(_CAPITALS.match(unit.text) for unit in early)
        """whether labels in capitals are usual, as those of who speaks are"""

    # What follows is asked for where a line may stand out, which is in few texts.

    @cached_property
    def _sentences(self) -> list[str]:
        return [sentence for unit in self._others for sentence in split_sentences(unit.text)]

    @cached_property
    def _beginnings(self) -> AbstractSet[str]:
        return {head for sentence in self._sentences if (head := beginning(sentence))}

    @cached_property
    def _strong(self) -> bool:
        """Whether lines without a stop stand out."""
        edges = {*_unstopped(self._others), *_unstopped(self._others[::-1])}
        running = [unit for unit in self._others if not is_salutation(unit.text)]
        running = [
            unit for unit in running if not (unit.apart or unit.text.endswith((":", "：")) or unit in edges)
        ]
        return (
            len(self._sentences) >= _LEAST_SENTENCES
            and sum(map(count_words, self._sentences)) >= _LEAST_WORDS
            and sum(not unit.stops for unit in running)
            <= max(len(running) >= _MANY, _FORGOTTEN * len(running))
        )

    @property
    def _several(self) -> bool:
        return len(self._sentences) >= _SEVERAL * len(self._others)

    @property
    def _small(self) -> bool:
        return sum(each[0].islower() for each in self._sentences) > _SMALL * len(self._sentences)

    def found(self, *, titled: bool, written_for: bool) -> dict[Unit, str]:
        """What is not spoken, and why; "" for a heading. titled: whether the title is known."""
        if not self._units:
            return {}
        above = self._above(titled)
        found = dict.fromkeys(self._units[:above], ABOUT)
        title = next((unit for unit in found if not unit.of_a_page), None)
        if title and not titled:
            found[title] = A_TITLE
        above, end = self._letter(above)
        found = dict.fromkeys(self._units[:above], ABOUT) | found | dict.fromkeys(self._units[end:], AROUND)
        start = self._start(above, titled=titled or above > 0)
        edges = Edges(self._units, self._share, self._titles, self._words, stands_out=lambda: self._strong)
        start, end = (start, len(self._units)) if written_for else edges.script(start)
        found |= dict.fromkeys(self._units[above:start], "before the script")
        foot = self._foot(max(above, start))
        found |= dict.fromkeys([*foot, *self._units[end:]], AROUND)
        found |= dict.fromkeys(() if written_for else edges.of_a_page(start, end), AROUND)
        body = [unit for unit in self._units[start:] if unit not in found]
        lead = self._units[above - 1] if above else None
        counts = lead is not None and COUNTED.fullmatch(lead.text) is not None
        numbered = lead is not None and (NUMBER.match(lead.text) or SIGN.match(lead.text))
        lead = lead if counts or (start == above and (above > 1 or numbered)) else None
        lead = lead if lead and not (lead.of_a_page or self._is_fact(lead)) else None
        found |= dict.fromkeys(self._parts([lead, *body] if lead else body), "")
        return {
            unit: why for unit, why in found.items() if not (unit.cue or unit.own or self._is_label(unit))
        }

    def _parts(self, body: Sequence[Unit]) -> list[Unit]:
        """Headings among these."""
        lines = [unit for unit in body if unit.bare and not self._is_fact(unit)]
        if len(self._titles) > 1 or len(lines) < 2 or not self._strong:
            return []
        plain = self._several and not any(map(self._speaks, lines))
        return find_headings(lines, body, self._frame["parts"], plain=plain)

    def _is_label(self, unit: Unit) -> bool:
        """Whether it is known by its label alone."""
        label = self._frame["label"].match(unit.text)
        return label is not None and count_words(unit.text[label.end() :]) <= LABEL_WORDS

    # -- what a line may be after all

    def _speaks(self, unit: Unit) -> bool:
        """Whether it may be for the listener."""
        text = SIGNS.sub("", NUMBER.sub("", unit.text, count=1))
        article = self._words.nouns and text[:4].casefold() in {"der ", "die ", "das "}
        if any(self._begins(text, name) for name in ("nobody", "wish", "speaker")) and not article:
            return True
        if self._has_capitals(text):
            return False
        return (
            self._frame["person"].search(text) is not None
            or beginning(text) in self._beginnings
            or (is_direction(text, self._words) and not is_breath(text, self._words))
        )

    def _pauses(self, unit: Unit) -> bool:
        """Whether it has a comma, as sentences have more often than titles."""
        return re.search(r"[,，、]", LASTS.sub("", unit.text)) is not None and not (
            self._has_capitals(unit.text) or re.search(r"\d", unit.text)
        )

    def _begins(self, text: str, name: str) -> bool:
        """With whole words of an entry of the frame."""
        match = self._frame[name].match(text)
        return match is not None and (
            not text[match.end() :][:1].isalpha() or text[match.end() - 1] in UNSPACED
        )

    def _has_capitals(self, text: str) -> bool:
        """As titles have them."""
        return (text.isupper() and len(text) > 3) or (has_capitals(text) and not self._words.nouns)

    # -- first lines

    def _above(self, titled: bool) -> int:
        """How many of the units are the title, if it is not known, and lines about the script below it."""
        units = self._units
        below = sum(heading < units[0].block for heading in self._titles)
        end = min((i for i in self._titles if i > units[0].block), default=units[-1].block + 1)
        lines = list(
            itertools.takewhile(lambda unit: (unit.bare or unit.of_a_page) and unit.block < end, units)
        )
        if not lines or below > 1 or not self._strong:
            return 0
        after = next((unit.text for unit in units[len(lines) :] if not unit.cue), "")
        titles = [unit for unit in lines if not unit.of_a_page and not self._is_fact(unit)]
        heads = [head for unit in titles if (head := beginning(unit.text))]
        above = titles[-1].text if titles else ""
        goes_on = after.lstrip('*_"“„«')[:1].islower() and not (
            self._has_capitals(above) or re.search(r"\d", above)
        )
        many = len(titles) > _MOST_ABOVE and len(titles) == len(lines)
        if many or len(set(heads)) < len(heads) or not after or goes_on:
            return 0
        for n, unit in enumerate(lines):
            if unit.of_a_page or self._is_fact(unit):
                continue
            shown = self._has_capitals(unit.text) or re.search(r"\d", unit.text)
            if (titled and not shown) or count_words(unit.text) > TITLE_WORDS:
                return n  # below a title a plain line may be the first that is heard
            if self._speaks(unit) or self._pauses(unit):
                return n
            titled = True
        return len(lines)

    def _is_fact(self, unit: Unit) -> bool:
        """Whether it has a label that is known, or stands below one that has."""
        text = unit.text.strip("*_ ")
        known = self._labelled.get(unit.block, unit.line + 1) <= unit.line
        return known and (_FACT.match(text) is not None or self._begins(unit.text, "furniture"))

    def _start(self, above: int, *, titled: bool) -> int:
        """Where the script begins below what is first said to whoever reads it, and, on a page, below a line like a
        heading that stands alone, with cues only below it."""
        units = self._units
        start = above
        while titled and start < len(units) and self._is_to_reader(units[start], start):
            start += 1
        if any(unit.of_a_page for unit in units[:above]):
            first = next(iter(self._cues), len(units))
            said = (n for n in range(start, first) if self._share[n] < _INTRODUCED and self._reads(units[n]))
            start = max(said, default=start - 1) + 1
            for n in range(start, first):
                unit = units[n]
                lone = _LEADS.fullmatch(unit.text) or (unit.bare and unit.text.isupper())
                if lone and self._share[n] < HEAD and not unit.apart:
                    return n + 1
        return start

    def _is_to_reader(self, unit: Unit, at: int) -> bool:
        """Whether a line below the title is: it speaks of reading, has a sign of a note, or, below facts, leads to the
        script or has the only label of all."""
        text = unit.text
        if unit.cue:
            return False
        if self._is_fact(unit) or self._reads(unit) or (text[0] in "※*" and text[1:2] != "*"):
            return True
        if text[0].islower() and not self._small:
            return True
        first = self._units[: min(at, _MOST_TOLD)]
        told = self._headed or any(each.of_a_page or self._is_fact(each) for each in first)
        if not told or any(self._begins(text, name) for name in ("nobody", "wish", "person")):
            return False
        if _LEADS.fullmatch(text):
            return True
        labels = (each for each in self._units[at + 1 :] if _LABEL.match(each.text))
        return _LABEL.match(text) is not None and len(list(itertools.islice(labels, 2))) < 2

    def _reads(self, unit: Unit) -> bool:
        """Whether it speaks of the text and of reading it."""
        said = self._frame["reader"].search(unit.text) is not None
        reads = said or tells_how_to_read(unit.text, self._words, loose=True)
        return reads and may_be_for_a_reader(unit.text, self._words.languages)

    def _letter(self, above: int) -> tuple[int, int]:
        """Where a letter with a head (From, To, Subject) has its first paragraph behind it, below whom it is to, and
        where somebody signs it."""
        units = self._units
        greeted = above + 1 < len(units) and is_salutation(units[above].text)
        if not (self._headed and greeted and self._strong):
            return above, len(units)
        signs = range(len(units) - 2, above, -1)
        end = next((n for n in signs if self._share[n] > _FOOT and is_salutation(units[n].text)), len(units))
        return above + 2 if self._share[above + 1] < HEAD else above + 1, end

    # -- last lines

    def _foot(self, start: int) -> list[Unit]:
        """What stands around the script where it is over. In a paragraph it begins with what no listener is told."""
        units = self._units
        last = max(self._cues, default=-1) + 1
        tail = [unit for unit, share in zip(units[last:], self._share[last:], strict=True) if share > _FOOT]
        found: list[Unit] = []
        for _, group in itertools.groupby(tail, lambda unit: unit.block):
            lines = list(group)
            begin = next((n for n, unit in enumerate(lines) if self._ends(unit) and self._strong), len(lines))
            begin = 0 if self._over(found) and begin < len(lines) else begin
            while 0 < begin < len(lines) and lines[begin - 1].text.endswith((":", "：")):
                begin -= 1
            found += lines[begin:]
        if len({unit.block for unit in found}) > 1 and (first := self._over(found)):
            known = set(found)
            found += [unit for unit in units[units.index(first) :] if unit not in known]
        if (found or self._closed) and any(unit.of_a_page for unit in units[:start]):
            # A page's last part, such as questions and answers.
            known = set(found)
            heads = [n for n, unit in enumerate(units[start:], start) if unit.bare and unit not in known]
            stop = units.index(found[0]) if found else len(units)
            if len(heads) == 1 and last <= heads[0] < stop and self._share[heads[0]] > _FOOT:
                found = [*units[heads[0] : stop], *found]
        if not any(unit.own for unit in units[-_MOST_BELOW:]):
            known = set(found)
            rest = [unit for unit in units[start:] if unit not in known]
            bare = list(itertools.takewhile(lambda unit: not unit.stops and not unit.cue, rest[::-1]))[::-1]
            signed = (n for n, unit in enumerate(bare) if self._is_of_it(unit))
            if 0 < len(bare) <= _MOST_BELOW and len(bare) < len(rest) and self._strong:
                found += bare[next(signed, len(bare)) :]
        return found

    def _over(self, found: Sequence[Unit]) -> Unit | None:
        """The first of these lines that a page has only below all of a script."""
        frames = [self._frame[name] for name in ("farewell", "foot")]
        over = (
            unit
            for unit in found
            if (unit.of_a_page and not unit.text[0].isdecimal())
            or (
                any(frame.match(SIGNS.sub("", unit.text)) for frame in frames)
                and may_be_for_a_reader(unit.text, self._words.languages)
            )
        )
        return next(over, None)

    def _ends(self, unit: Unit) -> bool:
        """Whether no listener is told this, where the script is over."""
        text = SIGNS.sub("", unit.text)
        frames = ("farewell", "foot", "aside", "ads")
        return (
            (unit.of_a_page and (not unit.stops or _FORM.search(unit.text) is not None))
            or (
                any(self._frame[name].match(text) for name in frames)
                and may_be_for_a_reader(unit.text, self._words.languages)
            )
            or (_CAPITALS.match(unit.text) is not None and not self._shouts)
        )

    def _is_of_it(self, unit: Unit) -> bool:
        """Whether a last line tells who wrote it, or where it is from."""
        text = unit.text.strip("*_ ")
        if _SIGNED_BY.match(text):
            return not self._words.nouns
        if not unit.bare or self._speaks(unit):
            return False
        names = [name[0].isupper() for name in _NAME.findall(text)]
        named = len(names) > 2 and not self._words.nouns and not all(names) and all(names[-2:])
        return bool(_DATED.search(text) or _SIGNED.match(text) or named or _FACT.fullmatch(text))


def _unstopped(units: Sequence[Unit]) -> list[Unit]:
    """The first of them without stops, if they are few."""
    first = list(itertools.takewhile(lambda unit: not unit.stops, units))
    return first if len(first) <= _MOST_ABOVE else []
