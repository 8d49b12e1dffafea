"""A phrase, spoken at once in any voice."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path

import soundfile

from kindvoice.build.context import open_store, voice_folders
from kindvoice.build.sample import say_sample
from kindvoice.encode import FORMATS, Samples, Target, encode
from kindvoice.errors import KindvoiceError, ScriptError, VoiceError
from kindvoice.jobs.ledgers import ledger_name, open_ledger
from kindvoice.jobs.one import workplace
from kindvoice.jobs.processes import Processes
from kindvoice.jobs.workers import OnStage, Stopped, Threads, WorkerLost
from kindvoice.model import Tags, Voice
from kindvoice.script import make_phrase
from kindvoice.settings import Settings
from kindvoice.studio.host.choices import Choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.files import PREVIEW
from kindvoice.studio.host.limits import PreviewLine
from kindvoice.studio.host.wishes import key_of
from kindvoice.units import RATE

LONGEST_S = 60.0
"""a voice that takes longer for a phrase is stuck, or too many are waiting"""
_BITRATE = 96_000


class Previews:
    """Safe between threads. A voice stays loaded in a process of its own (config.jobs == 0: here)."""

    def __init__(self, config: Config, choices: Choices) -> None:
        self.config = config
        self._choices = choices
        self._run = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._executor: Processes | Threads | None = None
        self._line = PreviewLine(config)

    def speak(self, text: str, language: str, voice: str | None, person: str, *, source: str = "") -> bytes:
        """An MP3 of the text, with a little silence around it. Blocks for a tenth of a second to some seconds
        (a voice is loaded the first time): call it from a thread.

        voice: None: the best of the language. person: whose words it is, as for `Orders.place`; they are forgotten
        with any of their orders that is deleted, and an hour after their last preview. source: where it is asked
        from, such as an address: sources take turns. The same text and voice give the same bytes.
        Raises StudioError: words, voice, many, busy.
        """
        phrase = self._phrase(text, language)
        chosen = self._choices.voice(voice, language)
        self._line.count(person)
        settings = self.config.settings
        folders = tuple(path.absolute() for path in voice_folders(settings))
        task = PreviewTask(phrase, chosen, PREVIEW + key_of(person), folders, settings, self._run)
        with self._line.place(source):
            return self._heard(task)

    def stop(self) -> None:
        """Ends the process. Another phrase would begin another."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    # ---------------------------------------------------------------- inside

    def _phrase(self, text: str, language: str) -> str:
        """As it will be spoken. Raises StudioError: words."""
        try:
            if len(text) <= self.config.limits.phrase_letters:
                return str(make_phrase(text, language))
        except ScriptError:
            pass
        raise StudioError("words")

    def _heard(self, task: PreviewTask) -> bytes:
        executor = self._open()
        future: Future[bytes] = executor.submit(say, task)
        try:
            return future.result(timeout=LONGEST_S)
        except (TimeoutError, CancelledError, Stopped):
            executor.stop(future)
            raise StudioError("busy") from None
        except WorkerLost:
            raise StudioError("voice") from None

    def _open(self) -> Processes | Threads:
        with self._lock:
            if self._executor is None:
                self._executor = Processes(1, lambda *news: None) if self.config.jobs else Threads(1)
            return self._executor


# ---------------------------------------------------------------- where the voice is


@dataclass(frozen=True, slots=True)
class PreviewTask:
    """A text to be heard at once. Its repr does not hold it."""

    text: str = field(repr=False)
    voice: Voice
    participant: str
    folders: tuple[Path, ...]
    """where lexicons are looked for"""
    settings: Settings
    run: str


def say(task: PreviewTask, on_stage: OnStage) -> bytes:
    """An MP3 of the text. Raises StudioError: words, and voice for whatever else goes wrong: what that would say may
    hold their words, and it is theirs alone."""
    try:
        workplace(task.run, task.settings)
        ledger = open_ledger(task.settings.cache, ledger_name(task.participant), task.participant, "")
        store = open_store(task.settings, ledger)
        with store.workspace() as work:
            wav = work / "phrase.wav"
            say_sample(task.text, task.voice, store, wav, task.folders)
            return _mp3(wav, task.voice).read_bytes()
    except VoiceError:
        raise StudioError("voice") from None
    except KindvoiceError:
        raise StudioError("words") from None
    except Exception:  # noqa: BLE001 - see above
        raise StudioError("voice") from None


def _mp3(wav: Path, voice: Voice) -> Path:
    samples, rate = soundfile.read(wav, dtype="float32", always_2d=True)  # whole numbers, unlike the store's
    assert rate == RATE
    frames = len(samples) // (RATE // 1000) * (RATE // 1000)
    tags = Tags(title=voice.title, artist="kindvoice", language=voice.language, comment=voice.credit)
    return small_mp3(samples[:frames], wav.with_suffix(".mp3"), tags)


def small_mp3(sound: Samples, path: Path, tags: Tags) -> Path:
    """Something to be heard at once. sound: (n, 2) at RATE."""
    target = Target(path=path, frames=len(sound), tags=tags, chapters=(), bitrate=_BITRATE)
    encode(iter([sound]), [(FORMATS["mp3"], target)])
    return path
