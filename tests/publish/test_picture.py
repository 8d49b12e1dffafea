"""The timeline picture: valid whatever is said, the same twice, and everything in its place."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hostile import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st
from make import clip, timeline

from kindvoice.model import BedEvent, BellEvent, ChapterMark, GapEvent, Schedule, SpeechEvent, Where
from kindvoice.publish.captions.plain import plain
from kindvoice.publish.picture import outline_columns, timeline_svg
from kindvoice.publish.picture.drawing import WIDTH
from kindvoice.publish.picture.marks import fitted, two_lines, wide
from kindvoice.sound.mix import Mix
from kindvoice.sound.waveform import waveform
from kindvoice.timing.fit import fit
from kindvoice.units import ms_to_frames

SVG = "{http://www.w3.org/2000/svg}"


def span(start_ms: int, stop_ms: int) -> dict[str, int]:
    return {"start_frame": ms_to_frames(start_ms), "stop_frame": ms_to_frames(stop_ms)}


def programme(total_ms: int = 60_000, words: str = "May I be safe.", **more) -> Schedule:
    """Something of every kind in the first minute."""
    where = Where(path="a.md", line=7)
    facts = {
        "speech": (SpeechEvent(**span(10_000, 14_000), clip=clip(4000), text=words, where=where),),
        "bells": (BellEvent(**span(500, 9_500), clip=clip(9_000), sound="middle", gain_db=0.0),),
        "beds": (BedEvent(**span(10_000, 40_000), sound="rain", gain_db=0.0),),
        "gaps": (
            GapEvent(**span(14_000, 22_400), kind="pause", natural_ms=8_000),
            GapEvent(**span(22_400, 30_400), kind="hold", natural_ms=8_000),
        ),
        "chapters": (
            ChapterMark(start_frame=0, title="Arriving"),
            ChapterMark(start_frame=ms_to_frames(30_000), title="Words"),
        ),
        **more,
    }
    return Schedule(frames=ms_to_frames(total_ms), **facts)


def read(text: str) -> ET.Element:
    return ET.fromstring(text.encode())


def of_kind(tree: ET.Element, kind: str) -> list[ET.Element]:
    return [e for e in tree.iter() if kind in (e.get("class") or "").split()]


def texts(tree: ET.Element) -> list[str]:
    return [e.text or "" for e in tree.iter(f"{SVG}text")]


def tips(tree: ET.Element) -> list[str]:
    return [e.text or "" for e in tree.iter(f"{SVG}title")]


def test_everything_is_in_its_place():
    tree = read(timeline_svg(programme(), "A <kind> morning"))
    left, plot = 72, WIDTH - 72 - 32
    speech = [e for e in of_kind(tree, "speech") if float(e.get("y")) > 120]
    assert [(float(e.get("x")), float(e.get("width"))) for e in speech] == [
        (pytest.approx(left + plot / 3, abs=0.1), pytest.approx(plot * 4 / 30, abs=0.1))
    ]
    # A bed over the row's end is in both rows.
    beds = [e for e in of_kind(tree, "bed") if float(e.get("y")) > 120]
    assert [round(float(e.get("width"))) for e in beds] == [round(plot * 2 / 3), round(plot / 3)]
    assert float(of_kind(tree, "mark")[-1].get("cx")) == pytest.approx(left + plot / 60, abs=0.1)
    assert {"Arriving", "Words", "A <kind> morning", "May I be safe.", "0:30", "1:00", "8.4 s", "8 s"} <= set(
        texts(tree)
    )
    assert tips(tree)[0] == "A <kind> morning"
    assert "May I be safe. (0:10.0 to 0:14.0), line 7" in tips(tree)
    assert "pause 8.4 s (written 8 s) (0:14.0 to 0:22.4)" in tips(tree)
    assert "hold 8 s (0:22.4 to 0:30.4)" in tips(tree)
    assert "bell: middle (0:00.5 to 0:09.5)" in tips(tree)
    about = tree.find(f"{SVG}desc").text
    assert (
        "1:00 long, 7 % speech, 1 line, longest pause 8.4 s, 1 bell. Chapters: 0:00 Arriving; 0:30 Words."
        in about
    )


def test_holds_are_told_apart_by_their_shape_too():
    tree = read(timeline_svg(programme(), "T"))
    assert {e.tag for e in of_kind(tree, "hold")} == {f"{SVG}rect"}
    assert {e.tag for e in of_kind(tree, "pause")} == {f"{SVG}path"}


def test_the_legend_names_only_what_there_is():
    bare = programme(bells=(), beds=(), gaps=())
    assert "bell, ringing out" in texts(read(timeline_svg(programme(), "T")))
    shown = " ".join(texts(read(timeline_svg(bare, "T"))))
    assert not any(word in shown for word in ("bell", "background", "hold", "pause"))


@pytest.mark.parametrize(
    "minutes, rows",
    [(0.4, 1), (1, 2), (3, 3), (3.01, 3), (3.2, 4), (10, 10), (20, 10), (45, 15), (180, 36), (480, 48)],
)
def test_long_programmes_take_more_rows_at_about_the_same_scale(minutes, rows):
    tree = read(timeline_svg(programme(int(minutes * 60_000)), "T"))
    assert len(of_kind(tree, "row")) == len(of_kind(tree, "lane")) == rows


def test_a_little_more_than_a_row_is_no_row_of_its_own():
    tree = read(timeline_svg(programme(61_000), "T", [0.1] * 77))
    lanes = [(float(e.get("x")), float(e.get("width"))) for e in of_kind(tree, "lane")]
    plot = WIDTH - 72 - 32
    assert lanes == [(72, pytest.approx(plot * 30 / 31, abs=0.1)), (72, plot)]
    assert sum(len(re.findall("M", e.get("d"))) for e in of_kind(tree, "bars")) == 77
    assert "1:01" in texts(tree)


def test_the_outline_is_drawn_over_the_whole_and_coloured_by_what_is_heard():
    schedule = programme()
    count = outline_columns(schedule)
    outline = [0.0] * count
    outline[count // 5] = 1.0  # at 12 s, in the speech
    tree = read(timeline_svg(schedule, "T", outline))
    paths = of_kind(tree, "bars")
    bars = [(e.get("class"), float(tall)) for e in paths for tall in re.findall(r"v([\d.]+)", e.get("d"))]
    assert len(bars) == count
    assert max(bars, key=lambda bar: bar[1])[0] == "speech bars"
    assert {kind for kind, _ in bars} == {"speech bars", "bell bars", "other bars"}
    share = sum(kind == "speech bars" for kind, _ in bars) / count
    assert share == pytest.approx(4 / 60, abs=2 / count)


def test_nothing_is_drawn_outside():
    schedule = programme(
        200_000, bells=(BellEvent(**span(195_000, 205_000), clip=clip(1), sound="low", gain_db=0),)
    )
    text = timeline_svg(schedule, "T", [0.5] * outline_columns(schedule))
    tree = read(text)
    height = float(tree.get("height"))
    for element in tree.iter():
        if x := element.get("x"):
            assert 0 <= float(x) <= WIDTH
            assert float(x) + float(element.get("width", 0)) <= WIDTH
            assert 0 <= float(element.get("y")) <= height
        for x in re.findall(r"[ML]([\d.-]+) ", element.get("d") or ""):
            assert 0 <= float(x) <= WIDTH


@settings(max_examples=40)
@given(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)),
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)),
)
def test_whatever_is_said_the_xml_is_valid_and_obeys_nothing(words, title):
    schedule = programme(
        words=words,
        chapters=(ChapterMark(start_frame=0, title=title),),
        bells=(BellEvent(**span(500, 9_500), clip=clip(1), sound=f"/a/{title}/{words}.wav", gain_db=0.0),),
    )
    text = timeline_svg(schedule, title, language=words)
    tree = read(text)
    known = {"svg", "title", "desc", "style", "rect", "text", "path", "circle", "g"}
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} <= known
    assert any(tip.startswith(plain(words)) for tip in tips(tree)[1:])
    assert not re.search(r"""href|url\(|@import|\son\w+=["']""", re.sub(r">[^<]*<", "><", text))
    assert text == timeline_svg(schedule, title, language=words)


def test_a_users_folder_is_not_told():
    bells = (BellEvent(**span(500, 9_500), clip=clip(1), sound="/home/anna/my bowl.wav", gain_db=0.0),)
    beds = (BedEvent(**span(0, 9_000), sound="f00dcafe", gain_db=0.0, loop_frames=48),)
    text = timeline_svg(programme(bells=bells, beds=beds), "T")
    assert "my bowl.wav" in text
    assert "anna" not in text
    assert "f00dcafe" not in text


def test_empty_and_very_short_programmes():
    for total_ms in (0, 1, 999):
        schedule = Schedule(frames=ms_to_frames(total_ms), speech=())
        assert read(timeline_svg(schedule, "")).find(f"{SVG}title").text == "A programme"
        assert read(timeline_svg(schedule, "T", [0.0] * outline_columns(schedule))) is not None


@given(
    st.lists(st.sampled_from(["kind", "Now", "may", "i" * 40, "慈悲", "–", "🧘"]), max_size=12).map(" ".join),
    st.integers(0, 300),
)
def test_text_stays_in_its_room(text, width):
    for shown in (fitted(text, 12, width), *two_lines(text, 12, width)):
        assert not shown or wide(shown, 12) <= width
        assert text == "" or shown.removesuffix("…") in text


# ---------------------------------------------------------------- the outline


@given(
    st.integers(60, 400),
    st.integers(1, 60),
    st.lists(st.integers(1, 90), min_size=1, max_size=12),
    st.integers(0, 2**32 - 1),
)
def test_an_outline_is_the_same_for_any_blocks_and_misses_no_peak(frames, columns, sizes, seed):
    sound = np.random.default_rng(seed).uniform(-1, 1, (frames + 7, 2)).astype(np.float32)
    blocks, at = [], 0
    while at < len(sound):
        size = sizes[len(blocks) % len(sizes)]
        blocks.append(sound[at : at + size])
        at += size
    found = waveform(blocks, frames, columns)
    assert len(found) == columns
    assert found == waveform([sound], frames, columns)
    assert max(found) == pytest.approx(float(np.abs(sound[:frames]).max()), abs=1e-4)
    edges = [i * frames // columns for i in range(columns + 1)]
    plainly = [float(np.abs(sound[a:b]).max()) for a, b in itertools.pairwise(edges)]
    assert found == pytest.approx(plainly, abs=1e-4)


def test_an_outline_of_a_mix_is_as_loud_as_its_sounds():
    schedule = fit(*timeline("a1000 =4000 b1000"))

    def ones(key: str, start: int, stop: int) -> np.ndarray:
        return np.full((stop - start, 1), 0.5, dtype=np.float32)

    outline = waveform(Mix(schedule, ones).blocks(), schedule.frames, 85)
    loud = [i for i, peak in enumerate(outline) if peak > 0.4]
    # clips reach beyond the speech by their breath, 60 ms before and 200 ms after; a column is 100 ms
    assert loud == [*range(4, 18), *range(54, 68)]


def test_silence_and_no_sound_at_all():
    assert waveform([], 100, 3) == (0.0, 0.0, 0.0)
    assert waveform([np.zeros((0, 2), np.float32)], 0, 2) == (0.0, 0.0)
