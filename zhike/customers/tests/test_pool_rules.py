"""What returns to a pool by itself, when its owner hears of it, and that nothing happens twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.base import clock
from zhike.customers import actions, jobs, pool_scan
from zhike.customers.models import Customer, Pool, PoolMember
from zhike.notices import actions as notices
from zhike.notices import jobs as alerts
from zhike.notices import rules
from zhike.notices.models import AlertHit, AlertRule, Message
from zhike.opportunities.models import Opportunity
from zhike.org.models import User

pytestmark = pytest.mark.django_db


def later(days):
    return clock.freeze(clock.now() + timedelta(days=days, minutes=5))


def in_pool(pool):
    return set(Customer.objects.filter(pool=pool).values_list("pk", flat=True))


def test_the_night_takes_who_was_left_alone_and_spares_the_others(make, make_pool, people):
    pool = make_pool()
    quiet, met, locked, deal, busy, mine = (make.customer("rep") for _i in range(6))
    south = make.customer("rep_south")
    spared = make.customer("rep_east4")
    actions.lock_customers([locked], by=people["rep"])
    Customer.objects.filter(pk=deal.pk).update(lifecycle="deal")
    make.opportunity(busy)
    actions.set_members(pool, PoolMember.SPARED, users=[people["rep_east4"]], by=people["admin"])
    with later(20):
        make.activity(met, days=-1)
        actions.return_to_pool([mine], pool, reason="x", by=people["rep"])
        actions.pick_customers(pool, [mine.pk], by=people["rep_east2"])
    with later(29):
        jobs.run_pools()
        assert in_pool(pool) == set()
    with later(31):
        jobs.run_pools()
        assert in_pool(pool) == {quiet.pk}
        quiet.refresh_from_db()
        assert quiet.previous_owner == people["rep"] and quiet.owner is None
        told = Message.objects.filter(text_key="pool.lost").get()
        assert told.receiver == people["rep"] and quiet.name in notices.text_of(told)
        jobs.run_pools()
        assert Message.objects.filter(text_key="pool.lost").count() == 1
    with later(51):
        jobs.run_pools()
        assert in_pool(pool) == {quiet.pk, met.pk, mine.pk}
    # With what it spares switched off, deals and open opportunities go too; locked and other people's never.
    actions.change_pool(pool, {"keep_deals": False, "keep_busy": False}, by=people["admin"], version=None)
    with later(51):
        jobs.run_pools()
    assert in_pool(pool) == {quiet.pk, met.pk, mine.pk, deal.pk, busy.pk}
    assert Customer.objects.get(pk=south.pk).owner and Customer.objects.get(pk=spared.pk).owner
    actions.switch_pool(pool, enabled=False, by=people["admin"])
    with later(400):
        jobs.run_pools()
    assert len(in_pool(pool)) == 5


@pytest.mark.parametrize(("rules", "days", "falls"), [
    ((("follow_up", 90, ["A"]), ("follow_up", 30, [])), 31, {"B"}),  # the first rule that names the level decides
    ((("follow_up", 90, ["A"]), ("follow_up", 30, [])), 91, {"A", "B"}),
    ((("follow_up", 30, []), ("follow_up", 10, ["A"])), 11, set()),
    ((("opportunity", 30, ["B"]),), 31, {"B"}),
    ((("deal", 60, []),), 61, {"A", "B"}),
    ((("deal", 60, []),), 59, set()),
])
def test_rules_by_level_and_condition(make, make_pool, rules, days, falls):
    pool = make_pool(rules=rules)
    rows = {level: make.customer("rep", level=level) for level in "AB"}
    with later(days):
        found = pool_scan.preview(pool)
        jobs.run_pools()
        assert {level for level, row in rows.items() if row.pk in in_pool(pool)} == falls
        assert sum(n for _rule, n in found) == len(falls)


def test_an_opportunity_or_a_deal_begins_the_time_anew(make, make_pool):
    for criterion in ("opportunity", "deal"):
        pool = make_pool(name=criterion, rules=((criterion, 30, []),), keep_deals=False)
        row = make.customer("rep")
        with later(20):
            deal = make.opportunity(row)
            Opportunity.objects.filter(pk=deal.pk).update(status="won", won_at=clock.today())
        with later(40):
            jobs.run_pools()
            assert row.pk not in in_pool(pool)
        with later(52):
            jobs.run_pools()
            assert row.pk in in_pool(pool)
        actions.switch_pool(Pool.objects.get(pk=pool.pk), enabled=False, by=make.people["admin"])


def told_ahead():
    """What the alert about pools has told so far: (day it was about, mark)."""
    return list(AlertHit.objects.filter(rule__code="CU02").order_by("pk").values_list("key", flat=True))


def look():
    jobs.look_ahead()
    alerts.scan_alerts()


def test_warned_seven_three_and_one_day_before_each_once(make, make_pool, people, sign_in):
    make_pool()
    with clock.freeze("2026-06-01 10:00"):
        row = make.customer("rep")
    AlertRule.objects.all().delete()
    rules.ensure_rules()
    AlertRule.objects.exclude(code="CU02").update(enabled=False)
    messages = Message.objects.filter(receiver=people["rep"], values__code="CU02")
    heard = []
    for day in range(21, 30):
        with clock.freeze(f"2026-06-{day + 1:02} 10:30"):
            look()
            look()
            assert messages.count() <= len(told_ahead())
            if len(told_ahead()) > len(heard):
                heard.append(30 - day)
    assert heard == [7, 3, 1] and messages.count() == 3 and not Message.objects.filter(text_key="pool.soon").exists()
    open_ = AlertHit.objects.get(rule__code="CU02", closed_at=None)
    assert open_.key.startswith("1@20260701") and open_.receiver == people["rep"]
    with clock.freeze("2026-06-29 10:30"):
        page = sign_in("rep").get("/pools/due/").content.decode()
        assert row.name in page and row.name not in sign_in("rep_east2").get("/pools/due/").content.decode()
    # Who was visited in time is off the list with the next look, and warned anew before the next day.
    with clock.freeze("2026-06-30 11:30"):
        make.activity(row, days=-1)
        look()
        assert not AlertHit.objects.filter(rule__code="CU02", closed_at=None).exists()
    with clock.freeze("2026-07-26 10:30"):
        look()
        assert len(told_ahead()) == 4 and AlertHit.objects.filter(rule__code="CU02", closed_at=None).count() == 1
    # Whose account is disabled: the manager hears of it.
    User.objects.filter(username="rep").update(is_active=False)
    with clock.freeze("2026-07-28 10:30"):
        look()
        assert AlertHit.objects.get(rule__code="CU02", closed_at=None).receiver == people["manager_east"]


def test_the_night_asks_no_more_for_many(make, make_pool):
    """What falls is worked through five hundred at a time, never one by one."""
    pool = make_pool()
    counts = []
    for n in (2, 12):
        for _i in range(n):
            make.customer("rep")
        with later(40), CaptureQueriesContext(connection, ) as asked:
            assert jobs.return_due(pool) == n
        counts.append(len(asked))
    assert counts[1] <= counts[0]
