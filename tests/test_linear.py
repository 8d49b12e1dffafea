"""No text makes a parser or a rule look at it again and again: ten times the text takes ten times the time."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator

import pytest
from hostilelong import begun_texts, long_texts, places

from kindvoice.errors import KindvoiceError

_LONG = 1_000
_SHORTER = {"check": 800}
"""of a place where more is done than a text is long"""
_ENOUGH_S = 0.03
"""Less than this says nothing: on a busy machine a few milliseconds become many."""
_BEGUN = {"script", "front matter", "cue", "a page's lines"}
"""where it matters what a text begins with; a check reads its script as all do"""


@pytest.fixture(autouse=True)
def _no_collections() -> Iterator[None]:
    """They take as long as all that the tests hold."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("place", places(None))
def test_ten_times_the_text_takes_at_most_twelve_times_as_long(tmp_path, place):
    read = places(tmp_path)[place]
    length = _SHORTER.get(place, _LONG)
    texts = long_texts(length) | (begun_texts(length) if place in _BEGUN else {})
    slow = []
    for name, text in texts.items():
        # Again and again: on a busy machine the same work takes longer at one time than at another.
        for _ in range(6):
            long_s = _taken_s(read, text)
            if long_s < _ENOUGH_S or long_s <= 12 * _taken_s(read, text[: length // 10]) + _ENOUGH_S:
                break
        else:
            slow.append(name)
    assert not slow


def _taken_s(read: Callable[[str], object], text: str) -> float:
    """Of this process, whatever others do."""
    began = time.process_time()
    with contextlib.suppress(KindvoiceError, ValueError):
        read(text)
    return time.process_time() - began
