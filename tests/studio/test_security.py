"""The hostile suite: what must be refused is refused, what is only words stays words, and no log tells of either."""

from __future__ import annotations

import asyncio
import logging
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studioweb import BASE, PATH, hosted, make_studio_config, token_in, words_of

from kindvoice.studio import door
from kindvoice.studio.config import Limits
from kindvoice.studio.form import read_draft
from kindvoice.studio.listen import asked_part
from kindvoice.studio.security import HEADERS, Refused, allowed_host, client_key, read_body

SECRET = "May I find purple giraffes"
HOSTILE = (
    f"<script>alert(1)</script> {SECRET}",
    f'"><img src=x onerror=alert(1)> {SECRET}',
    f"{{{{ 7*7 }}}} {{% raise %}} {{# x #}} {SECRET}",
    f"{{{{ config.__class__.__mro__ }}}} {SECRET}",
    f"../../etc/passwd\\..\\.. {SECRET}",
    f"[bell] [pause 9m] # {SECRET}",
    f"' OR 1=1; DROP TABLE orders; -- {SECRET}",
    f"</textarea><svg/onload=alert(1)> {SECRET}",
    f"\u202e\u0000\u001b[31m {SECRET} \U0001f600",
)


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with hosted(tmp_path_factory.mktemp("studio")) as host:
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


# ---------------------------------------------------------------- words stay words


def test_markup_templates_and_paths_in_a_phrase_are_only_words(clean):
    link = clean.place(
        HOSTILE[0], **{"other-1": "{{ 7*7 }} {% raise %} {# x #}", "together-1": "\"><img src=x> [pause 9m]"}
    )  # fmt: skip
    page = clean.finished(link)
    for shown in (page, clean.client.get(link + "change").text):
        assert "<script>alert" not in shown and "<img src=x" not in shown and "<svg/onload" not in shown
        assert "&lt;script&gt;alert" in shown
        assert "{{ 7*7 }} {% raise %} {# x #}" in words_of(shown)
    assert words_of(page).count("7*7") >= 1 and " 49 " not in words_of(page)
    assert "[pause 9m]" in words_of(page), "spoken, never obeyed"


@pytest.mark.parametrize("phrase", HOSTILE)
def test_hostile_words_in_every_field_break_no_page(clean, phrase):
    fields = clean.fields(phrase, act="forms", minutes=phrase, voice=phrase, bell=phrase, bed=phrase, gain=phrase,
                          audience=phrase, gentle=phrase, 
                          **{"other-1": phrase, "was-1": phrase, "self-x": phrase, phrase: phrase})  # fmt: skip
    page = clean.client.post(PATH, data=fields)
    assert page.status_code == 200
    assert not re.search(r"<script(?! src=\"/static/)|<img src=x|<svg/", page.text)
    assert clean.client.post(PATH, data={**fields, "act": "make"}).status_code == 422
    assert clean.client.post("/hear", data={**fields, "text": phrase, "voice": "tone"}).status_code in {
        200,
        422,
    }
    assert clean.client.post("/forms", data={**fields, "text": phrase}).status_code == 200


@given(st.text())
def test_a_phrase_is_one_printable_line_whatever_is_sent(text):
    (row,) = read_draft({"self-1": text}, Limits()).rows
    assert not set(row.self) & set("\n\r\0\u2028\u202e") and row.self == row.self.strip()
    row.self.encode("utf-8")
    assert read_draft({"self-1": row.self}, Limits()).rows[0] == row


# ---------------------------------------------------------------- links


def test_forged_links_lead_nowhere(clean):
    link = clean.place(SECRET)
    token = link.split("/")[2]
    key = clean.orders.get(token).key
    for forged in (
        token[:-1],
        token + "a",
        token.swapcase(),
        key,
        "...",
        "%2e%2e%2fx",
        "%00",
        "a" * 4000,
        "*",
        "' OR 1=1",
    ):
        for tail in ("/", "/events", "/change", "/files", "/v1/kind-minute.mp3"):
            answer = clean.client.get(f"/r/{forged}{tail}")
            assert answer.status_code in {404, 307, 308} and SECRET not in answer.text
    clean.finished(link)
    for name in (
        "../../orders.sqlite", "..%2f..%2forders.sqlite", "%2e%2e/secret", "recording.manifest.json", "secret",
        "kind-minute.mp3%00.txt", "/etc/passwd", "..\\secret", "v1/kind-minute.mp3",
    ):  # fmt: skip
        answer = clean.client.get(f"{link}v1/{name}")
        assert answer.status_code == 404, name
    for version in ("0", "2", "-1", "1e0", "99999999999999999999"):
        assert clean.client.get(f"{link}v{version}/kind-minute.mp3").status_code == 404


def test_nobody_lists_orders_and_a_link_alone_is_enough(clean):
    link = clean.place(SECRET)
    clean.finished(link)
    other = clean.browser()
    for path in ("/", PATH, "/health", "/metrics", "/deleted", "/r/", "/orders", "/orders.sqlite"):
        answer = other.get(path).text
        assert link.split("/")[2] not in answer and SECRET not in answer
    assert other.get(link).status_code == 200
    assert other.get(link).headers["cache-control"] == "no-store"


# ---------------------------------------------------------------- forms from elsewhere


def test_a_form_without_our_token_is_refused(clean):
    fields = clean.fields(SECRET)
    theirs = clean.browser()
    token = token_in(theirs.get(PATH).text)
    for forged in ("", "x" * 64, token, "é"):
        assert clean.client.post(PATH, data={**fields, "token": forged}).status_code == 403
    assert clean.client.post(PATH, data={k: v for k, v in fields.items() if k != "token"}).status_code == 403
    for path in ("/forms", "/hear"):
        assert clean.client.post(path, data={"text": SECRET}).status_code == 403
    assert clean.client.get(PATH, params=fields).status_code == 200, "a form is never taken from an address"
    assert sum(clean.orders.counts().values()) == 0


def test_a_stolen_token_without_its_cookie_is_refused(clean):
    fields = clean.fields(SECRET)
    assert clean.browser().post(PATH, data=fields).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": BASE.replace("8123", "9")},
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": BASE + ".evil.example"},
    ],
)  # fmt: skip
def test_a_form_sent_from_another_site_is_refused(clean, headers):
    assert clean.client.post(PATH, data=clean.fields(SECRET), headers=headers).status_code == 403
    assert sum(clean.orders.counts().values()) == 0


def test_nothing_changes_by_looking(clean):
    link = clean.place(SECRET)
    assert clean.client.get(link + "delete").status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "GET\x7f", "BREW"):
        answer = clean.client.request(method, link)
        assert answer.status_code == 405 and SECRET not in answer.text
    trick = {
        "x-http-method-override": "DELETE",
        "x-original-url": link + "delete",
        "x-rewrite-url": link + "delete",
    }
    assert clean.client.get("/", headers=trick).status_code == 200
    assert clean.client.get(link).status_code == 200


def test_only_plain_forms_are_read(clean):
    fields = clean.fields(SECRET)
    assert clean.client.post(PATH, json=fields).status_code == 415
    assert clean.client.post(PATH, data=fields, files={"f": b"x"}).status_code == 415
    plain = {"content-type": "application/x-www-form-urlencoded"}
    for body in (
        b"\xff\xfe",
        b"a=%ff%fe&token=" + fields["token"].encode(),
        b"a=1&a=2",
        b"&".join(b"f%d=1" % n for n in range(500)),
    ):
        assert clean.client.post(PATH, content=body, headers=plain).status_code in {400, 403}
    twice = f"token={fields['token']}&token={fields['token']}".encode()
    assert clean.client.post(PATH, content=twice, headers=plain).status_code == 400


# ---------------------------------------------------------------- sizes, pace, slowness


def test_large_bodies_are_refused_before_they_are_kept(clean):
    plain = {"content-type": "application/x-www-form-urlencoded"}
    assert clean.client.post(PATH, content=b"a" * 70_000, headers=plain).status_code == 413

    def endless():
        for _ in range(100):
            yield b"a=" + b"x" * 10_000 + b"&"

    assert clean.client.post(PATH, content=endless(), headers=plain).status_code == 413
    for length in ("-1", "1e3", "99999999999999", "١٢", "0x10"):
        headers = {**plain, "content-length": length.encode("utf-8")}
        assert clean.client.post(PATH, content=b"", headers=headers).status_code == 413


def test_a_body_that_drips_is_given_up():
    async def never():
        while True:
            await asyncio.sleep(0.01)
            yield b"a"

    request = SimpleNamespace(headers={}, stream=never)
    with pytest.raises(Refused) as told:
        asyncio.run(read_body(request, 10_000, most_s=0.1))
    assert (told.value.status, told.value.kind) == (408, "slow")


def test_too_many_requests_are_told_when_to_come_again(tmp_path, host):
    limits = Limits(requests_per_second=1, requests_burst=5)
    with hosted(tmp_path, host.studio.choices, limits=limits) as small:
        statuses = [small.client.get("/static/icon.svg").status_code for _ in range(8)]
        assert statuses[:5] == [200] * 5 and statuses[5:] == [429] * 3
        answer = small.client.get("/")
        assert int(answer.headers["retry-after"]) >= 1 and "a little fast" in answer.text


def test_one_person_s_orders_are_limited(tmp_path, host, monkeypatch):
    limits = Limits(waiting_each=2, requests_per_second=1000, requests_burst=5000)
    with hosted(tmp_path, host.studio.choices, limits=limits) as small:
        monkeypatch.setattr(small.orders, "claim", lambda: None)
        for _ in range(2):
            small.place(SECRET)
        answer = small.client.post(PATH, data=small.fields(SECRET))
        assert answer.status_code == 429 and SECRET in answer.text, "the words are still in the form"
        other = small.browser()
        assert small.place(SECRET, client=other)


def test_a_household_s_addresses_are_one_client():
    def key(address):
        return client_key({"client": (address, 1)})

    assert key("2001:db8::1") == key("2001:db8::ffff") != key("2001:db8:0:1::1")
    assert key("192.0.2.1") != key("192.0.2.2")
    assert key("not an address") == client_key({})


@given(st.text(max_size=60), st.integers(0, 10**6))
def test_a_range_lies_inside_the_file_or_is_none(text, size):
    for value in (text, "bytes=" + text):
        try:
            part = asked_part(value, size)
        except ValueError:
            continue
        assert part is None or 0 <= part.start < part.stop <= size


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_range_is_what_was_asked_for(first, last):
    if first > last:
        assert asked_part(f"bytes={first}-{last}", 1000) is None
    elif first >= 1000:
        with pytest.raises(ValueError, match="range"):
            asked_part(f"bytes={first}-{last}", 1000)
    else:
        part = asked_part(f"bytes={first}-{last}", 1000)
        assert (part.start, part.stop) == (first, min(last + 1, 1000))


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
    forwarded = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "forwarded": "host=evil.example",
    }
    page = clean.client.get("/", headers=forwarded)
    assert "evil.example" not in page.text and "secure" not in page.headers["set-cookie"].lower()


def test_a_studio_for_others_answers_to_its_names_and_to_addresses(tmp_path):
    config = make_studio_config(
        tmp_path, host="0.0.0.0", names=("studio.example.org",), password="a long enough password"
    )
    for name, right in (
        ("studio.example.org", True), ("STUDIO.example.org:443", True), ("192.168.1.5:8123", True), ("127.0.0.1", True),
        ("evil.example", False), ("example.org", False), ("x.studio.example.org", False),
    ):  # fmt: skip
        assert allowed_host([name], config) is right, name
    assert not allowed_host([], config) and not allowed_host(["127.0.0.1", "127.0.0.1"], config)


def test_every_answer_has_the_headers(clean):
    link = clean.place(SECRET)
    clean.finished(link)
    answers = [
        clean.client.get("/"), clean.client.get("/nowhere"), clean.client.get("/static/make.js"),
        clean.client.get(link),        clean.client.get(link + "v1/kind-minute.mp3"),
        clean.client.post(PATH), clean.client.get("/health"),
        clean.client.get("/", headers={"host": "evil.example"}), clean.client.request("PUT", "/"),
        clean.client.get("/teach/x"),
    ]  # fmt: skip
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (answer.url, name)
        assert "cache-control" in answer.headers and "server" not in answer.headers
        assert "unsafe" not in answer.headers["content-security-policy"]


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
    def broken(wish, person):
        raise RuntimeError(f"the database said: {SECRET}")

    monkeypatch.setattr(clean.orders, "place", broken)
    answer = clean.client.post(PATH, data=clean.fields(SECRET))
    assert answer.status_code == 500 and "Something went wrong" in answer.text
    assert "giraffe" not in answer.text and "Traceback" not in answer.text and ".py" not in answer.text
    told = [record.getMessage() for record in caplog.records if record.name == "kindvoice.studio"]
    assert any(re.fullmatch(r"fault on POST: RuntimeError at \S+\.py:\d+.*", text) for text in told), told


def test_every_refusal_is_logged_by_its_kind_alone(clean, caplog):
    clean.client.post(PATH, data={"token": SECRET, "self-1": SECRET})
    clean.client.post(
        PATH, content=b"x" * 70_000, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    clean.client.get(f"/?{SECRET}", headers={"host": f"{SECRET}.example"})
    told = [record.getMessage() for record in caplog.records if record.name == "kindvoice.studio"]
    assert told == ["refused POST: token 403", "refused POST: size 413", "refused GET: host 421"]


# ---------------------------------------------------------------- the teachers' door


def test_on_one_s_own_computer_the_teachers_door_is_open(clean):
    assert clean.client.get("/teach/").status_code == 200
    assert 'href="/teach/"' in clean.client.get("/").text


def test_elsewhere_the_teachers_door_wants_the_password(tmp_path, host):
    limits = Limits(requests_per_second=1000, requests_burst=5000, logins_per_minute=6)
    given = {"host": "0.0.0.0", "password": "a kind and long password", "limits": limits}
    with hosted(tmp_path, host.studio.choices, **given) as far:
        for path in ("/teach/", "/teach/scripts/x", "/teach/static/teach.css", "/teach/../teach/"):
            answer = far.client.get(path)
            assert answer.status_code == 303 and answer.headers["location"] == "/login"
        assert far.client.post("/teach/scripts/x/make").status_code == 403
        token = token_in(far.client.get("/login").text)
        assert far.client.post("/login", data={"password": "a kind and long password"}).status_code == 403, (
            "no token"
        )
        for wrong in ("", "a kind and long passwor", "x" * 2000):
            answer = far.client.post("/login", data={"token": token, "password": wrong})
            assert answer.status_code == 403 and "This is not the password" in answer.text
        for forged in ("", "9999999999.", "9999999999." + "0" * 64, "x.y", "99999999999999999.x"):
            far.client.cookies.set(door.COOKIE, forged, path="/teach")
            assert far.client.get("/teach/").status_code == 303
        far.client.cookies.delete(door.COOKIE)
        entered = far.client.post("/login", data={"token": token, "password": "a kind and long password"})
        assert entered.status_code == 303 and entered.headers["location"] == "/teach/"
        cookie = entered.headers["set-cookie"]
        assert "HttpOnly" in cookie and "Path=/teach" in cookie and "SameSite=strict" in cookie
        assert far.client.get("/teach/").status_code == 200
        stolen = cookie.partition(";")[0]
        assert far.browser(cookie=stolen).get("/teach/").status_code == 303, (
            "it holds with its own session only"
        )
        statuses = [
            far.client.post("/login", data={"token": token, "password": "wrong"}).status_code
            for _ in range(8)
        ]
        assert statuses[-1] == 429


def test_a_teacher_s_stay_ends(tmp_path):
    config = make_studio_config(tmp_path, host="0.0.0.0", password="a kind and long password")
    now = [1_000_000.0]
    own = door.Door(config, clock=lambda: now[0])
    request = SimpleNamespace(
        state=SimpleNamespace(session="s"),
        scope={"client": ("192.0.2.1", 1)},
        url=SimpleNamespace(scheme="https"),
        cookies={},
    )
    response = own.enter(request, "a kind and long password")
    cookie = response.headers["set-cookie"]
    assert "Secure" in cookie
    request.cookies = {door.COOKIE: cookie.partition("=")[2].partition(";")[0].strip('"')}
    assert own.is_open(request)
    other = door.Door(
        make_studio_config(tmp_path, host="0.0.0.0", password="another long password"), clock=lambda: now[0]
    )
    assert not other.is_open(request)
    now[0] += door.STAYS_S + 1
    assert not own.is_open(request)
