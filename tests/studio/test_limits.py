"""Token buckets, turns and lines: who asks for much delays the others by little."""

from __future__ import annotations

import asyncio
import math
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ordering import Clock, refused, studio_at, wish

from kindvoice.studio.host import connections
from kindvoice.studio.host.clients import Clients
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.limits import Buckets, FairQueue, Turns
from kindvoice.studio.host.login import Door
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import RequestRefused
from kindvoice.studio.web import live as live_module
from kindvoice.studio.web.live import Live

PASSWORD = "correct horse"
HASH = "scrypt$16384$8$1$c29tZSBvdGhlciBzYWx0Lg==$3B5l+/v9sZg8XaQ8YzEoKUoPtyHjdaA8ZfS3uswiuVc="
FOR_OTHERS = {"names": ("x.example",), "teacher_hash": HASH}


def scope(host):
    return {"client": (host, 1), "path": "/"}


@pytest.fixture
def orders(tmp_path):
    made = Orders(studio_at(tmp_path, limits=Limits(waiting=500)), clock=Clock(), timer=Clock())
    yield made
    made.close()


# ---------------------------------------------------------------- buckets


def test_a_full_bucket_lets_a_burst_through_and_then_its_rate():
    clock = Clock()
    buckets = Buckets(3.0, 1.5, clock=clock)
    assert [buckets.take("a") for _ in range(40)] == [0.0] * 3 + [0.5] * 37, "what is refused is not counted"
    clock.now += 0.5
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == pytest.approx(0.5)
    assert buckets.take("b") == 0.0
    assert buckets.take("c", 4.0) == math.inf, "what no bucket holds is never done"


@given(
    st.floats(1, 50), st.floats(0.1, 50), st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2)), max_size=60)
)
def test_nobody_gets_more_than_flows_in_and_who_waits_as_long_as_told_is_let_through(count, within_s, deeds):
    clock = Clock(0.0)
    buckets = Buckets(count, within_s, clock=clock)
    taken = 0.0
    for wait_s, cost in deeds:
        clock.now += wait_s
        if (more_s := buckets.take("a", min(cost, count))) > 0.0:
            clock.now += more_s + 1e-6
            assert buckets.take("a", min(cost, count)) == 0.0
        taken += min(cost, count)
        assert taken <= count + count / within_s * clock.now + 1e-4


def test_memory_is_bounded_and_the_longest_unused_goes_first():
    buckets = Buckets(1.0, 1000.0, clock=Clock(), most=10)
    buckets.take("kept")
    for n in range(100):
        buckets.take(f"other {n}")
        buckets.take("kept")
    assert len(buckets._left) == 10
    assert buckets.take("kept") > 0
    assert buckets.take("other 0") == 0.0


def test_many_threads_take_no_more_than_there_is():
    buckets = Buckets(50.0, 5e7, clock=Clock())
    let = []

    def take():
        for _ in range(50):
            if buckets.take("a") == 0.0:
                let.append(1)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let) == 50


# ---------------------------------------------------------------- orders


def test_one_address_cannot_fill_the_line(tmp_path):
    orders = Orders(studio_at(tmp_path, limits=Limits(waiting=8), **FOR_OTHERS))
    for n in range(2):
        orders.place(wish(), f"p{n}", "1.1.1.1")
    with refused("many"):
        orders.place(wish(), "p2", "1.1.1.1")
    orders.place(wish(), "p2", "2.2.2.2")
    orders.claim()
    orders.place(wish(), "p3", "1.1.1.1")
    orders.close()


def claimed(orders, count):
    return [orders.claim().key for _ in range(count)]


def test_sixty_orders_from_one_address_delay_another_by_one(orders):
    greedy = [orders.place(wish(), f"p{n}", "1.1.1.1") for n in range(60)]
    first, *_ = claimed(orders, 3)
    other = orders.place(wish(), "anna", "2.2.2.2")
    assert orders.waiting_before(other.token) <= 1
    assert other.key in claimed(orders, 2)
    again = orders.place(wish(), "anna", "2.2.2.2")
    assert again.key in claimed(orders, 2)
    assert orders.waiting_before(greedy[-1].token) == 54
    orders.finish(first, 1)
    orders.change(greedy[0].token, wish("May I be kind"), "1.1.1.1")
    third = orders.place(wish(), "bert", "2.2.2.2")
    behind = orders.waiting_before(greedy[0].token)
    assert orders.waiting_before(third.token) <= 1 < behind, "a new version takes its turn like any other"


def test_after_a_restart_nobody_is_overtaken_and_turns_go_on(orders):
    """No address is on the disk: whose those are that wait nobody knows any more, so all of them go first."""
    waiting = [orders.place(wish(), f"p{n}", f"1.1.1.{n % 3}") for n in range(12)]
    again = Orders(orders.config, clock=Clock(), timer=Clock())
    again.recover()
    greedy = [again.place(wish(), f"q{n}", "1.1.1.1") for n in range(10)]
    other = again.place(wish(), "anna", "2.2.2.2")
    assert again.waiting_before(greedy[0].token) == len(waiting)
    assert again.waiting_before(other.token) == len(waiting) + 1 < again.waiting_before(greedy[1].token)
    again.close()


def test_somebody_who_comes_again_does_not_overtake_those_who_wait():
    turns = Turns()
    turns.begin(turns.take("a"))
    turns.begin(turns.take("a"))
    assert turns.take("b") == 1 and turns.take("a") == 2 and turns.take("c") == 1
    small = Turns(most=3)
    assert [small.take(f"{n}") for n in range(9)] == [0] * 9 and len(small._last) == 3


# ---------------------------------------------------------------- what is heard, streams, connections, logins, the disk


def test_those_who_listen_take_turns_and_one_address_cannot_fill_the_line():
    line, order, threads = FairQueue(8, 4), [], []
    began, free = threading.Event(), threading.Event()

    def hear(key, wait=False):
        with line.place(key):
            began.set()
            assert not wait or free.wait(120)
            order.append(key)

    def start(*arguments):
        thread = threading.Thread(target=hear, args=arguments)
        threads.append(thread)
        before = line._of.total()
        thread.start()
        while line._of.total() == before:
            assert thread.is_alive()

    start("a", True)
    began.wait(120)
    for key in "aaab":
        start(key)
    with refused("busy"):
        hear("a")
    free.set()
    for thread in threads:
        thread.join(120)
    assert order.index("b") <= 2 and sorted(order) == list("aaaab")
    hear("a")


def test_live_pages_of_some_do_not_lock_out_others(orders, monkeypatch):
    monkeypatch.setattr(live_module, "MOST_STREAMS", 6)
    token = orders.place(wish(), "anna").token

    async def ended(stream):
        async with asyncio.timeout(10):
            async for _ in stream:
                pass

    async def go():
        live = Live(orders)
        greedy = [live.stream(token, "a").body_iterator for _ in range(6)]
        for stream in greedy:
            assert await anext(stream)
        other = live.stream(token, "b").body_iterator
        assert await anext(other)
        await ended(greedy[0])
        with pytest.raises(RequestRefused):
            live.stream(token, "a")
        assert live.open == 6
        live.close()
        for stream in [other, *greedy[1:]]:
            await ended(stream)
        assert live.open == 0

    asyncio.run(go())


def test_idle_connections_of_some_do_not_lock_out_others(monkeypatch):
    def began(protocol, transport):
        """What uvicorn's protocol has that is looked at."""
        protocol.cycle, protocol.loop = None, SimpleNamespace(call_later=lambda *given: None)
        protocol.transport, protocol.client = transport, (transport.host, 1)

    monkeypatch.setattr(connections, "MOST_HELD", 8)
    protocol = type("Small", (connections.BoundedProtocol,), {"held": {}, "most": 6})
    monkeypatch.setattr(connections.H11Protocol, "connection_made", began)
    monkeypatch.setattr(connections.H11Protocol, "connection_lost", lambda self, error: None)
    monkeypatch.setattr(connections.BoundedProtocol, "__init__", lambda self: None)

    def connect(host):
        one, aborted = protocol(), []
        one.connection_made(SimpleNamespace(host=host, aborted=aborted, abort=lambda: aborted.append(True)))
        return one

    greedy = [connect("1.1.1.1") for _ in range(6)]
    greedy[0].cycle = SimpleNamespace(response_complete=False)
    others = [connect(f"2.2.2.{n}") for n in range(5)]
    assert not any(one.transport.aborted for one in others)
    assert [bool(one.transport.aborted) for one in greedy[:3]] == [False, True, False]
    assert connect("1.1.1.1").transport.aborted, "no more than six at once"


def test_failed_logins_of_many_addresses_do_not_keep_a_teacher_out(tmp_path, monkeypatch):
    door = Door(studio_at(tmp_path, teacher_hash=FOR_OTHERS["teacher_hash"]), Clock())
    monkeypatch.setattr(door, "_right", lambda password, hashed: password == PASSWORD)

    def login(host, password):
        state, url = SimpleNamespace(session="s"), SimpleNamespace(scheme="http")
        return door.enter(SimpleNamespace(scope=scope(host), state=state, url=url), password)

    turned_away = 0
    for guess in range(4):
        for n in range(30):
            try:
                assert login(f"10.0.{n}.1", f"guess {guess}") is None
            except RequestRefused:
                turned_away += 1
    assert turned_away > 40, "all of them together are slowed down"
    assert login("2.2.2.2", PASSWORD).status_code == 303


@pytest.mark.parametrize(("deed", "most"), [("order", 2), ("preview", 3), ("minute", 4)])
def test_a_household_has_so_much_together_whatever_its_cookies(tmp_path, deed, most):
    limits = Limits(address_orders_per_hour=2, address_previews_per_minute=3, address_minutes=4.0)
    clients = Clients(studio_at(tmp_path, limits=limits, **FOR_OTHERS))
    for _ in range(most):
        clients.spend(scope("2001:db8:1:2::1"), deed)
    with refused("many"):
        clients.spend(scope("2001:db8:1:2:ffff::9"), deed)
    clients.spend(scope("2001:db8:1:3::1"), deed)
    alone = Clients(studio_at(tmp_path / "alone", limits=limits))
    for _ in range(10):
        alone.spend(scope("127.0.0.1"), deed)
