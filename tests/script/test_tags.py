"""What people may say of a finished file."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindvoice.model import Tags
from kindvoice.script.tags import NAMES, read_tags


def test_numbers_dates_and_texts():
    assert read_tags({"track": "3/8", "disc": 1, "date": "2026-11", "album": "  Ocho \n semanas ", "genre": ""}) == {
        "track": 3, "tracks": 8, "disc": 1, "date": "2026-11", "album": "Ocho semanas",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("track", "0", "write 3 or 3/8"),
        ("track", "9/8", "write 3 or 3/8"),
        ("track", "three", "write 3 or 3/8"),
        ("date", "22.11.2026", "write 2026"),
        ("date", "2026-13", "write 2026"),
        ("albun", "x", "did you mean album"),
        ("zzz", "x", "known: title"),
        ("title", ["a"], "wants a text"),
        ("title", None, "wants a text"),
        ("title", True, "wants a text"),
    ],
)
def test_what_cannot_be_said(name, value, told):
    with pytest.raises(ValueError, match=told):
        read_tags({name: value})


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(sorted(set(NAMES) - {"track", "disc", "date"})), st.text()))
def test_whatever_a_text_holds_it_fits_the_tags_in_one_line(given_tags):
    values = read_tags(given_tags)
    assert set(values) <= {field.name for field in fields(Tags)}
    assert all(str(value).isprintable() for value in values.values())
