"""Recorded lines that are not kept yet, and lines as they sound."""

from __future__ import annotations

import io
import re
import shutil
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

import numpy as np
import soundfile

from kindvoice.build.context import voice_folders
from kindvoice.encode.decode import decode
from kindvoice.errors import OutputError, VoiceError
from kindvoice.model import Say, Take, Timeline, Utterance, Voice
from kindvoice.sound.mix import REFERENCE_LUFS
from kindvoice.sound.wavfile import Samples, read_wav
from kindvoice.speech.lexicon import read_lexicon
from kindvoice.speech.speak import speak
from kindvoice.studio.teach.scripts import Desk, SpokenLine
from kindvoice.takes import Takes, same_words
from kindvoice.takes.recordable import Recordable
from kindvoice.takes.sitting import (
    Doubt,
    RecordedLine,
    Unheard,
    check_sitting,
    doubts,
    hear,
    keep,
    of_sitting,
)
from kindvoice.units import RATE, db_to_gain, ms_to_frames

MOST_DRAFTS, MOST_EACH = 60, 8
"""that wait to be kept, of all and of one person; the oldest goes when there are more"""
_SOUNDS = re.compile(
    rb"RIFF|RF64|fLaC|OggS|FORM|caff|\x1a\x45\xdf\xa3|.{4}ftyp|ID3|\xff[\xe0-\xff]", re.DOTALL
)
"""How a sound file begins. FFmpeg also reads lists of other files, which are nobody's recording."""
HEARD_LUFS = -18.0
"""how loud a single line is played: louder than inside a recording, where the whole is mastered"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDraft:
    """One line as it was recorded just now."""

    token: str
    owner: str
    """whose it is, until it is kept: nobody else hears, keeps or drops it"""
    text: str
    voice: str
    script: str
    sitting: str
    heard: RecordedLine
    doubts: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToRead(SpokenLine):
    """A line on the recording page."""

    state: str
    """none; used; look (it needs a look, and is not used yet); gone (its file is not there or was changed)"""
    reason: str = ""


class Drafts:
    """Safe between threads. folder: goes when the studio ends; nothing in it is kept."""

    def __init__(self, folder: Path, takes: Takes) -> None:
        self._folder = folder
        self._takes = takes
        self._drafts: OrderedDict[str, TakeDraft] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, recorded: bytes, text: str, reading: Recordable, sitting: str, owner: str) -> TakeDraft:
        """recorded: any sound file. Raises Unheard when no voice is in it, SettingsError for a sitting's name."""
        check_sitting(sitting)
        if not _SOUNDS.match(recorded):
            raise Unheard("this is not a sound file", cure="record it again")
        token = token_urlsafe(18)
        home = self._folder / token
        home.mkdir(parents=True)
        try:
            came = home / "came"
            came.write_bytes(recorded)
            heard = hear(came, home / "line.wav")
            came.unlink()
            odd = doubts(heard, text, of_sitting(self._takes, reading.voice, sitting))
        except BaseException as error:
            shutil.rmtree(home, ignore_errors=True)
            if isinstance(error, OSError):
                what = f"the recording cannot be written: {error.strerror or error}"
                raise OutputError(what) from None
            raise
        draft = TakeDraft(
            token=token, owner=owner, text=text, voice=reading.voice, script=reading.practice, sitting=sitting,
            heard=heard, doubts=odd,
        )  # fmt: skip
        with self._lock:
            self._drafts[token] = draft
            theirs = [each.token for each in self._drafts.values() if each.owner == owner]
            old = {*theirs[:-MOST_EACH], *list(self._drafts)[:-MOST_DRAFTS]}
        for each in old:
            self._forget(each)
        return draft

    def get(self, token: str, owner: str) -> TakeDraft | None:
        with self._lock:
            draft = self._drafts.get(token)
        return draft if draft and draft.owner == owner else None

    def keep(self, token: str, owner: str) -> Take | None:
        """Into the takes; None when there is no such draft (any more). What could not be kept can be tried again."""
        draft = self.get(token, owner)
        with self._lock:
            if draft is None or self._drafts.pop(token, None) is None:
                return None
        try:
            take = keep(
                self._takes, draft.voice, draft.text, draft.heard, sitting=draft.sitting, script=draft.script
            )
        except BaseException:
            with self._lock:
                self._drafts[token] = draft
            raise
        shutil.rmtree(self._folder / token, ignore_errors=True)
        return take

    def drop(self, token: str, owner: str) -> None:
        if self.get(token, owner) is not None:
            self._forget(token)

    def _forget(self, token: str) -> None:
        with self._lock:
            draft = self._drafts.pop(token, None)
        if draft is not None:
            shutil.rmtree(self._folder / token, ignore_errors=True)


def lines_to_read(takes: Takes, reading: Recordable) -> tuple[ToRead, ...]:
    newest = takes.newest(reading.voice)

    def state(text: str) -> tuple[str, str]:
        take = newest.get(same_words(text))
        try:
            if takes.find(reading.voice, text) is not None:
                return "used", ""
        except VoiceError:
            return "gone", ""
        return ("look", take.reason) if take is not None else ("none", "")

    lines = ((number, text, state(text)) for number, text in reading.lines.items())
    return tuple(ToRead(number=n, text=text, state=name, reason=why) for n, text, (name, why) in lines)


# ---------------------------------------------------------------- as WAV files for a browser


def spoken_wav(desk: Desk, voice: Voice, text: str, take: Take | None = None) -> bytes:
    """The line in this voice, or a person's take of it, as a recording would have it. Raises KindvoiceError."""
    timeline = Timeline(title="", language=voice.language, items=(Say(text=text),))
    lexicon = read_lexicon(voice_folders(desk.settings), voice)
    takes: dict[Utterance, Take] = {("", text): take} if take else {}
    spoken = speak(timeline, {"": voice}, desk.store, lexicons={"": lexicon}, takes=takes)
    samples, _ = read_wav(desk.store.verified(spoken.clips["", text].key))
    return _wav(samples[:, 0], HEARD_LUFS - REFERENCE_LUFS)


def draft_wav(draft: TakeDraft) -> bytes:
    """The line cut where it would be cut, and as loud as it would be."""
    heard = draft.heard
    samples = np.concatenate(list(decode(heard.path, rate=RATE, stereo=False)))[:, 0]
    cut = samples[ms_to_frames(heard.start_ms) : ms_to_frames(heard.stop_ms)]
    return _wav(cut, HEARD_LUFS - heard.speech_lufs)


def _wav(samples: Samples, gain_db: float) -> bytes:
    """16 bits, 48 kHz, mono."""
    whole = io.BytesIO()
    loud = np.clip(samples * np.float32(db_to_gain(gain_db)), -1.0, 1.0)
    soundfile.write(whole, loud, RATE, format="WAV", subtype="PCM_16")
    return whole.getvalue()
