"""People with browsers, who speak to the studio through HTTP alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import random
import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from crowd.notes import Link, Making, Notes, word, words_in
from crowd.server import Server

TOKEN = re.compile(r'name="token" value="([0-9a-f]{64})"')
UNTIL = re.compile(r'id="until"[^>]* data-at="([0-9.]+)"')
DEED_S = 60.0
"""the longest that any one answer may take"""


class Cut(Exception):
    """The server was killed in the middle of it."""


class Crowd:
    """People, a server, and what goes on between them."""

    def __init__(
        self, server: Server, kinds: list[tuple[str, int]], *, voice: str = "tone", calm_s: float = 1.0
    ) -> None:
        """kinds: practices and minutes to choose from. calm_s: how long people think, on average."""
        self.server, self.kinds, self.voice, self.calm_s = server, kinds, voice, calm_s
        self.notes = Notes()
        self.up = asyncio.Event()
        self.life = 0
        """counts the server's lives"""
        self.closing = asyncio.Event()
        self._words = 0

    def new_word(self) -> str:
        self._words += 1
        return word(self._words * 7919 % 4_000_000)

    async def open(self) -> float:
        took_s = await asyncio.to_thread(self.server.start)
        self.life += 1
        self.up.set()
        return took_s

    async def kill(self) -> None:
        self.up.clear()
        await asyncio.to_thread(self.server.kill)

    async def think(self, chance: random.Random) -> None:
        # Not wait_for: before Python 3.12 it may swallow that the task was cancelled.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0.2, 1.8) * self.calm_s):
                await self.closing.wait()


class Person:
    """Somebody with a browser."""

    def __init__(self, crowd: Crowd, number: int, address: str = "127.0.0.1") -> None:
        self.crowd, self.notes = crowd, crowd.notes
        self.chance = random.Random(number)
        self.client = httpx2.AsyncClient(
            base_url=crowd.server.base,
            timeout=DEED_S,
            transport=httpx2.AsyncHTTPTransport(local_address=address, verify=False),
        )

    async def live(self) -> None:
        """Comes back again and again, until the crowd goes home."""
        deeds = [
            self.make,
            self.make,
            self.make_and_change,
            self.two_tabs,
            self.change_of_mind,
            self.only_look,
        ]
        while not self.crowd.closing.is_set():
            deed = self.chance.choice(deeds)
            try:
                await deed()
                self.notes.deeds[deed.__name__.replace("_", " ")] += 1
            except Cut:
                self.notes.deeds["cut short by the kill"] += 1
            await self.crowd.think(self.chance)

    # ---- what people do

    async def only_look(self) -> None:
        await self.ask("start page", "GET", "/")
        for name in ("studio.css", "make.js", "style.css", "order.js"):
            await self.ask("small files", "GET", f"/static/{name}")
        practice, _ = self.chance.choice(self.crowd.kinds)
        token = await self.form(f"/make/en/{practice}")
        for _ in range(2):
            await self.hear(token, practice, self.crowd.new_word())
            await self.crowd.think(self.chance)

    async def make(self) -> Link | None:
        """The usual way: an order, its progress, the recording; sometimes it is deleted at the end."""
        link = await self.order()
        if link is not None and await self.until_done(link):
            await self.listen(link)
            if self.chance.random() < 0.3:
                await self.delete(link)
        return link

    async def make_and_change(self) -> None:
        link = await self.make()
        if link is not None and not (link.deleted or self.crowd.closing.is_set()):
            await self.crowd.think(self.chance)
            if await self.change(link) and await self.until_done(link):
                await self.listen(link)

    async def two_tabs(self) -> None:
        """Progress in two tabs, and a change from each at the same time."""
        link = await self.order()
        if link is None:
            return
        link.makings[-1].plain = False
        tabs = [
            self.until_done(link),
            self.until_done(link),
            self._later(self.change, link),
            self._later(self.change, link),
        ]
        await asyncio.gather(*tabs)
        if await self.until_done(link):
            await self.listen(link)

    async def change_of_mind(self) -> None:
        """Deleted while it waits or is being made."""
        link = await self.order()
        if link is not None:
            link.makings[-1].plain = False
            await asyncio.gather(self.until_done(link), self._later(self.delete, link))

    async def _later(self, deed: Any, link: Link) -> None:
        await self.crowd.think(self.chance)
        await deed(link)

    async def order_many(self, count: int) -> None:
        """All at once, each as if by somebody new."""
        for _ in range(count):
            self.client.cookies.clear()
            link = await self.order()
            if link is not None:
                link.makings[-1].plain = False

    # ---- one thing at a time

    async def form(self, path: str) -> str:
        answer = await self.ask("form", "GET", path)
        found = TOKEN.search(answer.text)
        return found[1] if found else ""

    async def hear(self, token: str, practice: str, own: str) -> None:
        text = f"May I be calm like {own}"
        data = {
            "token": token,
            "language": "en",
            "practice": practice,
            "text": text,
            "voice": self.crowd.voice,
        }
        answer = await self.ask("hear a phrase", "POST", "/hear", data=data, headers={"accept": "audio/*"})
        if answer.status_code == 200:
            self.notes.heard(answer.content, f"{text}, alone")

    async def order(self, kind: tuple[str, int] | None = None) -> Link | None:
        practice, minutes = kind or self.chance.choice(self.crowd.kinds)
        own = self.crowd.new_word()
        path = f"/make/en/{practice}"
        await self.ask("start page", "GET", "/")
        token = await self.form(path)
        base = {"token": token, "language": "en", "practice": practice}
        told = await self.ask("forms", "POST", "/forms", data={**base, "text": f"May I be calm like {own}"})
        if told.status_code == 200 and not words_in(told.text) <= {own}:
            self.notes.fault("the forms of a phrase hold another's words")
        await self.hear(token, practice, own)
        if self.crowd.closing.is_set():
            return None
        fields = {
            **base,
            "minutes": str(minutes),
            "voice": self.crowd.voice,
            "act": "make",
            "self-1": f"May I be calm like {own}",
        }
        sent_s = time.time()
        self.notes.orphans.add(own)
        answer = await self.ask("order", "POST", path, data=fields, expect=(303,))
        self.notes.orphans.discard(own)
        if answer.status_code != 303:
            return None
        link = Link(answer.headers["location"], fields, {own}, {own}, makings=[Making(sent_s, time.time())])
        self.notes.links.append(link)
        return link

    async def until_done(self, link: Link) -> bool:
        """Follows the events, as a page does, and looks at the page now and then; whether there is a recording."""
        looking = asyncio.ensure_future(self._look(link))
        try:
            while True:
                try:
                    state = await self._events(link)
                except Cut:
                    continue  # a browser comes back by itself
                if state == "failed" and not self.crowd.closing.is_set():
                    self.notes.fault("an order failed")
                if state:
                    return state == "done"
        finally:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError, Cut):
                await looking

    async def until_making(self, link: Link) -> bool:
        """Whether it is being made just now; False when it is made already."""
        async for facts in self._stream(link):
            if facts["state"] == "making" and facts["stage"] in {"measure", "encode"}:
                return True
        return False

    async def _look(self, link: Link) -> None:
        while True:
            await self.crowd.think(self.chance)
            await asyncio.sleep(self.chance.uniform(1.0, 3.0))
            await self.page(link)

    async def _events(self, link: Link) -> str:
        """The state at the end of one stream; empty when it ended before."""
        last: dict[str, Any] = {}
        async for facts in self._stream(link):
            same = bool(last) and facts.get("version") == last["version"]
            waits = same and facts["state"] == last["state"] == "waiting"
            # After a restart nobody knows any more whose those are that wait: newcomers take turns with them.
            if waits and facts["before"] > last["before"] and self.crowd.life == 1:
                self.notes.fault(f"a place in line rose from {last['before']} to {facts['before']}")
            if same and (last["state"], facts["state"]) == ("making", "waiting"):
                self.notes.fault("what was being made waits again")
            last = facts
            if facts["state"] in {"done", "failed", "gone"}:
                break
        state = str(last.get("state", ""))
        return state if state in {"done", "failed", "gone"} else ""

    async def _stream(self, link: Link) -> AsyncIterator[dict[str, Any]]:
        life = await self._life()
        began = time.perf_counter()
        first = True
        try:
            async with self.client.stream("GET", f"{link.path}events") as answer:
                self.notes.statuses[str(answer.status_code)] += 1
                if answer.status_code == 404 and (link.deleted or link.unsure):
                    yield {"state": "gone"}
                    return
                if answer.status_code == 503:
                    await asyncio.sleep(1)
                    return
                if answer.status_code != 200:
                    self.notes.fault(f"events: {answer.status_code}")
                    yield {"state": "gone"}
                async for line in answer.aiter_lines():
                    if line.startswith("data: "):
                        if first:
                            self._took("first event", began)
                        first = False
                        if words_in(line):
                            self.notes.fault("an event holds words")
                        yield json.loads(line[6:])
        except httpx2.TransportError as error:
            await self._cut(life, "events", error)

    async def page(self, link: Link) -> str:
        answer = await self.ask("page of an order", "GET", link.path, expect=(200, 404))
        if answer.status_code == 404 and not (link.deleted or link.unsure):
            self.notes.fault("an accepted order has no page")
        if not words_in(answer.content) <= link.all:
            self.notes.fault("a page holds another's words")
        return answer.text

    async def listen(self, link: Link) -> None:
        """The page with its transcript, parts of the sound as a player asks for them, and the downloads."""
        page = await self.page(link)
        self.notes_done(link, page)
        if not (link.may & words_in(page) or link.deleted or link.unsure or link.changing):
            self.notes.fault("a recording's page does not hold its own words")
        answer = await self.ask("list of files", "GET", f"{link.path}files", expect=(200, 404))
        if answer.status_code != 200 or not answer.json()["sounds"]:
            return
        told = answer.json()
        for sound in told["sounds"]:
            await self._take(link, f"{link.path}{sound['href']}", told["version"])
        stem = told["sounds"][0]["href"].rpartition(".")[0]
        captions = await self.ask("captions", "GET", f"{link.path}{stem}.vtt", expect=(200, 404))
        found = words_in(captions.content)
        if captions.status_code == 200 and not (found and found <= link.all):
            self.notes.fault(f"captions hold {found}, and their own are {link.all}")

    async def _take(self, link: Link, path: str, version: int) -> None:
        """A whole file, and parts of it, which must be the same."""
        whole = await self.ask("download", "GET", path, expect=(200, 404))
        if whole.status_code != 200:
            return  # another version has just taken its place
        body = whole.content
        found = words_in(body)
        if not found <= link.all:
            self.notes.fault("a file holds another's words")
        if len(link.all) == 1:
            self.notes.heard(
                body, f"{link.all}, {path.rpartition('.')[2]}, {version}, {link.fields['minutes']}"
            )
        at = self.chance.randrange(len(body))
        for asked, part in (
            ("bytes=0-1", body[:2]),
            (f"bytes={at}-{at + 65_535}", body[at : at + 65_536]),
            ("bytes=-500", body[-500:]),
        ):
            answer = await self.ask(
                "part of a file", "GET", path, headers={"range": asked}, expect=(206, 404)
            )
            if answer.status_code == 206 and answer.content != part:
                self.notes.fault("a part of a file is not what stands there in the whole")

    def notes_done(self, link: Link, page: str) -> None:
        """When its newest version was finished, by the server's clock: it tells how long it stays."""
        found = UNTIL.search(page)
        if found and link.makings and link.makings[-1].done_s is None:
            link.makings[-1].done_s = float(found[1]) - 7 * 24 * 3600

    async def change(self, link: Link) -> bool:
        """One phrase is written anew; whether that was accepted."""
        if link.deleted:
            return False
        own = self.crowd.new_word()
        path = f"{link.path}change"
        answer = await self.ask("form", "GET", path, expect=(200, 404))
        found = TOKEN.search(answer.text)
        if found is None:
            return False
        fields = {**link.fields, "token": found[1], "self-1": f"May I be calm like {own}"}
        link.makings.append(Making(time.time(), math.inf))
        link.begin_change(own)
        accepted = None
        try:
            answer = await self.ask("change", "POST", path, data=fields, expect=(303, 404))
            accepted = answer.status_code == 303
        finally:
            link.end_change(own, accepted)
        link.fields = fields if accepted else link.fields
        return accepted

    async def delete(self, link: Link) -> None:
        page = await self.page(link)
        found = TOKEN.search(page)
        if found is None:
            return
        link.unsure = True
        answer = await self.ask(
            "delete", "POST", f"{link.path}delete", data={"token": found[1]}, expect=(303, 404)
        )
        if answer.status_code == 303:
            link.deleted = True
            again = await self.ask("page of an order", "GET", link.path, expect=(404,))
            if again.status_code != 404:
                self.notes.fault("a deleted order has a page")

    # ---- HTTP

    async def ask(
        self, kind: str, method: str, path: str, *, expect: tuple[int, ...] = (200,), **more: Any
    ) -> httpx2.Response:
        """Raises Cut when the server was killed meanwhile."""
        life = await self._life()
        began = time.perf_counter()
        try:
            answer = await self.client.request(method, path, **more)
        except httpx2.TransportError as error:
            await self._cut(life, kind, error)
            raise AssertionError from None
        self._took(kind, began)
        self.notes.statuses[str(answer.status_code)] += 1
        if answer.status_code not in {*expect, 429, 503}:
            self.notes.fault(f"{kind}: {answer.status_code}, not {' or '.join(map(str, expect))}")
        if answer.status_code in {429, 503}:
            self.notes.statuses[f"{answer.status_code} {kind}"] += 1
        return answer

    async def _life(self) -> int:
        await self.crowd.up.wait()
        return self.crowd.life

    async def _cut(self, life: int, kind: str, error: Exception) -> None:
        """Raises Cut."""
        await asyncio.sleep(0.2)  # the kill may be told a moment after it is felt
        if self.crowd.up.is_set() and self.crowd.life == life:
            self.notes.statuses["broken"] += 1
            self.notes.fault(f"{kind}: {type(error).__name__} from a server that was up")
            await asyncio.sleep(1)
        else:
            self.notes.statuses["cut by the kill"] += 1
        raise Cut

    def _took(self, kind: str, began: float) -> None:
        self.notes.times_ms.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
