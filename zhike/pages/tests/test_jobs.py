"""The page of background jobs: one's own and nobody else's, live while one runs, files that stay private."""

import io
import secrets

import pytest
from python_calamine import CalamineWorkbook

from zhike.config import working
from zhike.notices.models import Message
from zhike.records import jobs
from zhike.records.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(monkeypatch):
    monkeypatch.setattr(jobs, "_declared", dict(jobs._declared))

    @jobs.job("test.work", label="试验")
    def body(ctx):
        path = ctx.path("csv")
        path.write_text("=1+1")
        with ctx.step():
            ctx.refused(ctx.user, "=不行")
            ctx.progress(1, 2)
        ctx.result(path, "结果<1>.csv")

    return body


@pytest.fixture
def job(people, work):
    return jobs.start(people["rep"], "test.work", {}, title="试验<b>作业</b>", back="/customers/")


def post(client, url):
    return client.post(url, {"_once": secrets.token_urlsafe(24)})


def test_it_polls_while_open_and_stops_when_over(sign_in, job):
    client = sign_in("rep")
    page = client.get("/jobs/").content.decode()
    assert f'hx-get="/jobs/?live={job.pk}"' in page and "every 2s" in page and "试验&lt;b&gt;作业" in page
    jobs.run(job.pk)
    got = client.get(f"/jobs/?live={job.pk}", headers={"HX-Request": "true"})
    text = got.content.decode()
    assert "every 2s" not in text and "<html" not in text and f"/jobs/{job.pk}/file/" in text
    assert "zk:toast" in got.headers["HX-Trigger"]


def test_the_result_is_its_starters_alone(sign_in, job):
    jobs.run(job.pk)
    got = sign_in("rep").get(f"/jobs/{job.pk}/file/")
    assert b"".join(got.streaming_content) == b"=1+1"
    assert got["Content-Disposition"].startswith("attachment;") and got["X-Content-Type-Options"] == "nosniff"
    assert got["Cache-Control"] == "no-store"
    page = sign_in("rep").get(f"/jobs/{job.pk}/").content.decode()
    assert "=不行" in page
    for stranger in ("rep_south", "manager_east", "auditor"):
        client = sign_in(stranger)
        for name in ("", "file/", "reasons/", "cancel/", "retry/", "undo/"):
            assert client.get(f"/jobs/{job.pk}/{name}").status_code == 404, (stranger, name)
        for name in ("cancel/", "retry/", "undo/"):
            assert post(client, f"/jobs/{job.pk}/{name}").status_code == 404, (stranger, name)
        assert f"/jobs/{job.pk}/" not in client.get("/jobs/?all=1").content.decode()
    admin = sign_in("admin")
    assert "试验&lt;b&gt;作业" in admin.get("/jobs/?all=1").content.decode()
    assert "=不行" not in admin.get(f"/jobs/{job.pk}/").content.decode()
    assert {admin.get(f"/jobs/{job.pk}/{name}").status_code for name in ("file/", "reasons/")} == {404}
    assert post(admin, f"/jobs/{job.pk}/retry/").status_code == 404


def test_a_file_that_is_swept_answers_in_words(sign_in, job):
    from zhike.records.job_context import folder_of

    jobs.run(job.pk)
    job.refresh_from_db()
    (folder_of(job) / job.file).unlink()
    assert sign_in("rep").get(f"/jobs/{job.pk}/file/").status_code == 404


def test_rows_with_reasons_as_files(sign_in, job):
    jobs.run(job.pk)
    client = sign_in("rep")
    book = b"".join(client.get(f"/jobs/{job.pk}/reasons/").streaming_content)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["记录", "记录编号", "原因"] and rows[1][2] == "=不行"
    text = b"".join(client.get(f"/jobs/{job.pk}/reasons/?format=csv").streaming_content).decode("utf-8-sig")
    assert "'=不行" in text
    assert client.get(f"/jobs/{job.pk}/reasons/?format=exe").status_code == 400


def test_cancel_and_go_on(sign_in, job):
    client = sign_in("rep")
    assert post(client, f"/jobs/{job.pk}/cancel/").status_code == 303
    job.refresh_from_db()
    assert job.state == Job.CANCELLED
    assert post(client, f"/jobs/{job.pk}/cancel/")["Location"] == "/jobs/"
    page = client.get("/jobs/").content.decode()
    assert "这个作业已经结束" in page and f"/jobs/{job.pk}/retry/" in page
    assert post(client, f"/jobs/{job.pk}/retry/").status_code == 303
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.DONE


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_it_and_the_bell_rings(sign_in, people, job):
    for _round in range(2):  # the message is a follow-up of the job's end
        working.work(once=True)
    job.refresh_from_db()
    assert job.state == Job.DONE
    assert Message.objects.filter(receiver=people["rep"], kind="job").count() == 1
    page = sign_in("rep").get("/messages/").content.decode()
    assert f'href="/jobs/{job.pk}/"' in page


def test_nothing_yet(sign_in):
    assert "没有后台作业" in sign_in("rep").get("/jobs/").content.decode()
