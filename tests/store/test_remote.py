"""A store that computers share through a URL: what is there is fetched, what is not is made, also when it is away."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from make import changed
from plans import WORDS, item, settings, whole

from kindvoice.errors import OutputError, SettingsError
from kindvoice.jobs.forget import forget
from kindvoice.jobs.run import run
from kindvoice.store import Ledger, remote, stage_key
from kindvoice.store.remote import RemoteStore, clear_runs

fsspec = pytest.importorskip("fsspec", reason="the [cluster] extra is not installed")
KEY, OTHER = stage_key("t", 1, n=1), stage_key("t", 1, n=2)


@pytest.fixture(params=["file", "memory"])
def url(request, tmp_path) -> str:
    fsspec.filesystem("memory").store.clear()
    return f"file://{tmp_path / 'share'}" if request.param == "file" else "memory://share"


def never(part: Path) -> None:
    raise AssertionError("it is in the share")


def test_what_one_has_made_the_other_fetches(tmp_path, url):
    here, there = RemoteStore(tmp_path / "a", url), RemoteStore(tmp_path / "b", url)
    assert there.get(KEY) is None
    assert here.read_or_make(KEY, lambda part: part.write_bytes(b"sound") and None) == b"sound"
    assert there.read_or_make(KEY, never) == b"sound"
    assert RemoteStore(tmp_path / "c", url).read(KEY) == b"sound"
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 40])
def test_what_is_not_whole_is_made_anew(tmp_path, damage):
    share = tmp_path / "share"
    RemoteStore(tmp_path / "a", f"file://{share}").get_or_make(
        KEY, lambda part: part.write_bytes(b"sound") and None
    )
    (thing,) = share.rglob(KEY)
    thing.write_bytes(damage)
    again = RemoteStore(tmp_path / "b", f"file://{share}")
    assert again.get(KEY) is None
    assert again.read_or_make(KEY, lambda part: part.write_bytes(b"sound") and None) == b"sound"
    assert RemoteStore(tmp_path / "c", f"file://{share}").read_or_make(KEY, never) == b"sound"


def test_a_share_that_is_away_stops_nobody_but_the_one_who_removes(tmp_path, monkeypatch):
    monkeypatch.setattr(remote, "_WAITS_S", (0.0,))
    store = RemoteStore(tmp_path / "a", "memory://share")

    def away(*_, **__):
        raise ConnectionResetError("the share is away")

    for name in ("get_file", "put_file", "makedirs", "info", "rm_file"):
        monkeypatch.setattr(store._fs, name, away, raising=False)
    assert store.get(KEY) is None
    assert store.read_or_make(KEY, lambda part: part.write_bytes(b"sound") and None) == b"sound"
    with pytest.raises(OutputError, match="cannot be removed from the shared store memory://share"):
        store.remove([KEY])


def test_a_share_that_stalls_once_is_asked_again(tmp_path, monkeypatch, url):
    monkeypatch.setattr(remote, "_WAITS_S", (0.0,))
    RemoteStore(tmp_path / "a", url).get_or_make(KEY, lambda part: part.write_bytes(b"sound") and None)
    store = RemoteStore(tmp_path / "b", url)
    real, times = store._fs.get_file, []

    def stalls(*given, **more):
        times.append(1)
        if len(times) == 1:
            raise TimeoutError("stalled")
        return real(*given, **more)

    monkeypatch.setattr(store._fs, "get_file", stalls, raising=False)
    assert store.read_or_make(KEY, never) == b"sound"


def test_a_ledger_is_in_the_share_before_its_thing(tmp_path, url):
    ledger = Ledger(tmp_path / "a" / "ledgers" / "item.run", {"participant": "ana"})
    store = RemoteStore(tmp_path / "a", url, ledger)
    order = []
    real = store._put
    store._put = lambda path, target: (order.append(target.rpartition("/")[2]), real(path, target))
    store.get_or_make(KEY, lambda part: part.write_bytes(b"x") and None)
    store.get_or_make(OTHER, lambda part: part.write_bytes(b"x") and None)
    assert order == ["item.run", KEY, "item.run", OTHER]
    (seen,) = RemoteStore(tmp_path / "b", url).ledgers()
    assert (seen.name, seen.about, seen.keys) == ("item.run", {"participant": "ana"}, {KEY, OTHER})
    store.drop_ledgers(["item.run", "no such"])
    assert list(store.ledgers()) == []


@pytest.mark.slow
def test_a_plan_is_built_and_forgotten_through_a_share(tmp_path, url):
    items = [item(tmp_path, who) for who in WORDS]
    own = settings(tmp_path)
    summary = run(items, settings=own, jobs=1, store=url)
    assert (summary.count("built"), summary.spoken) == (4, 6)
    assert not list((tmp_path / "cache" / "shared").iterdir()), "nothing of it stays here"
    assert not list((tmp_path / "cache").rglob("v1/*/*"))
    before = whole(tmp_path / "out")
    elsewhere = [
        replace(one, request=changed(one.request, folder=tmp_path / "b" / one.participant)) for one in items
    ]
    again = run(elsewhere, settings=replace(own, cache=tmp_path / "cache2"), jobs=1, store=url)
    assert (again.count("built"), again.spoken) == (4, 0), "another computer speaks nothing"
    assert whole(tmp_path / "b") == before
    store = RemoteStore(tmp_path / "look", url)
    things = set(store._fs.find(f"{store._base}/v1"))
    gone = forget(items, "ana", own, tmp_path / "out", store=url)
    assert gone.clips == 4
    assert len(things - set(store._fs.find(f"{store._base}/v1"))) == 4
    assert not [
        ledger
        for ledger in store.ledgers()
        if ledger.about["manifest"].startswith(str(tmp_path / "out" / "ana"))
    ]


def test_a_url_that_nothing_knows_is_told(tmp_path):
    with pytest.raises(SettingsError, match="cannot be used"):
        RemoteStore(tmp_path, "nothing-like-this://x")


def test_a_password_in_the_address_is_in_no_message(tmp_path, monkeypatch):
    with pytest.raises(SettingsError) as unknown:
        RemoteStore(tmp_path, "nothing-like-this://ana:secret@host/x")
    store = RemoteStore(tmp_path, f"file://{tmp_path / 'share'}")
    monkeypatch.setattr(store, "_url", "sftp://ana:secret@host/x")

    def away(path):
        raise ConnectionError("no answer from sftp://ana:secret@host, tried 'secret'")

    monkeypatch.setattr(store._fs, "rm_file", away)
    monkeypatch.setattr(store._fs, "info", lambda path: {"size": 100})
    with pytest.raises(OutputError) as failed:
        store.remove(["0" * 64])
    for error in (unknown.value, failed.value):
        assert "secret" not in str(error) and "host" in str(error)


def test_a_ledger_that_is_gone_meanwhile_is_no_fault(tmp_path, monkeypatch):
    store = RemoteStore(tmp_path / "here", f"file://{tmp_path / 'share'}")
    monkeypatch.setattr(store._fs, "ls", lambda folder, detail: [f"{folder}/gone"])
    assert list(store.ledgers()) == []


def test_what_killed_runs_have_left_is_cleared_a_day_later(tmp_path):
    for name in ("mine", "at work", "old"):
        (tmp_path / name / "v1").mkdir(parents=True)
    for path in (tmp_path / "old" / "v1", tmp_path / "old"):
        os.utime(path, (0, 0))
    clear_runs(tmp_path, "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["at work"]
