"""What stands around a script: the words of a chat, a heading "Script", notes for a recording, addresses, footnotes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from kindvoice.languages import count_words
from kindvoice.model import Unspoken, Where
from kindvoice.script.directions import Vocabulary, is_direction
from kindvoice.script.literal import reveal, twin
from kindvoice.script.markdown import Block
from kindvoice.script.ssml import begins_as_xml

IsOwn = Callable[[Block], bool]
"""whether somebody's own words stand in a block"""
_LEAST_BELOW = 12
"""words below the title of a part"""
_STOPPED_SHARE = 0.66
"""of the other paragraphs, how many end with a stop where lines without one are titles"""
_MOST_ABOVE = 6
"""paragraphs of which one may lead to the script"""
_LONGEST_CELL = 8
"""words of a cell in a table about the script"""
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^`\n]*$")
_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"")
_SOURCES = re.compile(r"(?:\n[ \t]*\[?\d{1,3}[\].)][^\n]*)+")
"""numbered lines below "References" """
_SHORT = 400
"""characters of a paragraph that can be the opening or the closing words of an answer"""
_LINK = re.compile(
    r"^ {0,3}\[([^\[\]^\n]{1,80})\]:[ \t]*<?(\S*[/@#.]\S*?)>?(?:[ \t]+[\"'(].*)?$", re.MULTILINE
)
_NOTE = re.compile(r"^ {0,3}\[\^[\w-]{1,20}\]:.*$", re.MULTILINE)
_COMMAND = re.compile(
    r"^[ \t]*(?:\\[A-Za-z]{3,}\*?(?:[{\[][^{}\[\]\n]*[}\]])*|\{: ?[^{}\n]*\}"
    r"|#\[[^\[\]\n]{1,80}\]|/(?:intro|outro|p|br|start|end|section|chapter))[ \t]*$",
    re.MULTILINE,
)
_BULLET = re.compile(r"^([ \t>]*)[•·](?=[ \t]+\S)", re.MULTILINE)
_NAMED = re.compile(r"\[(?:voice|speaker|bell|bed)\b[^\[\]\n]*\]", re.IGNORECASE)
"""cues that hold a name: nothing in it is emphasis"""
_PART = re.compile(
    r"^\*\*(?=[^\n]{0,80}\w)(?:[\[(]?\d{1,2}:\d\d[^\n*]{0,16}[^\W\d][^\n*]{0,60}"
    r"|[^\n*(]{1,60}\([^\n*()]{0,6}\d[^\n*()]{0,14}\)):?\*\*[ \t]*$",
    re.MULTILINE,
)
"""a line in bold with a time, as in the answers of a chat: **Settling In (2 min)**"""
_SIGNS = re.compile(r"^(?:[^\w\s\x00-\x7f“„«¡¿©…–—]|\s)+")
"""💡 and the like"""
_DASHES = re.compile(r"^[ \t]*[–—](?=[ \t]+\S)")


def unwrap(text: str, path: str) -> tuple[str, tuple[Unspoken, ...]]:
    """A script that stands in one fence among other words, without these; line numbers stay. Else the text as it is.

    What is SSML or JSON is the script, however much is said of it."""
    lines = text.split("\n")
    fences = [i for i, line in enumerate(lines) if _FENCE.match(line)]
    if len(fences) != 2 or text.lstrip().startswith("---"):
        return text, ()
    first, last = fences
    inside = sum(count_words(line) for line in lines[first + 1 : last])
    around = [i for i in range(len(lines)) if not first <= i <= last and lines[i].strip()]
    held = "\n".join(lines[first + 1 : last])
    data = begins_as_xml(held) or _JSON.match(held) is not None
    if not data and inside <= 2 * sum(count_words(lines[i]) for i in around):
        return text, ()
    left = tuple(
        Unspoken(text=lines[i].strip(), reason="around the script", where=Where(path=path, line=i + 1))
        for i in around
    )
    kept = [line if first < i < last else "" for i, line in enumerate(lines)]
    return "\n".join(kept), left


def without_asides(text: str) -> tuple[str, dict[str, str], list[tuple[int, str, str]]]:
    """The text with spaces in place of lines that are for a program: addresses of links, footnotes, commands of layout.

    Also the addresses by name, and what was left out: offset, text, reason.
    """
    links = {match[1]: match[2] for match in _LINK.finditer(text)}
    left: list[tuple[int, str, str]] = []
    for pattern, reason in (
        (_LINK, "a link's address"),
        (_NOTE, "a footnote"),
        (_COMMAND, "a command of layout"),
    ):
        if matches := list(pattern.finditer(text)):
            left += [(match.start(), match[0].strip(), reason) for match in matches]
            text = pattern.sub(lambda match: " " * len(match[0]), text)
    text = re.sub(r"(?<=\d)\*(?=\d)|(?<=\d )\*(?= \d)", twin("*"), text)  # 2*3 is a calculation
    text = _PART.sub(lambda match: f"# {match[0].rstrip()[2:-2]}  ".ljust(len(match[0])), text)
    text = _NAMED.sub(lambda match: re.sub(r"[*_~`]", lambda sign: twin(sign[0]), match[0]), text)
    return _dashes(_BULLET.sub(r"\1-", text)), links, left


def _dashes(text: str) -> str:
    """Lines that begin with a long dash are a list where there are several, one below the other."""
    lines = text.split("\n")
    dashed = [bool(_DASHES.match(line)) for line in lines]
    for i, line in enumerate(lines):
        if dashed[i] and (
            (dashed[max(i - 1, 0)] and i) or (dashed[min(i + 1, len(lines) - 1)] and i < len(lines) - 1)
        ):
            lines[i] = re.sub(r"[–—]", "-", line, count=1)
    return "\n".join(lines)


def around(blocks: Sequence[Block], words: Vocabulary, own: IsOwn) -> dict[int, str]:
    """Which blocks are no part of the script, and why. own: whether somebody's own words stand in one."""
    reasons: dict[int, str] = {}
    reasons |= dict.fromkeys(_about(blocks, words), "a table about the script")
    texts = [_SIGNS.sub("", reveal(block.text).strip()).strip('*_ ¡¿"“„«') for block in blocks]
    for i, text in enumerate(texts):
        if words.frame["script"].fullmatch(text.rstrip(": ")) and not own(blocks[i]):
            reasons |= dict.fromkeys(range(i + 1), "before the script")
            break
    notes = words.frame["notes"]
    level = 0
    half = sum(map(len, texts)) / 2
    for i, block in enumerate(blocks):
        text = texts[i].split("\n")[0]
        if block.kind == "heading" and level and block.level <= level:
            level = 0
        listed = _SOURCES.fullmatch(texts[i][len(text) :]) is not None
        if notes.fullmatch(text.rstrip(": ")) and (
            block.kind == "heading" or text.endswith(":") or listed or _is_bold(block)
        ):
            level = level if listed else block.level or 6
            reasons[i] = "notes about the script"
        elif words.frame["foot"].fullmatch(text) and sum(map(len, texts[:i])) > half and not own(block):
            level = 1
        if level:
            reasons[i] = "notes about the script"
        elif block.kind == "text" and words.frame["aside"].match(text) and not own(block):
            reasons[i] = "a note to the reader"
    spoken = [i for i, block in enumerate(blocks) if block.kind == "text" and i not in reasons and texts[i]]
    reasons |= _courtesies(spoken, texts, words)
    reasons = dict.fromkeys(_led(blocks, reasons, words), "before the script") | reasons
    first = next((i for i in spoken if i not in reasons), len(blocks))
    headed = any(block.kind == "heading" for block in blocks[:first])
    after = [texts[i] for i in spoken if i > first]
    bare = first < len(blocks) and not headed and not blocks[first].apart
    if bare and _is_title(texts[first], after, words) and not own(blocks[first]):
        reasons[first] = "a title"
    return reasons


def plain_titles(
    blocks: Sequence[Block], reasons: Mapping[int, str], words: Vocabulary, own: IsOwn
) -> list[int]:
    """Which paragraphs are titles of parts, though no sign marks them: two at least, each a line by itself without a
    stop that is known for one, or has capitals as titles have, in a text whose other lines have stops."""
    if sum(block.kind == "heading" for block in blocks) > 1:
        return []
    spoken = [
        i
        for i, block in enumerate(blocks)
        if block.kind == "text" and i not in reasons and block.text.strip()
    ]
    if len(spoken) < 2:
        return []
    spoken = [i for i in spoken if not is_direction(reveal(blocks[i].text).strip(), words)]
    lines = [i for i in spoken if _is_line(blocks[i], words) and not own(blocks[i])]
    known = {i for i in lines if words.frame["parts"].fullmatch(reveal(blocks[i].text).strip(": "))}
    sure = [i for i in lines if i in known or _has_capitals(blocks[i].text, words)]
    return (
        (_with_words_below(lines, blocks, spoken, 0.8) if known and len(lines) > 2 else [])
        or _with_words_below(sure, blocks, spoken, _STOPPED_SHARE)
        or _with_words_below(sorted(known), blocks, spoken, _STOPPED_SHARE / 2)
    )


def _with_words_below(
    titles: list[int], blocks: Sequence[Block], spoken: Sequence[int], share: float
) -> list[int]:
    """These, if two at least have words below them, they differ, and so many of the others end with a stop. The first
    may be the title of the whole, or a line about it, with nothing below."""
    others = [blocks[i].text.strip() for i in spoken if i not in titles]
    counts = [
        sum(count_words(block.text) for block in blocks[title + 1 : after])
        for title, after in itertools.pairwise([*titles, len(blocks)])
    ]
    above = next((n for n, count in enumerate(counts[:2]) if count >= _LEAST_BELOW), len(counts))
    different = len({blocks[i].text.casefold() for i in titles}) == len(titles)
    stopped = sum(_STOPPED.search(text[-20:]) is not None for text in others)
    sure = len(counts) > above + 1 and min(counts[above:]) >= _LEAST_BELOW and different
    return titles if sure and stopped >= share * len(others) else []


def _is_line(block: Block, words: Vocabulary) -> bool:
    """Whether a paragraph is a line without a stop that may be the title of a part: no wish, and no direction."""
    text = reveal(block.text).strip()
    bare = text.rstrip(": ")
    if (
        block.apart
        or not bare
        or len(bare) > 80
        or text.endswith(".")
        or not (bare[0].isupper() or bare[0].isdecimal())
    ):
        return False
    if re.search(r"[\n.!?…,;\[\](){}<>/]", bare) and not words.frame["parts"].fullmatch(bare):
        return False
    if ":" in bare and words.frame["labels"].match(bare):
        return False
    return count_words(bare) <= 8 and not words.frame["wish"].match(bare) and not is_direction(bare, words)


def _has_capitals(text: str, words: Vocabulary) -> bool:
    """As titles have them. German writes all its nouns with a capital."""
    parts = reveal(text).split()
    if text.isupper() and len(text) > 3:
        return True
    long = [part for part in parts if len(part) > 3 or part is parts[0] or part is parts[-1]]
    return len(parts) > 1 and all(part[0].isupper() for part in long) and not words.nouns


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


def _led(blocks: Sequence[Block], reasons: Mapping[int, str], words: Vocabulary) -> range:
    """What stands above a script, where one of the first paragraphs leads to it."""
    spoken = [i for i, block in enumerate(blocks) if block.kind in {"text", "heading"} and i not in reasons]
    for i in spoken[:_MOST_ABOVE]:
        text = blocks[i].text.strip()
        if (
            blocks[i].kind == "text"
            and text.endswith(":")
            and len(text) <= _SHORT
            and words.frame["leads"].search(text)
        ):
            above, below = (
                sum(len(block.text) for block in part) for part in (blocks[: i + 1], blocks[i + 1 :])
            )
            return range(i + 1 if below > above else 0)
    return range(0)


def _about(blocks: Sequence[Block], words: Vocabulary) -> Iterator[int]:
    """The cells of tables about the script."""
    tables: list[list[int]] = []
    for i, block in enumerate(blocks):
        before = blocks[i - 1].kind if i else ""
        if block.kind in {"head", "cell"}:
            if before not in {"head", block.kind}:
                tables.append([])
            tables[-1].append(i)
    for cells in tables:
        rows = [list(row) for _, row in itertools.groupby(cells, lambda i: blocks[i].first)]
        if is_about([[blocks[i].text.strip() for i in row] for row in rows], words):
            yield from cells


def _courtesies(spoken: Sequence[int], texts: Sequence[str], words: Vocabulary) -> dict[int, str]:
    """The first and the last paragraphs that are said to the reader of an answer or of a blog post."""
    reasons = {}
    for indices, answer, post, which in (
        (spoken[:3], words.frame["opening"], words.frame["greeting"], "opening"),
        (spoken[:-4:-1], words.frame["closing"], words.frame["farewell"], "closing"),
    ):
        for i in indices:
            text = texts[i] if len(texts[i]) <= _SHORT else ""
            of_answer = answer.match(text) is not None
            if not of_answer and not post.match(text):
                break
            reasons[i] = f"the {which} words of {'an answer' if of_answer else 'a post'}"
    return reasons


def _is_bold(block: Block) -> bool:
    """Whether all of it stands between stars."""
    return any(stop - start >= len(block.text.strip()) for start, stop in block.emphasis)


_STOPPED = re.compile(r"[.!?…\])]\W*$")


def _is_title(text: str, after: Sequence[str], words: Vocabulary) -> bool:
    """Whether a first paragraph is a title that no sign marks as one: capitals, or a word such as "meditation", and no
    stop, where the paragraphs after it have theirs. Lines below may say who wrote it and how long it is."""
    first, *lines = text.split("\n")
    labelled = ":" in first and words.frame["labels"].match(first)
    if len(text) > 150 or len(lines) > 3 or labelled:
        return False
    heads = words.frame["heads"].fullmatch
    named = bool(lines) or heads(first) is not None
    stopped = sum(_STOPPED.search(paragraph[-20:]) is not None for paragraph in after[:9])
    if not stopped or (not named and stopped < 2 / 3 * len(after[:9])):
        return False
    if re.search(r"[.!?…,;\[\](){}<>]", text) or not all(map(heads, lines)):
        return False
    parts = first.split()
    capitals = all(word[0].isupper() for word in parts if len(word) > 3 and word[0].isalpha())
    lead = first[:1].isupper() or first[:1].isdecimal()
    return 2 <= len(parts) <= 9 and lead and (capitals or named)
