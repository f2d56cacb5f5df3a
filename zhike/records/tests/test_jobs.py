"""Background jobs: steps that are stored whole, resuming, cancelling, rights at run time, limits."""

from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import translation

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.models import Customer
from zhike.records import job_context, jobs
from zhike.records.job_context import folder_of, jobs_folder
from zhike.records.models import Job, JobChunk, JobRefusal

pytestmark = [pytest.mark.django_db, pytest.mark.both]


class Killed(BaseException):
    """Stands for `kill -9`: nothing of the program catches it."""


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def declare(monkeypatch):
    monkeypatch.setattr(jobs, "_declared", dict(jobs._declared))
    return lambda body, name="test.work": jobs.job(name, label="试验")(body)


@pytest.fixture
def begin(people):
    return lambda who="rep", name="test.work", **payload: jobs.start(people[who], name, payload, title="试验作业")


def now(job):
    job.refresh_from_db()
    return job


def test_a_job_runs_with_progress_and_result(declare, begin):
    @declare
    def work(ctx):
        path = ctx.path("txt")
        path.write_text(ctx.payload["text"])
        ctx.progress(3, 3)
        ctx.say("三行")
        ctx.result(path, "结果.txt")

    job = begin(text="你好")
    assert job.state == Job.QUEUED
    jobs.run(job.pk)
    assert (now(job).state, job.done, job.total, job.message) == (Job.DONE, 3, 3, "三行")
    stored = folder_of(job) / job.file
    assert stored.read_text() == "你好" and job.file_size == 6 and job.file_name == "结果.txt"
    assert stored.stat().st_mode & 0o077 == 0 and folder_of(job).stat().st_mode & 0o077 == 0
    jobs.run(job.pk)  # a second delivery of the same task
    assert now(job).attempts == 1


def test_a_kill_between_and_inside_steps_repeats_nothing(declare, begin, make):
    rows = [make.customer(name=f"断点续作{n}号厂").pk for n in range(10)]
    at = []

    @declare
    def work(ctx):
        ctx.store(ctx.payload["ids"], size=2)

        def chunk(ids):
            for pk in ids:
                row = Customer.objects.get(pk=pk)
                row.remark += "x"
                row.save()
            ctx.refused(row, "不改")
            at.append(ids)
            if len(at) in (2, 4):
                raise Killed

        ctx.each_chunk(chunk)

    job = begin(ids=rows)
    for _attempt in range(2):
        with pytest.raises(Killed):
            jobs.run(job.pk)
        assert now(job).state == Job.RUNNING
    jobs.run(job.pk)
    assert (now(job).state, job.done, job.total, job.refused) == (Job.DONE, 10, 10, 5)
    assert set(Customer.objects.filter(pk__in=rows).values_list("remark", flat=True)) == {"x"}
    assert JobRefusal.objects.filter(job=job).count() == 5 and not JobChunk.objects.filter(job=job).exists()
    assert len(at) == 7  # two of them were undone by their kill


def test_an_attempt_taken_for_dead_stops_and_writes_nothing(declare, begin, make):
    row = make.customer()

    @declare
    def work(ctx):
        Job.objects.filter(pk=ctx.job.pk).update(run="another")
        with ctx.step():
            Customer.objects.filter(pk=row.pk).update(remark="zu spät")

    job = begin()
    jobs.run(job.pk)
    row.refresh_from_db()
    assert now(job).state == Job.RUNNING and row.remark == ""


def test_it_makes_room_for_tasks_that_wait_and_for_a_worker_that_stops(declare, begin, monkeypatch):
    at = []

    @declare
    def work(ctx):
        ctx.store(range(1, 7), size=2)
        ctx.each_chunk(at.append)

    monkeypatch.setattr(job_context, "SLICE", -1)
    monkeypatch.setattr(job_context.Turn, "others_wait", lambda: len(at) == 1)
    monkeypatch.setattr(job_context.Turn, "stopping", lambda: len(at) == 2)
    job = begin()
    first = now(job).task_id
    jobs.run(job.pk)
    assert (now(job).state, job.attempts, job.done) == (Job.QUEUED, 0, 2) and job.task_id != first
    monkeypatch.setattr(job_context.Turn, "others_wait", lambda: False)
    jobs.run(job.pk)
    assert (now(job).state, job.attempts, job.done) == (Job.QUEUED, 0, 4)
    monkeypatch.setattr(job_context.Turn, "stopping", lambda: False)
    jobs.run(job.pk)
    assert (now(job).state, job.done, at) == (Job.DONE, 6, [[1, 2], [3, 4], [5, 6]])


def test_cancelling_keeps_what_is_done_and_can_go_on(declare, begin, people):
    @declare
    def work(ctx):
        ctx.store(range(1, 7), size=2)

        def chunk(ids):
            if ids == [3, 4] and ctx.job.attempts == 1:
                jobs.cancel(job, by=people["rep"])

        ctx.each_chunk(chunk)

    job = begin()
    jobs.run(job.pk)
    assert (now(job).state, job.done) == (Job.CANCELLED, 4)
    with pytest.raises(Refused):
        jobs.cancel(job, by=people["rep"])
    jobs.retry(job, by=people["rep"])
    Job.objects.filter(pk=job.pk).update(attempts=1)
    jobs.run(job.pk)
    assert (now(job).state, job.done) == (Job.DONE, 6)
    with pytest.raises(Refused):
        jobs.retry(job, by=people["rep"])
    waiting = begin()
    with pytest.raises(Http404):
        jobs.cancel(waiting, by=people["rep_south"])
    jobs.cancel(waiting, by=people["admin"])
    jobs.run(waiting.pk)
    assert now(waiting).state == Job.CANCELLED and waiting.attempts == 0


def test_a_fault_is_tried_five_times_and_then_told(declare, begin):
    @declare
    def work(ctx):
        raise RuntimeError("磁盘")

    job = begin()
    for attempt in range(1, jobs.ATTEMPTS):
        with pytest.raises(RuntimeError):
            jobs.run(job.pk)
        assert (now(job).state, job.attempts) == (Job.QUEUED, attempt) and job.message
    jobs.run(job.pk)
    assert now(job).state == Job.FAILED and "RuntimeError" in job.error and "RuntimeError" not in job.message


def test_a_refusal_fails_at_once_in_words(declare, begin):
    @declare
    def work(ctx):
        raise Refused("没有这样的列表。")

    job = begin()
    jobs.run(job.pk)
    assert (now(job).state, job.message, job.attempts) == (Job.FAILED, "没有这样的列表。", 1)


def test_it_runs_with_the_rights_its_person_has_now(declare, begin, people):
    seen = []

    @declare
    def work(ctx):
        seen.append(ctx.user.username)

    job = begin()
    user = people["rep"]
    user.is_active = False
    user.save()
    jobs.run(job.pk)
    assert now(job).state == Job.FAILED and not seen


def test_limits(declare, begin):
    declare(lambda ctx: None)
    with pytest.raises(Refused):
        begin(text="多" * jobs.LARGEST_PAYLOAD)
    for _n in range(jobs.MOST_OPEN):
        begin()
    with pytest.raises(Refused):
        begin()
    begin(who="rep_south")


def test_a_worker_that_dies_each_time_is_told(declare, begin, people):
    from django.utils import timezone
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from zhike.config import working

    declare(lambda ctx: None)
    job = begin()
    DBTaskResult.objects.filter(pk=job.task_id).update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now(), worker_ids=["nowhere"] * working.ATTEMPTS,
    )
    working.reap()
    assert now(job).state == Job.FAILED and job.message


@pytest.mark.both
@pytest.mark.parametrize(("seen", "started", "freed"), [
    (timedelta(seconds=30), timedelta(hours=5), 0),  # it works on, however long
    (timedelta(minutes=3), timedelta(minutes=4), 1),  # silent: dead within minutes
    (None, timedelta(hours=5), 0),  # an older program gives no signs and is waited for
    (None, timedelta(hours=7), 1),
])
def test_a_worker_on_another_machine_is_missed_within_minutes(declare, begin, people, seen, started, freed):
    from django.utils import timezone
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from zhike.config import working
    from zhike.records import signs
    from zhike.records.models import WorkerSign

    ran = []
    declare(lambda ctx: ran.append(1))
    job, worker = begin(), "far-away:17:abcd0123"
    DBTaskResult.objects.filter(pk=job.task_id).update(
        status=TaskResultStatus.RUNNING, started_at=timezone.now() - started, worker_ids=[worker])
    if seen is not None:
        signs.give(worker)
        signs.give(worker)
        WorkerSign.objects.update(seen_at=timezone.now() - seen)
    assert working.reap() == freed
    found = DBTaskResult.objects.get(pk=job.task_id)
    assert found.status == (TaskResultStatus.READY if freed else TaskResultStatus.RUNNING)
    signs.end(worker)
    assert signs.lives(worker) is None


def test_a_worker_says_that_it_lives_while_it_works(monkeypatch, people):
    from zhike.config import working
    from zhike.records.models import WorkerSign

    pulse = working.Pulse("here:1:abcd")
    pulse.beat()
    assert WorkerSign.objects.get().worker_id == "here:1:abcd"
    pulse.start()
    pulse.stop()
    assert not WorkerSign.objects.exists() and not pulse.is_alive()


def test_the_sweep_takes_old_files_and_orphans_only(declare, begin):
    @declare
    def work(ctx):
        path = ctx.path("txt")
        path.write_text("x")
        ctx.result(path, "x.txt")

    old, new, ancient = begin(), begin(), begin()
    for job in (old, new, ancient):
        jobs.run(job.pk)
    Job.objects.filter(pk=old.pk).update(ended_at=clock.now() - timedelta(days=8))
    Job.objects.filter(pk=ancient.pk).update(ended_at=clock.now() - timedelta(days=31))
    orphan = jobs_folder() / "999999"
    orphan.mkdir()
    jobs.sweep()
    assert not folder_of(old).exists() and not orphan.exists() and not folder_of(ancient).exists()
    assert (folder_of(new) / now(new).file).exists() and now(old).file == ""
    assert not Job.objects.filter(pk=ancient.pk).exists()
