"""A transcript to captions and other texts. A new format is one file and one line here."""

from __future__ import annotations

from kindvoice.errors import SettingsError, did_you_mean
from kindvoice.publish.captions.base import CaptionFormat
from kindvoice.publish.captions.html import HTML
from kindvoice.publish.captions.lrc import LRC
from kindvoice.publish.captions.srt import SRT
from kindvoice.publish.captions.text import TEXT
from kindvoice.publish.captions.vtt import VTT

CAPTIONS = {format.name: format for format in (VTT, SRT, LRC, TEXT, HTML)}

__all__ = ["CAPTIONS", "CaptionFormat", "find_captions"]


def find_captions(name: str) -> CaptionFormat:
    """Raises SettingsError, naming the nearest, when there is none of that name."""
    key = name.lower().lstrip(".")
    if key not in CAPTIONS:
        raise SettingsError(f"there are no captions named {name!r}", cure=did_you_mean(key, CAPTIONS))
    return CAPTIONS[key]
