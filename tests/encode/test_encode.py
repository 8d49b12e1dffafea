"""Finished files, read back by independent readers."""

from __future__ import annotations

import threading
import warnings

import mutagen
import numpy as np
import pytest
import soundfile

from kindvoice.decode import decode, sound_info
from kindvoice.encode import FORMATS, encode, find_format, mp3
from kindvoice.encode.base import Target
from kindvoice.errors import SettingsError
from kindvoice.model import ChapterMark, Tags
from kindvoice.units import RATE, ms_to_frames

TAGS = Tags(
    title="Méditation „Güte“ 慈", artist="Ä. Teacher", language="pt-BR", comment="Voice: x. Licence: y — ü."
)
FRAMES = 48_000 * 4 + 48 * 17


def programme(frames: int = FRAMES) -> np.ndarray:
    t = np.arange(frames) / RATE
    x = 0.3 * np.sin(2 * np.pi * 220 * t) * (0.5 + 0.5 * np.sin(2 * np.pi * 0.7 * t))
    return np.stack([x, np.roll(x, 100) * 0.8], axis=1).astype(np.float32)


CHAPTERS = (
    ChapterMark(start_frame=0, title="Arriving"),
    ChapterMark(start_frame=ms_to_frames(1500), title="Stille & Güte 慈"),
    ChapterMark(start_frame=ms_to_frames(3000), title="Returning"),
)


def write(tmp_path, name: str, x: np.ndarray, bitrate: int = 128_000, size: int = 24_000, chapters=CHAPTERS):
    format = FORMATS[name]
    path = tmp_path / f"file{format.extension}"
    target = Target(path=path, frames=len(x), tags=TAGS, chapters=chapters, bitrate=bitrate)
    encode((x[i : i + size] for i in range(0, len(x), size)), [(format, target)])
    return path


def decoded(path) -> np.ndarray:
    return np.concatenate(list(decode(path)))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("frames", [48, 1152 * 40, 1152 * 40 + 48, 1152 * 41 - 48, FRAMES])
def test_decoded_length_is_exact(tmp_path, name, frames):
    """A programme is a whole number of milliseconds, so 48 samples are the smallest step."""
    assert decoded(write(tmp_path, name, programme(frames))).shape == (frames, 2)


@pytest.mark.parametrize("name", ["wav", "flac"])
def test_lossless_files_hold_24_bits_as_another_library_reads_them(tmp_path, name):
    x = programme()
    y, rate = soundfile.read(str(write(tmp_path, name, x)), dtype="float32")
    assert rate == RATE
    assert soundfile.info(str(write(tmp_path, name, x))).subtype == "PCM_24"
    assert np.abs(y - x).max() <= 0.5 / 2**23 + 1e-9


def test_full_scale_does_not_wrap_around(tmp_path):
    x = np.array([[1.0, -1.0], [1.5, -1.5]] * 600, np.float32)
    y, _ = soundfile.read(str(write(tmp_path, "wav", x)))
    assert np.allclose(y[:, 0], 1, atol=1e-6)
    assert np.allclose(y[:, 1], -1)


@pytest.mark.parametrize("name", FORMATS)
def test_tags_are_read_by_ffmpeg(tmp_path, name):
    tags = sound_info(write(tmp_path, name, programme())).tags
    assert tags["title"] == TAGS.title
    assert tags["artist"] == TAGS.artist
    assert (tags.get("comment") or tags["description"]) == TAGS.comment
    assert tags["language"] == ("pt-BR" if name == "flac" else "por")


def test_mp3_tags_and_chapters_are_read_by_mutagen(tmp_path):
    path = write(tmp_path, "mp3", programme())
    file = mutagen.File(path)
    assert file.tags.version == (2, 3, 0)
    assert [file.tags[k].text[0] for k in ("TIT2", "TPE1", "TLAN")] == [TAGS.title, TAGS.artist, "por"]
    assert file.tags.getall("COMM")[0].text == [TAGS.comment]
    assert file.info.bitrate == 128_000
    assert file.info.sample_rate == 48_000
    contents = file.tags.getall("CTOC")[0]
    chapters = [file.tags[f"CHAP:{element}"] for element in contents.child_element_ids]
    assert [c.sub_frames["TIT2"].text[0] for c in chapters] == [c.title for c in CHAPTERS]
    assert [(c.start_time, c.end_time) for c in chapters] == [(0, 1500), (1500, 3000), (3000, 4017)]


def test_chapters_are_read_by_ffmpeg(tmp_path):
    info = sound_info(write(tmp_path, "mp3", programme()))
    assert [title for _, _, title in info.chapters] == [c.title for c in CHAPTERS]
    assert info.chapters[0][0] == 0


@pytest.mark.parametrize("bitrate", [96_000, 128_000, 160_000, 192_000, 256_000, 320_000])
def test_mp3_keeps_the_level(tmp_path, bitrate):
    x = programme()
    y = decoded(write(tmp_path, "mp3", x, bitrate))
    level = 10 * np.log10(np.mean(y**2) / np.mean(x**2))
    assert level == pytest.approx(0, abs=0.02)


def test_an_mp3_in_stretches_is_as_good_as_one_in_a_piece(tmp_path, monkeypatch):
    """No seam: in every second the error is that of a whole encode within 0.2 dB, and no joint steps."""
    rng = np.random.default_rng(5)
    t = np.arange(RATE * 12) / RATE
    voice = (
        np.sin(2 * np.pi * 150 * t + 3 * np.sin(2 * np.pi * 3 * t))
        * np.abs(np.sin(2 * np.pi * 0.9 * t))
        * 0.3
    )
    x = (voice + rng.standard_normal(len(t)) * 0.003).astype(np.float32)[:, None].repeat(2, axis=1)
    monkeypatch.setattr(mp3, "STRETCH", 10**6)
    whole = decoded(write(tmp_path, "mp3", x))
    monkeypatch.setattr(mp3, "STRETCH", 97)
    pieces = decoded(write(tmp_path, "mp3", x))
    assert len(pieces) == len(whole) == len(x)

    def error_db(y):
        return 10 * np.log10(((y - x) ** 2).reshape(-1, RATE, 2).mean(axis=(1, 2)))

    assert np.abs(error_db(pieces) - error_db(whole)).max() < 0.2
    for joint in range(97 * 1152, len(x), 97 * 1152):
        near = slice(joint - 1500, joint + 1500)
        step_pieces = np.abs(np.diff(pieces[near] - x[near], axis=0)).max()
        step_whole = np.abs(np.diff(whole[near] - x[near], axis=0)).max()
        assert step_pieces < step_whole * 1.5 + 1e-4


def test_the_same_sound_gives_the_same_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in FORMATS:
        a = write(tmp_path / "a", name, programme(), size=24_000)
        b = write(tmp_path / "b", name, programme(), size=7_001)
        assert a.read_bytes() == b.read_bytes(), name


def test_several_formats_come_from_one_pass(tmp_path):
    x = programme()
    targets = [
        (
            f,
            Target(
                path=tmp_path / f"all{f.extension}",
                frames=len(x),
                tags=TAGS,
                chapters=CHAPTERS,
                bitrate=128_000,
            ),
        )
        for f in FORMATS.values()
    ]
    passes = []

    def blocks():
        passes.append(1)
        for i in range(0, len(x), 10_000):
            yield x[i : i + 10_000]

    encode(blocks(), targets)
    assert passes == [1]
    assert all(len(decoded(target.path)) == len(x) for _, target in targets)


@pytest.mark.parametrize("name", FORMATS)
def test_an_error_in_the_sound_comes_out_and_no_thread_stays_behind(tmp_path, name):
    def blocks():
        yield programme()
        raise RuntimeError("the mix broke")

    target = Target(path=tmp_path / "x", frames=FRAMES, tags=TAGS, chapters=(), bitrate=128_000)
    with pytest.raises(RuntimeError, match="the mix broke"):
        encode(blocks(), [(FORMATS[name], target)])
    assert not [t for t in threading.enumerate() if t.name.startswith(("encode", "mp3"))]


def test_an_error_while_writing_comes_out(tmp_path):
    target = Target(path=tmp_path / "no" / "folder.wav", frames=10, tags=TAGS, chapters=(), bitrate=0)
    with pytest.raises(OSError, match="No such file"), warnings.catch_warnings():
        encode(iter([programme(10)]), [(FORMATS["wav"], target)])


def test_unknown_formats_name_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'flac'"):
        find_format("flack")
    assert find_format(".MP3") is FORMATS["mp3"]
