"""Which version of a script is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kindvoice.script.frontmatter import TRAUMA_SENSITIVE
from kindvoice.script.phrases import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A script with all that decides which words it holds. What is None, the script itself says."""

    script: Path
    text: str | bytes | None = field(default=None, repr=False)
    """of a script that lies in no file, whose name `script` is then: cleaned, or bytes as in a file"""
    language: str | None = None
    length_ms: int | None = None
    phrases: tuple[Phrase, ...] | None = field(default=None, repr=False)
    """a participant's: data, spoken as plain words whatever they hold; intimate: in no message and no log"""
    values: tuple[tuple[str, object], ...] = field(default=(), repr=False)
    """a participant's, by the names that the script asks for; data as well"""
    gentle: bool = False
    """a trauma-sensitive reading; the template sees it, and no silence is long"""
    audience: str = "everyone"
    """for whom, one of frontmatter.AUDIENCES; TRAUMA_SENSITIVE becomes `gentle`"""
    without: tuple[str, ...] = ()
    """titles of chapters that are left out; `introduction` and `questions` are known in every language"""
    group: bool = False
    """one of many that are made alike, of which some may not speak the phrases that were given"""
    notes: tuple[str, ...] = ()
    """how what was asked for was understood, where something else may have been meant"""
    strict: bool = False
    """whether a phrase without a sure form for somebody else is an error (WishError); else other words are spoken
    there, and Script.stand_ins tells it"""

    def __post_init__(self) -> None:
        if self.audience == TRAUMA_SENSITIVE:
            object.__setattr__(self, "audience", "everyone")
            object.__setattr__(self, "gentle", True)
