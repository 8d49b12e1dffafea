"""The package's own recogniser, with its model in a folder that the sessions of one user share."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kindvoice.speech.recognise import Recogniser, available, edits, words

__all__ = ["available", "hear", "words", "wrong_words"]

_USER = os.getuid() if hasattr(os, "getuid") else 0
hear = Recogniser(Path(tempfile.gettempdir()) / f"kindvoice-recogniser-{_USER}").hear


def wrong_words(said: str, heard: str) -> int:
    return edits(words(said), words(heard))
