"""XML from outside as a tree, with the lines its parts stand on.

Nothing is fetched and nothing expands: a document type, with which entities come in, is refused. ElementTree, and
expat where it resolves prefixes itself, would also refuse `<amazon:effect>` without its namespace, which is common.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn
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


@dataclass(slots=True, kw_only=True)
class Element:
    name: str
    """as SSML calls it; `kv:` before one of ours; any other as its author wrote it"""
    attributes: Mapping[str, str]
    """by name, likewise; `xml:lang` and its kin under that prefix"""
    line: int
    known: bool
    """whether it is of SSML's own namespace, or of none"""
    children: list[Element | tuple[str, int]] = field(default_factory=list)
    """elements, and stretches of text with their lines, cleaned; white space is as it stood"""
    end_line: int = 0

    @property
    def words(self) -> str:
        """Its own text, tidy."""
        text = "".join(child[0] for child in self.children if isinstance(child, tuple))
        return " ".join(clean(text).split())


def read_xml(text: str, path: str) -> Element:
    """The outermost element. text: cleaned, of a size that was checked.

    Raises ScriptError with file and line for what is not well-formed, goes too deep or brings a document type.
    """
    return _TreeBuilder(path).read(text)


class _TreeBuilder:
    def __init__(self, path: str) -> None:
        self._path = path
        self._root = Element(name="", attributes={}, line=0, known=False)
        self._open = [self._root]
        self._prefixes: list[dict[str, str]] = [{"xml": _XML}]
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, text: str) -> Element:
        text = _DECLARED.sub(r"\1", text)  # which would have to stand first of all
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            cure = next((cure for sign, cure in _CURES.items() if sign in what), "")
            raise self._error(f"this is not well-formed XML: {what}", error.lineno, cure) from None
        root = self._root.children[0]
        assert isinstance(root, Element)
        return root

    def _error(self, what: str, line: int, cure: str = "") -> ScriptError:
        return ScriptError(what, where=Where(path=self._path, line=line), cure=cure)

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber

    def _doctype(self, *_: object) -> NoReturn:
        raise self._error(
            "a document type is not read: it can bring in other files, and texts without end", self._line,
            "take <!DOCTYPE ...> out; <speak> needs none",
        )  # fmt: skip

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise self._error(f"elements stand more than {MAX_DEPTH} deep in each other", self._line)
        declared = {key: attributes.pop(key) for key in list(attributes) if key.partition(":")[0] == "xmlns"}
        self._prefixes.append(
            self._prefixes[-1] | {key.partition(":")[2]: uri for key, uri in declared.items()}
            if declared
            else self._prefixes[-1]
        )
        namespace, local = self._resolve(name)
        known = namespace == SSML or (not namespace and ":" not in name)
        element = Element(
            name=local if known else _shown(namespace, local, name),
            attributes={
                shown: clean(value) for key, value in attributes.items() if (shown := self._attribute(key))
            },
            line=self._line,
            known=known,
        )
        self._open[-1].children.append(element)
        self._open.append(element)

    def _attribute(self, key: str) -> str:
        """Its name; empty where it says nothing of the words but where a schema lies."""
        namespace, local = self._resolve(key) if ":" in key else ("", key)
        return "" if namespace == _SCHEMA else _shown(namespace, local, key)

    def _resolve(self, name: str) -> tuple[str, str]:
        """(namespace, local name); no namespace where the prefix is not declared."""
        prefix, _, local = name.rpartition(":")
        return self._prefixes[-1].get(prefix, ""), local

    def _end(self, name: str) -> None:
        self._prefixes.pop()
        self._open.pop().end_line = self._line

    def _text(self, text: str) -> None:
        # A number such as &#x202E; can bring in what was cleaned away before.
        self._open[-1].children.append((clean(text), self._line))


def _shown(namespace: str, local: str, written: str) -> str:
    return f"kv:{local}" if namespace == OURS else f"xml:{local}" if namespace == _XML else written


_DECLARED = re.compile(r"\A(\s+)<\?xml\b[^<>]*\?>")
