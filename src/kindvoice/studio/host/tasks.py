"""What a worker's process does: one order made, or one phrase spoken. Never raises for what a wish brings; what it
tells holds nobody's words."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kindvoice.build import recording as build
from kindvoice.build.read import read
from kindvoice.build.request import Request
from kindvoice.build.sample import say_sample
from kindvoice.encode import FORMATS, Samples, Target, encode
from kindvoice.errors import FitError, KindvoiceError, ScriptError, SoundError, VoiceError, redacted
from kindvoice.jobs.one import disk_full, workplace
from kindvoice.model import Tags, Voice
from kindvoice.settings import Settings
from kindvoice.sound.wavfile import read_wav
from kindvoice.store import file_sha256
from kindvoice.studio.host.retention import note_common, store_for
from kindvoice.units import RATE

OnStage = Callable[[str, int, int], None]
"""stage, done, of"""
BROKEN_OFF = "broken off"
_KINDS = ((FitError, "length"), (VoiceError, "voice"), (SoundError, "sound"), (ScriptError, "words"))
_PREVIEW_BITRATE = 96_000


@dataclass(frozen=True, slots=True, repr=False)
class OrderTask:
    """An order to be made. Its repr holds nobody's words."""

    key: str
    version: int
    request: Request
    title: str | None
    settings: Settings
    run: str
    """voices are read once a run"""
    anchor: Path
    """a file that is there as long as the studio is"""
    stop: Path
    """when this file is there, the making is broken off at its next step"""
    aside: bool = False
    """whether this process is for making alone: then pages and previews go before it"""

    def __repr__(self) -> str:
        return f"OrderTask({self.key[:12]!r}, {self.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderOutcome:
    """How it went."""

    kind: str = ""
    """why it failed, as in Order; empty: it did not; BROKEN_OFF"""
    message: str = ""
    range_ms: tuple[int, int] | None = None


class _Stop(Exception):
    """Nobody waits for it any more."""


def make(task: OrderTask, on_stage: OnStage) -> OrderOutcome:
    """The order's files in its request's folder, whole, with the manifest last."""
    if task.aside:
        _step_aside()
    folder = task.request.publication.folder

    def on_event(event: build.Progress) -> None:
        if task.stop.exists():
            raise _Stop
        on_stage(event.stage, event.done, event.total)

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _, voices = workplace(task.run, task.settings)
        store, ledger = store_for(task.settings, task.key, task.request.manifest)
        result = build.render(read(task.request, voices), store, on_event)
        for artifact in result.artifacts:
            if file_sha256(artifact.path) != artifact.sha256:
                return OrderOutcome(kind="space", message="the disk did not keep what was written to it")
        own = result.own_keys | ({result.cover_key} if task.title else set())
        note_common(ledger.noted - own, task.settings, task.anchor)
    except _Stop:
        shutil.rmtree(folder, ignore_errors=True)
        return OrderOutcome(kind=BROKEN_OFF)
    except Exception as error:  # noqa: BLE001 - one order that fails must not stop the others
        shutil.rmtree(folder, ignore_errors=True)
        return _failed(error, task)
    return OrderOutcome()


@cache
def _step_aside() -> None:
    """Once in a process: whoever looks at a page need not wait for somebody else's recording."""
    with contextlib.suppress(OSError, AttributeError):  # not on Windows
        os.nice(10)


def _failed(error: Exception, task: OrderTask) -> OrderOutcome:
    kind = next((name for which, name in _KINDS if isinstance(error, which)), "fault")
    if disk_full(error):
        kind = "space"
    if not isinstance(error, KindvoiceError):
        return OrderOutcome(
            kind=kind, message=type(error).__name__
        )  # what a bug says may hold somebody's words
    # No path and no line: it is read by somebody who has never seen the script.
    message = redacted(error.marked_what)
    for path in (task.request.publication.folder, task.settings.cache, task.request.version.script.parent):
        message = message.replace(str(path), path.name)
    possible = (error.shortest_ms, error.longest_ms) if isinstance(error, FitError) else None
    return OrderOutcome(kind=kind, message=message, range_ms=possible)


# ---------------------------------------------------------------- a phrase


@dataclass(frozen=True, slots=True, repr=False)
class PreviewTask:
    """A text to be heard at once. Its repr does not hold it."""

    text: str
    voice: Voice
    participant: str
    kind: str
    folders: tuple[Path, ...]
    """where lexicons are looked for"""
    settings: Settings
    run: str

    def __repr__(self) -> str:
        return f"PreviewTask({len(self.text)} letters)"


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    sound: bytes
    kind: str = ""
    """why there is none: voice, words, fault"""


def say(task: PreviewTask, on_stage: OnStage) -> Preview:
    """A sound file of the text, as bytes."""
    try:
        workplace(task.run, task.settings)
        store, _ = store_for(task.settings, task.participant, None)
        with store.workspace() as work:
            wav = work / "phrase.wav"
            say_sample(task.text, task.voice, store, wav, task.folders)
            return Preview((wav if task.kind == "wav" else _mp3(wav, task.voice)).read_bytes())
    except VoiceError:
        return Preview(b"", "voice")
    except KindvoiceError:
        return Preview(b"", "words")
    except Exception:  # noqa: BLE001 - what it says may hold their words, and it is theirs alone
        return Preview(b"", "fault")


def _mp3(wav: Path, voice: Voice) -> Path:
    samples, rate = read_wav(wav)
    assert rate == RATE
    frames = len(samples) // (RATE // 1000) * (RATE // 1000)
    tags = Tags(title=voice.title, artist="kindvoice", language=voice.language, comment=voice.credit)
    return small_mp3(samples[:frames], wav.with_suffix(".mp3"), tags)


def small_mp3(sound: Samples, path: Path, tags: Tags) -> Path:
    """Something to be heard at once. sound: (n, 2) at RATE."""
    target = Target(path=path, frames=len(sound), tags=tags, chapters=(), bitrate=_PREVIEW_BITRATE)
    encode(iter([sound]), [(FORMATS["mp3"], target)])
    return path
