"""WebVTT (W3C, WebVTT: The Web Video Text Tracks Format)."""

from __future__ import annotations

import re

from kindvoice.languages import primary
from kindvoice.model import Transcript
from kindvoice.publish.captions.base import CaptionCue, CaptionFormat, caption_cues
from kindvoice.publish.captions.plain import plain
from kindvoice.units import stamp


def captions_vtt(transcript: Transcript) -> str:
    """Words in another language than the programme's are marked as such."""
    # Text may follow the magic word on its line; only the arrow may not be in it.
    head = f"WEBVTT {plain(transcript.title).replace('-->', '→')}".rstrip() + "\n"
    return "\n".join([head, *(_cue(cue, transcript.language) for cue in caption_cues(transcript))])


def _cue(cue: CaptionCue, language: str) -> str:
    text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if primary(cue.language) != primary(language):
        text = f"<lang {re.sub(r'[^A-Za-z0-9-]', '', cue.language)}>{text}</lang>"
    return f"{stamp(cue.start_ms)} --> {stamp(cue.stop_ms)}\n{text}\n"


VTT = CaptionFormat(name="vtt", extension=".vtt", type="text/vtt", write=captions_vtt)
