"""From a line of text to Kokoro's symbols: pure functions, no engine and no process.

A line is cut at its punctuation, because espeak-ng reads words and forgets the marks between them; the words
are read elsewhere and come back as IPA; here that is written in Kokoro's symbols, with the marks put back,
and split where it is too long for the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from kindvoice.engines._languages import parts
from kindvoice.engines._text import tidy, undotted

MOST_TOKENS = 510
"""what the model takes at once, without the mark at either end"""

_TABLE = (
    '_;:,.!?__—…"()“” \u0303ʣʥʦʨᵝꭧAI_____O_Q_ST__W_Yᵊabcdef_hijklmnopqrstuvwxyzɑɐɒæ__βɔɕç_ɖðʤə_ɚɛɜ__'
    "ɟ_ɡ______ɥ_ɨɪʝ______ɯɰŋɳɲɴø_ɸθœ__ɹ_ɾɻ_ʁɽʂʃʈʧ_ʊʋ_ʌɣɤ_χʎ___ʒʔ_______ˈˌː___ʰ_ʲ____↓_→↗↘___ᵻ"
)
"""Kokoro-82M's published vocabulary: a symbol's number is its place in the model's table; _ is none of ours"""
VOCABULARY = {symbol: number for number, symbol in enumerate(_TABLE) if symbol != "_"}
_LETTERS = VOCABULARY.keys() - set(';:,.!?—…"(“)” ')

# ---------------------------------------------------------------- text

_SAME_MARK = str.maketrans({
    "。": ".", "।": ".", "։": ".", "、": ",", "，": ",", "،": ",", "(": ",", ")": ",", "（": ",", "）": ",",
    "！": "!", "？": "?", "؟": "?", "：": ":", "；": ";", "؛": ";", "·": ";", "—": ",", "–": ",",
})  # fmt: skip
_SLASH = re.compile(r"(?<!\d)/|/(?!\d)")
_CUT = re.compile(r"\s*([,.:](?!\d)|(?<!\d)[,.:]|[;!?])\s*")
_ABBREVIATION = re.compile(r"(?<!\w)\w\.(?:\w\.)+")


def plain(text: str, language: str) -> str:
    """The text without what espeak-ng would spell out: markup, and the dotted letters of Pali and Sanskrit.

    >>> plain("«Ve [despacio]»... mettā — karuṇā", "es")
    'Ve despacio, mettā, karunā'
    """
    text = undotted(_SLASH.sub(" ", tidy(text, language)), language)
    return " ".join(text.translate(_SAME_MARK).split())


def pieces(text: str) -> list[tuple[str, str]]:
    """A plain text as (words, the mark that follows them, or nothing), in order; words are never empty.

    >>> pieces("Respira., despacio, 3.5 z.B.")
    [('Respira', '.'), ('despacio', ','), ('3.5 z.B.', '')]
    """
    held = _ABBREVIATION.sub(lambda m: m[0].replace(".", "\0"), text)
    parted: list[tuple[str, str]] = []
    cut = _CUT.split(held)
    for words, mark in zip(cut[::2], [*cut[1::2], ""], strict=True):
        words = words.replace("\0", ".").strip()
        if any(map(str.isalnum, words)):
            parted.append((words, mark))
        elif mark and parted and _strength(mark) > _strength(parted[-1][1]):
            parted[-1] = (parted[-1][0], mark)
    return parted


def _strength(mark: str) -> int:
    return ["", ",", ":", ";", ".", "!", "?"].index(mark)


def join(read: Sequence[str], marks: Sequence[str]) -> str:
    """Kokoro's symbols for pieces that were read one by one, with their marks; a line always ends with one.

    >>> join(["ˈola", "tˈu", ""], [",", "", "."])
    'ˈola, tˈu.'
    """
    line = " ".join(sounds + mark for sounds, mark in zip(read, marks, strict=True) if sounds)
    return line if not line or line[-1] in ",;:.!?" else f"{line}."


# ---------------------------------------------------------------- IPA

_TIED = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y", "d^z": "ʣ", "d^ʒ": "ʤ", "t^s": "ʦ",
    "t^ʃ": "ʧ", "s^s": "S",
}  # fmt: skip
"""What Kokoro has one symbol for; these are what its own voices were trained with."""
_TIED_BORROWED = {"d^ʑ": "ʥ", "t^ɕ": "ʨ", "ɔ^ø": "Y", "s^x": "ʃ"}
_NEAREST = {
    "ʑ": "ʒ", "ʐ": "ʒ", "ʉ": "u", "ɵ": "ø", "ʏ": "y", "ɫ": "l", "ɭ": "l", "ɬ": "l", "ʟ": "l", "ɱ": "m", "ɦ": "h",
    "ħ": "h", "ʕ": "ʔ", "ʍ": "w", "ʷ": "w", "ʀ": "ʁ", "ɘ": "ə", "ɞ": "ɜ", "ɶ": "œ", "ε": "ɛ", "g": "ɡ", "ɢ": "ɡ",
    "ʛ": "ɡ", "ɓ": "b", "ɗ": "d", "ʄ": "ʤ", "ɠ": "ɡ", "ʙ": "b", "ɺ": "ɾ", "ɮ": "l", "ˑ": "ː", "ɩ": "ɪ", "ı": "i",
}  # fmt: skip
"""For a sound that Kokoro has no symbol for, the one it is most easily taken for."""
_VOWEL = "[ˈˌ]?[aeiouyøœæɑɐɒɔəɛɜɨɪʊʉɵʏʌɯɤ]"
_OF_LANGUAGE: dict[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "de": ((re.compile(f"[rɾ](?={_VOWEL})"), "ʁ"), (re.compile("[rɾɜ]"), "ɐ")),
}
"""What a language needs before anything else, in this order."""
_SWITCH = re.compile(r"\([a-z^-]+\)")


def symbols(ipa: str, language: str) -> str:
    """espeak-ng's IPA, with ^ between the letters of one phoneme, in Kokoro's symbols.

    >>> symbols("t^ʃˈa^ʊ kʊˈɔre (^e^n)həlˈə^ʊ(^i^t)", "it")
    'ʧˈW kʊˈɔre həlˈQ'
    """
    ipa = unicodedata.normalize("NFC", _SWITCH.sub("", ipa))
    for sound, nearest in _OF_LANGUAGE.get(parts(language)[0], ()):
        ipa = sound.sub(nearest, ipa)
    for tied, symbol in (_TIED | _TIED_BORROWED).items():
        ipa = ipa.replace(tied, symbol)
    return " ".join("".join(map(_symbol, ipa)).split())


_UNTIED = re.compile("aɪ|aʊ|eɪ|oʊ|əʊ|ɔɪ|dʒ|tʃ|ts|dz|tɕ|dʑ")


def own_symbols(ipa: str, language: str) -> str:
    """IPA as a person writes it, in Kokoro's symbols.

    >>> own_symbols("ˈtʃiː eɪ", "en")
    'ˈʧiː A'
    """
    return symbols(_UNTIED.sub(lambda match: f"{match[0][0]}^{match[0][1]}", ipa), language)


def _symbol(c: str) -> str:
    if c in _LETTERS or c == " ":
        return c
    if c in _NEAREST:
        return _NEAREST[c]
    return "".join(
        _NEAREST.get(part, part if part in _LETTERS else "") for part in unicodedata.normalize("NFD", c)
    )


def tokens(line: str) -> list[int]:
    """The numbers of a line of Kokoro's symbols; what has none is left out.

    >>> tokens("ˈa.")
    [156, 43, 4]
    """
    return [VOCABULARY[c] for c in line if c in VOCABULARY]


_BREAKS = tuple(re.compile(mark) for mark in (r"[.!?…”] ", r"[;:—] ", r", ", r" "))


def split(line: str, most: int = MOST_TOKENS) -> list[str]:
    """A line of symbols in parts of at most `most`, cut near the middle: at a sentence's end if there is
    one, else at a clause's, else between words.

    >>> split("ab. cd ef, hi", 8)
    ['ab.', 'cd ef,', 'hi']
    """
    line = line.strip()
    if len(tokens(line)) <= most:
        return [line] if line else []
    for breaks in _BREAKS:
        places = [mark.end() for mark in breaks.finditer(line) if mark.end() < len(line)]
        # A cut in the outer fifths would leave a scrap, which the model speaks badly.
        inner = [place for place in places if len(line) / 5 <= place <= len(line) * 4 / 5]
        if inner or (places and breaks is _BREAKS[-1]):
            place = min(inner or places, key=lambda p: abs(p - len(line) / 2))
            break
    else:
        place = len(line) // 2
    return split(line[:place], most) + split(line[place:], most)
