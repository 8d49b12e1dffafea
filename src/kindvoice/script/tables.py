"""Which cells of a table are no part of the script."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from kindvoice.languages import count_words
from kindvoice.script.directions import Vocabulary, is_direction, read_alone
from kindvoice.script.markdown import Block

_LONGEST_CELL = 8
"""words of a cell in a table about the script"""
A_TABLE_ABOUT = "a table about the script"
BESIDE = "beside what is spoken"


def silent_cells(blocks: Sequence[Block], words: Vocabulary) -> Iterator[tuple[int, str]]:
    """By index, with the reason."""
    tables: list[list[int]] = []
    for i, block in enumerate(blocks):
        before = blocks[i - 1].kind if i else ""
        if block.kind in {"head", "cell"}:
            if before not in {"head", block.kind}:
                tables.append([])
            tables[-1].append(i)
    for cells in tables:
        rows = [list(row) for _, row in itertools.groupby(cells, lambda i: blocks[i].first)]
        texts = [[blocks[i].text.strip() for i in row] for row in rows]
        if is_about(texts, words):
            yield from ((i, A_TABLE_ABOUT) for i in cells)
            continue
        beside = columns_beside(texts[0], words)
        for row, cell in itertools.product(rows[1:], beside):
            if cell < len(row) and not is_pause(blocks[row[cell]].text, words):
                yield row[cell], BESIDE


def columns_beside(head: Sequence[str], words: Vocabulary) -> list[int]:
    """The columns that are not spoken, where the head of another says that it is."""
    spoken = [words.frame["columns"].fullmatch(text.strip(":* ")) is not None for text in head]
    return [i for i, of in enumerate(spoken) if not of] if any(spoken) else []


def is_pause(text: str, words: Vocabulary) -> bool:
    """Whether a cell is a cue by itself."""
    direction = read_alone(text.strip(), words)
    return direction is not None and direction.cue is not None


def is_about(rows: Sequence[Sequence[str]], words: Vocabulary) -> bool:
    """Whether a table tells of the script: short cells behind labels, or parts with their lengths."""
    cells = [cell for row in rows for cell in row if cell]
    if any(
        count_words(cell) > _LONGEST_CELL or re.search(r"[.!?…\[\]]", cell[-1:] + cell[:1]) for cell in cells
    ):
        return False
    labelled = any(words.frame["labels"].fullmatch(row[0].strip(":* ")) for row in rows)
    lasts = [row[-1] for row in rows[1:]]
    return (labelled and max(map(len, rows)) == 2) or (
        len(lasts) > 1 and all(_is_length(cell, words) for cell in lasts)
    )


def _is_length(text: str, words: Vocabulary) -> bool:
    return re.fullmatch(r"[~≈\d:.,–— -]*\d[\d:.,–— -]*", text) is not None or (
        re.search(r"\d", text) is not None and is_direction(text.strip("~≈ "), words)
    )
