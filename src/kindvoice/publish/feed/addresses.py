"""Addresses on the web, as a feed must write them, and the identities that are made from them."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from kindvoice.errors import SettingsError

PODCASTS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""the namespace of podcast:guid (Podcasting 2.0 namespace, tag guid)"""


def web_address(text: str, option: str) -> str:
    """The address in plain ASCII: the host in punycode, the rest percent-encoded; what is encoded stays so.

    option: names the address in the error. Raises SettingsError for anything but a whole http or https address.

    >>> web_address("https://bücher.example/güte/a b", "--url")
    'https://xn--bcher-kva.example/g%C3%BCte/a%20b'
    """
    cure = "such as https://example.org/kind"
    try:
        parts = urlsplit(text.strip())
        port = f":{parts.port}" if parts.port is not None else ""
        host = (parts.hostname or "").encode("idna").decode()
        path, query = (quote(part, safe="/%:@!$&'()*+,;=~?") for part in (parts.path, parts.query))
        fragment = quote(parts.fragment, safe="/%?=&;~")
        known = parts.scheme.lower() in {"http", "https"} and re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:]+", host)
    except ValueError:  # a UnicodeError is one
        known = None
    if not known:
        raise SettingsError(f"{option} {text!r} is no web address", cure=cure)
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            f"{option} holds a name or a password, and everybody can read a feed",
            cure=f"leave it out, {cure}",
        )
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme.lower(), host + port, path, query, fragment))


def folder_address(text: str) -> str:
    """The address of a folder, with its slash. Raises SettingsError for an address of something else."""
    address = web_address(text, "--url")
    parts = urlsplit(address)
    if parts.query or parts.fragment:
        raise SettingsError(
            f"--url {text!r} is no folder's address", cure="leave out everything from the ? or the # on"
        )
    if re.search(r"\.(xml|rss|mp3|m4a|html?)$", parts.path, re.IGNORECASE):
        raise SettingsError(
            f"--url {text!r} is a file's address",
            cure="give the address of the folder that the files will lie in; --feed-url names a feed elsewhere",
        )
    return address.rstrip("/") + "/"


def file_path(path: Path, folder: Path) -> str:
    """A file's place in the folder that is published, percent-encoded, with slashes.

    Raises SettingsError for a file that lies elsewhere.
    """
    # As it is named: a link that leads elsewhere is published as what it leads to. Then as it is.
    for seen in (os.path.abspath, os.path.realpath):
        named, home = Path(seen(path)), Path(seen(folder))
        if named.is_relative_to(home):
            return quote(os.fsencode(named.relative_to(home).as_posix()), safe="/")
    raise SettingsError(
        f"{path} does not lie in {folder}, the folder that is published",
        cure="move it there, or write the feed with --output into a folder that holds everything",
    )


def feed_guid(feed_url: str) -> uuid.UUID:
    """A podcast's identity: UUIDv5 of the feed's address without scheme and trailing slashes.

    Source: Podcasting 2.0 namespace, tag guid, whose example this is.

    >>> str(feed_guid("https://mp3s.nashownotes.com/pc20rss.xml"))
    '917393e3-1b1e-5cef-ace4-edaa54e1f810'
    """
    return uuid.uuid5(PODCASTS, re.sub(r"^[a-z]+://", "", feed_url).rstrip("/"))
