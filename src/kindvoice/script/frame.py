"""What stands around a script: the words of a chat, a heading "Script", notes for a recording, addresses, footnotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kindvoice.model import Unspoken, Where
from kindvoice.script.directions import Vocabulary
from kindvoice.script.literal import reveal, twin
from kindvoice.script.markdown import Block
from kindvoice.script.ssml.parser import begins_as_xml

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^`\n]*$")
_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"")
_SHORT = 400
"""characters of a paragraph that can be the opening or the closing words of an answer"""
_LINK = re.compile(
    r"^ {0,3}\[([^\[\]^\n]{1,80})\]:[ \t]*<?(\S*[/@#.]\S*?)>?(?:[ \t]+[\"'(].*)?$", re.MULTILINE
)
_NOTE = re.compile(r"^ {0,3}\[\^[\w-]{1,20}\]:.*$", re.MULTILINE)
_COMMAND = re.compile(
    r"^[ \t]*(?:\\[A-Za-z]{3,}\*?(?:[{\[][^{}\[\]\n]*[}\]])*|\{: ?[^{}\n]*\})[ \t]*$", re.MULTILINE
)
_BULLET = re.compile(r"^([ \t>]*)[•·](?=[ \t]+\S)", re.MULTILINE)
_NAMED = re.compile(r"\[(?:voice|speaker|bell|bed)\b[^\[\]\n]*\]", re.IGNORECASE)
"""cues that hold a name: nothing in it is emphasis"""
_DASHES = re.compile(r"^[ \t]*[–—](?=[ \t]+\S)")


def unwrap(text: str, path: str) -> tuple[str, tuple[Unspoken, ...]]:
    """A script that stands in one fence among other words, without these; line numbers stay. Else the text as it is.

    What is SSML or JSON is the script, however much is said of it."""
    lines = text.split("\n")
    fences = [i for i, line in enumerate(lines) if _FENCE.match(line)]
    if len(fences) != 2 or text.lstrip().startswith("---"):
        return text, ()
    first, last = fences
    inside = sum(len(line.split()) for line in lines[first + 1 : last])
    around = [i for i in range(len(lines)) if not first <= i <= last and lines[i].strip()]
    held = "\n".join(lines[first + 1 : last])
    data = begins_as_xml(held) or _JSON.match(held) is not None
    if not data and inside <= 2 * sum(len(lines[i].split()) for i in around):
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
        left += [(match.start(), match[0].strip(), reason) for match in pattern.finditer(text)]
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    text = re.sub(r"(?<=\d)\*(?=\d)|(?<=\d )\*(?= \d)", twin("*"), text)  # 2*3 is a calculation
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


def around(blocks: Sequence[Block], words: Vocabulary) -> dict[int, str]:
    """Which blocks are no part of the script, and why."""
    reasons: dict[int, str] = {}
    texts = [reveal(block.text).strip().strip('*_ ¡¿"“„«') for block in blocks]
    for i, text in enumerate(texts):
        if words.frame["script"].fullmatch(text.rstrip(": ")) and (
            blocks[i].kind == "heading" or text.endswith(":")
        ):
            reasons |= dict.fromkeys(range(i + 1), "before the script")
            break
    notes = words.frame["notes"]
    level = 0
    for i, block in enumerate(blocks):
        text = texts[i].split("\n")[0]
        if block.kind == "heading" and level and block.level <= level:
            level = 0
        if notes.fullmatch(text.rstrip(": ")) and (block.kind == "heading" or text.endswith(":")):
            level = block.level or 6
        if level:
            reasons[i] = "notes about the script"
    spoken = [i for i, block in enumerate(blocks) if block.kind == "text" and i not in reasons and texts[i]]
    opening, closing = words.frame["opening"], words.frame["closing"]
    if spoken and len(texts[spoken[0]]) <= _SHORT and opening.match(texts[spoken[0]]):
        reasons[spoken[0]] = "the opening words of an answer"
    for i in reversed(spoken[-3:]):
        if len(texts[i]) > _SHORT or not closing.match(texts[i]):
            break
        reasons[i] = "the closing words of an answer"
    return reasons
