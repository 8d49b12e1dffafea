"""Covers: the drawn ones are calm, different and can be read; the user's own is what players take, and tells nothing
of its maker."""

from __future__ import annotations

import functools
import io
import itertools
import os
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from kindvoice.cover import (
    check_picture,
    copy_cover,
    draw_cover,
    drawn_text,
    lettering,
    make_cover,
    missing_letters,
    own_bytes,
)
from kindvoice.cover.choice import ANY, LIBRARY, WORDS, choose
from kindvoice.cover.draw import MAX_BYTES, paint
from kindvoice.cover.palettes import PALETTES, contrast
from kindvoice.cover.raster import Canvas, moved, oval
from kindvoice.errors import OutputError, SettingsError
from kindvoice.resources import data_folder

SCRIPTS = sorted((data_folder("scripts_library")).glob("*/*.md"))
SMALLEST = 1400


def picture(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixels(data: bytes, size: int | None = None) -> np.ndarray:
    image = picture(data).convert("RGB")
    return np.asarray(image.resize((size, size), Image.Resampling.BOX) if size else image, np.float32)


def title(path: Path) -> str:
    return re.search(r"^title: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)[1]


# ---------------------------------------------------------------- drawn


def test_a_drawn_cover_is_what_podcast_directories_take(tmp_path):
    made = make_cover(
        tmp_path, "Loving-Kindness", "Loving-Kindness", practice="loving-kindness", subtitle="Anna"
    )
    assert made.path == tmp_path / "Loving-Kindness.cover.jpg"
    assert (made.type, made.width, made.height) == ("image/jpeg", 1600, 1600)
    image = picture(made.path.read_bytes())
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (1600, 1600))
    assert made.path.stat().st_size < MAX_BYTES
    assert check_picture(made.path) == made
    assert [p.name for p in tmp_path.iterdir()] == ["Loving-Kindness.cover.jpg"]


def test_the_largest_cover_stays_within_what_players_take():
    data = draw_cover("Giving and Receiving", practice="giving-and-receiving-compassion", size=3000)
    assert picture(data).size == (3000, 3000)
    assert len(data) <= MAX_BYTES


def test_the_same_words_give_the_same_bytes():
    one, other = (draw_cover("Śpij", practice="sleep", subtitle="x", size=SMALLEST) for _ in range(2))
    assert one == other


def test_a_practice_looks_the_same_in_every_language_but_for_the_title():
    english, turkish = (
        pixels(draw_cover(t, practice="soles-of-the-feet", size=SMALLEST), 140)
        for t in ("Soles of the Feet", "Ayak Tabanları")
    )
    below = slice(int(0.4 * 140), None)
    assert np.abs(english[below] - turkish[below]).max() < 3
    assert np.abs(english[: below.start] - turkish[: below.start]).max() > 60


def test_every_practice_of_the_library_has_a_picture_chosen_by_hand():
    names = {path.stem for path in SCRIPTS}
    assert names == set(LIBRARY)
    motifs = [motif for motif, _ in LIBRARY.values()]
    assert len(set(motifs)) == len(motifs)


def small(practice: str) -> np.ndarray:
    """The picture alone, at 64 pixels."""
    return pixels(paint(practice, 512)[0].jpeg(90), 64)


def test_at_64_pixels_every_practice_is_told_from_every_other():
    pictures = {name: small(name) for name in LIBRARY}
    for (name, one), (also, other) in itertools.combinations(pictures.items(), 2):
        apart = np.abs(one - other).max(axis=2)
        assert (apart > 24).mean() > 0.10, f"{name} and {also}"
    for name, one in pictures.items():
        # The motif stands out from what is round it.
        grey = one[26:62, 8:56].mean(axis=2)
        assert np.percentile(grey, 98) - np.percentile(grey, 2) > 38, name


def test_a_drawn_cover_is_calm():
    """No hard patterns: from one pixel to the next, colours hardly change."""
    for name in ("breath-awareness", "core-values", "labelling-emotions"):
        image = pixels(draw_cover("", practice=name, size=SMALLEST))
        steps = np.abs(np.diff(image.mean(axis=2), axis=1))
        assert np.percentile(steps, 98) < 8, name


def test_a_slow_gradient_shows_no_bands():
    canvas = Canvas(256)
    canvas.gradient((0.0, (100.0, 100.0, 100.0)), (1.0, (104.0, 104.0, 104.0)))
    rows = pixels(canvas.jpeg(95)).mean(axis=(1, 2))
    # Four steps of 8 bits would leave rows that are all alike; with grain the mean goes smoothly on.
    assert np.abs(rows - np.linspace(100, 104, 256)).max() < 0.45


@pytest.mark.parametrize("mood", PALETTES)
def test_a_title_can_be_read_in_every_mood(mood):
    assert contrast(PALETTES[mood].ink, PALETTES[mood].high) > 5.5


@pytest.mark.parametrize("practice", [*LIBRARY, "sleep", "my own", "lake-evening", "x7", "forest", "tea"])
def test_a_title_can_be_read_on_every_picture(practice):
    canvas, palette = paint(practice, 512)
    behind = pixels(canvas.jpeg(90), 32)[3:11, 3:29].reshape(-1, 3)
    assert min(contrast(palette.ink, tuple(map(float, paint))) for paint in behind) > 4.3


def test_any_name_gets_one_of_the_pictures_and_many_names_get_many():
    found = [choose(f"ćwiczenie {n}") for n in range(400)]
    assert {motif for motif, _, _ in found} == set(ANY)
    assert len({(motif, palette.high) for motif, palette, _ in found}) > 120
    assert choose("  Evening-SLEEP ")[:2] == choose("evening-sleep")[:2]
    assert choose("a-walk-by-the-sea")[0] is dict(WORDS)["walk"]
    assert choose("evening-sleep")[1].dark


@pytest.mark.parametrize("practice", ["", "🌿", "\ud800", "\0", "x" * 10_000, "../../etc", "<script>"])
def test_any_practice_id_is_taken(practice):
    motif, palette, seed = choose(practice)
    assert motif in ANY and palette in PALETTES.values() and seed >= 0


@pytest.mark.parametrize("size", [1399, 3001, 0, -5])
def test_a_size_that_directories_refuse_is_not_drawn(size):
    with pytest.raises(ValueError, match="1400 to 3000"):
        draw_cover("x", practice="x", size=size)


def test_a_folder_that_cannot_be_written_is_an_error_with_its_cure(tmp_path):
    with pytest.raises(OutputError, match=r"x\.cover\.jpg cannot be written"):
        make_cover(tmp_path / "missing", "x", "x", practice="x", size=SMALLEST)


# ---------------------------------------------------------------- letters


def test_every_title_of_the_library_can_be_written():
    assert len(SCRIPTS) > 70
    for path in SCRIPTS:
        assert missing_letters(title(path)) == "", path


@functools.cache
def blank() -> bytes:
    return draw_cover("", practice="x", size=SMALLEST)


@pytest.mark.parametrize(
    "text, drawn",
    [
        ("Życzliwa wędrówka po ciele", "Życzliwa wędrówka po ciele"),
        ("Şefkatli İğne ıĞüÖç", "Şefkatli İğne ıĞüÖç"),
        ("Größe, Fußsohlen, ẞ", "Größe, Fußsohlen, ẞ"),
        ("Дыхание", "Дыхание"),
        ("Ησυχία", "Ησυχία"),
        ("d'autocompassion", "d’autocompassion"),
        ("cafe\u0301", "café"),
        ("Calm 🌿\u200d Evening ❤️", "Calm Evening"),
        ("a\x00b\u202ec\ufeff\ud800\n d", "abc d"),
        ("1\ufe0f\u20e3 Rest", "1 Rest"),
        ("慈悲の瞑想", ""),
        ("تأمل", ""),
        ("Rest 平静", ""),
        ("🌿", ""),
        ("", ""),
    ],
)
def test_what_the_font_has_not_is_left_out_and_never_a_box(text, drawn):
    assert drawn_text(text) == drawn
    assert (draw_cover(text, practice="x", size=SMALLEST) == blank()) == (drawn == "")


def test_a_left_out_title_is_told():
    assert missing_letters("Rest 平静 平") == "平静"
    assert missing_letters("Rest 🌿 \u200f") == ""


def glyphs(text: str) -> list[int]:
    return [glyph for glyph, *_ in lettering._shaped(text)]


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=60))
def test_nothing_that_is_drawn_is_a_box(text):
    drawn = drawn_text(text)
    assert not drawn or 0 not in glyphs(drawn)
    assert drawn_text(drawn) == drawn


WORD = st.text("abcdefgłßşİwWmM-", min_size=1, max_size=30)


@settings(deadline=None, max_examples=80)
@given(st.lists(WORD, min_size=1, max_size=25), st.floats(0.3, 0.9), st.floats(0.08, 0.4))
def test_words_stay_within_their_room_and_in_order(words, wide, tall):
    text = " ".join(words)
    setting = lettering.fit(text, wide=wide, tall=tall, largest=0.13)
    assert setting.size >= lettering.SMALLEST and setting.height <= tall + 1e-9
    assert all(lettering.width(line) * setting.size <= wide + 1e-6 for line in setting.lines)
    if setting.size > lettering.SMALLEST:
        assert " ".join(setting.lines) == text and setting.whole
    else:
        letters = "".join(setting.lines).replace("-", "").replace(" ", "")
        assert text.replace("-", "").replace(" ", "").startswith(letters.removesuffix("…"))
        assert setting.whole != letters.endswith("…")


def test_lines_are_even_and_a_long_word_makes_the_letters_smaller():
    fit = {"wide": 0.86, "tall": 0.25, "largest": 0.128}
    assert lettering.fit("Compassion with Equanimity", **fit).lines == ("Compassion", "with Equanimity")
    assert lettering.fit("Soles of the Feet", **fit).lines == ("Soles of the Feet",)
    sizes = [
        lettering.fit(t, **fit).size
        for t in ("Ruhe", "Achtsamkeitsmeditation", "Achtsamkeitsmeditationslehrer")
    ]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == 3
    cut = lettering.fit("x" * 5000, **fit)
    assert cut.lines[-1].endswith("…") and not cut.whole


def test_letters_stand_where_they_should():
    canvas = Canvas(800)
    canvas.gradient((0.0, (255.0, 255.0, 255.0)), (1.0, (255.0, 255.0, 255.0)))
    setting = lettering.fit("Hoho", wide=0.8, tall=0.3, largest=0.2)
    lettering.write(canvas, setting, centre=0.5, top=0.3, ink=(0.0, 0.0, 0.0))
    ink = pixels(canvas.jpeg(95)).mean(axis=2) < 128
    rows, columns = np.flatnonzero(ink.any(axis=1)) / 800, np.flatnonzero(ink.any(axis=0)) / 800
    assert abs((columns[0] + columns[-1]) / 2 - 0.5) < 0.01
    assert abs(columns[-1] - columns[0] - lettering.width("Hoho") * setting.size) < 0.02
    assert rows[0] > 0.3 and rows[-1] < 0.3 + setting.height


def test_the_hole_of_a_letter_is_a_hole():
    canvas = Canvas(400)
    canvas.gradient((0.0, (255.0, 255.0, 255.0)), (1.0, (255.0, 255.0, 255.0)))
    setting = lettering.fit("oo", wide=0.8, tall=0.5, largest=0.4)
    lettering.write(canvas, setting, centre=0.5, top=0.3, ink=(0.0, 0.0, 0.0))
    ink = pixels(canvas.jpeg(95)).mean(axis=2) < 128
    edges = np.abs(np.diff(ink.astype(int), axis=0)).sum(axis=0)
    assert (edges == 4).sum() > 50 and (edges > 4).sum() < 5


def test_forms_cover_what_they_should():
    canvas = Canvas(400)
    canvas.fill([oval(0.5, 0.5, 0.3, 0.2, 30)], (255.0, 255.0, 255.0))
    area = pixels(canvas.jpeg(100)).mean() / 255
    assert abs(area - np.pi * 0.3 * 0.2) < 0.004
    canvas = Canvas(400)
    ring = oval(0.5, 0.5, 0.3, 0.3)
    canvas.fill([ring, moved(ring, 0.2, 0.2, scale=0.6)[::-1]], (255.0, 255.0, 255.0))
    assert abs(pixels(canvas.jpeg(100)).mean() / 255 - np.pi * 0.09 * (1 - 0.36)) < 0.004
    canvas.fill([[(2.0, 2.0), (3.0, 2.0), (3.0, 3.0)]], (0.0, 0.0, 0.0))  # outside: nothing, and no fault


# ---------------------------------------------------------------- the user's own


def scene(size: int = SMALLEST, mode: str = "RGB") -> Image.Image:
    """Dark at the left, bright at the right, black in the upper left corner."""
    row = np.linspace(40, 250, size).astype(np.uint8)
    grey = np.repeat(row[None, :], size, axis=0)
    grey[: size // 4, : size // 4] = 0
    return Image.fromarray(grey).convert(mode)


def saved(path: Path, image: Image.Image, kind: str, **options) -> Path:
    image.save(path, kind, **options)
    return path


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010F] = "SECRETCAMERA"
    found.get_ifd(0x8825)[1] = "N"
    found.get_ifd(0x8825)[2] = (52.0, 30.0, 11.0)
    return found


@pytest.mark.parametrize("kind, mime", [("JPEG", "image/jpeg"), ("PNG", "image/png")])
@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [1400, 3000])
def test_a_fitting_picture_is_taken_whatever_its_name(tmp_path, kind, mime, mode, size):
    path = saved(tmp_path / "cover.txt", scene(size, mode), kind)
    made = check_picture(path)
    assert (made.path, made.type, made.width, made.height) == (path, mime, size, size)
    copy = copy_cover(path, tmp_path, "Rest")
    assert copy.path.name == ("Rest.cover.jpg" if kind == "JPEG" else "Rest.cover.png")
    assert (copy.type, copy.width) == (mime, size)
    assert np.array_equal(pixels(copy.path.read_bytes()), pixels(path.read_bytes()))
    assert check_picture(copy.path) == copy


def gif(path: Path) -> None:
    scene().save(path, "GIF")


def moving(path: Path) -> None:
    scene().save(path, "PNG", save_all=True, append_images=[scene().rotate(90)], duration=100)


def bomb(path: Path) -> None:
    """A PNG of 60000 x 60000 that is a few bytes long."""
    scene().save(path, "PNG")
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)


def text_bomb(path: Path) -> None:
    packed = zlib.compress(bytes(80_000_000), 9)
    chunk = b"zTXt" + b"a\0\0" + packed
    scene().save(path, "PNG")
    data = path.read_bytes()
    path.write_bytes(
        data[:33]
        + struct.pack(">I", len(chunk) - 4)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + data[33:]
    )


def cut(kind: str, part: float):
    def make(path: Path) -> None:
        noise = np.random.default_rng(1).integers(0, 90, (SMALLEST, SMALLEST), np.uint8)
        Image.fromarray(noise // 60 * 60).save(path, kind)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])

    return make


def large(path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (SMALLEST, SMALLEST, 3), np.uint8)
    Image.fromarray(noise).save(path, "PNG")


def deep(path: Path) -> None:
    rows = b"".join(b"\0" + bytes(6 * SMALLEST) for _ in range(SMALLEST))
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", SMALLEST, SMALLEST, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    ]
    chunks = b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def many_scans(path: Path) -> None:
    """A progressive JPEG whose last scan comes a hundred times more: each goes over the whole picture."""
    scene().save(path, "JPEG", progressive=True)
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * 100 + data[-2:])


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda p: scene().crop((0, 0, 1400, 1500)).save(p, "JPEG"), "1400 x 1500 pixels and is not square"),
        (lambda p: scene(1399).save(p, "JPEG"), "1399 x 1399 pixels and is too small"),
        (lambda p: scene(3001).save(p, "JPEG"), "3001 x 3001 pixels and is too large"),
        (lambda p: scene(mode="CMYK").save(p, "JPEG"), "CMYK"),
        (lambda p: scene(mode="RGBA").save(p, "PNG"), "transparent"),
        (lambda p: scene(mode="LA").save(p, "PNG"), "transparent"),
        (lambda p: scene().save(p, "PNG", transparency=(0, 0, 0)), "transparent"),
        (lambda p: scene(mode="P").save(p, "PNG"), "palette"),
        (lambda p: scene(mode="1").save(p, "PNG"), "black and white"),
        (lambda p: scene(mode="I;16").save(p, "PNG"), "8 bits"),
        (deep, "16 bits"),
        (gif, "neither a JPEG nor a PNG"),
        (moving, "moves"),
        (bomb, "far too large"),
        (text_bomb, "damaged"),
        (many_scans, "damaged"),
        (large, "5.6 MB"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda p: p.write_bytes(b"\xff\xd8\xff"), "damaged"),
        (lambda p: p.write_text("<svg/>"), "neither a JPEG nor a PNG"),
        (cut("JPEG", 0.5), "damaged or ends too early"),
        (cut("JPEG", 0.9999), "damaged or ends too early"),
        (cut("PNG", 0.5), "damaged or ends too early"),
        (cut("PNG", 0.9999), "damaged or ends too early"),
        (lambda p: p.mkdir(), "not a file"),
        (lambda p: None, "cannot be read"),
        (lambda p: os.mkfifo(p), "not a file"),
    ],
)  # fmt: skip
def test_what_a_player_might_refuse_is_an_error_with_its_cure(tmp_path, make, said):
    path = tmp_path / "mine.jpg"
    make(path)
    for use in (check_picture, own_bytes, lambda p: copy_cover(p, tmp_path, "x")):
        with pytest.raises(SettingsError) as caught:
            use(path)
        assert said in caught.value.what and str(path) in caught.value.what
        assert "1400 to 3000 pixels" in caught.value.cure and len(caught.value.cure) > 60


def test_a_name_that_no_file_has_is_an_error():
    with pytest.raises(SettingsError, match="cannot be read"):
        check_picture(Path("a\0b"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photograph_tells_nothing_of_its_maker(tmp_path, kind):
    options = {"exif": exif(), "xmp": b"<x:xmpmeta>SECRETXMP</x:xmpmeta>"}
    if kind == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Author", "SECRETTEXT")
        info.add_itxt("Where", "SECRETPLACE", zip=True)
        options = {"exif": exif(), "pnginfo": info}
    else:
        options |= {"comment": b"SECRETCOMMENT"}
    path = saved(tmp_path / "photo", scene(), kind, **options)
    path.write_bytes(path.read_bytes() + b"SECRETTRAILER" * 100)
    assert b"SECRET" in path.read_bytes()
    bare = own_bytes(path)
    assert b"SECRET" not in bare and b"Exif" not in bare
    image = picture(bare)
    assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert np.array_equal(pixels(bare), pixels(path.read_bytes()))
    path.write_bytes(bare)
    assert own_bytes(path) == bare


def test_a_second_picture_inside_is_left_out(tmp_path):
    path = saved(tmp_path / "phone.jpg", scene(), "MPO", save_all=True, append_images=[scene(200)])
    assert path.read_bytes().count(b"\xff\xd8\xff") == 2
    assert check_picture(path).type == "image/jpeg"
    assert own_bytes(path).count(b"\xff\xd8\xff") == 1
    assert picture(own_bytes(path)).format == "JPEG"


def test_the_colour_profile_is_kept(tmp_path):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, orientation in itertools.product(("JPEG", "PNG"), (1, 6)):
        path = saved(tmp_path / kind, scene(), kind, icc_profile=profile, exif=exif(orientation))
        assert picture(own_bytes(path)).info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_picture_stands_upright_without_its_exif(tmp_path, kind, orientation):
    # What a camera writes that was held otherwise: turned the other way, and a note of how to turn it back.
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = scene().transpose(Image.Transpose(back))
    path = saved(
        tmp_path / "photo",
        stored,
        kind,
        exif=exif(orientation),
        **({"quality": 95} if kind == "JPEG" else {}),
    )
    bare = own_bytes(path)
    assert not picture(bare).getexif() and b"SECRET" not in bare
    assert (
        np.abs(
            pixels(bare, 100) - np.asarray(scene().resize((100, 100), Image.Resampling.BOX), np.float32)
        ).max()
        < 6
    )


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"restart_marker_rows": 1}, {"subsampling": 0, "optimize": True}]
)
def test_every_kind_of_jpeg_keeps_its_pixels(tmp_path, options):
    path = saved(tmp_path / "x", scene(), "JPEG", exif=exif(), **options)
    assert np.array_equal(pixels(own_bytes(path)), pixels(path.read_bytes()))


def _damaged(tmp_path_factory, kind: str) -> bytes:
    path = saved(tmp_path_factory.mktemp("cover") / "x", scene(), kind, exif=exif(6))
    return path.read_bytes()


@pytest.fixture(scope="module", params=["JPEG", "PNG"])
def sound_file(request, tmp_path_factory):
    return _damaged(tmp_path_factory, request.param)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_picture_never_ends_in_a_traceback(tmp_path, sound_file, data):
    hurt = bytearray(sound_file)
    for _ in range(data.draw(st.integers(1, 4))):
        # The head is where most can go wrong.
        at = data.draw(st.integers(0, min(len(hurt), 700) - 1) | st.integers(0, len(hurt) - 1))
        hurt[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "hurt"
    path.write_bytes(hurt[: data.draw(st.integers(1, len(hurt)) | st.just(len(hurt)))])
    try:
        bare = own_bytes(path)
    except SettingsError as error:
        assert error.cure
    else:
        picture(bare)
