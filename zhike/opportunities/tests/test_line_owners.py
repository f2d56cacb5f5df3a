"""Owners per product line: they share customer and contacts, not prices."""

from __future__ import annotations

import secrets

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from zhike.activities.models import Activity
from zhike.base.refused import Forbidden, Refused
from zhike.customers import actions
from zhike.customers.models import Address, Contact, Customer, LineOwner
from zhike.opportunities.models import Opportunity
from zhike.org.tokens import create_token
from zhike.people import leaving
from zhike.products.models import ProductLine
from zhike.records import explain, history, ownership

pytestmark = pytest.mark.both


def post(client, url, **values):
    values.setdefault("_once", secrets.token_urlsafe(24))
    return client.post(url, values)


@pytest.fixture
def lines(db):
    return [ProductLine.objects.create(code=f"L{i}", name=name, order=i) for i, name in enumerate(("数控机床", "磨床"))]


@pytest.fixture
def on(people):
    return actions.switch_line_owners(True, by=people["admin"])


@pytest.fixture
def split(on, make, people, lines):
    """A customer of the rep in the east with a colleague of the south for grinding machines, and an opportunity of each line."""
    customer = make.customer("rep", name="示例大客户机械有限公司")
    make.contact(customer, "rep", name="林示例")
    machines = make.opportunity(customer, "rep", name="机床线", product_line=lines[0])
    grinding = make.opportunity(customer, "rep", name="磨床线", product_line=lines[1])
    row = actions.create_line_owners([LineOwner(customer=customer, line=lines[1], owner=people["rep_south"])], by=people["rep"])[0]
    return customer, row, machines, grinding


def test_the_default_is_one_owner(make, people, lines, sign_in):
    customer = make.customer("rep")
    with pytest.raises(Refused) as no:
        actions.create_line_owners([LineOwner(customer=customer, line=lines[0], owner=people["rep_south"])], by=people["rep"])
    assert no.value.code == "line.off"
    assert sign_in("rep").get(f"/customers/{customer.pk}/lines/new/").status_code == 404
    assert "产品线负责人" not in sign_in("rep").get(f"/customers/{customer.pk}/").content.decode()


def test_they_share_the_customer_and_its_contacts_not_prices(split, people):
    customer, _row, machines, grinding = split
    south = people["rep_south"]
    assert Customer.objects.visible_to(south).filter(pk=customer.pk).exists() and Customer.objects.editable_by(south).filter(pk=customer.pk).exists()
    contact = Contact.objects.get(customer=customer)
    assert Contact.objects.editable_by(south).get() == contact
    actions.change_contact(contact, {"job_title": "厂长"}, by=south, version=None)
    assert set(Opportunity.objects.visible_to(south)) == {grinding}
    assert not Opportunity.objects.editable_by(south).exists()  # read like a customer's owner reads
    assert set(Opportunity.objects.visible_to(people["rep"])) == {machines, grinding}  # the customer's owner sees its rows as before
    assert not Customer.objects.visible_to(people["rep_south2"]).filter(pk=customer.pk).exists()


def test_visits_to_other_lines_stay_out_of_sight(split, make, people):
    customer, _row, machines, grinding = split
    plain = make.activity(customer, "rep")
    make.activity(customer, "rep", opportunity=machines)
    of_line = make.activity(customer, "rep", opportunity=grinding)
    assert set(Activity.objects.visible_to(people["rep_south"])) == {plain, of_line}


def test_they_open_opportunities_of_their_line_only(split, make, people, lines):
    customer, *_rest = split
    made = make.opportunity(customer, "rep_south", name="磨床二期")
    assert made.product_line == lines[1] and made.owner.username == "rep_south"
    with pytest.raises(Refused) as no:
        make.opportunity(customer, "rep_south", name="机床二期", product_line=lines[0])
    assert no.value.field == "product_line" and "磨床" in str(no.value.message)
    from zhike.opportunities.actions import change_opportunity

    with pytest.raises(Refused):
        change_opportunity(made, {"product_line": lines[0]}, by=people["rep_south"], version=None)


def test_through_the_pages(split, sign_in, lines, people):
    customer, row, machines, grinding = split
    south, rep = sign_in("rep_south"), sign_in("rep")
    page = south.get(f"/customers/{customer.pk}/").content.decode()
    assert "磨床: 郑春生" in page and f"/customers/{customer.pk}/lines/new/" not in page
    assert south.get(f"/opportunities/{machines.pk}/").status_code == 404 and south.get(f"/opportunities/{grinding.pk}/").status_code == 200
    page = rep.get(f"/customers/{customer.pk}/").content.decode()
    assert f"/customers/{customer.pk}/lines/new/" in page and f"/customers/{customer.pk}/lines/{row.pk}/" in page
    assert "磨床" in rep.get(f"/customers/{customer.pk}/lines/new/").content.decode()
    twice = post(rep, f"/customers/{customer.pk}/lines/new/", line=lines[1].pk, owner=people["rep_west"].pk)
    assert twice.status_code == 422 and "已有负责人" in twice.content.decode()
    nothing = post(rep, f"/customers/{customer.pk}/lines/new/", owner=people["rep_west"].pk)
    assert nothing.status_code == 422
    assert post(rep, f"/customers/{customer.pk}/lines/new/", line=lines[0].pk, owner=people["rep_west"].pk).status_code in (204, 302, 303)
    assert post(rep, f"/customers/{customer.pk}/lines/{row.pk}/", line=lines[1].pk, owner=people["rep_south2"].pk, _version=row.version).status_code in (204, 302, 303)
    assert south.get(f"/customers/{customer.pk}/").status_code == 404
    assert post(rep, f"/customers/{customer.pk}/lines/{row.pk}/end/").status_code in (204, 302, 303)
    assert [line.owner.username for line in LineOwner.objects.select_related("owner")] == ["rep_west"]
    told = [entry.action for entry in history.of(customer)]
    assert told.count("line") == 4
    assert rep.get(f"/customers/{customer.pk}/lines/987654/").status_code == 404


def test_the_owner_of_a_line_gives_neither_line_nor_customer_away(split, people, sign_in):
    customer, row, *_rest = split
    south = people["rep_south"]
    for act in (
        lambda: ownership.transfer_rows([customer], to=people["rep_west"], by=south),
        lambda: actions.hand_line(row, to=people["rep_west"], by=south),
        lambda: ownership.transfer_rows([row], to=people["rep_west"], by=south),
        lambda: actions.end_line(row, by=south),
        lambda: actions.create_line_owners([LineOwner(customer=customer, line=row.line, owner=people["rep_west"])], by=south),
    ):
        with pytest.raises((Refused, Forbidden, Http404)):
            act()
    customer.refresh_from_db()
    row.refresh_from_db()
    assert customer.owner.username == "rep" and row.owner_id == south.pk


def test_the_owner_hands_a_line_over_and_why_is_said(split, people):
    customer, row, _machines, grinding = split
    seers = {seer.user.username: [reason.why for reason in seer.reasons] for seer in explain.who_sees(customer)}
    assert seers["rep_south"] == ["line"]
    assert "line-opportunity" in {reason.why for seer in explain.who_sees(grinding) if seer.user.username == "rep_south" for reason in seer.reasons}
    with pytest.raises(Refused):
        actions.hand_line(row, to=people["rep"], by=people["rep"])  # owns the whole already
    actions.hand_line(row, to=people["rep_west"], by=people["rep"])
    assert not Customer.objects.visible_to(people["rep_south"]).filter(pk=customer.pk).exists()
    assert Customer.objects.visible_to(people["rep_west"]).filter(pk=customer.pk).exists()


def test_a_leaver_hands_lines_over(split, people):
    customer, row, *_rest = split
    south = people["rep_south"]
    assert {kind.name: n for kind, n in leaving.still_open(south)} == {"line_owner": 1}
    plan = leaving.make_plan(south, {"line_owner.open": str(people["rep_south2"].pk)}, [people["rep_south2"].pk], by=people["admin"])
    assert plan.given == [("line_owner", row.pk, people["rep_south2"].pk)]
    ownership.transfer_rows([row], to=people["rep_south2"], by=people["admin"], checked=True)
    assert Customer.objects.visible_to(people["rep_south2"]).filter(pk=customer.pk).exists()


def test_a_plant_of_its_own(on, make, people):
    customer = make.customer("rep")
    plant, far = actions.create_addresses([Address(customer=customer, text="示例路 8 号", kind="installation"),
                                           Address(customer=customer, text="示例路 9 号", kind="installation")], by=people["rep"])
    row = actions.create_line_owners([LineOwner(customer=customer, address=plant, owner=people["rep_west"])], by=people["rep"])[0]
    assert str(row) == "示例路 8 号"
    made = make.opportunity(customer, "rep_west", name="工厂改造")
    assert made.product_line is None
    with pytest.raises(Refused):
        actions.remove_address(customer, plant, by=people["rep"])
    actions.remove_address(customer, far, by=people["rep"])
    other = make.customer("rep")
    with pytest.raises(Refused):
        actions.create_line_owners([LineOwner(customer=other, address=plant, owner=people["rep_west"])], by=people["rep"])


def test_programs(split, client, people, lines):
    customer, row, *_rest = split
    token = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    found = client.get(f"/api/v1/line-owners?customer={customer.pk}", headers=token).json()
    assert [one["id"] for one in found["items"]] == [row.pk]
    customer.refresh_from_db()
    send = {"content_type": "application/json", "headers": {**token, "If-Match": f'"{customer.version}"'}}
    made = client.post(f"/api/v1/customers/{customer.pk}/add-line-owner", {"line": lines[0].pk, "owner": people["rep_west"].pk}, **send)
    assert made.status_code == 200, made.content
    assert LineOwner.objects.get(line=lines[0]).owner.username == "rep_west"


def test_lists_ask_no_more_than_before(split, make, people, sign_in):
    """Switched on, a list takes the same number of queries; switched off, its SQL is what it was."""
    rep = sign_in("rep_east2")

    def asked():
        rep.get("/customers/")  # what is kept for a while is kept
        with CaptureQueriesContext(connection, ) as seen:
            assert rep.get("/customers/").status_code == 200
        return seen.captured_queries

    with_lines = asked()
    actions.switch_line_owners(False, by=people["admin"])
    without = asked()
    assert len(with_lines) == len(without)
    assert any("lineowner" in query["sql"] for query in with_lines) and not any("lineowner" in query["sql"] for query in without)
    assert not Customer.objects.visible_to(people["rep_south"]).exists()  # off: only the owner counts


def test_merging_two_with_the_same_line_says_so(split, make, people, lines):
    customer, row, *_rest = split
    other = make.customer("rep")
    actions.create_line_owners([LineOwner(customer=other, line=lines[1], owner=people["rep_west"])], by=people["rep"])
    with pytest.raises(Refused) as no:
        actions.merge_rows(customer, [other], by=people["admin"])
    assert no.value.code == "merge.once"
