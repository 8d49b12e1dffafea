"""What stands around a script: the words of a chat, a heading "Script", notes for a recording, addresses, footnotes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from kindvoice.languages import count_words
from kindvoice.model import Unspoken, Where
from kindvoice.script.addressee import may_be_for_a_reader
from kindvoice.script.directions import TO_THE_READER, Vocabulary, is_direction
from kindvoice.script.literal import reveal, twin
from kindvoice.script.markdown import Block
from kindvoice.script.reader import facts, glued_heading, is_salutation, is_signature, without_salutation
from kindvoice.script.ssml import begins_as_xml
from kindvoice.script.tables import silent_cells
from kindvoice.script.titles import A_TITLE, is_title

_MOST_ABOVE = 6
"""paragraphs of which one may lead to the script"""
_LONGEST_AD = 600
"""characters"""
OUTSIDE = "outside the quotation marks"
_QUOTED = re.compile(r"(?:[“\"„][^“”\"„]+[”“\"]|«[^«»]+»|「[^「」]+」)(?:\s*[\[(][^\[\]()]{1,80}[\])])?")
_OPENS = re.compile(r"(?:[“\"„][^“”\"„]+|«[^«»]+|「[^「」]+)")
_CLOSES = re.compile(r"(?:[^“”\"„]+[”“\"]|[^«»]+»|[^「」]+」)(?:\s*[\[(][^\[\]()]{1,80}[\])])?")
_ANY_QUOTE = re.compile(r"[“”\"„«»「」]")
_MOST_TOGETHER = 20
"""paragraphs in one pair of quotation marks"""
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[)\]]")
_LEAST_QUOTED = 3
_QUOTED_SHARE = 0.6
"""of the characters, where the rest is not spoken"""
_LASTS = re.compile(r" ?\([^()\n]{0,8}\d[^()\n]{0,14}\)$")
_HEAD = re.compile(r"[^\n.!?…]{1,80}:")
"""what may be the title of a part"""
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
    r"^[ \t]*(?:\\(?:[A-Za-z]{3,}\*?(?:[{\[][^{}\[\]\n]*[}\]])+"
    r"|(?:new|clear)page|(?:page|line)?break|newline|(?:big|med|small)skip|noindent|centering|[hv](?:fill|rule|line)|maketitle"
    r"|tableofcontents|[Ll]arge|LARGE|[Hh]uge|small|normalsize|par)|\{: ?[^{}\n]*\}"
    r"|#\[[^\[\]\n]{1,80}\]|/(?:intro|outro|p|br|start|end|section|chapter))[ \t]*$",
    re.MULTILINE,
)
_BULLET = re.compile(r"^([ \t>]*)[•·](?=[ \t]+\S)", re.MULTILINE)
_LETTERED = re.compile(r"^([ \t>]*)\(?([A-Za-z])[).](?=[ \t]+\S)", re.MULTILINE)
_LEAST_LETTERED = 3
_NAMED = re.compile(r"\[(?:voice|speaker|bell|bed)\b[^\[\]\n]*\]", re.IGNORECASE)
"""cues that hold a name: nothing in it is emphasis"""
_CLOCKS = r"\d{1,2}:\d\d(?:[ \t]?[-–—][ \t]?\d{1,2}:\d\d)?"
_PART = re.compile(
    r"^\*\*(?=[^\n]{0,80}\w)(?:[\[(]?\d{1,2}:\d\d[^\n*]{0,16}[^\W\d][^\n*]{0,60}"
    r"|[^\n*(]{1,60}\([^\n*()]{0,6}\d[^\n*()]{0,14}\)):?\*\*[ \t]*$"
    rf"|^(?:\*\*)?\[(?P<inside>[^\W\d][^\[\]\n*]{{0,60}}?)[ \t]*[-–—|:,(][ \t]*{_CLOCKS}\)?\](?:\*\*)?:?[ \t]*$",
    re.MULTILINE,
)
"""a line in bold with a time, as in the answers of a chat, or in brackets: **Settling In (2 min)** [Opening - 0:00]"""
_BOLD = re.compile(r"^\*\*([^\W\d][^\n*.!?…,;:\[\](){}]{1,50}):?\*\*[ \t]*$", re.MULTILINE)
_ABOVE = re.compile(r"^\*\*([^\W\d][^\n*.!?…,;:\[\](){}]{1,50}):?\*\*[ \t]*$(?=\n[^\W_])", re.MULTILINE)
"""right above the words of its part"""
_CORNERS = re.compile(r"^[【〔]([^【】〔〕\n]{1,20})[】〕][ \t]*$", re.MULTILINE)
"""the title of a part in Japanese and Chinese"""
_SIGNS = re.compile(r"^(?:[^\w\s\x00-\x7f“„«¡¿©…–—]|\s)+")
"""💡 and the like"""
_DASHES = re.compile(r"^[ \t]*[–—](?=[ \t]+\S)")


def unwrap(text: str, path: str) -> tuple[str, tuple[Unspoken, ...]]:
    """A script that stands in one fence among other words, without these; line numbers stay. Else the text as it is.

    What is SSML or JSON is the script, however much is said of it."""
    if text.lstrip().startswith("---"):
        return text, ()
    lines = text.split("\n")
    fences = [i for i, line in enumerate(lines) if _FENCE.match(line)]
    if len(fences) != 2:
        return text, ()
    first, last = fences
    inside = sum(count_words(line) for line in lines[first + 1 : last])
    around = [
        i
        for i in range(len(lines))
        if not first <= i <= last and lines[i].strip(" \t") and lines[i][0] != "\\"
    ]
    held = "\n".join(lines[first + 1 : last])
    data = begins_as_xml(held) or _JSON.match(held) is not None
    if not data and inside <= 2 * sum(count_words(lines[i]) for i in around):
        return text, ()
    left = tuple(
        Unspoken(text=lines[i].strip(), reason="around the script", where=Where(path=path, line=i + 1))
        for i in around
    )
    kept = [line if first < i < last or line.startswith("\\") else "" for i, line in enumerate(lines)]
    return "\n".join(kept), left


def without_asides(text: str, words: Vocabulary) -> tuple[str, dict[str, str], list[tuple[int, str, str]]]:
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
    if glued := glued_heading(text, words):
        left.append((glued.start(1), glued[1], "before the script"))
        text = text[: glued.start(1)] + " " * len(glued[1]) + text[glued.end(1) :]
    text = re.sub(r"(?<=\d)\*(?=\d)|(?<=\d )\*(?= \d)", twin("*"), text)  # 2*3 is a calculation
    patterns = (_PART, _CORNERS, _BOLD) if _PART.search(text) else (_PART, _CORNERS)
    above = _ABOVE.findall(text)
    if len(above) > 1 and any(words.frame["parts"].fullmatch(title) for title in above):
        patterns = (*patterns, _ABOVE)
    for pattern in patterns:
        text = pattern.sub(lambda match: _headed(match, words), text)
    text = _NAMED.sub(lambda match: re.sub(r"[*_~`]", lambda sign: twin(sign[0]), match[0]), text)
    return _dashes(_lettered(_BULLET.sub(r"\1-", text))), links, left


def _headed(match: re.Match[str], words: Vocabulary) -> str:
    """As a heading of the same length, but for a cue."""
    title = next(filter(None, match.groups()), "") or match[0].rstrip().strip("*")
    if is_direction(title, words):
        return match[0]
    return f"# {title}".ljust(len(match[0]))


def _lettered(text: str) -> str:
    """Lines that begin with a), b), c) are a list."""
    matches = list(_LETTERED.finditer(text))
    expected = [chr(ord("a") + n) for n in range(len(matches))]
    if len(matches) < _LEAST_LETTERED or [match[2].lower() for match in matches] != expected:
        return text
    return _LETTERED.sub(lambda match: f"{match[1]}-".ljust(len(match[0])), text)


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


def around(blocks: Sequence[Block], words: Vocabulary, own: AbstractSet[int]) -> dict[int, str]:
    """Which blocks are no part of the script, and why. own: the blocks with somebody's own words."""
    reasons: dict[int, str] = {}
    reasons |= silent_cells(blocks, words)
    texts = [_SIGNS.sub("", reveal(block.text).strip()).strip('*_ ¡¿"“„«') for block in blocks]
    asked = False
    for i, text in enumerate(texts):
        cell = blocks[i].kind in {"head", "cell"}
        begins = words.frame["script"].fullmatch(text.rstrip(":： "))
        if begins and not cell and i not in own and any(texts[i + 1 :]):
            reasons |= dict.fromkeys(range(i + 1), "before the script")
            break
        asked = asked or (words.frame["asked"].fullmatch(text.rstrip(": ")) is not None and not cell)
        if asked and words.frame["answered"].fullmatch(text.rstrip(": ")):
            reasons |= dict.fromkeys(range(i + 1), "what was asked in the chat")
            break
    notes = words.frame["notes"]
    level = 0
    half = sum(map(len, texts)) / 2
    for i, block in enumerate(blocks):
        text = texts[i].split("\n")[0]
        if block.kind == "heading" and level and block.level <= level:
            level = 0
        listed = _SOURCES.fullmatch(texts[i][len(text) :]) is not None
        aside = block.kind == "heading" and words.frame["aside"].fullmatch(f"{text.rstrip(': ')}:")
        if (notes.fullmatch(text.rstrip(": ")) or aside) and (
            block.kind == "heading" or text.endswith(":") or listed or _is_bold(block)
        ):
            level = level if listed else block.level or 6
            reasons[i] = "notes about the script"
        elif words.frame["foot"].fullmatch(text) and sum(map(len, texts[:i])) > half and i not in own:
            # "End of the session" may be the title of the last chapter.
            after = next(filter(None, texts[i + 1 :]), "")
            level = may_be_for_a_reader(after, words.languages)
        if level:
            reasons[i] = "notes about the script"
        elif block.kind == "text" and i not in own:
            before, colon, _ = text.partition(":")
            if words.frame["aside"].match(text) or (colon and notes.fullmatch(before.strip("* "))):
                reasons[i] = TO_THE_READER
            elif len(texts[i]) <= _LONGEST_AD and words.frame["ads"].match(text):
                reasons[i] = "an advertisement"
    spoken = [i for i, block in enumerate(blocks) if block.kind == "text" and i not in reasons and texts[i]]
    theirs = own & set(spoken)
    titled = spoken[:1] if spoken and _titled(spoken[0], blocks, texts, spoken, words, own) else []
    below = [i for i in spoken[len(titled) :] if i not in theirs]
    known = words.frame["label"].match
    told = [i for i in facts(below, blocks, texts, words) if not all(map(known, blocks[i].text.split("\n")))]
    reasons |= dict.fromkeys(told, "about the script")
    if told[:1] == spoken[:1] != [] and not known(texts[told[0]]):
        reasons[told[0]] = A_TITLE
    reasons |= _courtesies(
        spoken[len(titled) :], ["" if i in theirs else text for i, text in enumerate(texts)], words
    )
    led = _led(blocks, reasons, words)
    reasons = dict.fromkeys(led if theirs.isdisjoint(led) else (), "before the script") | reasons
    first = next((i for i in spoken if i not in reasons), len(blocks))
    if first < len(blocks) and _titled(first, blocks, texts, spoken, words, own):
        reasons[first] = A_TITLE
    return _unquoted([i for i in spoken if i not in reasons and i not in theirs], blocks, words) | reasons


def _titled(
    first: int,
    blocks: Sequence[Block],
    texts: Sequence[str],
    spoken: Sequence[int],
    words: Vocabulary,
    own: AbstractSet[int],
) -> bool:
    """Whether the first paragraph is the title."""
    after = [texts[i] for i in spoken if i > first]
    bare = not blocks[first].apart and all(block.kind != "heading" for block in blocks[:first])
    return bare and is_title(texts[first], after, words) and first not in own


def _unquoted(spoken: Sequence[int], blocks: Sequence[Block], words: Vocabulary) -> dict[int, str]:
    """What stands between paragraphs in quotation marks is for the reader, where most of a text is between these."""
    texts = {i: reveal(blocks[i].text).strip() for i in spoken}
    quoted = _in_quotes(texts)
    beside = (i for i, text in texts.items() if quoted and i > quoted[0] and not _BRACKETED.fullmatch(text))
    most = sum(len(texts[i]) for i in quoted) > _QUOTED_SHARE * sum(len(texts[i]) for i in beside)
    if len(quoted) < _LEAST_QUOTED or not most:
        return {}
    heads = ((i, text.strip(": ")) for i, text in texts.items() if _HEAD.fullmatch(text))
    titles = {i for i, text in heads if _LASTS.search(text) or words.frame["parts"].fullmatch(text)}
    return {i: OUTSIDE for i in spoken if i not in quoted and i not in titles}


def _in_quotes(texts: Mapping[int, str]) -> list[int]:
    """Which of these paragraphs stand in quotation marks, alone or together with those after them."""
    quoted: list[int] = []
    opened: list[int] = []
    for i, text in texts.items():
        if _QUOTED.fullmatch(text):
            quoted.append(i)
            opened = []
        elif opened or _OPENS.fullmatch(text):
            opened.append(i)
            if _CLOSES.fullmatch(text):
                quoted += opened
                opened = []
            elif len(opened) == _MOST_TOGETHER or (len(opened) > 1 and _ANY_QUOTE.search(text)):
                opened = []
    return quoted


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


def _courtesies(spoken: Sequence[int], texts: Sequence[str], words: Vocabulary) -> dict[int, str]:
    """The first and the last paragraphs that are said to the reader of an answer or of a blog post."""
    reasons = {}
    for indices, answer, post, which in (
        (spoken[:4], words.frame["opening"], words.frame["greeting"], "opening"),
        (spoken[:-4:-1], words.frame["closing"], words.frame["farewell"], "closing"),
    ):
        greeted: list[int] = []
        for i in indices:
            text = texts[i] if len(texts[i]) <= _SHORT else ""
            if which == "opening" and i == spoken[0] and is_salutation(text):
                greeted = [i]  # whom a letter is to is not spoken where the letter is not
                continue
            text = without_salutation(text) if which == "opening" else text
            if words.frame["label"].match(text):
                continue
            of_answer = answer.match(text) is not None
            if of_answer or post.match(text):
                reasons[i] = f"the {which} words of {'an answer' if of_answer else 'a post'}"
            elif words.frame["reader"].search(text) or (which == "closing" and is_signature(text)):
                reasons[i] = TO_THE_READER
            else:
                break
            reasons |= dict.fromkeys(greeted, TO_THE_READER)
    return reasons


def _is_bold(block: Block) -> bool:
    """Whether all of it stands between stars."""
    return any(stop - start >= len(block.text.strip()) for start, stop in block.emphasis)
