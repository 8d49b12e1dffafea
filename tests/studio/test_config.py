"""The host's settings, the teachers' password, the secret, the rights of files."""

from __future__ import annotations

import os
import re
import stat
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ordering import studio_at, wish

from kindvoice.errors import SettingsError
from kindvoice.studio.host.config import Config, Limits
from kindvoice.studio.host.keys import check_password, hash_password, kept_private, read_secret
from kindvoice.studio.host.orders import Orders

DOCS = Path(__file__).parents[2] / "docs" / "studio.md"
HASH = "scrypt$16384$8$1$c29tZSBvdGhlciBzYWx0Lg==$03XfU9MWOpHjKFfQUqyVo7bk7yih+9Rk2EXdKzu7LmQ="
"""of `correct horse battery`"""
rights = pytest.mark.skipif(sys.platform == "win32", reason="rights of another kind")


def studio_with(folder, text, **more):
    """A studio whose studio.toml says this."""
    (folder / "studio").mkdir()
    (folder / "studio" / "studio.toml").write_text(text, encoding="utf-8")
    return studio_at(folder, limits=None, **more)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_defaults_are_for_this_computer_alone(tmp_path):
    config = studio_at(tmp_path)
    assert (config.host, config.alone, config.teacher_hash) == ("127.0.0.1", True, None)


@pytest.mark.parametrize(
    "given",
    [
        {"host": "0.0.0.0"}, {"host": "::"}, {"host": "192.168.1.4"}, {"host": "studio.example.org"},
        {"names": ("studio.example.org",)}, {"proxies": ("127.0.0.1",)},
    ],
)  # fmt: skip
def test_beyond_this_computer_a_password_is_needed(tmp_path, given):
    with pytest.raises(SettingsError, match="no password"):
        studio_at(tmp_path, **given)
    assert not studio_at(tmp_path, teacher_hash=HASH, **given).alone


def test_a_password_is_hashed_with_salt_and_is_nowhere_in_the_config(tmp_path):
    config = studio_at(tmp_path, password="cafe\u0301 latte kaffee")
    assert config.teacher_hash != hash_password("cafe\u0301 latte kaffee")
    assert "latte" not in repr(config) and config.teacher_hash not in repr(config)
    assert check_password("caf\u00e9 latte kaffee", config.teacher_hash), "an accent may be typed either way"
    assert not check_password("cafe latte kaffee", config.teacher_hash)
    for short in ("short", " " * 20):
        with pytest.raises(SettingsError, match="fewer than"):
            hash_password(short)


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=80) | st.builds(lambda n: HASH.replace("$16384$", f"${n}$"), st.integers(-5, 2**40)))
def test_a_hash_from_elsewhere_neither_fails_nor_eats_the_memory(hashed):
    assert check_password("correct horse battery", hashed) == (hashed == HASH)


def test_the_file_is_read(tmp_path):
    config = studio_with(
        tmp_path,
        f'country = "de"\nkeep_s = 3600\nteacher_hash = "{HASH}"\nnames = ["a.example"]\n'
        '[crisis]\nde = "TelefonSeelsorge: 0800 1110111"\n[limits]\nwaiting = 5\norders_per_hour = 2.5\n',
        port=9000,
    )
    assert config.crisis_line(config.country) == "TelefonSeelsorge: 0800 1110111"
    assert (config.keep_s, config.names, config.port) == (3600, ("a.example",), 9000)
    assert (config.limits.waiting, config.limits.orders_per_hour) == (5, 2.5)


def test_the_example_of_the_docs_can_be_used_and_names_the_limits_as_they_are(tmp_path):
    text = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1]
    usual = {each.name: each.default for each in fields(Config)}
    config = studio_with(tmp_path, text, jobs=None)
    assert (config.languages, config.country) == (("en", "de"), "DE")
    assert config.crisis_line(config.country) == "Telefonseelsorge: 0800 111 0 111"
    assert config.limits == Limits() and (config.keep_s, config.jobs) == (usual["keep_s"], usual["jobs"])
    assert len(tomllib.loads(text)["limits"]) >= 10


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
    with pytest.raises(SettingsError) as caught:
        studio_with(tmp_path, text)
    assert says in str(caught.value)


def test_the_secret_stays(tmp_path):
    config = studio_at(tmp_path)
    secret = read_secret(config.data)
    assert len(secret) == 32 and read_secret(config.data) == secret
    assert read_secret(studio_at(tmp_path / "other").data) != secret
    (config.data / "secret").write_bytes(b"short")
    assert len(read_secret(config.data)) == 32


@rights
def test_others_on_this_computer_see_nothing(tmp_path):
    old = os.umask(0)
    try:
        config = studio_at(tmp_path)
        read_secret(config.data)
        (config.data / "secret").chmod(0o644)
        read_secret(config.data)
        orders = Orders(config)
        orders.place(wish("a"), "anna")
    finally:
        os.umask(old)
    assert mode(config.data) == 0o700 and len(list(config.data.iterdir())) >= 3
    assert {mode(path) for path in config.data.iterdir()} == {0o600}
    orders.close()


@rights
def test_while_it_serves_whatever_is_written_is_its_owner_s(tmp_path):
    old = os.umask(0o022)
    try:
        with kept_private():
            (tmp_path / "there").mkdir()
            (tmp_path / "there" / "words").touch()
        (tmp_path / "after").touch()
    finally:
        os.umask(old)
    assert [mode(tmp_path / name) for name in ("there", "there/words", "after")] == [0o700, 0o600, 0o644]
