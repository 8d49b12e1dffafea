"""The host's settings, the teachers' password, the secret."""

from __future__ import annotations

import os
import stat
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ordering import studio_at

from kindvoice.studio.host.config import CRISIS
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.keys import check_password, hash_password, kept_private, read_secret

HASH = hash_password("correct horse battery")


def test_the_defaults_are_for_this_computer_alone(tmp_path):
    config = studio_at(tmp_path)
    assert (config.host, config.alone, config.teacher_hash) == ("127.0.0.1", True, None)
    assert config.crisis_line() == CRISIS[""]


@pytest.mark.parametrize(
    "given",
    [
        {"host": "0.0.0.0"}, {"host": "::"}, {"host": "192.168.1.4"}, {"host": "studio.example.org"},
        {"names": ("studio.example.org",)}, {"proxies": ("127.0.0.1",)},
    ],
)  # fmt: skip
def test_beyond_this_computer_a_password_is_needed(tmp_path, given):
    with pytest.raises(StudioError, match="no password") as caught:
        studio_at(tmp_path, **given)
    assert caught.value.kind == "setup"
    assert not studio_at(tmp_path, password="correct horse battery", **given).alone


def test_a_password_is_hashed_with_salt_and_is_nowhere_in_the_config(tmp_path):
    config = studio_at(tmp_path, password="correct horse battery")
    assert config.teacher_hash is not None and config.teacher_hash != HASH
    assert "horse" not in repr(config) and config.teacher_hash not in repr(config)
    assert check_password("correct horse battery", config.teacher_hash)
    assert not check_password("correct horse batterx", config.teacher_hash)


def test_an_accent_may_be_typed_either_way():
    assert check_password("cafe\u0301 latte kaffee", hash_password("caf\u00e9 latte kaffee"))


@pytest.mark.parametrize("short", ["", "short", " " * 20])
def test_a_short_password_is_refused(short):
    with pytest.raises(StudioError, match="fewer than"):
        hash_password(short)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=80) | st.builds(lambda n: HASH.replace("$32768$", f"${n}$"), st.integers(-5, 2**40)))
def test_a_hash_from_elsewhere_neither_fails_nor_eats_the_memory(hashed):
    assert check_password("correct horse battery", hashed) == (hashed == HASH)


def test_the_file_is_read(tmp_path):
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "studio.toml").write_text(
        f'country = "DE"\nkeep_s = 3600\nteacher_hash = "{HASH}"\nnames = ["a.example"]\n'
        '[crisis]\nde = "TelefonSeelsorge: 0800 1110111"\n[limits]\nwaiting = 5\norders_per_hour = 2.5\n'
    )
    config = studio_at(tmp_path, port=9000)
    assert config.crisis_line() == "TelefonSeelsorge: 0800 1110111"
    assert config.crisis_line("fr") == CRISIS[""]
    assert (config.keep_s, config.names, config.port) == (3600, ("a.example",), 9000)
    assert (config.limits.waiting, config.limits.orders_per_hour) == (5, 2.5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hosts = 'x'", "did you mean 'host'"), ("[limits]\nwaitin = 3", "did you mean 'waiting'"),
        ("[limits]\nwaiting = 0", "above 0"), ("[limits]\nwaiting = true", "above 0"), ("port = 'x'", "`port`"),
        ("port = 70000", "no port"),
        ("[crisis]\nGermany = 'x'", "no country"), ('[crisis]\nDE = "a\\u001b"', "one line"),
        ('[crisis]\nDE = "a\\nb"', "one line"), ("languages = ['xx']", "no pages"), ("languages = []", "one at least"),
        ("keep_s = nan", "60 seconds"), ("teacher_hash = 'x'", "no hash"), ("data = '/'", "no setting"),
        ("= 3", "cannot be read"),
        ("host = 'a b'", "no address"), ("limits = 3", "table"), ("names = ['https://a.example']", "no name"),
        ("names = ['a.example:443']", "no name"), ("names = ['a b']", "no name"),
        ("proxies = ['*']", "no address of a proxy"), ("proxies = ['localhost']", "no address of a proxy"),
        ("proxies = ['0.0.0.0/0']", "no address of a proxy"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_said(tmp_path, text, says):
    (tmp_path / "studio").mkdir()
    (tmp_path / "studio" / "studio.toml").write_text(text)
    with pytest.raises(StudioError) as caught:
        studio_at(tmp_path)
    assert caught.value.kind == "setup"
    assert says in str(caught.value)


def test_an_unknown_argument_is_an_error(tmp_path):
    with pytest.raises(StudioError, match="no setting 'portt'"):
        studio_at(tmp_path, portt=3)


def test_the_secret_stays(tmp_path):
    config = studio_at(tmp_path)
    secret = read_secret(config.data)
    assert len(secret) == 32 and read_secret(config.data) == secret
    assert read_secret(studio_at(tmp_path / "other").data) != secret
    (config.data / "secret").write_bytes(b"short")
    assert len(read_secret(config.data)) == 32


@pytest.mark.skipif(sys.platform == "win32", reason="rights of another kind")
def test_others_on_this_computer_see_nothing(tmp_path):
    old = os.umask(0)
    try:
        config = studio_at(tmp_path)
        read_secret(config.data)
    finally:
        os.umask(old)
    assert stat.S_IMODE(config.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((config.data / "secret").stat().st_mode) == 0o600
    (config.data / "secret").chmod(0o644)
    read_secret(config.data)
    assert stat.S_IMODE((config.data / "secret").stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="rights of another kind")
def test_while_it_serves_whatever_is_written_is_its_owner_s(tmp_path):
    old = os.umask(0o022)
    try:
        with kept_private():
            (tmp_path / "there").mkdir()
            (tmp_path / "there" / "words").touch()
        (tmp_path / "after").touch()
    finally:
        os.umask(old)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("there", "there/words", "after")]
    assert modes == [0o700, 0o600, 0o644]
