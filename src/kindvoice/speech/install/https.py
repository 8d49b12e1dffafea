"""A file from an https address, over as many connections as it takes, each going on where the last one broke."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kindvoice import __version__
from kindvoice.model import Download
from kindvoice.speech.install.files import in_bytes, size_of
from kindvoice.speech.install.source import CHUNK, Patience, SourceFailed


class _Broken(Exception):
    """A connection did not hold; another one may bring the rest."""


class _StartOver(Exception):
    """The source cannot go on where the part stops."""


class Http:
    """One file from one address, over as many connections as it takes."""

    def __init__(
        self, url: str, download: Download, part: Path, tell: Callable[[int], None], patience: Patience
    ) -> None:
        self.url, self.total, self.part, self.tell, self.patience = url, download.bytes, part, tell, patience
        self.answered = self.resumed = False

    def run(self) -> bool:
        """Fills the part up to the stated size. True: it went on with what was there. Raises SourceFailed."""
        if not _is_safe(self.url):
            raise SourceFailed("this is no https address")
        most, idle, anew = size_of(self.part), 0, False
        while (there := size_of(self.part)) < self.total:
            try:
                self._connection(there)
                fault = "the connection ended"
            except _Broken as broken:
                fault = str(broken)
            except _StartOver:
                if anew:
                    raise SourceFailed("it does not go on where the file had stopped") from None
                anew = True
                self.part.unlink(missing_ok=True)
                continue
            there = size_of(self.part)
            idle, most = (0, there) if there > most else (idle + 1, most)
            if there >= self.total:
                break
            if not self.answered:
                raise SourceFailed(fault)
            if idle > self.patience.tries:
                raise SourceFailed(
                    f"{fault} after {in_bytes(there)} of {in_bytes(self.total)}, again and again"
                )
            time.sleep(self.patience.pause_s * 2**idle)
        return self.resumed

    def _connection(self, there: int) -> None:
        from http.client import HTTPException

        with self._open(there) as answer:
            self.answered = True
            there = self._start(answer, there)
            self.resumed = self.resumed or there > 0
            with self.part.open("ab" if there else "wb") as file:
                while there < self.total:
                    try:
                        # Not read(): that would wait for a full chunk, and lose what came when the line breaks.
                        chunk = answer.read1(CHUNK)
                    except (OSError, HTTPException) as error:
                        raise _Broken(_why(error, self.patience)) from error
                    if not chunk:
                        break
                    there += file.write(chunk[: self.total - there])
                    self.tell(there)

    def _open(self, there: int) -> Any:
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import Request

        headers = {"User-Agent": f"kindvoice/{__version__}"} | ({"Range": f"bytes={there}-"} if there else {})
        try:
            return _opener(self.url).open(Request(self.url, headers=headers), timeout=self.patience.timeout_s)
        except HTTPError as error:
            with error:
                if error.code == 416 and there:
                    raise _StartOver from None
                said = f"the server answers {error.code} {error.reason}"
                if error.code in (408, 429) or error.code >= 500:
                    self.answered = True  # it is there and may be better in a moment
                    raise _Broken(said) from None
                raise SourceFailed(said) from None
        except (OSError, HTTPException) as error:
            raise _Broken(_why(error, self.patience)) from error

    def _start(self, answer: Any, there: int) -> int:
        """At which byte the answer begins."""
        if answer.status == 206 and there:
            given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
            if given is None or int(given[1]) != there:
                raise _StartOver
            self._check_size(given[2])
            return there
        if answer.status != 200:
            raise SourceFailed(f"the server answers {answer.status}")
        self._check_size(answer.headers.get("Content-Length", ""))
        return 0

    def _check_size(self, stated: str) -> None:
        if stated.isdecimal() and int(stated) != self.total:
            raise SourceFailed(f"the file there has {stated} bytes, not {self.total}")


def _is_safe(url: str) -> bool:
    """https, or a server on this very computer."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    )


def _opener(url: str) -> Any:
    """urllib's, with the user's own proxies, which stays on https."""
    from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

    class Redirects(HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: str) -> Any:
            stays = newurl.startswith("https:") or not req.full_url.startswith("https:")
            if not (stays and _is_safe(newurl)):
                fp.close()
                raise SourceFailed(f"it sends us on to {newurl}, which is no https address")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return build_opener(Redirects, *([] if url.startswith("https:") else [ProxyHandler({})]))


def _why(error: Exception, patience: Patience) -> str:
    """A fault of the network in plain words."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"nothing came for {patience.timeout_s:g} s"
    if isinstance(reason, socket.gaierror):
        return "the server's name cannot be looked up; is this computer online?"
    if isinstance(reason, ConnectionRefusedError):
        return "the server refuses the connection"
    if isinstance(reason, ConnectionError):
        return "the connection broke"
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)
