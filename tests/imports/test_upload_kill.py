"""R5: `kill -9` of the worker in the middle of an import. The next one goes on; no row comes in twice, none is lost."""

import csv
import os

import pytest

from tests.house.test_kill_jobs import House

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="kills a worker on SQLite"),
]
ROWS = 4_000
START = """
import django; django.setup()
from zhike.org.models import User
from zhike.records.imports.uploads import store, work
from zhike.records.imports.uploads.settings import Settings
from zhike.records.models import ImportUpload
by = User.objects.filter(is_admin=True).first()
text = "名称,备注\\n" + "".join(f"%(mark)s样例{i}号机械有限公司,{i}\\n" for i in range(%(rows)d))
folder = store.receive([text.encode()], "a.csv", len(text))
upload = store.keep(by, "customer", "a.csv", folder, store.look(folder, "a.csv"))
store.decide(upload, Settings({0: "name", 1: "remark"}, "add", "", "warn"), by=by)
ImportUpload.objects.filter(pk=upload.pk).update(check_done=True)
print(work.start_run(ImportUpload.objects.get(pk=upload.pk), by=by, back_url="/").pk)
"""


def killed(house, mark, kills):
    """One import, its worker killed so many times while it works; how many attempts it took."""
    made = house.run("-c", START % {"mark": mark, "rows": ROWS})
    assert made.returncode == 0, made.stderr
    pk = int(made.stdout)
    house.work_through(pk, kills, 0.3)
    check(house, pk, mark)
    return house.job(pk)[3]


def check(house, pk, mark):
    """Every row is a record once, has one line of history, and one line in the result file, in order."""
    like = f"{mark}样例%"
    assert house.job(pk)[:3] == ("done", ROWS, ROWS)
    assert house.ask("select count(*), count(distinct name) from customers_customer where name like ?", like) == [(ROWS, ROWS)]
    folder, batch, outcome = house.ask(
        "select folder, batch, json_extract(outcome, '$.counts.created') from records_importupload where run_job_id = ?", pk)[0]
    assert outcome == ROWS
    assert house.ask("select count(*), count(distinct row_id) from records_historyentry where batch = ?", batch) == [(ROWS, ROWS)]
    with (house.data / "imports" / folder / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["_row"]) for row in rows] == list(range(2, ROWS + 2)) and {row["_result"] for row in rows} == {"created"}


def test_two_kills_of_an_import(tmp_path):
    house = House(tmp_path)
    assert killed(house, "甲", 2) >= 2  # at least one kill met it at work
    pk = house.ask("select max(id) from records_job where name = 'records.import'")[0][0]
    with pytest.raises(AssertionError):  # the check is alive
        check(house, pk, "乙")


@pytest.mark.slow
def test_thirty_kills_of_imports(tmp_path):
    house = House(tmp_path)
    met = sum(killed(house, mark, 3) - 1 for mark in "天地玄黄宇宙洪荒日月")
    print(f"{met} kills met an import at work")
    assert met > 10
