"""Assignment rules: the first that fits and has somebody decides; in turn, within limits, also for many at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.leads import actions
from zhike.leads.actions import forms as form_actions
from zhike.leads.assigning import would_go
from zhike.leads.models import AssignRule, Lead, LeadForm, LeadPause
from zhike.notices.models import Message
from zhike.org.models import Department

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(people):
    def make(name="规则", **values):
        return actions.create_assign_rules([AssignRule(name=name, **values)], by=people["marketing"])[0]

    return make


@pytest.fixture
def comes(make):
    """A lead without an owner, as it comes in."""
    def come(**values):
        row = make.lead(None, **values)
        row.refresh_from_db()
        return row

    return come


def in_turn(people, *names, **more):
    return {"way": "round", "people": [str(people[name].pk) for name in names], **more}


def test_the_first_rule_that_fits_decides(people, rule, comes):
    rule("网站", way="user", user=people["rep_south"], sources=["web"])
    rule("其余", way="user", user=people["rep"])
    web, phone = comes(source="web"), comes(source="phone")
    assert (web.owner, phone.owner) == (people["rep_south"], people["rep"]) and web.owner_dept == people["rep_south"].department
    assert web.assigned_at is not None
    told = Message.objects.get(receiver=people["rep_south"], text_key="lead.by_rule")
    assert told.values["rule"] == "网站" and str(web) in told.values["names"]


def test_without_a_rule_they_wait(comes):
    assert comes().owner_id is None


def test_an_owner_who_is_given_stays(people, rule, make):
    rule(way="user", user=people["rep_south"])
    assert make.lead("rep").owner == people["rep"]


@pytest.mark.parametrize(("conditions", "fits", "misses"), [
    ({"sources": ["web", "phone"]}, {"source": "phone"}, {"source": "exhibition"}),
    ({"provinces": ["32"]}, {"region_id": 320500}, {"region_id": 440300}),
    ({"provinces": ["32"]}, {"region_id": 320000}, {}),
    ({"industries": ["metal"]}, {"industry": "metal"}, {"industry": "food"}),
    ({"words": "五轴，铣床"}, {"interest": "想要五轴机床"}, {"interest": "磨床"}),
    ({"words": "CNC"}, {"need": "a cnc lathe"}, {"need": "压机"}),
    ({"amount_from": Decimal("100000")}, {"amount": Decimal("100000")}, {"amount": Decimal("99999.99")}),
    ({"amount_to": Decimal("100000")}, {"amount": Decimal("100000")}, {"amount": None}),
    ({"sources": ["web"], "industries": ["metal"]}, {"source": "web", "industry": "metal"}, {"source": "web", "industry": "food"}),
])
def test_every_condition_that_is_given_holds(people, rule, comes, conditions, fits, misses):
    rule(way="user", user=people["rep"], **conditions)
    assert comes(**fits).owner == people["rep"] and comes(**misses).owner_id is None


def test_by_campaign_and_by_form(people, rule, make, comes):
    fair = make.campaign()
    form = actions.create_forms([LeadForm(title_zh="甲", asked=["mobile"], must=["mobile"])], by=people["marketing"])[0]
    rule("展会", way="user", user=people["rep_south"], campaign=fair)
    rule("表单", way="user", user=people["rep_west"], form=form)
    assert comes(campaign=fair).owner == people["rep_south"] and comes().owner_id is None
    sent = form_actions.take_entry(form, {"name": "林", "mobile": "13800005501"}, token="t" * 20)
    assert Lead.objects.get(pk=sent.lead).owner == people["rep_west"]
    Lead.objects.filter(pk=sent.lead).update(owner=None, owner_dept=None, status="new")
    assert [place.user for _lead, place in would_go([Lead.objects.get(pk=sent.lead)])] == [people["rep_west"]]  # known by its entry


def test_in_turn_and_nobody_twice(people, rule, comes):
    names = ["rep", "rep_south", "rep_west"]
    rule(**in_turn(people, *names))
    assert [comes().owner.username for _n in range(7)] == ["rep", "rep_south", "rep_west"] * 2 + ["rep"]


def test_who_is_disabled_away_or_has_enough_is_passed_over(people, rule, comes, make):
    rule(**in_turn(people, "rep", "rep_south", "rep_west", most_open=2))
    south = people["rep_south"]
    south.is_active = False
    south.save()
    assert [comes().owner.username for _n in range(2)] == ["rep", "rep_west"]
    actions.pause_leads(people["rep"], starts_on=clock.today(), until=clock.today() + timedelta(days=3), by=people["rep"])
    assert comes().owner.username == "rep_west"
    assert comes().owner_id is None  # one is away, one disabled, one has two
    actions.end_pause(people["rep"], by=people["marketing"])
    assert comes().owner.username == "rep"
    with clock.freeze(clock.now() + timedelta(days=9)):
        assert comes().owner_id is None


def test_a_rule_with_nobody_leaves_it_to_the_next(people, rule, comes):
    rule("一", way="user", user=people["rep"], most_open=1)
    rule("二", way="user", user=people["rep_south"])
    assert [comes().owner.username for _n in range(2)] == ["rep", "rep_south"]


def test_people_who_do_not_work_with_leads_get_none(people, rule, comes):
    rule(**in_turn(people, "warehouse", "auditor", "rep"))
    assert {comes().owner.username for _n in range(3)} == {"rep"}


def test_a_department_in_turn_spares_its_head(people, rule, comes):
    rule(way="round", department=Department.objects.get(code="EAST"))
    owners = [comes().owner for _n in range(5)]
    assert people["manager_east"] not in owners and len(set(owners[:4])) == 4 and owners[4] == owners[0]


def test_into_the_queue_of_a_department_whose_head_is_told(people, rule, comes):
    rule(way="queue", department=Department.objects.get(code="SOUTH"))
    lead = comes()
    assert lead.owner_id is None and lead.owner_dept.code == "SOUTH"
    assert Message.objects.filter(receiver=people["manager_south"], text_key="lead.queued").exists()
    assert Lead.objects.visible_to(people["rep_south"]).filter(pk=lead.pk).exists()


def test_leads_that_wait_are_assigned_by_hand(sign_in, people, rule, comes, make, once):
    waiting, owned = [comes(), comes()], make.lead("rep_west")
    client = sign_in("marketing")
    ids = ",".join(str(row.pk) for row in [*waiting, owned])
    none = client.post("/leads/by-rules/", {"ids": ids, "_once": once()})
    assert none.status_code == 422
    rule(**in_turn(people, "rep", "rep_south"))
    shown = client.get("/leads/by-rules/", {"ids": ids}).content.decode()
    assert str(people["rep"]) in shown and str(people["rep_south"]) in shown and Lead.objects.filter(owner=None).count() == 2
    assert client.post("/leads/by-rules/", {"ids": ids, "_once": once()}).status_code == 303
    assert [Lead.objects.get(pk=row.pk).owner.username for row in [*waiting, owned]] == ["rep", "rep_south", "rep_west"]
    assert sign_in("rep").post("/leads/by-rules/", {"ids": str(owned.pk), "_once": once()}).status_code in (403, 404)


def test_trying_changes_nothing(sign_in, people, rule, comes):
    lead = comes()
    made = rule(**in_turn(people, "rep", "rep_south"))
    page = sign_in("marketing").get("/assign-rules/try/").content.decode()
    made.refresh_from_db()
    assert str(people["rep"]) in page and made.last_given is None and Lead.objects.get(pk=lead.pk).owner_id is None


def test_order_is_changed_and_rules_are_dropped(sign_in, people, rule, comes, once):
    first = rule("一", way="user", user=people["rep"])
    second = rule("二", way="user", user=people["rep_south"])
    client = sign_in("marketing")
    assert client.get("/assign-rules/").status_code == 200
    assert client.post(f"/assign-rules/{second.pk}/move/up/", {"_once": once()}).status_code == 303
    assert comes().owner == people["rep_south"]
    assert client.post(f"/assign-rules/{second.pk}/remove/", {"_once": once()}).status_code == 303
    assert comes().owner == people["rep"] and not AssignRule.objects.filter(pk=second.pk).exists()
    assert sign_in("rep").get("/assign-rules/").status_code == 404
    assert sign_in("gm").get("/assign-rules/").status_code == 200 and sign_in("gm").get(f"/assign-rules/{first.pk}/edit/").status_code == 403


def test_rules_are_made_on_a_page(sign_in, people, once):
    client = sign_in("marketing")
    page = client.get("/assign-rules/new/")
    assert page.status_code == 200
    rep = str(people["rep"].pk)
    good = {"_once": once(), "name": "江浙沪", "way": "round", "people": [rep], "provinces": ["31", "32", "33"], "sources": ["web"], "enabled": "on"}
    assert client.post("/assign-rules/new/", good).status_code == 303
    made = AssignRule.objects.get()
    assert made.people == [rep] and made.provinces == ["31", "32", "33"] and made.enabled
    for wrong in ({"way": "user"}, {"people": ["999999"]}, {"provinces": ["99"]}, {"people": []}, {"amount_from": "-1"}, {"amount_from": "9", "amount_to": "1"},
                  {"most_open": "0"}, {"name": ""}):
        assert client.post("/assign-rules/new/", {**good, "_once": once(), **wrong}).status_code == 422, wrong
    edited = client.post(f"/assign-rules/{made.pk}/edit/", {**good, "_once": once(), "_version": str(made.version), "name": "改名"})
    assert edited.status_code == 303 and AssignRule.objects.get().name == "改名"


def test_who_pauses_whom(people, once, sign_in):
    today = clock.today()
    with pytest.raises(Forbidden):
        actions.pause_leads(people["rep_south"], starts_on=today, until=today, by=people["rep"])
    for wrong in ({"starts_on": today, "until": today - timedelta(days=1)}, {"starts_on": today, "until": today + timedelta(days=400)}):
        with pytest.raises(Refused):
            actions.pause_leads(people["rep"], **wrong, by=people["rep"])
    client = sign_in("rep")
    assert client.post("/leads/away/", {"_once": once(), "starts_on": str(today), "until": str(today), "reason": "年假"}).status_code == 303
    assert LeadPause.objects.get().user == people["rep"]
    assert client.post(f"/leads/away/{people['rep'].pk}/end/", {"_once": once()}).status_code == 303
    assert not LeadPause.objects.exists()
    assert client.get(f"/leads/away/{people['rep_south'].pk}/end/").status_code == 403


def test_programs_let_the_rules_decide_when_they_say_so(people, rule):
    import json

    from django.test import Client

    from zhike.org.models import ApiToken
    from zhike.org.tokens import create_token

    rule(way="user", user=people["rep_south"])
    head = {"HTTP_AUTHORIZATION": f"Bearer {create_token(people['marketing'], scope=ApiToken.WRITE)}"}
    for by_rules, owner in ((False, "marketing"), (True, "rep_south")):
        body = {"name": "网站访客", "mobile": f"1380000540{int(by_rules)}", "source": "web", "by_rules": by_rules}
        answer = Client().post("/api/v1/leads", json.dumps(body), content_type="application/json", **head)
        assert answer.status_code == 201, answer.content
        assert Lead.objects.get(pk=answer.json()["id"]).owner.username == owner


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_posts_at_once_are_given_in_turn(people, rule):
    from zhike.leads.actions import create_leads

    rule(**in_turn(people, "rep", "rep_south", "rep_west", most_open=3))
    gate, done = threading.Barrier(8), []

    def come(i):
        try:
            gate.wait(10)
            done.append(create_leads([Lead(name=f"访客{i}", mobile=f"1380000530{i}")], by=None, checked=True, source="form")[0].pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    counts = sorted(Lead.objects.filter(pk__in=done, owner__username=name).count() for name in ("rep", "rep_south", "rep_west"))
    assert len(done) == 8 and counts == [2, 3, 3]


def test_imported_leads_follow_the_rules_and_the_import_can_be_taken_back(people, rule):
    from zhike.leads.actions import create_leads
    from zhike.records.imports.importer import importer
    from zhike.records.imports.uploads import back
    from zhike.records.models import HistoryEntry

    rule(**in_turn(people, "rep", "rep_south"))
    by, batch = people["marketing"], "b" * 32
    rows = [Lead(name=f"导入{i}", mobile=f"1380000520{i}") for i in range(4)]
    create_leads(rows, by=by, source="import", checked=True, batch=batch, action="import")
    assert sorted(Lead.objects.values_list("owner__username", flat=True)) == ["rep", "rep", "rep_south", "rep_south"]
    assert Message.objects.filter(text_key="lead.by_rule").count() == 2
    refused = []
    ids = list(HistoryEntry.objects.filter(batch=batch).values_list("pk", flat=True))
    back.take_back(importer("lead"), ids, by=by, refuse=lambda row, why: refused.append(why))
    assert not refused and not Lead.objects.exists()
