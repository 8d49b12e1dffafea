"""Who speaks inside of which elements: `voice`, `prosody` and `xml:lang` to a speaker, as a voice cue names one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kindvoice.script.frontmatter import parse_language

RATES = {"x-slow": 0.7, "slow": 0.85, "medium": 1.0, "default": 1.0, "fast": 1.2, "x-fast": 1.4}
"""SSML leaves open how slow is slow; a meditation is slow already."""
_NEUTRAL = re.compile(r"medium|default|[+-]?0+(?:\.0*)?(?:%|st|Hz|dB)?")
_PLAIN = {
    "pitch": "kindvoice leaves a voice its own pitch",
    "contour": "kindvoice leaves a voice its own melody",
    "range": "kindvoice leaves a voice its own melody",
    "volume": "kindvoice brings every line to one level",
    "duration": "kindvoice never presses words into a time; write <break> for the silence",
}
_LANGUAGE_ONLY = re.compile(r"[A-Za-z]{2}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """What the elements around a text ask for."""

    voice: str = ""
    """empty: the script's own"""
    pace: float = 1.0
    language: str = ""
    """empty: the document's"""

    def in_language(self, tag: str, document: str) -> Speaking:
        """tag: BCP 47, in any case. Raises ValueError for what is none."""
        tag = parse_language(tag)
        return replace(self, language="" if tag == document else tag)

    def by(self, attributes: Mapping[str, str], document: str) -> Speaking:
        """Inside of `<voice>`. Raises ValueError for a choice that cannot be made."""
        for vague in ("gender", "age", "variant"):
            if attributes.get(vague):
                raise ValueError(f"{vague}={attributes[vague]!r} names no voice")
        names, languages = attributes.get("name", "").split(), attributes.get("languages", "").split()
        if len(names) > 1 or len(languages) > 1:
            raise ValueError("more than one is named; a script names the one that is to speak")
        speaking = self
        if names:
            if not re.fullmatch(r"[^\s\"'*]+", names[0]):
                raise ValueError(f"{names[0]!r} is no voice's name")
            speaking = replace(speaking, voice=names[0], language="")
        if languages:
            # "es:MX" is Spanish with the accent of Mexico.
            speaking = speaking.in_language(languages[0].replace(":", "-"), document)
        if not names and not languages:
            raise ValueError("no voice is named")
        return speaking

    def paced(self, attributes: Mapping[str, str]) -> Speaking:
        """Inside of `<prosody>`. Raises ValueError, naming the attribute that nothing here can follow."""
        for name, why in _PLAIN.items():
            if name in attributes and not _NEUTRAL.fullmatch(attributes[name].strip()):
                raise ValueError(f"{name}={attributes[name]!r} cannot be followed: {why}")
        if "rate" not in attributes:
            return self
        pace = _pace(attributes["rate"].strip(), self.pace)
        if pace is None or not 0.5 <= pace <= 2:
            raise ValueError(f"rate={attributes['rate']!r} is no pace from 50% to 200%")
        return replace(self, pace=round(pace, 4))

    def speaker(self) -> str:
        """As in `[voice SPEAKER]`. Raises ValueError for the pace of a voice that has no name."""
        if not self.voice:
            if self.pace != 1:
                raise ValueError("the pace can change only for a voice that is named")
            return self.language
        name = self.voice if self.pace == 1 else f"{self.voice}*{self.pace:g}"
        return f"{name} {self.language}" if self.language else name


def _pace(rate: str, before: float) -> float | None:
    """A multiple of the voice's own pace. In SSML 1.0 and at some services +10% is a change of what was before."""
    if rate in RATES:
        return RATES[rate]
    match = re.fullmatch(r"([+-]?)(\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})(%?)", rate)
    if match is None:
        return None
    value = float(match[2]) / (100 if match[3] else 1)
    if not match[1]:
        return value
    return before * (1 + value if match[1] == "+" else 1 - value) if match[3] else None


def elements_for(speaker: str, language: str = "", own_pace: float = 1.0) -> list[tuple[str, dict[str, str]]]:
    """The elements, outermost first, that ask other readers for this speaker.

    speaker: as in `[voice SPEAKER]`; language: what it speaks, where that is known and not the document's;
    own_pace: of the script's own voice, which is around.
    """
    name, _, tag = speaker.partition(" ")
    base, _, pace = name.partition("*")
    if not tag and not pace and _LANGUAGE_ONLY.fullmatch(base):
        return [("lang", {"xml:lang": base})]
    elements: list[tuple[str, dict[str, str]]] = [("voice", {"name": base})]
    if (factor := pace_of(speaker)) != own_pace:
        elements.append(("prosody", {"rate": f"{factor * 100:g}%"}))
    if language := tag or language:
        elements.append(("lang", {"xml:lang": language}))
    return elements


def pace_of(speaker: str) -> float:
    """1.0 where none is written, or none that can be."""
    pace = speaker.partition(" ")[0].partition("*")[2]
    return float(pace) if re.fullmatch(r"\d{1,4}(\.\d{1,6})?", pace) else 1.0
