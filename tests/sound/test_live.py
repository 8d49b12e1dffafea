"""A programme that is mixed while it is spoken: the same sound as when all is known, as early as it is certain."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make import clip, timeline

from kindvoice.model import BedChange, Clip, Schedule
from kindvoice.sound.live import mix_live
from kindvoice.sound.mix import Mix, heard
from kindvoice.timing.fit import fit
from kindvoice.units import RATE


@cache
def noise(key: str) -> np.ndarray:
    seconds = np.random.default_rng(list(key.encode())).standard_normal((RATE * 8, 1))
    return seconds.astype(np.float32) * np.float32(0.1)


def read(key: str, start: int, stop: int) -> np.ndarray:
    """Noise of its own for every sound; what is only guessed has none."""
    assert key, "a line was mixed before it was spoken"
    return noise(key)[start:stop]


def scheduled(picture: str, ms: list[int], key: bool) -> Schedule:
    """Of a picture, with lines of these lengths, in order."""
    drawn, clips, sounds = timeline(picture)
    items = [
        replace(i, sound="/loop.wav") if isinstance(i, BedChange) and i.sound else i for i in drawn.items
    ]
    clips = {line: clip(n, line[1] if key else "") for line, n in zip(clips, ms, strict=True)}
    return fit(
        replace(drawn, items=tuple(items)), clips, {**sounds, "/loop.wav": Clip(key="loop", frames=RATE * 7)}
    )


PICTURES = st.lists(
    st.sampled_from(["=300", "=7000", "=2500", "?4000", "!3000", "~rain", "~", "LINE"]), max_size=9
)
LENGTHS = st.integers(1, 30).map(lambda n: n * 96)
"""ms, whole MP3 frames: the grid, which sets the first sound, stays where it is"""


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(PICTURES, st.lists(st.tuples(LENGTHS, LENGTHS), min_size=10, max_size=10))
def test_it_sounds_as_if_everything_had_been_known(tokens, lengths):
    tokens = ["LINE", *tokens, "=4500"]  # in which every bell rings out
    names = iter("abcdefghij")
    picture = " ".join(next(names) + "1000" if token == "LINE" else token for token in tokens)
    count = tokens.count("LINE")
    guessed = scheduled(picture, [n for n, _ in lengths[:count]], key=False)
    truth = scheduled(picture, [n for _, n in lengths[:count]], key=True)
    clips = {("", event.text): event.clip for event in truth.speech}
    live = np.concatenate(list(mix_live(guessed, iter(clips.items()), read)))
    whole = np.concatenate(list(Mix(truth, read).blocks()))
    np.testing.assert_array_equal(live, whole)


def test_a_bell_rings_out_where_the_last_line_is_shorter_than_it_was_guessed_to_be():
    guessed = scheduled("?4000 a1000", [4_800], key=False)
    truth = scheduled("?4000 a1000", [960], key=True)
    [line], [bell] = truth.speech, truth.bells
    live = np.concatenate(list(mix_live(guessed, iter([(("", "a"), line.clip)]), read)))
    assert len(live) >= bell.stop_frame


def test_it_waits_for_no_line_before_that_is_heard():
    """With every block, how many lines had been asked for."""
    truth = scheduled("a900 =4000 b900 =4000 c900", [900, 900, 900], key=True)
    asked: list[str] = []

    def lines():
        for event in truth.speech:
            asked.append(event.text)
            yield ("", event.text), event.clip

    frames = {"": 0, "a": 0, "ab": 0, "abc": 0}
    for block in mix_live(truth, lines(), read):
        frames["".join(asked)] += len(block)
    starts = [heard(event)[0] for event in truth.speech]
    grid = [start // (RATE // 2) * (RATE // 2) for start in starts]
    assert list(frames.values()) == [grid[0], grid[1] - grid[0], grid[2] - grid[1], truth.frames - grid[2]]
