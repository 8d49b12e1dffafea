"""A plan's run: only what is missing, on all cores, and whatever happens to it."""

from __future__ import annotations

import contextlib
import gc
import json
import multiprocessing
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import plans
import pytest
from make import changed
from plans import SCRIPT, WORDS, go, item, script, settings, start, tree, until, whole
from processes import wait_until

from kindvoice.build import read as reading_module
from kindvoice.encode.decode import decode
from kindvoice.errors import OutputError
from kindvoice.jobs import run as running
from kindvoice.jobs.one import ItemTask, build_item
from kindvoice.jobs.outcome import BUILT, SKIPPED, JobEvent, Outcome, Summary
from kindvoice.jobs.processes import Processes
from kindvoice.jobs.run import run
from kindvoice.jobs.workers import Stopped, Threads
from kindvoice.publish import output
from kindvoice.publish.output import journal_of

pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(os.name != "posix", reason="signals are a Unix thing")


def counts(summary: Summary) -> tuple[int, int, int]:
    return summary.count("built"), summary.count("skipped"), summary.count("failed")


# ---------------------------------------------------------------- only what changed


def test_each_line_is_spoken_once_and_a_second_run_does_nothing(tmp_path, monkeypatch):
    items = [item(tmp_path, who) for who in WORDS]
    summary, events = go(tmp_path, items, jobs=2)
    assert counts(summary) == (4, 0, 0)
    assert (summary.asked, summary.spoken, summary.reused) == (12, 6, 6)
    assert summary.built_ms == summary.audio_ms == 100_000
    assert {e.kind for e in events} == {"planned", "started", "progress", "built", "finished"}
    assert {e.stage for e in events if e.kind == "progress"} == {"speak", "measure", "encode", "check"}
    before = whole(tmp_path / "out")
    with monkeypatch.context() as patch:
        patch.setattr(running, "Processes", None)  # nothing is started for it
        journal_of(items[0].request.manifest).touch()  # of a run that was killed when all was there
        summary, events = go(tmp_path, items, jobs=2)
    assert counts(summary) == (0, 4, 0)
    assert [e.kind for e in events] == ["skipped"] * 4 + ["planned", "finished"]
    assert (summary.asked, summary.audio_ms, summary.exit_code) == (0, 100_000, 0)
    assert tree(tmp_path / "out") == before
    assert multiprocessing.active_children() == []
    (tmp_path / "alone").mkdir()
    go(tmp_path / "alone", [item(tmp_path / "alone", who) for who in WORDS], jobs=1)
    assert whole(tmp_path / "alone" / "out") == before


def test_a_changed_phrase_builds_that_participant_only(tmp_path):
    go(tmp_path, [item(tmp_path, who) for who in ("ana", "ben")])
    before = tree(tmp_path / "out")
    summary, _ = go(tmp_path, [item(tmp_path, "ana", "May I rest"), item(tmp_path, "ben")])
    assert [(o.status, o.why, o.spoken) for o in summary.outcomes] == [
        ("built", "its inputs have changed", 1),
        ("skipped", "", 0),
    ]
    changed = {name for name, data in tree(tmp_path / "out").items() if before[name] != data}
    assert {Path(name).parts[0] for name in changed} == {"ana"}


def test_what_the_new_recording_does_not_name_is_removed(tmp_path):
    go(tmp_path, [item(tmp_path, "ana", formats=("wav", "flac"))])
    (tmp_path / "out" / "ana" / "01 small.txt").write_text("a note of the teacher's")
    go(tmp_path, [item(tmp_path, "ana", formats=("flac",))])
    assert sorted(p.name for p in (tmp_path / "out" / "ana").iterdir()) == [
        "01 small.chapters.json", "01 small.flac", "01 small.manifest.json", "01 small.txt", "01 small.vtt",
    ]  # fmt: skip


# ---------------------------------------------------------------- faults of items


def failing_voice(tmp_path: Path, word: str) -> dict[str, object]:
    folder = tmp_path / "voices"
    folder.mkdir(exist_ok=True)
    (folder / "frail.toml").write_text(
        f'title = "Frail"\nengine = "tone"\nlanguage = "en"\nlicence = "CC0-1.0"\ncredit = "Nobody"\ngain_db = 0.0\n'
        f'[options]\nfail_on = "{word}"\n'
    )
    return {"voice": "frail"}


def test_a_failing_item_is_told_without_words_and_the_rest_goes_on(tmp_path):
    voice = failing_voice(tmp_path, "nose")
    broken = item(tmp_path, "eve", script=script(tmp_path, SCRIPT + "[pasue 2s]\n", "broken"))
    items = [replace(broken, family="")] + [item(tmp_path, who, **voice) for who in WORDS]
    own = replace(settings(tmp_path), voices=tmp_path / "voices")
    events: list[JobEvent] = []
    summary = run(items, settings=own, jobs=1, on_event=events.append)
    assert counts(summary) == (3, 0, 2)
    assert summary.exit_code == 1
    causes = {o.item: o.cause for o in summary.outcomes if o.status == "failed"}
    assert set(causes) == {"eve/01", "cem/01"}
    assert "broken.md:14: unknown cue" in causes["eve/01"]
    assert "was told to fail on" in causes["cem/01"]
    for text in (repr(summary), repr(events)):
        for word in ("crooked", "nose", "grandmother", "drinking", "lamp", "May I"):
            assert word not in text
    assert not (tmp_path / "out" / "eve").exists() and not (tmp_path / "out" / "cem").exists()
    failing_voice(tmp_path, "nothing at all")
    again = run([item(tmp_path, who, **voice) for who in WORDS], settings=own, jobs=1)
    assert again.count("failed") == 0
    assert next(o for o in again.outcomes if o.item == "cem/01").status == "built"


def test_a_bug_is_one_failed_item_and_its_message_holds_no_words(tmp_path, monkeypatch):
    def odd(reading, *_):
        (phrase,) = reading.request.version.phrases
        if "nose" in phrase:
            raise KeyError(str(phrase))
        return real(reading, *_)

    real = running.build_item.__globals__["build"].render
    monkeypatch.setattr(running.build_item.__globals__["build"], "render", odd)
    summary, _ = go(tmp_path, [item(tmp_path, who) for who in ("cem", "dia")])
    assert [o.status for o in summary.outcomes] == ["failed", "built"]
    assert summary.outcomes[0].cause == "bug: KeyError\n  building this item alone tells more"


def test_of_a_family_one_goes_first_and_if_it_fails_another_does(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "Processes", Threads)
    voice = failing_voice(tmp_path, "grandmother")
    own = replace(settings(tmp_path), voices=tmp_path / "voices")
    events: list[JobEvent] = []
    run([item(tmp_path, who, **voice) for who in WORDS], settings=own, jobs=2, on_event=events.append)
    told = [(e.kind, e.item[:3]) for e in events if e.kind in {"started", "built", "failed"}]
    # The one that failed has spoken what they share.
    assert told[:3] == [("started", "ana"), ("failed", "ana"), ("started", "ben")]
    assert sorted(told[3:]) == [
        ("built", "ben"), ("built", "cem"), ("built", "dia"), ("started", "cem"), ("started", "dia"),
    ]  # fmt: skip


def test_nobody_waits_for_the_first_of_a_family_whose_lines_are_there(tmp_path, monkeypatch):
    together = threading.Barrier(2)

    def build(task, on_stage):
        on_stage("speak", 9, 10)
        together.wait(20)
        return Outcome(item=task.item.id, status=SKIPPED)

    monkeypatch.setattr(running, "Processes", Threads)
    monkeypatch.setattr(running, "build_item", build)
    summary = run([item(tmp_path, who) for who in ("ana", "ben")], settings=settings(tmp_path), jobs=2)
    assert [outcome.status for outcome in summary.outcomes] == [SKIPPED, SKIPPED]


def test_a_file_system_that_stalls_is_tried_again(tmp_path, monkeypatch):
    from kindvoice.jobs import one

    times = []

    def stalls(*given):
        times.append(1)
        if len(times) == 1:
            raise OutputError("a file cannot be written") from OSError(5, "Input/output error")
        return real(*given)

    real = one.build.render
    monkeypatch.setattr(one.build, "render", stalls)
    monkeypatch.setattr(one, "_WAITS_S", (0.01, 0.01))
    summary, _ = go(tmp_path, [item(tmp_path, "ana")])
    assert counts(summary) == (1, 0, 0)
    assert len(times) == 2


# ---------------------------------------------------------------- a full disk


def test_a_disk_that_is_clearly_too_small_is_told_before_anything_is_spoken(tmp_path, monkeypatch):
    monkeypatch.setattr(running.shutil, "disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    with pytest.raises(OutputError, match="about 29 MB are needed for 4 recordings, and 3 MB are free"):
        go(tmp_path, [item(tmp_path, who) for who in WORDS])
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_stops_the_run_and_says_how_much_is_needed(tmp_path, monkeypatch):
    def usage(_):
        full = (tmp_path / "out" / "ana" / "01 small.manifest.json").exists()
        return SimpleNamespace(free=2_000_000 if full else 10**9)

    monkeypatch.setattr(output.shutil, "disk_usage", usage)
    summary, events = go(tmp_path, [item(tmp_path, who) for who in WORDS])
    assert [o.status for o in summary.outcomes] == ["built", "failed", "left", "left"]
    assert "about 22 MB are needed for the 3 recordings" in summary.stopped
    assert summary.exit_code == 7
    assert [e.kind for e in events][-4:] == ["stopped", "left", "left", "finished"]
    monkeypatch.undo()
    assert counts(go(tmp_path, [item(tmp_path, who) for who in WORDS])[0]) == (3, 1, 0)


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 20 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)], capture_output=True
    )
    if not done or done.returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    gc.collect()  # a file that was being encoded when the disk was full
    # Lazily: whatever a failed test still holds must not keep it for ever.
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("stage", ["", "encode"])
def test_a_real_full_disk_leaves_whole_files_only(small_disk, stage):
    """It is too small from the start, or something else fills it in the midst of a build."""
    people = list(WORDS) if not stage else ["ana", "ben"]
    items = [item(small_disk, who, length_ms=None) for who in people]
    filler = small_disk / "filler"

    def on_event(event: JobEvent) -> None:
        if stage and event.stage == stage and not filler.exists():
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))

    summary = run(items, settings=settings(small_disk), jobs=1 if stage else 2, on_event=on_event)
    assert summary.count("built") < len(items)
    assert summary.stopped.startswith("the disk is full: about "), summary
    whole(small_disk / "out")
    assert not list(small_disk.rglob("*.part"))
    assert not list((small_disk / "cache" / "work").iterdir())
    filler.unlink(missing_ok=True)
    subprocess.run(["mount", "-o", "remount,size=80m", str(small_disk)], check=True)
    again, _ = go(small_disk, items)
    assert again.exit_code == 0
    assert again.count("skipped") == summary.count("built")


# ---------------------------------------------------------------- killed


@posix
def test_a_killed_worker_is_replaced_and_nothing_is_lost(tmp_path):
    killed = []

    def on_event(event: JobEvent) -> None:
        if event.stage == "encode" and not killed:
            child = multiprocessing.active_children()[0]
            killed.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)
        if event.kind == "lost":
            killed.append(event.item)

    items = [item(tmp_path, who) for who in ("ana", "ben")]
    summary = run(items, settings=settings(tmp_path), jobs=2, on_event=on_event)
    assert counts(summary) == (2, 0, 0)
    assert len(killed) == 2
    (tmp_path / "b").mkdir()
    go(tmp_path / "b", [item(tmp_path / "b", who) for who in ("ana", "ben")])
    assert whole(tmp_path / "out") == whole(tmp_path / "b" / "out")


@posix
def test_an_item_that_kills_every_worker_is_reported_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "build_item", plans.deadly_build)
    events: list[JobEvent] = []
    items = [item(tmp_path, who) for who in ("ana", "cem")]
    summary = run(items, settings=settings(tmp_path), jobs=2, on_event=events.append)
    assert counts(summary) == (1, 0, 1)
    cause = next(o.cause for o in summary.outcomes if o.status == "failed")
    assert cause.startswith("it took 3 processes with it; the last one was killed by SIGKILL")
    assert [e.item for e in events if e.kind == "lost"] == ["cem/01"] * 3
    assert len(whole(tmp_path / "out")) == 4


def ended(group: int) -> bool:
    """Whether no process of this group is left."""
    with contextlib.suppress(ProcessLookupError):
        return wait_until(lambda: os.killpg(group, 0) is not None)
    return True


@posix
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_a_run_that_is_killed_at_any_moment_leaves_whole_files_and_no_process(tmp_path, popen):
    script(tmp_path)
    rng = np.random.default_rng(6)
    for moment in (lambda e: e.get("stage") == "encode", lambda e: e["event"] == "built"):
        child = start(popen, tmp_path)
        until(child, moment)
        time.sleep(float(rng.uniform(0, 0.3)))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert ended(child.pid), "workers end with their parent"
        whole(tmp_path / "out")
        for path in (tmp_path / "out").rglob("*.wav"):
            assert sum(len(block) for block in decode(path)) == 25 * 48_000
        if len(list((tmp_path / "out").rglob("*.manifest.json"))) > 2:
            shutil.rmtree(tmp_path / "out")
    items = [item(tmp_path, who) for who in WORDS]
    assert go(tmp_path, items)[0].exit_code == 0
    assert len(whole(tmp_path / "out")) == 16
    assert counts(go(tmp_path, items, verify=True)[0]) == (0, 4, 0)


@posix
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_ends_cleanly(tmp_path, popen, jobs):
    script(tmp_path)
    child = start(popen, tmp_path, jobs)
    told = until(child, lambda e: e.get("stage") == "encode")
    os.killpg(child.pid, signal.SIGINT)
    rest = child.stdout.read()
    assert child.wait(timeout=120) == 130, (told, rest)
    assert ended(child.pid)
    assert not list((tmp_path / "cache" / "work").iterdir()), "unfinished work is cleared away"
    assert not list(tmp_path.rglob("*.part"))
    whole(tmp_path / "out")
    assert go(tmp_path, [item(tmp_path, who) for who in ("ana", "dia")])[0].exit_code == 0


def test_two_runs_at_once_do_the_work_once(tmp_path, popen):
    script(tmp_path)
    children = [start(popen, tmp_path, "1"), start(popen, tmp_path, "1")]
    ends = [json.loads(child.communicate(timeout=120)[0].splitlines()[-1]) for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert [end["built"] + end["skipped"] for end in ends] == [4, 4]
    assert sum(end["built"] for end in ends) == 4
    assert sum(end["lines_spoken_now"] for end in ends) == 6
    assert len(whole(tmp_path / "out")) == 16


def test_a_process_is_replaced_after_so_many_items(tmp_path):
    script(tmp_path)
    seen = []
    lock = threading.Lock()

    def on_news(worker, task, stage, done, of):
        with lock:
            seen.append({child.pid for child in multiprocessing.active_children()})

    executor = Processes(1, on_news, most_items=1)
    tasks = [running.ItemTask(item(tmp_path, who), settings(tmp_path), "r") for who in ("ana", "ben")]
    futures = [executor.submit(running.build_item, task) for task in tasks]
    assert [future.result(timeout=120).status for future in futures] == ["built", "built"]
    executor.shutdown()
    assert all(len(pids) <= 1 for pids in seen)
    assert len(set().union(*seen)) == 2


def test_an_interrupt_reaches_a_process_that_is_only_just_beginning(monkeypatch):
    process, begun, go_on = multiprocessing.get_context("spawn").Process, threading.Event(), threading.Event()
    usual = process._Popen

    def slow(process):
        begun.set()
        go_on.wait(120)
        return usual(process)

    monkeypatch.setattr(process, "_Popen", staticmethod(slow))
    executor = Processes(1, lambda *_: None)
    future = executor.submit(plans.stuck, "anything")
    assert begun.wait(120)
    executor.shutdown(wait=False, cancel_futures=True)
    go_on.set()
    with pytest.raises(Stopped):
        future.result(timeout=120)
    executor.shutdown()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("executor", [Threads, Processes])
def test_a_task_is_stopped_and_the_next_one_comes(executor):
    news: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    work = executor(1, lambda worker, task, stage, done, of: news.put((task, stage)))
    running, waiting, after = (work.submit(plans.steps, name) for name in ("running", "waiting", "after"))
    while news.get(timeout=120) != ("running", "encode"):
        pass
    work.stop(waiting)
    work.stop(running)
    assert waiting.cancelled() and isinstance(running.exception(timeout=0), Stopped)
    while news.get(timeout=120) != ("after", "encode"):
        pass
    work.shutdown(cancel_futures=True)
    assert isinstance(after.exception(timeout=0), Stopped)


@posix
def test_a_task_that_tells_nothing_is_stopped_with_its_process():
    begun = threading.Event()
    work = Processes(1, lambda *news: begun.set())
    future = work.submit(plans.stuck, "anything")
    assert begun.wait(120)
    work.stop(future)
    assert isinstance(future.exception(timeout=0), Stopped)
    work.shutdown()


def test_what_cannot_be_sent_fails_alone():
    executor = Processes(1, lambda *_: None)
    future = executor.submit(lambda task, on_stage: None, 1)
    with pytest.raises(Exception, match="pickle"):
        future.result(timeout=120)
    executor.shutdown()


def test_a_changed_item_is_read_once_where_it_is_built(tmp_path, monkeypatch):
    one = item(tmp_path, "ana")
    assert build_item(ItemTask(one, settings(tmp_path), "r")).status == BUILT
    louder = replace(one, request=changed(one.request, bed="rain"))
    real, versions = reading_module.read_script, []
    monkeypatch.setattr(
        reading_module,
        "read_script",
        lambda version, *more, **how: versions.append(version) or real(version, *more, **how),
    )
    outcome = build_item(ItemTask(louder, settings(tmp_path), "r"))
    assert (outcome.status, outcome.why) == (BUILT, "its inputs have changed")
    assert versions == [louder.request.version]
