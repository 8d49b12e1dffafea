"""What the hostile suite sends: words, paths, requests, headers."""

from __future__ import annotations

import re

from hostileweb import MARK, NAME, REFUSED
from studioweb import PATH

WORDS = (
    f"{{{{ 7*7 }}}} {{% raise %}} {{# x #}} {MARK}",
    f"{{{{ self.__init__.__globals__ }}}} {MARK}",
    f"[pause 9m] [bell] [bed rain] {MARK}",
    f'<break time="9s"/> <speak><audio src="/etc/passwd"/></speak> {MARK}',
    f"--- title: {MARK} --- # Chapter",
    f"<script>alert(1)</script><img src=x onerror=alert(1)> {MARK}",
    f"\"><svg/onload=alert(1)>' onfocus=alert(1) autofocus {MARK}",
    f"../../../../etc/passwd %2e%2e%2f ..\\..\\ {MARK}",
    f"00:00.000 --> 99:00.000 NOTE {MARK}",
    f"'; DROP TABLE orders; -- $(touch x) `touch x` | touch x {MARK}",
)

ALIVE = re.compile(
    r"<script(?! src=\"/static/)|<img src=x|<svg/|<break|<speak|onerror=alert\(1\)>|<!doctype html>.*<!doctype",
    re.S,
)

LINE = re.compile(
    r"refused (GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|\?): [a-z]+ \d{3}( \(and \d+ like it before\))?"
    r"|the proxy sends no X-Forwarded-[A-Za-z -]+: visitors share their limits, or cookies are not for https alone"
)
"""all that the studio may ever say"""

FORM = "Content-Type: application/x-www-form-urlencoded"

FIELDS = (
    "minutes", "voice", "bell", "bed", "gain", "gentle", "audience", "language", "practice", "act", "remove", "use",
    "say", "say-voice", "other-1", "was-1", "self-99", "title", "phrases", "self-1[]", "__class__", "script", "output",
)  # fmt: skip

SECRET_FILES = ("secret", "orders.sqlite", "studio.toml", "../../../../../../../../etc/passwd", "/etc/passwd")
UPS = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..%5c",
    "..\\",
    "%c0%ae%c0%ae%c0%af",
    "....//",
    "..;/",
    "%00../",
    "",
)
HOLES = (
    "/static/{}",
    "/r/{}",
    "/r/{}/",
    "/make/en/{}",
    "/make/{}/kind-minute",
    "/{}",
    "/teach/static/{}",
    "/teach/scripts/{}/look",
)

OURS = f"Host: {NAME}\r\nConnection: close\r\n"
STRANGE = {
    "http2": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 405"),
    "tls": ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03zebra\r\n\r\n", "400"),
    "two hosts": (f"GET / HTTP/1.1\r\n{OURS}Host: zebra\r\n\r\n", "400"),
    "no host": ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "400 421"),
    "space before colon": (f"GET / HTTP/1.1\r\n{OURS}Transfer-Encoding : chunked\r\n\r\n", "400"),
    "control in target": (f"GET /\x01zebra HTTP/1.1\r\n{OURS}\r\n", "400"),
    "two lengths": (f"POST / HTTP/1.1\r\n{OURS}Content-Length: 5\r\nContent-Length: 6\r\n\r\nzebra", "400"),
    "a length and a sign": (f"POST / HTTP/1.1\r\n{OURS}Content-Length: +5\r\n\r\nzebra", "400 413"),
    "a huge length": (f"POST {PATH} HTTP/1.1\r\n{OURS}Content-Length: {'9' * 18}\r\n\r\n", "413"),
    "unknown coding": (f"POST / HTTP/1.1\r\n{OURS}Transfer-Encoding: chunked, zebra\r\n\r\n0\r\n\r\n", "400 501"),
    "huge head": (f"GET / HTTP/1.1\r\n{OURS}Cookie: {'zebra' * 40_000}\r\n\r\n", "400 431"),
    "long target": (f"GET /{'zebra/' * 1_000} HTTP/1.1\r\n{OURS}\r\n", "414"),
    "long query": (f"GET /?{'%25' * 3_000}zebra HTTP/1.1\r\n{OURS}\r\n", "414"),
    "another's address": (f"GET http://evil.example/zebra HTTP/1.1\r\n{OURS}\r\n", "404"),
    "connect": (f"CONNECT evil.example:443 HTTP/1.1\r\n{OURS}\r\n", "400 405"),
    "a method in small letters": (f"get / HTTP/1.1\r\n{OURS}\r\n", "405"),
}  # fmt: skip

BOMBS = {
    "range": "bytes=" + ",".join(f"{n}-{n + 1}" for n in range(0, 4_000, 2)),
    "accept-language": ",".join(f"{REFUSED}-{n};q=0.{n}" for n in range(800)),
    "cookie": "; ".join(f'{REFUSED}{n}="\\"' for n in range(900)),
    "if-none-match": ", ".join(f'"{REFUSED}{n}"' for n in range(900)),
    "if-range": '"' + REFUSED * 2_000,
    "accept": "*/*;q=0." * 1_500,
    "content-type": "text/html;charset=" + REFUSED * 1_500,
    "x-token": REFUSED * 2_000,
    "accept-encoding": "gzip," * 2_500,
    "expect": "100-continue" + REFUSED * 1_000,
}
