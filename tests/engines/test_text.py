"""Text made readable: what several engines would stumble over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kindvoice.engines._languages import parts, scripts_of
from kindvoice.engines._text import bare, tidy


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("[bell](/x/) [[hello]] {{ 7*7 }}", "bell (/x/) hello 7 7"),
        ('<break time="9s"/> rest', "break time= 9s / rest"),
        ("\x01s80\x00 fast\x7f", "s80 fast"),
        ("*softly* and _slowly_ # x", "softly and slowly x"),
        ('“Yes,” she said, „ja“, «oui», "yes".', "Yes, she said, ja, oui, yes."),
        ("‘yes’ she said, it’s the dogs’ bone", "yes she said, it's the dogs' bone"),
        ("un po’ di calma, l’aria", "un po' di calma, l'aria"),
        ("rest... now", "rest, now"),
        ("rest … now", "rest, now"),
        ("Rest . . . Now", "Rest. Now"),
        ("rest…", "rest."),
        ("rest...?", "rest?"),
        ("Rest. ... Now", "Rest. Now"),
        ("...and rest", "and rest"),
        ("Let go — now", "Let go, now"),
        ("Let go - now -- or—now", "Let go, now, or, now"),
        ("Let go, — now", "Let go, now"),
        ("Let go —", "Let go"),
        ("— and rest", "and rest"),
        ("well‑being and well-being", "well-being and well-being"),
        ("3–5 minutes or 3 - 5", "3 to 5 minutes or 3 to 5"),
        ("in 1.5–2 h", "in 1.5 to 2 h"),
        ("in - 2 - 3 - 4, 5-4-3-2-1", "in, 2, 3, 4, 5, 4, 3, 2, 1"),
        ("in ... 2 ... 3…4", "in, 2, 3, 4"),
        ("2024-01-02, −5 degrees, .5", "2024-01-02, -5 degrees, .5"),
        ("and/or, 1/2", "and or, 1/2"),
        ("¿Cómo? ¡Hola!", "Cómo? Hola!"),
        ("Oui ? Là !", "Oui? Là!"),
        ("Re\u00adst\u200b now\ufeff", "Rest now"),
        ("cafe\u0301", "café"),
        ("one two,", "one two,"),
        ("7 a.m. Dr. Neff", "7 a.m. Dr. Neff"),
        ("नमस्ते, می‌خواهم", "नमस्ते, می‌خواهم"),
        ("—", ""),
    ],
)
def test_tidy(text: str, read: str) -> None:
    assert tidy(text, "en") == read
    assert tidy(read, "en") == read


@pytest.mark.parametrize(
    ("language", "read"),
    [("de-DE", "3 bis 5"), ("es", "3 a 5"), ("fr-FR", "3 à 5"), ("it", "3 a 5"), ("fi", "3–5")],
)
def test_from_this_to_that(language: str, read: str) -> None:
    assert tidy("3–5", language) == read


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_no_letter_is_lost_and_nothing_is_left_to_obey(text: str) -> None:
    read = tidy(text, "xx")
    assert not set(read) & set("<>[]{}\x00\x01\n")
    assert [c for c in read if c.isalpha()] == [c for c in tidy("".join(text.split()), "xx") if c.isalpha()]


def test_bare_letters() -> None:
    assert "".join(map(bare, "āīūṇṃṭḥśñŁőđ")) == "aiunmthsnLod"


@pytest.mark.parametrize(("language", "script"), [("iw", "HEBREW"), ("no", "LATIN"), ("yue", "CJK")])
def test_scripts_go_by_any_name_of_a_language(language: str, script: str) -> None:
    assert script in (scripts_of(language) or ())


def test_an_unknown_language_has_no_known_scripts() -> None:
    assert scripts_of("tlh") is None
    assert parts("tlh") == ("tlh", "", "", "")
