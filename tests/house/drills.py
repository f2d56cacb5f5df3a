"""Houses to back up and restore: on SQLite each in its folder, with `--postgresql` each in a database of its own."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import socket
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

from .houses import PASSWORD, House, clean
from .test_settings import ROOT

POSTGRESQL = bool(os.environ.get("DATABASE_URL"))
_number = itertools.count()


def fresh_database():
    """The address of an empty PostgreSQL database; empty when this run is on SQLite."""
    if not POSTGRESQL:
        return ""
    from tests.plugin import _clusters

    return _clusters[0].create(f"drill{os.getpid()}_{next(_number)}")


class Place(House):
    """A house of its own that the command line works on; `init` furnishes it."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.data, self.folder, self.url = folder / "data", folder, fresh_database()
        self.environment = {"DATABASE_URL": self.url} if self.url else {}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = None

    def zhike(self, *words, **variables):
        command = [sys.executable, "-m", "zhike", *words, "--data", str(self.data)]
        return subprocess.run(command, cwd=ROOT, env={**clean(), **self.environment, **variables}, capture_output=True, text=True,
                              timeout=600, check=False)

    def init(self):
        (self.folder / "password").write_text(PASSWORD)
        made = self.zhike("init", "--admin", "boss", "--password-file", str(self.folder / "password"))
        assert made.returncode == 0, made.stderr
        return self

    def like(self, other):
        """The same house as another one: from its backup, which is quicker than `init`."""
        made = self.zhike("restore", str(other.backup))
        assert made.returncode == 0, made.stderr
        (self.data / "secret.key").write_text(f"a key of its own, number {next(_number)}, for {os.getpid()}\n")
        return self

    @contextlib.contextmanager
    def open(self):
        """A connection that runs `execute(query)`; commits at the end."""
        if not self.url:
            with contextlib.closing(sqlite3.connect(self.data / "db.sqlite3", timeout=60)) as link, link:
                yield link
            return
        import psycopg

        from zhike.config.databases import postgres
        from zhike.ops.postgres import address

        with psycopg.connect(address(postgres(self.url))[0]) as link:
            yield link

    def all(self, query):
        with self.open() as link:
            return link.execute(query).fetchall()

    def one(self, query):
        return self.all(query)[0][0]

    def tables(self):
        if self.url:
            found = self.all("select tablename from pg_tables where schemaname = current_schema()")
        else:
            found = self.all("select name from pragma_table_list where type = 'table' and name not like 'sqlite_%'")
        return sorted(name for (name,) in found)

    def contents(self):
        """A hash of every row of every table, and of every file: what two houses must have in common."""
        found = {}
        for name in self.tables():
            rows = sorted(repr(row) for row in self.all(f'select * from "{name}"'))
            found[name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
        for folder in ("media", "imports"):
            for path in sorted((self.data / folder).rglob("*")):
                if path.is_file():
                    found[path.relative_to(self.data).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def empty(self):
        """Whether nothing is here at all."""
        return not self.data.exists() and (not self.url or not self.tables())

    def state(self):
        """Every file and every table, to see that nothing was touched."""
        files = {path.relative_to(self.data).as_posix(): path.read_bytes() for path in sorted(self.data.rglob("*")) if path.is_file()}
        return files, self.contents() if self.url else None


def forge(path, parts, *, sums=None, more=()):
    """A file with a right seal and a right list of parts whatever its parts are: only a liar's hand makes such."""
    from zhike.ops import archive

    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as packed:
        for name, content in [*parts.items(), *more]:
            packed.writestr(name, content)
        lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in parts.items())
        packed.writestr(archive.SUMS, lines if sums is None else sums)
        packed.comment = archive.SEAL + b"0" * 64
    seal(path)


def seal(path):
    content = path.read_bytes()[:-64]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


def parts_of(path):
    """The parts of a good backup, to be forged anew."""
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist() if name != "SHA256SUMS"}
