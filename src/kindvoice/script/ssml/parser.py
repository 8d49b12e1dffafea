"""XML from outside, one element after the other, with the lines they stand on.

Nothing is fetched and nothing expands: a document type, with which entities come in, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol
from xml.parsers import expat

from kindvoice.errors import ScriptError
from kindvoice.model import Where
from kindvoice.script.literal import clean

SSML = "http://www.w3.org/2001/10/synthesis"
OURS = "urn:kindvoice:script:1"
"""the namespace of what SSML has no words for"""
_XML = "http://www.w3.org/XML/1998/namespace"
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
MAX_DEPTH = 100

_CURES = {
    "not well-formed": "write &amp; for a plain &, &lt; for a plain <, and values in quotes",
    "undefined entity": "write the sign itself, or its number such as &#160;; known are &amp; &lt; &gt; &quot; &apos;",
    "mismatched tag": "every element that is opened is closed by its own name: <s> ... </s>",
    "no element found": "every element that is opened is closed by its own name: <s> ... </s>",
    "duplicate attribute": "give it once",
    "junk after": "one <speak> holds everything",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """The beginning of an element."""

    name: str
    """as SSML calls it; `kv:` before one of ours; any other as its author wrote it"""
    attributes: Mapping[str, str]
    """by name, likewise; `xml:lang` and its kin under that prefix"""
    line: int
    known: bool
    """whether it is of SSML's own namespace, or of none"""


class Handler(Protocol):
    """What is told of a document, in its order."""

    def start(self, element: Element) -> None: ...

    def text(self, text: str, line: int) -> None:
        """text: cleaned; its white space is as it stood."""

    def end(self, line: int) -> None: ...


def parse_xml(text: str, path: str, handler: Handler) -> None:
    """Tells the handler of every element and text. text: cleaned, of a size that was checked.

    Raises ScriptError with file and line for what is not well-formed, goes too deep or brings a document type.
    """
    _Driver(path, handler).parse(text)


class _Driver:
    def __init__(self, path: str, handler: Handler) -> None:
        self._path = path
        self._handler = handler
        self._prefixes: list[dict[str, str]] = [{"xml": _XML}]
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def parse(self, text: str) -> None:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            cure = next((cure for sign, cure in _CURES.items() if sign in what), "")
            raise ScriptError(
                f"this is not well-formed XML: {what}", where=Where(path=self._path, line=error.lineno), cure=cure
            ) from None  # fmt: skip

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _doctype(self, *_: object) -> NoReturn:
        raise ScriptError(
            "a document type is not read: it can bring in other files, and texts without end",
            where=Where(path=self._path, line=self._line),
            cure="take <!DOCTYPE ...> out; <speak> needs none",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._prefixes) > MAX_DEPTH:
            where = Where(path=self._path, line=self._line)
            raise ScriptError(f"elements stand more than {MAX_DEPTH} deep in each other", where=where)
        declared = {
            key.partition(":")[2]: value
            for key, value in attributes.items()
            if key.partition(":")[0] == "xmlns"
        }
        self._prefixes.append(self._prefixes[-1] | declared if declared else self._prefixes[-1])
        kind, local = self._resolve(name)
        found: dict[str, str] = {}
        for key, value in attributes.items():
            if key.partition(":")[0] == "xmlns":
                continue
            of, bare = self._resolve(key) if ":" in key else ("", key)
            if of == _SCHEMA:
                continue  # where a schema lies says nothing of the words
            found[_shown(of, bare, key)] = clean(value)
        known = kind == SSML or (not kind and ":" not in name)
        shown = local if known else _shown(kind, local, name)
        self._handler.start(Element(name=shown, attributes=found, line=self._line, known=known))

    def _resolve(self, name: str) -> tuple[str, str]:
        """(namespace, local name); no namespace where the prefix is not declared."""
        prefix, colon, local = name.rpartition(":")
        return self._prefixes[-1].get(prefix if colon else "", ""), local

    def _end(self, name: str) -> None:
        self._prefixes.pop()
        self._handler.end(self._line)

    def _text(self, text: str) -> None:
        # A number such as &#x202E; can bring in what was cleaned away before.
        self._handler.text(clean(text), self._line)


def _shown(namespace: str, local: str, written: str) -> str:
    return f"kv:{local}" if namespace == OURS else f"xml:{local}" if namespace == _XML else written


_BEGINNING = re.compile(
    r"\s*(?:<\?xml\b|<!DOCTYPE\s+speak\b|(?:<!--(?:(?!-->).)*-->\s*)?<(?:[\w.-]+:)?speak[\s/>])", re.DOTALL
)


def begins_as_xml(text: str) -> bool:
    """Whether a text begins as SSML does."""
    return _BEGINNING.match(text) is not None
