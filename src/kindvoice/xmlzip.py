"""XML inside of a zip archive, as word processors and spreadsheets write it, read in pieces and up to a bound.

Nothing unpacks to more, nothing is fetched, and a document type, with which entities come in, is refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from xml.parsers import expat

_MAX_ENTRIES = 5_000
_MAX_DEPTH = 300
_PIECE = 65_536
_UNREADABLE = (
    KeyError, ValueError, OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error,
    expat.ExpatError,
)  # fmt: skip

XmlEvent = tuple[str, Mapping[str, str] | None, str]
"""an element's name without its namespace, its attributes where it begins and None where it ends; or "", None, text"""


class XmlArchive:
    """broken: the error for an archive or a part that is broken, missing, too large or too deep."""

    def __init__(self, data: bytes, broken: Callable[[], Exception]) -> None:
        self._broken = broken
        try:
            if data.count(b"PK\x01\x02") > _MAX_ENTRIES:
                raise zipfile.BadZipFile
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _UNREADABLE:
            raise broken() from None
        self.parts = frozenset(self._zip.namelist())
        self.unpacked = 0
        """bytes, of all that was read"""

    def events(self, part: str, most: int) -> Iterator[XmlEvent]:
        """Of a part, in its order. most: bytes of it when it is unpacked."""
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
        size = 0
        try:
            with self._zip.open(part) as file:
                while piece := file.read(_PIECE):
                    size += len(piece)
                    self.unpacked += len(piece)
                    if size > most:
                        raise self._broken()
                    parser.Parse(piece)
                    yield from events
                    events.clear()
                parser.Parse(b"", True)
                yield from events
        except _UNREADABLE:
            raise self._broken() from None
