"""The workbench in the morning: what is shown, how much it says there is, and where each press leads."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from zhike.activities import actions
from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.notices.models import Message

pytestmark = pytest.mark.django_db


def test_the_schedule_shows_what_one_takes_part_in_and_what_is_due(make, people, sign_in):
    with clock.freeze("2026-11-25 08:00"):
        theirs = make.activity(owner="rep", days=0.1, subject="一同拜访")
        actions.set_participants(theirs, [people["rep_east2"]], by=people["rep"])
        make.task("manager_east", "rep_east2", title="交标书")
        Task.objects.update(due_at=clock.now() + timedelta(hours=5))
        page = sign_in("rep_east2").get("/").content.decode()
        schedule = page[page.index("今日日程"):]
        assert "一同拜访" in schedule and "交标书" in schedule
        assert 'href="/calendar/?view=day"' in schedule
        # Somebody who checked in sees when.
        actions.check_in(theirs, by=people["rep"])
        assert "已签到 08:00" in sign_in("rep").get("/").content.decode()


def test_more_than_twenty_are_told_and_lead_to_their_list(make, sign_in):
    rep, mine = sign_in("rep"), make.customer("rep")
    for n in range(20):
        make.activity(mine, days=0.02, subject=f"活动{n}")
    page = rep.get("/?kind=activities").content.decode()
    assert re.search(r'>跟进 <span class="n">20</span>', page) or re.search(r'kind=activities" class="on">[^<]*<span class="n">20</span>', page)
    make.activity(mine, days=0.02, subject="第二十一个")
    page = rep.get("/?kind=activities").content.decode()
    assert re.search(r'kind=activities" class="on">[^<]*<span class="n">20\+</span>', page)
    url = re.search(r'href="(/activities/\?[^"]*status=planned[^"]*)"', page)[1].replace("&amp;", "&")
    assert "第二十一个" in rep.get(url).content.decode()
    assert "/activities/?view=all" in rep.get("/").content.decode()


def test_what_was_done_today_leads_to_its_rows(make, people, sign_in):
    mine = make.customer("rep")
    row = make.activity(mine, subject="刚刚做完的")
    actions.finish_activity(row, by=people["rep"])
    given = make.task("manager_east", "rep", title="刚刚办完的")
    actions.move_task(given, "finish", by=people["rep"])
    rep = sign_in("rep")
    page = rep.get("/").content.decode()
    for words, name in (("今天完成 1 个活动", "刚刚做完的"), ("今天完成 1 个任务", "刚刚办完的")):
        url = re.search(rf'href="([^"]+)">{words}<', page)[1].replace("&amp;", "&")
        assert name in rep.get(url).content.decode()


def test_what_is_done_from_here_leads_back_here(make, people, sign_in, once):
    rep = sign_in("rep")
    given = make.task("manager_east", "rep")
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/?kind=tasks"}
    got = rep.post(f"/tasks/{given.pk}/step/accept/", {"_once": once()}, headers=here)
    assert (got.status_code, got["HX-Redirect"]) == (204, "/?kind=tasks")
    assert "“测试任务”：进行中" in rep.get("/").content.decode() and Task.objects.get().status == "accepted"
    # From the record's own page one stays there; a foreign address leads nowhere else.
    for other in (f"http://testserver/tasks/{given.pk}/", "https://example.com/"):
        got = rep.post(f"/tasks/{given.pk}/step/finish/", {"_once": once()}, headers={**here, "HX-Current-URL": other})
        assert got["HX-Redirect"] == f"/tasks/{given.pk}/"
        Task.objects.update(status="accepted")
    row = make.activity(make.customer("rep"), subject="等会儿")
    got = rep.post(f"/activities/{row.pk}/quick/", {"_once": once(), "do": "later", "kind": "activities"})
    assert (got.status_code, got["Location"]) == (303, "/?kind=activities")
    got = rep.post(f"/activities/{row.pk}/quick/", {"_once": once(), "do": "later", "kind": "//evil"})
    assert got["Location"] == "/"


def test_one_press_that_is_refused_says_why_on_the_workbench(make, people, sign_in, once):
    rep = sign_in("rep")
    row = make.activity(make.customer("rep"))
    actions.cancel_activity(row, by=people["rep"])
    got = rep.post(f"/activities/{row.pk}/quick/", {"_once": once(), "do": "done"})
    assert (got.status_code, got["Location"]) == (303, "/")
    assert 'class="toast-z' in rep.get("/").content.decode()
    assert Activity.objects.get().status == "cancelled"


def test_unread_messages_are_counted_and_lead_to_them(make, people, sign_in):
    make.task("manager_east", "rep", title="问价")
    assert Message.objects.filter(receiver=people["rep"]).count() == 1
    page = sign_in("rep").get("/").content.decode()
    assert "1 条未读" in page and 'href="/messages/?state=unread"' in page
