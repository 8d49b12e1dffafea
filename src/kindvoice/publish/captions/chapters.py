"""Podcasting 2.0 chapters, for players that read them from beside the sound."""

from __future__ import annotations

import json

from kindvoice.model import Transcript
from kindvoice.publish.captions.plain import plain


def chapters_json(transcript: Transcript) -> str:
    """JSON Chapters 1.2.0; times in seconds, contiguous from 0 to the end. Empty without chapters."""
    chapters = [
        {
            "startTime": section.start_ms / 1000,
            "endTime": section.stop_ms / 1000,
            "title": plain(section.title),
        }
        for section in transcript.sections
        if section.title
    ]
    if not chapters:
        return ""
    return json.dumps({"version": "1.2.0", "chapters": chapters}, indent=2, ensure_ascii=False) + "\n"
