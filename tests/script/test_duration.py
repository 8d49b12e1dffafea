from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindvoice.script.duration import parse_duration
from kindvoice.units import format_ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("8s", 8_000),
        ("8 s", 8_000),
        ("8sec", 8_000),
        ("8 Seconds", 8_000),
        ("1.5 seconds", 1_500),
        (".5s", 500),
        ("0,5 s", 500),
        ("800ms", 800),
        ("1234 ms", 1_234),
        ("1.2345s", 1_235),
        ("1m30s", 90_000),
        ("1m 30s", 90_000),
        ("1 min. 30 sec.", 90_000),
        ("1 minute 30 seconds", 90_000),
        ("1 minute, 30 seconds", 90_000),
        ("2 minutes and 5 seconds", 125_000),
        ("1h30m", 5_400_000),
        ("1:30", 90_000),
        ("1:02:03", 3_723_000),
        ("0:01.5", 1_500),
        ("180s", 180_000),
        ("0s", 0),
        ("٣s", 3_000),
        # not a length
        ("", None),
        ("8", None),
        ("s", None),
        ("soon", None),
        ("8 snacks", None),
        ("-5s", None),
        ("1,500ms", None),  # one and a half, or one thousand five hundred
        ("1.5ms", None),
        ("30s 1m", None),
        ("8s 8s", None),
        ("1:75", None),
        ("1m30", None),
        ("inf s", None),
        ("1e3s", None),
        ("9" * 400 + "s", None),
    ],
)
def test_what_people_write(text, ms):
    assert parse_duration(text) == ms


@pytest.mark.parametrize(("text", "ms"), [("20", 1_200_000), ("2.5", 150_000), ("20s", 20_000), ("x", None)])
def test_a_bare_number_counts_what_it_is_told_to(text, ms):
    assert parse_duration(text, bare_unit="m") == ms


@given(st.integers(0, 100 * 3_600_000))
@settings(deadline=None)
def test_a_length_that_is_written_out_is_read_back(ms):
    assert parse_duration(format_ms(ms)) == ms
