"""Sound files as SSML names them (a URI) and as a script names them (a path), and back."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from kindvoice.script.literal import clean

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def is_file(sound: str) -> bool:
    """Whether a bell's or a bed's sound is a file and not the name of a synthesised one."""
    return re.search(r"[./\\]", sound) is not None


def address(sound: str) -> str:
    """The URI of a path.

    >>> address("my bowl #2.wav"), sound_path("my%20bowl%20%232.wav")
    ('my%20bowl%20%232.wav', 'my bowl #2.wav')
    """
    drive = re.match(r"[A-Za-z]:(?=[/\\])", sound)
    return (drive.group() if drive else "") + quote(sound[drive.end() if drive else 0 :], safe="/~")


def sound_path(src: str) -> str | None:
    """The path of a URI, so that it is seen to be a file; None for one that is not on this computer."""
    scheme = _SCHEME.match(src)
    path = unquote(src)
    if scheme:
        try:
            parts = urlsplit(src)
        except ValueError:
            return None
        if scheme[1].lower() != "file" or parts.netloc not in {"", "localhost"}:
            return None
        path = re.sub(r"^/(?=[A-Za-z]:)", "", unquote(parts.path))
    elif src.startswith("//"):
        return None
    path = " ".join(clean(path).split())
    return path if is_file(path) else f"./{path}"
