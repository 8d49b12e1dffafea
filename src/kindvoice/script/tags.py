"""What authors and users may say of a finished file: `album: Eight Weeks`, `track: 3/8`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kindvoice.errors import nearest

TagValues = Mapping[str, str | int]
"""by the names of model.Tags"""


def _text(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _date(value: str) -> str:
    """A year, a month or a day after ISO 8601."""
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", value):
        raise ValueError(f"{value!r} is no date; write 2026, 2026-11 or 2026-11-22")
    return value


def _number(value: str) -> tuple[int, int | None]:
    match = re.fullmatch(r"\s*(\d{1,4})\s*(?:/\s*(\d{1,4})\s*)?", value)
    number, of = (int(match[1]), int(match[2]) if match[2] else None) if match else (0, None)
    if number < 1 or (of is not None and of < number):
        raise ValueError(f"{value!r} is no number; write 3 or 3/8")
    return number, of


_TEXTS = ("title", "artist", "album", "genre", "copyright", "licence", "comment")
NAMES: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(_TEXTS, _text), "date": _date, "track": _number, "disc": _number
}  # fmt: skip
"""What may be said, and how it is read."""


def read_tags(raw: Mapping[str, object]) -> dict[str, str | int]:
    """Checked values by the names of model.Tags; `track: 3/8` gives track and tracks.

    Raises ValueError with what is wrong, naming the nearest.
    """
    values: dict[str, str | int] = {}
    for name, value in raw.items():
        if name not in NAMES:
            hint = nearest(name, NAMES)
            raise ValueError(
                f"no tag {name!r}; " + (f"did you mean {hint}?" if hint else f"known: {', '.join(NAMES)}")
            )
        if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
            raise ValueError(f"{name}: wants a text")
        try:
            read = NAMES[name](str(value))
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if isinstance(read, tuple):
            values[name] = read[0]
            if read[1] is not None:
                values[name + "s"] = read[1]
        elif read:
            values[name] = str(read)
    return values
