"""What is heard of a recording while it is being made: in step with it, the owner's alone, and gone with it."""

from __future__ import annotations

import threading
import time

import ordering
import pytest
from ordering import everything_in, studio_at, wish
from studioweb import hosted

from kindvoice.encode.decode import decode
from kindvoice.jobs.items import Item
from kindvoice.jobs.outcome import BUILT
from kindvoice.publish.manifest import read_release
from kindvoice.studio.host import early as early_module
from kindvoice.studio.host.choices import request_of
from kindvoice.studio.host.early import (
    LINES,
    SOUND,
    OrderTask,
    build_order,
    forget_sound,
    lines_of,
    note_listener,
    place_in,
    quiet_ms,
)
from kindvoice.studio.web import early as web_module

EARLY, FINISHED = [(1000, 2000), (5000, 6000)], [(1000, 2000), (4000, 5000), (9000, 9500)]


@pytest.mark.parametrize(
    ("at", "place", "busy", "why"),
    [
        (0, 0, 0, "before the first line all is the same"),
        (1500, 1500, 500, "in a line"),
        (2500, 2500, 0, "in a pause"),
        (4900, 4000, 1000, "a longer pause ends with the next line"),
        (5500, 4500, 500, "in a line that comes sooner"),
        (6500, 5500, 0, "and in the pause behind it"),
        (20_000, 18_500 + 500, 0, "so far on, whatever was said meanwhile"),
    ],
)
def test_who_hears_it_early_has_a_place_in_the_finished_recording(at, place, busy, why):
    assert place_in(FINISHED, EARLY, at) == (place, busy), why


def test_only_whole_lines_are_handed_out():
    assert [quiet_ms(EARLY, ready) for ready in (500, 1500, 3000, 5500, 9000)] == [
        500,
        1000,
        3000,
        5000,
        9000,
    ]
    assert place_in([], [], 700) == (700, 0) and place_in(FINISHED, [], 700) == (700, 0)


def task_at(folder, choices, **given) -> OrderTask:
    config = studio_at(folder)
    request = request_of(wish("May I be calm.", **given), config, choices, folder / "made")
    item = Item(id="one", request=request, participant="one")
    return OrderTask(item, config.settings, "run", anchor=config.database, early=folder / "made" / "early")


@pytest.mark.slow
def test_it_is_the_beginning_of_the_recording_from_the_same_lines(tmp_path, choices, monkeypatch):
    whole = threading.Event()
    task = task_at(tmp_path, choices)

    def wait_for_it(*arguments):
        outcome = made(*arguments)
        end = time.monotonic() + 180
        while len(lines_of(task.early)) < 3 and time.monotonic() < end:
            whole.wait(0.02)
        return outcome

    made = early_module.build_item
    monkeypatch.setattr(early_module, "build_item", wait_for_it)
    outcome = build_order(task)
    assert outcome.status == BUILT and outcome.asked == 3
    lines = [(line.start_ms, line.stop_ms) for line in read_release(outcome.manifest).transcript.lines]
    early = lines_of(task.early)
    assert len(early) == 3 and all(
        abs(a - b) < 3_000 for x, y in zip(early, lines, strict=True) for a, b in zip(x, y, strict=True)
    )
    heard = sum(len(block) for block in decode(task.early / SOUND, rate=48_000, stereo=False)) / 48_000
    assert heard * 1000 >= early[0][1] - 100
    forget_sound(task.early)
    assert not (task.early / SOUND).exists() and lines_of(task.early) == early
    assert b"calm" not in everything_in(task.early)


def test_no_more_is_mixed_than_somebody_wants(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(early_module.time, "monotonic", lambda: now[0])
    pace = early_module._EarlyPace(tmp_path / early_module.WANTED)
    ahead, patience = early_module.AHEAD_S, early_module.PATIENCE_S
    assert pace.wants(ahead - 1) and not pace.wants(ahead + 1)
    now[0] = patience + 1
    assert not pace.wants(1), "nobody has listened"
    note_listener(tmp_path)
    assert pace.wants(1)
    monkeypatch.setattr(
        early_module.time, "time", lambda: (tmp_path / early_module.WANTED).stat().st_mtime + patience + 1
    )
    assert not pace.wants(1), "nobody listens any more"


@pytest.mark.slow
def test_a_stream_goes_on_into_the_finished_recording_and_is_its_owner_s_alone(
    tmp_path, choices, monkeypatch
):
    monkeypatch.setattr(web_module, "AHEAD_S", 1e9)
    monkeypatch.setattr(web_module, "_LOOK_S", 0.0)
    monkeypatch.setattr(web_module, "_STEP_S", 0.01)
    with hosted(tmp_path, choices) as host:
        held = threading.Event()
        claim = host.orders.claim
        monkeypatch.setattr(host.orders, "claim", lambda: claim() if held.is_set() else None)
        link = host.place("May I be calm")
        page = host.client.get(link).text
        assert f'data-sound="{link}early"' in page and "noscript" in page
        assert host.client.get("/r/nothing/early").status_code == 404
        assert host.client.get(link + "place?at=1").status_code == 404, "nothing is finished"
        threading.Timer(0.2, held.set).start()
        answer = host.client.get(link + "early")
        assert answer.status_code == 200 and answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["cache-control"] == "no-store"
        token = link.split("/")[2]
        order = ordering.until(host.orders, token, extras=True)
        (tmp_path / "heard.mp3").write_bytes(answer.content)
        heard = sum(len(b) for b in decode(tmp_path / "heard.mp3", rate=48_000, stereo=False)) / 48_000
        assert 58 < heard < 62, "all of it, of a minute"
        finished = order.files["mp3"].read_bytes()
        assert answer.content[-20_000:] == finished[-20_000:]
        folder = host.orders.early_of(order.key, 1)
        assert not (folder / SOUND).exists() and (folder / LINES).exists()
        at = host.client.get(link + "place?at=1.5").json()
        assert 0 <= at["at"] <= 60
        for odd in ("", "x", "-1", "1e9", "9" * 40):
            assert host.client.get(link + "place", params={"at": odd}).status_code == 404
        assert host.client.get(link + "early").status_code == 404, "the recording itself is there"
        assert not host.studio.recordings.early.open
        host.client.post(link + "delete", data={"token": host.fields()["token"]})
        assert not folder.exists()


@pytest.mark.slow
def test_streams_are_bounded_and_end_with_their_order(tmp_path, choices, monkeypatch):
    monkeypatch.setattr(web_module, "_LOOK_S", 0.0)
    with hosted(tmp_path, choices, host="0.0.0.0", password="some words in a row") as host:
        monkeypatch.setattr(host.orders, "claim", lambda: None)
        order = host.orders.place(wish("May I be calm"), "me")
        early = host.studio.recordings.early
        reader = web_module._EarlyReader(host.orders, order)
        assert reader.more() == b""
        for limit in ("MOST_OF_ORDER", "MOST_OF_SOURCE", "MOST_LISTENERS"):
            with monkeypatch.context() as patch:
                patch.setattr(web_module, limit, 0)
                with pytest.raises(web_module.RequestRefused):
                    early.stream(order, "10.0.0.1")
        host.orders.delete(order.token)
        assert reader.more() is None
        reader.close()
