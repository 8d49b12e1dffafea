"""Script and style to Timeline: names resolved, long text split, pauses merged. No lengths of sounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kindvoice.errors import Faults, ScriptError, SoundError, nearest
from kindvoice.languages import count_words, primary
from kindvoice.model import (
    Bed,
    BedChange,
    Bell,
    Breathe,
    Chapter,
    Gap,
    Glue,
    Hold,
    Item,
    Mark,
    ParagraphBreak,
    Pause,
    Ring,
    Say,
    Script,
    Style,
    Timeline,
    VoiceChange,
    Where,
    Words,
    spans_within,
)
from kindvoice.paths import expanded, is_file
from kindvoice.script.sentences import split_long
from kindvoice.sound.beds import BEDS
from kindvoice.sound.bells import BELLS

UTTERANCE_LIMIT = 300
"""Characters of one utterance. The longest that every engine was found to speak well is 600."""
_CLAUSE = Glue(natural_ms=350, min_ms=250, max_ms=600)
_LONG_LINE_WORDS = 12
_BREATH_MS = 150
"""Who reads aloud takes a deeper breath before a longer line: what a sentence with more words has before it."""

BREATH_WORDS = {
    "en": ("Breathing in.", "Hold gently.", "Breathing out."),
    "de": ("Einatmen.", "Sanft halten.", "Ausatmen."),
    "es": ("Inhala.", "Sostén suavemente.", "Exhala."),
    "fr": ("Inspirez.", "Retenez doucement.", "Expirez."),
    "it": ("Inspira.", "Trattieni dolcemente.", "Espira."),
    "pt": ("Inspire.", "Segure suavemente.", "Expire."),
    "nl": ("Inademen.", "Zacht vasthouden.", "Uitademen."),
    "pl": ("Wdech.", "Łagodnie zatrzymaj.", "Wydech."),
    "sv": ("Andas in.", "Håll mjukt.", "Andas ut."),
    "tr": ("Nefes al.", "Yumuşakça tut.", "Nefes ver."),
    "ja": ("息を吸って。", "やさしく止めて。", "息を吐いて。"),
    "zh": ("吸气。", "轻轻地停住。", "呼气。"),
}
"""in, hold, out, as the voice says them in paced breathing."""

# A gap between two things is one silence: the strongest reason for it gives its length.
_RANK = {"none": 0, "clause": 1, "sentence": 2, "paragraph": 3, "chapter": 4}


def make_timeline(
    script: Script, bed: str | None = None, languages: Mapping[str, str] | None = None, *,
    bell: str | None = None, bed_gain_db: float = 0.0, faults: Faults | None = None,
) -> Timeline:  # fmt: skip
    """The script's cues in order, as things to be sounded and the silences between them.

    bed: a bed for the whole programme, in place of the script's own; "off" for none. languages: what the
    speakers of voice cues speak, where that is not the script's language. bell: the bell for every stroke, in place of
    the script's own; "off" for none. bed_gain_db: added to the level of every bed.
    faults: takes names that are not known; without it, they are raised: ScriptError or SoundError with file and line,
    ScriptErrors for several.
    """
    noted = Faults() if faults is None else faults
    timeline = _Maker(script, bed, languages or {}, bell, bed_gain_db, noted).make()
    if faults is None:
        noted.raise_any()
    return timeline


class _Maker:
    def __init__(
        self,
        script: Script,
        bed: str | None,
        languages: Mapping[str, str],
        bell: str | None,
        bed_gain_db: float,
        faults: Faults,
    ) -> None:
        self._faults = faults
        self._bell_for_all, self._bed_gain_db = bell, bed_gain_db
        self._script = script
        self._style: Style = script.style
        self._folder = Path(script.path).parent
        self._bed = bed
        self._languages = languages
        self._speaker = ""
        self._items: list[Item] = []
        style = self._style
        self._implied_glues = {
            "sentence": style.sentence, "paragraph": style.paragraph, "chapter": style.chapter, "clause": _CLAUSE,
        }  # fmt: skip
        # What is known of the silence since the last sound.
        self._implied = "none"
        self._explicit: list[Gap] = []
        self._after_ring = False
        self._mark_at: int | None = None

    def make(self) -> Timeline:
        start = Where(path=self._script.path, line=0)
        whole = self._bed if self._bed is not None else self._script.bed
        if whole and whole.casefold() not in {"off", "none"}:
            # A path on the command line is seen from where the user stands, one in a script from the script.
            folder = Path() if self._bed is not None else self._folder
            with self._faults.catch():
                sound = _resolve(whole, BEDS, "bed", folder, start)
                self._items.append(BedChange(sound=sound, gain_db=self._bed_gain_db, where=start))
        for cue in self._script.cues:
            with self._faults.catch():
                self._add(cue)
        self._silence(trailing=True)
        return Timeline(
            title=self._script.title,
            language=self._script.language,
            items=tuple(self._items),
            path=self._script.path,
        )

    def _add(self, cue: object) -> None:
        match cue:
            case Words():
                self._words(cue)
            case ParagraphBreak():
                self._imply("paragraph")
            case Chapter():
                self._chapter(cue)
            case Pause():
                self._explicit.append(Gap(glue=self._glue(cue), kind="pause", where=cue.where))
            case Hold():
                glue = Glue(natural_ms=cue.ms, min_ms=cue.ms, max_ms=cue.ms)
                self._explicit.append(Gap(glue=glue, kind="hold", where=cue.where))
            case Bell():
                self._bell(cue)
            case Bed():
                self._bed_change(cue)
            case Breathe():
                self._breathe(cue)
            case VoiceChange():
                self._speaker = cue.speaker

    # -- silence

    def _imply(self, kind: str) -> None:
        if _RANK[kind] > _RANK[self._implied]:
            self._implied = kind

    def _glue(self, pause: Pause) -> Glue:
        natural = pause.length_ms(self._style)
        least = pause.min_ms if pause.min_ms is not None else int(natural * self._style.shrink)
        most = pause.max_ms if pause.max_ms is not None else round(natural * self._style.stretch)
        return Glue(natural_ms=natural, min_ms=min(least, natural), max_ms=max(most, natural))

    def _silence(self, *, before: str = "", trailing: bool = False) -> None:
        """Writes down the silence since the last sound: what the author asked for, else what is implied.

        before: the line that comes next.
        """
        explicit, self._explicit = self._explicit, []
        implied, self._implied = self._implied, "none"
        after_ring, self._after_ring = self._after_ring, False
        mark_at, self._mark_at = self._mark_at, None
        if explicit:
            self._items += explicit
        elif self._sounded() and not trailing and not after_ring and implied != "none":
            glue = self._implied_glues[implied]
            if implied == "sentence" and count_words(before) > _LONG_LINE_WORDS:
                glue = replace(glue, natural_ms=glue.natural_ms + _BREATH_MS, max_ms=glue.max_ms + _BREATH_MS)
            gap = Gap(glue=glue, kind=implied, where=self._items[-1].where)
            # A chapter begins with its first sound, not with the silence before it.
            self._items.insert(len(self._items) if mark_at is None else mark_at, gap)

    def _chapter(self, cue: Chapter) -> None:
        """A chapter mark. Silence written above the heading ends before it, silence below comes after."""
        if self._explicit:
            self._silence()
        else:
            self._imply("chapter")
            self._mark_at = len(self._items)
        self._items.append(Mark(title=cue.title, own=cue.own, where=cue.where))

    def _sounded(self) -> bool:
        """Whether anything has been heard; nothing is implied before the first sound."""
        return any(isinstance(item, (Say, Ring)) for item in self._items)

    # -- sound

    def _words(self, cue: Words) -> None:
        if not any(map(str.isalnum, cue.text)):
            return  # "...", "***" or an emoji alone says nothing; engines would murmur it
        stop = 0
        for part in split_long(cue.text, UTTERANCE_LIMIT):
            if stop:
                self._imply("clause")
            self._silence(before=part)
            start = cue.text.find(part, stop)
            stop = max(start, 0) + len(part)
            # Where a cut has put in a space, the whole part counts as somebody's own.
            whole = ((0, len(part)),) if cue.own else ()
            own = whole if start < 0 else spans_within(cue.own, start, stop) if cue.own else ()
            self._items.append(Say(text=part, own=own, speaker=self._speaker, where=cue.where))
        self._imply("sentence")

    def _bell(self, cue: Bell) -> None:
        if self._bell_for_all == "off":
            self._imply("paragraph")
            return
        sound = _resolve(self._bell_for_all or cue.sound, BELLS, "bell", self._folder, cue.where)
        self._silence()
        for strike in range(cue.count):
            last = strike == cue.count - 1
            advance = (None if cue.wait else 0) if last else self._every(cue, sound)
            self._items.append(Ring(sound=sound, advance_ms=advance, gain_db=cue.gain_db, where=cue.where))
        # The ringing itself is the silence that a paragraph or a chapter would ask for.
        self._after_ring = True

    def _every(self, cue: Bell, sound: str) -> int:
        if cue.every_ms is not None:
            return cue.every_ms
        return BELLS[sound].every_ms if sound in BELLS else 6_000

    def _bed_change(self, cue: Bed) -> None:
        if self._bed is not None:
            return  # one bed was asked for over the whole programme
        sound = _resolve(cue.sound, BEDS, "bed", self._folder, cue.where) if cue.sound else None
        # A bed comes and goes slowly, within the silence: it makes no silence of its own.
        self._items.append(BedChange(sound=sound, gain_db=cue.gain_db + self._bed_gain_db, where=cue.where))

    def _breathe(self, cue: Breathe) -> None:
        language = self._languages.get(self._speaker, self._script.language)
        words = BREATH_WORDS.get(primary(language))
        if cue.spoken and words is None:
            raise ScriptError(
                f"paced breathing has no words in {language} yet",
                where=cue.where,
                cure="write the words yourself around [hold 4s], or add `silent` to the cue",
            )
        said = dict(zip(("in", "hold", "out"), words or ("", "", ""), strict=True))
        self._silence()
        for _ in range(cue.count):
            for name, ms in cue.phases:
                if cue.spoken:
                    self._items.append(
                        Say(text=said[name], speaker=self._speaker, slot_ms=ms, where=cue.where)
                    )
                else:
                    glue = Glue(natural_ms=ms, min_ms=ms, max_ms=ms)
                    self._items.append(Gap(glue=glue, kind="breath", where=cue.where))
        self._after_ring = True  # its last phase is silence enough


def _resolve(name: str, known: object, kind: str, folder: Path, where: Where) -> str:
    """A synthesised sound's name as it is, a file's as an absolute path."""
    names = sorted(known)  # type: ignore[call-overload]
    if name.casefold() in names:
        return name.casefold()
    path = (folder / expanded(name)).absolute()
    if "." in name or "/" in name or "\\" in name:
        if is_file(path):
            return str(path)
        raise SoundError(f"there is no sound file {name}", where=where, cure=f"looked for {path}")
    hint = nearest(name, names)
    cure = f"did you mean [{kind} {hint}]? " if hint else ""
    raise ScriptError(
        f"there is no {kind} named {name!r}",
        where=where,
        cure=f"{cure}known: {', '.join(names)}, or a sound file",
    )
