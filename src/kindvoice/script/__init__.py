"""From an author's file to a Script: front matter, template, cues."""

from __future__ import annotations

from kindvoice.script.load import read_script
from kindvoice.script.phrases import Phrase, make_phrase, read_phrases
from kindvoice.script.version import Version

__all__ = ["Phrase", "Version", "make_phrase", "read_phrases", "read_script"]
