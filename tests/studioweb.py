"""A studio for tests of its pages: everything in this process, the voice that hums, and a browser without a window."""

from __future__ import annotations

import html as html_module
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.testclient import TestClient

from kindvoice.build.context import settings
from kindvoice.studio.app import Studio, create_app
from kindvoice.studio.host.choices import Choices, read_choices
from kindvoice.studio.host.config import Config, Limits, make_config
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.worker import OrderWorker

SCRIPT = """---
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
BASE = "http://127.0.0.1:8123"
PATH = "/make/en/kind-minute"


def make_studio_config(folder: Path, **given: object) -> Config:
    scripts = folder / "scripts" / "en"
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "kind-minute.md").write_text(SCRIPT, encoding="utf-8")
    own = replace(settings(), scripts=folder / "scripts", cache=folder / "cache")
    more = {
        "voices": ("tone",),
        "jobs": 0,
        "limits": Limits(requests_per_second=1000, requests_burst=5000),
        **given,
    }
    return make_config(own, data=folder / "data", **more)


@dataclass
class Host:
    """A running studio and somebody's browser."""

    config: Config
    orders: Orders
    studio: Studio
    client: TestClient

    def browser(self, **headers: str) -> TestClient:
        """Somebody else's."""
        return TestClient(
            self.studio.app,
            base_url=BASE,
            headers=headers,
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def fields(
        self, *phrases: str, client: TestClient | None = None, path: str = PATH, **more: str
    ) -> dict[str, str]:
        """The form as the page has it, filled in."""
        token = token_in((client or self.client).get(path).text)
        own = {f"self-{n}": phrase for n, phrase in enumerate(phrases, 1)}
        return {
            "token": token,
            "language": "en",
            "practice": "kind-minute",
            "minutes": "1",
            "act": "make",
            **own,
            **more,
        }

    def place(self, *phrases: str, client: TestClient | None = None, **more: str) -> str:
        """The order's link, from / to /."""
        answer = (client or self.client).post(PATH, data=self.fields(*phrases, client=client, **more))
        assert answer.status_code == 303, words_of(answer.text)
        return answer.headers["location"]

    def finished(self, link: str) -> str:
        """The page of an order, once it is made."""
        token = link.split("/")[2]
        until = time.monotonic() + 60
        while (order := self.orders.get(token)) is None or order.state in {"waiting", "making"}:
            assert time.monotonic() < until, "it was not made in time"
            time.sleep(0.05)
        assert order.state == "done", order.message
        return self.client.get(link).text


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found, "a page without a form"
    return found[1]


def words_of(page: str) -> str:
    return html_module.unescape(re.sub(r"<[^>]+>", " ", page))


@contextmanager
def hosted(folder: Path, choices: Choices | None = None, **given: object) -> Iterator[Host]:
    """choices: with them nothing is read again."""
    config = make_studio_config(folder, **given)
    orders = Orders(config)
    chosen = choices or read_choices(config)
    app = create_app(config, orders, OrderWorker(config, orders, chosen), choices=chosen)
    client = TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False)
    with client:
        yield Host(config, orders, app.state.studio, client)
    orders.close()
