"""SSML 1.1 (https://www.w3.org/TR/speech-synthesis11/) to cues and back.

parser: safe XML with line numbers. reader: elements to cues. speaking: who speaks inside of which elements.
writer: cues to SSML. What SSML has no words for travels in attributes of a namespace of our own, which other
readers leave alone; so a script that is written and read again is the same script.
"""

from __future__ import annotations

from kindvoice.script.ssml.reader import is_ssml, read_ssml
from kindvoice.script.ssml.writer import write_ssml

__all__ = ["is_ssml", "read_ssml", "write_ssml"]
