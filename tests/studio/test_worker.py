"""Orders, really made: with the humming voice, here and in processes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import DEFAULT, Mock

import numpy as np
import pytest
from ordering import everything_in, studio_at, until, wish

from kindvoice.build import recording
from kindvoice.build.prepared import Progress
from kindvoice.encode.decode import decode
from kindvoice.errors import SettingsError
from kindvoice.jobs.outcome import BUILT, Outcome
from kindvoice.publish.manifest import read_release
from kindvoice.studio.host import orders as orders_module
from kindvoice.studio.host import worker as worker_module
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.wishes import DONE, FAILED, MAKING, WAITING
from kindvoice.studio.host.worker import OrderWorker
from kindvoice.studio.web.live import Live

FULL = sqlite3.OperationalError("database or disk is full")
SAFE, KIND, CALM = "May I be safe and sound.", "May I be kind to myself.", "May I be calm and free."


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@contextmanager
def working(config, choices):
    orders = Orders(config)
    worker = OrderWorker(config, orders, choices)
    yield orders, worker
    worker.stop()
    orders.close()


@pytest.fixture
def studio(tmp_path, cache, choices):
    """Made in this process."""
    with working(studio_at(tmp_path, cache), choices) as studio:
        yield studio


@pytest.fixture
def lane(tmp_path, cache, choices):
    """Made in another process."""
    with working(studio_at(tmp_path, cache, jobs=1), choices) as lane:
        lane[1].start()
        yield lane


def _texts(order):
    return " ".join(line.text for line in read_release(order.manifest).transcript.lines)


@pytest.mark.slow
def test_an_order_comes_to_a_finished_recording(studio):
    orders, worker = studio
    worker.start()
    token = orders.place(wish(SAFE, title="For <b>me</b>"), "anna").token
    order = until(orders, token, extras=True)
    assert (order.state, order.ready, order.left_s) == (DONE, 1, None)
    release = read_release(order.manifest)
    assert release.transcript.duration_ms == 60_000 and release.tags.title == "For <b>me</b>"
    assert SAFE in _texts(order)
    assert set(order.files) == {"mp3", "vtt", "m4b"} and SAFE in order.files["vtt"].read_text()
    more = read_release(order.files["m4b"].with_name("recording.manifest.json"))
    assert list(more.transcript.lines) == list(release.transcript.lines)
    names = "\n".join(str(path) for path in orders.config.data.parent.rglob("*"))
    assert "For <b>" not in names and "sound" not in names and token not in names and order.key in names
    assert worker.running


@pytest.mark.slow
def test_a_change_of_one_phrase_speaks_that_phrase_alone(studio):
    orders, worker = studio
    worker.start()
    token = orders.place(wish(SAFE, KIND), "anna").token
    first = until(orders, token)
    orders.change(token, wish(SAFE, CALM))
    second = until(orders, token)
    assert (second.version, second.ready) == (2, 2)
    assert CALM in _texts(second) and KIND not in _texts(second) and SAFE in _texts(second)
    worker.stop()
    assert not first.folder.exists()


@pytest.mark.slow
def test_everybody_hears_the_bell_and_the_background_that_they_chose(studio):
    """Recordings of a family share their sound: another bell or level is another family."""
    orders, worker = studio
    worker.start()
    chosen = {
        "as written": {}, "none": {"bell": "off"}, "rain": {"bell": "low", "bed": "rain"},
        "soft rain": {"bell": "low", "bed": "rain", "bed_gain_db": -6.0},
    }  # fmt: skip
    tokens = {name: orders.place(wish(SAFE, **how), name).token for name, how in chosen.items()}
    sound, starts = {}, {}
    for name, token in tokens.items():
        order = until(orders, token)
        sound[name] = np.concatenate(list(decode(order.files["mp3"])))[:, 0]
        starts[name] = next(iter(read_release(order.manifest).transcript.lines)).start_ms

    def pitch(name):
        ring = sound[name][: starts[name] * 48]
        return np.fft.rfftfreq(len(ring), 1 / 48_000)[np.abs(np.fft.rfft(ring)).argmax()]

    def rest_db(name):
        """Against the bell: the whole is made as loud as every recording."""
        ring, rest = sound[name][: 2 * 48_000], sound[name][42 * 48_000 : 50 * 48_000]
        power = [np.mean(np.square(part, dtype=np.float64)) for part in (rest, ring)]
        return 10 * np.log10(power[0] / power[1])

    assert starts["none"] < 1_500 < min(starts["rain"], starts["as written"])
    assert pitch("rain") < 0.9 * pitch("as written")
    assert rest_db("rain") - rest_db("soft rain") == pytest.approx(6.0, abs=1.0)
    assert rest_db("as written") < rest_db("soft rain") - 6


def _until_mixing(orders, token):
    """Each test asks for a length of its own, over a bed: what was mixed before would be done at once."""
    for _ in range(60_000):
        order = orders.get(token)
        if order.stage in {"measure", "encode"}:
            return
        assert order.state in {WAITING, MAKING}
        time.sleep(0.005)
    raise AssertionError("not in five minutes")


def _ledgers_of(orders):
    """What ledgers tell of this studio's orders."""
    folder = orders.config.settings.cache / "ledgers"
    told = [path.read_text() for path in folder.iterdir()]
    return [text for text in told if str(orders.config.orders) in text]


def _things(orders):
    """What is in the cache of everybody, and what ledgers name it."""
    store = orders.config.settings.cache
    there = {path.name for path in (store / "v1").rglob("*") if path.is_file()}
    ledgers = {p.name: p.read_text() for p in (store / "ledgers").iterdir()}
    return there, ledgers


@pytest.mark.slow
def test_deleting_forgets_the_words_and_keeps_the_practice(tmp_path, choices):
    with working(studio_at(tmp_path), choices) as (orders, worker):
        worker.start()
        _forgotten_one_by_one(orders)


def _forgotten_one_by_one(orders):
    first = orders.place(wish(SAFE), "anna").token
    until(orders, first, extras=True)
    orders.delete(first)
    common, ledgers = _things(orders)
    assert set(ledgers) == {"studio-common"}
    second, third = (orders.place(wish(KIND), person).token for person in ("bert", "carla"))
    until(orders, second)
    until(orders, third)
    assert common <= _things(orders)[0], "nothing of the practice was made again"
    named = ledgers["studio-common"]
    assert all(key in named for key in common), "and nothing else had stayed"
    orders.delete(second)
    assert common < _things(orders)[0], "what two people wish alike stays with the other"
    assert Path(orders.get(third).files["mp3"]).is_file()
    orders.delete(third)
    assert _things(orders)[0] == common
    assert b"safe and sound" not in everything_in(orders.config.data.parent / "cache")


@pytest.mark.slow
def test_the_page_with_all_lengths_comes_last_and_goes_with_its_order(tmp_path, choices):
    config = studio_at(tmp_path, limits=Limits(page_bytes=40_000_000))
    with working(config, choices) as (orders, worker):
        worker.start()
        token = orders.place(wish(SAFE, length_ms=120_000), "anna").token
        order = until(orders, token, lengths=True)
        assert "m4b" in order.files, "what is sooner of use is made before"
        names = {path.name for path in order.lengths.glob("*.html")}
        assert names == {"index.html", "short-kindness-1m.html", "short-kindness-3m.html"}
        ledgers = _things(orders)[1]
        assert not [told for told in ledgers.values() if "/lengths/" in told], (
            "nothing of it stays in the store"
        )
        orders.change(token, wish(KIND))
        assert not until(orders, token).lengths or not order.lengths.exists(), "it is of one version"
        orders.delete(token)
        assert not order.folder.parent.exists()
        assert set(_things(orders)[1]) == {"studio-common"}
        assert b"safe and sound" not in everything_in(tmp_path)


@pytest.mark.slow
def test_one_page_takes_up_so_much_and_no_more(tmp_path, cache, choices):
    with working(studio_at(tmp_path, cache, limits=Limits(page_bytes=1)), choices) as (orders, worker):
        worker.start()
        order = until(orders, orders.place(wish(SAFE, length_ms=180_000), "anna").token, lengths=True)
        assert [path.name for path in order.lengths.glob("*.html")] == ["index.html"], (
            "that which was asked for"
        )


def test_a_length_that_cannot_be_is_told_with_those_that_can(studio):
    orders, worker = studio
    worker.start()
    many = [f"May I be as calm as the lake of number {n} in the far north of the land." for n in range(30)]
    order = until(orders, orders.place(wish(*many), "anna").token)
    assert (order.state, order.kind) == (FAILED, "length")
    assert order.range_ms is not None and order.range_ms[0] > 60_000
    assert "lake" not in order.message and str(orders.config.data) not in order.message
    assert order.folder is None and not orders.folder_of(order.key, 1).exists()


def test_a_practice_that_is_gone_fails_alone(studio):
    orders, worker = studio
    bad = orders.place(wish(SAFE, practice="../../etc/passwd"), "anna").token
    good = orders.place(wish(SAFE), "bert").token
    worker.start()
    assert until(orders, bad).kind == "practice"
    assert until(orders, good).state == DONE


def test_what_fails_says_none_of_the_words(studio, monkeypatch):
    def broken(reading, *args):
        (phrase, *_), publication = reading.request.version.phrases, reading.request.publication
        raise RuntimeError(f"no {phrase!r} of {dict(publication.tags)['title']} in {publication.folder}")

    monkeypatch.setattr(recording, "render", broken)
    orders, worker = studio
    worker.start()
    order = until(orders, orders.place(wish("May I be a purple giraffe", title="Zebulon"), "anna").token)
    assert (order.state, order.kind) == (FAILED, "fault")
    assert "RuntimeError" in order.message
    assert not any(word in order.message for word in ("giraffe", "Zebulon", str(orders.config.data)))


def test_a_page_is_told_the_way_to_the_end(studio):
    orders, worker = studio
    worker.start()
    token = orders.place(wish(SAFE), "anna").token

    async def watch(token):
        told = b"".join([each async for each in Live(orders).stream(token).body_iterator])
        return re.findall(r'"state":"(\w+)"', told.decode())

    states = asyncio.run(asyncio.wait_for(watch(token), 180))
    assert states[-1] == DONE and set(states) <= {WAITING, MAKING, DONE}
    assert states == sorted(states, key=[WAITING, MAKING, DONE].index)
    assert asyncio.run(asyncio.wait_for(watch(token), 180)) == [DONE]
    orders.delete(token)
    assert asyncio.run(asyncio.wait_for(watch(token), 180)) == ["gone"]
    worker.stop()
    assert not orders._callbacks


def test_a_second_studio_in_the_folder_is_refused(studio, choices):
    orders, worker = studio
    worker.start()
    worker.start()
    other = OrderWorker(orders.config, orders, choices)
    with pytest.raises(SettingsError, match="another studio"):
        other.start()
    assert not other.running
    worker.stop()
    assert not worker.running
    other.start()
    other.stop()


@pytest.mark.slow
def test_stopping_leaves_what_was_being_made_in_line(studio):
    orders, worker = studio
    token = orders.place(wish(SAFE, length_ms=61_000, bed="rain"), "anna").token
    worker.start()
    _until_mixing(orders, token)
    worker.stop()
    assert orders.get(token).state == WAITING
    worker.start()
    assert until(orders, token).state == DONE


@pytest.mark.slow
def test_deleting_what_is_being_made_breaks_it_off(studio):
    orders, worker = studio
    worker.start()
    token = orders.place(wish(SAFE, length_ms=62_000, bed="rain"), "anna").token
    _until_mixing(orders, token)
    folder = orders.folder_of(orders.get(token).key, 1)
    orders.delete(token)
    assert not folder.parent.exists() and orders.counts() == dict.fromkeys((WAITING, MAKING, DONE, FAILED), 0)
    assert not _ledgers_of(orders)
    assert until(orders, orders.place(wish(KIND), "bert").token).state == DONE


def test_nobody_waits_for_further_formats(studio, monkeypatch):
    orders, worker = studio
    slow, started = recording.render, threading.Event()

    def render(reading, store, on_event):
        if reading.request.publication.formats == ("m4b",):
            started.set()
            for n in range(600):
                time.sleep(0.05)
                on_event(Progress(stage="encode", done=n, total=600))
        return slow(reading, store, on_event)

    monkeypatch.setattr(recording, "render", render)
    worker.start()
    first = orders.place(wish(SAFE), "anna").token
    until(orders, first)
    assert started.wait(120)
    assert until(orders, orders.place(wish(KIND), "bert").token, within_s=15).state == DONE
    assert "m4b" not in orders.get(first).files


# ---------------------------------------------------------------- the worker alone, with a making that only pretends


@pytest.fixture
def pretended(studio, monkeypatch):
    """What is said in it happens in place of a making; the rest is as ever."""
    deeds = []

    def build_item(task, on_stage):
        task.item.request.publication.folder.mkdir(parents=True)
        for deed in deeds:
            deed(task, on_stage)
        return Outcome(item=task.item.id, status=BUILT)

    for name in ("build_item", "build_order"):
        monkeypatch.setattr(worker_module, name, build_item)
    return *studio, deeds


def test_under_steady_load_overdue_formats_are_made_in_turn(pretended, monkeypatch):
    orders, worker, deeds = pretended
    monkeypatch.setattr(orders_module, "EXTRAS_WAIT_S", 0.0)
    made, enough, placed = [], threading.Event(), iter("bcdefghijk")

    def one_more_comes(task, on_stage):
        made.append("m4b" if task.item.request.publication.formats == ("m4b",) else "mp3")
        if made[-1] == "m4b":
            time.sleep(0.3)  # it was looked at, and somebody waits
            on_stage("encode", 0, 1)  # is not stopped
        if len(made) >= 6:
            enough.set()
            deeds.clear()
        elif (person := next(placed, None)) is not None:
            orders.place(wish(SAFE), person)

    deeds.append(one_more_comes)
    orders.place(wish(SAFE), "a")
    orders.place(wish(SAFE), "a")
    worker.start()
    assert enough.wait(120)
    assert made[:6] == ["mp3", "m4b"] * 3


def test_breaking_off_an_old_version_leaves_the_new_one_at_peace(pretended):
    orders, worker, deeds = pretended
    went_on = []

    def told_to_stop(task, on_stage):
        orders.break_off(task.item.id)  # as a change does, which another place was quicker than
        on_stage("encode", 0, 1)
        went_on.append(task)

    deeds.append(told_to_stop)
    worker.start()
    assert until(orders, orders.place(wish(SAFE), "anna").token).state == DONE
    assert went_on


def test_what_was_made_while_nothing_can_be_written_down_is_written_down_later(pretended, monkeypatch):
    orders, worker, _ = pretended
    monkeypatch.setattr(worker_module, "AGAIN_S", 0.002)
    finish = Mock(wraps=orders.finish, side_effect=[*[FULL] * 49, DEFAULT])
    monkeypatch.setattr(orders, "finish", finish)
    worker.start()
    assert until(orders, orders.place(wish(SAFE), "anna").token).state == DONE
    assert finish.call_count == 50 and worker.running


def test_a_deletion_does_not_wait_for_room_on_the_disk(pretended, monkeypatch):
    orders, worker, _ = pretended
    tried = threading.Event()

    def full(key, version):
        tried.set()
        raise FULL

    monkeypatch.setattr(orders, "finish", full)
    worker.start()
    token = orders.place(wish(SAFE), "anna").token
    assert tried.wait(120)
    orders.delete(token)
    assert list(orders.config.orders.iterdir()) == []


def test_a_start_that_fails_gives_the_folder_back(studio, choices, monkeypatch):
    orders, worker = studio
    with monkeypatch.context() as patch:
        patch.setattr(orders, "recover", Mock(side_effect=sqlite3.OperationalError("disk I/O error")))
        with pytest.raises(sqlite3.OperationalError):
            worker.start()
    other = OrderWorker(orders.config, orders, choices)
    other.start()
    with pytest.raises(SettingsError, match="another studio"):
        worker.take_folder()
    stopping = threading.Thread(target=other.stop)  # by another thread than the one that started it
    stopping.start()
    stopping.join()
    worker.take_folder()


# ---------------------------------------------------------------- in processes


def _worker_process(parent: int) -> int:
    """The making process below this one."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(told.rpartition(")")[2].split()[1]) == parent and b"spawn_main" in command:
            return int(stat.parent.name)
    raise AssertionError("no worker process")


@pytest.mark.slow
def test_a_process_makes_a_change_a_deletion_breaks_it_off_and_a_killed_one_is_replaced(lane):
    orders, worker = lane
    token = orders.place(wish(SAFE), "anna").token
    assert until(orders, token).state == DONE
    orders.change(token, wish(KIND, length_ms=66_000, bed="rain"))
    _until_mixing(orders, token)
    orders.delete(token)
    assert list(orders.config.orders.iterdir()) == []
    again = orders.place(wish(SAFE), "anna").token
    assert until(orders, again, extras=True).state == DONE
    assert worker.running
    if sys.platform != "linux":  # what follows looks into /proc
        return
    token = orders.place(wish(SAFE, length_ms=63_000, bed="rain"), "anna").token
    _until_mixing(orders, token)
    process = _worker_process(os.getpid())
    nice = [os.getpriority(os.PRIO_PROCESS, pid) for pid in (process, os.getpid())]
    assert nice[0] == min(nice[1] + 10, 19), "pages go before it"
    os.kill(process, signal.SIGKILL)
    assert until(orders, token).state == DONE
