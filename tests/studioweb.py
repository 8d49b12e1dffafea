"""A studio for tests of its pages: everything in this process, the voice that hums, and a browser without a window."""

from __future__ import annotations

import html as html_module
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ordering import studio_at, until
from starlette.testclient import TestClient

from kindvoice.studio.app import Studio
from kindvoice.studio.host.choices import Choices
from kindvoice.studio.host.config import Config, Limits
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.worker import OrderWorker

BASE = "http://127.0.0.1:8123"
PATH = "/make/en/kind-minute"


def make_studio_config(folder: Path, **given: object) -> Config:
    """A studio that is in nobody's way."""
    return studio_at(
        folder, **{"limits": Limits(requests_per_second=1000, requests_burst=5000, page_bytes=0), **given}
    )


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
            self.studio.app, base_url=BASE, headers=headers, follow_redirects=False, raise_server_exceptions=False
        )  # fmt: skip

    def fields(
        self, *phrases: str, client: TestClient | None = None, path: str = PATH, **more: str
    ) -> dict[str, str]:
        """The form as the page has it, filled in."""
        token = token_in((client or self.client).get(path).text)
        usual = {"language": "en", "practice": "kind-minute", "minutes": "1", "act": "make"}
        return {"token": token, **usual, **{f"self-{n}": text for n, text in enumerate(phrases, 1)}, **more}

    def place(self, *phrases: str, client: TestClient | None = None, **more: str) -> str:
        """The order's link, from / to /."""
        answer = (client or self.client).post(PATH, data=self.fields(*phrases, client=client, **more))
        assert answer.status_code == 303, words_of(answer.text)
        return answer.headers["location"]

    def finished(self, link: str) -> str:
        """The page of an order, once it is made."""
        order = until(self.orders, link.split("/")[2])
        assert order.state == "done", order.message
        return self.client.get(link).text


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found, "a page without a form"
    return found[1]


def words_of(page: str) -> str:
    return html_module.unescape(re.sub(r"<[^>]+>", " ", page))


@contextmanager
def hosted(folder: Path, choices: Choices, **given: object) -> Iterator[Host]:
    config = make_studio_config(folder, **given)
    orders = Orders(config)
    studio = Studio(config, orders, OrderWorker(config, orders, choices), choices)
    with TestClient(
        studio.app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False
    ) as client:
        yield Host(config, orders, studio, client)
    orders.close()
