"""R5: `kill -9` of the web server, and the database torn down under it, while people and programs work.

What was acknowledged is there, whole; what was open may be asked for again and counts once; the next start answers.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest

from zhike.bench import cluster

from .drills import POSTGRESQL, Place
from .houses import PASSWORD
from .traffic import MOBILE, Worker, crowd, some_more

pytestmark = pytest.mark.long
WORKERS = 4
HALF = """
customer without facts: select count(*) from customers_customer c where not exists (select 1 from customers_customerfacts f where f.customer_id = c.id)
customer without step: select count(*) from customers_customer c where not exists (select 1 from customers_lifecyclechange l where l.customer_id = c.id)
customer without name keys: select count(*) from customers_customer c where not exists (select 1 from customers_namekey k where k.customer_id = c.id)
opportunity without stage line: select count(*) from opportunities_opportunity o where not exists (select 1 from opportunities_stagechange s where s.opportunity_id = o.id)
opportunity elsewhere than its last stage line: select count(*) from opportunities_opportunity o where o.stage_id != (select s.target_id from opportunities_stagechange s where s.opportunity_id = o.id order by s.id desc limit 1)
deal of a customer who is a mere target: select count(*) from customers_customer c where c.lifecycle = 'target' and exists (select 1 from opportunities_opportunity o where o.customer_id = c.id)
search entry of nothing: select count(*) from records_searchentry s where s.kind = 'customer' and s.row_id not in (select id from customers_customer)
once-token without answer: select count(*) from records_oncetoken where answer = ''
kept answer without contents: select count(*) from api_keptanswer where status = 0 or body = ''
"""


class Company:
    """A house, the people at work on it, and what all of it must look like after each death."""

    def __init__(self, place, seed):
        self.place, self.starts, self.number, self.seed = place, [], 0, seed
        place.environment = {**place.environment, "ZHIKE_LOG_LEVEL": "INFO", "ZHIKE_LOG_FORMAT": "json"}
        place.init()
        made = place.zhike("token", "create", "boss", "--scope", "write")
        assert made.returncode == 0, made.stderr
        self.token = re.search(r"zk_\S+", made.stdout)[0]
        self.start()
        self.cookie = place.sign_in()
        rows = place.all("select id, process_id, sort from (select id, process_id, \"order\" as sort from opportunities_stage) s order by process_id, sort")
        stages = {one[0]: two[0] for one, two in zip(rows, rows[1:], strict=False) if one[1] == two[1]}
        self.workers = [Worker(place, n, self.cookie, self.token, seed, stages) for n in range(WORKERS)]

    def start(self):
        began = time.monotonic()
        self.place.start()
        self.starts.append(time.monotonic() - began)

    @property
    def intents(self):
        return [intent for worker in self.workers for intent in worker.intents]

    def day(self, n, pause, dies):
        """Work until `n` more things are acknowledged and a moment longer; then it `dies()`."""

        def until():
            some_more(self.workers, n)
            time.sleep(random.random() * pause)

        crowd(self.workers, until, dies)
        assert not [fault for worker in self.workers for fault in worker.faults]

    def check(self):
        """Nothing acknowledged is lost or there twice; nothing stands half."""
        place, problems = self.place, []
        if not place.url:
            problems += [f"integrity: {row}" for row in place.all("PRAGMA integrity_check") if row != ("ok",)]
            problems += [f"link: {row}" for row in place.all("PRAGMA foreign_key_check")]
        for line in HALF.strip().splitlines():
            what, query = line.split(": ", 1)
            if n := place.one(query):
                problems.append(f"{n} × {what}")
        self._rows_have_their_lines(problems)
        self._numbers(problems)
        self._files(problems)
        self._intents(problems)
        assert not problems, problems[:20]

    def _rows_have_their_lines(self, problems):
        self.history = self.place.all("select kind, row_id, action, cast(diff as text), cast(args as text) from records_historyentry")
        born = Counter((kind, row) for kind, row, action, *_rest in self.history if action == "create")
        for kind, table in (("customer", "customers_customer"), ("opportunity", "opportunities_opportunity"), ("activity", "activities_activity")):
            rows = {row for row, in self.place.all(f"select id from {table}")}
            problems += [f"{kind} {row} has {born[kind, row]} lines of its beginning" for row in rows if born[kind, row] != 1]
            problems += [f"history of {kind} {row}, which is not there" for of, row in born if of == kind and row not in rows]
            if kind != "activity":
                keys = {row for row, in self.place.all(f"select row_id from records_searchentry where kind = '{kind}'")}
                problems += [f"{kind} {row} cannot be found" for row in rows - keys]

    def _numbers(self, problems):
        for table in ("customers_customer", "opportunities_opportunity"):
            series = {}
            for code, in self.place.all(f"select code from {table}"):
                series.setdefault(code.rsplit("-", 1)[0], []).append(int(code.rsplit("-", 1)[1]))
            problems += [f"numbers of {name}" for name, found in series.items() if sorted(found) != list(range(1, len(found) + 1))]

    def _files(self, problems):
        rows = self.place.all("select a.row_id, a.name, b.digest, b.size from collab_attachment a join collab_blob b on b.id = a.blob_id")
        media = self.place.data / "media"
        for _row, name, digest, size in rows:
            path = media / digest[:2] / digest
            if not path.is_file() or path.stat().st_size != size:
                problems.append(f"{name} has no contents")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
                problems.append(f"{name} has other contents")
        told = Counter(row for kind, row, action, *_rest in self.history if action == "attach" and kind == "customer")
        problems += [f"files of customer {row}: {n}, in its history {told[row]}" for row, n in Counter(row for row, *_rest in rows).items() if told[row] != n]

    def _intents(self, problems):
        count = Counter()
        for name, column in (("customers_customer", "name"), ("opportunities_opportunity", "name"), ("activities_activity", "content"),
                             ("collab_comment", "text"), ("collab_attachment", "name")):
            count.update(mark for text, in self.place.all(f"select {column} from {name}") for mark in re.findall(r"m\dx\w{10}", text))
        edits = Counter()
        for kind, _row, action, diff, _args in self.history:
            if kind == "customer" and action == "edit":
                found = json.loads(diff)
                edits.update(re.findall(r"m\dx\w{10}", " ".join(str(found[name][1]) for name in ("remark", "website") if name in found)))
        moves = Counter(self.place.all("select opportunity_id, target_id from opportunities_stagechange"))
        for one in self.intents:
            if one.what == "job":
                continue
            n = edits[one.mark] if one.what in ("edit", "patch") else moves[one.pk, one.target] if one.what == "move" else count[one.mark]
            if n != 1:
                problems.append(f"{one.what} {one.mark}: {n} times; answers {one.answers}")
        problems += [f"{mark}: {n} times" for mark, n in count.items() if n > 1]
        jobs, tasks = self.place.all("select id, task_id from records_job"), self.place.all("select id from django_tasks_database_dbtaskresult")
        waiting = {str(task).replace("-", "") for task, in tasks}
        problems += [f"job {job} has no task" for job, task in jobs if str(task).replace("-", "") not in waiting]
        asked = sum(one.what == "job" for one in self.intents)
        if len(jobs) < asked:
            problems.append(f"{asked} jobs acknowledged, {len(jobs)} there")

    def quiet_logs(self):
        """Every request has its line and number; nobody's data are in any line."""
        text = self.place.log.read_text(errors="replace")
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        asked = [line for line in lines if line["logger"] == "zhike.request"]
        # Without its database the program may not get as far as an address.
        assert len(asked) > len(self.intents) and all(len(line["request"]) == 16 and (line["route"] or line["status"] == 503) for line in asked)
        secrets = [MOBILE, PASSWORD, self.token, "停电", "m0x", "m1x", "kill-0", "example.com", *re.findall(r"=(\w{20,})", self.cookie)]
        assert not [secret for secret in secrets if secret in text]
        return len(asked)

    def free_jobs(self):
        """No worker runs here: what waits would soon be too many."""
        with self.place.open() as link:
            link.execute("update records_job set state = 'cancelled' where state = 'queued'")

    def told(self):
        done = Counter(intent.what for intent in self.intents)
        again = sum(len(intent.answers) > 1 for intent in self.intents)
        return (f"{len(self.intents)} acknowledged ({', '.join(f'{n} {what}' for what, n in sorted(done.items()))}), {again} asked for again; "
                f"start median {statistics.median(self.starts):.1f} s, longest {max(self.starts):.1f} s")


def kills(place, times, seed, n=12, pause=0.6):
    """Kill the web server so many times; everything is looked at after each."""
    company = Company(place, seed)
    for round_ in range(times):
        if round_:
            company.start()
        company.day(n, pause, place.kill)
        company.check()
        company.free_jobs()
        if round_ % 5 == 4:
            print(f"{round_ + 1} kills: {company.told()}", flush=True)
    company.start()
    try:
        crowd(company.workers, lambda: some_more(company.workers, 4), lambda: None)  # also what was open at the last death
        assert place.call("GET", "/customers/?view=all", cookie=company.cookie)[0] == 200
    finally:
        place.kill()
    company.check()
    print(company.told(), f"{company.quiet_logs()} requests in the log, without anybody's data", sep="; ")
    return company


def test_two_kills(tmp_path):
    company = kills(Place(tmp_path), 2, seed=1)
    assert len(company.intents) >= 24
    # The check is alive: half a customer, a file without contents, and something that is there twice are found.
    place = company.place
    for harm in ("delete from customers_customerfacts where customer_id = (select max(id) from customers_customer)",
                 "delete from records_historyentry where kind = 'opportunity' and row_id = (select max(id) from opportunities_opportunity)",
                 "update customers_customer set name = (select min(name) from customers_customer)"):
        with place.open() as link:
            link.execute(harm)
        with pytest.raises(AssertionError):
            company.check()


SPLIT = """
from django.db import transaction
from zhike.records import history
real = history.write
def late(*entries, **more):
    time.sleep(0.05)
    return real(*entries, **more)
history.write = late
transaction.Atomic.__enter__ = lambda self: None
transaction.Atomic.__exit__ = lambda self, *wrong: None
"""
LATE_FILE = """
from django.db import transaction
from zhike.collab import store
real = store.place
def late(found):
    transaction.on_commit(lambda: (time.sleep(0.3), real(found)))
store.place = late
"""
FORGOTTEN = """
from zhike.records import once
once.claim = lambda request: type("Nothing", (), {"pk": 0})
once.done_before = lambda request: None
"""
PROGRAM = """
import sys, time
from zhike.config import serving
load = serving.load_application
def planted():
    application = load()
    exec(PLANT)
    return application
serving.load_application = planted
from zhike.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
@pytest.mark.skipif(POSTGRESQL, reason="without transactions PostgreSQL refuses to lock at all")
@pytest.mark.parametrize(("plant", "says"), [(SPLIT, "lines of its beginning|without"), (LATE_FILE, "no contents"), (FORGOTTEN, "times")],
                         ids=["split transaction", "file after the row", "no once-token"])
def test_planted_faults_are_found(tmp_path, plant, says):
    place = Place(tmp_path)
    place.shaken = True  # a house so harmed may fail in other ways too; what counts is what is found after a death
    place.program = ("-c", f"PLANT = {plant!r}\n{PROGRAM}")
    with pytest.raises(AssertionError, match=says):
        kills(place, 12, seed=3)
    if place.process.poll() is None:
        place.kill()


@pytest.mark.slow
@pytest.mark.parametrize("house", range(int(os.environ.get("FAULTS_HOUSES", 2))))
def test_two_hundred_kills(tmp_path, house):
    """In several houses, so that what is looked at after each kill does not grow too much."""
    kills(Place(tmp_path), int(os.environ.get("FAULTS_KILLS", 100)), seed=int(os.environ.get("FAULTS_SEED", 100)) + house, n=8)


@pytest.mark.slow
@pytest.mark.pg
@pytest.mark.parametrize("times", [10])
def test_the_database_is_torn_down_under_it(tmp_path, times):
    """`pg_ctl restart -m immediate` under load: the web server goes on by itself, nothing acknowledged is gone."""
    folder = Path(tempfile.mkdtemp(prefix="zhike-pg-kill-", dir="/tmp"))
    try:
        server = cluster.start(folder, ["max_connections=40"])
    except cluster.Missing as missing:
        pytest.skip(str(missing))
    place = None
    try:
        place = Place(tmp_path)
        place.url = server.create("torn")
        place.environment = {"DATABASE_URL": place.url}
        company = Company(place, seed=7)

        def torn():
            place.shaken = True
            options = f"-k {folder} -h '' -c max_connections=40"
            server._run(str(server.bin_dir / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-w", "-o", options,
                        "-l", str(folder / "log"), "restart")
            time.sleep(0.5)

        back = []
        for _round in range(times):
            place.shaken = False
            company.day(10, 0.5, torn)
            began = time.monotonic()
            while place.call("GET", "/readyz")[0] != 200:
                assert time.monotonic() < began + 30
                time.sleep(0.05)
            back.append(time.monotonic() - began)
            company.check()
            company.free_jobs()
        print(company.told(), f"ready again after at most {max(back):.1f} s", sep="; ")
        company.quiet_logs()
    finally:
        if place is not None and place.process is not None:
            place.kill()
        server.stop()
