"""What must stay secret: the teachers' password, the key that signs cookies, and whatever is written to the disk."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from kindvoice.errors import SettingsError
from kindvoice.store import write_aside

PASSWORD_LETTERS = 10
"""the least that a teachers' password has"""
_N, _R, _P = 1 << 15, 8, 3
"""of scrypt (RFC 7914), as OWASP's Password Storage Cheat Sheet asks: 32 MiB and about a quarter of a second a guess"""
_SECRET_BYTES = 32


def hash_password(password: str) -> str:
    """scrypt with a salt of its own: `scrypt$N$r$p$salt$hash`. Raises SettingsError for one that is too short."""
    if len(password.strip()) < PASSWORD_LETTERS:
        raise SettingsError(
            f"the teachers' password has fewer than {PASSWORD_LETTERS} letters",
            cure="some words in a row are easy to remember and hard to guess",
        )  # fmt: skip
    salt = secrets.token_bytes(16)
    parts = [base64.b64encode(part).decode() for part in (salt, _scrypt(password, salt, _N, _R, _P))]
    return f"scrypt${_N}${_R}${_P}${parts[0]}${parts[1]}"


def check_password(password: str, hashed: str) -> bool:
    """Whether it is the one. Takes about a quarter of a second either way: call it from a thread, and seldom."""
    parts = _parts(hashed)
    if parts is None or len(password) > 1_000:
        return False
    n, r, p, salt, wanted = parts
    return hmac.compare_digest(_scrypt(password, salt, n, r, p), wanted)


def is_hash(hashed: str) -> bool:
    """Whether `hash_password` may have made it."""
    return _parts(hashed) is not None


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    # One spelling for what may be typed as one letter or as a letter and its accent.
    encoded = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(encoded, salt=salt, n=n, r=r, p=p, maxmem=64 * 1024 * 1024, dklen=32)


def _parts(hashed: str) -> tuple[int, int, int, bytes, bytes] | None:
    """None for what is no hash of ours, or costs more than a guess should."""
    match = re.fullmatch(r"scrypt\$(16384|32768)\$8\$([1-4])\$([^$]{12,})\$([^$]{44})", hashed)
    if match is None:
        return None
    try:
        salt, wanted = (base64.b64decode(part, validate=True) for part in match.group(3, 4))
    except ValueError:
        return None
    return int(match[1]), 8, int(match[2]), salt, wanted


@contextlib.contextmanager
def kept_private() -> Iterator[None]:
    """Meanwhile whatever is written is for its owner's eyes alone (0600, 0700), and what crashes leaves no picture of
    the memory, which holds words, on the disk; both also for the processes that are started."""
    umask = os.umask(0o077)
    try:
        import resource
    except ModuleNotFoundError:  # not on Windows
        core = None
    else:
        core = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, core[1]))
    try:
        yield
    finally:
        os.umask(umask)
        if core is not None:
            resource.setrlimit(resource.RLIMIT_CORE, core)


def read_secret(folder: Path) -> bytes:
    """Of the studio's folder: 32 bytes that sign cookies and tokens; made once (0600), the same after a restart."""
    path = folder / "secret"
    try:
        with contextlib.suppress(FileNotFoundError):
            if len(kept := path.read_bytes()) == _SECRET_BYTES:
                path.chmod(0o600)  # it may have been copied
                return kept
        secret = secrets.token_bytes(_SECRET_BYTES)
        write_aside(path, secret, 0o600)
    except OSError as error:
        raise SettingsError(f"{path} cannot be used: {error.strerror or error}") from None
    return secret
