"""The limits of an upload, kept while it arrives: Django's own handlers would store whatever comes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

MAX_FILE = 50 * 1024 * 1024
MAX_REQUEST = 210 * 1024 * 1024


class CappedUploads(FileUploadHandler):
    """Comes first: drops a file beyond 50 MB (named in `request.too_large`), refuses a post beyond 210 MB."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None) -> None:
        if content_length > MAX_REQUEST:
            raise RequestDataTooBig("the files of one post exceed 210 MB")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > MAX_FILE:
            names = getattr(self.request, "too_large", None)
            if names is None:
                names = self.request.too_large = []
            names.append(self.file_name or "")
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
