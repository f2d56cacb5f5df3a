"""Campaigns, what came of them, and what warns of leads that lie idle."""

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.leads import actions, figures
from zhike.leads.models import Campaign, Lead
from zhike.notices import jobs, rules
from zhike.notices.models import AlertHit, AlertRule
from zhike.org.models import Department, FieldRule

pytestmark = pytest.mark.django_db


def test_a_campaign_from_plan_to_summary(sign_in, once, people):
    marketing, boss = sign_in("marketing"), sign_in("gm")
    values = {"name": "示例秋季展", "type": "exhibition", "budget": "120000", "starts_on": clock.today().isoformat(), "_once": once()}
    assert marketing.post("/campaigns/new/", {**values, "ends_on": (clock.today() - timedelta(days=1)).isoformat()}).status_code == 422
    assert marketing.post("/campaigns/new/", {**values, "_once": once()}).status_code == 303
    row = Campaign.objects.get()
    assert row.code.startswith("SCHD-") and row.status == "draft" and row.budget == Decimal(120000)

    def step(client, move, code=303, **more):
        assert client.post(f"/campaigns/{row.pk}/step/{move}/", {"_once": once(), **more}).status_code == code, move

    step(marketing, "approve", 403)
    step(marketing, "nonsense", 404)
    step(boss, "approve")
    row.refresh_from_db()
    assert row.status == "approved" and row.approved_by == people["gm"]
    with pytest.raises(Refused):
        actions.change_campaign(row, {"budget": Decimal(1)}, by=people["marketing"], version=row.version)
    step(marketing, "start")
    step(marketing, "finish")
    step(marketing, "summarise", 422, summary="", cost="1")
    step(marketing, "summarise", 422, summary="好", cost="-1")
    step(marketing, "summarise", summary="合格线索多", cost="98000.50")
    row.refresh_from_db()
    assert row.status == "summarised" and row.cost == Decimal("98000.50")
    assert marketing.post(f"/campaigns/{row.pk}/edit/", {"name": "改名", "type": "advert", "_version": row.version, "_once": once()}).status_code == 422
    assert "合格线索多" in marketing.get(f"/campaigns/{row.pk}/").content.decode()


def test_nobody_approves_their_own_campaign(make, people):
    row = make.campaign("manager_east")
    with pytest.raises(Refused):
        actions.approve_campaign(row, by=people["manager_east"])
    actions.approve_campaign(row, by=people["sales_head"])


def test_leads_of_a_campaign_are_counted_within_rights(make, people, sign_in):
    row = make.campaign(cost=Decimal("1000"), goal_leads=10)
    rows = [make.lead("rep", campaign=row) for _i in range(3)] + [make.lead("rep_south", campaign=row)]
    actions.mark_converted(rows[0], customer=make.customer("rep"), by=people["rep"])
    actions.invalidate_leads([rows[1]], reason="spam", by=people["rep"])
    whole = figures.of_campaign(row, people["marketing"])
    assert (whole.all, whole.converted, whole.rate, whole.per_lead) == (4, 1, Decimal("0.25"), Decimal("250.00"))
    assert figures.of_campaign(row, people["rep"]).all == 3
    page = sign_in("marketing").get(f"/campaigns/{row.pk}/").content.decode()
    assert "25" in page and "250.00" in page and f"campaign={row.pk}&amp;status=converted" in page
    tab = sign_in("rep").get(f"/campaigns/{row.pk}/leads/").content.decode()
    assert rows[2].company in tab and rows[3].company not in tab


def test_a_lead_is_not_put_under_a_campaign_that_is_over(make, people):
    row = make.campaign()
    actions.cancel_campaign(row, reason="停办", by=people["marketing"])
    with pytest.raises(Refused):
        make.lead("rep", campaign=row)


def test_the_report_adds_up_and_leads_to_its_lists(make, people, sign_in):
    row = make.campaign(cost=Decimal("900"))
    made = [make.lead("rep", source="web"), make.lead("rep", source="exhibition", campaign=row), make.lead("rep_south", source="exhibition", campaign=row)]
    actions.invalidate_leads([made[1]], reason="spam", by=people["rep"])
    client = sign_in("marketing")
    text = client.get("/reports/leads/?by=source").content.decode()
    assert "source=exhibition" in text and "展会" in text
    text = client.get("/reports/leads/?by=campaign").content.decode()
    assert row.name in text and "450.00" in text
    shown = client.get(f"/leads/?source=exhibition&status=invalid&created_at__from={clock.today()}&view=all&columns=name,code").content.decode()
    assert made[1].code in shown and made[0].code not in shown
    assert client.get("/reports/leads/?by=owner").status_code == 200
    assert client.get("/reports/leads/?first=2026-02-30&last=x&by=nonsense").status_code == 200
    assert client.get("/reports/leads/?first=2026-05-02&last=2026-05-01").status_code == 422
    assert made[2].code not in sign_in("rep").get("/leads/?view=all&columns=name,code").content.decode()


def told(code, **values):
    rules.ensure_rules()
    AlertRule.objects.exclude(code=code).update(enabled=False)
    AlertRule.objects.filter(code=code).update(enabled=True, **values)
    jobs.scan_alerts()
    return set(AlertHit.objects.filter(rule__code=code, closed_at=None).values_list("row_id", "receiver__username"))


def test_a_new_lead_must_be_followed_within_a_working_day(make, people):
    with clock.freeze("2026-11-20 16:00"):  # a Friday
        lead = make.lead("rep")
    with clock.freeze("2026-11-22 17:00"):
        assert told("LD01") == set()  # Sunday: no working day has gone
    with clock.freeze("2026-11-23 15:00"):
        assert told("LD01") == set()  # Monday: one hour is left
    with clock.freeze("2026-11-23 17:00"):
        assert told("LD01") == {(lead.pk, "rep")}
        make.activity(of_lead=lead, owner="rep", days=-1)
        assert told("LD01") == set()


def test_a_quiet_lead_and_one_that_waits_are_told(make, people):
    with clock.freeze("2026-11-02 10:00"):
        quiet, planned = make.lead("rep"), make.lead("rep")
        for row in (quiet, planned):
            make.activity(of_lead=row, owner="rep", days=-1)
        waits = make.lead(None, owner_dept=Department.objects.get(code="EAST"))
    with clock.freeze("2026-11-20 10:00"):
        make.activity(of_lead=planned, owner="rep", days=3)
        assert told("LD02") == {(quiet.pk, "rep")}
        assert told("LD03") == {(waits.pk, "manager_east")}


def test_many_leads_change_together(make, people, sign_in, once):
    rows = [make.lead("rep"), make.lead("rep")]
    done = make.lead("rep")
    actions.mark_converted(done, customer=make.customer("rep"), by=people["rep"])
    ids = ",".join(str(row.pk) for row in [*rows, done])
    answer = sign_in("rep").post("/leads/change/?field=source", {"ids": ids, "source": "web", "_once": once()})
    assert answer.status_code == 422  # the converted one is named
    assert set(Lead.objects.filter(source="web").values_list("pk", flat=True)) == {row.pk for row in rows}
    answer = sign_in("rep").post("/leads/invalidate/", {"ids": ",".join(str(row.pk) for row in rows), "reason": "spam", "_once": once()})
    assert answer.status_code == 303 and Lead.objects.filter(status="invalid").count() == 2


def test_the_head_of_a_campaign_tells_only_what_the_roles_leave_open(sign_in, make, people):
    row = make.campaign(place="示例展馆", budget=Decimal("345678"))
    client = sign_in("marketing")

    def head():
        return client.get(f"/campaigns/{row.pk}/").content.decode().split('<nav class="tabs"')[0]

    assert all(text in head() for text in ("负责人", "示例展馆", "345,678"))
    for name in ("owner", "place", "budget"):
        FieldRule.objects.create(role=people["marketing"].roles.first(), kind="campaign", field=name, mode="hide")
    assert not [text for text in ("负责人", "示例展馆", "345,678") if text in head()]


def test_a_draft_says_what_it_waits_for(make, sign_in):
    row = make.campaign("marketing")
    assert "等待批准" in sign_in("marketing").get(f"/campaigns/{row.pk}/").content.decode()
    assert "等待批准" not in sign_in("sales_head").get(f"/campaigns/{row.pk}/").content.decode()  # who may approve has the button
