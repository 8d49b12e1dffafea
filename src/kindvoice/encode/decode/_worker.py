"""Sound files through PyAV. Run by its path, it reads strangers' files in a process of its own, with a limit on
memory: `python -P _worker.py`. See `engines/_process` for how jobs and answers look.

    {"do": "info", "path"}                            -> what `info` returns
    {"do": "blocks", "path", "rate", "mix", "most_s"}  -> {"channels", "bytes": n} and n bytes: the first block
    {"do": "more"}                                    -> likewise, the next block; n is 0 at the end
    any of them                                       -> {"refused": why, "kind": one word}

Nothing of kindvoice or numpy is imported: that keeps its start short.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import av

CONTAINERS = (
    "wav",
    "w64",
    "aiff",
    "caf",
    "flac",
    "mp3",
    "aac",
    "ogg",
    "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska,webm",
)
"""as FFmpeg names them: recorders, phones and browsers write these; none of them leads to another file"""
CODECS = frozenset(
    (
        *(f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32", "f64") for end in ("le", "be")),
        *("pcm_u8", "pcm_s8", "pcm_alaw", "pcm_mulaw", "flac", "alac", "mp3", "mp3float", "aac"),
        *("opus", "libopus", "vorbis", "libvorbis"),
    )
)
LOWEST_HZ, HIGHEST_HZ = 8_000, 384_000
MOST_CHANNELS = 8
_BLOCK = 48_000
_MEMORY = 1 << 30
"""bytes that reading a file may take, beside what the process has at its start"""
_TAG = 1 << 16
_CHAPTERS = 10_000
_BROKEN = (av.FFmpegError, ValueError, OSError, LookupError, ArithmeticError, AssertionError, TypeError)
"""what PyAV raises over a damaged file"""


class Refused(Exception):
    """The file is not read. kind: missing, format, rate, channels, long, memory or damaged."""

    def __init__(self, why: str, kind: str) -> None:
        super().__init__(why)
        self.why, self.kind = why, kind


def info(path: str) -> dict[str, Any]:
    """What a file says of itself: the fields of `SoundInfo`. Raises Refused."""
    with _open(path) as container:
        stream = container.streams.audio[0]
        chapters = [
            (
                round(float(c["start"] * c["time_base"]) * 1000),
                round(float(c["end"] * c["time_base"]) * 1000),
                str(c["metadata"].get("title", ""))[:_TAG],
            )
            for c in itertools.islice(container.chapters(), _CHAPTERS)
        ]
        tags = {**stream.metadata, **container.metadata}
        return {
            "container": container.format.name,
            "codec": stream.codec_context.name,
            "rate": stream.codec_context.sample_rate,
            "channels": stream.codec_context.layout.nb_channels,
            "bit_rate": stream.codec_context.bit_rate or container.bit_rate or 0,
            "tags": {key.lower(): str(value)[:_TAG] for key, value in tags.items()},
            "chapters": chapters,
            "declared_ms": _declared_ms(Path(path), container),
        }


def packets(path: str) -> dict[str, Any]:
    """{"least", "most"}: bytes of the smallest and of the largest packet of sound. Raises Refused."""
    with _open(path) as container:
        sizes = [0, 0]
        for packet in container.demux(audio=0):
            if packet.size:
                sizes = [min(sizes[0] or packet.size, packet.size), max(sizes[1], packet.size)]
        return {"least": sizes[0], "most": sizes[1]}


def blocks(
    path: str, rate: int | None, mix: bool, most_s: float
) -> Generator[tuple[int, bytearray], None, None]:
    """The sound in pieces of a second or more: (channels, float32 samples of all channels in turn).

    rate: Hz to convert to; None: the file's own. mix: more than two channels become two. Raises Refused, also
    when the sound is longer than most_s seconds, before that which is too much has been converted.
    """
    with _open(path) as container:
        try:
            stream = container.streams.audio[0].codec_context
            layout = "stereo" if mix and stream.layout.nb_channels > 2 else None
            # Packed, not planar: PyAV reads past the end of a frame of eight planes.
            resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
            waiting, channels, seconds = bytearray(), 0, 0.0
            for frame in itertools.chain(container.decode(audio=0), [None]):
                if frame is not None:
                    _check(frame.sample_rate, frame.layout.nb_channels)
                    seconds += frame.samples / frame.sample_rate
                    if seconds > most_s:
                        raise Refused(f"the sound is longer than {most_s / 60:g} minutes", "long")
                for out in resampler.resample(frame):
                    channels = out.layout.nb_channels
                    waiting += memoryview(out.planes[0])[: out.samples * channels * 4]
                # A codec's own frames are small; what follows works better on about a second.
                if waiting and (frame is None or len(waiting) >= _BLOCK * channels * 4):
                    yield channels, waiting
                    waiting = bytearray()
        except _BROKEN as error:
            raise Refused(f"the sound cannot be decoded: {error}", "damaged") from None


@contextlib.contextmanager
def _open(path: str) -> Iterator[Any]:
    options = {
        "format_whitelist": ",".join(CONTAINERS),
        "codec_whitelist": ",".join(sorted(CODECS)),
        "protocol_whitelist": "file",
    }
    with contextlib.ExitStack() as stack:
        try:
            # Opened here, for FFmpeg would read some names as addresses ("concat:a|b").
            file = stack.enter_context(Path(path).open("rb"))
            container = stack.enter_context(av.open(file, options=options, metadata_errors="replace"))
        except _BROKEN:
            raise Refused("this is not a sound file that can be read", "format") from None
        if not container.streams.audio:
            raise Refused("this is not a sound file: there is no sound in it", "format")
        stream = container.streams.audio[0].codec_context
        if stream is None or stream.name not in CODECS:
            kind = f" ({stream.name})" if stream is not None else ""
            raise Refused(f"this is a kind of sound that is not read{kind}", "format")
        _check(stream.sample_rate, stream.layout.nb_channels)
        yield container


def _check(rate: int, channels: int) -> None:
    if not LOWEST_HZ <= rate <= HIGHEST_HZ:
        raise Refused(f"the sound has {rate} samples a second, which no recording has", "rate")
    if not 1 <= channels <= MOST_CHANNELS:
        raise Refused(f"the sound has {channels} channels; at most {MOST_CHANNELS} are read", "channels")


def _declared_ms(path: Path, container: Any) -> int | None:
    duration = container.duration
    if container.format.name == "wav" and duration is not None:
        # FFmpeg goes by the file's size, not by what its first chunk says.
        with path.open("rb") as file:
            head = file.read(8)
        size = path.stat().st_size
        said = int.from_bytes(head[4:8], "little") + 8
        duration *= said / size if head[:4] == b"RIFF" and size < said < 0xFFFF_FFF0 else 1.0
    if container.format.name == "mp3":
        with path.open("rb") as file:
            head = file.read(10)
            if head[:3] == b"ID3":
                shifts = zip(head[6:10], (21, 14, 7, 0), strict=False)
                file.seek(10 + sum((byte & 0x7F) << shift for byte, shift in shifts))
            else:
                file.seek(0)
            first = file.read(512)
        # Without this header FFmpeg guesses from the size, which is wrong where the bit rate varies.
        if not any(mark in first for mark in (b"Xing", b"Info", b"VBRI")):
            return None
    return None if duration is None else round(duration / 1000)


# ---------------------------------------------------------------- a process of its own


def main() -> None:
    """Answer every line of stdin until there are no more; then end at once, even in the middle of a file."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else wants to print must not garble an answer
    av.logging.set_level(None)
    _limit_memory()
    jobs: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    sound: Iterator[tuple[int, bytearray]] = iter(())
    while True:
        job, raw = json.loads(jobs.get()), bytearray()
        try:
            if job["do"] == "blocks":
                sound = blocks(job["path"], job["rate"], job["mix"], job["most_s"])
            if job["do"] in ("blocks", "more"):
                channels, raw = next(sound, (0, bytearray()))
                answer: dict[str, Any] = {"channels": channels, "bytes": len(raw)}
            else:
                answer = {"info": info, "packets": packets}[job["do"]](job["path"])
        except Refused as refused:
            answer = {"refused": refused.why, "kind": refused.kind}
        except MemoryError:
            answer = {"refused": "the sound needs too much memory to be read", "kind": "memory"}
        answers.write(json.dumps(answer).encode("ascii") + b"\n")
        answers.write(raw)
        answers.flush()


def _read(jobs: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        jobs.put(line)
    os._exit(0)


def _limit_memory() -> None:
    """Where the system can: Windows has no such limit, and macOS does not keep it."""
    try:
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + _MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, OSError, ValueError):
        return


if __name__ == "__main__":
    main()
