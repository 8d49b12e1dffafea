"""Which motif and which colours a practice gets: by hand for the library's, by a rule for every other."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files

_CHOICE = tomllib.loads((files(__package__) / "motifs" / "_choice.toml").read_text("utf-8"))
ANY: list[str] = _CHOICE["any"].split()
COLOURS: list[str] = _CHOICE["colours"].split()
PALETTES: dict[str, str] = _CHOICE["palettes"]
LIBRARY: dict[str, str] = _CHOICE["library"]
WORDS: dict[str, str] = _CHOICE["words"]


def choose(practice: str) -> tuple[str, str]:
    """Motif and palette; the same for the same id, everywhere and in every language."""
    name = practice.strip().casefold()
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    if name in LIBRARY:
        motif, palette = LIBRARY[name].split()
        return motif, palette
    words = set(name.replace("_", "-").replace(" ", "-").split("-"))
    called = (motif for motif, calls in WORDS.items() if words & set(calls.split()))
    motif = next(called, ANY[digest[8] % len(ANY)])
    moods = palettes(motif)
    return motif, moods[digest[9] % len(moods)]


def palettes(motif: str) -> list[str]:
    """Those that suit a motif."""
    dark, at_night, by_day = (_CHOICE[name].split() for name in ("dark", "at_night", "by_day"))
    return [name for name in PALETTES if motif not in (by_day if name in dark else at_night)]
