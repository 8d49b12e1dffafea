"""Our own small files: scripts, styles, the icon."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

HERE = Path(__file__).parents[1] / "static"
OF_PAGE = Path(__file__).parents[2] / "publish" / "page" / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def send_asset(request: Request, files: Mapping[str, Path]) -> Response:
    """The one that the address names; its tag spares browsers what they have. Raises HTTPException (404)."""
    path = files.get(request.path_params["name"])
    if path is None:
        raise HTTPException(404)
    body, tag = _read(path)
    headers = {"etag": tag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=_TYPES[path.suffix], headers=headers)


@cache
def _read(path: Path) -> tuple[bytes, str]:
    body = path.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
