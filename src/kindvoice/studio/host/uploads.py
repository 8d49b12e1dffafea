"""A form with a file in it, read into memory: nothing of it touches a disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from kindvoice.studio.host.security import RequestRefused, check_token, read_body

_MOST_FIELDS = 12
# It would tell of what was sent.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    fields: Mapping[str, str]
    name: str = ""
    """of the file, as its sender calls it"""
    data: bytes = b""
    """of the file; empty where none was chosen"""


async def read_upload(request: Request, most_bytes: int, most_s: float) -> Upload:
    """The fields of a form with our token in it, each once, and its one file. Raises RequestRefused."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data;"):
        raise RequestRefused(415, "form")
    body = await read_body(request, most_bytes, most_s)
    # What is made to be read slowly keeps nobody else waiting.
    upload = await run_in_threadpool(lambda: asyncio.run(_parsed(request, body)))
    check_token(request, upload.fields.get("token"))
    return upload


async def _parsed(request: Request, body: bytes) -> Upload:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    most = len(body) + 1
    parser = MultiPartParser(
        request.headers, whole(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=most
    )
    parser.spool_max_size = most
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, LookupError):
        raise RequestRefused(400, "form") from None
    items = form.multi_items()
    fields = {name: value for name, value in items if isinstance(value, str)}
    files = [
        (value.filename or "", await value.read()) for _, value in items if isinstance(value, UploadFile)
    ]
    await form.close()
    if len(fields) + len(files) != len(items):
        raise RequestRefused(400, "form")
    name, data = files[0] if files else ("", b"")
    return Upload(fields=fields, name=name, data=data)
