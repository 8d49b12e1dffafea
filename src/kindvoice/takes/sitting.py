"""Takes that are recorded line by line: each is measured at once, and all of one sitting share one gain.

A sitting is one person at one microphone. Its takes bear its name as their source, and as with a long recording
one loudness, that of all its lines together, levels them all: a soft line stays softer than a loud one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import soundfile

from kindvoice.encode.decode import TooLong, decode
from kindvoice.errors import SettingsError, SoundError
from kindvoice.model import LOOK, NOISE_DB, SURE, Take, Where
from kindvoice.sound.kweight import LoudnessMeter, gated_lufs
from kindvoice.takes import recording as sound
from kindvoice.takes.align import weight
from kindvoice.takes.cutting import Cutting, Match
from kindvoice.takes.folder import Takes, same_words
from kindvoice.takes.recording import Recording
from kindvoice.units import RATE, ms_to_frames, power_to_db

MAX_MS = 120_000
"""of one line's recording"""
_KNOCK_MS = 450
"""a lone sound shorter than this, without a pitch, before or after the line is a key or a chair"""
_VOICED = 0.15
_STEP_LU = 8.0
_SECOND = (0.035, 0.22)
"""seconds for a unit of text that a line may take, where nothing is known of the reader"""
_OFF = 1.9
"""how many times longer or shorter than the reader's other lines is odd"""


class Unheard(SoundError):
    """A recorded line that cannot be used. kind: unreadable, silent, noise (no voice above the room), short, long."""

    def __init__(self, what: str, kind: str = "unreadable", *, cure: str = "record it again") -> None:
        super().__init__(what, where=Where(path="the recording", line=0), cure=cure)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something about a line that had better be listened to."""

    kind: str
    """overloaded, louder, softer, no_voice, shorter, longer, room"""
    number: float = 0.0
    """louder, softer: dB; shorter, longer: seconds; room: dB below the voice"""

    def __str__(self) -> str:
        return _DOUBTS[self.kind].format(n=self.number)


_DOUBTS = {
    "overloaded": "the microphone is overloaded here: turn it down, or sit a little further away",
    "louder": "much louder than the rest ({n:.0f} dB)",
    "softer": "much softer than the rest ({n:.0f} dB)",
    "no_voice": "it hardly sounds like a voice",
    "shorter": "shorter than expected ({n:.1f} s): are words missing?",
    "longer": "longer than expected ({n:.1f} s): was something said twice?",
    "room": f"the room can be heard: it is {{n:.0f}} dB below the voice, and {-NOISE_DB:.0f} would be quiet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLine:
    """One line as it was recorded, measured and not yet kept."""

    path: Path
    """a mono WAV file, 48 kHz, 24 bits"""
    start_ms: int
    stop_ms: int
    """where it is cut, with its breath"""
    speech_lufs: float
    """of this line alone, as two equal channels"""
    noise_db: float
    """the room against the voice"""
    peak: float
    """the highest sample, at most 1"""
    overloaded: int
    """places where it stood at full scale"""
    voiced: float
    """how much of it has the pitch of a voice, 0..1"""

    @property
    def length_ms(self) -> int:
        return self.stop_ms - self.start_ms


def hear(recorded: Path, into: Path) -> RecordedLine:
    """Measures one recorded line. recorded: any sound file. into: where its sound is put, as a WAV file.

    Raises Unheard when it cannot be read, is too long, or holds no voice.
    """
    _rewrite(recorded, into)
    try:
        heard = sound.listen(into)
    except SoundError as error:
        raise _no_voice(into, error) from None
    pieces = sound.pieces(heard)
    pitched = [sound.voiced_share(sound.slice_of(heard, *piece)) for piece in pieces]
    before, after = 0, heard.length_ms
    while len(pieces) > 1 and _is_knock(pieces[0], pitched[0]):
        before = pieces[0][1]
        pieces, pitched = pieces[1:], pitched[1:]
    while len(pieces) > 1 and _is_knock(pieces[-1], pitched[-1]):
        after = pieces[-1][0]
        pieces, pitched = pieces[:-1], pitched[:-1]
    if not pieces:
        raise _silent()
    start, stop = pieces[0][0], pieces[-1][1]
    lufs = sound.speech_lufs(heard, [(start, stop)])
    if not np.isfinite(lufs):
        raise Unheard("what was heard is too short for a line", "short")
    first, last = sound.edges(heard, start, stop, before, after)
    lengths = [b - a for a, b in pieces]
    return RecordedLine(
        path=into, start_ms=first, stop_ms=last, speech_lufs=round(lufs, 2),
        noise_db=_room_db(heard, [(before, start), (stop, after)], lufs), peak=heard.peak,
        overloaded=heard.overloaded(start, stop),
        voiced=round(float(np.average(pitched, weights=lengths)), 3),
    )  # fmt: skip


def doubts(heard: RecordedLine, text: str, others: Iterable[Take] = ()) -> tuple[Doubt, ...]:
    """What had better be listened to before it is kept; empty when nothing is odd.

    others: what was kept in the same sitting.
    """
    odd_things = []
    if heard.overloaded >= 2:
        odd_things.append(Doubt(kind="overloaded"))
    kept = [take for take in others if same_words(take.text) != same_words(text)]
    if kept and abs(step := heard.speech_lufs - kept[-1].speech_lufs) > _STEP_LU:
        odd_things.append(Doubt(kind="louder" if step > 0 else "softer", number=round(abs(step))))
    if heard.voiced < _VOICED:
        odd_things.append(Doubt(kind="no_voice"))
    second = heard.length_ms / 1000 / weight(text)
    paces = sorted((take.stop_ms - take.start_ms) / 1000 / weight(take.text) for take in kept)
    usual = paces[len(paces) // 2] if len(paces) >= 3 else 0.0
    low, high = (usual / _OFF, usual * _OFF) if usual else _SECOND
    if not low <= second <= high:
        odd = "shorter" if second < low else "longer"
        odd_things.append(Doubt(kind=odd, number=round(heard.length_ms / 1000, 1)))
    if heard.noise_db > NOISE_DB:
        odd_things.append(Doubt(kind="room", number=round(-heard.noise_db)))
    return tuple(odd_things)


def keep(takes: Takes, voice: str, text: str, heard: RecordedLine, *, sitting: str, script: str) -> Take:
    """Keeps the line beside any earlier take of it, levels the whole sitting anew, and returns the take.

    Whoever keeps a line has heard it: it is used from now on, whatever `doubts` says. sitting: its name, letters,
    digits and hyphens. Raises OutputError when the folder cannot be written.
    """
    check_sitting(sitting)
    others = of_sitting(takes, voice, sitting)
    odd = doubts(heard, text, others)
    match = Match(
        number=1, text=text, start_ms=heard.start_ms, stop_ms=heard.stop_ms, verdict=LOOK if odd else SURE,
        reason="; ".join(map(str, odd)), probability=1.0,
    )  # fmt: skip
    cutting = Cutting(
        recording=heard.path, channel=0, matches=(match,), missing=(), unused=(), speech_lufs=heard.speech_lufs,
        noise_db=heard.noise_db, overloaded=heard.overloaded, peak=heard.peak,
    )  # fmt: skip
    takes.keep(voice, cutting, script=script, source=f"{sitting}.wav", replace=True)
    if odd:
        takes.accept(voice, [text])
    _level(takes, voice, sitting)
    return takes.newest(voice)[same_words(text)]


def check_sitting(name: str) -> None:
    """Raises SettingsError for what is no name of a sitting."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", name, re.ASCII):
        raise SettingsError(f"{name!r} is no name for a sitting")


def undo(takes: Takes, voice: str, text: str, *, sitting: str) -> bool:
    """Takes the line's newest take away again, file and all, if this sitting kept it; what was used before is used
    again. Returns whether there was such a take. Raises OutputError when the folder cannot be written.
    """
    check_sitting(sitting)
    wanted = same_words(text)
    with takes.changing(voice) as kept:
        at = [n for n, take in enumerate(kept) if same_words(take.text) == wanted]
        if not at or kept[at[-1]].source != f"{sitting}.wav":
            return False
        gone = kept.pop(at[-1])
        shared = any(take.path == gone.path for take in kept)
    if not shared:
        gone.path.unlink(missing_ok=True)
    _level(takes, voice, sitting)
    return True


def _level(takes: Takes, voice: str, sitting: str) -> None:
    """One loudness for all takes of the sitting: that of its lines together, each as it was read last."""
    lufs = pooled_lufs(take.path for take in of_sitting(takes, voice, sitting) if take.path.is_file())
    if not np.isfinite(lufs):
        return
    with takes.changing(voice) as kept:
        for at, take in enumerate(kept):
            if take.source == f"{sitting}.wav":
                kept[at] = replace(take, speech_lufs=lufs)


def of_sitting(takes: Takes, voice: str, sitting: str) -> tuple[Take, ...]:
    """Every line's newest take of the sitting, in the order in which they were kept."""
    return tuple({same_words(t.text): t for t in takes.all(voice) if t.source == f"{sitting}.wav"}.values())


def pooled_lufs(paths: Iterable[Path]) -> float:
    """Loudness of all these files together, gated as BS.1770-4 does, as two equal channels."""
    loud = np.concatenate([np.zeros(0), *(_momentary(str(path), path.stat().st_mtime_ns) for path in paths)])
    return round(gated_lufs(loud), 2)


@lru_cache(maxsize=1024)
def _momentary(path: str, mtime_ns: int) -> sound.Floats:
    meter = LoudnessMeter(RATE, 1)
    for block in decode(Path(path), rate=RATE, stereo=False):
        meter.add(block)
    # A very short line gets at least one reading, as it stands in silence.
    meter.add(np.zeros((ms_to_frames(400), 1), np.float32))
    return meter.momentary_lufs() + power_to_db(2.0)


def _is_knock(piece: tuple[int, int], voiced: float) -> bool:
    return piece[1] - piece[0] < _KNOCK_MS and voiced < _VOICED


def _room_db(heard: Recording, pauses: Sequence[tuple[int, int]], lufs: float) -> float:
    # The quieter side: in the other one somebody drew breath, or the last sound died away.
    rooms = [room for pause in pauses if np.isfinite(room := sound.room_lufs(heard, [pause]))]
    room = min(rooms) - lufs if rooms else heard.noise_db - heard.voice_db
    return round(float(np.clip(room, -100.0, 0.0)), 1)


def _no_voice(path: Path, error: SoundError) -> Unheard:
    """Why nothing was heard, told as to somebody who sits at a microphone."""
    info = soundfile.info(str(path))
    if info.frames < RATE // 2:
        return Unheard("this is too short for a line", "short")
    peak = max(
        (float(np.abs(block).max(initial=0.0)) for block in soundfile.blocks(str(path), RATE)), default=0.0
    )
    if peak < 1e-3:
        return _silent()
    cure = "sit closer to the microphone, in a quieter room"
    return Unheard("no voice can be told from the room", "noise", cure=cure)


def _silent() -> Unheard:
    return Unheard("no voice was heard", "silent", cure="is the right microphone chosen, and is it on?")


def _rewrite(recorded: Path, into: Path) -> None:
    """One channel at 48 kHz, nothing above full scale: all that is done later is done to this file."""
    try:
        pieces = list(sound.mono(recorded, sound.voice_channel(recorded, MAX_MS / 1000), MAX_MS / 1000))
    except TooLong:
        what = f"this recording is longer than {MAX_MS // 60_000} minutes"
        raise Unheard(what, "long", cure="record one line at a time") from None
    except SoundError as error:
        raise Unheard(error.what) from None
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    soundfile.write(str(into), np.clip(samples, -1.0, 1.0), RATE, format="WAV", subtype="PCM_24")
