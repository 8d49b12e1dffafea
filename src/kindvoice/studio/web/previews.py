"""A phrase, spoken at once in any voice."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import CancelledError, Executor, Future
from typing import Any

from kindvoice.build.context import voice_folders
from kindvoice.errors import ScriptError
from kindvoice.jobs.workers import Processes, WorkerLost
from kindvoice.script import make_phrase
from kindvoice.studio.host.choices import Choices, read_choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.limits import Buckets, FairQueue
from kindvoice.studio.host.orders import PREVIEW, key_of
from kindvoice.studio.host.tasks import Preview, PreviewTask, say

KINDS = {"mp3": "audio/mpeg", "wav": "audio/wav"}
"""and their media types"""
LONGEST_S = 60.0
"""a voice that takes longer for a phrase is stuck, or too many are waiting"""


class Previews:
    """Safe between threads. A voice stays loaded in a process of its own (config.jobs == 0: here)."""

    def __init__(self, config: Config, choices: Choices | None = None) -> None:
        """choices: None: read when the first phrase is asked for."""
        self.config = config
        self._choices = choices
        self._run = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._here = threading.Lock()
        self._executor: Executor | None = None
        most = config.limits.previews_waiting
        self._line = FairQueue(most, most if config.alone else max(1, most // 4))
        per_minute = config.limits.previews_per_minute
        self._buckets = Buckets(per_minute / 60, max(per_minute, 1.0))

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
        chosen = self._read().voice(voice, language)
        if wait_s := self._buckets.take(key_of(person)):
            raise StudioError(
                "that is a lot at once", kind="many", cure="listen for a moment", retry_s=wait_s
            )
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

    def _read(self) -> Choices:
        with self._lock:
            if self._choices is None:
                self._choices = read_choices(self.config)
            return self._choices

    def _heard(self, task: PreviewTask) -> Preview:
        try:
            if self.config.jobs == 0:
                with self._here:
                    return say(task, lambda stage, done, of: None)
            executor = self._open()
            future: Future[Any] = executor.submit(say, task)  # type: ignore[call-arg]
            heard: Preview = future.result(timeout=LONGEST_S)
            return heard
        except (TimeoutError, CancelledError):
            if not future.cancel():  # its process is at it, and may be for ever: others get a new one
                self._drop(executor)
            raise StudioError(
                "it takes too long just now", kind="busy", cure="try again in a moment", retry_s=5.0
            ) from None
        except WorkerLost:
            return Preview(b"", "fault")

    def _drop(self, executor: Executor) -> None:
        with self._lock:
            if self._executor is executor:
                self._executor = None
        executor.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> Executor:
        with self._lock:
            if self._executor is None:
                self._executor = Processes(1, lambda worker, task, stage, done, of: None)
            return self._executor


def _nothing_to_say() -> StudioError:
    return StudioError("there is nothing to say in it", kind="words", cure="write a wish")
