"""Bringing a house back from its backup: here, on another machine, under another path.

The order matters. Everything that can refuse comes first and touches nothing; then the parts are
unpacked and proven beside their places; then what was there steps aside; only then the new takes
its place. What stepped aside is never deleted.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from zhike import __version__
from zhike.base.refused import Refused
from zhike.org.set_up_sql import TELL

from . import postgres, sqlite
from .archive import FOLDERS, KEY, Archive
from .backup import RESERVE
from .house import House, key_mark, key_on_file


@dataclass
class Restored:
    """What came back, where the old things lie, and what the administrator still has to do."""

    tables: int
    rows: int
    files: int
    aside: list[str] = field(default_factory=list)
    older: bool = False  # the program is newer: `zhike upgrade`
    other_key: bool = False  # the key in force is not the one of the backup


def refuse_newer(manifest: dict[str, Any], known: set[tuple[str, str]]) -> None:
    """Refuse a backup this program is too old for; `known` are the migrations the program brings along."""
    strange = {tuple(found) for found in manifest["migrations"]} - known
    if strange or _numbers(manifest["version"]) > _numbers(__version__):
        raise Refused(f"the backup is of version {manifest['version']}, newer than this program ({__version__}); install that version")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() and len(part) < 9 else 0 for part in version.split("+")[0].split("."))


def restore(house: House, archive: Archive, known: set[tuple[str, str]], *, replace: bool = False) -> Restored:
    """Put a checked backup in the place of `house`; refuses before anything is touched.

    With `replace` what is there moves to a folder (and, on PostgreSQL, a schema) named before-restore-…;
    without it a house that holds anything is left alone.
    """
    manifest = archive.manifest
    refuse_newer(manifest, known)
    if manifest["engine"] != house.engine:
        raise Refused(f"the backup is of a house on {manifest['engine']}, this one is on {house.engine}: set DATABASE_URL accordingly")
    _check_place(house, archive, replace)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    house.data.mkdir(parents=True, exist_ok=True)
    if house.engine == "sqlite":
        return _restore_sqlite(house, archive, known, stamp)
    return _restore_postgres(house, archive, known, stamp)


def _check_place(house: House, archive: Archive, replace: bool) -> None:
    full = [name for name in FOLDERS if (house.data / name).is_symlink() or _filled(house.data / name)]
    if house.engine == "sqlite":
        if house.file.exists():
            full.insert(0, house.file.name)
        if not (house.file.parent == house.data or house.file.parent.is_dir()):
            raise Refused(f"there is no folder {house.file.parent} for the database")
    else:
        with postgres.connected(house.database) as link:
            if postgres.schema(link) != archive.manifest.get("schema"):
                raise Refused(f"the backup is of the schema {archive.manifest.get('schema')}, this database uses {postgres.schema(link)}")
            there = postgres.tables(link)
            if strangers := [name for name in there if name not in archive.manifest["rows"] and not _ours(name)]:
                raise Refused(f"the database holds tables that are not Zhike's ({', '.join(strangers[:5])}); give Zhike a database of its own")
            if there:
                full.insert(0, "the tables of the database")
            if others := postgres.others(link):
                raise Refused(f"{others} other connections use the database; stop web, worker and other programs first")
    if full and not replace:
        raise Refused(f"there is a house already ({', '.join(full)} in {house.data}); with --replace it steps aside")
    place = next(path for path in (house.data, *house.data.parents) if path.is_dir())
    free, need = shutil.disk_usage(place).free, archive.size + RESERVE
    if free < need:
        raise Refused(f"the disk of {place} has {free >> 20:,} MB free; the restore needs {need >> 20:,} MB")
    if house.engine == "sqlite" and sqlite.in_use(house.file):
        raise Refused("the database is in use; stop web, worker and other programs first")


def _ours(table: str) -> bool:
    """Whether a table belongs to an app of this program, of whatever version."""
    from django.apps import apps

    return table.startswith(("django_", *(f"{app.label}_" for app in apps.get_app_configs())))


def _filled(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir()) or folder.is_file()


def _restore_sqlite(house: House, archive: Archive, known: set[tuple[str, str]], stamp: str) -> Restored:
    beside = house.file.parent
    beside.mkdir(parents=True, exist_ok=True)
    with _staging(house.data) as stage, _staging(beside) as stage_database:
        copy = stage_database / house.file.name
        _unpack(archive, archive.database, copy)
        _same(archive, sqlite.facts(copy))
        _unpack_files(archive, stage)
        moves = _Moves(stamp)
        try:
            for suffix in sqlite.SUFFIXES:
                moves.aside(beside, house.file.name + suffix)
            _swap_files(moves, archive, house, stage)
            moves.put(copy, house.file)
        except BaseException:
            moves.back()
            raise
    return _told(house, archive, known, moves.asides())


def _restore_postgres(house: House, archive: Archive, known: set[tuple[str, str]], stamp: str) -> Restored:
    aside = "before_restore_" + stamp.replace("-", "_")
    with _staging(house.data) as stage, postgres.connected(house.database) as link:
        link.autocommit = True
        _unpack_files(archive, stage)
        home, old = postgres.schema(link), postgres.tables(link)
        if old:
            postgres.move(link, old, home, aside)
        try:
            link.execute(TELL)
            postgres.load(house.database, archive.read(archive.database))
            _same(archive, sqlite.Facts(postgres.rows(link), postgres.migrations(link), ""))
            link.execute("ANALYZE")
        except BaseException:
            if new := postgres.tables(link):
                postgres.move(link, new, home, "failed_restore_" + stamp.replace("-", "_"))
            if old:
                postgres.move(link, old, aside, home)
            raise
        moves = _Moves(stamp)
        try:
            _swap_files(moves, archive, house, stage)
        except BaseException:
            moves.back()
            postgres.move(link, postgres.tables(link), home, "failed_restore_" + stamp.replace("-", "_"))
            if old:
                postgres.move(link, old, aside, home)
            raise
    return _told(house, archive, known, [*([f"schema {aside}"] if old else []), *moves.asides()])


def _same(archive: Archive, found: sqlite.Facts) -> None:
    """Refuse a database that does not hold what the manifest says."""
    wanted = archive.manifest["rows"]
    if found.rows != wanted or found.migrations != archive.manifest["migrations"]:
        wrong = sorted(name for name in found.rows.keys() | wanted.keys() if found.rows.get(name) != wanted.get(name))
        raise Refused(f"the restored database does not hold what was counted ({', '.join(wrong)[:200] or 'migrations'}); nothing was changed")


@contextmanager
def _staging(place: Path) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix=".zhike-restore-", dir=place))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _unpack(archive: Archive, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        for block in archive.read(name):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())


def _unpack_files(archive: Archive, stage: Path) -> None:
    for name in archive.files():
        _unpack(archive, name, stage / name)
    if KEY in archive.sums:
        _unpack(archive, KEY, stage / KEY)


class _Moves:
    """Renames that can be taken back, each within one file system."""

    def __init__(self, stamp: str) -> None:
        self.name = f"before-restore-{stamp}"
        self.done: list[tuple[Path, Path]] = []

    def aside(self, place: Path, name: str) -> None:
        path = place / name
        if path.exists() or path.is_symlink():
            (place / self.name).mkdir(exist_ok=True)
            self.put(path, place / self.name / name)

    def put(self, source: Path, target: Path) -> None:
        source.rename(target)
        self.done.append((source, target))

    def back(self) -> None:
        for source, target in reversed(self.done):
            target.rename(source)

    def asides(self) -> list[str]:
        return sorted({str(target.parent) for _source, target in self.done if target.parent.name == self.name})


def _swap_files(moves: _Moves, archive: Archive, house: House, stage: Path) -> None:
    for name in FOLDERS:
        moves.aside(house.data, name)
        if (stage / name).is_dir():
            moves.put(stage / name, house.data / name)
    # A key given by the environment stays in force; the file would only mislead.
    if KEY in archive.sums:
        moves.aside(house.data, KEY)
        moves.put(stage / KEY, house.data / KEY)


def _told(house: House, archive: Archive, known: set[tuple[str, str]], aside: list[str]) -> Restored:
    manifest = archive.manifest
    key = house.key if house.key_from == "environment" else key_on_file(house.data)
    return Restored(
        tables=len(manifest["rows"]), rows=sum(manifest["rows"].values()), files=len(archive.files()), aside=aside,
        older=bool(known - {tuple(found) for found in manifest["migrations"]}),
        other_key=key_mark(key) != manifest.get("key_mark"),
    )
