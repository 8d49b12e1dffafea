"""Presets: data, checked, and the user's own beside ours."""

from __future__ import annotations

import pytest

from kindvoice.encode import FORMATS
from kindvoice.errors import SettingsError
from kindvoice.sound.presets import all_presets, find_preset, read_presets, shipped


def test_every_shipped_preset_names_real_formats_and_where_its_numbers_are_from():
    assert set(shipped()) == {"podcast", "insight-timer", "acx", "audiobook", "broadcast", "sleep"}
    for preset in shipped().values():
        assert preset.what_for
        assert preset.source
        assert set(preset.formats) <= set(FORMATS)


def test_acx_as_its_requirements_say():
    acx = find_preset("acx")
    assert (acx.rms_db, acx.peak_dbtp, acx.floor_db) == ((-23, -18), -3, -60)
    assert (acx.bitrate, acx.rate, acx.formats, acx.only) == (192_000, 44_100, ("mp3",), True)
    assert (acx.head_range_ms, acx.tail_range_ms, acx.max_ms) == ((500, 1000), (1000, 5000), 7_200_000)


def test_an_own_preset_stands_beside_ours_and_in_place_of_one(tmp_path):
    own = tmp_path / "presets.toml"
    own.write_text(
        '[museum]\nwhat_for = "loud halls"\nlufs = -14\npeak_dbtp = -2.0\nformats = ["wav"]\n'
        '[sleep]\nwhat_for = "ours"\nlufs = -24.0\npeak_dbtp = -3.0\n'
    )
    presets = all_presets(own)
    assert find_preset("museum", presets).lufs == -14.0
    assert find_preset("sleep", presets).lufs == -24.0
    assert find_preset("sleep").lufs == -20.0


GOOD = '[x]\nwhat_for = "x"\nlufs = -16.0\npeak_dbtp = -1.0\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[x", "cannot be read"),
        ("x = 1", "'x' is no table"),
        ("[x]\n", "lacks what_for, peak_dbtp"),
        (GOOD + "luffs = 1\n", "did you mean 'lufs'"),
        (GOOD + 'rate = "48"\n', "`rate` of [x] wants a whole number"),
        (GOOD + "rate = 22050\n", "a rate of 44100 or 48000"),
        (GOOD + "rms_db = [-18, -23]\n", "the lower first"),
        (GOOD + "rms_db = [-23, -18]\n", "either lufs or rms_db"),
        (GOOD + "formats = []\n", "a list of names"),
        (GOOD + "only = 1\n", "true or false"),
        (GOOD + "bitrate = true\n", "a whole number"),
        (GOOD + "max_ms = -1\n", "a whole number"),
    ],
)
def test_bad_presets_name_the_field_and_the_file(text, told):
    with pytest.raises(SettingsError, match=r"own\.toml") as caught:
        read_presets(text, "own.toml")
    assert told in str(caught.value)


def test_an_unknown_preset_names_the_nearest(tmp_path):
    with pytest.raises(SettingsError, match="insight-timer"):
        find_preset("insighttimer")
    with pytest.raises(SettingsError, match="KINDVOICE_PRESETS"):
        all_presets(tmp_path / "no.toml")
