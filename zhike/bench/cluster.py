"""A throw-away PostgreSQL cluster: for tests, and for measuring. Nothing here needs Django.

initdb refuses root, so a plain user of the system runs the cluster then.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class Missing(Exception):
    """PostgreSQL's server programs are not on this machine."""


@dataclass(slots=True)
class Cluster:
    """A running server that listens on a socket in `folder` only."""

    folder: Path
    bin_dir: Path
    as_user: list[str]

    def _run(self, *command: str, check: bool = True) -> int:
        return subprocess.run(
            [*self.as_user, *command], check=check, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ).returncode

    def url(self, name: str) -> str:
        return f"postgres://zhike@/{name}?host={self.folder}"

    def create(self, name: str) -> str:
        """Make the database if it is not there; returns its address."""
        self._run(str(self.bin_dir / "createdb"), "-h", str(self.folder), "-U", "zhike", name, check=False)
        return self.url(name)

    def drop(self, name: str) -> None:
        self._run(str(self.bin_dir / "dropdb"), "-h", str(self.folder), "-U", "zhike", "--if-exists", name)

    def stop(self, *, remove: bool = True) -> None:
        """Stop at once; `remove` deletes its files too."""
        mode = "immediate" if remove else "fast"
        self._run(str(self.bin_dir / "pg_ctl"), "-D", str(self.folder / "data"), "-m", mode, "-w", "stop", check=False)
        if remove:
            shutil.rmtree(self.folder, ignore_errors=True)


def start(folder: Path, settings: Sequence[str]) -> Cluster:
    """Start the cluster in `folder`, made on first use; `settings` are "name=value" of postgresql.conf.

    Raises `Missing` without the server programs.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise Missing("PostgreSQL's server programs are missing: apt-get install postgresql")
    as_user: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        name = "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"
        shutil.chown(folder, name)
        as_user = ["runuser", "-u", name, "--"]
    cluster = Cluster(folder, found[-1].parent, as_user)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        cluster._run(str(found[-1]), "-D", str(data), "-U", "zhike", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = " ".join([f"-k {folder} -h ''", *(f"-c {setting}" for setting in settings)])
    cluster._run(str(cluster.bin_dir / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    return cluster
