"""What stands before what: variables, then the file, then defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from kindvoice.errors import SettingsError
from kindvoice.settings import load_settings


@pytest.fixture
def config(tmp_path):
    return tmp_path / "config.toml"


def test_defaults(config):
    settings = load_settings({}, config)
    assert (settings.output, settings.preset, settings.format) == (Path("output"), "podcast", None)
    assert (settings.voices, settings.scripts, settings.voice, settings.bed) == (None, None, None, None)
    assert settings.cache.name == "kindvoice"


def test_the_variable_stands_before_the_file_and_the_file_before_the_default(config):
    config.write_text('preset = "sleep"\nvoice = "heart"\n')
    settings = load_settings({"KINDVOICE_VOICE": "mine", "KINDVOICE_CACHE": "/c", "OTHER": "x"}, config)
    own = (settings.voice, settings.preset, settings.format, settings.cache)
    assert own == ("mine", "sleep", None, Path("/c"))


def test_what_is_empty_says_nothing(config):
    config.write_text('voice = ""\ncache = ""\npreset = "sleep"\n')
    settings = load_settings({"KINDVOICE_PRESET": "", "KINDVOICE_OUTPUT": ""}, config)
    assert (settings.voice, settings.preset, settings.output) == (None, "sleep", Path("output"))
    assert settings.cache == load_settings({}, config.with_name("none")).cache


def test_paths_of_the_home_folder(config, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    config.write_text('output = "~/out"\n')
    settings = load_settings({"KINDVOICE_VOICES": "~/voices", "KINDVOICE_CONFIG": "~/config.toml"})
    assert (settings.output, settings.voices) == (tmp_path / "out", tmp_path / "voices")


def test_the_variable_names_the_file(config):
    config.write_bytes('\ufeffartist = "Ana"\n'.encode())
    assert load_settings({"KINDVOICE_CONFIG": str(config)}).artist == "Ana"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('vioce = "x"', "config.toml: no setting 'vioce'\n  did you mean 'voice'?"),
        ('xyzzy = "x"', "config.toml: no setting 'xyzzy'"),
        ("preset = 5", "config.toml: `preset` wants a text, not 5"),
        ("[voice]\nname = 5", "config.toml: `voice` wants a text, not {'name': 5}"),
        (
            "preset = sleep",
            "config.toml: the settings file cannot be read: Invalid value (at line 1, column 10)",
        ),
        ("preset", "config.toml: the settings file cannot be read: Expected '=' after a key"),
        (b'voice = "\xff"', "config.toml: the settings file cannot be read: "),
    ],
)
def test_a_file_that_is_not_understood(config, text, message):
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SettingsError) as caught:
        load_settings({}, config)
    assert str(caught.value).replace(str(config), "config.toml").startswith(message)
