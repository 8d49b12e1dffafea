"""A phrase, spoken at once in any voice."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from pathlib import Path

from kindvoice.build.context import voice_folders
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
from kindvoice.sound.wavfile import read_wav
from kindvoice.store import Store
from kindvoice.studio.host.choices import Choices, read_choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.files import PREVIEW
from kindvoice.studio.host.limits import PreviewLine
from kindvoice.studio.host.wishes import key_of
from kindvoice.units import RATE

KINDS = {"mp3": "audio/mpeg", "wav": "audio/wav"}
"""and their media types"""
LONGEST_S = 60.0
"""a voice that takes longer for a phrase is stuck, or too many are waiting"""
_BITRATE = 96_000


class Previews:
    """Safe between threads. A voice stays loaded in a process of its own (config.jobs == 0: here)."""

    def __init__(self, config: Config, choices: Choices | None = None) -> None:
        """choices: None: read now."""
        self.config = config
        self._choices = choices or read_choices(config)
        self._run = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._executor: Processes | Threads | None = None
        self._line = PreviewLine(config)

    def speak(
        self, text: str, language: str, voice: str | None, person: str, *, source: str = "", kind: str = "mp3"
    ) -> bytes:
        """A sound file of the text, with a little silence around it. Blocks for a tenth of a second to some seconds
        (a voice is loaded the first time): call it from a thread.

        voice: None: the best of the language. person: whose words it is, as for `Orders.place`; they are forgotten
        with any of their orders that is deleted, and an hour after their last preview. source: where it is asked
        from, such as an address: sources take turns. kind: mp3 or wav. The same
        text and voice give the same bytes. Raises StudioError: words, voice, many (with retry_s), busy.
        """
        if kind not in KINDS:
            raise ValueError(f"a preview is {' or '.join(KINDS)}, not {kind!r}")
        phrase = self._phrase(text, language)
        chosen = self._choices.voice(voice, language)
        self._line.count(person)
        settings = self.config.settings
        folders = tuple(path.absolute() for path in voice_folders(settings))
        task = PreviewTask(phrase, chosen, PREVIEW + key_of(person), kind, folders, settings, self._run)
        with self._line.place(source):
            heard = self._heard(task)
        if heard.kind == "words":
            raise _nothing_to_say()
        if heard.kind:
            raise StudioError(
                "this voice cannot say it", kind="voice", cure="try other words, or another voice"
            )
        return heard.sound

    def stop(self) -> None:
        """Ends the process. Another phrase would begin another."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    # ---------------------------------------------------------------- inside

    def _phrase(self, text: str, language: str) -> str:
        """As it will be spoken. Raises StudioError: words."""
        if len(text) > self.config.limits.phrase_letters:
            raise StudioError(
                f"a phrase has room for {self.config.limits.phrase_letters} letters", kind="words",
                cure="make it shorter",
            )  # fmt: skip
        try:
            return str(make_phrase(text, language))
        except ScriptError:
            raise _nothing_to_say() from None

    def _heard(self, task: PreviewTask) -> Preview:
        executor = self._open()
        future: Future[Preview] = executor.submit(say, task)
        try:
            return future.result(timeout=LONGEST_S)
        except (TimeoutError, CancelledError, Stopped):
            executor.stop(future)
            raise StudioError(
                "it takes too long just now", kind="busy", cure="try again in a moment", retry_s=5.0
            ) from None
        except WorkerLost:
            return Preview(b"", "fault")

    def _open(self) -> Processes | Threads:
        with self._lock:
            if self._executor is None:
                self._executor = Processes(1, lambda *news: None) if self.config.jobs else Threads(1)
            return self._executor


# ---------------------------------------------------------------- where the voice is


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
        ledger = open_ledger(task.settings.cache, ledger_name(task.participant), task.participant, "")
        store = Store(task.settings.cache, ledger)
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
    target = Target(path=path, frames=len(sound), tags=tags, chapters=(), bitrate=_BITRATE)
    encode(iter([sound]), [(FORMATS["mp3"], target)])
    return path


def _nothing_to_say() -> StudioError:
    return StudioError("there is nothing to say in it", kind="words", cure="write a wish")
