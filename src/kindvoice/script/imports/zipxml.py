"""XML inside of a zip archive, as word processors write it, read in pieces and up to a bound.

An archive unpacks to MAX_XML at most, nothing is fetched, and a document type, with which entities come in, is refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from kindvoice.model import Where
from kindvoice.script.imports.base import unreadable

MAX_XML = 10_000_000
"""bytes, of all parts that are read"""
_MAX_ENTRIES = 5_000
_MAX_DEPTH = 300
_PIECE = 65_536

XmlEvent = tuple[str, Mapping[str, str] | None, str]
"""an element's name without its namespace, its attributes where it begins and None where it ends; or "", None, text"""


class XmlArchive:
    """kind: what the archive was to be, for the message."""

    def __init__(self, data: bytes, kind: str, where: Where) -> None:
        self._kind, self._where, self._left = kind, where, MAX_XML
        try:
            if data.count(b"PK\x01\x02") > _MAX_ENTRIES:
                raise zipfile.BadZipFile
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            raise self._broken() from None
        self.parts = frozenset(self._zip.namelist())

    def _broken(self) -> Exception:
        return unreadable(f"this {self._kind} is broken, or larger than can be read", self._where)

    def events(self, part: str) -> Iterator[XmlEvent]:
        """Of a part, in its order. Raises ScriptError for one that is not there, broken, too large or too deep."""
        events: list[XmlEvent] = []
        depth = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > _MAX_DEPTH:
                raise self._broken()
            short = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
            events.append((name.rpartition(" ")[2], short, ""))

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1
            events.append((name.rpartition(" ")[2], None, ""))

        def refuse(*_: object) -> None:
            raise self._broken()

        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = lambda text: events.append(("", None, text))
        parser.StartDoctypeDeclHandler, parser.buffer_text = refuse, True
        try:
            with self._zip.open(part) as file:
                while piece := file.read(_PIECE):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise self._broken()
                    parser.Parse(piece)
                    yield from events
                    events.clear()
                parser.Parse(b"", True)
                yield from events
        except (
            KeyError, OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error,
            expat.ExpatError,
        ):  # fmt: skip
            raise self._broken() from None


def holds(data: bytes, part: str) -> bool:
    """Whether a file is a zip archive with a part of this name, as far as its bytes tell."""
    return data.startswith(b"PK\x03\x04") and part.encode() in data
