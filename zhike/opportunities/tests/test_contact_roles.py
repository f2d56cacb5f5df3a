"""What contacts are to one opportunity may differ from what they are at the customer."""

from __future__ import annotations

import secrets

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.base.refused import Refused
from zhike.collab.actions.trash import restore_row, trash_row
from zhike.customers import actions as customers
from zhike.opportunities import contact_roles
from zhike.opportunities.actions import lose_opportunity
from zhike.opportunities.models import Opportunity, OpportunityContact
from zhike.org.tokens import create_token
from zhike.records import history

pytestmark = pytest.mark.both


def post(client, url, **values):
    return client.post(url, {"_once": secrets.token_urlsafe(24), **values})


@pytest.fixture
def deal(make):
    customer = make.customer("rep")
    chief = make.contact(customer, "rep", name="钱厂长", decision_role="decider", attitude="support", influence=5)
    buyer = make.contact(customer, "rep", name="孙采购", decision_role="buyer")
    return make.opportunity(customer, "rep"), chief, buyer


def known():
    return set(Opportunity.objects.filter(contact_roles.decider_known()))


def test_defaults_come_from_the_contact_and_differ_where_said(deal, people):
    row, chief, buyer = deal
    rep = people["rep"]
    assert contact_roles.deciders(row) == [chief] and known() == {row}
    contact_roles.set_contact_role(row, chief, decision_role="influencer", attitude="oppose", by=rep)
    assert contact_roles.deciders(row) == [] and known() == set()
    contact_roles.set_contact_role(row, buyer, decision_role="decider", by=rep)
    assert contact_roles.deciders(row) == [buyer] and known() == {row}
    contact_roles.set_contact_role(row, buyer, decision_role="decider", involved=False, by=rep)
    assert known() == set()
    # Saying nothing at all is as at the customer again.
    assert contact_roles.set_contact_role(row, chief, by=rep) is None and known() == {row}
    customers.change_contact(chief, {"left": True}, by=rep, version=None)
    assert known() == set() and contact_roles.deciders(row) == []
    assert [entry.action for entry in history.of(row)].count("contact") == 4


def test_what_is_refused(deal, make, people):
    row, chief, _buyer = deal
    stranger = make.contact(make.customer("rep"), "rep")
    rep = people["rep"]
    with pytest.raises(Refused) as no:
        contact_roles.set_contact_role(row, stranger, decision_role="decider", by=rep)
    assert no.value.field == "contact"
    with pytest.raises(Refused):
        contact_roles.set_contact_role(row, chief, decision_role="emperor", by=rep)
    with pytest.raises(Refused):
        contact_roles.set_contact_role(row, chief, influence=9, by=rep)
    lose_opportunity(row, reason="price", lost_to="无", remark="示例", by=rep)
    with pytest.raises(Refused):
        contact_roles.set_contact_role(row, chief, decision_role="buyer", by=rep)


def test_map_card_and_figure_on_the_pages(deal, sign_in):
    row, chief, buyer = deal
    rep = sign_in("rep")
    page = rep.get(f"/opportunities/{row.pk}/map/").content.decode()
    assert f"/opportunities/{row.pk}/people/{chief.pk}/" in page and "仅本商机" not in page
    assert post(rep, f"/opportunities/{row.pk}/people/{buyer.pk}/", decision_role="coach", attitude="oppose", involved="on").status_code in (204, 302, 303)
    page = rep.get(f"/opportunities/{row.pk}/map/").content.decode()
    assert "仅本商机" in page and "内线" in page and "反对" in page
    of_customer = rep.get(f"/customers/{row.customer_id}/map/").content.decode()
    assert "内线" not in of_customer
    page = rep.get(f"/opportunities/{row.pk}/").content.decode()
    assert "商机联系人" in page and "孙采购" in page and "钱厂长" in page  # the decider stands in the head
    wrong = post(rep, f"/opportunities/{row.pk}/people/new/", contact="", decision_role="x")
    assert wrong.status_code == 422
    assert sign_in("rep_south").get(f"/opportunities/{row.pk}/people/{buyer.pk}/").status_code == 404
    assert rep.get(f"/opportunities/{row.pk}/people/987654/").status_code == 404


def test_lists_by_decider(deal, make, sign_in, people):
    row, _chief, _buyer = deal
    other = make.opportunity(make.customer("rep"), "rep", name="无决策人")
    rep = sign_in("rep")
    yes, no = (rep.get(f"/opportunities/?decider={value}").content.decode() for value in ("yes", "no"))
    assert row.name in yes and other.name not in yes and other.name in no
    assert other.name in rep.get("/opportunities/?people=no").content.decode()


def test_programs_read_and_set(deal, client, people):
    row, chief, _buyer = deal
    token = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    row.refresh_from_db()
    done = client.post(f"/api/v1/opportunities/{row.pk}/set-contact", {"contact": chief.pk, "decision_role": "approver", "involved": True},
                       content_type="application/json", headers={**token, "If-Match": f'"{row.version}"'})
    assert done.status_code == 200, done.content
    read = client.get(f"/api/v1/opportunities/{row.pk}?expand=people", headers=token).json()
    assert read["people"][0]["decision_role"] == "approver" and read["people"][0]["contact"]["id"] == chief.pk


def test_it_goes_with_the_contact_into_the_trash_and_through_a_merge(deal, make, people):
    row, chief, buyer = deal
    admin = people["admin"]
    contact_roles.set_contact_role(row, chief, decision_role="approver", by=admin)
    kept = trash_row(chief, by=admin)
    assert not OpportunityContact.objects.exists()
    restore_row(kept, by=admin)
    assert OpportunityContact.objects.get().decision_role == "approver"
    contact_roles.set_contact_role(row, buyer, decision_role="coach", by=admin)
    made = customers.merge_rows(buyer, [chief], by=admin)
    assert OpportunityContact.objects.get().contact_id == buyer.pk and OpportunityContact.objects.get().decision_role == "coach"
    customers.undo_merge(made, by=admin)
    assert {(one.contact_id, one.decision_role) for one in OpportunityContact.objects.all()} == {(chief.pk, "approver"), (buyer.pk, "coach")}


def test_the_page_asks_no_more_for_many(deal, make, sign_in):
    row, _chief, _buyer = deal
    rep = sign_in("rep")

    def asked():
        with CaptureQueriesContext(connection) as seen:
            assert rep.get(f"/opportunities/{row.pk}/map/").status_code == 200
        return len(seen.captured_queries)

    rep.get(f"/opportunities/{row.pk}/map/")
    before = asked()
    for i in range(8):
        one = make.contact(row.customer, "rep", name=f"示例{i}")
        OpportunityContact.objects.create(opportunity=row, contact=one, decision_role="user")
    assert asked() == before
