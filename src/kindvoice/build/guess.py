"""How long lines will last that nobody has spoken yet: guessed from their letters, and from what the same voice has
spoken before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from kindvoice.build.read import Reading
from kindvoice.errors import FitError, KindvoiceError
from kindvoice.languages import UNSPACED
from kindvoice.lint.base import spoken_ms
from kindvoice.model import Clip, Schedule, Utterance, Voice
from kindvoice.speech.speak import LEAD_FRAMES, TAIL_FRAMES
from kindvoice.timing.fit import fit
from kindvoice.units import frames_to_ms, ms_to_frames

_LONGER = {"tone": 0.96, "hibari": 1.25, "pyttsx3": 1.45}
_LONGER_USUALLY = 1.1
"""what a line lasts against the guess from its letters, by engine, at the pace of the voice's file; measured"""
_UNSURE, _UNSURE_STILL = 0.15, 0.07
"""how far all guesses together may be off: by engine, and by what other lines of the same voice last"""
_ENOUGH_LINES = 8


class LineLengths:
    """What is known of how long voices speak."""

    def __init__(self, voices: Mapping[str, Voice]) -> None:
        self._voices = voices
        self._known: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        """by voice and clip, ms guessed from the letters and ms in truth"""

    def learn(self, reading: Reading, clips: Mapping[Utterance, Clip]) -> None:
        """From lines that were spoken."""
        for (speaker, text), clip in clips.items():
            truth = frames_to_ms(clip.sound_frames)
            self._known[reading.cast[speaker].name][clip.key] = _calm_ms(text, reading.cast[speaker]), truth

    def guess(self, reading: Reading, missing: Iterable[Utterance]) -> tuple[dict[Utterance, int], float]:
        """The ms of each line that is not there, and by which part they may all be longer or shorter."""
        guessed: dict[Utterance, int] = {}
        unsure = 0.0
        for speaker, text in missing:
            voice = reading.cast[speaker]
            known = self._known[voice.name].values()
            if len(known) >= _ENOUGH_LINES:
                longer, off = sum(ms for _, ms in known) / max(sum(ms for ms, _ in known), 1), _UNSURE_STILL
            else:
                usual = self._voices.get(voice.name, voice).speed
                longer, off = _LONGER.get(voice.engine, _LONGER_USUALLY) * usual / voice.speed, _UNSURE
            guessed[speaker, text], unsure = max(round(_calm_ms(text, voice) * longer), 100), max(unsure, off)
        return guessed, unsure


def _calm_ms(text: str, voice: Voice) -> int:
    """As a calm voice takes for it; to the tone a letter that is a syllable is a letter like any other.

    >>> from dataclasses import replace
    >>> ja = Voice(name="", title="", engine="kokoro", language="ja", licence="", credit="")
    >>> _calm_ms("息を吸って", ja) > 2 * _calm_ms("息を吸って", replace(ja, engine="tone"))
    True
    """
    syllables = voice.engine != "tone" and not UNSPACED.isdisjoint(text)
    return spoken_ms(text, voice.language if syllables else "")


def guessed_fits(
    reading: Reading, clips: Mapping[Utterance, Clip], guessed: Mapping[Utterance, int], unsure: float,
    sounds: Mapping[str, Clip],
) -> Iterator[Schedule | KindvoiceError]:  # fmt: skip
    """The schedule with these guesses, or why there is none; then with all of them shorter, and longer.

    guessed, unsure: as `LineLengths.guess` gives them. Nothing guessed: there is one schedule, which is certain.
    """
    for scale in (1.0, 1.0 - unsure, 1.0 + unsure) if guessed else (1.0,):
        heard = {utterance: _clip(round(ms * scale)) for utterance, ms in guessed.items()}
        try:
            yield fit(
                reading.timeline, {**clips, **heard}, sounds, reading.script.length_ms,
                head_ms=reading.preset.head_ms, tail_ms=reading.preset.tail_ms,
            )  # fmt: skip
        except FitError as error:
            if guessed:
                error.marked_cure += (
                    "\n  these lengths are a guess: not all of its lines have been spoken yet"
                )
            yield error
        except KindvoiceError as error:
            yield error


def _clip(ms: int) -> Clip:
    frames = LEAD_FRAMES + ms_to_frames(ms) + TAIL_FRAMES
    return Clip(key="", frames=frames, lead_frames=LEAD_FRAMES, tail_frames=TAIL_FRAMES)
