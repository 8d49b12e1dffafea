"""Connections as such: how many one address may hold, in what time a request has to begin, how long one may take
nothing of what is sent to it, and into how many pieces a body may be cut."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import struct
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kindvoice.studio.host.clients import client_key
from kindvoice.studio.host.config import Config

MOST_HELD = 600
"""connections of all addresses together, but proxies': each is an open file, of which a process often has 1024"""
HEAD_S = 15.0
"""in which a request's first line and headers have to have arrived"""
SEND_S = 60.0
"""Nothing was taken for so long: it is closed. What web servers usually grant; browsers that had paused ask again."""


CRUMBS, CRUMB_BYTES = 200, 200
"""so many pieces of a body may be of any size, and one more for so many bytes: each costs as much time as a thousand of
its letters, and while they are taken in nobody else is served"""


class _WholeBodies(h11.Connection):
    """Does not take a body in crumbs."""

    _pieces = _bytes = 0

    def next_event(self) -> Any:
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._pieces = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._pieces += 1
            self._bytes += len(event.data)
            if self._pieces > CRUMBS + self._bytes / CRUMB_BYTES:
                raise h11.RemoteProtocolError("a body in crumbs")
        return event


class BoundedProtocol(H11Protocol):
    """HTTP/1.1 for so many connections of one address, none of which may stand still: see `bounded`."""

    held: ClassVar[dict[str, dict[BoundedProtocol, None]]] = {}
    """by address, the longest open first"""
    most: ClassVar[int] = 0
    """of one address; 0: as many as come"""
    proxies: ClassVar[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]] = ()
    """who stands for many; counting their visitors is theirs"""
    _key: str = ""
    _head: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = _WholeBodies(h11.SERVER, self.config.h11_max_incomplete_event_size or 16_384)

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:  # an answer has begun already
            self.transport.abort()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_head()
        if not self.most or self._for_many():
            return
        self._key = client_key({"client": self.client})
        own = self.held.setdefault(self._key, {})
        own[self] = None
        if len(own) > self.most:
            transport.abort()
        elif sum(map(len, self.held.values())) > MOST_HELD:
            self._make_room()

    def _make_room(self) -> None:
        """Who holds the most connections loses one, at best one that is idle."""
        most = max(self.held.values(), key=len)
        idle = (one for one in most if one.cycle is None or one.cycle.response_complete)
        next(idle, next(iter(most))).transport.abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            _cancel(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._head)
        _cancel(self._stuck)
        if self._key:
            self.held[self._key].pop(self, None)
            if not self.held[self._key]:
                del self.held[self._key]
            self._key = ""
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        _cancel(self._stuck)
        self._stuck = self.loop.call_later(SEND_S, self._cut)

    def resume_writing(self) -> None:
        _cancel(self._stuck)
        super().resume_writing()

    def _expect_head(self) -> None:
        _cancel(self._head)
        self._head = self.loop.call_later(HEAD_S, self._too_slow)

    def _too_slow(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()

    def _cut(self) -> None:
        # Not close, which would wait for what cannot be sent; nor may the system go on trying (socket(7), SO_LINGER).
        with contextlib.suppress(OSError):
            connection = self.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _for_many(self) -> bool:
        try:
            address = ipaddress.ip_address((self.client or ("",))[0])
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def bounded(config: Config) -> type[BoundedProtocol]:
    """The protocol of one studio. On one's own computer no connections are counted."""
    values = {
        "held": {},
        "most": 0 if config.alone else config.limits.address_connections,
        "proxies": tuple(ipaddress.ip_network(proxy) for proxy in config.proxies),
    }
    return type("BoundedProtocol", (BoundedProtocol,), values)
