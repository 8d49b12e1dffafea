"""Requests that are odd in their frame, their first line, their headers or their address, and how each is answered."""

from __future__ import annotations

from hostileweb import NAME

BODY = b"a=1&b"
END = b"0\r\n\r\n"

FRAMES: dict[str, tuple[str, bytes, str]] = {
    **{
        f"TE {te!r}": (f"Transfer-Encoding: {te}", END, "400")
        for te in ("xchunked", "chunked, identity", "gzip, chunked", "identity", "chunked\x0b", '"chunked"',
                   "chunked;q=1", "chunked, chunked", "")
    },
    "TE in capitals": ("Transfer-Encoding: CHUNKED", END, "403"),
    "TE with a space": ("Transfer-Encoding : chunked", END, "400"),
    "TE twice": ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", END, "400"),
    "TE folded": ("Transfer-Encoding:\r\n chunked", END, "400 403"),
    **{
        f"CL {length!r}": (f"Content-Length: {length}", BODY, "400 413")
        for length in ("+5", "0x5", "5,6", "-0", "5;", "٥", "1e1", "0" * 19 + "5", "9" * 23, "5\0")
    },
    "CL as a list": ("Content-Length: 5, 5", BODY, "400 403"),
    "CL twice alike": ("Content-Length: 5\r\nContent-Length: 5", BODY, "400 403"),
    "CL twice unlike": ("Content-Length: 5\r\nContent-Length: 50", BODY, "400"),
    **{
        f"chunk {size[:6]!r}": ("Transfer-Encoding: chunked", size.encode() + b"\r\n" + BODY + b"\r\n" + END, "400")
        for size in ("+5", "-1", "0x5", "5 ;", "5\n", "g", "", " 5", "0" * 5_000 + "5")
    },
    "chunk without end": ("Transfer-Encoding: chunked", b"F" * 17 + b"\r\n" + BODY, "408"),
    "long extension": ("Transfer-Encoding: chunked", b"5;" + b"a" * 70_000 + b"\r\n" + BODY, "400 403 408 413"),
    "many trailers": ("Transfer-Encoding: chunked", b"0\r\n" + b"x: y\r\n" * 20_000, "400 403 408"),
    "Host in a trailer": ("Transfer-Encoding: chunked", b"0\r\nHost: evil\r\n\r\n", "403"),
    "crumbs": ("Transfer-Encoding: chunked", b"1\r\na\r\n" * 20_000 + END, "400"),
}  # fmt: skip
"""of a form without a token: its header lines, its body, the statuses"""

FIRST_LINES = {
    **dict.fromkeys(("GET /", "GET / http/1.1", "GET\t/\tHTTP/1.1", "GET  /  HTTP/1.1", "GET HTTP/1.1",
                     "G\x01T / HTTP/1.1", "GET /\rX HTTP/1.1", "GET /ü HTTP/1.1",
                     "\r\n" * 3000 + "GET / HTTP/1.1"), "400"),
    **dict.fromkeys(("CONNECT evil.example:80 HTTP/1.1", "OPTIONS * HTTP/1.1", "TRACE / HTTP/1.1",
                     "get / HTTP/1.1", "PROPFIND / HTTP/1.1", "M-SEARCH / HTTP/1.1",
                     "G" * 9000 + " / HTTP/1.1"), "405"),
    **{
        f"GET {target} HTTP/1.1": "404"
        for target in ("http://evil.example/", "file:///etc/passwd", "/#/../../etc/passwd", "/%c0%af%c0%afetc/passwd",
                       "/%ff%fe",
                       "/%u002f", "//evil.example/", "/\\evil.example", "/r//", "/r/%0d%0aSet-Cookie:%20a=b/",
                       "/make/EN/kind-minute", "/make/en/../de/loving-kindness", "/make/en/e%CC%81",
                       "/make/en/%F0%9F%A7%98",
                       "/make/en/%E2%80%AEetunim", "/make/en/kind-minute%00.md", "/static/MAKE.JS", "/static/make.js/",
                       "/sample/en/kind-minute%20", "/r/" + "%00" * 300 + "/", "/g/x/", "/metrics/../metrics")
    },
    f"GET /{'a/' * 4_000} HTTP/1.1": "414",
    **{
        f"GET /?{query} HTTP/1.1": "200"
        for query in ("minutes=%EF%BC%91%EF%BC%90", "minutes=1e3", "minutes=" + "9" * 900, "language=" + "en-" * 400,
                      "language=%00", "language=en&language=de", "&" * 500)
    },
    "GET /teach/..;/metrics HTTP/1.1": "303", "GET /teach%2f HTTP/1.1": "303",
    **{f"GET / HTTP/{version}": "200 400 505" for version in ("1.2", "2.0", "9.9")},
}  # fmt: skip

HEADERS = {
    **dict.fromkeys(("nonsense", ": x", "X Y: 1", "X: a\x00b", "X: a\rSet-Cookie: b", "X: a\nHost: evil"), "400"),
    **dict.fromkeys(("X: a\r\n b", "Expect: 200-ok", "TE: trailers, deflate;q=0.5",
                     "Connection: host, x-forwarded-for", "X-Original-URL: /metrics",
                     "X-Rewrite-URL: /metrics", "X-HTTP-Method-Override: DELETE",
                     "X-Forwarded-For: fe80::1%eth0", "X-Forwarded-For: ' OR 1=1", "X-Forwarded-Proto: javascript",
                     "X-Forwarded-Host: evil.example", "Accept-Language: de;q=0." + "9" * 9000,
                     "If-Modified-Since: Thu, 99 Foo 99999 99:99:99 GMT", "Range: bytes=0-9"), "200"),
    **{
        f"Cookie: {cookie}": "200"
        for cookie in ("a=" + "b" * 8_000, "; ".join(f"c{n}=1" for n in range(900)), ";;;=;=;", "__proto__=1",
                       "__Host-kindvoice=a\tb; Path=/", "__Host-kindvoice=" + "%41" * 32, '__Host-kindvoice={"a":1}')
    },
}  # fmt: skip

HOSTS = ("", "evil.example", f"{NAME}@evil", f"{NAME}:-1", f"{NAME}:99999999", "ｓtudio.example.org", "[::1", "[::1]:x",
         f"{NAME}/..", "127.1", "0x7f.1", "a" * 5_000)  # fmt: skip

RANGES = {
    "bytes=" + ",".join(["0-"] * 1_200): "200 206 416",
    "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 900, 2)): "200 206",
    "bytes=-0": "416", "bytes=-" + "9" * 26: "206", "bytes=5-2": "400 416", "bytes=a-b": "400", "bytes= 0 - 1": "206",
    "items=0-1": "400", "bytes=0-0,-1": "206", "bytes": "400", "bytes=": "400", "bytes=--1": "400 416",
    "BYTES=0-1": "206",
    "bytes=0-1;q=1": "400", f"bytes={'0' * 5_000}-1": "400 206", "bytes=0-٣": "400", "bytes=1-,bytes=2-": "206 400",
}  # fmt: skip
