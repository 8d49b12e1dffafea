"""Several wishes that somebody wrote as one text, told apart where that is sure."""

from __future__ import annotations

import re

from kindvoice.script.directions import LANGUAGES, vocabulary
from kindvoice.script.literal import clean
from kindvoice.script.sentences import split_sentences

_QUOTES = {"“": "”", "„": "“”", "«": "»", "»": "«", '"': '"', "‘": "’", "‚": "‘’", "”": "”", "'": "'"}
_NUMBERED = re.compile(r"(?:^|(?<=\s))\(?(\d{1,2})[.)](?=\s|[^\W\d])\s*")
_BULLET = re.compile(r"^\s*(?:[-–—*+]\s+|[•·▪‣◦]\s*|\(?\d{1,2}[.)](?=\s|[^\W\d])\s*)")
_BULLETS = re.compile(r"\s*[•·▪‣◦]\s*")


def split_wishes(text: str) -> list[str]:
    """The wishes of a text: with line breaks, | or bullets between them, or numbered; else with semicolons, slashes or
    only stops between them, where each begins like a wish. What stands in quotes as a whole is one.

    >>> split_wishes("1. May I be safe 2. May I rest"), split_wishes("– „Frieden“ | ")
    (['May I be safe', 'May I rest'], ['Frieden'])
    >>> split_wishes("May I be safe; may I rest"), split_wishes("May I rest; all is well")
    (['May I be safe', 'may I rest'], ['May I rest; all is well'])
    >>> split_wishes("May I be safe. May I rest, as I am. Always."), split_wishes("May I rest. I am tired.")
    (['May I be safe.', 'May I rest, as I am. Always.'], ['May I rest. I am tired.'])
    >>> split_wishes("«May I be safe. May I rest.»")
    ['May I be safe. May I rest.']
    """
    parts = [part for part in re.split(r"[|\n]", clean(text)) if part.strip()]
    if len(parts) == 1 and _unquoted(parts[0].strip()) == parts[0].strip():
        line = parts[0].strip()
        parts = _numbered(line) or _parted(_BULLETS.split(line), sure=True)
        parts = parts or _parted(line.split(";")) or _parted(re.split(r"\s+/\s+", line)) or _sentences(line)
    return [phrase for part in parts if (phrase := _unquoted(_BULLET.sub("", part).strip()))]


def several_note(where: str, texts: int, wishes: int) -> tuple[str, ...]:
    """What is to be told where more wishes were found in texts than there are of these."""
    if wishes <= texts:
        return ()
    held = f"{texts} {'text' if texts == 1 else 'texts'}"
    return (
        f"{where}: {wishes} wishes stand in {held}, and each is spoken by itself; a text in quotes stays one",
    )


def _numbered(text: str) -> list[str]:
    """The parts after 1., 2., 3.; none where the numbers do not count so."""
    numbers = list(_NUMBERED.finditer(text))
    if len(numbers) < 2 or [int(number[1]) for number in numbers] != list(range(1, len(numbers) + 1)):
        return []
    if text[: numbers[0].start()].strip():
        return []
    ends = [*(number.start() for number in numbers[1:]), len(text)]
    return [text[number.end() : end].strip(" ,;") for number, end in zip(numbers, ends, strict=True)]


def _parted(pieces: list[str], *, sure: bool = False) -> list[str]:
    """The pieces, if each begins like a wish: with a capital, a quote, or the first word again; none for one."""
    parts = [part for piece in pieces if (part := piece.strip())]
    first = parts[0].split()[0].casefold() if parts else ""
    alike = (part[0].isupper() or part[0] in _QUOTES or part.split()[0].casefold() == first for part in parts)
    return parts if len(parts) > 1 and (sure or all(alike)) else []


def _sentences(text: str) -> list[str]:
    """Sentences, of which at least two begin as wishes do in one of our languages; any other belongs to that before."""
    begins = vocabulary("en", *LANGUAGES).frame["wish"]
    parts: list[str] = []
    for sentence in split_sentences(text):
        if not parts or begins.match(sentence):
            parts.append(sentence)
        else:
            parts[-1] += f" {sentence}"
    return parts if len(parts) > 1 and begins.match(parts[0]) else [text]


def _unquoted(text: str) -> str:
    closing = _QUOTES.get(text[:1], "") if len(text) > 1 else ""
    inner = text[1:-1]
    whole = closing and text[-1] in closing and not set(inner) & set(text[0] + text[-1])
    return inner.strip() if whole else text
