"""Words on a cover: which letters the font has, where lines break, and how large the letters are."""

from __future__ import annotations

import functools
import importlib.util
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import fontpkg_eb_garamond
from PIL import ImageFont

from kindvoice.languages import UNSPACED


@dataclass(frozen=True, slots=True)
class Face:
    """A font, and how heavy it is set, in hundreds."""

    path: Path
    family: str
    weight: int
    index: int = 0
    """within a file of several"""


FACE = Face(Path(fontpkg_eb_garamond.ROOT) / "files" / "EBGaramond[wght].ttf", "EB Garamond", 600)
"""of 400 to 800: the thin strokes of a book face are lost in a small picture"""
_ASIAN_FACES = (("Noto Sans CJK JP", 0), ("Noto Sans CJK SC", 2))
"""where kana stand, and elsewhere: the same letters have other forms in Japanese and Chinese"""
_ASIAN_WEIGHT = 500
SMALLEST = 36.0
"""thousandths of the cover's side: no letter is set smaller"""
LEADING = 1.06
_MAX_LINES = 7
_MAX_LETTERS = 400
"""more is never drawn, so a title of any length costs the same"""


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines of words, and the size of their letters in thousandths of the cover's side."""

    lines: tuple[str, ...]
    size: float
    face: Face = FACE

    @property
    def height(self) -> float:
        return self.size * LEADING * len(self.lines)


@functools.cache
def _font(pixels: int, face: Face = FACE) -> ImageFont.FreeTypeFont:
    # The basic layout is in every Pillow. It knows no kerning, so that words come out a little narrower than measured.
    font = ImageFont.truetype(str(face.path), pixels, face.index, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([face.weight])
    return font


def _shape(letter: str, face: Face) -> tuple[tuple[int, int], bytes]:
    mask = _font(40, face).getmask(letter)
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=4096)
def _has(letter: str, face: Face = FACE) -> bool:
    return _shape(letter, face) != _shape(
        "\U0010ffff", face
    )  # which is no letter: the font draws its empty box


@functools.cache
def _asian_font() -> Path | None:
    """Noto Sans CJK, which comes with the extra `asian`."""
    spec = importlib.util.find_spec("manimgx_fonts_cjk")
    folders = spec.submodule_search_locations if spec else None
    return next(iter(Path(folders[0]).glob("*.ttc")), None) if folders else None


def face_of(text: str) -> Face:
    """The font that a text is set in: the usual one, unless another has letters of the text that this one has not."""
    path = None if UNSPACED.isdisjoint(text) else _asian_font()
    if path is None:
        return FACE
    family, index = _ASIAN_FACES[0 if any("\u3041" <= letter <= "\u30ff" for letter in text) else 1]
    return Face(path, family, _ASIAN_WEIGHT, index)


def plain(text: str) -> str:
    """The text with one space between words, composed letters, and no symbols that the font has not.

    Pictographs, controls and marks of direction are decoration; a title is whole without them.
    """
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(c for c in spaced if not _is_decoration(c))
    return re.sub(r"(?<=\w)'(?=\w)", "’", " ".join(kept.split()))


def _is_decoration(letter: str) -> bool:
    kind = unicodedata.category(letter)
    if kind[0] == "C" or letter in "\ufe0e\ufe0f":
        return True
    return (kind[0] == "S" or kind == "Me") and not _has(letter)


def missing_letters(text: str) -> str:
    """The letters of `text` that the font has not, each once: if there are any, `text` is not drawn.

    >>> missing_letters("Życzliwość için 🌿"), missing_letters("सेवा")
    ('', 'सेवा')
    """
    face = face_of(text)
    return "".join(dict.fromkeys(c for c in plain(text) if not _has(c, face)))


def drawn_text(text: str) -> str:
    """What is set for `text`: all of it but decoration, or nothing, never a box in place of a letter.

    >>> drawn_text("  Calm\tEvening 🌙 "), drawn_text("Ruhe शान्ति")
    ('Calm Evening', '')
    """
    return "" if missing_letters(text) else plain(text)


@functools.lru_cache(maxsize=1024)
def width(text: str, face: Face = FACE) -> float:
    """In sizes of the letters, at most."""
    return _font(200, face).getlength(text) / 200


def fit(text: str, *, wide: float, tall: float, largest: float, most_lines: int = _MAX_LINES) -> Setting:
    """The largest setting of `text` within wide by tall. What cannot be set even small ends with an ellipsis."""
    line = _Line(face_of(text))
    room = wide / SMALLEST
    longest = room * min(most_lines, int(tall / LEADING / SMALLEST))
    words = [part for word in line.words(text[:_MAX_LETTERS]) for part in line.parts(word, room - 1)]
    if len(text) > _MAX_LETTERS:
        words[-1] += "…"
    while len(words) > 1:
        if sum(map(line.width, words)) <= longest:
            setting = line.largest(words, wide, tall, largest, most_lines)
            if setting.size >= SMALLEST:
                return setting
        words = [*words[:-2], words[-2].rstrip(" ,;:-–—、，") + "…"]
    return line.largest(words, wide, tall, largest, 1)


_UNIT = re.compile(r"[「『（(《“]*(?:[^\W\d_]|\w+|.)[、。，．！？：；」』）)》”…ー々]*")
"""of a text without spaces, what must stand together: no closing mark begins a line"""


class _Line:
    """How words of a font stand beside one another."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._between = " " if face is FACE else ""

    def width(self, text: str) -> float:
        return width(text, self._face)

    def words(self, text: str) -> list[str]:
        """What may stand in lines of its own."""
        if self._between:
            return text.split(" ")
        return [
            unit
            for word in re.findall(r"[\x21-\x7e]+\s*|[^\x21-\x7e\s]+\s*", text)
            for unit in ([word] if word[0].isascii() else _UNIT.findall(word.strip()))
        ]

    def largest(
        self, words: Sequence[str], wide: float, tall: float, largest: float, most_lines: int
    ) -> Setting:
        best = Setting((), 0.0, self._face)
        for count in range(1, most_lines + 1):
            lines = self._evenly(words, count)
            size = min(largest, tall / LEADING / len(lines), wide / max(map(self.width, lines)))
            # Another line is worth it only if the letters grow by a good deal.
            if size > best.size * 1.12:
                best = Setting(lines, size, self._face)
        return best

    def parts(self, word: str, room: float) -> list[str]:
        """A word that is wider than a line can be, broken; any other as it is."""
        parts = []
        while self.width(word) > room:
            length = 1
            while self.width(word[: length + 1] + "-") <= room:
                length += 1
            parts.append(word[:length] + "-")
            word = word[length:]
        return [*parts, word]

    def _evenly(self, words: Sequence[str], count: int) -> tuple[str, ...]:
        """The words in at most `count` lines whose widest is as narrow as can be."""
        widths, space = [self.width(word) for word in words], self.width(self._between)

        def broken(room: float) -> list[list[str]]:
            lines: list[list[str]] = []
            left = 0.0
            for word, own in zip(words, widths, strict=True):
                if not lines or own + space > left:
                    lines.append([])
                    left = room + space
                lines[-1].append(word)
                left -= own + space
            return lines

        low, high = max(widths), sum(widths) + space * len(words)
        for _ in range(14):
            middle = (low + high) / 2
            low, high = (low, middle) if len(broken(middle)) <= count else (middle, high)
        return tuple(self._between.join(line) for line in broken(high))
