"""Where one sentence ends and the next begins."""

from __future__ import annotations

import re

# What ends with a full stop and goes on, in the languages of the library; compared in lower case.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs etc e.g i.e cf approx no vol dept est a.m p.m "
    "z.b d.h u.a bzw ca usw vgl nr hr fr bspw "
    "p.ej sra srta ud uds ej aprox pág "
    "m mme mlle av env "
    "sig dott ecc pag "
    "dhr mevr bijv enz o.a d.w.z "
    "np itd tzn tzw m.in ok "
    "t.ex bl.a dvs osv vb vs".split()
)
_END = re.compile(r"(?:[.!?…]+|[。！？]+)[\"'”’»)\]]*(?=\s|$)|[。！？]+[”」』]*")
_CLAUSE = re.compile(r"(?<=[,;:–—])\s+|\s+(?=[–—]\s)")


def split_sentences(text: str) -> list[str]:
    """One paragraph's text as its sentences, in order; joined by spaces they give the text again.

    >>> split_sentences("Dr. Kim sits. You might, too... if you like. Rest!")
    ['Dr. Kim sits.', 'You might, too... if you like.', 'Rest!']
    """
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _goes_on(text, start, end):
            continue
        sentences.append(text[start : end.end()].strip())
        start = end.end()
    sentences.append(text[start:].strip())
    return [s for s in sentences if s]


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    after = text[end.end() :].lstrip()
    if not after:
        return False
    if end.group()[0] not in ".…":
        return False
    if after[0].islower():
        return True
    if end.group() != ".":
        return False
    last = text[start : end.start()].rsplit(None, 1)[-1:] or [""]
    word = last[0].lstrip("(\"'“‘«").casefold()
    return word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha() and word != "i")


def split_long(sentence: str, limit: int) -> list[str]:
    """A sentence as parts of at most `limit` characters, cut at clauses, else between words.

    >>> split_long("one two, three four, five", 12)
    ['one two,', 'three four,', 'five']
    """
    if len(sentence) <= limit:
        return [sentence]
    parts: list[str] = []
    for clause in _CLAUSE.split(sentence):
        for piece in _by_words(clause, limit):
            if parts and len(parts[-1]) + 1 + len(piece) <= limit:
                parts[-1] += " " + piece
            else:
                parts.append(piece)
    return parts


def _by_words(clause: str, limit: int) -> list[str]:
    if len(clause) <= limit:
        return [clause]
    lines = [""]
    for word in clause.split():
        # A "word" longer than the limit is a language without spaces, or no language at all.
        for piece in [word[i : i + limit] for i in range(0, len(word), limit)]:
            if not lines[-1]:
                lines[-1] = piece
            elif len(lines[-1]) + 1 + len(piece) <= limit:
                lines[-1] += " " + piece
            else:
                lines.append(piece)
    return [line for line in lines if line]
