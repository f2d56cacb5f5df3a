"""Work logs through their pages: drafted from the facts, handed in, read, commented; one a period, none for the future."""

from datetime import date, timedelta

import pytest

from zhike.activities.actions import log_activity, open_log
from zhike.activities.models import WorkLog
from zhike.base import clock
from zhike.base.refused import Refused
from zhike.notices.models import Message
from zhike.records import calls, registry


@pytest.fixture
def begin(sign_in, once):
    def post(who="rep", period="weekly", day=None):
        return sign_in(who).post("/work-logs/new/", {"_once": once(), "period": period, "first_day": (day or clock.today()).isoformat()})

    return post


@pytest.fixture
def step(sign_in, once):
    def post(row, move, who="rep", **values):
        return sign_in(who).post(f"/work-logs/{row.pk}/step/{move}/", {"_once": once(), **values}).status_code

    return post


def test_it_drafts_itself_from_the_facts(make, begin, people, sign_in):
    with clock.freeze("2026-11-25 17:00"):
        customer = make.customer("rep", name="草稿示例机械有限公司")
        log_activity(customer=customer, type="visit", content="看了老线\n第二行不要", by=people["rep"])
        log_activity(customer=make.customer("rep_south"), type="visit", content="别人的拜访", by=people["rep_south"])
        make.activity(customer, days=6, subject="下周复访")
        assert begin().status_code == 303
    row = WorkLog.objects.get()
    assert row.first_day == date(2026, 11, 23) and row.last_day == date(2026, 11, 29)
    assert "草稿示例机械有限公司：看了老线" in row.done and "第二行" not in row.done and "别人的拜访" not in row.done
    assert "下周复访" in row.plan_next


def test_the_second_opens_the_first_and_the_future_has_none(begin):
    with clock.freeze("2026-11-25 17:00"):
        first = begin(day=date(2026, 11, 23))
        assert begin(day=date(2026, 11, 29))["Location"] == first["Location"]  # the same week
        assert begin(day=date(2026, 11, 30)).status_code == 422
        assert begin(period="daily", day=date(2026, 11, 26)).status_code == 422
        assert begin(period="daily", day=date(2026, 11, 25)).status_code == 303
        assert begin(period="monthly", day=date(2026, 11, 30)).status_code == 303  # a month that has begun
        assert begin(period="nonsense").status_code == 422 and begin(day=date(2024, 1, 1)).status_code == 422
    assert WorkLog.objects.count() == 3


def test_handed_in_read_and_commented(make, begin, step, sign_in, people):
    begin()
    row = WorkLog.objects.get()
    assert step(row, "read", "manager_east") == 422  # not handed in yet
    assert step(row, "submit", "manager_east") == 403
    assert step(row, "submit") == 303
    assert Message.objects.filter(text_key="worklog.submitted", row_id=row.pk).exists()
    assert step(row, "withdraw") == 303 and step(row, "submit") == 303
    assert step(row, "read", "manager_south") == 404 and step(row, "read") == 403
    assert step(row, "read", "manager_east") == 303
    assert step(row, "withdraw") == 422  # it has been read
    assert step(row, "comment", "manager_east", text="") == 422
    assert step(row, "comment", "manager_east", text="下周一起去") == 303
    assert step(row, "comment", "sales_head", text="同意") == 422 or WorkLog.objects.get().status == "commented"
    row.refresh_from_db()
    assert row.status == "commented" and row.read_by.username == "manager_east"
    assert "下周一起去" in sign_in("rep").get(f"/work-logs/{row.pk}/discussion/").content.decode()
    assert Message.objects.filter(receiver=people["rep"], text_key="worklog.commented").exists()


def test_only_the_author_writes_and_only_until_it_is_read(begin, step, sign_in, once):
    begin()
    row = WorkLog.objects.get()
    edit = lambda who, text: sign_in(who).post(f"/work-logs/{row.pk}/edit/", {  # noqa: E731
        "_once": once(), "_version": WorkLog.objects.get().version, "done": text, "plan_next": "", "problem": ""}).status_code
    assert edit("rep", "改过") == 303 and edit("manager_east", "代改") == 403
    step(row, "submit")
    step(row, "read", "manager_east")
    assert edit("rep", "又改") == 422
    assert WorkLog.objects.get().done == "改过"


def test_readers_see_it(begin, sign_in, once, people):
    begin()
    row = WorkLog.objects.get()
    assert sign_in("rep_south").get(f"/work-logs/{row.pk}/").status_code == 404
    assert sign_in("rep").post(f"/work-logs/{row.pk}/readers/", {"_once": once(), "more": people["rep_south"].pk}).status_code == 303
    assert sign_in("rep_south").get(f"/work-logs/{row.pk}/").status_code == 200
    assert sign_in("rep").post(f"/work-logs/{row.pk}/readers/", {"_once": once()}).status_code == 303
    assert sign_in("rep_south").get(f"/work-logs/{row.pk}/").status_code == 404


def test_figures_are_kept_and_open_their_lists(make, begin, step, sign_in, people):
    with clock.freeze("2026-11-25 17:00"):
        customer = make.customer("rep")
        for n in range(3):
            log_activity(customer=customer, type="phone", content=f"电话{n}", by=people["rep"], at=clock.now() - timedelta(minutes=n))
        begin()
        row = WorkLog.objects.get()
        step(row, "submit")
        row.refresh_from_db()
        assert row.figures["type:phone"] == 3 and row.figures["customers"] == 1 and row.figures["new:customer"] == 1
        page = sign_in("rep").get(f"/work-logs/{row.pk}/").content.decode()
        link = f"/activities/?owner={row.owner_id}&amp;status=done&amp;at__from=2026-11-23&amp;at__to=2026-11-29&amp;type=phone"
        assert link in page
        assert "电话2" in sign_in("rep").get(link.replace("&amp;", "&")).content.decode()


def test_a_log_stays_with_its_author(begin, people):
    from zhike.records.ownership import transfer_rows

    begin()
    with pytest.raises(Refused):
        transfer_rows([WorkLog.objects.get()], to=people["rep_south"], by=people["admin"])


def test_who_has_no_activities_writes_no_log(sign_in):
    assert sign_in("warehouse").get("/work-logs/").status_code == 404
    assert sign_in("auditor").get("/work-logs/new/").status_code == 403


def test_two_windows_make_one(people):
    rows = {open_log(period="weekly", day=clock.today(), by=people["rep"]).pk for _n in range(2)}
    assert len(rows) == 1 and WorkLog.objects.count() == 1


def test_what_a_log_refuses_is_not_offered(sign_in, begin):
    """It stays its author's and its day's: nothing to hand over, no period to change in many."""
    begin()
    row = WorkLog.objects.get()
    page = sign_in("rep").get(f"/work-logs/change/?ids={row.pk}").content.decode()
    assert 'value="need_help"' in page and 'value="period"' not in page and 'value="first_day"' not in page
    offered = calls.of(registry.kind("worklog"))
    assert "submit" in offered and not {"transfer", "share"} & offered.keys()
    assert {"transfer", "share"} <= calls.of(registry.kind("customer")).keys()


def test_opportunities_brought_on_and_won_stand_in_it(make, begin, step, people, sign_in):
    from decimal import Decimal

    from zhike.opportunities.actions import move_stage, win_opportunity
    from zhike.opportunities.models import Stage, Tick

    with clock.freeze("2026-11-25 17:00"):
        row, won = (make.opportunity(make.customer("rep"), "rep", name=name, demand="两条线") for name in ("推进的示例线", "赢下的示例线"))
        for one in (row, won):
            Tick.objects.bulk_create([Tick(opportunity=one, criterion=c, by=people["rep"]) for c in one.stage.criteria.all() if c.kind == "tick"])
        stages = list(Stage.objects.filter(process=row.process_id).order_by("order"))
        move_stage(row, stages[1], by=people["admin"], reason="")
        type(won).objects.filter(pk=won.pk).update(stage=stages[-1])
        won.refresh_from_db()
        win_opportunity(won, on=clock.today(), reason="方案", amount=Decimal("1200000"), by=people["rep"])
        begin()
        log = WorkLog.objects.get()
        assert "商机 赢下的示例线：赢单" in log.done and "推进的示例线：" not in log.done  # a colleague brought that one on
        step(log, "submit")
        log.refresh_from_db()
        assert (log.figures["won"], log.figures["won_amount"]) == (1, 1_200_000)
        page = sign_in("manager_east").get(f"/work-logs/{log.pk}/").content.decode()
        assert "120.00 万" in page and f"/opportunities/?status=won&amp;owner={log.owner_id}" in page
        hidden = sign_in("manager_east")
        from zhike.org.models import FieldRule

        FieldRule.objects.create(role=people["manager_east"].roles.first(), kind="opportunity", field="won_amount", mode=FieldRule.HIDE)
        assert "120.00 万" not in hidden.get(f"/work-logs/{log.pk}/").content.decode()


def test_a_draft_that_was_begun_early_takes_in_what_came_since(make, begin, people, sign_in, once):
    with clock.freeze("2026-11-23 09:00"):
        customer = make.customer("rep", name="迟到示例机械有限公司")
        begin()
    row = WorkLog.objects.get()
    rep = sign_in("rep")
    with clock.freeze("2026-11-23 10:00"):
        page = rep.get(f"/work-logs/{row.pk}/edit/").content.decode()
        rep.post(f"/work-logs/{row.pk}/edit/", {"_once": once(), "_version": row.version, "done": "自己写的一行", "plan_next": "", "problem": ""})
        assert page
    with clock.freeze("2026-11-26 16:00"):
        log_activity(customer=customer, type="visit", content="周四拜访", by=people["rep"])
        refresh = f"/work-logs/{row.pk}/refresh/"
        assert "周四拜访" in rep.get(refresh).content.decode() and refresh in rep.get(f"/work-logs/{row.pk}/").content.decode()
        assert sign_in("manager_east").post(refresh, {"_once": once()}).status_code == 403
        assert rep.post(refresh, {"_once": once()}).status_code == 303
        row.refresh_from_db()
        assert row.done.startswith("自己写的一行\n") and "迟到示例机械有限公司：周四拜访" in row.done
    with clock.freeze("2026-11-27 17:00"):
        log_activity(customer=customer, type="phone", content="周五电话", by=people["rep"])
        assert begin()["Location"] == f"/work-logs/{row.pk}/edit/"  # the second way to it brings it up to date as well
        row.refresh_from_db()
        assert row.done.count("周四拜访") == 1 and "周五电话" in row.done
        rep.post(f"/work-logs/{row.pk}/step/submit/", {"_once": once()})
        assert rep.post(refresh, {"_once": once()}).status_code == 422


def test_an_untouched_draft_stays_in_the_order_of_its_days(make, begin, people):
    with clock.freeze("2026-11-25 10:00"):
        customer = make.customer("rep")
        log_activity(customer=customer, type="phone", content="周三", by=people["rep"])
        begin()
        log_activity(customer=customer, type="phone", content="周一补记", by=people["rep"], at=clock.now() - timedelta(days=2))
        begin()
        done = WorkLog.objects.get().done
        assert 0 < done.index("周一补记") < done.index("周三")
