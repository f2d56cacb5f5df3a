"""Sending a file out: whole, or the part a PDF reader asks for, in headers that keep it from acting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

from .models import Attachment
from .store import path_of

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
# Nothing in the file may load, run, or send anything, and it has an origin of its own.
POLICY = (
    "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


def answer(request: HttpRequest, found: Attachment, *, inline: bool = False, thumb: bool = False) -> HttpResponse:
    """The answer that carries a file. Ask for the rights first; here nobody does."""
    inline = inline and bool(found.media_type)
    path = path_of(found.blob.digest, thumb=thumb)
    tag = f'"{found.blob.digest[:32]}{"t" if thumb else ""}"'
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    size = path.stat().st_size
    response: HttpResponse | StreamingHttpResponse
    span = _span(request, size) if not thumb else None
    if request.headers.get("If-None-Match") == tag:
        file.close()
        response = HttpResponse(status=304)
    elif span == (0, -1):
        file.close()
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    elif span is not None:
        first, last = span
        response = StreamingHttpResponse(_part(file, first, last), status=206)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    else:
        response = StreamingHttpResponse(_part(file, 0, size - 1))
        response["Content-Length"] = str(size)
    response["Content-Type"] = "image/webp" if thumb else found.media_type if inline else "application/octet-stream"
    if not thumb:
        response["Content-Disposition"] = content_disposition_header(not inline, found.name) or "attachment"
        response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "SAMEORIGIN" if inline else "DENY"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["ETag"] = tag
    # Kept by the browser, but asked for each time: a right withdrawn counts at once.
    response["Cache-Control"] = "private, no-cache"
    return response


def _span(request: HttpRequest, size: int) -> tuple[int, int] | None:
    """The one range asked for; (0, -1) where it lies outside, None where the whole is to be sent."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or request.method != "GET" or "If-Range" in request.headers:
        return None
    first, last = found.groups()
    if not first and not last:
        return None
    if not first:  # the last n bytes
        n = min(int(last), size)
        return (size - n, size - 1) if n else (0, -1)
    begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    if begin >= size:
        return (0, -1)
    return (begin, end) if end >= begin else None


def _part(file: BinaryIO, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0:
            chunk = file.read(min(CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
            yield chunk


def size_text(size: int) -> str:
    """12 KB, 3.4 MB."""
    if size < 1024:
        return f"{size} B"
    if size < 1024 * 1024:
        return f"{size // 1024} KB"
    return f"{size / 1024 / 1024:.1f} MB"
