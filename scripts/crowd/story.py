"""A crowd comes, the studio is killed and started again, the crowd goes, and what it left is looked at."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crowd.notes import Notes, words_in
from crowd.people import Crowd, Person
from crowd.server import LIMITS, Sample, Server, Watch, sample

_GROWTH, _SPARE_MB = 1.25, 40.0
"""so much more than the first half of a run may the second half take, and yet be called bounded"""


@dataclass
class Story:
    """What came of it all."""

    notes: Notes
    start_s: list[float]
    kill_at_s: float
    open_at_kill: int
    """orders that were accepted and not finished when the server was killed"""
    lives: list[list[Sample]]
    fresh: Sample | None
    after: Sample | None
    """of the second life: before the first request, and when everybody had gone"""
    stop_s: float
    line_s: float
    """how long the last of the line took after the crowd had gone home"""


async def gather(
    server: Server, people: int, seconds: float, kinds: list[tuple[str, int]], *, voice: str = "tone",
    calm_s: float = 1.0, least: int = 1, alone: int = 1, greedy: int = 0, most_wait_s: float = 600.0,
) -> Story:  # fmt: skip
    """The whole of it. least: so many orders are accepted in each half, however long that takes. alone: so many of the
    recordings are made once more by themselves, and must be the same to the byte. greedy: so many orders somebody at
    another address has placed before the others come. Raises TimeoutError when the line is not empty after
    most_wait_s."""
    crowd = Crowd(server, kinds, voice=voice, calm_s=calm_s)
    notes = crowd.notes
    persons = [Person(crowd, number) for number in range(people)]
    grabber = Person(crowd, people + 1, "127.0.0.2")
    lives: list[list[Sample]] = []
    try:
        starts = [await crowd.open()]
        watch = Watch(server)
        await grabber.order_many(greedy)
        living = [asyncio.ensure_future(person.live()) for person in persons]
        await _half(notes, seconds / 2, least)
        await _something_is_made(Person(crowd, people), kinds[-1])
        counts = (await persons[0].ask("health", "GET", "/health")).json()
        await crowd.kill()
        debris = set(_debris(server))
        lives.append(watch.end())
        starts.append(await crowd.open())
        fresh = sample(server) if sys.platform == "linux" else None
        watch = Watch(server)
        await _half(notes, seconds / 2, least)
        crowd.closing.set()
        began = time.monotonic()
        async with asyncio.timeout(most_wait_s):
            for told in await asyncio.gather(*living, return_exceptions=True):
                if isinstance(told, BaseException):
                    raise told
            await _look_back(persons[0], notes)
            line_s = time.monotonic() - began
            await _compare(persons[0], alone)
        _check_order(notes)
        await _go_home(persons)
        lives.append(watch.end())
        await asyncio.sleep(0.5)
        after = sample(server) if sys.platform == "linux" else None
        stop_s = await asyncio.to_thread(server.stop)
        _check_left(server, notes, debris)
    finally:
        server.kill()
        for person in (*persons, grabber):
            await person.client.aclose()
    return Story(
        notes, starts, seconds / 2, counts["waiting"] + counts["making"], lives, fresh, after, stop_s, line_s
    )


async def _something_is_made(witness: Person, kind: tuple[str, int]) -> None:
    """A kill while nothing is being made would show nothing. Lengths that nobody has made yet take longest."""
    practice, minutes = kind
    for more in range(1, 4):
        link = await witness.order((practice, minutes + more))
        if link is not None and await witness.until_making(link):
            break
    await witness.client.aclose()


async def _half(notes: Notes, seconds: float, least: int) -> None:
    accepted = len(notes.links)
    await asyncio.sleep(seconds)
    async with asyncio.timeout(60):
        while len(notes.links) < accepted + least:
            await asyncio.sleep(0.02)


async def _look_back(person: Person, notes: Notes) -> None:
    """Every order that was ever accepted, through its link: there, finished, with its own words; or deleted."""
    for link in notes.links:
        if link.deleted:
            answer = await person.ask("page of an order", "GET", link.path, expect=(404,))
            notes.deeds["deleted orders that stay gone"] += answer.status_code == 404
            continue
        if not await person.until_done(link):
            if not link.unsure:
                notes.fault("an accepted order was lost")
            continue
        page = await person.page(link)
        found = words_in(page) & link.all
        if not (found and found <= link.may):
            notes.fault("a finished recording is not of the newest wish that was accepted")
        await person.listen(link)
        notes.deeds["accepted orders that are finished"] += 1


async def _compare(person: Person, count: int) -> None:
    """What came of the crowd beside what the same wish gives alone."""
    notes, server = person.notes, person.crowd.server
    there = [link for link in notes.links if len(link.may) == 1 and not (link.deleted or link.unsure)]
    for number, link in enumerate(person.chance.sample(there, min(count, len(there)))):
        told = await person.ask("list of files", "GET", f"{link.path}files")
        if told.status_code != 200:
            continue  # it was lost, which is told already
        (href,) = (sound["href"] for sound in told.json()["sounds"] if sound["href"].endswith(".mp3"))
        ours = await person.ask("download", "GET", link.path + href)
        theirs = await asyncio.to_thread(made_alone, server, link.fields, server.folder / f"alone {number}")
        if ours.content != theirs:
            notes.fault("a recording is not what the same wish gives alone")
        notes.deeds["recordings made once more alone, the same to the byte"] += ours.content == theirs


def made_alone(server: Server, fields: dict[str, str], folder: Path) -> bytes:
    """The MP3 that this form gives where nobody else is, with a cache of its own; nothing of it is left."""
    from kindvoice.build import recording as build
    from kindvoice.build.context import script_folders
    from kindvoice.build.read import read
    from kindvoice.script.phrasebook import find_phrasebook
    from kindvoice.settings import Settings
    from kindvoice.store import Store
    from kindvoice.studio.host.choices import read_choices, request_of
    from kindvoice.studio.host.config import make_config
    from kindvoice.studio.web.form import PracticeForm, nature_of

    settings = Settings(cache=folder / "cache", takes=folder / "takes", scripts=server.scripts)
    config = make_config(settings, data=folder / "data", voices=(fields["voice"],))
    choices = read_choices(config)
    entry = choices.practice(fields["practice"], fields["language"])
    book = find_phrasebook(entry.language, script_folders(settings))
    range_ms = choices.range_ms(entry.practice, entry.language)
    form = PracticeForm(
        entry=entry, nature=nature_of(entry), range_ms=range_ms, book=book, limits=config.limits
    )
    request = request_of(form.wish(form.read(fields)), config, choices, folder / "out")
    try:
        reading = read(request, {voice.name: voice for voice in choices.known})
        result = build.render(reading, Store(settings.cache))
        (path,) = (artifact.path for artifact in result.artifacts if artifact.kind == "mp3")
        return path.read_bytes()
    finally:
        shutil.rmtree(folder)


def _check_order(notes: Notes) -> None:
    """Who was surely accepted before another was finished before them."""
    made = [
        making
        for link in notes.links
        for making in link.makings[-1:]
        if making.plain and making.done_s and len(link.makings) == 1
    ]
    made.sort(key=lambda making: making.done_s or 0.0)
    latest_sent = -1.0
    for making in made:
        # Somebody finished earlier had asked only after this one was answered.
        if making.answered_s < latest_sent:
            notes.fault("somebody was overtaken in line")
        latest_sent = max(latest_sent, making.sent_s)
    notes.deeds["orders whose turn was compared"] += len(made)


async def _go_home(persons: list[Person]) -> None:
    """Everything is deleted."""
    someone = persons[0]
    for link in someone.notes.links:
        if not link.deleted:
            await someone.delete(link)


def _debris(server: Server) -> Iterator[Path]:
    """What is only there while something is being made."""
    yield from server.data.glob("*.stop")
    yield from server.cache.rglob("*.part")
    yield from server.cache.glob("work/run-*")


def _check_cache(server: Server, notes: Notes) -> None:
    """No ledger of a deleted order is left, and nothing that no ledger knows: that would be somebody's words."""
    known: set[str] = set()
    for ledger in (server.cache / "ledgers").iterdir():
        about, *keys = ledger.read_text(encoding="utf-8").split("\n")
        if (whose := json.loads(about)["participant"]) and not whose.startswith("preview-"):
            notes.fault("the cache still knows of a deleted order")
        known |= set(keys)
    things = {path.name for path in (server.cache / "v1").rglob("*") if path.is_file() and not path.suffix}
    if things - known:
        notes.fault(f"{len(things - known)} things in the cache are of nobody")


def _check_left(server: Server, notes: Notes, debris: set[Path]) -> None:
    """Of everything that was deleted nothing is left, and no log holds a word or a link. debris: what the kill left,
    which may wait for the next who makes the same."""
    log = server.log.read_bytes()
    if words_in(log) or any(link.path.split("/")[2].encode() in log for link in notes.links):
        notes.fault("the log holds words or links")
    for path in sorted(server.folder.rglob("*")):
        if path.is_file() and words_in(path.read_bytes()) - notes.orphans:
            notes.fault(f"words are left in {path.relative_to(server.folder)}")
    if not notes.orphans:
        _check_cache(server, notes)
    for path in _debris(server):
        if path not in debris:
            notes.fault(f"left behind: {path.relative_to(server.folder)}")
    if len(left := list((server.data / "orders").iterdir())) > len(notes.orphans):
        notes.fault(f"{len(left)} folders of deleted orders are left")


# ---------------------------------------------------------------- told


def bounded(samples: list[Sample], first_life: list[Sample]) -> str:
    """Why the second half of a life took too much, beside its first half and the first life's; empty: it did not, or it
    was too short to say."""
    if len(samples) < 40:
        return ""
    half = len(samples) // 2
    for name in ("own_mb", "children_mb", "files", "threads"):
        first, second = (
            max(getattr(s, name) for s in part)
            for part in (samples[:half] + first_life[: len(first_life) // 2], samples[half:])
        )
        if second > first * _GROWTH + _SPARE_MB:
            return f"{name} grew from {first:.0f} in the first half to {second:.0f} in the second"
    return ""


def told(story: Story) -> Iterator[str]:
    """A small table."""
    notes = story.notes
    yield f"{'ms':20} {'n':>6} {'p50':>7} {'p95':>7} {'max':>7}"
    for kind, times in sorted(notes.times_ms.items()):
        yield f"{kind:20} {len(times):6} {_part(times, 0.5):7.0f} {_part(times, 0.95):7.0f} {max(times):7.0f}"
    pages = [
        ms
        for kind, times in notes.times_ms.items()
        if kind in {"start page", "form", "page of an order"}
        for ms in times
    ]
    yield f"{'all pages':20} {len(pages):6} {_part(pages, 0.5):7.0f} {_part(pages, 0.95):7.0f} {max(pages):7.0f}"
    waits = [m.done_s - m.sent_s for link in notes.links for m in link.makings if m.plain and m.done_s]
    if waits:
        yield (
            f"from the button to the whole recording: {_part(waits, 0.5):.1f} s p50, {_part(waits, 0.95):.1f} s p95, "
            f"{max(waits):.1f} s at most, of {len(waits)} orders"
        )
    yield "answers: " + ", ".join(f"{status}: {n}" for status, n in sorted(notes.statuses.items()))
    yield "done: " + ", ".join(f"{what}: {n}" for what, n in sorted(notes.deeds.items()))
    for number, samples in enumerate(story.lives, 1):
        if samples:
            half = len(samples) // 2
            parts = [
                (max(s.own_mb for s in p), max(s.children_mb for s in p))
                for p in (samples[:half] or samples, samples[half:])
            ]
            yield (
                f"memory of life {number}: server {samples[0].own_mb:.0f} MB at first, at most {parts[0][0]:.0f} in "
                f"the first half and {parts[1][0]:.0f} in the second; its processes {parts[0][1]:.0f} and "
                f"{parts[1][1]:.0f}; {max(s.files for s in samples)} files and "
                f"{max(s.threads for s in samples)} threads at most"
            )
    if story.fresh and story.after:
        yield (
            f"when everybody had gone: {story.after.own_mb:.0f} MB, {story.after.files} files (at first "
            f"{story.fresh.files}), {story.after.threads} threads ({story.fresh.threads})"
        )
    yield (
        f"killed after {story.kill_at_s:.0f} s with {story.open_at_kill} orders unfinished; up in "
        f"{' and again in '.join(f'{s:.1f} s' for s in story.start_s)}; the line was empty {story.line_s:.0f} s after "
        f"the crowd had gone; stopped in {story.stop_s:.1f} s"
    )
    for fault, times_ in Counter(notes.faults).most_common(30):
        yield f"WRONG, {times_} times: {fault}"


def _part(values: list[float], part: float) -> float:
    """The nearest rank."""
    return sorted(values)[max(-(-len(values) * part // 1) - 1, 0).__int__()]


def studio(people: int, seconds: float, voice: str, greedy: int, folder: Path) -> int:
    """For scripts/bench: prints the table; the exit code."""
    kinds = [
        ("self-compassion-break", 3),
        ("self-compassion-break", 4),
        ("loving-kindness", 5),
        ("loving-kindness", 6),
    ]
    story = asyncio.run(gather(Server(folder, voice), people, seconds, kinds, voice=voice, greedy=greedy))
    for number, samples in enumerate(story.lives, 1):
        if why := bounded(samples, story.lives[0]):
            story.notes.fault(f"memory of life {number}: {why}")
    print(
        f"{people} people at once for {seconds:.0f} s, voice {voice}, {os.cpu_count()} cores for them and the studio; "
        f"before them {greedy} orders of somebody at another address"
    )
    print("studio.toml: " + "; ".join(line for line in LIMITS.format(voice=voice).splitlines() if line))
    print("\n".join(told(story)))
    return 1 if story.notes.faults else 0
