"""A list too long to wait for becomes a file in the background: the same cells, masked, private, written down once."""

import io
import re
import secrets
from urllib.parse import quote

import pytest
from python_calamine import CalamineWorkbook

from zhike.org.models import FieldRule
from zhike.pages import exports
from zhike.records import jobs
from zhike.records.models import HistoryEntry, Job

pytestmark = [pytest.mark.django_db, pytest.mark.both]
QUERY = f"view=all&q={quote('远程导出')}&columns=level,phone&format=xlsx"


@pytest.fixture
def rows(make):
    for n in range(7):
        make.customer(owner="rep", name=f"远程导出{n}机床有限公司", level="AB"[n % 2], phone="021-55512345", short_name="=1+1")
    make.customer(owner="rep_south", name="远程导出南区有限公司")


@pytest.fixture
def at_once(sign_in, rows):
    got = sign_in("manager_east").get(f"/customers/export/?{QUERY}")
    return sheet(b"".join(got.streaming_content))


@pytest.fixture
def house(sign_in, at_once, monkeypatch):
    monkeypatch.setattr(exports, "MOST", 3)
    HistoryEntry.objects.filter(action="export").delete()
    return sign_in("manager_east")


def sheet(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def start(client, query=QUERY):
    page = client.get(f"/customers/export/?{query}").content.decode()
    assert "导出 7 行" in page and not Job.objects.exists()
    action = re.search(r'action="(/customers/export/[^"]*)"', page)[1].replace("&amp;", "&")
    got = client.post(action, {"_once": secrets.token_urlsafe(24)})
    assert got.status_code == 303, got.content.decode()[-500:]
    return Job.objects.get()


def finish(job):
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def fetch(client, job):
    return b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content)


def test_the_same_cells_as_the_file_one_waits_for(house, at_once, sign_in):
    job = finish(start(house))
    assert (job.state, job.done, job.total) == (Job.DONE, 7, 7), job.message
    assert sheet(fetch(house, job)) == at_once and len(at_once) == 8
    line = HistoryEntry.objects.get(action="export")
    assert line.by.username == "manager_east" and line.args["rows"] == 7 and line.args["conditions"]["q"] == ["远程导出"]
    assert sign_in("rep").get(f"/jobs/{job.pk}/file/").status_code == 404
    job.refresh_from_db()
    assert job.file_name.endswith(".xlsx") and job.file_name.startswith("客户")


def test_csv_for_an_old_program(house):
    job = finish(start(house, QUERY.replace("xlsx", "csv") + "&encoding=gb18030"))
    assert "远程导出0机床有限公司" in fetch(house, job).decode("gb18030")


def test_what_the_roles_hide_when_it_runs_is_not_in_it(house, people):
    job = start(house)
    for role in people["manager_east"].roles.all():
        FieldRule.objects.create(role=role, kind="customer", field="phone", mode=FieldRule.HIDE)
    assert "电话" not in sheet(fetch(house, finish(job)))[0]


def test_the_right_to_export_is_asked_again(house, people):
    from zhike.org.models import RolePermission

    job = start(house)
    RolePermission.objects.filter(role__in=people["manager_east"].roles.all(), kind="customer", action="export").delete()
    assert finish(job).state == Job.FAILED and not job.file
    assert not HistoryEntry.objects.filter(action="export").exists()


def test_a_kill_begins_the_file_anew_and_leaves_nothing_behind(house, at_once, monkeypatch):
    from zhike.records.job_context import folder_of

    class Killed(BaseException):
        pass

    job, real = start(house), exports.values

    def dying(*args):
        for n, row in enumerate(real(*args)):
            if n == 3:
                raise Killed
            yield row

    monkeypatch.setattr(exports, "values", dying)
    with pytest.raises(Killed):
        jobs.run(job.pk)
    monkeypatch.setattr(exports, "values", real)
    assert sheet(fetch(house, finish(job))) == at_once
    assert [path.name for path in folder_of(job).iterdir()] == [job.file]
    assert HistoryEntry.objects.filter(action="export").count() == 1


@pytest.mark.parametrize("query", ["format=exe", "format=csv&encoding=klingon", "nosuch=1", "owner__password=x"])
def test_nonsense_starts_nothing(house, query):
    for got in (house.get(f"/customers/export/?{query}"),
                house.post(f"/customers/export/?{query}", {"_once": secrets.token_urlsafe(24)})):
        assert got.status_code in (400, 422), query
    assert not Job.objects.exists()


def test_more_than_a_file_may_hold(house, monkeypatch):
    monkeypatch.setattr(exports, "MOST_LATER", 5)
    assert house.get(f"/customers/export/?{QUERY}").status_code == 400


def test_who_may_not_export_starts_nothing(sign_in, house, people):
    from zhike.org.models import RolePermission

    RolePermission.objects.filter(role__in=people["manager_east"].roles.all(), kind="customer", action="export").delete()
    got = sign_in("manager_east").post(f"/customers/export/?{QUERY}", {"_once": secrets.token_urlsafe(24)})
    assert got.status_code == 403 and not Job.objects.exists()
