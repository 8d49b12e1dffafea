"""Token buckets."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ordering import Clock

from kindvoice.studio.host.limits import Buckets


def test_a_full_bucket_lets_a_burst_through_and_then_its_rate():
    clock = Clock()
    buckets = Buckets(2.0, 3.0, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    clock.now += 0.5
    assert buckets.take("a") == 0.0
    assert buckets.take("a") == pytest.approx(0.5)
    assert buckets.take("b") == 0.0


@given(
    st.floats(0.1, 50), st.floats(1, 50), st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2)), max_size=60)
)
def test_nobody_ever_gets_more_than_the_burst_and_what_flows_in(rate, burst, deeds):
    clock = Clock(0.0)
    buckets = Buckets(rate, burst, clock=clock)
    taken = 0.0
    for wait_s, cost in deeds:
        clock.now += wait_s
        if buckets.take("a", min(cost, burst)) == 0.0:
            taken += min(cost, burst)
        assert taken <= burst + rate * clock.now + 1e-6


@given(st.floats(0.1, 50), st.floats(1, 10), st.floats(0.1, 1))
def test_who_waits_as_long_as_told_is_let_through(rate, burst, cost):
    clock = Clock(1e9)
    buckets = Buckets(rate, burst, clock=clock)
    while (wait_s := buckets.take("a", cost)) == 0.0:
        pass
    clock.now += wait_s + 1e-6
    assert buckets.take("a", cost) == 0.0


def test_what_is_refused_is_not_counted():
    clock = Clock()
    buckets = Buckets(1.0, 1.0, clock=clock)
    assert buckets.take("a") == 0.0
    for _ in range(100):
        assert buckets.take("a") == pytest.approx(1.0)
    clock.now += 1.0
    assert buckets.take("a") == 0.0


def test_a_clock_that_goes_back_fills_nothing():
    clock = Clock()
    buckets = Buckets(1.0, 1.0, clock=clock)
    buckets.take("a")
    clock.now -= 1_000
    assert buckets.take("a") > 0
    clock.now += 0.5
    assert buckets.take("a") == pytest.approx(0.5)


def test_memory_is_bounded_and_the_longest_unused_goes_first():
    buckets = Buckets(0.001, 1.0, clock=Clock(), most=10)
    buckets.take("kept")
    for n in range(100):
        buckets.take(f"other {n}")
        buckets.take("kept")
    assert len(buckets) == 10
    assert buckets.take("kept") > 0
    assert buckets.take("other 0") == 0.0


def test_what_no_bucket_holds_is_never_done():
    assert Buckets(1.0, 2.0).take("a", 3.0) == math.inf


@pytest.mark.parametrize("cost", [-1.0, math.nan])
def test_a_cost_below_nothing_would_fill_the_bucket(cost):
    with pytest.raises(ValueError, match="0 or more"):
        Buckets(1.0, 2.0).take("a", cost)


def test_many_threads_take_no_more_than_there_is():
    buckets = Buckets(0.000001, 50.0, clock=Clock())
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
