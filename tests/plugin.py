"""The databases the tests run on: SQLite, or with `--postgresql` a throw-away PostgreSQL cluster."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from zhike.bench import cluster

from . import quick

_clusters: list[cluster.Cluster] = []


def pytest_addoption(parser):
    parser.addoption("--postgresql", action="store_true", help="run on a throw-away PostgreSQL cluster")
    parser.addoption("--quick", type=float, default=0, metavar="SECONDS", help="only the quickest tests of every app, so many seconds of CPU")
    parser.addoption("--write-times", action="store_true", help="measure what every test takes, for --quick")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    # Each process of a parallel run has a cluster of its own; the one that only hands out tests needs none.
    hands_out = any(word.startswith("-n") for word in args) and "PYTEST_XDIST_WORKER" not in os.environ
    _environment("--postgresql" in args and not hands_out)


def pytest_configure(config):
    # Only now: fixtures registered before those of pytest-django would lose against them, and the
    # company would be furnished anew for every test.
    config.pluginmanager.import_plugin("tests.fixtures")
    if config.getoption("write_times"):
        config.pluginmanager.register(quick.Measure())


@pytest.hookimpl(trylast=True)  # after the markers have had their say
def pytest_collection_modifyitems(config, items):
    quick.choose_items(config, items)


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
    try:
        made = cluster.start(Path(tempfile.mkdtemp(prefix="zhike-pg-", dir="/tmp")), ["fsync=off", "max_connections=60"])
    except cluster.Missing as missing:
        raise pytest.UsageError(str(missing)) from None
    _clusters.append(made)
    return made.create("zhike")


def pytest_unconfigure(config):
    for made in _clusters:
        made.stop()
    folder = os.environ.get("ZHIKE_DATA", "")
    if "zhike-test-" in folder:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def empty_cache():
    from django.core.cache import cache

    from zhike.org.models import company

    cache.clear()
    company.kept.forget()
