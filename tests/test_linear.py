"""No text makes a parser or a rule look at it again and again: ten times the text takes ten times the time."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator

import pytest
from hostilelong import begun_texts, long_texts, places

from kindvoice.errors import KindvoiceError

_LONG = 4_000
_ENOUGH_S = 0.06
"""Less than this says nothing: on a busy machine a few milliseconds become many."""
_BEGUN = {"script", "front matter", "cue", "check", "a page's lines"}


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
    texts = long_texts(_LONG) | (begun_texts(_LONG) if place in _BEGUN else {})
    slow = []
    for name, text in texts.items():
        if (long_s := _taken_s(read, text)) < _ENOUGH_S:
            continue
        short_s = min(_taken_s(read, text[: _LONG // 10]) for _ in range(3))
        if long_s > 12 * short_s + _ENOUGH_S:
            long_s = min(_taken_s(read, text) for _ in range(3))
        if long_s > 12 * short_s + _ENOUGH_S:
            slow.append(f"{name}: {short_s:.3f} s, {long_s:.2f} s")
    assert not slow


def _taken_s(read: Callable[[str], object], text: str) -> float:
    """Of this process, whatever others do."""
    began = time.process_time()
    with contextlib.suppress(KindvoiceError, ValueError):
        read(text)
    return time.process_time() - began
