"""Who works along on a customer: what a team lets in to and what not, the customer's owner, and no contact data
without the right to contacts; sentence by sentence of the specification (1.4), through pages and API."""

from __future__ import annotations

import pytest
from django.urls import reverse

from zhike.customers.models import Contact
from zhike.opportunities.models import Opportunity
from zhike.org.models import Role, RolePermission, Scope, User
from zhike.org.tokens import create_token
from zhike.records import registry
from zhike.records.teams import share_row

from . import canaries

pytestmark = pytest.mark.long

LEVELS = ("read", "write")


@pytest.fixture
def shared(make, people):
    """A customer of rep with rep_south in its team; things of rep, of rep_east2 and of the desk hang on it."""
    customer = make.customer("rep", name="协作试验机床有限公司")
    found = {
        "customer": customer, "contact": make.contact(customer, "rep", name="韩协作"), "hidden": make.opportunity(customer, "rep", name="负责人商机"),
        "other": make.opportunity(customer, "rep_east2", name="他人商机"), "visit": make.activity(customer, "rep", subject="客户拜访"),
        "foreign": make.contact(customer, "desk", name="客服建联系人"),
    }
    found["inside"] = make.activity(customer, "rep", opportunity=found["hidden"], subject="商机内拜访")
    found["errand"] = make.task("manager_east", "rep_east2", customer=customer, title="他人任务")
    return found


def url(row, more=""):
    return registry.kind(row.KIND).url(row) + more


def ask(client, user, method, address, body=None):
    token = create_token(user, scope="write")
    return client.generic(method, f"/api/v1/{address}", data=body or "", content_type="application/json",
                          headers={"Authorization": f"Bearer {token}", "If-Match": '"1"'})


@pytest.mark.parametrize("level", LEVELS)
def test_a_collaborator_sees_the_contacts_and_cannot_change_them(level, shared, people, sign_in, once, client):
    share_row(shared["customer"], [people["rep_south"]], level=level, by=people["rep"])
    guest, contact = sign_in("rep_south"), shared["contact"]
    assert contact.name in guest.get(url(shared["customer"], "contacts/"), headers={"HX-Request": "true"}).content.decode()
    assert guest.get(url(contact)).status_code == 200
    assert contact.name in guest.get("/contacts/?view=all").content.decode()
    for action in ("edit", "transfer-one", "delete", "primary", "share"):
        assert guest.get(reverse(f"contact-{action}", args=[contact.pk])).status_code == 403, action
        assert guest.post(reverse(f"contact-{action}", args=[contact.pk]), {"_once": once(), "_version": "1"}).status_code == 403, action
    bulk = guest.post("/contacts/change/?field=title", {"_once": once(), "ids": contact.pk, "title": "厂长"})
    assert bulk.status_code in (403, 422)
    assert ask(client, people["rep_south"], "PATCH", f"contacts/{contact.pk}", '{"name": "改名"}').status_code == 403
    assert ask(client, people["rep_south"], "GET", f"contacts/{contact.pk}").status_code == 200
    contact.refresh_from_db()
    assert (contact.name, contact.version) == ("韩协作", 1)
    edits = guest.get(url(shared["customer"], "edit/")).status_code
    assert edits == (200 if level == "write" else 403)


@pytest.mark.parametrize("level", LEVELS)
def test_a_collaborator_uses_them_in_own_opportunities(level, shared, people, sign_in, once):
    share_row(shared["customer"], [people["rep_south"]], level=level, by=people["rep"])
    guest, customer, contact = sign_in("rep_south"), shared["customer"], shared["contact"]
    found = guest.get(reverse("lookup", args=["contact"]) + f"?customer={customer.pk}").json()["items"]
    assert str(contact.pk) in {str(item["value"]) for item in found}
    got = guest.post("/opportunities/new/", {"_once": once(), "name": "协作人商机", "customer": customer.pk, "contact": contact.pk,
                                             "type": "new_project", "amount": "1000", "expected_sign_date": "2099-01-01"})
    assert got.status_code == 303, got.content.decode()[-800:]
    made = Opportunity.objects.get(name="协作人商机")
    assert (made.owner.username, made.contact) == ("rep_south", contact)
    # The customer's owner sees it, and does not change it.
    host = sign_in("rep")
    assert host.get(url(made)).status_code == 200 and host.get(url(made, "edit/")).status_code == 403


@pytest.mark.parametrize("level", LEVELS)
def test_opportunities_of_several_owners_stay_hidden_from_each_other(level, shared, people, sign_in, client):
    guest, user = sign_in("rep_south"), people["rep_south"]
    share_row(shared["customer"], [user], level=level, by=people["rep"])
    for row in (shared["hidden"], shared["other"], shared["inside"]):
        name = str(getattr(row, "name", "") or row.subject)
        for address in (url(row), url(row, "edit/"), url(row, "history/"), reverse("who-sees", args=[row.KIND, row.pk])):
            assert guest.get(address).status_code == 404, address
        slug = registry.kind(row.KIND).slug
        assert ask(client, user, "GET", f"{slug}/{row.pk}").status_code == 404
        for address in (f"/{slug}/?view=all", url(shared["customer"]), url(shared["customer"], "opportunities/"),
                        url(shared["customer"], "activities/"), "/", f"/palette/?q={name}", reverse("opportunity-board"),
                        reverse("lookup", args=[row.KIND])):
            got = guest.get(address, headers={"HX-Request": "true"})
            assert name not in got.content.decode().replace(f"q={name}", ""), address
    assert guest.get(url(shared["visit"])).status_code == 200  # a visit to the customer itself
    # Nor does one owner see the other's.
    assert sign_in("rep_east2").get(url(shared["hidden"])).status_code == 404
    # Shared by itself it is seen, with what hangs on it.
    share_row(shared["hidden"], [user], level=level, by=people["rep"])
    for row in (shared["hidden"], shared["inside"]):
        assert guest.get(url(row)).status_code == 200
        assert guest.get(url(row, "edit/")).status_code == (200 if level == "write" else 403)


def test_the_customers_owner_sees_everything_attached_and_changes_none_of_it(shared, people, sign_in, once, client):
    host = sign_in("rep")
    for row in (shared["other"], shared["foreign"], shared["errand"]):
        assert host.get(url(row)).status_code == 200, row
        assert str(row) in host.get(f"{registry.kind(row.KIND).list_url()}?view=all").content.decode()
        for action in ("edit/", "transfer/"):
            assert host.get(url(row, action)).status_code == 403, (row, action)
        assert host.post(url(row, "edit/"), {"_once": once(), "_version": "1"}).status_code == 403
        slug = registry.kind(row.KIND).slug
        assert ask(client, people["rep"], "GET", f"{slug}/{row.pk}").status_code == 200
        assert ask(client, people["rep"], "PATCH", f"{slug}/{row.pk}", "{}").status_code == 403


def test_why_it_is_seen_stands_in_words(shared, people, sign_in):
    share_row(shared["customer"], [people["rep_south"]], role="presales", by=people["rep"])
    User.objects.filter(username__in=("rep", "rep_south")).update(language="en")
    text = sign_in("rep_south").get(reverse("who-sees", args=["contact", shared["contact"].pk])).content.decode()
    assert f"In the team of the customer {shared['customer']} (presales, read only)" in text
    text = sign_in("rep").get(reverse("who-sees", args=["opportunity", shared["other"].pk])).content.decode()
    assert f"Owner of the customer {shared['customer']}" in text


@pytest.fixture
def blind(people):
    """A colleague who sees every customer, opportunity, activity and task, and no contact."""
    role = Role.objects.create(code="NOCON", name_zh="无联系人", name_en="no contacts", order=98)
    for kind in ("customer", "opportunity", "activity", "task"):
        RolePermission.objects.bulk_create(RolePermission(role=role, kind=kind, action=action) for action in ("view", "edit", "add", "export"))
        Scope.objects.create(role=role, kind=kind, level="all", edit_level="all")
    people["warehouse"].roles.set([role])
    return people["warehouse"]


def plant_contacts(planted):
    """Opportunities and activities with a contact, their history telling of it."""
    from zhike.records import history

    for (kind, _pk), row in list(planted.rows.items()):
        if kind in ("opportunity", "activity"):
            row.contact = Contact.objects.filter(customer=row.customer).first()
            row.save()
            history.log(row, "edit", by=row.owner, diff={"contact": (None, row.contact)})


def meets_contacts(planted, client, user, areas=canaries.AREAS):
    """Markers of contacts that anything this person can read shows."""
    theirs = {marker for marker, (kind, _pk, _name) in planted.markers.items() if kind == "contact"}
    token, found, read = create_token(user), [], 0
    for area, address, headers in canaries.addresses(planted, areas):
        more = {"Authorization": f"Bearer {token}"} if area == "api" else headers
        got = client.get(address, headers=more)
        assert got.status_code < 500, address
        body = (b"".join(got.streaming_content) if got.streaming else got.content).decode()
        asked = set(canaries.MARKER.findall(address))
        found += [(address, planted.markers[m]) for m in (set(canaries.MARKER.findall(body)) & theirs) - asked]
        read += got.status_code == 200
    for kind in ("opportunity", "activity"):
        got = client.get(reverse(f"{kind}-export") + "?view=all&format=csv")
        body = b"".join(got.streaming_content if got.streaming else [got.content]).decode("utf-8", "replace")
        assert got.status_code == 200
        found += [(f"{kind} export", planted.markers[m]) for m in set(canaries.MARKER.findall(body)) & theirs]
    return found, read


def test_without_the_right_to_contacts_no_contact_data_anywhere(make, people, blind, sign_in, monkeypatch):
    planted = canaries.plant_all(make)
    plant_contacts(planted)
    client = sign_in("warehouse", raise_request_exception=False)
    found, read = meets_contacts(planted, client, blind)
    assert not found, found
    assert read > 300
    # The crawl is alive: with links open again it goes red.
    from zhike.org import access

    monkeypatch.setattr(access, "personal", set())
    assert meets_contacts(planted, sign_in("warehouse", raise_request_exception=False), people["warehouse"], ("lists", "records"))[0]
