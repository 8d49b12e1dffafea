"""Server-sent events (WHATWG HTML, 9.2)."""

from __future__ import annotations

import json


def event(name: str, data: object) -> bytes:
    """One server-sent event; data: JSON.

    >>> event("changed", {"line": 3})
    b'event: changed\\ndata: {"line":3}\\n\\n'
    """
    text = json.dumps(data, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()


BEAT = b": still here\n\n"
"""a comment, which keeps proxies from closing a quiet stream, and finds out whether anybody is there"""
