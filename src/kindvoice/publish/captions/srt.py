"""SubRip. There is no specification and no way to escape: what players would obey is shown by its nearest likeness."""

from __future__ import annotations

from kindvoice.model import Transcript
from kindvoice.publish.captions.base import CaptionCue, CaptionFormat, caption_cues
from kindvoice.units import stamp

# Players read <i> and {\\an8} as commands and swallow them, and a line with an arrow as the next cue's time.
_LIKENESS = str.maketrans({"<": "‹", ">": "›", "{": "(", "}": ")", "\\": "∖"})


def captions_srt(transcript: Transcript) -> str:
    """Cues numbered from 1, UTF-8, each ended by an empty line."""
    return "".join(_cue(number, cue) for number, cue in enumerate(caption_cues(transcript), start=1))


def _cue(number: int, cue: CaptionCue) -> str:
    text = cue.text.replace("-->", "→").translate(_LIKENESS)
    return f"{number}\n{stamp(cue.start_ms, ',')} --> {stamp(cue.stop_ms, ',')}\n{text}\n\n"


SRT = CaptionFormat(name="srt", extension=".srt", type="application/x-subrip", write=captions_srt)
