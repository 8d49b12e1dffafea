"""Covers: the drawn ones are calm, different and can be read; the user's own is what players take, and tells nothing
of its maker."""

from __future__ import annotations

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
from PIL import Image, ImageCms, PngImagePlugin

from kindvoice.errors import SettingsError
from kindvoice.paths import data_folder
from kindvoice.publish.cover import (
    check_picture,
    copy_cover,
    draw_cover,
    drawn_text,
    missing_letters,
    own_bytes,
)
from kindvoice.publish.cover.choice import ANY, COLOURS, LIBRARY, PALETTES, WORDS, choose, palettes
from kindvoice.publish.cover.draw import MAX_BYTES, _words, paint
from kindvoice.publish.cover.lettering import fit

SCRIPTS = sorted((data_folder("scripts_library")).glob("*/*.md"))
SMALLEST = 1400
MOTIFS = sorted({*ANY, *WORDS, *(choice.split()[0] for choice in LIBRARY.values())})


def picture(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def pixels(image: Image.Image | bytes, size: int | None = None) -> np.ndarray:
    image = (picture(image) if isinstance(image, bytes) else image).convert("RGB")
    return np.asarray(image.resize((size, size), Image.Resampling.BOX) if size else image, np.float32)


def drawn(title: str, practice: str = "x", size: int = SMALLEST, subtitle: str = "") -> bytes:
    return draw_cover(title, practice=practice, subtitle=subtitle, size=size)


# ---------------------------------------------------------------- drawn


@pytest.mark.slow
def test_a_drawn_cover_is_what_players_and_directories_take(tmp_path):
    path, size = tmp_path / "x.cover.jpg", 3000
    path.write_bytes(drawn("Giving and Receiving", "giving-and-receiving-compassion", size, "Anna"))
    made = check_picture(path)
    assert (made.type, made.width, made.height) == ("image/jpeg", size, size)
    assert picture(path.read_bytes()).mode == "RGB" and path.stat().st_size <= MAX_BYTES


def test_a_practice_looks_the_same_in_every_language_but_for_the_title():
    titles = ("Soles of the Feet", "Ayak Tabanları")
    look = choose("soles-of-the-feet")
    english, turkish = (pixels(paint(*look, 420, _words(title, "")), 140) for title in titles)
    apart = np.abs(english - turkish)
    assert apart[56:].max() < 3 and apart[:56].max() > 60


def test_every_practice_of_the_library_has_a_cover_of_its_own():
    assert {path.stem for path in SCRIPTS} == set(LIBRARY)
    assert len(set(LIBRARY.values())) == len(LIBRARY)


@pytest.mark.slow
def test_at_64_pixels_every_practice_is_told_from_every_other():
    small = {name: pixels(paint(*choose(name), 256), 64) for name in LIBRARY}
    for (name, one), (also, other) in itertools.combinations(small.items(), 2):
        assert (np.abs(one - other).max(axis=2) > 24).mean() > 0.10, f"{name} and {also}"
    for name, one in small.items():
        # The motif stands out from what is round it.
        grey = one[26:62, 8:56].mean(axis=2)
        assert np.percentile(grey, 98) - np.percentile(grey, 2) > 38, name


def luminance(paint: np.ndarray) -> np.ndarray:
    """Relative, 0 to 1 (WCAG 2.2)."""
    part = paint / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.slow
@pytest.mark.parametrize("motif", MOTIFS)
def test_a_title_can_be_read_on_every_motif_in_all_its_colours(motif):
    for palette in palettes(motif):
        code = PALETTES[palette].split()[COLOURS.index("ink")]
        ink = luminance(np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]))
        behind = luminance(pixels(paint(motif, palette, 128), 32)[3:12, 3:29])
        light, dark = np.maximum(ink, behind), np.minimum(ink, behind)
        assert ((light + 0.05) / (dark + 0.05)).min() > 4.5, palette


def test_any_name_gets_one_of_the_motifs_and_many_names_get_many():
    found = [choose(f"ćwiczenie {n}") for n in range(400)]
    assert {motif for motif, _ in found} == set(ANY)
    assert len(set(found)) > 120
    assert choose("  Evening-SLEEP ") == choose("evening-sleep")
    assert choose("a-walk-by-the-sea")[0] == "path"
    for practice in ("", "🌿", "\ud800", "\0", "x" * 10_000, "../../etc", "<script>"):
        assert choose(practice)[0] in ANY


@pytest.mark.parametrize("size", [1399, 3001, 0, -5])
def test_a_size_that_directories_refuse_is_not_drawn(size):
    with pytest.raises(ValueError, match="1400 to 3000"):
        drawn("x", size=size)


# ---------------------------------------------------------------- letters


def test_every_title_of_the_library_can_be_written():
    for path in SCRIPTS:
        title = re.search(r"^title: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)[1]
        assert missing_letters(title) == "", path


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Życzliwa wędrówka po ciele", "Życzliwa wędrówka po ciele"),
        ("Şefkatli İğne ıĞüÖç", "Şefkatli İğne ıĞüÖç"),
        ("Größe & <b> var(--x), ẞ", "Größe & <b> var(--x), ẞ"),
        ("Дыхание", "Дыхание"),
        ("Ησυχία", "Ησυχία"),
        ("d'autocompassion", "d’autocompassion"),
        ("cafe\u0301", "café"),
        ("Calm 🌿\u200d Evening ❤️", "Calm Evening"),
        ("a\x00b\u202ec\ufeff\ud800\n d\ufffe", "abc d"),
        ("1\ufe0f\u20e3 Rest", "1 Rest"),
        ("慈悲の瞑想", "慈悲の瞑想"),
        ("تأمل", ""),
        ("Rest 平静", "Rest 平静"),
        ("सेवा 平静", ""),
        ("🌿", ""),
        ("", ""),
    ],
)
def test_what_the_font_has_not_is_left_out_and_never_a_box(text, expected):
    assert drawn_text(text) == expected == drawn_text(drawn_text(text))
    assert bool(_words(text, "")) == bool(expected)


@pytest.mark.slow
def test_what_is_left_out_of_a_title_is_told_and_the_same_words_give_the_same_bytes():
    assert missing_letters("Rest सेवा से") == "सेवा"
    assert missing_letters("Rest 🌿 \u200f") == ""
    assert drawn("Śpij", subtitle="x") == drawn("Śpij 🌿", subtitle="x")


def test_without_its_font_a_title_in_japanese_is_left_out_and_with_it_no_line_begins_with_a_stop(monkeypatch):
    setting = fit("その場で、自分をいたわる、ひと休み。", wide=300, tall=400, largest=90)
    assert "".join(setting.lines) == "その場で、自分をいたわる、ひと休み。" and len(setting.lines) > 2
    assert not any(line[0] in "、。" for line in setting.lines)
    monkeypatch.setattr("kindvoice.publish.cover.lettering._asian_font", lambda: None)
    assert drawn_text("慈悲の瞑想") == "" and missing_letters("Rest 平静 平") == "平静"


SIDE = 350


def ink(title: str, subtitle: str = "") -> np.ndarray:
    """Where something is written, of SIDE by SIDE."""
    written, bare = (pixels(paint(*choose("x"), SIDE, words)) for words in (_words(title, subtitle), ""))
    return np.abs(written - bare).max(axis=2) > 60


LONG = (
    "A kind word for a tired heart that has carried much and asks for little. " * 3 + "Rest, dear, now, {}."
)


@pytest.mark.parametrize(
    "title",
    [
        "Om",
        "gjpqy ÅÇŞ Ğ",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        LONG,
        "W" * 240,
        "i " * 3000,
        "x" * 5000,
    ],
)
def test_any_title_stays_within_its_room(title):
    written = ink(title, subtitle="Anna " * 80)
    rows, columns = (np.flatnonzero(written.any(axis=axis)) / SIDE for axis in (1, 0))
    assert rows[0] > 0.05 and rows[-1] < 0.38
    assert columns[0] > 0.06 and columns[-1] < 0.94
    assert abs((columns[0] + columns[-1]) / 2 - 0.5) < 0.02


def test_240_letters_are_written_to_the_last():
    assert len(LONG) > 235
    assert (ink(LONG.format("h")) != ink(LONG.format("M"))).any()


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind, ending, mode, size",
    [("JPEG", "jpg", "L", 3000), ("JPEG", "jpg", "RGB", 1400), ("PNG", "png", "RGB", 1400)],
)
def test_a_fitting_picture_is_taken_whatever_its_name(tmp_path, kind, ending, mode, size):
    path = saved(tmp_path / "cover.txt", scene(size, mode), kind)
    made = check_picture(path)
    assert (made.path, made.type, made.width, made.height) == (path, f"image/{kind.lower()}", size, size)
    copy = copy_cover(path, tmp_path, "Rest")
    assert copy.path.name == f"Rest.cover.{ending}" and (copy.type, copy.width) == (made.type, size)
    assert np.array_equal(pixels(copy.path.read_bytes()), pixels(path.read_bytes()))
    assert check_picture(copy.path) == copy


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
    chunk = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    scene().save(path, "PNG")
    data = path.read_bytes()
    path.write_bytes(data[:33] + chunk + data[33:])


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


def many_scans(path: Path) -> None:
    """A progressive JPEG whose last scan comes a hundred times more: each goes over the whole picture."""
    scene().save(path, "JPEG", progressive=True)
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * 100 + data[-2:])


@pytest.mark.slow
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
        (lambda p: scene().save(p, "GIF"), "neither a JPEG nor a PNG"),
        (lambda p: scene().save(p, "PNG", save_all=True, append_images=[scene(mode="1")]), "moves"),
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
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, orientation in itertools.product(("JPEG", "PNG"), (1, 6)):
        path = saved(tmp_path / kind, scene(), kind, icc_profile=profile, exif=exif(orientation))
        assert picture(own_bytes(path)).info["icc_profile"] == profile


@pytest.mark.parametrize("kind, orientation", [*(("JPEG", each) for each in range(2, 9)), ("PNG", 6)])
def test_a_picture_stands_upright_without_its_exif(tmp_path, kind, orientation):
    # What a camera writes that was held otherwise: turned the other way, and a note of how to turn it back.
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    stored = scene().transpose(Image.Transpose(back))
    bare = own_bytes(saved(tmp_path / "photo", stored, kind, exif=exif(orientation), quality=95))
    assert not picture(bare).getexif() and b"SECRET" not in bare
    assert np.abs(pixels(bare, 100) - pixels(scene(), 100)).max() < 6


@pytest.fixture(scope="module", params=["JPEG", "PNG"])
def sound_file(request):
    out = io.BytesIO()
    scene().save(out, request.param, exif=exif(6))
    return out.getvalue()


@pytest.mark.slow
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
