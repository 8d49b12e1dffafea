"""The hostile suite against the real command, in a process of its own, as it stands behind a proxy.

What must be refused is refused, what is only words stays words, others are still served, and at the end nothing of it
is in what the studio said or left behind.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import select
import socket
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from hostilemore import FIRST_LINES, FRAMES, HEADERS, HOSTS, RANGES
from hostileweb import MARK, NAME, PASSWORD, REFUSED, attacked, read_all
from hostilewords import ALIVE, BOMBS, FIELDS, FORM, HOLES, LINE, SECRET_FILES, STRANGE, UPS, WORDS
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from studioweb import PATH, token_in, words_of

from kindvoice.studio.host import security

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="wants several loopback addresses, and signals"),
]


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    outside = {path for place in (folder, folder.parent) for path in place.iterdir()}
    with attacked(folder) as host:
        yield host
        assert host.process.poll() is None, "it fell"
        assert not list(children_of(host.process.pid)), "nothing was started"
        _left_nothing(host)
    assert host.process.returncode == 0
    told = host.said()
    for secret in (MARK, REFUSED, PASSWORD, "Traceback", "/r/", *host.tokens):
        assert secret not in told, f"it said {secret!r}"
    for line in (folder / "err").read_text().splitlines():
        assert LINE.fullmatch(line), "a line that tells more than the kind of what was refused"
    made = set(folder.iterdir()) - outside
    assert {path.name for path in made} <= {"data", "cache", "scripts", "home", "work", "tmp", "out", "err"}
    assert not [path for name in ("home", "work", "tmp") for path in (folder / name).iterdir()]


@pytest.fixture(scope="module")
def ours(host):
    """Somebody whose finished recording is made of hostile words, and its link; in the end it is deleted."""
    us = host.visitor()
    link = us.place(*WORDS, minutes="1")
    us.finished(link, "M4B")
    assert MARK.encode() in host.on_disk()
    yield us, link
    token = us.form(path=link + "change")["token"]
    assert us.post(link + "delete", data={"token": token}).status_code == 303
    assert us.get(link).status_code == us.get(link + "v1/kind-minute.mp3").status_code == 404
    assert MARK.encode() not in host.on_disk()


def children_of(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def _left_nothing(host) -> None:
    """What was refused is on no disk, and the folder is for its owner alone."""
    assert REFUSED.encode() not in host.on_disk()
    known = (
        "secret left.json studio.toml studio.lock orders orders.sqlite orders.sqlite-wal orders.sqlite-shm"
    )
    assert {path.name for path in host.data.iterdir()} <= set(known.split())
    for folder in (host.data, host.folder / "cache"):
        assert folder.stat().st_mode & 0o077 == 0
        for path in folder.rglob("*"):
            assert path.name == "studio.toml" or path.stat().st_mode & 0o077 == 0, path


# ---------------------------------------------------------------- words stay words


def test_hostile_words_are_spoken_shown_and_tagged_as_words(ours):
    us, link = ours
    for text in (us.get(link).text, us.get(link + "change").text):
        assert not ALIVE.search(text)
        for words in (
            "{{ 7*7 }} {% raise %} {# x #}",
            "--> 99:00.000 NOTE",
            '<break time="9s"/>',
            "[pause 9m]",
        ):
            assert words in words_of(text), words
    told = us.get(link + "events", headers={"accept": "text/event-stream"})
    assert told.headers["content-type"].startswith("text/event-stream") and MARK not in told.text
    assert told.headers["x-accel-buffering"] == "no", "a proxy passes it on at once"
    forms = us.post("/forms", data=us.form(text=WORDS[5]))
    assert forms.headers["content-type"] == "application/json"
    assert forms.headers["x-content-type-options"] == "nosniff"
    captions = us.get(link + "v1/kind-minute.vtt")
    assert captions.headers["content-type"].startswith("text/vtt")
    assert "&lt;script&gt;" in captions.text
    for block in captions.text.split("\n\n")[1:]:
        assert block.count("-->") == 1 and "<script" not in block and "<img" not in block, block
    for kind, read in (("mp3", MP3), ("m4b", MP4)):
        answer = us.get(f"{link}v1/kind-minute.{kind}")
        assert answer.headers["content-disposition"] == f'inline; filename="kind-minute.{kind}"'
        assert answer.headers["content-type"] in {"audio/mpeg", "audio/mp4"}
        assert answer.headers["x-content-type-options"] == "nosniff"
        found = read(io.BytesIO(answer.content))
        tags = {name: str(value) for name, value in (found.tags or {}).items()}
        words = {name for name, told in tags.items() if MARK in told}
        assert words <= {"USLT::eng", "\xa9lyr"}, "only where a player shows what is spoken"
        assert found.info.length == pytest.approx(60, abs=1), "no pause was obeyed"


@pytest.mark.parametrize("name", FIELDS)
def test_no_other_field_is_obeyed_either(host, name):
    us = host.visitor()
    form = us.form(f"May I be kind to every {REFUSED}")
    for value in (
        "{{ 7*7 }}" + REFUSED,
        f"../../etc/passwd\0{REFUSED}",
        f'"><script>alert(1)</script>{REFUSED}',
    ):
        if name in {"minutes", "voice", "bell", "bed", "audience"}:
            assert us.post(PATH, data={**form, name: value}).status_code == 422
        for path in (PATH, "/forms") if "script>" not in value else (PATH, "/hear"):
            answer = us.post(path, data={**form, "act": "more", name: value})
            assert answer.status_code in {200, 404, 422} and not ALIVE.search(answer.text)
            assert "root:" not in answer.text and "49" + REFUSED not in answer.text


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize("hole", HOLES)
def test_no_path_leads_out(host, hole):
    for up in UPS:
        for file in SECRET_FILES:
            answer = host.raw(
                host.head("GET", hole.format(up * 4 + file + f"%00{REFUSED}"[: 9 * (up == "")]))
            )
            assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 303", b"HTTP/1.1 400")), (hole, up, file)
            assert b"root:" not in answer and b"SQLite" not in answer and b"[limits]" not in answer
            if answer.startswith(b"HTTP/1.1 303"):
                assert b"\r\nlocation: /login\r\n" in answer and "/teach" in hole


# ---------------------------------------------------------------- links


def test_a_link_is_whole_or_nothing(host, ours):
    us, link = ours
    token = link.split("/")[2]
    key = next((host.data / "orders").iterdir()).name
    wrong = (
        token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "B"), token.swapcase(), token[::-1], key,
        quote("’" + token[1:]), quote(token + "\u200b"), token + "%00", token + "%20", "%25" + token, f"v1/{token}",
        token + ";" , "*", "%27%20OR%201=1", "a" * 64, "a" * 65, "a" * 900, "null", "-1",
    )  # fmt: skip
    for forged in wrong:
        for tail in ("/", "/change", "/files", "/events", "/v1/kind-minute.mp3"):
            answer = host.raw(host.head("GET", f"/r/{forged}{tail}"))
            assert answer.startswith(b"HTTP/1.1 404") and MARK.encode() not in answer, forged
    for version in ("0", "2", "01", "1.0", "-1", "9" * 19, "9" * 900, "%31x"):
        answer = host.raw(host.head("GET", f"{link}v{version}/kind-minute.mp3"))
        # 01 is the same number
        assert answer.startswith(b"HTTP/1.1 404") or version == "01"
    form = us.form(path=link + "change")
    theirs = host.visitor()
    assert theirs.post(link + "delete", data={"token": form["token"]}).status_code == 403, "another's token"
    assert us.get(link).status_code == 200


# ---------------------------------------------------------------- forms from elsewhere


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": f"http://{NAME}"}, {"origin": ""},
        {"origin": f"https://{NAME}.evil.example"}, {"origin": f"https://evil.example/{NAME}"}, {"origin": "http://[::1"},
        {"origin": f"https://{NAME}:444"}, {"origin": f"https://x@{NAME}"}, {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"}, {"cookie": ""}, {"cookie": "__Host-kindvoice=" + "a" * 32},
        {"x-forwarded-proto": "http", "origin": "http://evil.example"},
        {"origin": f"https://{NAME}", "referer": "https://evil.example/", "sec-fetch-site": "cross-site"},
    ],
)  # fmt: skip
def test_a_form_from_elsewhere_changes_nothing(host, headers):
    us = host.visitor()
    for path in (PATH, "/hear", "/forms", "/login", "/r/x/delete"):
        form = us.form(f"May I be a {REFUSED}")
        assert us.post(path, data={**form, "password": PASSWORD}, headers=headers).status_code == 403
    for forged in (
        "",
        "0" * 64,
        form["token"][:-1],
        form["token"].upper() + "é",
        host.visitor().form()["token"],
    ):
        assert us.post(PATH, data={**form, "token": forged}).status_code == 403


def test_our_own_form_is_taken_over_the_proxy(host):
    us = host.visitor(origin=f"https://{NAME}", **{"sec-fetch-site": "same-origin"})
    assert us.place("May I be at ease")


@pytest.mark.parametrize("dest", ["iframe", "image", "script", "audio", "track", "embed", "empty", "style"])
def test_other_sites_may_link_to_us_and_no_more(host, dest):
    for site in ("cross-site", "same-site"):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": dest}
        headers["sec-fetch-mode"] = "navigate" if dest == "iframe" else "no-cors"
        for path in ("/", "/static/make.js", "/r/x/events", "/teach/"):
            assert host.visitor().get(path, headers=headers).status_code == 403
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert host.visitor().get("/", headers=link).status_code == 200


def test_the_session_is_ours_to_give_and_goes_over_https_only(host):
    us = host.visitor()
    given = us.get(PATH).headers["set-cookie"]
    assert re.fullmatch(r"__Host-kindvoice=[\w-]{32}; Path=/; HttpOnly; SameSite=Lax; Secure", given)
    planted = host.visitor()
    planted.cookies["kindvoice"] = "a" * 32  # by a sister name without https, which __Host- cannot be
    assert planted.get(PATH).headers["set-cookie"].startswith("__Host-kindvoice=")
    odd = host.visitor(cookie='x={"a": "b"}; y="; z=\\"; [=]; __Host-kindvoice=' + given[17:49])
    assert "set-cookie" not in odd.get(PATH).headers, "another program's cookie does not hide ours"
    assert us.get("/?language=de").headers["set-cookie"].count("Secure") == 1


# ---------------------------------------------------------------- the teachers' door


def test_only_the_password_opens_the_door_and_the_way_in_is_its_own(host):
    us = host.visitor()
    token = token_in(us.get("/login").text)
    before = dict(us.cookies)
    for wrong in (PASSWORD[:-1], PASSWORD.upper(), REFUSED * 500):
        answer = us.post("/login", data={"token": token, "password": wrong, "next": "//evil.example"})
        assert answer.status_code == 403 and "set-cookie" not in answer.headers
    entered = us.post(
        "/login?next=//evil.example", data={"token": token, "password": PASSWORD, "next": "//evil.example"}
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/teach/")
    cookie = set(entered.headers["set-cookie"].split("; "))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/teach"} <= cookie
    assert us.get("/teach/").status_code == 200
    thief = host.visitor()
    thief.cookies |= {"kindvoice_teacher": us.cookies["kindvoice_teacher"]}
    assert thief.get("/teach/").status_code == 303, "it holds with its own session only"
    assert before["__Host-kindvoice"] != us.cookies["kindvoice_teacher"]
    assert us.post("/teach/leave").status_code == 415
    assert us.post("/teach/leave", data={"token": "x"}).status_code == 403
    left = us.post("/teach/leave", data={"token": token})
    assert (left.status_code, left.headers["location"]) == (303, "/")
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert us.get("/teach/").status_code == 303
    for forged in ("", "9999999999.", "9999999999." + "0" * 64, "x.y", "9" * 17 + ".x", "٣.x", "-1.x"):
        thief.cookies["kindvoice_teacher"] = quote(forged, safe=".")
        assert thief.get("/teach/").status_code == 303


def test_guesses_are_few_whoever_they_say_they_are(host):
    """A spoofed X-Forwarded-For before the proxy's own changes nothing."""
    us = host.visitor()
    token = token_in(us.get("/login").text)
    own = us.headers["x-forwarded-for"]
    statuses = []
    for n in range(40):
        headers = {
            "x-forwarded-for": f"203.0.113.{n}, {own}",
            "forwarded": f"for=203.0.113.{n}",
            "x-real-ip": f"203.0.113.{n}",
        }
        statuses.append(us.post("/login", data={"token": token, "password": ""}, headers=headers).status_code)
        if statuses[-1] == 429:
            break
    assert statuses[-1] == 429 and len(statuses) < 16
    for path in ("", "/scripts/x/record", "/./", "//", "/../teach/", "%2f", "/;/", "?x=/static/teach.css"):
        for start in ("/teach", "/TEACH", "//teach", "/./teach", "/%74each", "/x/../teach"):
            answer = host.raw(host.head("GET", start + path))
            assert answer.startswith((b"HTTP/1.1 303", b"HTTP/1.1 308", b"HTTP/1.1 404"))
            assert b"Kind Minute" not in answer
    assert host.visitor().post("/teach/scripts/x/make").status_code == 403


# ---------------------------------------------------------------- what only the host may see


def test_numbers_are_for_the_host_alone(host):
    assert host.visitor().get("/metrics").status_code == 404
    assert host.visitor().get("/health").json() == {"ok": True}
    spoofed = {
        "x-forwarded-for": "127.0.0.1, 198.51.100.9",
        "x-real-ip": "127.0.0.1",
        "forwarded": "for=127.0.0.1",
    }
    for name in (NAME, "127.0.0.1", "localhost"):
        assert host.visitor(**{**spoofed, "host": name}).get("/metrics").status_code == 404
    direct = host.raw(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert direct.startswith(b"HTTP/1.1 200") and b"kindvoice_orders" in direct


# ---------------------------------------------------------------- headers, methods, the protocol itself


def test_who_is_no_proxy_is_not_believed(host):
    lines = ("X-Forwarded-Proto: https", "X-Forwarded-For: 127.0.0.1")
    request = host.head("GET", "/", *lines).replace(NAME.encode(), b"127.0.0.1")
    answer = host.raw(request, source="127.0.0.2")
    assert answer.startswith(b"HTTP/1.1 200") and b"Secure" not in answer
    assert b"Secure" in host.raw(request.replace(b"GET / ", b"GET /?language=de ")), "the proxy is"


@pytest.mark.parametrize("what", list(STRANGE))
def test_what_is_no_request_is_refused(host, what):
    sent, statuses = STRANGE[what]
    answer = host.raw(sent.encode("latin-1"))
    # A head that is much too long may be cut off before the answer is read.
    assert answer[9:12].decode() in statuses.split() or (what == "huge head" and not answer), answer[:80]
    assert REFUSED.encode() not in answer and (answer.count(b"HTTP/1.1 ") <= 1 or what == "http2")


def test_one_request_is_not_two(host):
    """Smuggling: whichever of the two lengths a proxy believes, what follows is not answered as somebody's request."""
    inner = f"GET /static/icon.svg?{REFUSED} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    for lines, body in (
        (("Content-Length: 4", "Transfer-Encoding: chunked"), b"0\r\n\r\n"),
        ((f"Content-Length: {len(inner)}",), b""),
        (("Transfer-Encoding: chunked",), b"%x;a=\r\n" % len(inner)),
    ):
        assert host.raw(host.head("POST", "/forms", FORM, *lines) + body + inner).count(b"HTTP/1.1 ") == 1


def answered(host, sent: bytes, statuses: str, what: object) -> None:
    """Once, with one of these, and with nothing that is not meant for them. A head or a body that is refused before
    it has ended may be cut off before the answer is read."""
    answer = host.raw(sent)
    assert answer[9:12].decode() in statuses.split() or (not answer and len(sent) > 9_000), (
        what,
        answer[:80],
    )
    assert answer.count(b"HTTP/1.1 ") <= 1 and b"root:" not in answer and b"kindvoice_orders" not in answer, (
        what
    )


def test_whatever_is_odd_has_one_plain_answer(host, ours):
    more = f"GET /static/icon.svg HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode()
    for what, (lines, body, statuses) in FRAMES.items():
        answered(host, host.head("POST", "/forms", FORM, lines) + body + more, statuses, what)
    for line, statuses in FIRST_LINES.items():
        _, rest = host.head().split(b"\r\n", 1)
        answered(host, line.encode() + b"\r\n" + rest, statuses, line[:60])
    for line, statuses in HEADERS.items():
        answered(host, host.head("GET", "/", line), statuses, line[:60])
    for name in HOSTS:
        answered(host, host.head().replace(NAME.encode(), name.encode(), 1), "421", name[:60])
    for ranges, statuses in RANGES.items():
        request = host.head("GET", f"{ours[1]}v1/kind-minute.mp3", f"Range: {ranges}")
        answered(host, request, statuses, ranges[:60])


def test_what_is_no_body_after_its_answer_is_cut_off_in_silence(host):
    for body in (b"g\r\n\r\n", b"1\r\na\r\n" * 3_000):
        with host.connection() as client:
            head = host.head("POST", "/", FORM, "Transfer-Encoding: chunked")
            client.sendall(head.replace(b"Connection: close\r\n", b""))
            assert client.recv(1 << 16).startswith(b"HTTP/1.1 405")
            with contextlib.suppress(ConnectionError):
                client.sendall(body)
            assert b"HTTP/1.1 " not in read_all(client)


def test_an_upgrade_is_not_taken(host):
    lines = (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: eA==",
        "Sec-WebSocket-Version: 13",
    )
    for path in ("/", "/r/x/events", "/teach/scripts/x/live"):
        assert not host.raw(host.head("GET", path, *lines)).startswith(b"HTTP/1.1 101")
    assert not host.raw(host.head("GET", "/", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk")).startswith(
        b"HTTP/1.1 101"
    )


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_in_a_header_does_nothing(host, name):
    us = host.visitor()
    for path in ("/", PATH, "/static/make.js", "/login"):
        answer = us.get(path, headers={name: BOMBS[name]})
        assert answer.status_code in {200, 431} and REFUSED not in answer.text + str(answer.headers)


def test_nothing_that_was_sent_comes_back(host):
    """Reflected scripts, and lines in headers."""
    us = host.visitor()
    sent = quote(f"\"'><script>alert(1)</script>\r\nset-cookie: {REFUSED}=1\r\n\r\n{REFUSED}")
    for path in (
        "/",
        PATH,
        "/deleted",
        "/login",
        f"/{sent}",
        f"/make/en/{sent}",
        f"/r/{sent}/",
        f"/static/{sent}",
        "/health",
    ):
        for name in ("language", "next", "voice", sent):
            answer = us.get(f"{path}?{name}={sent}")
            assert REFUSED not in answer.text + str(answer.headers) and not ALIVE.search(answer.text)
            assert not (300 <= answer.status_code < 400)
            for header, value in security.HEADERS.items():
                assert answer.headers[header] == value
            assert "cache-control" in answer.headers and "access-control-allow-origin" not in answer.headers


# ---------------------------------------------------------------- sizes


def test_large_and_odd_bodies_are_refused(host):
    us = host.visitor()
    token = us.form()["token"]
    plain = {"content-type": "application/x-www-form-urlencoded"}
    right = f"token={token}&self-1={REFUSED}&"
    for body, status, headers in (
        (right + "a=" + "x" * 70_000, 413, plain), (right + "a=" + "%25" * 22_000, 413, plain),
        (right + "&".join(f"f{n}=1" for n in range(200)), 400, plain), (right + "a=%ff", 400, plain),
        (right + "token=" + token, 400, plain), (right + "\x00=1&é=1", 400, plain), ("a" * 60_000, 403, plain),
        (gzip.compress((right * 10_000).encode()), 400, {**plain, "content-encoding": "gzip"}),
        (f'{{"token": "{token}"}}', 415, {"content-type": "application/json"}),
        (right, 415, {"content-type": "text/plain"}), (right, 415, {"content-type": "multipart/form-data; boundary=x"}),
    ):  # fmt: skip
        for path in (PATH, "/hear", "/login"):
            content = body if isinstance(body, bytes) else body.encode()
            assert us.post(path, content=content, headers=headers).status_code == status, (body[:60], path)


def test_bodies_without_end_end(host):
    """In chunks, from many at once, while others are served."""
    with contextlib.ExitStack() as open_:
        many = [open_.enter_context(host.connection()) for _ in range(8)]
        for client in many:
            client.sendall(host.head("POST", "/forms", FORM, "Transfer-Encoding: chunked"))
            client.sendall((b"1f40\r\n" + b"a" * 8_000 + b"\r\n") * 8 + b"1\r\na\r\n")  # a letter too many
        assert host.status() == 200
        for client in many:
            assert read_all(client).startswith(b"HTTP/1.1 413")


# ---------------------------------------------------------------- slowness


def test_clients_that_drip_are_sent_away_and_keep_nobody_waiting(host):
    starts = [(b"", b""), (b"GET / HT", b""), (f"GET / HTTP/1.1\r\nHost: {NAME}\r\nX: ".encode(), b"")] * 15
    starts += [
        (host.head("POST", "/forms", FORM, "Content-Length: 60000"), b"HTTP/1.1 408") for _ in range(15)
    ]
    with contextlib.ExitStack() as open_:
        slow = [(open_.enter_context(host.connection()), start, end) for start, end in starts]
        for client, start, _ in slow:
            client.sendall(start)
        until = time.monotonic() + 0.7
        while time.monotonic() < until:
            for client, start, _ in slow:
                with contextlib.suppress(OSError):
                    client.sendall(b"a" if start else b"")
            assert host.status() == 200
        for client, start, end in slow:
            answer = read_all(client)
            assert answer.startswith(end) if end else not answer, start


def test_one_address_holds_some_connections_and_no_more(host):
    with contextlib.ExitStack() as open_:
        for _ in range(12):
            open_.enter_context(host.connection("127.0.0.2", 0.5))
        assert host.raw(host.head(), source="127.0.0.2") == b"", "the thirteenth"
        assert host.raw(host.head(), source="127.0.0.3").startswith(b"HTTP/1.1 "), "somebody else's first"
        behind = [open_.enter_context(host.connection()) for _ in range(14)]
        behind[-1].sendall(host.head())
        assert read_all(behind[-1]).startswith(b"HTTP/1.1 200"), "a proxy stands for many"


def test_who_takes_nothing_is_cut_off(host, ours):
    _, link = ours
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", host.port))
        request = host.head("GET", f"{link}v1/kind-minute.mp3").replace(b"Connection: close\r\n", b"")
        client.sendall(request * 8)  # more than lies in the system's own buffers
        ended = select.poll()
        ended.register(client, 0)  # only for its end
        assert ended.poll(5_000), "it is still being waited for"


def test_one_address_is_answered_some_requests_at_once_and_no_more(host):
    request = host.head("POST", "/forms", FORM, "Content-Length: 9")
    with contextlib.ExitStack() as open_:
        clients = [open_.enter_context(host.connection()) for _ in range(9)]
        for client in clients:
            client.sendall(request)
        answers = sorted(read_all(client)[9:12] for client in clients)
        assert answers == [b"408"] * 6 + [b"429"] * 3
    assert host.status() == 200


def test_too_many_requests_of_one_address_are_told_to_wait(host):
    us = host.visitor()
    statuses = [us.get("/health").status_code for _ in range(150)]
    assert statuses[:100] == [200] * 100 and 429 in statuses
    assert int(us.get("/health").headers.get("retry-after", "1")) >= 1
    assert us.get("/static/make.js").status_code in {200, 429}
    assert host.status() == 200


# ---------------------------------------------------------------- what others on this computer see


def test_the_process_tells_nobody_its_secrets(host):
    told = Path(f"/proc/{host.process.pid}/cmdline").read_bytes()
    assert PASSWORD.encode() not in told
    limits = Path(f"/proc/{host.process.pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s", limits)
    assert (host.data / "secret").stat().st_mode & 0o777 == 0o600
