"""What stands between the network and the pages, in this process; test_hostile attacks the real one."""

from __future__ import annotations

import gc
import logging
import re
from types import SimpleNamespace

import pytest
from ordering import Clock, until
from starlette.testclient import TestClient
from studioweb import BASE, PATH, hosted, make_studio_config, token_in

from kindvoice.model import Transcript
from kindvoice.studio.host import login as door
from kindvoice.studio.host.clients import client_key, from_here
from kindvoice.studio.host.config import Limits
from kindvoice.studio.host.security import Refusals, allowed_host

SECRET = "May I find purple giraffes"
PASSWORD = "a kind and long password"


@pytest.fixture(scope="module")
def host(tmp_path_factory, choices):
    with hosted(tmp_path_factory.mktemp("studio"), choices) as host:
        yield host


@pytest.fixture
def clean(host, caplog):
    """Whatever is logged meanwhile, by us or by others, holds nobody's words and no link."""
    host.client.cookies.clear()
    caplog.set_level(logging.DEBUG)
    tokens: list[str] = []
    place = host.place
    host.place = lambda *words, **more: (tokens.append(place(*words, **more)), tokens[-1])[1]
    yield host
    del host.place
    for link in tokens:
        host.orders.delete(link.split("/")[2])
    for record in caplog.records:
        # What the test's own browser says of itself is not the studio's.
        if record.name.startswith(("httpx", "httpcore", "asyncio")):
            continue
        told = record.getMessage() + str(record.exc_info or "")
        assert "giraffe" not in told
        assert not any(link.split("/")[2] in told for link in tokens)


@pytest.mark.slow
def test_nothing_changes_by_looking(clean):
    assert clean.client.get(PATH, params=clean.fields(SECRET)).status_code == 200
    assert sum(clean.orders.counts().values()) == 0, "a form is never taken from an address"
    link = clean.place(SECRET)
    assert clean.client.get(link + "delete").status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
        answer = clean.client.request(method, link, headers={"x-http-method-override": "GET"})
        assert answer.status_code == 405 and SECRET not in answer.text
    assert clean.client.get(link).status_code == 200
    for path in ("/", PATH, "/health", "/metrics", "/deleted", "/r/", "/orders", "/orders.sqlite"):
        assert link.split("/")[2] not in clean.browser().get(path).text, "nobody lists orders"


# ---------------------------------------------------------------- sizes, pace, slowness


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True), ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False), ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False), ("fe80::1%eth0", "fe80::2", True), ("no address", "", True),
    ],
)  # fmt: skip
def test_who_is_one_client(one, other, same):
    """An address; of IPv6 what one household has; IPv4 however it is written."""
    assert (client_key({"client": (one, 1)}) == client_key({"client": (other, 1)})) is same


@pytest.mark.parametrize(
    ("client", "host", "here"),
    [
        ("127.0.0.1", "127.0.0.1:8123", True), ("::1", "[::1]", True), ("::1", "[::1]:9", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "studio.example.org", False), ("192.0.2.1", "127.0.0.1", False), ("127.0.0.1", "", False),
    ],
)  # fmt: skip
def test_the_host_is_who_asks_here_by_this_computer_s_own_name(client, host, here):
    assert from_here({"client": (client, 1)}, host) is here


@pytest.mark.slow
def test_a_class_behind_one_address_gets_its_pages(tmp_path, host):
    with hosted(tmp_path, host.studio.choices, limits=Limits()) as far:
        assert far.client.get("/teach/").status_code == 200, (
            "on one's own computer the teachers' door is open"
        )
        for _ in range(30):
            us = far.browser()
            assert us.get("/").status_code == 200
            for name in (
                "base.js",
                "words.js",
                "player.js",
                "style.css",
                "studio.css",
                "icon.svg",
                "make.js",
            ):
                assert us.get(f"/static/{name}").status_code == 200


def test_a_flood_of_refusals_is_told_in_few_lines(caplog):
    clock = Clock()
    refusals = Refusals(clock)
    for _ in range(1_000):
        refusals.tell("refused GET: pace 429")
    refusals.tell("refused POST: token 403")
    assert len(caplog.messages) == 31 and caplog.messages[-1] == "refused POST: token 403"
    clock.now += 10
    refusals.tell("refused GET: pace 429")
    assert caplog.messages[-1] == "refused GET: pace 429 (and 970 like it before)"
    refusals.tell("refused GET: pace 429")
    assert caplog.messages[-1] == "refused GET: pace 429"


@pytest.mark.slow
def test_what_was_shown_is_not_remembered(clean):
    """An order that expires must leave no words in the memory: none are kept in the first place."""

    def held():
        gc.collect()
        return sum(isinstance(one, Transcript) for one in gc.get_objects())

    link = clean.place(SECRET)
    until(clean.orders, link.split("/")[2], extras=True)
    before = held()
    assert "giraffes" in clean.client.get(link).text
    assert clean.client.get(link + "files").json()["sounds"]
    clean.client.get(link + "v1/kind-minute.mp3", headers={"range": "bytes=0-9"})
    assert held() <= before


# ---------------------------------------------------------------- hosts and headers


def test_another_s_name_that_leads_here_is_refused(clean):
    for name in (
        "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "user@127.0.0.1", "127.0.0.1/x", "",
        "127.0.0.1:99999", "[::1", "192.168.1.5", "127.0.0.1#x", "a" * 400,
    ):  # fmt: skip
        answer = clean.client.get("/", headers={"host": name})
        assert answer.status_code == 421, name
    for name in ("localhost", "127.0.0.1:8123", "[::1]:8123", "LOCALHOST:1", "127.0.0.2"):
        assert clean.client.get("/", headers={"host": name}).status_code == 200
    clean.client.cookies.clear()
    evil = "evil.example"
    forwarded = {"x-forwarded-host": evil, "x-forwarded-proto": "https", "forwarded": f"host={evil}"}
    page = clean.client.get("/", headers=forwarded)
    assert "evil.example" not in page.text and "secure" not in page.headers["set-cookie"].lower()


def test_a_studio_for_others_answers_to_its_names_and_to_addresses(tmp_path):
    config = make_studio_config(tmp_path, host="0.0.0.0", names=("studio.example.org",), password=PASSWORD)
    for name, right in (
        ("studio.example.org", True), ("STUDIO.example.org:443", True), ("192.168.1.5:8123", True), ("127.0.0.1", True),
        ("evil.example", False), ("example.org", False), ("x.studio.example.org", False),
    ):  # fmt: skip
        assert allowed_host([name], config) is right, name
    assert not allowed_host([], config) and not allowed_host(["127.0.0.1", "127.0.0.1"], config)


def test_the_cookie_is_for_us_alone_and_nobody_chooses_its_value(clean):
    set_cookie = clean.client.get("/").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in set_cookie.split(";")}
    for chosen in ("short", "a" * 33, "a" * 31 + "/", '"' + "a" * 32, "\x00", "a" * 5000):
        fresh = clean.browser(cookie=f"kindvoice={chosen}")
        assert "kindvoice=" in fresh.get("/").headers["set-cookie"], chosen
    again = clean.browser(cookie=f"kindvoice={'a' * 32}")
    assert "set-cookie" not in again.get("/").headers


# ---------------------------------------------------------------- faults


def test_a_fault_shows_no_trace_and_logs_no_words(clean, monkeypatch, caplog):
    def broken(*asked):
        raise RuntimeError(f"the database said: {SECRET}")

    monkeypatch.setattr(clean.orders, "place", broken)
    answer = clean.client.post(PATH, data=clean.fields(SECRET))
    assert answer.status_code == 500 and "Something went wrong" in answer.text
    assert "giraffe" not in answer.text and "Traceback" not in answer.text and ".py" not in answer.text
    told = [record.getMessage() for record in caplog.records if record.name == "kindvoice.studio"]
    assert any(re.fullmatch(r"fault on POST: RuntimeError at \S+\.py:\d+.*", text) for text in told), told


def test_every_refusal_is_logged_by_its_kind_alone(clean, caplog):
    plain = {"content-type": "application/x-www-form-urlencoded"}
    clean.client.post(PATH, data={"token": SECRET, "self-1": SECRET})
    clean.client.post(PATH, content=b"x" * 70_000, headers=plain)
    clean.client.post(PATH, content=f"a={SECRET}&a={SECRET}".encode(), headers=plain)
    clean.client.post(PATH, data={"self-1": SECRET}, headers={"origin": f"https://{SECRET}.example"})
    clean.client.get(f"/?{SECRET}", headers={"host": f"{SECRET}.example"})
    clean.client.get(f"/?{SECRET}", headers={"sec-fetch-site": "cross-site"})
    clean.client.get(f"/{SECRET * 100}")
    clean.client.request(SECRET.split()[-1], f"/{SECRET}")
    told = [record.getMessage() for record in caplog.records if record.name == "kindvoice.studio"]
    assert told == [
        "refused POST: token 403", "refused POST: size 413", "refused POST: form 400", "refused POST: origin 403",
        "refused GET: host 421", "refused GET: site 403", "refused GET: size 414", "refused ?: method 405",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_proxy_that_does_not_say_for_whom_it_asks_is_told_of_once(tmp_path, host, caplog):
    beyond = {"names": ("studio.example.org",), "proxies": ("127.0.0.1",), "password": PASSWORD}
    with hosted(tmp_path, host.studio.choices, **beyond) as far:
        proxy = TestClient(far.studio.app, base_url="http://studio.example.org", client=("127.0.0.1", 9))
        near = TestClient(far.studio.app, base_url=BASE, client=("127.0.0.1", 9))
        near.get("/health")
        proxy.get("/", headers={"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https"})
        assert not caplog.messages
        for _ in range(2):
            proxy.get("/", headers={"x-forwarded-proto": "https"})
        assert len(caplog.messages) == 1 and "sends no X-Forwarded-For:" in caplog.messages[0]


# ---------------------------------------------------------------- the teachers' door


@pytest.mark.slow
def test_a_teacher_s_stay_ends(tmp_path):
    config, clock = make_studio_config(tmp_path, host="0.0.0.0", password=PASSWORD), Clock()
    own = door.Door(config, clock)
    request = SimpleNamespace(
        state=SimpleNamespace(session="s"), scope={"client": ("192.0.2.1", 1)}, url=SimpleNamespace(scheme="https"),
        cookies={},
    )  # fmt: skip
    response = own.enter(request, PASSWORD)
    cookie = response.headers["set-cookie"]
    assert "Secure" in cookie
    request.cookies = {door.COOKIE: cookie.partition("=")[2].partition(";")[0].strip('"')}
    assert own.is_open(request)
    other = make_studio_config(tmp_path, host="0.0.0.0", password="another long password")
    assert not door.Door(other, clock).is_open(request)
    clock.now += door.STAYS_S + 1
    assert not own.is_open(request)


@pytest.mark.slow
def test_a_stay_is_over_when_a_teacher_leaves_wherever_its_cookie_still_is(tmp_path, choices):
    with hosted(tmp_path, choices, names=("testserver",), password=PASSWORD) as host:
        client = host.client
        token = token_in(client.get("/login").text)
        assert client.get("/teach").headers["location"] == "/teach/", "found without its slash as well"
        assert client.post("/login", data={"token": token, "password": PASSWORD}).status_code == 303
        page = client.get("/teach/")
        kept = client.cookies.get(door.COOKIE, path="/teach")
        assert page.status_code == 200 and kept
        assert client.post("/teach/leave", data={"token": token_in(page.text)}).status_code == 303
        client.cookies.set(door.COOKIE, kept, path="/teach")
        assert client.get("/teach/").headers["location"] == "/login"
        again = door.Door(host.config)
        assert not again.is_open(SimpleNamespace(
            cookies={door.COOKIE: kept.strip('"')}, state=SimpleNamespace(session=client.cookies.get("kindvoice"))
        )), "after a restart too"  # fmt: skip
