"""Who asks, by address, and how much one address may ask for at once and over time.

A session is free for whoever drops their cookie, so what is a person's own is bounded by address too. Addresses are
held in memory only. On one's own computer (`Config.alone`) there is nobody to keep out.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from starlette.types import Scope

from kindvoice.studio.host.config import Config, is_loopback
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.limits import Buckets

_STATIC_COST = 0.1
"""of a request for one of our own small files: a page brings eight of them, and a class may sit behind one address"""


def client_key(scope: Scope) -> str:
    """An address, of IPv6 the network that one household has (64 bits)."""
    host = str((scope.get("client") or ("",))[0]).partition("%")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "somebody"
    if isinstance(address, ipaddress.IPv6Address):
        # All of IPv4, written as IPv6, lies in one such network.
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)


def from_here(scope: Scope, host: str) -> bool:
    """Whether it was asked on this computer and by its own address, not through a proxy that speaks for others.

    host: the Host header. A proxy passes on the name that a browser asked for, which is the studio's.
    """
    client = (scope.get("client") or ("",))[0]
    return is_loopback(str(client)) and is_loopback(urlsplit(f"//{host}").hostname or "")


class Clients:
    """Safe between threads but `at_once`, which is the event loop's."""

    def __init__(self, config: Config) -> None:
        limits = config.limits
        self._alone = config.alone
        self._most = limits.address_requests
        self._requests = Buckets(limits.requests_burst, limits.requests_burst / limits.requests_per_second)
        self._deeds = {
            "order": Buckets(limits.address_orders_per_hour, 3600),
            "minute": Buckets(limits.address_minutes, config.keep_s),
            "preview": Buckets(limits.address_previews_per_minute, 60),
        }
        self._open: Counter[str] = Counter()

    def pace(self, scope: Scope) -> float:
        """0.0 where the request may be answered; else the seconds to wait."""
        cost = _STATIC_COST if scope["path"].startswith(("/static/", "/teach/static/")) else 1.0
        return self._requests.take(client_key(scope), cost)

    @contextlib.contextmanager
    def at_once(self, scope: Scope) -> Iterator[bool]:
        """Counts the request while it is answered; False where this address has too many open already."""
        key = client_key(scope)
        self._open[key] += 1
        try:
            yield self._alone or self._open[key] <= self._most
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    def spend(self, scope: Scope, deed: str, cost: float = 1.0) -> None:
        """Counts an `order` (a new version too), a `minute` of one, or a `preview`. Raises StudioError (many) where
        this address had too many."""
        if not self._alone and self._deeds[deed].take(client_key(scope), cost):
            raise StudioError("many")
