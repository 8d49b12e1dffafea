"""The error tree, and the one class that every user-facing fault has.

    KindvoiceError
      ScriptError        something in a script, front matter or phrases file
        WishError        a wish without a sure form for somebody else, where only sure ones are wanted
      VoiceError         a voice that is unknown, missing or cannot read a line
      FitError           the asked length cannot be reached
      SoundError         a bell, a bed or a finished file that cannot be read
      ManifestError      a finished recording's manifest, or a file that it names
      SettingsError      an option, a variable or a settings file
      OutputError        a folder or file that cannot be written, a full disk

A message says what is wrong, where, and the likely cure. Anything else that is raised is a bug.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping

from kindvoice.model import Where


class KindvoiceError(Exception):
    """A fault that the user can fix.

    what: one sentence, what is wrong. where: file and line, when there is one. cure: what to do.
    """

    def __init__(self, what: str, *, where: Where | None = None, cure: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.cure = cure

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}\n  {self.cure}" if self.cure else head

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and errors cross processes.
        return (_rebuild, (type(self), self.what, self.where, self.cure))


def _rebuild(kind: type[KindvoiceError], what: str, where: Where | None, cure: str) -> KindvoiceError:
    return kind(what, where=where, cure=cure)


class ScriptError(KindvoiceError):
    """Something in a script, its front matter or a phrases file."""


class WishError(ScriptError):
    """A wish without a sure form for somebody else, where only sure ones are wanted.

    forms: those that are known, `self` among them. form: the one that is missing, other or together.
    """

    def __init__(self, forms: Mapping[str, str], form: str, *, where: Where | None = None) -> None:
        super().__init__(
            f"the phrase {forms['self']!r} has no sure form for {form!r}", where=where,
            cure=f"write it in a phrases file (.yaml), with a line for each phrase: {forms_line(forms)}",
        )  # fmt: skip
        self.forms = dict(forms)
        self.form = form

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_wish, (self.forms, self.form, self.where))


def _rebuild_wish(forms: Mapping[str, str], form: str, where: Where | None) -> WishError:
    return WishError(forms, form, where=where)


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


class FitError(KindvoiceError):
    """The asked length cannot be reached with this material."""


class SoundError(KindvoiceError):
    """A bell, a bed or a finished file that cannot be read."""


class ManifestError(KindvoiceError):
    """A finished recording's manifest that cannot be read, or that names what is not there."""


class SettingsError(KindvoiceError):
    """An option, an environment variable or a settings file."""


class OutputError(KindvoiceError):
    """A folder or file that cannot be written, or a full disk."""


def nearest(found: str, known: Iterable[str]) -> str:
    """The known word closest to `found`, or an empty string when none is near.

    >>> nearest("pasue", ["pause", "bell"])
    'pause'
    """
    names = sorted(set(known))
    folded = {name.casefold(): name for name in reversed(names)}
    hits = difflib.get_close_matches(found.casefold(), folded, n=1, cutoff=0.55)
    return folded[hits[0]] if hits else ""


def did_you_mean(found: str, known: Iterable[str], otherwise: str | None = None) -> str:
    """A cure for a word that is not known: the nearest one that is, else `otherwise`, else all of them.

    >>> did_you_mean("pasue", ["pause", "bell"]), did_you_mean("x", ["pause", "bell"])
    ("did you mean 'pause'?", 'known: pause, bell')
    """
    known = list(known)
    if near := nearest(found, known):
        return f"did you mean {near!r}?"
    return f"known: {', '.join(known)}" if otherwise is None else otherwise
