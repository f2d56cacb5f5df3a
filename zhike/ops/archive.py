"""The backup file: a zip whose every part has a SHA-256, and whose last bytes seal the whole.

Nothing here needs Django. A file is believed only after its seal, its names, its sizes and its
parts were checked; until then it is what a stranger sent.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from zhike.base.refused import Refused

FORMAT = 1
MANIFEST, SUMS, KEY = "manifest.json", "SHA256SUMS", "secret.key"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FOLDERS = ("media", "imports")

SEAL = b"zhike-sha256:"
CHUNK = 1 << 20
MOST_PARTS = 2_000_000
MOST_MANIFEST = 4 << 20
MOST_SUMS = 600 << 20
# An honest backup shrinks to a tenth at most; what claims to grow more than this is a bomb.
MOST_GROWTH = 200
SMALL = 16 << 20
# Packing these again costs time and saves nothing.
PACKED = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".pdf", ".zip", ".xlsx", ".docx", ".pptx", ".gz", ".7z", ".mp4", ".mov", ".dump"}
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
# What zipfile raises on a file that only looks like one.
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, OverflowError, NotImplementedError,
           RuntimeError, KeyError, IndexError)


class Writer:
    """Writes a backup to a new file; `close` adds the manifest and the seal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums: dict[str, str] = {}
        self.sizes: dict[str, int] = {}
        self._zip = zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=3)

    def add(self, name: str, source: IO[bytes]) -> int:
        """Store what can be read from `source` under `name`; returns the bytes read."""
        info = zipfile.ZipInfo(name, time.localtime()[:6])
        info.external_attr = 0o600 << 16
        info.compress_type = zipfile.ZIP_STORED if Path(name).suffix.lower() in PACKED else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as out:
            while block := source.read(CHUNK):
                digest.update(block)
                size += len(block)
                out.write(block)
        self.sums[name], self.sizes[name] = digest.hexdigest(), size
        return size

    def close(self, manifest: dict[str, Any]) -> None:
        """Finish the file. What is on the disk afterwards can be checked by anybody with `check`."""
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        self.add(MANIFEST, io.BytesIO(text.encode()))
        lines = "".join(f"{digest}  {name}\n" for name, digest in self.sums.items())
        self.add(SUMS, io.BytesIO(lines.encode()))
        self._zip.comment = SEAL + b"0" * 64
        self._zip.close()
        with self.path.open("r+b") as file:
            seal = _digest(file, self.path.stat().st_size - 64)
            file.seek(-64, 2)
            file.write(seal.encode())
            file.flush()
            os.fsync(file.fileno())

    def give_up(self) -> None:
        """Let go of the file; the caller removes it."""
        with contextlib.suppress(Exception):
            self._zip.close()


def _digest(file: IO[bytes], length: int) -> str:
    """SHA-256 of the first `length` bytes."""
    file.seek(0)
    digest, left = hashlib.sha256(), length
    while left and (block := file.read(min(CHUNK, left))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest()


class Archive:
    """A backup that was checked: its manifest, its parts, and a way to take a part out."""

    def __init__(self, packed: zipfile.ZipFile, sums: dict[str, str], manifest: dict[str, Any]) -> None:
        self._zip, self.sums, self.manifest = packed, sums, manifest

    @property
    def size(self) -> int:
        """Bytes of all parts, unpacked."""
        return sum(info.file_size for info in self._zip.infolist())

    @property
    def database(self) -> str:
        return DATABASES[self.manifest["engine"]]

    def files(self) -> list[str]:
        """The names of attachments and result files."""
        return [name for name in self.sums if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))]

    def read(self, name: str) -> Iterator[bytes]:
        """The blocks of one part; refuses at the end when they are not what was stored."""
        digest, left = hashlib.sha256(), self._zip.getinfo(name).file_size
        with self._zip.open(name) as part:
            while block := part.read(CHUNK):
                digest.update(block)
                left -= len(block)
                yield block
        if left or (name in self.sums and digest.hexdigest() != self.sums[name]):
            raise Refused(f"the backup is damaged: {name} is not what was stored; take another copy")


@contextlib.contextmanager
def checked(path: Path) -> Iterator[Archive]:
    """The backup at `path`, wholly checked and open; refuses what is damaged, cut, no backup, or harmful.

    Reads the file twice (the seal, then every part) and writes nothing.
    """
    try:
        file = path.open("rb")
    except OSError as wrong:
        raise Refused(f"cannot read {path}: {wrong.strerror}") from None
    with file:
        if not path.is_file():
            raise Refused(f"{path} is not a file")
        _check_seal(file, path)
        try:
            packed = zipfile.ZipFile(file)
        except _BROKEN:
            raise Refused(f"{path} is not a backup of Zhike") from None
        with packed:
            try:
                archive = _check_parts(packed, path)
                for name in archive.sums:
                    for _block in archive.read(name):
                        pass
            except _BROKEN as wrong:
                raise Refused(f"{path} is damaged or no backup of Zhike: {wrong}; take another copy") from None
            yield archive


def _check_seal(file: IO[bytes], path: Path) -> None:
    size = file.seek(0, 2)
    file.seek(max(0, size - 64 - len(SEAL)))
    tail = file.read()
    if not tail.startswith(SEAL):
        raise Refused(f"{path} is not a whole backup of Zhike: it is something else, or it was cut short")
    if _digest(file, size - 64).encode() != tail[len(SEAL):]:
        raise Refused(f"{path} is damaged: its bytes are not those that were written; take another copy")


def _check_parts(packed: zipfile.ZipFile, path: Path) -> Archive:
    infos = packed.infolist()
    names = [info.filename for info in infos]
    if len(names) > MOST_PARTS or len(set(names)) != len(names):
        raise Refused(f"{path} is not a backup of Zhike: too many parts, or two with one name")
    for info in infos:
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or not harmless(info.filename):
            raise Refused(f"{path} is not a backup of Zhike: it holds {info.filename[:80]!r}")
    size = sum(info.file_size for info in infos)
    if size > SMALL + MOST_GROWTH * sum(info.compress_size for info in infos) or size > SMALL + MOST_GROWTH * path.stat().st_size:
        raise Refused(f"{path} would grow to {size:,} bytes, which no honest backup does")
    if MANIFEST not in names or SUMS not in names:
        raise Refused(f"{path} is not a backup of Zhike: it has no manifest")
    sums = dict(_sums(_text(packed, SUMS, MOST_SUMS)))
    if set(sums) | {SUMS} != set(names):
        raise Refused(f"{path} is damaged: its list of parts does not match its parts")
    return Archive(packed, sums, _manifest(_text(packed, MANIFEST, MOST_MANIFEST), set(names)))


def harmless(name: str) -> bool:
    """Whether a part may have this name: one of ours, or a plain path below one of our folders."""
    if name in (MANIFEST, SUMS, KEY, *DATABASES.values()):
        return True
    steps = name.split("/")
    return (
        len(steps) > 1 and steps[0] in FOLDERS and len(name) < 2000
        and all(step not in ("", ".", "..") and len(step.encode(errors="replace")) < 256 for step in steps)
        and not re.search(r"[\\\x00-\x1f\x7f\ud800-\udfff]", name)
    )


def _text(packed: zipfile.ZipFile, name: str, limit: int) -> str:
    if packed.getinfo(name).file_size > limit:
        raise Refused(f"this is not a backup of Zhike: its {name} is too big")
    return packed.read(name).decode()


def _sums(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError("a line of the list of parts cannot be read")
        yield found[2], found[1]


def _manifest(text: str, names: set[str]) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict) or found.get("program") != "zhike" or not isinstance(found.get("format"), int):
        raise Refused("this is not a backup of Zhike: its manifest speaks of something else")
    if found["format"] > FORMAT:
        raise Refused("the backup is of a newer version than this program; install that version")
    right = (
        found.get("engine") in DATABASES and DATABASES[found["engine"]] in names
        and isinstance(found.get("version"), str) and isinstance(found.get("made_at"), str)
        and isinstance(found.get("rows"), dict) and all(isinstance(count, int) for count in found["rows"].values())
        and isinstance(found.get("migrations"), list) and all(isinstance(m, list) and len(m) == 2 for m in found["migrations"])
        and (found.get("key") == "file") == (KEY in names)
    )
    if not right:
        raise Refused("the manifest of the backup does not fit its parts; take another copy")
    return found
