"""What Apple Podcasts asks of a feed: categories, limits, formats. Pictures are checked by kindvoice.cover.

Sources: "A Podcaster's Guide to RSS" and "Apple Podcasts categories" (podcasters.apple.com/support/823 and /1691).
Other directories read the same tags.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from kindvoice.errors import SettingsError, nearest

TITLE_CHARACTERS = 255
DESCRIPTION_BYTES = 4_000
PLAYED = (".mp3", ".m4a")
"""of our sound files, those that Apple takes"""

CATEGORIES: dict[str, list[str]] = tomllib.loads(
    Path(__file__).with_name("categories.toml").read_text(encoding="utf-8")
)
DEFAULT_CATEGORY = "Health & Fitness > Mental Health"

_BY_NAME = {name: name for name in CATEGORIES}
for _name, _subs in CATEGORIES.items():
    for _sub in _subs:  # a subcategory's name is enough: none of them stands twice
        _BY_NAME[_sub] = _BY_NAME[f"{_name} > {_sub}"] = f"{_name} > {_sub}"


def find_category(wanted: str) -> str:
    """A category as Apple writes it, whatever the case; a subcategory by its own name too.

    Raises SettingsError, naming the nearest, for any other.

    >>> find_category("mental health"), find_category("religion and spirituality / buddhism")
    ('Health & Fitness > Mental Health', 'Religion & Spirituality > Buddhism')
    """
    known = {_plain(name): category for name, category in _BY_NAME.items()}
    if (category := known.get(_plain(wanted))) is not None:
        return category
    hint = nearest(" ".join(wanted.split()), _BY_NAME)
    raise SettingsError(
        f"there is no podcast category {wanted!r}",
        cure=f"did you mean {_BY_NAME[hint]!r}?" if hint else f"known: {', '.join(CATEGORIES)}",
    )


def _plain(name: str) -> str:
    for sign in (">", "/", "›", ":"):
        name = name.replace(sign, " > ")
    return " ".join(name.casefold().replace(" and ", " & ").split())
