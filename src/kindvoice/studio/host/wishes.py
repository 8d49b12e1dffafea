"""What somebody wants to hear, and how far it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

WAITING, MAKING, DONE, FAILED = "waiting", "making", "done", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What somebody wants to hear. Its repr holds none of their words."""

    practice: str
    language: str
    phrases: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    """each with `self`, and with `other` and `together` where somebody wrote them; none: the script's own"""
    length_ms: int
    voice: str | None = None
    """None: the best of the language"""
    bell: str | None = None
    """low, middle, high, or off; None: as the script rings"""
    bed: str | None = None
    """rain, waves..., or off; None: as the script has it"""
    bed_gain_db: float = 0.0
    """-24 to +6"""
    landing_ms: int = 0
    """so long before its end it begins to grow sparser and quieter; 0: it does not"""
    gentle: bool = False
    audience: str = "everyone"
    title: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it stands now."""

    token: str = field(repr=False)
    """the link's; empty where the order was not asked for by its token"""
    key: str
    """sha256 of the token: safe to log, leads nowhere"""
    state: str
    """waiting, making, done, failed"""
    stage: str = ""
    """of the making: speak, measure, encode, check; empty before the first"""
    done: int = 0
    """of the stage, of `total`"""
    total: int = 0
    left_s: float | None = None
    """seconds until it will be done, guessed; for one that waits, with those before it; None: it is not to be made"""
    expires_at: float
    message: str = ""
    """why it failed, in plain English without anybody's words"""
    kind: str = ""
    """why it failed: length, voice, words, sound, space, lost (the process was, again and again), fault"""
    range_ms: tuple[int, int] | None = None
    """what lengths would do, where kind is length"""
    folder: Path | None = None
    """of the newest finished version, which stays until the next one is finished: then it is gone"""
    manifest: Path | None = None
    """for kindvoice.manifest.read_release: MP3, captions, chapters, cover"""
    files: Mapping[str, Path] = field(default_factory=dict)
    """what can be had of the version that is ready: mp3, vtt, and m4b some seconds after the rest"""
    lengths: Path | None = None
    """the folder of its page where the minutes are chosen, when it is there"""
    wish: Selection
    version: int = 1
    """of the wish"""
    ready: int = 0
    """the version that lies in the folder; 0: none yet"""


def key_of(token: str) -> str:
    """sha256 as hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_selection(text: str) -> Selection:
    """From JSON. Raises KeyError, TypeError or ValueError for what was never a selection. What another version knew
    besides is left out."""
    values = {name: value for name, value in dict(json.loads(text)).items() if name in Selection.__slots__}
    phrases = values.pop("phrases")
    if not (isinstance(phrases, list) and all(isinstance(phrase, dict) for phrase in phrases)):
        raise TypeError("phrases are no list of forms")
    return Selection(**values, phrases=tuple(phrases))
