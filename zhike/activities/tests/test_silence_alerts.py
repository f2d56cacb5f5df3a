"""Alerts about silence: opportunities by amount, next steps, deciders, and work logs that are missing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.activities import actions
from zhike.activities.models import Activity
from zhike.base import clock
from zhike.customers import quality
from zhike.notices import jobs, rules, scanning
from zhike.notices.alerting import declared
from zhike.notices.models import AlertHit, AlertRule, Message
from zhike.org.models import Company, User

pytestmark = pytest.mark.both


@pytest.fixture(autouse=True)
def catalogue(db):
    rules.ensure_rules()


def only(code, **values):
    AlertRule.objects.exclude(code=code).update(enabled=False)
    AlertRule.objects.filter(code=code).update(enabled=True, digest=False, **values)
    return AlertRule.objects.get(code=code)


def hits(code):
    return set(AlertHit.objects.filter(rule__code=code, closed_at=None).values_list("row_id", "receiver__username"))


def on(day, hour="10:00"):
    return clock.freeze(f"2026-06-{day:02} {hour}")


def test_large_ones_are_missed_sooner_than_small_ones(make):
    only("OP01", escalate_days=None)
    with on(1):
        customer = make.customer("rep")
        large, usual, small = (make.opportunity(customer, "rep", name=f"示例{amount}", amount=Decimal(amount), expected_sign_date=None)
                               for amount in (2_000_000, 500_000, 50_000))
    for day, found in ((8, set()), (9, {large}), (15, {large}), (16, {large, usual}), (23, {large, usual, small})):
        with on(day):
            jobs.scan_alerts()
            assert hits("OP01") == {(row.pk, "rep") for row in found}, day
    with on(24):
        make.activity(customer, "rep", days=-1, opportunity=large)
        plan = make.activity(customer, "rep", days=2, opportunity=usual)
        jobs.scan_alerts()
        assert hits("OP01") == {(small.pk, "rep")}
    with on(28):  # a plan whose day is over is no plan
        jobs.scan_alerts()
        assert (usual.pk, "rep") in hits("OP01") and plan.pk
    assert Message.objects.filter(values__code="OP01", row_id=usual.pk).count() == 1  # told again with the same message, never twice of the same


def test_no_next_step(make):
    only("OP08")
    with on(1):
        customer = make.customer("rep")
        row = make.opportunity(customer, "rep", expected_sign_date=None)
        jobs.scan_alerts()
        assert hits("OP08") == set()
    with on(6):
        jobs.scan_alerts()
        assert hits("OP08") == {(row.pk, "rep")}
        make.activity(customer, "rep", days=5, opportunity=row)
        jobs.scan_alerts()
        assert hits("OP08") == set()


def test_deciders_of_customer_and_opportunity(make, people):
    from zhike.opportunities import contact_roles

    only("CU06")
    with on(1):
        customer = make.customer("rep")
        chief = make.contact(customer, "rep", name="钱厂长", decision_role="decider")
        buyer = make.contact(customer, "rep", name="孙采购", decision_role="buyer")
        row = make.opportunity(customer, "rep", amount=Decimal(500_000), expected_sign_date=None)
        quiet = make.contact(make.customer("rep"), "rep", name="无商机", decision_role="decider")
    with clock.freeze("2026-07-10 10:00"):
        jobs.scan_alerts()
        assert hits("CU06") == {(chief.pk, "rep")} and quiet.pk
        contact_roles.set_contact_role(row, buyer, decision_role="decider", by=people["rep"])
        jobs.scan_alerts()
        assert hits("CU06") == {(chief.pk, "rep"), (buyer.pk, "rep")}
        talk = make.activity(customer, "rep", days=-1, contact=chief)
        actions.set_attendees(Activity.objects.get(pk=talk.pk), [buyer], by=people["rep"])
        jobs.scan_alerts()
        assert hits("CU06") == set()


def duty(**values):
    company = Company.objects.get()
    company.settings = {**company.settings, "worklog_duty": {"period": "daily", "workdays_only": True, "grace_hours": 0, **values}}
    company.save()


def test_a_missing_log_next_workday_at_nine_then_the_manager(make, people):
    only("WL01")
    dept = people["rep"].department_id
    duty(departments=[dept])
    User.objects.update(created_at=clock.now() - timedelta(days=3000))
    # Friday 5 June; the next working day is Monday 8 June.
    with clock.freeze("2026-06-05 18:00"):
        actions.submit_log(actions.open_log(period="daily", day=clock.today(), by=people["rep_east2"]), by=people["rep_east2"])
    friday = {"key__contains": "20260605"}
    for moment, told in (("2026-06-06 10:00", False), ("2026-06-08 08:30", False), ("2026-06-08 09:10", True)):
        with clock.freeze(moment):
            jobs.scan_alerts()
            found = AlertHit.objects.filter(rule__code="WL01", closed_at=None, receiver__username="rep", **friday)
            assert found.exists() is told, moment
            assert not AlertHit.objects.filter(rule__code="WL01", receiver__username="rep_east2", **friday).exists()
    message = Message.objects.filter(receiver=people["rep"], values__code="WL01")
    n = message.count()
    with clock.freeze("2026-06-08 11:00"):
        jobs.scan_alerts()
        assert message.count() == n
        rule = AlertRule.objects.get(code="WL01")
        assert scanning.scan_rule(rule, dry=True).records > 0  # "would fire for n"
    with clock.freeze("2026-06-09 09:30"):
        jobs.scan_alerts()
        assert AlertHit.objects.filter(rule__code="WL01", receiver__username="manager_east", row_id=people["rep"].pk, escalated=True).exists()
    with clock.freeze("2026-06-09 10:00"):
        late = actions.open_log(period="daily", day=clock.today() - timedelta(days=4), by=people["rep"])
        actions.submit_log(late, by=people["rep"])
        jobs.scan_alerts()
        assert not AlertHit.objects.filter(rule__code="WL01", closed_at=None, row_id=people["rep"].pk, **friday).exists()


def test_a_wrong_code_is_incomplete_too(make):
    only("CU05")
    good = make.customer("rep", phone="0512-55550001", region_id=320500)
    wrong = make.customer("rep", phone="0512-55550002", region_id=320500)
    type(wrong).objects.filter(pk=wrong.pk).update(uscc="91350100M000100Y44")
    quality.refresh_quality([good.pk, wrong.pk])
    jobs.scan_alerts()
    assert hits("CU05") == {(wrong.pk, "rep")}


def test_the_catalogue_has_these_and_few_are_on():
    for code in ("CU01", "CU02", "CU03", "CU05", "CU06", "OP01", "OP03", "OP08", "WL01", "TK01", "TK02", "AC01"):
        assert declared(code), code
    reps = [alert.code for code in AlertRule.objects.filter(enabled=True).values_list("code", flat=True)
            if (alert := declared(code)) and {"owner", "author"} & set(alert.recipients)]
    assert len(reps) <= 9
