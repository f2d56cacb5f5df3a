"""The store: contents under <data>/media, each named by its SHA-256, never changed, written whole or not at all.

A content arrives in `incoming/`, is flushed to the disk and is renamed into its place: a reader meets
the whole file or none. What a kill leaves behind in either place is found by `actions.files.sweep`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

DIGEST = re.compile(r"[0-9a-f]{64}")
RESERVE = 200 * 1024 * 1024  # left free on the disk for the database
THUMB = ".thumb"


@dataclass(slots=True)
class Received:
    """A content that has arrived but has no place yet; `thumb` is its small picture, where it has one."""

    path: Path
    digest: str
    size: int
    thumb: Path | None = None

    def discard(self) -> None:
        for path in (self.path, self.thumb):
            if path is not None:
                path.unlink(missing_ok=True)


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def path_of(digest: str, *, thumb: bool = False) -> Path:
    if not DIGEST.fullmatch(digest):
        raise ValueError(digest)
    return root() / digest[:2] / (digest + (THUMB if thumb else ""))


def new_path() -> Path:
    """A path of one's own among what is arriving."""
    folder = root() / "incoming"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / uuid.uuid4().hex


def require_space(size: int) -> None:
    """Refuse when `size` more bytes would leave too little room for the database."""
    root().mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(root()).free < size + RESERVE:
        raise Refused(_("The disk of the server is nearly full. Ask an administrator to make room, then try again."), code="file.disk")


def receive(chunks: Any) -> Received:
    """Write an upload (an iterable of bytes) down and say what it is called; the file is on the disk afterwards."""
    path, digest, size = new_path(), hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(path, digest.hexdigest(), size)


def place(found: Received) -> None:
    """Give a content its place. Call it with the row of its `Blob` locked."""
    final = path_of(found.digest)
    if not final.parent.is_dir():
        final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _flush(root())  # else a power cut may take the new folder away, and the file with it
    if found.thumb is not None:
        os.replace(found.thumb, path_of(found.digest, thumb=True))
    os.replace(found.path, final)
    _flush(final.parent)


def remove(digest: str) -> None:
    """Take a content off the disk. Call it with the row of its `Blob` locked."""
    for thumb in (False, True):
        path_of(digest, thumb=thumb).unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """A name is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def contents() -> Iterator[tuple[str, os.stat_result]]:
    """(digest, stat) of every content on the disk."""
    for folder in sorted(root().glob("[0-9a-f][0-9a-f]")):
        for entry in os.scandir(folder):
            if DIGEST.fullmatch(entry.name):
                yield entry.name, entry.stat()


def arriving() -> Iterator[tuple[Path, os.stat_result]]:
    """What lies in `incoming/`: uploads under way, and what a kill left."""
    folder = root() / "incoming"
    for entry in os.scandir(folder) if folder.is_dir() else ():
        try:
            yield Path(entry.path), entry.stat()
        except FileNotFoundError:  # given its place meanwhile
            continue
