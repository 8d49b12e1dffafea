"""kindvoice play."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any

import click
import numpy as np

from kindvoice.build.play import play as play_live
from kindvoice.build.read import Reading, read
from kindvoice.cli.context import all_voices, open_store, settings
from kindvoice.cli.options import read_request, request_options
from kindvoice.errors import SettingsError, SoundError, revealed
from kindvoice.sound.mix import Samples
from kindvoice.units import RATE

_THROUGH_SOUNDDEVICE = """import sys, sounddevice
with sounddevice.RawOutputStream(48000, channels=2, dtype="int16") as device:
    while sound := sys.stdin.buffer.read(9600):
        device.write(sound)"""
_PLAYERS = {
    "ffplay": ["-nodisp", "-autoexit", "-loglevel", "error", "-probesize", "4096", "-f", "wav", "-i", "-"],
    "pacat": ["--playback", "--format=s16le", "--rate=48000", "--channels=2"],
    "pw-play": ["-"],
    "aplay": ["-q", "-"],
    "play": ["-q", "-V1", "-t", "wav", "-"],
    "mpv": ["--no-terminal", "--no-video", "-"],
    "sounddevice": [sys.executable, "-P", "-c", _THROUGH_SOUNDDEVICE],
}
"""programs that play WAV from stdin, in the order in which they are tried, and what they are called with. For a pw-play
before 1.4 WAV's head is a click; where there is one, there mostly is a pacat"""
_RAW = {"pacat", "sounddevice"}
"""take the samples alone"""
_INSTALL = {"linux": "ffmpeg (ffplay), alsa-utils (aplay) or sox", "darwin": "`brew install sox` or ffmpeg"}
_INSTALL_USUALLY = "ffmpeg (ffplay)"
_BEGUN_BYTES = RATE * 4 * 3
"""3 seconds: a player that ends before it was given so much has played nothing, and the next one begins anew"""


@click.command()
@request_options
@click.option(
    "--from", "chapter", metavar="CHAPTER", help="Begin there: its number, or how its title begins."
)
@click.option(
    "--line", type=click.IntRange(min=1), metavar="N", help="Only what line N of the script's file says."
)
@click.option("--output", "-o", metavar="-", help="`-` writes WAV (16 bit, 48 kHz) to stdout, for a pipe.")
def play(chapter: str | None, line: int | None, output: str | None, **options: Any) -> None:
    """Hear SCRIPT at once; what was never spoken is spoken meanwhile, and kept for `kindvoice render`."""
    if chapter is not None and line is not None:
        raise SettingsError("--from and --line cannot go together", cure="--line says one line and ends")
    if output not in {None, "-"}:
        raise SettingsError(
            f"--output {output} cannot be: play writes to `-` only",
            cure="for a file: kindvoice render SCRIPT -f wav",
        )
    if output == "-" and sys.stdout.isatty():
        raise SettingsError("a terminal cannot take sound", cure="kindvoice play SCRIPT -o - | PLAYER")
    config = settings()
    players = [] if output else _players()
    reading = read(read_request(options, config, config.output), all_voices(config))
    blocks = play_live(reading, open_store(config), chapter=chapter, line=line)
    with contextlib.closing(blocks):
        sounds = _sounds(blocks, reading)
        if not output:
            _play(players, sounds)
            return
        for number, sound in enumerate(sounds):
            sys.stdout.buffer.write(sound if number else _wav_head() + sound)
            sys.stdout.buffer.flush()


def _sounds(blocks: Iterable[Samples], reading: Reading) -> Iterator[bytes]:
    """The samples in 16 bits; what is worth knowing is told when there is time for it."""
    for number, block in enumerate(blocks):
        yield bytes(np.rint(np.clip(block, -1.0, 1.0) * 32767.0).astype("<i2"))
        if not number:
            for note in reading.notes:
                click.echo(f"note: {revealed(note)}", err=True)


def _players() -> list[str]:
    """Those that this system has. Raises SettingsError for none."""
    players = [name for name in _PLAYERS if name != "sounddevice" and shutil.which(name)]
    if find_spec("sounddevice"):
        players.append("sounddevice")
    if not players:
        raise SettingsError("there is no program here that plays sound", cure=_cure())
    return players


def _cure() -> str:
    install = _INSTALL.get(sys.platform, _INSTALL_USUALLY)
    return (
        f"install {install}, or `pip install sounddevice`, or hand the sound to a player of your own: "
        "kindvoice play SCRIPT -o - | PLAYER"
    )


def _play(players: Iterable[str], sounds: Iterator[bytes]) -> None:
    """Through the first player that works. Raises SoundError."""
    begun: list[bytes] = []
    sent = 0
    failures: list[str] = []
    for name in players:
        with _started(name) as player:
            taken = all(map(player.write, begun))
            while taken and (sound := next(sounds, None)) is not None:
                taken = player.write(sound)
                sent += len(sound)
                if sent <= _BEGUN_BYTES:
                    begun.append(sound)
            failure = player.finish(is_early=not taken and sent <= _BEGUN_BYTES)
        if not failure:
            return
        failures.append(failure)
        if sent > _BEGUN_BYTES:
            break
    raise SoundError("; ".join(failures), cure=f"is there a sound device? Else {_cure()}")


@contextlib.contextmanager
def _started(name: str) -> Iterator[_Player]:
    """A program that plays; however the block ends, it is gone then. A Ctrl-C while it starts comes once it has."""
    interrupts: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    try:
        player = _Player(name)
    finally:
        signal.signal(signal.SIGINT, usual)
    try:
        if interrupts:
            signal.raise_signal(signal.SIGINT)
        if name not in _RAW:
            player.write(_wav_head())
        yield player
    finally:
        player.end()


class _Player:
    """A program that plays."""

    def __init__(self, name: str) -> None:
        command = _PLAYERS[name] if name == "sounddevice" else [name, *_PLAYERS[name]]
        self._name = name
        self._words = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._words, bufsize=0,
            start_new_session=os.name == "posix",  # Ctrl-C comes to us, who end it
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip

    def end(self) -> None:
        self._process.kill()
        with contextlib.suppress(OSError):
            self._process.communicate()
        self._words.close()

    def write(self, sound: bytes) -> bool:
        """Whether it still takes any."""
        assert self._process.stdin is not None
        left = memoryview(sound)
        try:
            while left:
                left = left[self._process.stdin.write(left) :]
        except OSError:
            return False
        return True

    def finish(self, *, is_early: bool) -> str:
        """Lets it play what it has. Why it failed; empty where it did not, or where somebody has closed it.

        is_early: whether it took too little to have played anything; ffplay ends with 0 where no sound comes out.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        code = self._process.wait()
        self._words.seek(0)
        said = self._words.read().decode("utf-8", "replace").strip().splitlines()
        failed = code != 0 or is_early
        return f"{self._name} ended with code {code}: {' '.join(said[-1:])}".rstrip(": ") if failed else ""


# ---------------------------------------------------------------- WAV


def _wav_head() -> bytes:
    """Of a stream whose length nobody knows yet: the lengths are the highest there can be, as FFmpeg writes them."""
    unknown, frame = 0xFFFF_FFFF, 4
    format = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 2, RATE, RATE * frame, frame, 16)
    return struct.pack("<4sI4s", b"RIFF", unknown, b"WAVE") + format + struct.pack("<4sI", b"data", unknown)
