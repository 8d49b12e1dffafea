"""Podcasting 2.0 chapters, for players that read them from beside the sound."""

from __future__ import annotations

import json

from kindvoice.model import Transcript
from kindvoice.publish.captions.plain import plain


def chapters_json(transcript: Transcript) -> str:
    """JSON Chapters 1.2.0; times in seconds, contiguous from 0 to the end. Empty without chapters."""
    chapters = [
        {"startTime": s.start_ms / 1000, "endTime": s.stop_ms / 1000, "title": plain(s.title)}
        for s in transcript.sections
        if s.title
    ]
    if not chapters:
        return ""
    return json.dumps({"version": "1.2.0", "chapters": chapters}, indent=2, ensure_ascii=False) + "\n"
