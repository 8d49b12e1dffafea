"""LRC, the timed lyrics of music players. Simple LRC: a time in hundredths of a second before every line.

A line stays in view until the next one comes; where a long pause follows, an empty line takes it away.
"""

from __future__ import annotations

from collections.abc import Iterator

from kindvoice.model import Transcript
from kindvoice.publish.captions.base import LONG_PAUSE_MS, CaptionCue, CaptionFormat, caption_cues
from kindvoice.publish.captions.plain import plain, sentence_space

# Brackets hold times and tags; a text that begins with [00:01.00] would be moved there.
_LIKENESS = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›"})


def captions_lrc(transcript: Transcript) -> str:
    tags = {
        "ti": _text(plain(transcript.title)),
        "la": _text(plain(transcript.language)),
        "re": "kindvoice",
        "length": _stamp(transcript.duration_ms).partition(".")[0],
    }
    head = "".join(f"[{name}:{value}]\n" for name, value in tags.items() if value)
    return "\n".join([head, *_lines(transcript)]) + "\n"


def _lines(transcript: Transcript) -> Iterator[str]:
    before: CaptionCue | None = None
    for cue in caption_cues(transcript):
        if before and cue.start_ms - before.stop_ms >= LONG_PAUSE_MS:
            yield f"[{_stamp(before.stop_ms)}]"
        yield f"[{_stamp(cue.start_ms)}]{_text(_one_line(cue.text))}"
        before = cue
    if before:
        yield f"[{_stamp(before.stop_ms)}]"


def _one_line(text: str) -> str:
    upper, _, lower = text.partition("\n")
    return upper + sentence_space(upper, lower) + lower if lower else upper


def _text(text: str) -> str:
    return text.translate(_LIKENESS)


def _stamp(ms: int) -> str:
    """Minutes are not carried into hours; to the nearest hundredth.

    >>> _stamp(754_327), _stamp(6_000_004)
    ('12:34.33', '100:00.00')
    """
    minutes, hundredths = divmod((ms + 5) // 10, 6_000)
    seconds, hundredths = divmod(hundredths, 100)
    return f"{minutes:02d}:{seconds:02d}.{hundredths:02d}"


LRC = CaptionFormat(name="lrc", extension=".lrc", type="text/plain", write=captions_lrc)
