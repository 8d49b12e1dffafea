"""Who asks for much delays the others by little: orders, previews, streams, connections, logins, the disk."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from ordering import Clock, studio_at, wish

from kindvoice.studio.host import connections as wire
from kindvoice.studio.host.clients import Clients
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.keys import hash_password
from kindvoice.studio.host.limits import FairQueue, Turns
from kindvoice.studio.host.login import Door
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.security import RequestRefused
from kindvoice.studio.web import live as live_module
from kindvoice.studio.web.live import Live


def scope(host):
    return {"client": (host, 1), "path": "/"}


@pytest.fixture
def orders(tmp_path):
    made = Orders(studio_at(tmp_path, limits=Limits(waiting=500)), clock=Clock(), timer=Clock())
    yield made
    made.close()


def test_one_address_cannot_fill_the_line(tmp_path):
    config = studio_at(
        tmp_path, limits=Limits(waiting=8), names=("x.example",), teacher_hash=hash_password("correct horse")
    )
    orders = Orders(config)
    for n in range(2):
        orders.place(wish(), f"p{n}", "1.1.1.1")
    with pytest.raises(StudioError) as refused:
        orders.place(wish(), "p2", "1.1.1.1")
    assert refused.value.kind == "many"
    orders.place(wish(), "p2", "2.2.2.2")
    orders.claim()
    orders.place(wish(), "p3", "1.1.1.1")
    orders.close()


def claimed(orders, count):
    return [orders.claim().key for _ in range(count)]


def test_sixty_orders_from_one_address_delay_another_by_one(orders):
    greedy = [orders.place(wish(), f"p{n}", "1.1.1.1") for n in range(60)]
    claimed(orders, 3)
    other = orders.place(wish(), "anna", "2.2.2.2")
    assert orders.waiting_before(other.token) <= 1
    assert other.key in claimed(orders, 2)
    again = orders.place(wish(), "anna", "2.2.2.2")
    assert again.key in claimed(orders, 2)
    assert orders.waiting_before(greedy[-1].token) == 54


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


def test_a_new_version_takes_its_turn_like_any_other(orders):
    greedy = [orders.place(wish(), f"p{n}", "1.1.1.1") for n in range(10)]
    first = claimed(orders, 1)[0]
    orders.finish(first, 1)
    orders.change(greedy[0].token, wish("May I be kind"), "1.1.1.1")
    other = orders.place(wish(), "anna", "2.2.2.2")
    assert orders.waiting_before(other.token) <= 1 < orders.waiting_before(greedy[0].token)


def test_somebody_who_comes_again_does_not_overtake_those_who_wait():
    turns = Turns()
    turns.begin(turns.take("a"))
    turns.begin(turns.take("a"))
    assert turns.take("b") == 1 and turns.take("a") == 2 and turns.take("c") == 1
    small = Turns(most=3)
    assert [small.take(f"{n}") for n in range(9)] == [0] * 9 and len(small._last) == 3


def test_those_who_listen_take_turns_and_one_address_cannot_fill_the_line():
    line, order, threads = FairQueue(8, 4), [], []
    began, free = threading.Event(), threading.Event()

    def hear(key, wait=False):
        with line.place(key):
            began.set()
            assert not wait or free.wait(20)
            order.append(key)

    def start(*told):
        thread = threading.Thread(target=hear, args=told)
        threads.append(thread)
        before = line._of.total()
        thread.start()
        while line._of.total() == before:
            assert thread.is_alive()

    start("a", True)
    began.wait(20)
    for key in "aaab":
        start(key)
    with pytest.raises(StudioError) as refused:
        hear("a")
    assert refused.value.kind == "busy"
    free.set()
    for thread in threads:
        thread.join(20)
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


class _Transport:
    def __init__(self, host):
        self.host, self.aborted = host, False

    def abort(self):
        self.aborted = True


class _Plain:
    """What uvicorn's protocol has that is looked at."""

    def connection_made(self, transport):
        self.cycle, self.loop = None, SimpleNamespace(call_later=lambda *given: None)
        self.transport, self.client = transport, (transport.host, 1)

    def connection_lost(self, error):
        pass


def test_idle_connections_of_some_do_not_lock_out_others(monkeypatch):
    monkeypatch.setattr(wire, "MOST_HELD", 8)
    protocol = type("Small", (wire.BoundedProtocol,), {"held": {}, "most": 6})
    monkeypatch.setattr(wire.H11Protocol, "connection_made", _Plain.connection_made)
    monkeypatch.setattr(wire.H11Protocol, "connection_lost", _Plain.connection_lost)
    monkeypatch.setattr(wire.H11Protocol, "__init__", lambda self: None)

    def connect(host):
        one = protocol()
        one.connection_made(_Transport(host))
        return one

    greedy = [connect("1.1.1.1") for _ in range(6)]
    greedy[0].cycle = SimpleNamespace(response_complete=False)
    others = [connect(f"2.2.2.{n}") for n in range(5)]
    assert not any(one.transport.aborted for one in others)
    assert [one.transport.aborted for one in greedy[:3]] == [False, True, False]
    assert connect("1.1.1.1").transport.aborted, "no more than six at once"


def _login(door, host, password):
    request = SimpleNamespace(
        scope=scope(host), state=SimpleNamespace(session="s"), url=SimpleNamespace(scheme="http")
    )
    return door.enter(request, password)


def test_failed_logins_of_many_addresses_do_not_keep_a_teacher_out(tmp_path, monkeypatch):
    door = Door(studio_at(tmp_path, teacher_hash=hash_password("correct horse")), Clock())
    monkeypatch.setattr(door, "_right", lambda password, hashed: password == "correct horse")
    refused = 0
    for guess in range(4):
        for n in range(30):
            try:
                assert _login(door, f"10.0.{n}.1", f"guess {guess}") is None
            except RequestRefused:
                refused += 1
    assert refused > 40, "all of them together are slowed down"
    assert _login(door, "2.2.2.2", "correct horse").status_code == 303


def test_the_disk_that_one_address_can_fill_is_bounded_and_a_household_is_one(tmp_path):
    config = studio_at(
        tmp_path,
        limits=Limits(address_minutes=100.0),
        names=("x.example",),
        teacher_hash=hash_password("correct horse"),
    )
    clients = Clients(config)
    clients.spend(scope("2001:db8:1:2::1"), "minute", 60)
    with pytest.raises(StudioError) as refused:
        clients.spend(scope("2001:db8:1:2:ffff::9"), "minute", 60)
    assert refused.value.kind == "many" and refused.value.retry_s > 0
    clients.spend(scope("2001:db8:1:3::1"), "minute", 60)
