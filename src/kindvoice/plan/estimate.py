"""What a plan will come to, before anything is spoken: how long, how large, how much work. All of it guessed.

A length that was asked for is exact; one that was not is guessed from the words and the pauses as they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kindvoice.encode import find_format
from kindvoice.errors import KindvoiceError
from kindvoice.lint.base import moments, spoken_ms
from kindvoice.model import Preset
from kindvoice.plan.items import Item
from kindvoice.plan.private import clean
from kindvoice.presets import all_presets, find_preset
from kindvoice.script import read_script
from kindvoice.script.phrases import Phrase
from kindvoice.timeline import make_timeline

_BESIDE_BYTES = 250_000
"""a drawn cover, captions, the manifest"""
_IN_BYTES = 210_000
"""of the cover in every sound file that has a place for it"""

_SPEECH_PACE = 60.0
"""seconds of speech that are spoken in one, with what happens to every line before it is mixed"""
_MIX_PACE = 60.0
"""seconds of a programme that are mixed, measured and checked in one"""
_PACE = {"mp3": 50.0, "m4b": 110.0, "m4a": 110.0, "opus": 180.0, "ogg": 60.0, "flac": 100.0, "wav": 400.0}
"""seconds that are encoded in one, on one core of a small computer"""
_AGAIN = 0.1
"""of mixing and of MP3, for another of a family with as many phrases: only what they hear otherwise is made again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of one item."""

    length_ms: int
    exact: bool
    """whether the length was asked for, by the plan or by the script"""
    speech_ms: int
    """guessed from the letters"""
    sizes: tuple[tuple[str, int], ...]
    """bytes by format"""
    work_s: float
    """of one core, if nothing of it is there yet"""
    problem: str = ""
    """why it cannot be built, without anybody's words; the figures are nothing then"""

    @property
    def bytes(self) -> int:
        return sum(size for _, size in self.sizes) + (_BESIDE_BYTES if self.sizes else 0)


def estimate(items: Iterable[Item]) -> tuple[Estimate, ...]:
    """One for each item. Scripts are read, so that what is wrong with one is found out before a long build.

    People of one family whose phrases are alike in number and in the forms that are known are guessed alike.
    """
    known: dict[object, tuple[int | None, int, int, Preset] | str] = {}
    begun: set[object] = set()
    found = []
    for item in items:
        phrases = item.job.phrases or ()
        key = (item.family or item.id, tuple(tuple(phrase.forms()) for phrase in phrases),
               tuple(name for name, _ in item.job.values))  # fmt: skip
        if key not in known or isinstance(known[key], str):
            known[key] = _read(item)
        read = known[key]
        if isinstance(read, str):
            found.append(Estimate(length_ms=0, exact=False, speech_ms=0, sizes=(), work_s=0.0, problem=read))
            continue
        # With another number of phrases everything stands elsewhere in time.
        known_words, known_times = item.family or item.id, (item.family or item.id, len(phrases))
        first = known_words not in begun, known_times not in begun
        begun |= {known_words, known_times}
        found.append(_estimate(item, *read, phrases=phrases, first=first))
    return tuple(found)


def _read(item: Item) -> tuple[int | None, int, int, Preset] | str:
    """In ms the length that is asked for, if any, the natural one and the speech's; the preset. Or what is wrong."""
    job = item.job
    try:
        script = read_script(
            job.script, length_ms=job.length_ms, language=job.language, phrases=job.phrases,
            values=dict(job.values), gentle=job.gentle, audience=job.audience, strict=job.strict,
        )  # fmt: skip
        preset = find_preset(job.preset or script.preset or job.default_preset, all_presets(job.presets))
        heard = moments(make_timeline(script, job.bed))
    except KindvoiceError as error:
        return clean(str(error), item)
    speech = sum(moment.length_ms for moment in heard if moment.kind == "say")
    natural = sum(moment.length_ms for moment in heard) + preset.head_ms + preset.tail_ms
    return script.length_ms, natural, speech, preset


def _estimate(
    item: Item, asked_ms: int | None, natural_ms: int, speech_ms: int, preset: Preset, *, phrases: Sequence[Phrase],
    first: tuple[bool, bool],
) -> Estimate:  # fmt: skip
    """first: whether nobody's recording before it has its words, and whether none has its times."""
    formats = item.job.formats or preset.formats
    length_ms = natural_ms if asked_ms is None else asked_ms
    seconds = length_ms / 1000
    own_ms = speech_ms if first[0] else sum(spoken_ms(phrase) for phrase in phrases)
    again = 1.0 if first[1] else _AGAIN
    work_s = own_ms / 1000 / _SPEECH_PACE + again * seconds / _MIX_PACE
    for format in formats:
        work_s += seconds / _PACE.get(format, 50.0) * (again if format == "mp3" else 1.0)
    return Estimate(
        length_ms=length_ms,
        exact=asked_ms is not None,
        speech_ms=speech_ms,
        sizes=tuple((format, _bytes(format, seconds, preset)) for format in formats),
        work_s=work_s,
    )


def _bytes(format: str, seconds: float, preset: Preset) -> int:
    found = find_format(format)
    return found.bytes_for(seconds, preset) + (_IN_BYTES if found.lossy else 0)
