"""Orders: in line, by token alone, kept over a restart, gone when deleted."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import threading
from dataclasses import asdict
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ordering import Clock, everything_in, refused, studio_at, wish

from kindvoice.build.context import open_store
from kindvoice.errors import SettingsError
from kindvoice.speech.speak import speak
from kindvoice.studio.host import database
from kindvoice.studio.host.choices import check_wish
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.estimate import MakingPace, Makings, NewLines, new_lines
from kindvoice.studio.host.orders import EXTRAS_WAIT_S, Orders
from kindvoice.studio.host.wishes import DONE, FAILED, MAKING, WAITING, Selection, key_of, read_selection

WORDS, TITLE = "May I be a purple giraffe", "For Zebulon"
STAGES = ("speak", "measure", "encode", "check")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def orders(tmp_path, clock):
    made = Orders(
        studio_at(tmp_path, limits=Limits(waiting=5, waiting_each=2, orders_each=3)), clock=clock, timer=clock
    )
    yield made
    made.close()


@pytest.fixture
def wide(tmp_path, clock):
    """With the usual limits."""
    made = Orders(studio_at(tmp_path, limits=Limits(waiting=500)), clock=clock, timer=clock)
    yield made
    made.close()


def finished(orders, person="anna"):
    order = orders.place(wish("May I be safe"), person)
    claimed = orders.claim()
    assert claimed.key == order.key
    orders.folder_of(order.key, claimed.version).mkdir(parents=True)
    assert orders.finish(order.key, claimed.version)
    return order.token


def test_what_could_not_be_made_is_not_offered_and_does_not_stay(orders):
    """Neither a link to a page that is not there, nor what a disk did not let a failed making take away."""
    for made in (False, True):
        token = finished(orders, f"somebody {made}")
        key = key_of(token)
        home = orders.folder_of(key, 1)
        more, page, other = orders.extras_of(key, 1), orders.page_of(key, 1), home.parent / "2"
        for folder in (more, page, other):
            folder.mkdir()
            (folder / ".kindvoice-recording.manifest.json.journal").touch()
        (home / ".kindvoice-0a1b2c3d.part").touch()
        if made:
            (more / "recording.m4b").touch()
            (page / "index.html").touch()
        orders.finish_extras(key, 1)
        orders.finish_extras(key, 1, "paged")
        order = orders.get(token)
        assert order.lengths == (page if made else None) and ("m4b" in order.files) == made
        orders.recover()
        assert home.is_dir() and not other.exists() and more.exists() == page.exists() == made
        assert not [*home.rglob(".kindvoice-*")]


# ---------------------------------------------------------------- tokens and words


def test_an_order_is_found_by_its_token_alone(orders):
    order = orders.place(wish("May I be safe"), "anna")
    assert orders.get(order.token) == order
    assert (order.state, order.version, order.ready, order.folder) == (WAITING, 1, 0, None)
    swapped = order.token.swapcase()
    for other in ("", order.key, order.token[:-1], order.token + "a", swapped, "x" * 10_000, "\ud800"):
        assert orders.get(other) is None
    assert len({orders.place(wish(), f"p{n}").token for n in range(3)}) == 3


def test_neither_tokens_nor_people_are_on_the_disk_and_no_repr_holds_words(orders):
    order = orders.place(wish(WORDS, title=TITLE), "anna-the-person")
    orders.claim()
    on_disk = everything_in(orders.config.data)
    assert order.key.encode() in on_disk
    assert order.token.encode() not in on_disk and b"anna-the-person" not in on_disk
    shown = repr(order) + repr(order.wish) + repr(orders.get(order.token))
    assert "giraffe" not in shown and "Zebulon" not in shown and order.token not in shown


@given(
    phrases=st.lists(st.dictionaries(st.sampled_from(["self", "other", "together"]), st.text()), max_size=4),
    title=st.none() | st.text(),
    gain=st.floats(-24, 6),
)
def test_a_wish_survives_being_written_down(phrases, title, gain):
    made = Selection(
        practice="p", language="pt-BR", phrases=tuple(phrases), length_ms=3, title=title, bed="rain",
        bed_gain_db=gain, landing_ms=2, gentle=True, audience="pain", bell="off",
    )  # fmt: skip
    assert read_selection(json.dumps({**asdict(made), "incense": "another kindvoice knew it"})) == made


def test_hostile_words_are_only_words(orders):
    hostile = (
        "<script>alert(1)</script>",
        "'; DROP TABLE orders; --",
        "\u202eevil",
        "\ud800",
        "\x00",
        "{{ 7*7 }}",
    )
    asked = wish(*hostile, title="".join(hostile))
    order = orders.place(asked, "".join(hostile))
    assert orders.get(order.token).wish == asked and orders.counts()[WAITING] == 1


def test_an_order_is_gone_at_once_though_its_older_version_goes_at_the_same_moment(orders, monkeypatch):
    order = orders.place(wish(), "anna")
    old, new = (orders.config.orders / order.key / version for version in "12")
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "recording.mp3").touch()
    remove = shutil.rmtree

    def remove_behind(path, *others, **options):
        if old.exists():
            remove(old)
            raise FileNotFoundError(old)
        remove(path, *others, **options)

    monkeypatch.setattr(shutil, "rmtree", remove_behind)
    orders.delete(order.token)
    assert list(orders.config.orders.iterdir()) == []


# ---------------------------------------------------------------- the line


def test_the_line_keeps_its_order(orders):
    placed = [orders.place(wish(), person) for person in "abcde"]
    assert [orders.waiting_before(order.token) for order in placed] == [0, 1, 2, 3, 4]
    left = [orders.get(order.token).left_s for order in placed]
    assert left == sorted(left) and left[0] < left[-1], "who waits longer is told so"
    assert [orders.claim().key for _ in placed] == [order.key for order in placed]
    assert orders.claim() is None
    assert {orders.waiting_before(order.token) for order in placed} == {0}


def test_the_line_and_everybodys_part_of_it_are_bounded(orders):
    orders.place(wish(), "anna")
    orders.place(wish(), "anna")
    with refused("many"):
        orders.place(wish(), "anna")
    for person in "bcd":
        orders.place(wish(), person)
    with refused("full"):
        orders.place(wish(), "e")
    assert orders.counts() == {WAITING: 5, MAKING: 0, DONE: 0, FAILED: 0}


def test_what_is_finished_counts_until_it_is_deleted(orders):
    tokens = [finished(orders) for _ in range(3)]
    with refused("many"):
        orders.place(wish(), "anna")
    orders.delete(tokens[0])
    orders.place(wish(), "anna")


def test_so_many_an_hour(tmp_path, clock):
    orders = Orders(studio_at(tmp_path, limits=Limits(orders_per_hour=2)), timer=clock)
    for _ in range(2):
        orders.delete(orders.place(wish(), "anna").token)
    with refused("many"):
        orders.place(wish(), "anna")
    orders.place(wish(), "bert")
    clock.now += 1801
    orders.place(wish(), "anna")
    orders.close()


def test_a_disk_that_is_nearly_full_takes_nothing_more(orders, monkeypatch):
    token = orders.place(wish(), "anna").token
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=100_000_000))
    with refused("full"):
        orders.place(wish(), "bert")
    assert orders.get(token).state == WAITING


def test_many_threads_claim_each_order_once(wide):
    keys = {wide.place(wish(), f"p{n}").key for n in range(40)}
    claimed, lock = [], threading.Lock()

    def work():
        while (order := wide.claim()) is not None:
            with lock:
                claimed.append(order.key)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(keys)


def test_further_formats_are_claimed_while_nobody_waits_or_when_they_are_overdue(orders, clock):
    first, second = orders.get(finished(orders)), orders.get(finished(orders))
    assert orders.claim_extras(overdue=True) is None
    orders.place(wish("a"), "bert")
    assert orders.claim_extras() is None, "somebody waits"
    clock.now += EXTRAS_WAIT_S
    assert orders.claim_extras(overdue=True).key == first.key
    orders.leave_extras(first.key)
    assert orders.claim_extras(overdue=True).key == first.key
    assert orders.claim_extras(overdue=True).key == second.key
    assert orders.claim_extras(overdue=True) is None
    orders.finish_extras(first.key, 1)
    orders.leave_extras(second.key)
    orders.claim()
    assert orders.claim_extras().key == second.key


# ---------------------------------------------------------------- changes


def test_a_change_is_a_new_version_and_the_old_stays_until_it_is_done(orders):
    token = finished(orders)
    changed = orders.change(token, wish("May I be kind"))
    assert (changed.state, changed.version, changed.ready) == (WAITING, 2, 1)
    assert changed.folder.is_dir()
    claimed = orders.claim()
    assert claimed.version == 2 and dict(claimed.wish.phrases[0]) == {"self": "May I be kind"}
    orders.folder_of(claimed.key, 2).mkdir(parents=True)
    assert orders.finish(claimed.key, 2)
    order = orders.get(token)
    assert (order.state, order.ready, order.folder.name) == (DONE, 2, "2")
    assert [path.name for path in order.folder.parent.iterdir()] == ["2"]
    with refused("gone"):
        orders.change("nowhere", wish())


def test_one_that_waits_keeps_its_place_when_it_is_changed(orders):
    first, second = orders.place(wish("a"), "anna"), orders.place(wish("b"), "bert")
    orders.change(first.token, wish("c"))
    assert (orders.waiting_before(first.token), orders.waiting_before(second.token)) == (0, 1)


def test_a_failure_is_told_and_a_change_clears_it(orders):
    order = orders.place(wish("a"), "anna")
    orders.claim()
    assert orders.fail(order.key, 1, "length", "it cannot last", (60_000, 120_000))
    failed = orders.get(order.token)
    assert (failed.state, failed.kind, failed.range_ms) == (FAILED, "length", (60_000, 120_000))
    changed = orders.change(order.token, wish("b"))
    assert (changed.kind, changed.message, changed.range_ms) == ("", "", None)


# ---------------------------------------------------------------- forgetting


def test_deleting_and_changing_leave_no_word_anywhere(orders):
    token = finished(orders)
    orders.change(token, wish(WORDS, title=TITLE))
    (orders.get(token).folder / "recording.mp3").write_bytes(b"purple giraffe")
    assert b"giraffe" in everything_in(orders.config.data)
    orders.delete(token)
    assert orders.get(token) is None
    left = everything_in(orders.config.data)
    assert b"giraffe" not in left and b"Zebulon" not in left and key_of(token).encode() not in left
    orders.delete(token)
    orders.change(orders.place(wish(WORDS), "anna").token, wish("May I be kind"))
    assert b"giraffe" not in everything_in(orders.config.data)


def test_a_deletion_that_was_broken_off_goes_on_after_a_restart(orders, monkeypatch):
    token = finished(orders)
    folder = orders.get(token).folder

    def killed(key):
        raise KeyboardInterrupt

    monkeypatch.setattr(orders, "break_off", killed)
    with pytest.raises(KeyboardInterrupt):
        orders.delete(token)
    assert folder.is_dir() and orders.get(token) is None
    orders.close()
    again = Orders(orders.config)
    again.recover()
    assert not folder.parent.exists()
    again.close()


def test_orders_expire_at_their_time_but_one_that_is_being_made(orders, clock):
    token = finished(orders)
    making, waiting = (orders.place(wish("May I be safe"), person).token for person in ("carla", "bert"))
    orders.claim()
    keep_s = orders.config.keep_s
    assert orders.get(token).expires_at == clock.now + keep_s
    path = orders.get(token).folder / "recording.mp3"
    path.write_bytes(b"sound" * 1000)
    with path.open("rb") as listener:
        assert listener.read(5) == b"sound"
        assert orders.expire(clock.now + keep_s - 1) == 0
        if sys.platform != "win32":
            assert orders.expire(clock.now + keep_s) == 2
            assert not path.exists() and len(listener.read()) == 4995, "who listens hears it to the end"
    orders.expire(clock.now + keep_s)
    assert orders.get(token) is None and orders.get(waiting) is None
    assert list(orders.config.orders.iterdir()) == []
    assert orders.get(making).state == MAKING


def test_who_asks_for_a_change_at_the_last_moment_keeps_it(orders, clock, monkeypatch):
    token = finished(orders)
    expired = orders._base.expired

    def and_then_a_change(now):
        rows = expired(now)
        orders.change(token, wish("May I be kind"))
        return rows

    monkeypatch.setattr(orders._base, "expired", and_then_a_change)
    clock.now += orders.config.keep_s
    assert orders.expire(clock.now) == 0
    assert orders.get(token).state == WAITING and orders.get(token).folder.is_dir()


def test_a_clock_that_was_ahead_keeps_nothing_for_longer(orders, clock):
    right = clock.now
    clock.now += 50 * 365 * 24 * 3600.0
    token = finished(orders)
    clock.now = right
    assert orders.expire(clock.now) == 0
    assert orders.get(token).expires_at == right + orders.config.keep_s
    assert orders.expire(right + orders.config.keep_s) == 1


def test_after_a_restart_what_was_being_made_is_first_in_line_and_what_no_order_knows_goes(wide, clock):
    placed = [wide.place(wish(), person) for person in "abc"]
    done = wide.claim()
    wide.folder_of(done.key, 1).mkdir(parents=True)
    wide.finish(done.key, 1)
    wide.claim()
    stray = wide.config.orders / ("f" * 64) / "1"
    stray.mkdir(parents=True)
    letter = wide.config.orders / "2024" / "letter.txt"
    letter.parent.mkdir()
    letter.write_text("mine")
    # Killed: nothing is closed, and another one reads the same files.
    again = Orders(wide.config, clock=clock)
    assert again.recover() == 1
    assert [again.get(order.token).state for order in placed] == [DONE, WAITING, WAITING]
    assert again.claim().key == placed[1].key
    assert not stray.parent.exists() and again.get(placed[0].token).folder.is_dir()
    assert letter.read_text() == "mine", "what is no order in a folder that was there before stays"
    again.close()


# ---------------------------------------------------------------- how far it is


def test_progress_is_told_and_learned_from(orders, clock):
    order = orders.place(wish(), "anna")
    orders.claim()
    guessed = orders.get(order.token).left_s
    for stage in STAGES:
        orders.progress(order.key, 1, stage, 0, 10)
        clock.now += 4
        orders.progress(order.key, 1, stage, 10, 10)
    seen = orders.get(order.token)
    assert (seen.stage, seen.done, seen.total, seen.left_s) == ("check", 10, 10, 0.0)
    orders.progress(order.key, 2, "speak", 0, 1)
    assert orders.get(order.token).stage == "check", "of another version"
    orders.folder_of(order.key, 1).mkdir(parents=True)
    orders.finish(order.key, 1)
    later = orders.place(wish(), "bert")
    assert later.left_s > guessed
    orders.close()
    again = Orders(orders.config, clock=clock)
    assert again.get(later.token).left_s == pytest.approx(later.left_s)
    again.close()


def test_a_clock_that_is_set_says_nothing_of_how_long_things_take(tmp_path, clock):
    orders = Orders(studio_at(tmp_path), clock=clock, timer=Clock(0.0))
    placed = orders.place(wish(), "anna")
    order, before = orders.claim(), placed.left_s
    for stage in STAGES:
        orders.progress(order.key, 1, stage, 0, 10)
        clock.now += 1e9 if stage == "measure" else -1e8
        orders.progress(order.key, 1, stage, 5, 10)
        assert 0 <= orders.get(placed.token).left_s <= before
    orders.folder_of(order.key, 1).mkdir(parents=True)
    orders.finish(order.key, 1)
    assert 0 <= orders.place(wish(), "bert").left_s <= before
    orders.close()


def test_a_slow_voice_is_expected_to_be_slow_again():
    pace = MakingPace()
    pace.learn("speak", 60.0, 6, "kumo-tr")
    pace.learn("speak", 0.5, 6, "heart")
    assert pace.whole_s(60_000, "kumo-tr") > 60 > 5 > pace.whole_s(60_000, "heart")
    again = MakingPace({**pace.seconds, "dance": 3.0, "": 1.0, "speak odd": -1.0})
    assert again.seconds == pace.seconds, "as it was written down, and nothing else"


def test_what_the_store_has_already_is_not_promised_to_take_time(orders, clock, choices):
    asked = wish("May I be calm", practice="kind-minute")
    store = open_store(orders.config.settings)
    reading = check_wish(asked, orders.config, choices)
    counted = new_lines(reading, store)
    assert counted == (5, 5)
    speak(reading.timeline, reading.cast, store)
    other = wish("May I rest", practice="kind-minute")
    again = new_lines(check_wish(other, orders.config, choices), store)
    assert again == (3, 5), "a phrase in three forms"
    pace, promised = MakingPace(), []
    for lines in (NewLines(0, 5), counted, None):
        order = orders.place(asked, "anna", lines=lines)
        promised.append(order.left_s)
        orders.claim()
        assert orders.get(order.token).left_s == order.left_s, "until the making knows better"
        orders.delete(order.token)
    assert promised[0] < promised[1] == pytest.approx(pace.whole_s(60_000, "tone", counted))
    pace.gauge(9.0)
    assert pace.whole_s(60_000, "tone", counted) == pytest.approx(5 * promised[1]), "a much slower computer"
    pace.learn("speak", 1.0, 10, "tone")
    assert pace.each_s("speak", "tone") == 0.1, "what was learned counts"


@pytest.mark.parametrize("slower", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("kept", [0, 30, 57, 60])
def test_the_promise_is_true_within_a_third_however_much_is_there_already(kept, slower):
    now, pace = Clock(0.0), MakingPace()
    makings = Makings(pace, now)
    each_s = {"speak": 0.5, "measure": 0.1, "encode": 0.3}
    """for a line, and for a percent of what is new"""

    def make(kept: int, slower: float) -> list[tuple[float, float, float]]:
        """At each step: the time, the part of the stage's steps that is behind it, what is promised."""
        promised = []
        makings.begin("a", 1, 600_000, "heart")
        for stage in ("speak", "measure", "encode"):
            first, total = (kept, 60) if stage == "speak" else (0, 100)
            for done in range(first, total + 1):
                makings.step("a", 1, stage, done, total)
                promised.append(
                    (now.now, (done - first) / max(total - first, 1), makings.left_s("a", 600_000, "heart"))
                )
                if done < total:
                    now.now += each_s[stage] * slower * (1.0 if stage == "speak" else (60 - kept) / 60)
        makings.step("a", 1, "check", 0, 1)
        now.now += 0.5 * slower
        makings.end("a", 1, finished=True)
        return promised

    for _ in range(3):
        make(0, 1.0)
    for at, part, promised in make(kept, slower):
        true = now.now - at
        if slower == 1.0 or part >= 0.25:
            assert abs(promised - true) <= max(true / 3, 1.5), (at, part)


def test_every_change_is_heard_until_one_ends_it(orders):
    heard = []
    end = orders.on_change(heard.append)
    order = orders.place(wish(), "anna")
    orders.claim()
    orders.progress(order.key, 1, "speak", 1, 2)
    orders.delete(order.token)
    assert heard == [order.key] * 4
    end()
    end()
    orders.place(wish(), "anna")
    assert len(heard) == 4


# ---------------------------------------------------------------- the database


def test_a_database_of_before_is_taken_over(tmp_path):
    config = studio_at(tmp_path)
    orders = Orders(config)
    token = orders.place(wish("May I be calm."), "anna").token
    orders.close()
    db = sqlite3.connect(config.database)
    db.executescript("ALTER TABLE orders DROP COLUMN paged; PRAGMA user_version = 1;")
    db.close()
    for _ in range(2):
        orders = Orders(config)
        assert orders.get(token).lengths is None
        orders.close()


def test_a_database_that_is_not_ours_is_said_and_left_alone(tmp_path):
    config = studio_at(tmp_path)
    Orders(config).close()
    db = sqlite3.connect(config.database)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(SettingsError, match="another kindvoice"):
        Orders(config)
    config.database.write_bytes(b"not a database" * 100)
    with pytest.raises(SettingsError, match="cannot be used"):
        Orders(config)
    assert config.database.read_bytes().startswith(b"not a database")


def test_a_disk_that_fills_up_loses_nothing_and_goes_on_when_there_is_room(wide):
    (pages,) = wide._base._db.execute("PRAGMA page_count").fetchone()
    wide._base._db.execute(f"PRAGMA max_page_count = {pages + 4}")
    accepted = []
    with refused("busy"):
        for n in range(500):
            accepted.append(wide.place(wish("a phrase of some length " * 9), f"p{n}"))
    assert accepted and {wide.get(order.token).state for order in accepted} == {WAITING}
    assert wide.counts()[WAITING] == len(accepted), "what was refused is not half there"
    wide._base._db.execute("PRAGMA max_page_count = 1000000")
    assert wide.place(wish("a"), "late").state == WAITING
    assert [wide.claim().key for _ in accepted] == [order.key for order in accepted]


def test_a_change_that_cannot_be_kept_does_not_bar_the_next(orders):
    class FullOnce(sqlite3.Connection):
        full = True

        def execute(self, sql, *values):
            if sql == "COMMIT" and self.full:
                self.full = False
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(sql, *values)

    before, orders._base._db = (
        orders._base._db,
        sqlite3.connect(
            orders.config.database, isolation_level=None, check_same_thread=False, factory=FullOnce
        ),
    )
    before.close()
    orders._base._db.row_factory = sqlite3.Row
    with refused("busy"):
        orders.place(wish(), "anna")
    assert orders.get(orders.place(wish(), "anna").token).state == WAITING


def test_a_file_that_another_program_holds_is_told_and_reading_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "LOCKED_S", 0.3)
    orders = Orders(studio_at(tmp_path))
    token = orders.place(wish("a giraffe"), "anna").token
    other = sqlite3.connect(orders.config.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with refused("busy"):
        orders.place(wish("b"), "bert")
    assert orders.get(token).state == WAITING and orders.counts()[WAITING] == 1
    with refused("busy"):
        orders.delete(token)
    assert orders.get(token) is not None
    other.execute("ROLLBACK")
    # And somebody who only reads, such as a copy being made, does not keep a deletion waiting.
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM orders").fetchone()
    orders.delete(token)
    assert orders.get(token) is None
    other.close()
    orders.expire(0.0)
    assert b"giraffe" not in everything_in(orders.config.data)
    orders.close()


@pytest.mark.parametrize(
    "text", ["{", "[]", "null", '{"practice": "p"}', '{"phrases": 3}', '{"phrases": [3]}']
)
def test_a_wish_that_cannot_be_read_costs_nobody_else_theirs(orders, text):
    bad, good = orders.place(wish("a"), "anna"), orders.place(wish("b"), "anna")
    with sqlite3.connect(orders.config.database) as db:
        db.execute("UPDATE orders SET wish = ? WHERE key = ?", (text, bad.key))
    db.close()
    assert orders.get(bad.token) is None and orders.get(good.token).key == good.key
    assert orders.claim().key == good.key and orders.claim() is None
    assert orders.counts() == {WAITING: 0, MAKING: 1, DONE: 0, FAILED: 1}
    orders.delete(bad.token)
    assert orders.counts()[FAILED] == 0


# ---------------------------------------------------------------- all of it


DEEDS = st.sampled_from(["place", "claim", "finish", "fail", "release", "change", "delete"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(DEEDS, st.integers(0, 5)), max_size=25))
def test_whatever_happens_the_line_is_sound(tmp_path_factory, deeds):
    orders = Orders(
        studio_at(tmp_path_factory.mktemp("line"), limits=Limits(orders_per_hour=1000, orders_each=50))
    )
    tokens, claimed = [], []
    for deed, n in deeds:
        if deed == "place" and len(tokens) < 6:
            tokens.append(orders.place(wish(f"wish {n}"), f"p{len(tokens)}").token)
        elif deed == "claim" and (order := orders.claim()) is not None:
            assert order.state == MAKING
            claimed.append(order)
        elif deed in {"finish", "fail", "release"} and claimed:
            order = claimed.pop(n % len(claimed))
            wanted = orders.wanted(order, extras=False)
            if deed == "finish":
                orders.folder_of(order.key, order.version).mkdir(parents=True, exist_ok=True)
                assert orders.finish(order.key, order.version) == wanted
            elif deed == "fail":
                assert orders.fail(order.key, order.version, "fault", "x") == wanted
            else:
                orders.release(order.key, order.version)
        elif deed in {"change", "delete"} and tokens:
            token = tokens[n % len(tokens)]
            if deed == "change":
                assert orders.change(token, wish("new")).state == WAITING
            else:
                orders.delete(token)
                tokens.remove(token)
        seen = [orders.get(token) for token in tokens]
        assert sum(orders.counts().values()) == len(tokens)
        assert all((o.left_s is None) == (o.state in {DONE, FAILED}) for o in seen)
        assert all(o.folder is None or o.folder.is_dir() for o in seen)
        waiting = [orders.waiting_before(o.token) for o in seen if o.state == WAITING]
        assert sorted(waiting) == list(range(len(waiting)))
    orders.close()
