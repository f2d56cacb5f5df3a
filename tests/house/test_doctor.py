"""`zhike doctor`: each fault it promises to find is made once and must be found, by name, with a way out."""

from __future__ import annotations

import json
import os
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import connection

from zhike.base import clock
from zhike.ops import doctor
from zhike.ops.checks import FIRST, THEN, files
from zhike.ops.doctor import ATTENTION, BROKEN, OK, Examined, examine
from zhike.ops.house import House
from zhike.records import history
from zhike.records.models import HistoryEntry, HistorySeal, ScheduledJob

from .drills import POSTGRESQL, Place
from .test_cli import one_line

pytestmark = [pytest.mark.long, pytest.mark.both]


@pytest.fixture
def house(tmp_path, people):
    tmp_path.chmod(0o700)
    return House(tmp_path, connection.settings_dict, "k", "environment")


@pytest.fixture
def look(house):
    def see(name, *, deep=False, head="", house=house):
        """The worst state of one check's lines, and what they say."""
        found = [one for one in examine(Examined(house, deep, head), [*FIRST, *THEN]) if one.name == name]
        assert all(one.remedy for one in found if one.state != OK), found
        return doctor.worst(found), " ".join(one.text for one in found)
    return see


def test_a_sound_house(look):
    for name in ("settings", "programs", "data", "disk", "key", "database", "migrations", "encoding", "references", "clock", "administrators"):
        state, text = look(name)
        assert (state, bool(text)) == (OK, True), (name, text)


def test_doors_that_stand_open(look, house, tmp_path):
    tmp_path.chmod(0o755)
    assert look("data")[0] == ATTENTION
    key = tmp_path / "secret.key"
    key.write_text("x" * 50)
    key.chmod(0o644)
    on_file = House(tmp_path, house.database, "x" * 50, "file")
    assert look("key", house=on_file)[0] == BROKEN
    key.chmod(0o600)
    assert look("key", house=on_file)[0] == OK
    assert look("key", house=House(tmp_path, house.database, "", "none"))[0] == ATTENTION


@pytest.mark.parametrize(("free", "state"), [(10 << 30, OK), (1 << 30, ATTENTION), (100 << 20, BROKEN)])
def test_a_full_disk(look, monkeypatch, free, state):
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda place: namedtuple("Usage", "total used free")(1 << 40, 0, free))
    assert look("disk")[0] == state


@pytest.mark.parametrize(("changes", "state"), [
    ({}, OK), ({"DEMO": True}, ATTENTION), ({"DEBUG": True}, BROKEN),
    ({"ALLOWED_HOSTS": ["crm.example.com"]}, ATTENTION), ({"ALLOWED_HOSTS": ["crm.example.com"], "HTTPS": True}, OK)])
def test_how_it_faces_the_net(look, settings, changes, state):
    settings.DEMO = settings.DEBUG = settings.HTTPS = False
    settings.ALLOWED_HOSTS = [*settings.LOOPBACK_HOSTS]
    for name, value in changes.items():
        setattr(settings, name, value)
    assert look("web")[0] == state


def test_data_of_another_version(look):
    with connection.cursor() as cursor:
        cursor.execute("insert into django_migrations (app, name, applied) values ('org', '9999_next_year', '2030-01-01')")
    assert look("migrations")[0] == BROKEN
    with connection.cursor() as cursor:
        cursor.execute("delete from django_migrations where name = '9999_next_year' or app = 'axes'")
    state, text = look("migrations")
    assert state == BROKEN and ("older" in text or "较旧" in text)


def test_a_worker_that_is_not_there(look):
    ScheduledJob.objects.all().delete()
    assert look("worker")[0] == ATTENTION
    now = clock.now()
    job = ScheduledJob.objects.create(name="records.prune", every_minutes=60, next_run_at=now + timedelta(minutes=50), last_run_at=now)
    assert look("worker")[0] == OK and look("jobs") == (OK, "")
    ScheduledJob.objects.update(next_run_at=now - timedelta(hours=3), last_run_at=now - timedelta(hours=4))
    assert look("worker")[0] == BROKEN
    job.failures, job.last_error = 3, "ValueError: no such\nmore"
    job.save()
    state, text = look("jobs")
    assert state == ATTENTION and "records.prune" in text and "no such" in text and "more" not in text


def task(status, **values):
    from django_tasks_db.models import DBTaskResult

    return DBTaskResult.objects.create(
        status=status, task_path="zhike.records.tasks.follow_up", args_kwargs={"args": [], "kwargs": {}}, backend_name="default",
        run_after=clock.now() - timedelta(days=1), **values)


def test_tasks_given_up_or_waiting(look):
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    assert look("tasks")[0] == OK
    failed = task(TaskResultStatus.FAILED, finished_at=clock.now(), worker_ids=["w"] * 4)
    assert look("tasks")[0] == OK  # it will be tried once more
    failed.worker_ids = ["w"] * 5
    failed.save()
    state, text = look("tasks")
    assert state == ATTENTION and "follow_up × 1" in text
    failed.delete()
    waiting = task(TaskResultStatus.READY)
    assert look("tasks")[0] == OK
    DBTaskResult.objects.filter(pk=waiting.pk).update(enqueued_at=clock.now() - timedelta(hours=1))
    assert look("tasks")[0] == ATTENTION


def test_a_rewritten_history(look, make):
    HistorySeal.objects.all().delete()
    customer = make.customer()
    while history.seal_history(limit=1) and HistorySeal.objects.count() < 6:
        history.log(customer, "test", by=None)
    head = HistorySeal.objects.order_by("-last_id").first().digest
    assert look("history")[0] == look("history", deep=True)[0] == look("history", head=head)[0] == OK
    seals = list(HistorySeal.objects.order_by("first_id"))
    assert len(seals) >= 6
    HistoryEntry.objects.filter(pk=seals[0].first_id).update(action="never happened")
    assert look("history")[0] == OK  # too long ago for a short look
    state, text = look("history", deep=True)
    assert state == BROKEN and f"{seals[0].first_id}" in text
    HistoryEntry.objects.filter(pk=seals[-1].last_id).update(action="never happened")
    assert look("history")[0] == BROKEN


def test_a_history_whose_end_was_cut(look, make):
    HistorySeal.objects.all().delete()
    customer = make.customer()
    first = history.seal_history()
    history.log(customer, "test", by=None)
    head = history.seal_history()
    last = HistorySeal.objects.order_by("-last_id").first()
    HistoryEntry.objects.filter(pk__gte=last.first_id).delete()
    last.delete()
    assert first != head and look("history", deep=True)[0] == look("history", head=first)[0] == OK
    assert look("history", head=head)[0] == BROKEN


def test_nobody_to_ask(look):
    from zhike.org.models import User

    User.objects.filter(is_admin=True).update(is_active=False)
    assert look("administrators")[0] == BROKEN


def test_passwords_everybody_knows(look, people, settings):
    from zhike.org.models import User

    settings.DEMO = False
    user = people["rep"]
    user.set_password("quiet-lathe-77")
    User.objects.update(password=user.password)
    assert look("passwords")[0] == OK
    for username, known in (("rep", "zhike-demo-2026"), ("admin", "admin")):
        user = people[username]
        user.set_password(known)
        user.save()
        state, text = look("passwords", deep=True)
        assert state == BROKEN and username in text
    settings.DEMO = True
    assert look("passwords", deep=True) == (OK, "")


def test_files_and_rows_that_lost_each_other(look, settings, tmp_path, monkeypatch):
    import hashlib

    settings.MEDIA_ROOT = tmp_path / "media"
    name = hashlib.sha256(b"drawing").hexdigest()
    path = tmp_path / "media" / name[:2] / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"drawing")
    for rows, content, deep, state in (
        ({name: 7}, b"drawing", True, OK), ({name: 7, "0" * 64: 1}, b"drawing", False, BROKEN), ({}, b"drawing", False, ATTENTION),
        ({name: 7}, b"draw", False, BROKEN), ({name: 7}, b"DRAWING", False, OK), ({name: 7}, b"DRAWING", True, BROKEN)):
        path.write_bytes(content)
        monkeypatch.setattr(files, "known", lambda rows=rows: rows)
        assert look("files", deep=deep)[0] == state, (rows, content)


def test_what_restores_left(look, tmp_path):
    assert look("leftovers") == (OK, "")
    (tmp_path / "before-restore-20261125").mkdir()
    assert look("leftovers")[0] == ATTENTION


def test_a_check_that_fails_is_a_finding_and_stops_no_other(house):
    from django.db import OperationalError

    def falls(_examined):
        raise OperationalError("server closed the connection\nmore")
        yield

    found = examine(Examined(house), [falls, *FIRST])
    assert found[0].state == BROKEN and "server closed" in found[0].text and "more" not in found[0].text
    assert len(found) > len(FIRST)


@pytest.mark.long
def test_the_command(tmp_path):
    place = Place(tmp_path).init()
    got = place.zhike("doctor", "--deep", "--locale", "en")
    # The cluster of the tests runs without fsync: it is as quick, and as careless, as it looks.
    careless = {"safe_writing"} if place.url else set()
    assert got.returncode == bool(careless) and f"{len(careless)} broken" in got.stdout, got.stdout + got.stderr
    assert place.zhike("doctor", "--strict").returncode == 1  # no worker has run
    told = json.loads(place.zhike("doctor", "--json", "--deep").stdout)
    states = {one["name"]: one["state"] for one in told["findings"]}
    assert {name for name, state in states.items() if state != "ok"} == {"worker", *careless} and "safe_writing" in states
    with place.open() as link:
        link.execute("update org_user set is_active = " + ("false" if place.url else "0"))
        if not place.url:
            link.execute("pragma foreign_keys=off")
            link.execute("update org_user set department_id = 999")
    got = place.zhike("doctor", "--json")
    broken = {one["name"] for one in json.loads(got.stdout)["findings"] if one["state"] == "broken"}
    assert got.returncode == 1 and broken == {"administrators"} | (careless or {"references"})
    one_line(place.zhike("doctor", ZHIKE_HTPS="1"), "ZHIKE_HTTPS")
    place.data = tmp_path / "none"
    one_line(place.zhike("doctor"), "zhike init")


@pytest.mark.long
@pytest.mark.skipif(POSTGRESQL, reason="about the file of SQLite")
def test_a_database_that_is_none(tmp_path):
    place = Place(tmp_path)
    place.data.mkdir(mode=0o700)
    got = place.zhike("doctor", "--json")
    assert got.returncode == 1 and "database" in {one["name"] for one in json.loads(got.stdout)["findings"] if one["state"] == "broken"}
    assert not os.listdir(place.data)  # looking makes nothing
    (place.data / "db.sqlite3").write_text("this is no database " * 500)
    got = place.zhike("doctor")
    assert got.returncode == 1 and "Traceback" not in got.stderr
