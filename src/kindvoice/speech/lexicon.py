"""How words are to be spoken that a voice would misread.

A lexicon is a TOML file: a word and its respelling a line, or its sounds in IPA between slashes, or both:

    upekkhā = "upekkha"
    karuṇā = "/kəˈɹuːnə/"
    mettā = { say = "metta", ipa = "ˈmɛtə" }

An engine that takes phonemes gets the IPA where there is one; any other gets the respelling, or the word itself.
`lexicons/en.toml` in a voices folder is for a language, `lexicons/heart.toml` for a voice; the voice's stands
before the language's. Captions keep the author's spelling.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kindvoice.errors import VoiceError
from kindvoice.languages import primary
from kindvoice.model import SOUNDS_CLOSE, SOUNDS_OPEN, Voice, Where


@dataclass(frozen=True, slots=True)
class Said:
    """How one word is to be spoken."""

    respelling: str = ""
    """empty: as the word is written"""
    ipa: str = ""
    """empty: not known"""


Lexicon = Mapping[str, Said]
"""by word, case-folded"""


def read_lexicon(folders: Iterable[Path], voice: Voice) -> Lexicon:
    """What the voice is to say differently; a later folder's word stands in place of an earlier one's.

    folders: the voices folders. Raises VoiceError, naming the file, for one that cannot be read.
    """
    folders = list(folders)
    lexicon: dict[str, Said] = {}
    for name in dict.fromkeys((primary(voice.language), voice.language, voice.name)):
        for folder in folders:
            path = folder / "lexicons" / f"{name}.toml"
            if path.is_file():
                lexicon.update(_read(path))
    return lexicon


def _read(path: Path) -> Lexicon:
    where = Where(path=str(path), line=0)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VoiceError(f"the lexicon cannot be read: {error}", where=where) from None
    return {_folded(word): _said(word, value, where) for word, value in data.items()}


def _said(word: str, value: object, where: Where) -> Said:
    match value:
        case str() if value.strip().startswith("/") and value.strip().endswith("/"):
            said = Said("", value.strip().strip("/").strip())
        case str():
            said = Said(value.strip())
        case dict() if not set(value) - {"say", "ipa"} and all(isinstance(v, str) for v in value.values()):
            said = Said(value.get("say", "").strip(), value.get("ipa", "").strip(" /"))
        case _:
            said = Said()
    if not word.strip() or said == Said():
        raise VoiceError(
            f"{word!r} in the lexicon wants a respelling", where=where,
            cure='such as: "mettā" = "metta", or "mettā" = "/ˈmɛtə/", or "mettā" = { say = "metta", ipa = "ˈmɛtə" }',
        )  # fmt: skip
    if strange := next((c for c in said.ipa if not _in_ipa(c)), None):
        raise VoiceError(f"{word!r} in the lexicon: {strange!r} is no sign of the IPA", where=where)
    return said


def _in_ipa(character: str) -> bool:
    """Letters, marks on letters, and the signs for stress, length and tone; no brackets, digits or commands."""
    return unicodedata.category(character)[0] in "LM" or character in " .ˈˌː‿|‖↗↘ˑʼ˞"


def respell(text: str, lexicon: Lexicon, *, phonemes: bool = False) -> str:
    """The text as it is to be spoken: whole words only, each once, the longest first.

    phonemes: whether the engine takes IPA, which then stands between SOUNDS_OPEN and SOUNDS_CLOSE.

    >>> respell("Metta means mettabhavana, a metta.", {"metta": Said("met ta")})
    'Met ta means mettabhavana, a met ta.'
    """
    if not lexicon:
        return text
    text = unicodedata.normalize("NFC", text)
    folded = text.casefold()
    words = sorted((word for word in lexicon if word in folded), key=len, reverse=True)
    if not words:
        return text
    pattern = rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)"

    def replacement(match: re.Match[str]) -> str:
        word = match.group()
        entry = lexicon[_folded(word)]
        if phonemes and entry.ipa:
            return f"{SOUNDS_OPEN}{entry.ipa}{SOUNDS_CLOSE}"
        said = entry.respelling or word
        return said[0].upper() + said[1:] if word[0].isupper() else said

    return re.sub(pattern, replacement, text, flags=re.IGNORECASE)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word.strip()).casefold()
