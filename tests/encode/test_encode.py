"""Finished files, read back by independent readers."""

from __future__ import annotations

import base64
import threading
import warnings

import av
import mutagen
import mutagen.flac
import numpy as np
import PIL.Image
import pytest
import soundfile

from kindvoice.encode import FORMATS, encode, find_format
from kindvoice.encode.base import Format, Target
from kindvoice.encode.decode import decode, sound_info
from kindvoice.errors import SettingsError
from kindvoice.model import ChapterMark, Picture, Tags
from kindvoice.units import RATE, ms_to_frames

TAGS = Tags(
    title="Méditation „Güte“ 慈", artist="Ä. Teacher", language="pt-BR", comment="Voice: x. Licence: y — ü.",
    album="Ocho semanas", track=3, tracks=8, disc=1, discs=2, date="2026-11-22", genre="Meditation",
    copyright="© 2026 Ä. Teacher", licence="CC-BY-4.0", lyrics="Que eu esteja segura.\nRepouse — aqui.",
    about="A short rest — for anybody who is tired. " + 80 * "word " + "end",
)  # fmt: skip
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


def jpeg(folder) -> Picture:
    path = folder / "cover.jpg"
    PIL.Image.new("RGB", (1400, 1400), (90, 120, 160)).save(path)
    return Picture(path=path, type="image/jpeg", width=1400, height=1400)


def write(
    tmp_path, name: str, x: np.ndarray, bitrate: int = 128_000, size: int = 24_000, chapters=CHAPTERS, **more
):
    format = FORMATS[name]
    path = tmp_path / f"file{format.extension}"
    target = Target(
        path=path,
        frames=len(x),
        tags=TAGS,
        chapters=chapters,
        bitrate=bitrate,
        **{"cover": jpeg(tmp_path), **more},
    )
    encode((x[i : i + size] for i in range(0, len(x), size)), [(format, target)])
    return path


def decoded(path) -> np.ndarray:
    return np.concatenate(list(decode(path)))


EXACT = [name for name, format in FORMATS.items() if format.exact]


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("frames", [48, 1152 * 40, 1152 * 40 + 48, 1152 * 41 - 48, FRAMES])
def test_decoded_length_is_exact(tmp_path, name, frames):
    """A programme is a whole number of milliseconds, so 48 samples are the smallest step."""
    assert decoded(write(tmp_path, name, programme(frames))).shape == (frames, 2)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - set(EXACT)))
@pytest.mark.parametrize("frames", [48_000, 3072 * 17, 3072 * 17 + 48, 3072 * 17 - 48, FRAMES])
def test_decoded_length_is_right_within_a_codec_frame_and_the_container_tells_it_exactly(
    tmp_path, name, frames
):
    path = write(tmp_path, name, programme(frames))
    assert abs(len(decoded(path)) - frames) <= FORMATS[name].codec_frame
    with av.open(str(path)) as container:
        assert container.duration == pytest.approx(frames / RATE * 1e6, abs=25)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("frames", [48_000, 48 * 1013, FRAMES])
def test_a_file_of_another_rate_is_as_long(tmp_path, name, frames):
    path = write(tmp_path, name, programme(frames), rate=44_100)
    rate = sound_info(path).rate
    assert rate == (48_000 if name == "opus" else 44_100)
    y = decoded(path)
    assert abs(len(y) - frames * rate / RATE) <= FORMATS[name].codec_frame
    power = np.mean(y[: rate // 2] ** 2) / np.mean(programme(frames)[: RATE // 2] ** 2)
    assert 10 * np.log10(power) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("name", FORMATS)
def test_the_sound_stands_where_it_was(tmp_path, name):
    """No codec's delay is left: the decoded sound is the programme, to the sample."""
    x = programme()
    y = decoded(write(tmp_path, name, x))[: len(x)]
    assert 10 * np.log10(np.mean((y - x) ** 2) / np.mean(x**2)) < -25


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
    assert tags["album"] == TAGS.album
    assert tags["genre"] == TAGS.genre
    assert tags["copyright"] == TAGS.copyright
    assert tags["track"] in {"3", "3/8"}
    assert tags["date"] in {TAGS.date, "2026"}
    assert (tags.get("comment") or tags["description"]) == TAGS.comment
    assert tags["language"] == ("pt-BR" if name in {"flac", "ogg", "opus"} else "por")


VORBIS = {
    "title": TAGS.title, "artist": TAGS.artist, "album": TAGS.album, "date": TAGS.date, "genre": TAGS.genre,
    "tracknumber": "3", "tracktotal": "8", "discnumber": "1", "disctotal": "2", "copyright": TAGS.copyright,
    "license": TAGS.licence, "lyrics": TAGS.lyrics, "language": "pt-BR",
    "chapter000": "00:00:00.000", "chapter000name": "Arriving", "chapter001": "00:00:01.500",
    "chapter001name": "Stille & Güte 慈", "chapter002": "00:00:03.000", "chapter002name": "Returning",
}  # fmt: skip


@pytest.mark.parametrize("name", ["ogg", "opus", "flac"])
def test_vorbis_comments_chapters_and_cover_are_read_by_mutagen(tmp_path, name):
    file = mutagen.File(write(tmp_path, name, programme()))
    found = {key: file.tags[key][0] for key in VORBIS}
    assert found == VORBIS
    if name == "flac":
        [picture] = file.pictures
    else:
        picture = mutagen.flac.Picture(base64.b64decode(file.tags["metadata_block_picture"][0]))
    assert (picture.type, picture.mime, picture.width) == (3, "image/jpeg", 1400)
    assert picture.data == (tmp_path / "cover.jpg").read_bytes()


@pytest.mark.parametrize(("name", "kind", "brand"), [("m4a", 1, b"M4A "), ("m4b", 2, b"M4B ")])
def test_mp4_tags_chapters_and_cover_are_read_by_mutagen(tmp_path, name, kind, brand):
    path = write(tmp_path, name, programme())
    file = mutagen.File(path)
    names = {"©nam": TAGS.title, "©ART": TAGS.artist, "aART": TAGS.artist, "©alb": TAGS.album, "©day": TAGS.date,
             "©gen": TAGS.genre, "cprt": TAGS.copyright, "©cmt": TAGS.comment, "©lyr": TAGS.lyrics,
             "trkn": (3, 8), "disk": (1, 2), "stik": kind}  # fmt: skip
    assert {key: file.tags[key][0] for key in names} == names
    assert file.tags["ldes"][0] == TAGS.about
    assert file.tags["desc"][0].startswith("A short rest — for") and len(file.tags["desc"][0]) <= 255
    assert bytes(file.tags["covr"][0]) == (tmp_path / "cover.jpg").read_bytes()
    assert [(c.start, c.title) for c in file.chapters] == [(c.start_frame / RATE, c.title) for c in CHAPTERS]
    head = path.read_bytes()[:64]
    assert head[4:12] == b"ftyp" + brand
    assert b"moov" in head, "a player can begin before it has the whole file"


@pytest.mark.parametrize("name", ["mp3", "m4a", "m4b", "opus", "ogg"])
def test_chapters_are_contiguous_from_0_to_the_end(tmp_path, name):
    chapters = sound_info(write(tmp_path, name, programme())).chapters
    assert [title for _, _, title in chapters] == [c.title for c in CHAPTERS]
    assert [start for start, _, _ in chapters] == [0, 1500, 3000]
    assert [stop for _, stop, _ in chapters][:-1] == [1500, 3000]
    # Vorbis comments tell no chapter's end: FFmpeg takes the stream's, which has Opus's lead-in in it
    assert chapters[-1][1] == pytest.approx(4017, abs=8 if name == "opus" else 1)


@pytest.mark.slow
def test_a_file_without_tags_chapters_or_cover_is_a_file(tmp_path):
    bare = Tags(title="T", artist="", language="en", comment="")
    for name, format in FORMATS.items():
        path = tmp_path / f"bare{format.extension}"
        encode(
            [programme()],
            [(format, Target(path=path, frames=FRAMES, tags=bare, chapters=(), bitrate=128_000))],
        )
        assert sound_info(path).tags["title"] == "T", name
        assert not sound_info(path).chapters
        assert not any(
            str(key).lower().startswith(("apic", "covr", "metadata"))
            for key in dict(mutagen.File(path).tags or {})
        )


def test_mp3_tags_and_chapters_are_read_by_mutagen(tmp_path):
    path = write(tmp_path, "mp3", programme())
    file = mutagen.File(path)
    assert file.tags.version == (2, 3, 0)
    assert [file.tags[k].text[0] for k in ("TIT2", "TPE1", "TLAN")] == [TAGS.title, TAGS.artist, "por"]
    assert file.tags.getall("COMM")[0].text == [TAGS.comment]
    assert file.tags.getall("USLT")[0].text == TAGS.lyrics
    assert file.tags.getall("USLT")[0].lang == "por"
    texts = {"TALB": TAGS.album, "TRCK": "3/8", "TPOS": "1/2", "TCON": "Meditation", "TCOP": TAGS.copyright}
    assert {key: file.tags[key].text[0] for key in texts} == texts
    assert file.tags["TXXX:LICENSE"].text == [TAGS.licence]
    # mutagen makes one date of version 2.3's year and day
    assert str(file.tags["TDRC"].text[0]) == TAGS.date
    [picture] = file.tags.getall("APIC")
    assert (picture.mime, picture.type) == ("image/jpeg", 3)
    assert picture.data == (tmp_path / "cover.jpg").read_bytes()
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


@pytest.mark.slow
def test_the_same_sound_gives_the_same_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in FORMATS:
        a = write(tmp_path / "a", name, programme(), size=24_000)
        b = write(tmp_path / "b", name, programme(), size=7_001)
        assert a.read_bytes() == b.read_bytes(), name


@pytest.mark.slow
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
    assert all(abs(len(decoded(t.path)) - len(x)) <= (0 if f.exact else f.codec_frame) for f, t in targets)


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


class Unfinished:
    """A writer that fails where it is told to, a moment late."""

    def __init__(self, fails: str = "") -> None:
        self.fails, self.ended = fails, ""

    def write(self, block) -> None:
        pass

    def close(self) -> None:
        if self.fails == "close":
            raise OSError("full")
        self.ended = "closed"

    def abandon(self) -> None:
        self.ended = "abandoned"


@pytest.mark.parametrize("fails", ["open", "close", "blocks"])
def test_where_one_of_several_files_fails_no_thread_and_no_file_stays_behind(tmp_path, fails):
    target = Target(path=tmp_path / "x", frames=10, tags=TAGS, chapters=(), bitrate=0)
    others, bad = [Unfinished(), Unfinished()], Unfinished(fails)

    def opened(target):
        if fails == "open":
            raise OSError("full")
        return bad

    def blocks():
        yield programme(10)
        if fails == "blocks":
            raise OSError("full")

    formats = [
        Format(name="x", extension=".x", type="audio/x", lossy=False, open=made)
        for made in (lambda _: others[0], opened, lambda _: others[1])
    ]
    with pytest.raises(OSError, match="full"):
        encode(blocks(), [(format, target) for format in formats])
    assert not [t for t in threading.enumerate() if t.name == "encode"]
    assert others[0].ended and (fails == "open" or others[1].ended)


def test_unknown_formats_name_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'flac'"):
        find_format("flack")
    assert find_format(".MP3") is FORMATS["mp3"]
