"""Bytes from outside as text, where nobody says which encoding they are in.

UTF-8 and UTF-16 are known for sure, Shift JIS and GB 18030 by their commonest characters. Of the one-byte encodings
each is tried, and the one counts in which the letters are those of one language and stand where letters stand: "Möge"
is likelier than "Mšge" and "MÖge".
"""

from __future__ import annotations

import re

from kindvoice.languages import accented_letters

_NAMES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1254": "Windows-1254", "iso8859-15": "ISO-8859-15",
    "iso8859-2": "ISO-8859-2", "mac_roman": "Mac Roman", "cp850": "DOS 850", "mac_latin2": "Mac Central European",
    "mac_turkish": "Mac Turkish", "cp852": "DOS 852", "cp857": "DOS 857",
}  # fmt: skip
"""by Python's names, the likeliest first; ISO-8859-1 and -9 are parts of Windows-1252 and -1254"""
_ASIAN = {"cp932": "Shift JIS", "gb18030": "GB 18030"}


def _is_common(letter: str) -> bool:
    first, *rest = letter.encode("gb18030")
    return first in range(0xB0, 0xD8) and len(rest) == 1 and rest[0] > 0xA0


_USUAL = {"cp932": lambda letter: "ぁ" <= letter <= "ヶ", "gb18030": _is_common}
_FEWEST = 8
_LEAST_USUAL = {"cp932": 0.25, "gb18030": 0.85}
"""of the letters beyond ASCII"""
_SIGNS = frozenset("“”„‚‘’«»‹›–—…¿¡€£§°·•½¼¾©®ªº²³\xa0")
_SAMPLE = 400_000
_MOST_LETTERS = 20_000
_LEAST_FIT = 0.7
_RARER = 0.02
"""how much less each letter counts than the next commoner one of its language"""
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
_ACCENTED = re.compile(r"(?s)(?=(.?)([^\x00-\x7f])(.?))")


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the name of the encoding as people know it.

    Raises UnicodeDecodeError, of UTF-8, where none fits.

    >>> decode("Möge".encode("cp1252")), decode("“Hi”".encode("utf-16"))
    (('Möge', 'Windows-1252'), ('“Hi”', 'UTF-16'))
    """
    wide = _wide(data)
    try:
        return (data.decode(wide), "UTF-16") if wide else (data.decode("utf-8-sig"), "UTF-8")
    except UnicodeDecodeError:
        if not wide and (asian := _asian(data)):
            return data.decode(asian), _ASIAN[asian]
        fits = {} if wide or _foreign(data) else {name: _fit(data, name) for name in _NAMES}
        best = max(fits, key=lambda name: fits[name], default="")
        if not best or fits[best] < _LEAST_FIT:
            raise
    return data.decode(best, "replace"), _NAMES[best]


def _wide(data: bytes) -> str:
    """Which UTF-16 it is, by its mark or by the zeros of plain letters; empty: none."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    head = data[: min(len(data), 400) // 2 * 2]
    high, low = head[::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and max(high, low) * 10 > len(head) * 4 and not min(high, low):
        return "utf-16-le" if low else "utf-16-be"
    return ""


def _asian(data: bytes) -> str:
    """Of the two-byte encodings the one in which the text has kana, or the 3755 commonest characters of Chinese."""
    for name in _ASIAN:
        try:
            letters = [letter for letter in data.decode(name) if letter > "\x7f" and letter.isalpha()]
        except UnicodeDecodeError:
            continue
        usual = sum(map(_USUAL[name], letters))
        if len(letters) >= _FEWEST and usual > _LEAST_USUAL[name] * len(letters):
            return name
    return ""


def _foreign(data: bytes) -> bool:
    """Whether it is in letters that ASCII has none of, such as Greek or Cyrillic ones."""
    letters = b"".join(_WORD.findall(data[:_SAMPLE]))
    strange = sum(byte > 127 for byte in letters)
    return (len(letters) - strange) * 2 < strange


def _fit(data: bytes, encoding: str) -> float:
    """How much of what is not ASCII is plausible, 0 to 1: letters of one language, and signs between words."""
    try:
        text = data[:_SAMPLE].decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    languages = accented_letters()
    by_language = dict.fromkeys(languages, 0.0)
    signs = any_language = count = 0
    for before, letter, after in _ACCENTED.findall(text):
        count += 1
        small = letter if letter == "İ" else letter.lower()
        capital_within = letter.isupper() and (before.islower() or (after.islower() and before.isalpha()))
        if letter in _SIGNS:
            signs += letter == "’" or not (before.isalpha() and after.isalpha())
        elif not capital_within:
            holders = [tag for tag, letters in languages.items() if small in letters]
            any_language += bool(holders)
            for tag in holders:
                by_language[tag] += 1 - _RARER * languages[tag].index(small)
        if count == _MOST_LETTERS:
            break
    best = max(by_language.values())
    return (signs + best + (any_language - best) / 2) / count if count else 0.0
