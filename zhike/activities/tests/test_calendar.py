"""The calendar, its secret address and calendar files, through their pages."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import vobject
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from zhike.activities import ical
from zhike.activities.models import Activity, CalendarFeed, Task
from zhike.activities.views import feeds
from zhike.base import clock
from zhike.base.chinese.lunar import from_solar, to_solar
from zhike.base.refused import Refused
from zhike.org.models import User


@pytest.fixture
def address(sign_in, once):
    """The path of a fresh calendar address of somebody."""

    def make_one(username="rep", do="renew"):
        client = sign_in(username)
        assert client.post("/calendar/address/", {"_once": once(), "do": do}).status_code == 303
        found = re.search(r"/calendar/feed/[\w-]+\.ics", client.get("/calendar/address/").content.decode())
        return found and found[0]

    return make_one


def test_own_a_colleagues_and_the_teams(make, sign_in, people):
    with clock.freeze("2026-11-25 08:00"):
        make.activity(owner="rep", days=0.2, subject="甲的拜访")
        make.activity(owner="rep_south", days=0.2, subject="乙的拜访")
        make.task("manager_east", "rep", title="画图")
        rep, manager = sign_in("rep"), sign_in("manager_east")
        for view in ("day", "week", "month"):
            page = rep.get(f"/calendar/?view={view}&date=2026-11-25").content.decode()
            assert "甲的拜访" in page and "乙的拜访" not in page, view
        assert "画图" in rep.get("/calendar/?view=week&date=2026-11-28").content.decode()
        who = people["rep"].pk
        assert "甲的拜访" not in manager.get("/calendar/?date=2026-11-25").content.decode()
        assert "甲的拜访" in manager.get(f"/calendar/?date=2026-11-25&who={who}").content.decode()
        team = manager.get("/calendar/?date=2026-11-25&who=team").content.decode()
        assert "甲的拜访" in team and "乙的拜访" not in team
        assert rep.get(f"/calendar/?who={people['rep_south'].pk}").status_code == 404
        for nonsense in ("?date=nonsense", "?date=9999-12-31", "?view=x", "?date=2026-02-30"):
            assert rep.get(f"/calendar/{nonsense}").status_code == 200
        assert rep.get("/calendar/?who=nobody").status_code == 404


def test_holidays_make_up_days_and_the_moon(sign_in, people):
    page = sign_in("rep").get("/calendar/?view=month&date=2026-02-10").content.decode()
    assert "正月" in page and "春节" in page  # 17 February is the first of the first month
    User.objects.filter(username="rep").update(language="en")
    page = sign_in("rep").get("/calendar/?view=month&date=2026-02-10").content.decode()
    assert "Spring Festival" in page and "working day" in page.lower() and "正月" not in page


def test_lunar_days_that_are_known():
    assert [to_solar(year, 1, 1) for year in (1985, 2000, 2020, 2026, 2034)] == [
        date(1985, 2, 20), date(2000, 2, 5), date(2020, 1, 25), date(2026, 2, 17), date(2034, 2, 19)]
    import chinese_calendar

    met = 0
    for day, name in chinese_calendar.holidays.items():
        wanted = {"Mid-autumn Festival": (8, 15), "Dragon Boat Festival": (5, 5), "Spring Festival": (1, 1)}.get(str(name))
        if wanted and day.year != 2012:  # in 2012 a Saturday that was off anyway is missing there
            at = to_solar(day.year, *wanted)
            met += at == day
            assert at is not None and abs((at - day).days) <= 10, day
    assert met >= 55
    leaps = [(found.year, found.month) for n in range(366 * 40) if (found := from_solar(date(2001, 1, 1) + timedelta(days=n))) and found.leap and found.day == 1]
    assert leaps == [(2001, 4), (2004, 2), (2006, 7), (2009, 5), (2012, 4), (2014, 9), (2017, 6), (2020, 4), (2023, 2), (2025, 6),
                     (2028, 5), (2031, 3), (2033, 11), (2036, 6), (2039, 5)]
    assert from_solar(date(2026, 11, 25)).text == "十七" and from_solar(date(1800, 1, 1)) is None


def test_dragging_moves_and_can_be_taken_back(make, sign_in, once):
    row, rep = make.activity(days=1), sign_in("rep")
    before = row.at
    to = clock.local(clock.now() + timedelta(days=3)).replace(hour=15, minute=30, second=0, microsecond=0)
    move = lambda at: rep.post(f"/activities/{row.pk}/move/", {"_once": once(), "to": f"{at:%Y-%m-%dT%H:%M}"})  # noqa: E731
    assert move(to).status_code == 303
    row.refresh_from_db()
    assert row.at == to
    rep.post(rep.session["toasts"][-1]["undo_url"], {"_once": once()})
    row.refresh_from_db()
    assert row.at == before
    assert move(to - timedelta(days=30)).status_code == 422 and move(to + timedelta(days=3000)).status_code == 422
    assert sign_in("rep_south").post(f"/activities/{row.pk}/move/", {"_once": once(), "to": f"{to:%Y-%m-%dT%H:%M}"}).status_code == 404


def test_a_tasks_time_is_the_givers_to_change(make, sign_in, once):
    task, to = make.task("manager_east", "rep"), clock.local(clock.now() + timedelta(days=8))
    post = lambda who, at=to: sign_in(who).post(f"/tasks/{task.pk}/due/", {"_once": once(), "to": f"{at:%Y-%m-%dT%H:%M}"}).status_code  # noqa: E731
    assert post("rep") == 422
    assert post("manager_east", to - timedelta(days=20)) == 422
    assert post("manager_east") == 303
    assert (Task.objects.get(pk=task.pk).due_at - to).total_seconds() < 60


def test_the_feed_shows_ones_own_and_folds_and_escapes(make, address, people):
    customer = make.customer("rep", name="逗号,分号;有限公司")
    place = "长街一百号" * 12
    make.activity(customer, subject="谈价格, 交期; 付款\\条件", place=place)
    make.activity(owner="rep_south", subject="别人的")
    make.task("manager_east", "rep", title="出图")
    path = address()
    got = Client().get(path)
    assert got.status_code == 200 and got["Content-Type"].startswith("text/calendar") and "no-store" in got["Cache-Control"]
    assert all(len(line) <= 75 for line in got.content.split(b"\r\n"))
    text = got.content.decode()
    assert "别人的" not in text and text.count("BEGIN:VEVENT") == 2
    events = vobject.readOne(text).contents["vevent"]
    first = next(event for event in events if "价格" in event.summary.value)
    assert first.summary.value == "谈价格, 交期; 付款\\条件" and first.location.value == place and first.description.value == customer.name
    assert first.dtstart.value == Activity.objects.get(customer=customer).at.replace(microsecond=0)
    assert re.search(r"DTSTART:\d{8}T\d{6}Z", text)


def test_wrong_renewed_and_revoked_addresses_are_no_pages(make, address, people):
    first = address()
    assert CalendarFeed.objects.get().digest not in first
    second = address()
    assert first != second and Client().get(first).status_code == 404 and Client().get(second).status_code == 200
    for wrong in (second[:-6] + "A.ics", "/calendar/feed/x.ics", "/calendar/feed/" + "a" * 5000 + ".ics", "/calendar/feed/%00" + "b" * 40 + ".ics"):
        assert Client().get(wrong).status_code == 404, wrong
    User.objects.filter(username="rep").update(is_active=False)
    assert Client().get(second).status_code == 404
    User.objects.filter(username="rep").update(is_active=True)
    assert address(do="revoke") is None and Client().get(second).status_code == 404


def test_the_feed_is_limited_by_the_hour(address, monkeypatch):
    monkeypatch.setattr(feeds, "AN_HOUR", 2)
    path = address()
    assert [Client().get(path).status_code for _n in range(3)] == [200, 200, 429]


def event(**more):
    lines = {"UID": "one", "SUMMARY": "展会", "DTSTART": "20991201T010000Z", **more}
    return "BEGIN:VEVENT\r\n" + "".join(f"{key}:{value}\r\n" for key, value in lines.items() if value) + "END:VEVENT\r\n"


def calendar(*events):
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


def test_a_file_is_planned_once_or_says_why_not(make, sign_in, once, people):
    customer, rep = make.customer("rep"), sign_in("rep")
    soon = f"{clock.now() + timedelta(days=9):%Y%m%dT010000Z}"
    send = lambda data: rep.post("/calendar/import/", {"_once": once(), "customer": customer.pk, "file": SimpleUploadedFile("a.ics", data)})  # noqa: E731
    data = calendar(event(DTSTART=soon), event(UID="two", DTSTART="20200101T010000Z"), event(UID="three", DTSTART=soon, RRULE="FREQ=DAILY"),
                    event(UID="four", DTSTART=""), event(UID="five"))
    got = send(data)
    assert got.status_code == 200
    row = Activity.objects.get(customer=customer)
    assert (row.subject, row.status, row.owner.username) == ("展会", "planned", "rep")
    assert send(data).status_code == 200 and Activity.objects.filter(customer=customer).count() == 1
    for bad in (b"hello", b"\xff\xfe\0", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", calendar(*[event()] * 501), b"BEGIN:VCALENDAR" + b"x" * (1024 * 1024 + 5)):
        assert send(bad).status_code == 422
    other = make.customer("rep_south")
    assert rep.post("/calendar/import/", {"_once": once(), "customer": other.pk, "file": SimpleUploadedFile("a.ics", data)}).status_code == 422
    assert sign_in("auditor").get("/calendar/import/").status_code == 403


def shared_files():
    import os

    root = Path(os.environ.get("ZHIKE_SHARED") or Path(__file__).parents[4] / "shared") / "data/interchange/ics"
    return sorted(root.rglob("*.ics"))


@pytest.mark.skipif(not shared_files(), reason="the shared samples are not here")
def test_every_sample_is_read_or_refused_with_a_reason(db):
    read = refused = 0
    for path in shared_files():
        try:
            found = ical.read(path.read_bytes())
        except Refused as no:
            refused += 1
            assert str(no.message), path.name
            continue
        read += 1
        for one in found:
            assert one.title and (one.reason or one.at), path.name
    assert read > 40 and refused > 5
