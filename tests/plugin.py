"""The databases the tests run on: SQLite, or with `--postgresql` a throw-away PostgreSQL cluster."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_cluster: list[tuple[str, Path, list[str]]] = []


def pytest_addoption(parser):
    parser.addoption("--postgresql", action="store_true", help="run on a throw-away PostgreSQL cluster")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    _environment("--postgresql" in args)


def pytest_configure(config):
    # Only now: fixtures registered before those of pytest-django would lose against them, and the
    # company would be furnished anew for every test.
    config.pluginmanager.import_plugin("tests.fixtures")


def _environment(postgresql):
    # In memory where the machine has such a folder: what is tested is not the disk.
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    os.environ["ZHIKE_DATA"] = tempfile.mkdtemp(prefix="zhike-test-", dir=shared)
    os.environ.setdefault("ZHIKE_SECRET_KEY", "tests only, not a secret at all")
    os.environ["ZHIKE_LOG_LEVEL"] = "ERROR"
    os.environ.pop("DATABASE_URL", None)
    if postgresql:
        os.environ["DATABASE_URL"] = _start_cluster()


def _start_cluster():
    """initdb refuses root, so a plain user of the system runs the cluster; stopped at the end."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise pytest.UsageError("PostgreSQL's server programs are missing: apt-get install postgresql")
    bin_dir, folder = found[-1].parent, Path(tempfile.mkdtemp(prefix="zhike-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.getuid() == 0:
        name = "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"
        shutil.chown(folder, name)
        as_user = ["runuser", "-u", name, "--"]
    data = folder / "data"

    def run(*command):
        subprocess.run([*as_user, *command], check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run(str(bin_dir / "initdb"), "-D", str(data), "-U", "zhike", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-k {folder} -h '' -F -c fsync=off -c max_connections=60"
    run(str(bin_dir / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    _cluster.append((str(bin_dir / "pg_ctl"), data, as_user))
    run(str(bin_dir / "createdb"), "-h", str(folder), "-U", "zhike", "zhike")
    return f"postgres://zhike@/zhike?host={folder}"


def pytest_unconfigure(config):
    for pg_ctl, data, as_user in _cluster:
        subprocess.run([*as_user, pg_ctl, "-D", str(data), "-m", "immediate", "stop"], check=False, cwd="/",
                       stdout=subprocess.DEVNULL)
        shutil.rmtree(data.parent, ignore_errors=True)
    folder = os.environ.get("ZHIKE_DATA", "")
    if "zhike-test-" in folder:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_cache():
    from django.core.cache import cache

    cache.clear()
