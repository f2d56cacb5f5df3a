"""`zhike import` as scripts call it, in a process of its own; also killed half way."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.long

PLAN = """
name = "many"
[files.rows]
path = "rows.csv"
[[section]]
name = "customers"
kind = "customer"
file = "rows"
key = "{id}"
[section.fields]
name = "{name}"
"""


class House:
    """A data directory with an administrator, and the command line."""

    def __init__(self, path):
        self.path, self.data, self.source = path, path / "data", path / "source"
        self.env = {**os.environ, "ZHIKE_DATA": str(self.data), "ZHIKE_LOG_LEVEL": "ERROR"}
        self.env.pop("DATABASE_URL", None)
        self.source.mkdir()
        (path / "password").write_text("a password of some length\n")
        done = self.zhike("init", "--admin", "boss", "--password-file", str(path / "password"))
        assert done.returncode == 0, done.stderr

    def command(self, *args):
        return [sys.executable, "-m", "zhike", *args, "--data", str(self.data)]

    def zhike(self, *args):
        return subprocess.run(self.command(*args), cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)

    def write(self, rows, plan=PLAN):
        (self.source / "plan.toml").write_text(plan, encoding="utf-8")
        (self.source / "rows.csv").write_text("id,name\n" + "".join(f"{i},Company {i} Ltd\n" for i in range(rows)))

    def run(self, *more):
        return self.zhike("import", str(self.source), "--source", str(self.source), *more)

    def count(self, table):
        with sqlite3.connect(f"file:{self.data / 'db.sqlite3'}?mode=ro", uri=True) as found:
            return found.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_the_contract_with_scripts(tmp_path):
    """Counts and result files as JSON, exit codes, one line for bad input."""
    house = House(tmp_path)
    house.write(5)
    done = house.run("--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["dry_run"] is True and told["kinds"]["customer"]["created"] == 5
    assert os.path.isfile(told["kinds"]["customer"]["result_file"])
    assert house.count("customers_customer") == 0
    told = json.loads(house.run("--json").stdout)
    kind = told["kinds"]["customer"]
    assert {name: kind[name] for name in ("created", "updated", "unchanged", "skipped", "failed")} == {
        "created": 5, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0}
    assert told["sections"][0]["rows"] == 5 and house.count("customers_customer") == 5

    (house.source / "rows.csv").write_text("id,name\n0,Company 0 Ltd\n900,X\n")
    plain = house.run("--strict")
    assert plain.returncode == 1 and "customers" in plain.stdout
    done = house.zhike("import", "nowhere.toml", "--source", str(house.source))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("zhike: ") and "nowhere.toml" in done.stderr and done.stderr.count("\n") == 1


def start(house):
    return subprocess.Popen(house.command("import", str(house.source), "--source", str(house.source)), cwd=ROOT,
                            env=house.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def wait_for_rows(house, running, more_than):
    for _i in range(1200):
        if house.count("customers_customer") > more_than:
            return
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.05)
    raise AssertionError("the import does not get going")


@pytest.mark.parametrize("how", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)])
def test_stopped_half_way_whole_batches_stay_and_a_second_run_completes(tmp_path, how):
    house = House(tmp_path)
    total = 4_000 if how == signal.SIGKILL else 10_000
    house.write(total)
    running = start(house)
    wait_for_rows(house, running, 0)
    if how == signal.SIGINT:
        busy = house.run()
        assert (busy.returncode, busy.stderr.count("\n")) == (3, 1)
    running.send_signal(how)
    running.wait(60)
    assert running.returncode in (-signal.SIGKILL, 130)
    done = house.count("customers_customer")
    assert 0 < done < total and done % 1_000 == 0
    for table in ("customers_customerfacts", "customers_lifecyclechange", "records_externalkey"):
        assert house.count(table) == done
    assert house.count("records_historyentry WHERE kind = 'customer'") == done
    assert house.count("records_searchentry WHERE kind = 'customer'") == done
    kind = json.loads(house.run("--json").stdout)["kinds"]["customer"]
    assert (kind["unchanged"], kind["created"]) == (done, total - done)
    assert house.count("customers_customer") == house.count("records_externalkey") == total
    assert json.loads(house.run("--json").stdout)["kinds"]["customer"]["unchanged"] == total
