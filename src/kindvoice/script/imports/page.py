"""HTML: a page of the web, an export of an editor, a newsletter. Only its article is read, where it has one.

Read here, because building a whole tree as browsers do takes the square of the time for some pages, in lexbor as well;
what is spoken of a page wants no tree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape

from kindvoice.model import Where
from kindvoice.script.imports.base import Prose, ReadLine, TextFormat, too_long

_TOKEN = re.compile(
    r"<!--|<(?P<close>/?)(?P<name>[A-Za-z][\w:-]{0,40})(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>"
    r"|<[!?][^<>]*+>"
)
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))|([\w:-]++)")
_BEGINS = re.compile(
    r"\s*(?:<!--(?:(?!-->).){0,2000}-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_MAX_DEPTH = 500
_MAX_TOKENS = 200_000
_SILENT = frozenset([
    "script", "style", "template", "noscript", "iframe", "svg", "canvas", "object", "video", "audio", "map", "math",
    "title", "textarea",
])  # fmt: skip
"""what stands in them is for programs"""
_ASIDE = {
    "head": "a page's head", "header": "a page's head", "nav": "a menu", "footer": "a page's foot",
    "aside": "beside the text", "form": "a form", "button": "a form", "select": "a form", "figcaption": "a picture",
    "del": "struck out", "s": "struck out", "strike": "struck out",
}  # fmt: skip
_ROLES = {"navigation": "a menu", "banner": "a page's head", "contentinfo": "a page's foot",
          "complementary": "beside the text", "search": "a form"}  # fmt: skip
_COMMENTS = re.compile(r"comments?|comments?-area|respond|disqus_thread|sharedaddy|related-posts?")
_WORD_COMMENT = re.compile(r"MsoCommentReference|MsoCommentText|msocomanchor|msocomtxt", re.IGNORECASE)
"""how Word's pages class a comment, and the sign for it in the text"""
_ARTICLES = ("article", "main", "entry-content", "post-content", "article-body")
"""elements, then classes, that hold what a page is about"""
_BLOCKS = frozenset([
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "ul", "aside", "caption",
])  # fmt: skip
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_ENDED = frozenset([
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "br", "hr", "img", "input",
    "meta", "link", "wbr", "break",
])  # fmt: skip
"""elements that need no end, or have none"""
_EMPHASISED = frozenset(["b", "strong", "i", "em"])


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that is open, with all that those around it say."""

    name: str = ""
    reason: str = ""
    emphasised: bool = False
    pre: bool = False
    article: bool = False


def _lines(text: str, where: Where) -> Iterable[ReadLine]:
    return _PageReader(text, where).read()


class _PageReader:
    def __init__(self, text: str, where: Where) -> None:
        self._text, self._where = text, where
        self._prose = Prose(where)
        self._stack = [_Open()]
        self._count: Counter[str] = Counter()
        """of the open elements, by name"""
        self._article = next((name for name in _ARTICLES if _holds_one(text, name)), "")
        self._level = 0
        self._item = self._titled = False
        self._page_title = ""

    def read(self) -> Iterable[ReadLine]:
        text, position = self._text, 0
        for _ in range(_MAX_TOKENS):
            token = _TOKEN.search(text, position)
            if token is None:
                break
            self._words(text[position : token.start()])
            position = token.end()
            if token[0] == "<!--":
                end = text.find("-->", position)
                position = len(text) if end < 0 else end + 3
            elif token["name"] and token["close"]:
                self._end(token["name"].casefold())
            elif token["name"]:
                position = self._begin(token["name"].casefold(), token["attributes"], position)
        else:
            raise too_long(self._where)
        self._words(text[position:])
        self._paragraph()
        self._prose.title = self._prose.title or self._page_title
        return self._prose.lines()

    def _begin(self, name: str, written: str, position: int) -> int:
        """Gives where reading goes on."""
        if name in _SILENT and not written.endswith("/"):
            end = re.compile(rf"</{name}\b[^<>]*>", re.IGNORECASE).search(self._text, position)
            if name == "title" and end and not self._page_title:
                self._page_title = " ".join(unescape(self._text[position : end.start()]).split())
            return end.end() if end else len(self._text)
        attributes = _attributes(written)
        if name in _BLOCKS or name in _HEADINGS:
            self._paragraph()
            if self._stack[-1].name == "p":  # which ends where another block begins
                self._pop()
        match name:
            case "br":
                self._add("\n")
            case "hr":
                self._paragraph()
                if not self._reason():
                    self._prose.rule()
            case "img":
                self._prose.add(attributes.get("alt", ""), reason="a picture")
            case "break":
                self._add(f"<break{written.rstrip('/')}/>")
            case "li":
                self._item = True
            case "table" if not self._reason():
                self._paragraph()
                self._prose.begin_table()
            case _ if name in _HEADINGS:
                self._level = int(name[1])
            case "body":  # whatever was left open above
                self._stack, self._count = [_Open()], Counter()
        aside = _aside(name, attributes)
        if (name not in _ENDED or (aside and name == "p")) and len(self._stack) < _MAX_DEPTH:
            self._push(name, attributes, aside)
        return position

    def _push(self, name: str, attributes: dict[str, str], aside: str) -> None:
        around = self._stack[-1]
        article = self._article in {name, *attributes.get("class", "").split()}
        self._count[name] += 1
        self._stack.append(
            _Open(
                name, around.reason or aside, around.emphasised or name in _EMPHASISED,
                around.pre or name == "pre", around.article or article,
            )
        )  # fmt: skip

    def _end(self, name: str) -> None:
        if name in _BLOCKS or name in _HEADINGS:
            self._paragraph()
        if not self._reason():
            if name in {"td", "th"}:
                self._prose.end_cell()
            elif name == "tr":
                self._prose.end_row()
            elif name == "table":
                self._prose.end_table()
        while self._count[name]:
            if self._pop() == name:
                break

    def _pop(self) -> str:
        last = self._stack.pop().name
        self._count[last] -= 1
        return last

    def _paragraph(self) -> None:
        title = self._level == 1 and not self._titled and not self._prose.title
        self._prose.end(level=self._level, item=self._item, title=title)
        self._level, self._item = 0, False

    def _reason(self) -> str:
        """Why nothing is spoken here."""
        within = self._stack[-1]
        if self._article and not within.article:
            return "around the article"
        heading = self._level and within.reason == _ASIDE["header"]
        return "" if heading else within.reason

    def _words(self, text: str) -> None:
        if text:
            words = unescape(text)
            self._add(words if self._stack[-1].pre else re.sub(r"\s+", " ", words))

    def _add(self, text: str) -> None:
        self._prose.add(text, emphasised=self._stack[-1].emphasised, reason=self._reason())


def _attributes(written: str) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for name, double, single, bare, alone in _ATTRIBUTE.findall(written[:5_000]):
        attributes.setdefault((name or alone).casefold(), unescape(double or single or bare))
    return attributes


def _aside(name: str, attributes: dict[str, str]) -> str:
    style = attributes.get("style", "").replace(" ", "").casefold()
    if (
        "hidden" in attributes
        or "display:none" in style
        or "screen-reader-text" in attributes.get("class", "")
    ):
        return "hidden text"
    names = [attributes.get("id", ""), *attributes.get("class", "").split()]
    if any(map(_COMMENTS.fullmatch, names)):
        return "comments of readers"
    if "mso-element:comment" in style or any(map(_WORD_COMMENT.fullmatch, names)):
        return "a comment"
    return _ROLES.get(attributes.get("role", ""), _ASIDE.get(name, ""))


def _holds_one(text: str, name: str) -> bool:
    """Whether there is exactly one such element, or one element of such a class."""
    if name in {"article", "main"}:
        return len(re.findall(rf"<{name}\b", text, re.IGNORECASE)) == 1
    return len(re.findall(rf"class=[\"'][^\"'<>]*\b{name}\b", text, re.IGNORECASE)) == 1


FORMAT = TextFormat(begins=lambda text: _BEGINS.match(text) is not None, lines=_lines)
