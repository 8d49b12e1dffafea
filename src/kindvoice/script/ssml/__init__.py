"""SSML 1.1 (https://www.w3.org/TR/speech-synthesis11/) to cues and back.

parser: safe XML with line numbers. reader: elements to cues. speaking: who speaks inside of which elements.
writer: cues to SSML. What SSML has no words for travels in attributes of a namespace of our own, which other
readers leave alone; so a script that is written and read again is the same script.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kindvoice.script.ssml.reader import read_ssml
    from kindvoice.script.ssml.writer import write_ssml

__all__ = ["begins_as_xml", "is_ssml", "read_ssml", "write_ssml"]

SUFFIXES = (".ssml", ".xml")
_BEGINNING = re.compile(
    r"\s*(?:<\?xml\b|<!DOCTYPE\s+speak\b|(?:<!--(?:(?!-->).)*-->\s*)?<(?:[\w.-]+:)?speak[\s/>])", re.DOTALL
)


def is_ssml(path: Path, text: str) -> bool:
    """Whether a script is SSML: by its name, or by how it begins."""
    return path.suffix.lower() in SUFFIXES or begins_as_xml(text)


def begins_as_xml(text: str) -> bool:
    """Whether a text begins as SSML does."""
    return _BEGINNING.match(text) is not None


def __getattr__(name: str) -> object:
    """Reader and writer are loaded when they are asked for: few scripts are SSML."""
    if name == "read_ssml":
        from kindvoice.script.ssml import reader

        return reader.read_ssml
    if name == "write_ssml":
        from kindvoice.script.ssml import writer

        return writer.write_ssml
    raise AttributeError(f"module 'kindvoice.script.ssml' has no attribute {name!r}")
