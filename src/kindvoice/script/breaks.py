"""SSML's breaks, and Speech Markdown's, which may stand in any script."""

from __future__ import annotations

import re

from kindvoice.errors import ScriptError, nearest
from kindvoice.model import Cue, Pause, Where
from kindvoice.script.directions import MAX_MS
from kindvoice.script.duration import DURATION, parse_duration

_BREAK_MS = {"none": 0, "x-weak": 250, "weak": 500, "medium": 1000, "strong": 2000, "x-strong": 4000}
_BREAK = re.compile(r"<break\b(?P<attributes>[^<>]*?)/?>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\s*([\w:-]+)\s*=\s*(?:[\"'“”„]([^\"'“”„]*)[\"'“”]|([^\s\"'“”„]+))")


def parse_tag(tag: str, where: Where) -> Cue | None:
    """SSML's `<break time="8s"/>` to a pause, its `</break>` to nothing. Raises ScriptError for anything else."""
    if re.fullmatch(r"</\s*break\s*>", tag, re.IGNORECASE):
        return None
    match = _BREAK.fullmatch(tag)
    if match is None:
        cure = r'known: <break time="8s"/>; to have the sign spoken, write \<'
        raise ScriptError(f"unknown element {tag}", where=where, cure=cure)
    pairs = _ATTRIBUTE.findall(match["attributes"])
    attributes = {name.casefold(): quoted or bare for name, quoted, bare in pairs}
    cure = 'such as <break time="8s"/>'
    if _ATTRIBUTE.sub("", match["attributes"]).strip() or not set(attributes) <= {"time", "strength"}:
        raise ScriptError(f"{tag} is not understood", where=where, cure=cure)
    if "time" in attributes:
        ms = parse_duration(attributes["time"].removeprefix("+"))
        if ms is None or ms > MAX_MS:
            raise ScriptError(f"{tag} has no length that can be used", where=where, cure=cure)
        return Pause(natural_ms=ms, where=where)
    strength = attributes.get("strength", "medium").casefold()
    if strength not in _BREAK_MS:
        hint = nearest(strength, _BREAK_MS) or "medium"
        raise ScriptError(f"{tag}: no strength {strength!r}", where=where, cure=f"did you mean {hint!r}?")
    return Pause(natural_ms=_BREAK_MS[strength], where=where)


_QUOTED = re.compile(
    rf"(?:(?:break|pause)\s?:\s?)?\"(?:({DURATION})|(?P<size>(?:x-)?(?:weak|strong)|medium))\"", re.IGNORECASE
)


def speech_pause(inside: str) -> str | None:
    """The inside of Speech Markdown's `[break:"2s"]` or `["2s"]` as that of a pause of ours; None for anything else.

    >>> speech_pause('break:"2s"'), speech_pause('break:"strong"'), speech_pause("pause 2s")
    ('pause 2s', 'long pause', None)
    """
    match = _QUOTED.fullmatch(inside)
    if match is None:
        return None
    if match[1]:
        return f"pause {match[1]}"
    size = match["size"].casefold()
    return "pause" if size == "medium" else f"{'long' if size.endswith('strong') else 'short'} pause"
