"""The error tree, and the one class that every user-facing fault has.

    KindvoiceError
      ScriptError        something in a script, front matter or phrases file
        ScriptErrors     all that is wrong in a script
        WishError        a wish without a sure form for somebody else, where only sure ones are wanted
      VoiceError         a voice that is unknown, missing or cannot read a line
      FitError           the asked length cannot be reached
      SoundError         a bell, a bed or a finished file that cannot be read
      ManifestError      a finished recording's manifest, or a file that it names
      SettingsError      an option, a variable or a settings file
        HeldError        another run holds what this one needs
      OutputError        a folder or file that cannot be written, a full disk

Each carries the exit code that a command ends with (EXIT_CODES).

A message says what is wrong, where, and the likely cure. Anything else that is raised is a bug. Where a message
quotes a participant's own words they are marked in it (`quoted`), so that whoever shows it can leave them out.
"""

from __future__ import annotations

import copy
import difflib
import errno
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import ClassVar, Self, TypeVar

from kindvoice.model import Spans, Where

EXIT_CODES = {
    0: "done",
    1: "something to put right, or found by a check",
    3: "a bug in kindvoice",
    4: "the words cannot have the length that was asked for",
    5: "no voice, or none that can say it",
    6: "another run holds what this one needs",
    7: "no space on the disk",
    130: "interrupted",
}
"""What a command says to the program that called it."""

OWN_OPEN, OWN_CLOSE = "\U0010fffc", "\U0010fffd"
"""Around a participant's own words, in texts and messages: private characters, which are taken out of all that is read
from outside."""
TERMINAL_OPEN, TERMINAL_CLOSE = "\U0010fffa", "\U0010fffb"
"""Likewise, around what is of use on a command line alone: an option, a command, a variable."""
HIDDEN = "‹their words›"
_OWN = re.compile(f"{OWN_OPEN}[^{OWN_CLOSE}]*(?:{OWN_CLOSE}|$)", re.DOTALL)
_TERMINAL = re.compile(f"{TERMINAL_OPEN}[^{TERMINAL_CLOSE}]*(?:{TERMINAL_CLOSE}|$)", re.DOTALL)
_MARKS = str.maketrans("", "", OWN_OPEN + OWN_CLOSE + TERMINAL_OPEN + TERMINAL_CLOSE)


def as_own(text: str) -> str:
    """Text that is a participant's own, marked as such."""
    return f"{OWN_OPEN}{text}{OWN_CLOSE}" if text else ""


def quoted(text: str, own: Spans = ()) -> str:
    """A text as a message quotes it. own: where a participant's own words stand in it.

    >>> redacted(quoted("Dear Ana, rest.", ((5, 8),)))
    "'Dear ‹their words›, rest.'"
    """
    if not own:
        return repr(text)
    marked, end = "", 0
    for start, stop in own:
        marked += text[end:start] + as_own(text[start:stop])
        end = stop
    return f"'{marked}{text[end:]}'"


def revealed(message: str) -> str:
    """A message for whoever wrote all of it: without marks."""
    return message.translate(_MARKS)


def redacted(message: str) -> str:
    """A message for everybody else: without the words that are marked in it."""
    return revealed(_OWN.sub(HIDDEN, message))


def terminal(text: str) -> str:
    """A part of a message that only a command line shows, with the space or the comma before it."""
    return f"{TERMINAL_OPEN}{text}{TERMINAL_CLOSE}"


def on_page(message: str) -> str:
    """A message for who has buttons and no command line, and wrote all of it.

    >>> on_page(f"name another folder{terminal(' with --output')}")
    'name another folder'
    """
    return revealed(_TERMINAL.sub("", message)).strip()


_Kind = TypeVar("_Kind", bound="KindvoiceError")


class KindvoiceError(Exception):
    """A fault that the user can fix.

    what: one sentence, what is wrong. where: file and line, when there is one. cure: what to do. What subclasses
    know besides are attributes of theirs.
    """

    CODE: ClassVar[int] = 1

    def __init__(self, what: str, *, where: Where | None = None, cure: str = "") -> None:
        super().__init__(what)
        self.marked_what = what
        self.where = where
        self.marked_cure = cure

    @property
    def exit_code(self) -> int:
        """A key of EXIT_CODES; that of several faults where all have the same."""
        codes = {single.CODE for single in self.each}
        return codes.pop() if len(codes) == 1 else 1

    @property
    def what(self) -> str:
        return revealed(self.marked_what)

    @property
    def cure(self) -> str:
        return revealed(self.marked_cure)

    @property
    def each(self) -> tuple[KindvoiceError, ...]:
        """The single faults that it stands for: itself, but for a ScriptErrors."""
        return (self,)

    def at(self, where: Where | None) -> Self:
        """The same error, told of another place."""
        error = copy.copy(self)
        error.where = where
        return error

    def told_as(self, kind: type[_Kind], *, where: Where | None = None, cure: str = "") -> _Kind:
        """The same message as another kind of error; where and cure stand in place of its own if they are given."""
        return kind(self.marked_what, where=where or self.where, cure=cure or self.marked_cure)

    def _message(self) -> str:
        head = f"{self.where}: {self.marked_what}" if self.where else self.marked_what
        return f"{head}\n  {self.marked_cure}" if self.marked_cure else head

    def __str__(self) -> str:
        return revealed(self._message())

    def redacted(self) -> str:
        """The message without a participant's own words."""
        return redacted(self._message())

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and errors cross processes.
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(kind: type[KindvoiceError], attributes: dict[str, object]) -> KindvoiceError:
    error = kind.__new__(kind, attributes["marked_what"])
    error.__dict__.update(attributes)
    return error


class ScriptError(KindvoiceError):
    """Something in a script, its front matter or a phrases file."""

    missing: str = ""
    """the name of a value that the script asks for and nobody gave: minutes, phrases, or its own"""


class ScriptErrors(ScriptError):
    """All that is wrong in a script. Its own what, where and cure are those of the first.

    errors: two or more, in the order of their lines; those of no line come last.
    """

    MOST_SHOWN = 20

    def __init__(self, errors: Iterable[KindvoiceError]) -> None:
        self.errors = tuple(sorted(errors, key=_line_of))
        first = self.errors[0]
        super().__init__(first.marked_what, where=first.where, cure=first.marked_cure)

    @property
    def each(self) -> tuple[KindvoiceError, ...]:
        return self.errors

    def _message(self) -> str:
        shown = self.errors[: self.MOST_SHOWN]
        lines = [error._message() for error in shown]
        for i, (error, after) in enumerate(itertools.pairwise(shown)):
            if error.marked_cure == after.marked_cure:  # the same advice is read once, below the last
                lines[i] = lines[i].removesuffix(f"\n  {error.marked_cure}")
        more = len(self.errors) - self.MOST_SHOWN
        return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _line_of(error: KindvoiceError) -> float:
    return error.where.line if error.where and error.where.line else math.inf


class Faults:
    """Collects what is wrong, so that all of it is told at once.

    >>> faults = Faults()
    >>> for line in (2, 1):
    ...     with faults.catch():
    ...         raise ScriptError("no", where=Where(path="a.md", line=line))
    >>> try:
    ...     faults.raise_any()
    ... except ScriptErrors as error:
    ...     print(error)
    a.md:1: no
    a.md:2: no
    """

    def __init__(self) -> None:
        self._errors: dict[str, KindvoiceError] = {}

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, error: KindvoiceError) -> None:
        """Each one once."""
        for single in error.each:
            self._errors.setdefault(str(single), single)

    def catch(self) -> Faults:
        """What is raised inside is kept, and whatever comes after goes on."""
        return self

    def __enter__(self) -> None:
        """Of `catch`, which stands around every cue and must cost nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, KindvoiceError):
            return False
        self.add(error)
        return True

    def error(self) -> KindvoiceError:
        """The only one, else a ScriptErrors of all. There must be one."""
        errors = list(self._errors.values())
        return errors[0] if len(errors) == 1 else ScriptErrors(errors)

    def raise_any(self) -> None:
        if self._errors:
            raise self.error()


class WishError(ScriptError):
    """A wish without a sure form for somebody else, where only sure ones are wanted.

    forms: those that are known, `self` among them. form: the one that is missing, other or together.
    """

    def __init__(self, forms: Mapping[str, str], form: str, *, where: Where | None = None) -> None:
        super().__init__(
            f"the phrase {as_own(repr(forms['self']))} has no sure form for {form!r}", where=where,
            cure=f"write it in a phrases file (.yaml), with a line for each phrase: {as_own(forms_line(forms))}",
        )  # fmt: skip
        self.forms = dict(forms)
        self.form = form


def forms_line(forms: Mapping[str, str]) -> str:
    """A phrase with all its forms, as a line of a phrases file; dots for what is to be written.

    >>> forms_line({"self": 'I am "enough".'})
    '- {self: "I am \\\\"enough\\\\".", other: "...", together: "..."}'
    """
    names = ("self", "other", "together")
    return (
        "- {"
        + ", ".join(f"{name}: {json.dumps(forms.get(name, '...'), ensure_ascii=False)}" for name in names)
        + "}"
    )


class VoiceError(KindvoiceError):
    """A voice that is unknown, missing, failing, or cannot read a line."""

    CODE = 5


class FitError(KindvoiceError):
    """The asked length cannot be reached with this material."""

    CODE = 4
    shortest_ms: int = 0
    longest_ms: int = 0
    """what is possible"""


class SoundError(KindvoiceError):
    """A bell, a bed or a finished file that cannot be read."""


class ManifestError(KindvoiceError):
    """A finished recording's manifest that cannot be read, or that names what is not there."""


class SettingsError(KindvoiceError):
    """An option, an environment variable or a settings file."""


class HeldError(SettingsError):
    """Another run, which is alive, holds what this one needs for itself."""

    CODE = 6


class OutputError(KindvoiceError):
    """A folder or file that cannot be written, or a full disk."""

    disk_full: bool = False

    @property
    def exit_code(self) -> int:
        return 7 if self.disk_full or is_disk_full(self.__cause__) else super().exit_code


_OF_DISKS = {"ENOSPC", "EDQUOT", "EIO", "EROFS", "EACCES", "EPERM", "ESTALE", "EMFILE", "ENFILE", "ENOTCONN"}


def is_of_disk(error: OSError) -> bool:
    """Whether it is the disk, or what may be done there, and no mistake of ours."""
    return errno.errorcode.get(error.errno or 0) in _OF_DISKS


def is_disk_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is probably meant, or an empty string when none is near. A short word wants the same first
    letter, or more of the others: an end is no bed.

    >>> nearest("pasue", ["pause", "bell"]), nearest("mp4", ["mp3"]), nearest("end", ["bed"])
    ('pause', 'mp3', '')
    """
    names = sorted(set(known))
    folded = {name.casefold(): name for name in reversed(names)}
    word = word.casefold()
    alike = [name for name in folded if name[:1] == word[:1] or len(word) > 4]
    hits = difflib.get_close_matches(word, alike, n=1, cutoff=0.55)
    hits = hits or difflib.get_close_matches(word, folded, n=1, cutoff=0.7)
    return folded[hits[0]] if hits else ""


def did_you_mean(word: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """A cure for a word that is not known: the nearest one that is, else `otherwise`, else all of them.

    >>> did_you_mean("pasue", ["pause", "bell"]), did_you_mean("x", ["pause", "bell"])
    ("did you mean 'pause'?", 'known: pause, bell')
    """
    known = list(known)
    if near := nearest(word, known):
        return f"did you mean {near!r}?"
    return f"known: {', '.join(known)}" if otherwise is None else otherwise
