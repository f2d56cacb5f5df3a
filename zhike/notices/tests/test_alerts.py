"""Alert rules: what they find, whom they tell, when it is over, and what administrators do with them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.customers.models import Customer
from zhike.notices import jobs, rules
from zhike.notices.models import AlertHit, AlertRule, Message
from zhike.org.models import Department, User
from zhike.org.models.people import User as Person
from zhike.records import jobs as background
from zhike.records.models import HistoryEntry, Job

OLD = "2026-03-02 10:00"
DAY = "2026-11-24 09:30"


def rule(code, **values):
    AlertRule.objects.exclude(code=code).update(enabled=False)
    AlertRule.objects.filter(code=code).update(enabled=True, **values)
    return AlertRule.objects.get(code=code)


def hits(code, **more):
    found = AlertHit.objects.filter(rule__code=code, closed_at=None, **more)
    return set(found.values_list("row_id", "receiver__username"))


@pytest.fixture
def silent(make):
    with clock.freeze(OLD):
        return make.customer("rep", level="A")


def hidden(page):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("_once", "_version")}


def form_of(page, **changes):
    """What a browser would post of the rule's form."""
    found = hidden(page)
    for name, value in re.findall(r'<input type="number" name="(\w[\w:]*)"(?: value="(\d*)")?', page):
        found[name] = value
    found["recipients"] = re.findall(r'name="recipients" value="([\w:]+)"[^>]*checked', page)
    for name in ("digest", "quiet_from", "quiet_to"):
        select = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)[0]
        chosen = re.search(r'value="([^"]*)" selected', select)
        found[name] = chosen[1] if chosen else ""
    found["users"] = re.findall(r'value="(\d+)" selected', re.search(r'<select name="users".*?</select>', page, re.DOTALL)[0])
    return {**found, "conditions": "", **changes}


def test_by_level_once_and_closed_when_somebody_calls(make, people, silent):
    rule("CU01")
    with clock.freeze("2026-11-04 10:00"):
        other = make.customer("rep", level="C")
        fresh = make.customer("rep", level="A")
    with clock.freeze(DAY):
        jobs.scan_alerts()
        assert hits("CU01") == {(silent.pk, "rep"), (fresh.pk, "rep")} and other.pk
        told = Message.objects.filter(receiver=people["rep"], category="alert")
        assert told.count() == 1 and told.get().values["n"] == 2
        jobs.scan_alerts()
        assert told.count() == 1 and AlertHit.objects.filter(closed_at=None).count() == 2
        make.activity(fresh, days=-1)
        jobs.scan_alerts()
        assert hits("CU01") == {(silent.pk, "rep")}
        assert AlertHit.objects.exclude(closed_at=None).get().row_id == fresh.pk
    with clock.freeze("2027-03-01 09:30"):
        jobs.scan_alerts()  # silent again: another occurrence
        assert AlertHit.objects.filter(row_id=fresh.pk).count() == 2 and (fresh.pk, "rep") in hits("CU01")


def test_days_in_workdays_and_departments_and_conditions(make, people, silent, sign_in):
    south = None
    with clock.freeze("2026-09-25 10:00"):  # before the National Day holidays
        south = make.customer("rep_south", level="A", industry="food")
    found = rule("CU01", working=True)
    with clock.freeze("2026-10-14 10:00"):  # 19 days, but fewer than 15 workdays
        jobs.scan_alerts()
        assert hits("CU01") == {(silent.pk, "rep")}
        AlertRule.objects.update(working=False)
        jobs.scan_alerts()
        assert hits("CU01") == {(silent.pk, "rep"), (south.pk, "rep_south")}
        sales = Department.objects.get(code="SOUTH")
        found.refresh_from_db()
        rules.change_rule(found, {"departments": [sales.pk]}, by=people["admin"], version=None)
        jobs.scan_alerts()
        assert hits("CU01") == {(south.pk, "rep_south")}
        rules.change_rule(found, {"departments": [], "conditions": '/customers/?view=all&where={"any":[["industry","is","metal"],["level","is","B"]]}'},
                          by=people["admin"], version=None)
        jobs.scan_alerts()
        assert hits("CU01") == set()


def test_the_manager_hears_of_what_stays_open_and_not_of_what_is_handled(make, people, silent, sign_in, once):
    rule("CU01", digest=False, repeat_days=None, escalate_days=7)
    with clock.freeze("2026-11-02 09:30"):
        second = make.customer("rep", level="B")
        Customer.objects.filter(pk=second.pk).update(created_at=clock.now() - timedelta(days=90))
        jobs.scan_alerts()
        rep = sign_in("rep")
        message = Message.objects.get(receiver=people["rep"], row_id=second.pk)
        assert rep.post(reverse("messages"), {"_once": once(), "do": "done", "ids": [str(message.pk)]}).status_code == 303
        message.refresh_from_db()
        assert message.done_at and AlertHit.objects.get(pk=message.hit_id).handled_at
    with clock.freeze("2026-11-10 09:30"):
        jobs.scan_alerts()
        assert hits("CU01", escalated=True) == {(silent.pk, "manager_east")}
        assert Message.objects.get(receiver=people["manager_east"]).urgent
        make.activity(silent, days=-1)
        jobs.scan_alerts()
        assert hits("CU01") == {(second.pk, "rep")}
        assert Message.objects.filter(receiver=people["manager_east"], done_at=None).count() == 0


def test_a_disabled_persons_alerts_go_to_the_manager(silent):
    rule("CU01")
    Person.objects.filter(username="rep").update(is_active=False)
    with clock.freeze(DAY):
        jobs.scan_alerts()
    assert hits("CU01") == {(silent.pk, "manager_east")}


def test_named_people_are_told_of_what_they_may_see_only(people, silent, make):
    with clock.freeze(OLD):
        far = make.customer("rep_south", level="A")
    rule("CU01", recipients=["role:SM", f"user:{people['auditor'].pk}", f"user:{people['rep_west'].pk}"])
    with clock.freeze(DAY):
        jobs.scan_alerts()
    assert hits("CU01") == {(silent.pk, "manager_east"), (far.pk, "manager_south"), (silent.pk, "sales_head"), (far.pk, "sales_head"),
                            (silent.pk, "auditor"), (far.pk, "auditor")}


def test_quiet_hours_of_the_rule_and_of_the_person(people, silent, sign_in, once):
    rule("CU01", quiet_from=20, quiet_to=7)
    mine = Message.objects.filter(receiver=people["rep"])
    with clock.freeze("2026-11-24 22:00"):
        jobs.scan_alerts()
        assert hits("CU01") and not mine.exists()
    rep = sign_in("rep")
    wanted = {"alerts": ["CU01"], "digest_hour": "6", "quiet_from": "6", "quiet_to": "9"}
    assert rep.post(reverse("message-wishes"), {"_once": once(), **wanted}).status_code == 303
    with clock.freeze("2026-11-25 08:30"):
        jobs.tell_people()
        assert not mine.exists()
    with clock.freeze("2026-11-25 09:05"):
        jobs.tell_people()
        assert mine.count() == 1
    wrong = rep.post(reverse("message-wishes"), {"_once": once(), **wanted, "quiet_to": ""})
    assert wrong.status_code == 422


def test_what_i_do_not_want_is_not_told(people, silent, sign_in, once):
    rule("CU01")
    rep = sign_in("rep")
    assert 'value="CU01"' in rep.get(reverse("message-wishes")).content.decode()
    assert rep.post(reverse("message-wishes"), {"_once": once(), "digest_hour": "8"}).status_code == 303
    with clock.freeze(DAY):
        jobs.scan_alerts()
    assert hits("CU01") and not Message.objects.filter(receiver=people["rep"]).exists()


def test_overdue_tasks_come_again_every_day(make, people):
    rule("TK02", escalate_days=None)
    with clock.freeze("2026-11-02 09:00"):
        task = make.task(title="寄样册")
    late = Message.objects.filter(receiver=people["rep"], text_key="alert.hit")
    with clock.freeze("2026-11-06 09:30"):
        jobs.scan_alerts()
        assert hits("TK02") == {(task.pk, "rep"), (task.pk, "manager_east")}
        assert late.count() == 1
        late.update(read_at=clock.now())
        jobs.scan_alerts()
        assert late.waiting().count() == 0
    with clock.freeze("2026-11-07 09:30"):
        jobs.scan_alerts()
        assert late.count() == 1 and late.waiting().count() == 1


def test_what_ends_nobody_waits_for(make, people):
    rule("OP01")
    with clock.freeze(OLD):
        forgotten, planned = make.opportunity(), make.opportunity()
    make.activity(planned.customer, opportunity=planned, days=3)
    jobs.scan_alerts()
    assert hits("OP01") == {(forgotten.pk, "rep")}
    rules.switch_rule(AlertRule.objects.get(code="OP01"), enabled=False, by=people["admin"])
    assert hits("OP01") == set()


def test_a_broken_rule_stops_no_other_and_says_so(people, silent, monkeypatch, sign_in):
    from zhike.notices import alerting

    AlertRule.objects.filter(code__in=("CU01", "TK01")).update(enabled=True)
    monkeypatch.setattr(alerting.declared("TK01"), "rows", lambda scan: 1 / 0)
    with clock.freeze(DAY):
        jobs.scan_alerts()
    assert (silent.pk, "rep") in hits("CU01")
    found = AlertRule.objects.get(code="TK01")
    assert "ZeroDivisionError" in found.scan_error
    monkeypatch.undo()
    assert "ZeroDivisionError" in sign_in("admin").get(reverse("alert_rule-detail", args=[found.pk])).content.decode()


# Pages of administrators


def test_the_list_says_what_would_fire_and_the_form_changes_it(sign_in, silent, people, once):
    found = rule("CU01")
    admin = sign_in("admin")
    with clock.freeze(DAY):
        listed = admin.get(reverse("alert_rule-list")).content.decode()
        row = re.search(rf'id="row-{found.pk}".*?</tr>', listed, re.DOTALL)[0]
        assert ">1<" in row and "CU01" in row
        page = admin.get(reverse("alert_rule-detail", args=[found.pk])).content.decode()
        assert silent.name in page and "15" in page
        edit = reverse("alert_rule-edit", args=[found.pk])
        form = admin.get(edit).content.decode()
        got = admin.post(edit, form_of(form, **{"p_days:A": "300", "digest": "0", "quiet_from": "20", "quiet_to": "7", "users": [str(people["gm"].pk)]}))
        assert got.status_code == 303, got.content.decode()[-800:]
        found.refresh_from_db()
        assert found.params["days:A"] == 300 and not found.digest and found.quiet_from == 20
        assert found.recipients == ["owner", f"user:{people['gm'].pk}"]
        assert silent.name not in admin.get(reverse("alert_rule-detail", args=[found.pk])).content.decode()
        late = admin.post(edit, form_of(form, **{"p_days:A": "10", "_once": once()}))
        assert late.status_code == 409
    assert HistoryEntry.objects.filter(kind="alert_rule", row_id=found.pk, action="edit").count() == 1


def test_a_record_of_nobodys_says_so(sign_in, make, silent):
    found = rule("CU01")
    Customer.objects.filter(pk=silent.pk).update(owner=None, pool=make.pool())
    with clock.freeze(DAY):
        page = sign_in("admin").get(reverse("alert_rule-detail", args=[found.pk])).content.decode()
    assert silent.name in page and "None" not in page


def test_a_trial_tells_nobody(sign_in, silent, once):
    found = rule("CU01")
    admin = sign_in("admin")
    with clock.freeze(DAY):
        page = admin.get(reverse("alert_rule-try", args=[found.pk])).content.decode()
        assert "张三 1" in page
        assert not AlertHit.objects.exists() and not Message.objects.exists()
        got = admin.post(reverse("alert_rule-try", args=[found.pk]), {"_once": once()})
        assert got.status_code == 303
        background.run(Job.objects.get(name="notices.scan_rule").pk)
    assert hits("CU01") == {(silent.pk, "rep")}


def test_what_stands_in_the_form_is_tried_before_it_is_saved(sign_in, make, people, silent):
    found = rule("CU01")
    admin, edit = sign_in("admin"), reverse("alert_rule-edit", args=[found.pk])
    with clock.freeze("2026-11-04 10:00"):
        fresh = make.customer("rep", level="A")
    with clock.freeze(DAY):
        page = admin.get(edit).content.decode()
        wanted = form_of(page, do="try", users=[str(people["gm"].pk)], **{"p_days:A": "1"})
        got = admin.post(edit, wanted, headers={"HX-Request": "true"})
        text = got.content.decode()
        assert got.status_code == 200 and "2 条记录" in text and silent.name in text and fresh.name in text and str(people["gm"]) in text
        assert 'value="1"' in text and f'name="_version" value="{wanted["_version"]}"' in text  # the form stays as it was typed
        few = admin.post(edit, {**wanted, "p_days:A": "100"}).content.decode()
        assert "1 条记录" in few and fresh.name not in few
        found.refresh_from_db()
        assert found.params.get("days:A") != 1 and found.recipients == ["owner"]
        assert not AlertHit.objects.exists() and not Message.objects.exists()
        wrong = admin.post(edit, {**wanted, "p_days:A": "0"})
        assert wrong.status_code == 422 and "2 条记录" not in wrong.content.decode()
        assert admin.post(edit, {**wanted, "recipients": [], "users": []}).status_code == 422
        assert sign_in("rep").post(edit, wanted).status_code in (403, 404)
        assert admin.post(edit, {**wanted, "do": ""}).status_code == 303  # the same form is saved as it stands
        found.refresh_from_db()
        assert found.params["days:A"] == 1


def test_people_are_picked_and_who_is_gone_may_stay(sign_in, people, once):
    gm, gone = people["gm"], people["rep_west"]
    found = rule("CU01", recipients=["owner", f"user:{gone.pk}"])
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    admin, edit = sign_in("admin"), reverse("alert_rule-edit", args=[found.pk])

    def send(code, **changes):
        got = admin.post(edit, form_of(admin.get(edit).content.decode(), **{"_once": once(), **changes}))
        assert got.status_code == code, got.content.decode()[-600:]
        found.refresh_from_db()
        return found.recipients

    page = admin.get(edit).content.decode()
    select = re.search(r'<select name="users".*?</select>', page, re.DOTALL)[0]
    assert "multiple" in select and "/lookup/user/?active=1" in select and select.count("<option") == 1 and str(gone) in select
    assert send(303, users=[str(gone.pk), str(gm.pk)]) == ["owner", f"user:{gone.pk}", f"user:{gm.pk}"]
    assert send(303, users=[str(gm.pk)]) == ["owner", f"user:{gm.pk}"]
    for bad in ([str(gone.pk)], ["999999"], ["x"], ["1" * 30], [str(gm.pk), "\0"], [str(n) for n in range(60)]):
        assert send(422, users=bad) == ["owner", f"user:{gm.pk}"], bad


def test_a_form_to_be_mended_keeps_the_version_it_was_opened_with(sign_in, people, once):
    found = rule("CU01")
    admin, edit = sign_in("admin"), reverse("alert_rule-edit", args=[found.pk])
    typed = form_of(admin.get(edit).content.decode())
    rules.change_rule(found, {"working": True}, by=people["admin"], version=None)
    wrong = admin.post(edit, {**typed, "p_days:A": "0"})
    assert wrong.status_code == 422 and hidden(wrong.content.decode())["_version"] == typed["_version"]
    assert admin.post(edit, {**typed, "_once": once()}).status_code == 409


@pytest.mark.parametrize(("values", "field"), [
    ({"params": {"days:A": 0}}, "p_days:A"), ({"params": {"days": "x"}}, "p_days"), ({"recipients": []}, "recipients"),
    ({"recipients": ["user:999999"]}, "recipients"), ({"recipients": ["user:x"]}, "users"), ({"recipients": ["giver"]}, "recipients"),
    ({"departments": [99999]}, "departments"), ({"conditions": "owner=me"}, "conditions"), ({"conditions": "nothing=1"}, "conditions"),
    ({"conditions": 'where={"all":[["owner","is","me"]]}'}, "conditions"), ({"conditions": "where={"}, "conditions"), ({"conditions": "q=甲"}, "conditions"),
    ({"conditions": "/customers/?view=mine"}, "conditions"), ({"quiet_from": 3}, "quiet_to"), ({"quiet_from": 24, "quiet_to": 3}, "quiet_from"),
])
def test_a_rule_that_will_not_do_is_refused(people, values, field):
    with pytest.raises(Refused) as no:
        rules.change_rule(AlertRule.objects.get(code="CU01"), values, by=people["admin"], version=None)
    assert no.value.field in (field, None)


def test_only_administrators_get_there(sign_in, once, people):
    found = AlertRule.objects.get(code="CU01")
    names = [("alert_rule-list", []), *((f"alert_rule-{name}", [found.pk]) for name in ("detail", "edit", "try"))]
    for username in ("rep", "sales_head", "gm"):
        client = sign_in(username)
        assert [client.get(reverse(name, args=args)).status_code for name, args in names] == [404] * 4
        assert client.post(reverse("alert_rule-switch", args=[found.pk]), {"_once": once(), "enabled": "0"}).status_code == 404
        with pytest.raises((Forbidden, Refused)):
            rules.switch_rule(found, enabled=False, by=people[username])
    admin = sign_in("admin")
    assert [admin.get(reverse(name, args=args)).status_code for name, args in names] == [200] * 4
    assert admin.post(reverse("alert_rule-switch", args=[found.pk]), {"_once": once(), "enabled": "0"}).status_code == 303
    assert not AlertRule.objects.get(pk=found.pk).enabled
    assert admin.get(reverse("alert_rule-detail", args=[999_999])).status_code == 404


def test_next_years_holidays_are_asked_for_in_november(people):
    rule("SY01")
    with clock.freeze("2026-10-20 09:30"):
        jobs.scan_alerts()
        assert hits("SY01") == set()
    with clock.freeze(DAY):
        jobs.scan_alerts()
        assert {name for _row, name in hits("SY01")} == set(User.objects.filter(is_admin=True, is_active=True).values_list("username", flat=True))
