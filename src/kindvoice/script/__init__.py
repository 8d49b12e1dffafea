"""From an author's file to a Script: front matter, template, cues."""

from __future__ import annotations

from kindvoice.script.load import read_script
from kindvoice.script.phrases import Phrase, make_phrase, read_phrases

__all__ = ["Phrase", "make_phrase", "read_phrases", "read_script"]
