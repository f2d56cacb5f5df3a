"""Taking the whole house away in one file, while it goes on working."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from zhike import __version__
from zhike.base.refused import Refused

from . import archive, postgres, sqlite
from .house import House, key_mark

RESERVE = 64 << 20  # bytes that stay free on the disk
# A file that was touched a moment ago may still be written: it is taken in the second round.
SETTLED = 60.0  # seconds
ARRIVING = "media/incoming"  # uploads under way: nothing speaks of them yet


@dataclass(frozen=True)
class Made:
    """What a backup holds, for the person who made it."""

    path: Path
    size: int
    tables: int
    rows: int
    files: int
    left_out: int
    key: str


def make_backup(house: House, target: Path, *, replace: bool = False) -> Made:
    """Write database, attachments, result files and key into the new file `target`.

    Everything goes to a temporary folder beside it, is read back and checked, and only then gets
    its name. Refuses to overwrite without `replace`, and where the disk is too full.
    """
    target = target.absolute()
    _check_target(house, target, replace)
    work = Path(tempfile.mkdtemp(prefix=".zhike-backup-", dir=target.parent))
    try:
        made = _write(house, work, target)
        with archive.checked(work / "backup"):
            pass
        _publish(work / "backup", target, replace)
    except OSError as wrong:
        raise Refused(f"cannot write the backup: {wrong.strerror}") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return made


def _check_target(house: House, target: Path, replace: bool) -> None:
    if not target.parent.is_dir():
        raise Refused(f"there is no folder {target.parent}")
    if target.is_dir():
        raise Refused(f"{target} is a folder; name a file in it")
    if target.exists() and not replace:
        raise Refused(f"{target} is there already; give another name, or --replace")
    if any((house.data / folder).resolve() in target.resolve().parents for folder in archive.FOLDERS):
        raise Refused("a backup must not lie among the files it backs up; choose another folder")
    if house.engine == "sqlite":
        if not house.file.is_file():
            raise Refused(f"there is no database {house.file}; run `zhike init` first")
        # The copy lies beside the file until it is packed.
        need = 2 * sqlite.size(house.file)
    else:
        with postgres.connected(house.database) as link:
            need = postgres.size(link)
    need += sum(path.stat().st_size for _name, path in _files(house.data)) + RESERVE
    free = shutil.disk_usage(target.parent).free
    if free < need:
        raise Refused(f"the disk of {target.parent} has {free >> 20:,} MB free; the backup may need {need >> 20:,} MB")


def _files(data: Path) -> Iterator[tuple[str, Path]]:
    """The plain files below the folders that belong to a house, by their name in the backup."""
    for folder in archive.FOLDERS:
        for where, below, names in os.walk(data / folder):
            below.sort()
            for name in sorted(names):
                path = Path(where) / name
                with contextlib.suppress(OSError):
                    if (data / ARRIVING) not in path.parents and path.is_file() and not path.is_symlink():
                        yield path.relative_to(data).as_posix(), path


def _write(house: House, work: Path, target: Path) -> Made:
    writer = archive.Writer(work / "backup")
    try:
        began = datetime.now(UTC)
        left_out = _take_files(house, writer, before=time.time() - SETTLED)
        name = archive.DATABASES[house.engine]
        home = ""
        if house.engine == "sqlite":
            copy = work / name
            sqlite.copy(house.file, copy)
            facts = sqlite.facts(copy)
            with copy.open("rb") as source:
                writer.add(name, source)
            copy.unlink()
        else:
            facts, home = postgres.dump(house.database, lambda source: writer.add(name, source))
        # What came while the first round and the database were copied: a row's file lies here before its row does.
        left_out += _take_files(house, writer, before=None)
        if house.key_from == "file":
            with house.key_file.open("rb") as source:
                writer.add(archive.KEY, source)
        files = sum(name.startswith(tuple(archive.FOLDERS)) for name in writer.sums)
        writer.close({
            "program": "zhike", "format": archive.FORMAT, "version": __version__, "made_at": began.isoformat(timespec="seconds"),
            "engine": house.engine, "engine_version": facts.version, "schema": home, "migrations": facts.migrations,
            "rows": facts.rows, "files": files, "key": house.key_from, "key_mark": key_mark(house.key),
        })
    except BaseException:
        writer.give_up()
        raise
    return Made(target, (work / "backup").stat().st_size, len(facts.rows), sum(facts.rows.values()), files, left_out, house.key_from)


def _take_files(house: House, writer: archive.Writer, *, before: float | None) -> int:
    """Add the files that are not in yet (untouched since `before`); returns how many had to stay behind."""
    left_out = 0
    for name, path in _files(house.data):
        if name in writer.sums:
            continue
        if not archive.harmless(name):
            left_out += before is None
            continue
        try:
            source = path.open("rb")
        except FileNotFoundError:
            continue  # swept away in the meantime
        with source:
            if before is None or os.fstat(source.fileno()).st_mtime < before:
                writer.add(name, source)
    return left_out


def _publish(made: Path, target: Path, replace: bool) -> None:
    if replace:
        made.replace(target)
    else:
        try:
            os.link(made, target)  # unlike a rename this never overwrites
        except FileExistsError:
            raise Refused(f"{target} is there already; give another name, or --replace") from None
        except OSError:  # a file system without hard links
            if target.exists():
                raise Refused(f"{target} is there already; give another name, or --replace") from None
            made.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
