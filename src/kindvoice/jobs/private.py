"""Messages without anybody's words. Errors quote the line they stumble over, and that line may be somebody's own.

Taken out are the words themselves, in any spelling that a message may give them (quoted, escaped, cut short,
with other spaces or capitals), and every quotation that shares a word with them. It rather takes out too much.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator

from kindvoice.build.recording import Job
from kindvoice.jobs.items import Item

HIDDEN = "‹their words›"
WITHHELD = "the message held a participant's words and is not shown; building this item alone tells more"
_WORD = re.compile(r"[^\W_]+")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[nrt\\'\"])")
_QUOTED = re.compile(
    r"(?<![^\W_])(?:'(?:[^'\\]|\\.|'(?=[^\W_]))*'|\"(?:[^\"\\]|\\.)*\"|‘[^’]*’|“[^”]*”|«[^»]*»|`[^`]*`)(?![^\W_])",
    re.DOTALL,
)


def clean(message: str, item: Item) -> str:
    """The message without the item's phrases and values, in one paragraph of printable text."""
    secrets = list(_secrets(item.job))
    if secrets:
        message = _hidden(message, secrets, _safe(item))
        if any(_told(secret, message) for secret in secrets):
            message = WITHHELD
    return "\n".join(
        "".join(c if c.isprintable() else "\ufffd" for c in line) for line in message.splitlines()
    )


def without_values(text: str, item: Item) -> str:
    """A title without what the participant's row says of them, such as a name."""
    values = [told for _, value in item.job.values for told in _texts(value) if not told.strip().isdigit()]
    return _hidden(text, values, frozenset()) if values else text


def _hidden(message: str, secrets: list[str], safe: frozenset[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        forms = {secret, repr(secret)[1:-1], ascii(secret)[1:-1], secret.rstrip(".")}
        for form in sorted(forms, key=lambda form: (-len(form), form)):
            if len(form) > 1 and not form.isdigit():
                pattern = rf"(?<![^\W_]){re.escape(form)}(?![^\W_])" if len(form) < 5 else re.escape(form)
                message = re.sub(pattern, HIDDEN, message, flags=re.IGNORECASE)
    words = [_words(secret) for secret in secrets]
    every = {word for own in words for word in own}
    whole = [_plain(secret) for secret in secrets]

    def quoted(found: re.Match[str]) -> str:
        inside = found[0][1:-1]
        if inside in safe or inside == HIDDEN:
            return found[0]
        plain = _plain(inside)
        theirs = (
            HIDDEN in inside
            or not every.isdisjoint(_words(inside))
            or any(plain in own for own in whole if plain)
        )
        return HIDDEN if theirs else found[0]

    message = _QUOTED.sub(quoted, message)
    return _without_runs(message, words)


def _without_runs(message: str, words: list[list[str]]) -> str:
    """Without words in a row that stand so in what somebody wrote, and without a word that they wrote alone."""
    pairs = {pair for own in words for pair in itertools.pairwise(own)}
    alone = {own[0] for own in words if len(own) == 1 and not own[0].isdigit()}
    found = list(_WORD.finditer(message))
    told = [_plain(match[0]) for match in found]
    hide = [word in alone for word in told]
    for at, pair in enumerate(itertools.pairwise(told)):
        if pair in pairs and not (pair[0].isdigit() and pair[1].isdigit()):
            hide[at] = hide[at + 1] = True
    parts, end = [], 0
    hidden_before = False
    for match, hidden in zip(found, hide, strict=True):
        between = message[end : match.start()]
        if hidden:
            parts.append("" if hidden_before else between + HIDDEN)
        else:
            parts.append(between + match[0])
        end, hidden_before = match.end(), hidden
    return "".join(parts) + message[end:]


def _told(secret: str, message: str) -> bool:
    """Whether the message still holds it, however it is spaced, spelled or marked."""
    own = _plain(secret)
    return len(own) >= 6 and not own.isdigit() and own in _plain(message)


def _secrets(job: Job) -> Iterator[str]:
    for phrase in job.phrases or ():
        yield from phrase.forms().values()
    for _, value in job.values:
        yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value that a participant's row may hold."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from _texts(each)
    elif value is not None and not isinstance(value, bool) and str(value).strip():
        yield str(value)


def _safe(item: Item) -> frozenset[str]:
    """Names that the plan gives; a message is of no use without them."""
    job = item.job
    return frozenset(
        str(name)
        for name in (
            item.id, job.voice, job.default_voice, job.preset, job.default_preset, job.bed, job.default_bed,
            job.language, *job.formats, *job.captions, *(name for name, _ in job.values),
        )
        if name
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return [plain for word in _WORD.findall(_ESCAPE.sub(" ", text)) if (plain := _plain(word))]


def _plain(text: str) -> str:
    """Letters and digits alone, without case and marks; escapes are no letters."""
    folded = unicodedata.normalize("NFKD", _ESCAPE.sub(" ", text)).casefold()
    return "".join(c for c in folded if c.isalnum())


__all__ = ["HIDDEN", "WITHHELD", "clean", "without_values"]
