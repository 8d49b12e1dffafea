"""A small studio for tests: three short practices, the humming voice, everything in one folder."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kindvoice.settings import Settings
from kindvoice.studio.host.config import Config, Limits, make_config
from kindvoice.studio.host.errors import StudioError
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.wishes import DONE, FAILED, Order, Selection

SCRIPT = """---
title: A Short Kindness
practice: short-kindness
language: en
length: 1m
range: 1m to 3m
phrases: ["May I be safe."]
---
# Arriving
[bell]
Find a place to sit. [pause 2s]
# Phrases
{% for phrase in phrases %}
{{ phrase }} [pause 4s min 1s max 60s]
{% endfor %}
Rest here for a while. [pause 10s min 1s max 120s]
"""
OTHERS = """---
title: For a Friend
practice: friend
language: en
length: 1m
range: 1m to 2m
phrases: ["May I be safe."]
---
{% for phrase in phrases %}
{{ phrase.together }} [pause 10s min 1s max 120s]
{% endfor %}
"""
KIND_MINUTE = """---
title: A Kind Minute
practice: kind-minute
language: en
about: One minute, to try it.
length: 1m
range: 1m to 3m
phrases: ["May I be safe."]
---
# Arriving
[bell]
It is good that you are here. [pause 4s]
# Words
{% for phrase in phrases %}
{{ phrase }} [pause 4s min 1s]
{{ phrase.other }} [pause 4s min 1s]
{{ phrase.together }} [pause 4s min 1s]
{% endfor %}
# Returning
You can open your eyes. [pause 8s max 3m]
"""


LIMITS = Limits(page_bytes=0)
"""what is made last is a matter of its own tests"""


class Clock:
    """A time that only moves when it is told to."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def studio_at(folder: Path, cache: Path | None = None, **given: object) -> Config:
    """cache: one of several studios, so that not each must draw covers and ring bells for itself."""
    scripts = folder / "scripts" / "en"
    scripts.mkdir(parents=True, exist_ok=True)
    for name, text in (("short-kindness", SCRIPT), ("friend", OTHERS), ("kind-minute", KIND_MINUTE)):
        (scripts / f"{name}.md").write_text(text, encoding="utf-8")
    settings = Settings(
        cache=cache or folder / "cache",
        takes=folder / "takes",
        output=folder / "output",
        scripts=folder / "scripts",
    )
    return make_config(
        settings, data=folder / "studio", **{"voices": ("tone",), "jobs": 0, "limits": LIMITS, **given}
    )


def wish(*phrases: str, **given: object) -> Selection:
    told = {"practice": "short-kindness", "language": "en", "length_ms": 60_000, "voice": "tone", **given}
    return Selection(phrases=tuple({"self": phrase} for phrase in phrases), **told)


@contextmanager
def refused(kind: str) -> Iterator[None]:
    """What is done in it is refused for this reason."""
    with pytest.raises(StudioError) as caught:
        yield
    assert caught.value.kind == kind


def until(
    orders: Orders, token: str, *, extras: bool = False, lengths: bool = False, within_s: float = 240.0
) -> Order:
    """The order when it is done or failed (extras: and its M4B is there; lengths: and the page with all lengths)."""
    stop = time.monotonic() + within_s
    while time.monotonic() < stop:
        order = orders.get(token)
        assert order is not None
        if order.state == FAILED or (
            order.state == DONE and (not extras or "m4b" in order.files) and (not lengths or order.lengths)
        ):
            return order
        time.sleep(0.02)
    raise AssertionError(f"not done in {within_s} s: {order}")


def everything_in(folder: Path) -> bytes:
    """All bytes of all files below."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
