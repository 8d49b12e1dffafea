"""How words are to be spoken that a voice would misread.

A lexicon is a TOML file: a word and its respelling a line. `lexicons/en.toml` in a voices folder is for a
language, `lexicons/heart.toml` for a voice; the voice's stands before the language's. Captions keep the
author's spelling.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from kindvoice.errors import VoiceError
from kindvoice.model import Voice, Where

Lexicon = Mapping[str, str]
"""From a word, case-folded, to its respelling."""


def read_lexicon(folders: Iterable[Path], voice: Voice) -> Lexicon:
    """What the voice is to say differently; a later folder's word stands in place of an earlier one's.

    folders: the voices folders. Raises VoiceError, naming the file, for one that cannot be read.
    """
    folders = list(folders)
    language = voice.language.split("-")[0].lower()
    found: dict[str, str] = {}
    for name in dict.fromkeys((language, voice.language, voice.name)):
        for folder in folders:
            path = folder / "lexicons" / f"{name}.toml"
            if path.is_file():
                found.update(_read(path))
    return found


def _read(path: Path) -> Lexicon:
    where = Where(path=str(path), line=0)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceError(f"the lexicon cannot be read: {error}", where=where) from None
    for word, respelling in data.items():
        if not isinstance(respelling, str) or not respelling.strip() or not word.strip():
            cure = 'such as: "mettā" = "metta"'
            raise VoiceError(f"{word!r} in the lexicon wants a respelling", where=where, cure=cure)
    return {_folded(word): respelling.strip() for word, respelling in data.items()}


def respell(text: str, lexicon: Lexicon) -> str:
    """The text as it is to be spoken: whole words only, each once, the longest first.

    >>> respell("Metta means mettabhavana, a metta.", {"metta": "met ta"})
    'Met ta means mettabhavana, a met ta.'
    """
    if not lexicon:
        return text
    words = sorted(lexicon, key=len, reverse=True)
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"

    def replacement(match: re.Match[str]) -> str:
        found = match.group()
        said = lexicon[_folded(found)]
        return said[0].upper() + said[1:] if found[0].isupper() else said

    return re.sub(pattern, replacement, unicodedata.normalize("NFC", text), flags=re.IGNORECASE)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word.strip()).casefold()
