"""R5: `kill -9` of the worker in the middle of a bulk job. The next one goes on; no row is done twice, none is left."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from .test_settings import ROOT

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="kills a worker on SQLite"),
]
CUSTOMERS = 2_000
START = """
import django; django.setup()
from zhike.org.models import User
from zhike.records import jobs
print(jobs.start(User.objects.filter(is_admin=True).first(), "records.bulk_edit",
                 {"kind": "customer", "query": "", "field": "level", "data": {"level": ["%s"]}}, title="x").pk)
"""


class House:
    """A data directory with made-up customers, and workers that come and go."""

    def __init__(self, folder):
        self.data = folder / "data"
        made = self.run("-m", "zhike", "bench", "load", "--customers", str(CUSTOMERS), "--data", str(self.data))
        assert made.returncode == 0, made.stderr

    def environment(self):
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("ZHIKE_", "DATABASE_URL", "DJANGO_"))}
        return {**clean, "ZHIKE_DATA": str(self.data), "ZHIKE_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}

    def run(self, *words):
        return subprocess.run([sys.executable, *words], cwd=ROOT, env=self.environment(), capture_output=True, text=True,
                              timeout=900, check=False)

    def start(self, level):
        made = self.run("-c", START % level)
        assert made.returncode == 0, made.stderr
        return int(made.stdout)

    def worker(self):
        return subprocess.Popen([sys.executable, "-m", "zhike", "worker", "--data", str(self.data)], cwd=ROOT,
                                env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.data / "db.sqlite3", timeout=30)) as found:
            return found.execute(sql, values).fetchall()

    def job(self, pk):
        return self.ask("select state, done, total, attempts from records_job where id = ?", pk)[0]

    def until(self, ready, pk, seconds=600):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if ready(*self.job(pk)):
                return
            time.sleep(0.01)
        raise AssertionError(f"the job stands still: {self.job(pk)}")

    def work_through(self, pk, kills, pause):
        """Workers take the job to its end; so many of them are killed up to `pause` seconds after a step."""
        for _kill in range(kills):
            seen, worker = self.job(pk)[1], self.worker()
            try:
                self.until(lambda state, done, *_rest, seen=seen: done > seen or state not in ("queued", "running"), pk)
                time.sleep(random.random() * pause)
            finally:
                worker.send_signal(signal.SIGKILL)
                worker.wait(300)
        worker = self.worker()
        try:
            self.until(lambda state, *_rest: state not in ("queued", "running"), pk)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(300)


def killed(house, level, kills):
    """One job, its worker killed so many times while it works; returns the job."""
    pk, before = house.start(level), dict(house.ask("select id, version from customers_customer"))
    had = {row for row, in house.ask("select id from customers_customer where level = ?", level)}
    house.work_through(pk, kills, 0.2)
    check(house, pk, level, before, had)
    return house.job(pk)


def check(house, pk, level, before, had):
    """Every row has the value, was written once, and has one line of history for it."""
    state, done, total, _attempts = house.job(pk)
    assert (state, done, total) == ("done", CUSTOMERS, CUSTOMERS)
    assert house.ask("select count(*) from customers_customer where level != ?", level) == [(0,)]
    changed = before.keys() - had
    after = dict(house.ask("select id, version from customers_customer"))
    assert after == {row: version + (row in changed) for row, version in before.items()}
    lines = house.ask("select row_id, count(*) from records_historyentry where kind = 'customer' and batch = "
                      "(select json_extract(kept, '$.batch') from records_job where id = ?) group by row_id", pk)
    assert dict(lines) == dict.fromkeys(changed, 1)
    assert house.ask("PRAGMA integrity_check") == [("ok",)]


def test_two_kills_of_the_worker(tmp_path):
    house = House(tmp_path)
    _state, _done, _total, attempts = killed(house, "B", 2)
    assert attempts >= 2  # at least one kill met the job at work
    # The check is alive: a row done twice, and one left out, are found.
    before = dict(house.ask("select id, version from customers_customer"))
    pk = house.ask("select max(id) from records_job where name = 'records.bulk_edit'")[0][0]
    with pytest.raises(AssertionError):
        check(house, pk, "B", before, set())
    with pytest.raises(AssertionError):
        check(house, pk, "C", before, set(before))


@pytest.mark.slow
def test_sixty_kills_of_the_worker(tmp_path):
    house, met = House(tmp_path), 0
    for round_ in range(int(os.environ.get("FAULTS_KILLS", 60)) // 3):
        met += killed(house, "ABC"[round_ % 3], 3)[3] - 1
        print(f"{3 * round_ + 3} kills, {met} met a job at work", flush=True)
    assert met > round_
