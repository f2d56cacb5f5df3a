"""A lead becomes a customer, a contact and an opportunity: by the page, by programs, in parallel, and back."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client

from zhike.activities.actions import log_activity
from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.collab.actions.trash import restore_row, trash_row
from zhike.collab.actions.trash_many import restore_rows, trash_rows
from zhike.collab.models import Comment, Tag, TagLink
from zhike.customers.models import Contact, Customer, ReachKey
from zhike.customers.models.matching import NameKey
from zhike.leads.models import Lead
from zhike.marketing import actions
from zhike.marketing.models import LeadConversion
from zhike.opportunities.models import Opportunity
from zhike.records import registry
from zhike.records.models import HistoryEntry, SearchEntry

pytestmark = pytest.mark.django_db
FIRM = "华东示例精密铸造有限公司"


@pytest.fixture
def lead(make):
    return make.lead(
        "rep", name="林访客", company=FIRM, job_title="设备科长", mobile="13800007701", phone="0512-66660001", email="lin@huadong-cast.example",
        wechat="lin_fk", website="https://www.huadong-cast.example", region_id=320500, address="示例路 8 号", industry="metal", source="exhibition",
        interest="五轴加工中心", need="两台，带自动上下料", amount=Decimal("1200000"), expected_on=clock.today() + timedelta(days=60), remark="展台二号",
    )


def filled(client, lead, customer="new", **more):
    """What the page offers, as a browser would send it back."""
    page = client.get(f"/leads/{lead.pk}/convert/", {"customer": customer} if customer != "new" else {})
    assert page.status_code == 200
    data = {"_version": str(lead.version), "_customer": str(customer), "contact_choice": "new", "with_opportunity": "on"}
    context = fields_of(page.content.decode())
    return {**context, **data, **more}


def fields_of(html):
    from html.parser import HTMLParser

    found = {}

    class Reader(HTMLParser):
        form = text = select = None

        def handle_starttag(self, tag, attrs):
            got = dict(attrs)
            if tag == "form":
                self.form = got.get("id")
            if self.form != "form":
                return
            name, kind = got.get("name"), got.get("type", "text")
            if tag == "input" and name and name not in ("csrfmiddlewaretoken",) and (kind not in ("checkbox", "radio") or "checked" in got):
                found[name] = got.get("value", "on" if kind == "checkbox" else "")
            elif tag == "textarea":
                self.text = name
                found[name] = ""
            elif tag == "select":
                self.select = name
                found.setdefault(name, "")
            elif tag == "option" and self.select and "selected" in got:
                found[self.select] = got.get("value", "")

        def handle_endtag(self, tag):
            if tag in ("textarea", "select"):
                self.text = self.select = None

        def handle_data(self, data):
            if self.text:
                found[self.text] += data.lstrip("\n")

    Reader().feed(html)
    return found


def test_everything_goes_along_into_new_records(sign_in, people, lead, once):
    rep = people["rep"]
    done = log_activity(lead=lead, type="phone", content="约了下周看样机", result="has_demand", next_contact_at=clock.now() + timedelta(days=2), by=rep)
    comment = Comment.objects.create(kind="lead", row_id=lead.pk, text="预算已批", created_at=clock.now(), created_by=rep)
    Comment.objects.create(kind="lead", row_id=lead.pk, parent=comment, text="好", created_at=clock.now(), created_by=people["manager_east"])
    word = {kind: Tag.objects.create(kind=kind, name="展会重点", key="展会重点", created_at=clock.now()) for kind in ("lead", "customer")}
    TagLink.objects.create(tag=word["lead"], kind="lead", row_id=lead.pk)
    lead.refresh_from_db()
    client = sign_in("rep")
    data = filled(client, lead, **{"opportunity-name": "五轴两台"})
    assert data["customer-name"] == FIRM and data["contact-mobile"] == "13800007701" and data["line-text"] == "五轴加工中心"
    answer = client.post(f"/leads/{lead.pk}/convert/", data)
    assert answer.status_code == 303, fields_of(answer.content.decode())
    found = LeadConversion.objects.get(lead=lead)
    customer, contact, opportunity = found.customer, found.contact, found.opportunity
    assert answer.url == f"/opportunities/{opportunity.pk}/"
    assert (customer.name, customer.region_id, customer.address, customer.phone, customer.industry, customer.source, customer.website, customer.remark) == (
        FIRM, 320500, "示例路 8 号", "0512-66660001", "metal", "exhibition", "https://www.huadong-cast.example", "展台二号")
    assert (contact.name, contact.job_title, contact.mobile, contact.email, contact.wechat, contact.primary) == (
        "林访客", "设备科长", "13800007701", "lin@huadong-cast.example", "lin_fk", True)
    assert (opportunity.name, opportunity.amount, opportunity.source, opportunity.contact_id, opportunity.demand) == (
        "五轴两台", Decimal("1200000"), "exhibition", contact.pk, "两台，带自动上下料")
    assert opportunity.expected_sign_date == lead.expected_on
    assert [(line.text, line.quantity) for line in opportunity.lines.all()] == [("五轴加工中心", Decimal(1))]
    assert {row.owner_id for row in (customer, contact, opportunity)} == {rep.pk} and customer.lifecycle == "opportunity"
    lead.refresh_from_db()
    assert (lead.status, lead.customer_id, lead.contact_id, lead.converted_by_id) == ("converted", customer.pk, contact.pk, rep.pk)
    for row in Activity.objects.filter(lead=lead):
        assert (row.customer_id, row.contact_id, row.opportunity_id) == (customer.pk, contact.pk, opportunity.pk)
    assert Customer.objects.get(pk=customer.pk).facts.last_contact_at == done.at
    for url in (f"/customers/{customer.pk}/", f"/opportunities/{opportunity.pk}/activities/", f"/leads/{lead.pk}/"):
        assert "约了下周看样机" in client.get(url).content.decode(), url
    said = list(Comment.objects.filter(kind="opportunity", row_id=opportunity.pk).order_by("pk"))
    assert [one.text for one in said] == ["预算已批", "好"] and said[1].parent_id == said[0].pk
    assert TagLink.objects.filter(kind="customer", row_id=customer.pk, tag=word["customer"]).exists()
    page = client.get(f"/leads/{lead.pk}/").content.decode()
    assert f"/customers/{customer.pk}/" in page and f"/opportunities/{opportunity.pk}/" in page
    assert f"/leads/{lead.pk}/" in client.get(f"/customers/{customer.pk}/").content.decode()
    assert HistoryEntry.objects.filter(kind="customer", row_id=customer.pk, action="from-lead").exists()


def test_a_known_customer_is_shown_and_taken_instead_of_a_twin(sign_in, make, lead):
    known = make.customer("rep", name=FIRM)
    there = make.contact(known, "rep", name="林访客", mobile="13800007701")
    client = sign_in("rep")
    page = client.get(f"/leads/{lead.pk}/convert/").content.decode()
    assert f'name="_choose" value="{known.pk}"' in page
    data = filled(client, lead, known.pk)
    assert data["contact_choice"] == "new" and f'value="{there.pk}"' in client.get(f"/leads/{lead.pk}/convert/?customer={known.pk}").content.decode()
    answer = client.post(f"/leads/{lead.pk}/convert/", {**data, "contact_choice": str(there.pk)})
    assert answer.status_code == 303
    found = LeadConversion.objects.get(lead=lead)
    assert (found.customer_id, found.contact_id, found.made) == (known.pk, there.pk, ["opportunity"])
    assert Customer.objects.filter(name=FIRM).count() == 1


def test_another_choice_of_the_customer_keeps_what_was_typed(sign_in, make, lead):
    known, client = make.customer("rep", name=FIRM), sign_in("rep")
    data = filled(client, lead, **{"customer-name": "改过的名字", "contact-job_title": "总工", "opportunity-name": "改过的商机", "line-text": "改过的需求"})
    there = client.post(f"/leads/{lead.pk}/convert/", {**data, "_choose": str(known.pk), "opportunity-amount": "半"})
    page = there.content.decode()
    now = fields_of(page)
    assert there.status_code == 200 and now["_customer"] == str(known.pk) and "fe" not in re.findall(r'class="(\w+)"', page)
    assert (now["contact-job_title"], now["opportunity-name"], now["line-text"], now["opportunity-amount"]) == ("总工", "改过的商机", "改过的需求", "半")
    back = fields_of(client.post(f"/leads/{lead.pk}/convert/", {**now, "_choose": "new"}).content.decode())
    assert back["_customer"] == "new" and back["customer-name"] == "改过的名字" and back["contact-job_title"] == "总工"
    other = fields_of(client.post(f"/leads/{lead.pk}/convert/", {**back, "_choose": "other", "_other": str(known.pk)}).content.decode())
    assert other["_customer"] == str(known.pk)
    assert client.post(f"/leads/{lead.pk}/convert/", {**back, "_choose": "other"}).status_code == 422
    for wrong in ("x", "9" * 30, str(make.customer("rep_south").pk)):
        assert client.post(f"/leads/{lead.pk}/convert/", {**back, "_choose": wrong}).status_code == 404
    assert not LeadConversion.objects.exists() and client.post(f"/leads/{lead.pk}/convert/", {**other, "opportunity-amount": "5"}).status_code == 303
    made = LeadConversion.objects.get()
    assert made.customer_id == known.pk and made.contact.job_title == "总工" and made.opportunity.name == "改过的商机"


def test_a_contact_that_a_lead_became_is_deleted_and_comes_back(sign_in, people, lead):
    client, rep = sign_in("rep"), people["rep"]
    data = filled(client, lead)
    del data["with_opportunity"]
    assert client.post(f"/leads/{lead.pk}/convert/", data).status_code == 303
    found = LeadConversion.objects.get()
    contact = found.contact
    gone = trash_row(contact, by=rep)
    found.refresh_from_db()
    lead.refresh_from_db()
    assert found.contact is None and lead.contact is None and client.get(f"/leads/{lead.pk}/").status_code == 200
    restore_row(gone, by=rep)
    found.refresh_from_db()
    lead.refresh_from_db()
    assert found.contact_id == lead.contact_id == contact.pk
    gone, kept = trash_rows(registry.kind("contact"), [Contact.objects.get(pk=contact.pk)], by=rep)
    found.refresh_from_db()
    assert len(gone) == 1 and not kept and found.contact is None
    assert restore_rows(registry.kind("contact"), [contact.pk], by=rep)[0] == 1
    found.refresh_from_db()
    assert found.contact_id == contact.pk


def test_a_lead_whose_conversion_was_taken_back_can_be_deleted(sign_in, people, lead):
    client, rep = sign_in("rep"), people["rep"]
    assert client.post(f"/leads/{lead.pk}/convert/", filled(client, lead)).status_code == 303
    with pytest.raises(Refused):  # what it became names it
        trash_row(Lead.objects.get(pk=lead.pk), by=people["admin"])
    actions.undo_last_conversion(Lead.objects.get(pk=lead.pk), by=rep)
    gone = trash_row(Lead.objects.get(pk=lead.pk), by=people["admin"])
    assert not LeadConversion.objects.exists()
    restore_row(gone, by=people["admin"])
    assert LeadConversion.objects.get().lead_id == lead.pk


def test_a_second_firm_of_the_same_name_asks_first_and_keeps_what_was_typed(sign_in, make, lead):
    make.customer("rep", name=FIRM)
    client = sign_in("rep")
    data = filled(client, lead, **{"opportunity-name": "照旧要办"})
    answer = client.post(f"/leads/{lead.pk}/convert/", data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "照旧要办" in page and 'name="despite"' in page
    assert not LeadConversion.objects.exists() and Customer.objects.filter(name=FIRM).count() == 1
    assert client.post(f"/leads/{lead.pk}/convert/", {**fields_of(page), "despite": "on"}).status_code == 303
    assert Customer.objects.filter(name=FIRM).count() == 2


def test_somebody_elses_customer_is_masked_and_its_owner_is_named(sign_in, make, people, lead):
    theirs = make.customer("rep_south", name=FIRM)
    client = sign_in("rep")
    page = client.get(f"/leads/{lead.pk}/convert/").content.decode()
    assert f"?customer={theirs.pk}" not in page and str(people["rep_south"]) in page and "**" in page
    assert client.get(f"/leads/{lead.pk}/convert/", {"customer": theirs.pk}).status_code == 404
    assert client.post(f"/leads/{lead.pk}/convert/", filled(client, lead, _customer=str(theirs.pk))).status_code == 404
    with pytest.raises(Refused):
        actions.convert_as_it_is(lead, customer=theirs, by=people["rep"])
    assert Lead.objects.get(pk=lead.pk).status == "new"


def test_what_the_house_forbids_stays_forbidden(sign_in, make, people, lead):
    from zhike.customers.duplicates import policy

    make.customer("rep_south", name=FIRM)
    policy.change_policy({"name": "forbid"}, by=people["admin"])
    client = sign_in("rep")
    data = filled(client, lead, despite="on")
    answer = client.post(f"/leads/{lead.pk}/convert/", data)
    assert answer.status_code == 422 and 'name="despite"' not in answer.content.decode()
    assert not LeadConversion.objects.exists()


def test_two_tabs_one_conversion(sign_in, lead):
    client = sign_in("rep")
    first, second = filled(client, lead), filled(client, lead)
    done = client.post(f"/leads/{lead.pk}/convert/", first)
    assert done.status_code == 303
    assert client.post(f"/leads/{lead.pk}/convert/", first).url == done.url  # the double click
    late = client.post(f"/leads/{lead.pk}/convert/", second)
    assert late.status_code == 422 and LeadConversion.objects.count() == 1
    assert f"/customers/{LeadConversion.objects.get().customer_id}/" in late.content.decode()


def test_an_old_page_does_not_convert_what_has_changed(sign_in, people, lead):
    from zhike.leads.actions import change_lead

    client = sign_in("rep")
    data = filled(client, lead)
    change_lead(lead, {"remark": "改了"}, by=people["rep"], version=None)
    assert client.post(f"/leads/{lead.pk}/convert/", data).status_code == 409
    with pytest.raises(Conflict):
        actions.convert_as_it_is(lead, by=people["rep"], version=1)


def test_invalid_leads_and_foreign_ones_do_not_convert(sign_in, make, people, lead):
    from zhike.leads.actions import invalidate_leads

    assert sign_in("rep_south").get(f"/leads/{lead.pk}/convert/").status_code == 404
    assert sign_in("auditor").get(f"/leads/{lead.pk}/convert/").status_code == 403
    invalidate_leads([lead], reason="spam", by=people["rep"])
    assert sign_in("rep").get(f"/leads/{lead.pk}/convert/").status_code == 400


def test_whoever_comes_back_to_the_page_is_led_to_what_the_lead_became(sign_in, people, lead):
    actions.convert_as_it_is(lead, by=people["rep"])
    got = sign_in("rep").get(f"/leads/{lead.pk}/convert/")
    assert (got.status_code, got["Location"]) == (303, f"/leads/{lead.pk}/")


def test_an_amount_nobody_knows_is_asked_for(sign_in, make):
    import re

    lead = make.lead("rep", name="林访客", company="示例无额厂", mobile="13800007702", need="两台")
    page = sign_in("rep").get(f"/leads/{lead.pk}/convert/").content.decode()
    field = re.search(r'<input[^>]*name="opportunity-amount"[^>]*>', page)[0]
    assert 'value="' not in field or 'value=""' in field


def test_disabled_and_pooled_customers_are_no_target(make, people, lead):
    from zhike.customers.actions import disable_customer

    off, pooled = make.customer("rep", name="停用示例厂"), make.customer("rep", name="公海示例厂")
    disable_customer(off, by=people["admin"])
    Customer.objects.filter(pk=pooled.pk).update(pool=make.pool(), owner=None)
    for customer in (off, Customer.objects.get(pk=pooled.pk)):
        with pytest.raises(Refused):
            actions.convert_as_it_is(lead, customer=customer, by=people["admin"])


def test_a_manager_converts_for_the_owner_who_is_told(people, lead):
    from zhike.notices.models import Message

    found = actions.convert_as_it_is(lead, with_opportunity=True, by=people["manager_east"])
    assert found.customer.owner == people["rep"] and found.opportunity.owner == people["rep"] and found.by == people["manager_east"]
    assert Message.objects.filter(receiver=people["rep"], text_key="lead.converted").exists()


# Back

def test_it_can_be_taken_back_whole(sign_in, people, lead, once):
    log_activity(lead=lead, type="phone", content="聊过", by=people["rep"])
    Task.objects.all().delete()
    before = (Customer.objects.count(), Contact.objects.count(), Opportunity.objects.count())
    lead.refresh_from_db()
    client = sign_in("rep")
    assert client.post(f"/leads/{lead.pk}/convert/", filled(client, lead)).status_code == 303
    found = LeadConversion.objects.get()
    ids = (found.customer_id, found.contact_id, found.opportunity_id)
    assert client.get(f"/leads/{lead.pk}/unconvert/").status_code == 200
    answer = client.post(f"/leads/{lead.pk}/unconvert/", {"_once": once()})
    assert answer.status_code == 303, answer.content.decode()
    assert (Customer.objects.count(), Contact.objects.count(), Opportunity.objects.count()) == before
    lead.refresh_from_db()
    assert (lead.status, lead.customer_id, lead.contact_id, lead.converted_at) == ("following", None, None, None)
    activity = Activity.objects.get(lead=lead)
    assert (activity.customer_id, activity.contact_id, activity.opportunity_id) == (None, None, None)
    for kind, pk in zip(("customer", "contact", "opportunity"), ids, strict=True):
        assert not SearchEntry.objects.filter(kind=kind, row_id=pk).exists()
        assert client.get(f"/{kind if kind != 'opportunity' else 'opportunitie'}s/{pk}/").status_code == 404
    assert not NameKey.objects.filter(customer_id=ids[0]).exists() and not ReachKey.objects.filter(source="contact", source_id=ids[1]).exists()
    # and then it goes once more
    assert client.post(f"/leads/{lead.pk}/convert/", filled(client, lead)).status_code == 303
    assert LeadConversion.objects.filter(lead=lead).count() == 2


@pytest.mark.parametrize("work", ["change", "comment", "activity", "contact", "tick"])
def test_not_once_somebody_has_worked_with_it(work, make, people, lead):
    from zhike.customers.actions import change_customer
    from zhike.opportunities.models import Tick

    rep = people["rep"]
    found = actions.convert_as_it_is(lead, with_opportunity=True, by=rep)
    if work == "change":
        change_customer(found.customer, {"address": "新地址"}, by=rep, version=None)
    elif work == "comment":
        Comment.objects.create(kind="contact", row_id=found.contact_id, text="记得回访", created_at=clock.now(), created_by=rep)
    elif work == "activity":
        log_activity(customer=found.customer, type="phone", content="又聊了", by=rep)
    elif work == "contact":
        make.contact(found.customer, "rep", name="王同事")
    else:
        criterion = found.opportunity.stage.criteria.first()
        Tick.objects.create(opportunity=found.opportunity, criterion=criterion, by=rep)
    with pytest.raises(Refused) as no:
        actions.undo_conversion(found, by=rep)
    assert no.value.code == "conversion.used" and no.value.items
    assert Lead.objects.get(pk=lead.pk).status == "converted"


def test_not_after_a_day_and_not_twice(people, lead):
    rep = people["rep"]
    found = actions.convert_as_it_is(lead, by=rep)
    with clock.freeze(clock.now() + timedelta(hours=25)), pytest.raises(Refused) as no:
        actions.undo_conversion(found, by=rep)
    assert no.value.code == "conversion.over"
    actions.undo_conversion(found, by=rep)
    with pytest.raises(Refused):
        actions.undo_conversion(found, by=rep)


def test_an_existing_customer_is_left_as_it_was(make, people, lead):
    rep, known = people["rep"], make.customer("rep", name="早已认识的示例厂")
    log_activity(lead=lead, type="phone", content="聊过", by=rep)
    found = actions.convert_as_it_is(lead, customer=known, with_opportunity=True, by=rep)
    assert Customer.objects.get(pk=known.pk).lifecycle == "opportunity"
    actions.undo_conversion(found, by=rep)
    known.refresh_from_db()
    assert known.lifecycle == "potential" and not known.contacts.exists() and not Opportunity.objects.filter(customer=known).exists()


def test_who_may_not_convert_may_not_take_back(people, lead):
    from django.http import Http404

    found = actions.convert_as_it_is(lead, by=people["rep"])
    with pytest.raises((Refused, Http404)):
        actions.undo_conversion(found, by=people["rep_south"])


# Programs

def test_programs_convert_and_take_back(api, lead):
    asked = {"with_opportunity": True, "opportunity_name": "接口商机", "amount": "88000.00"}
    answer = api("rep").post(f"/api/v1/leads/{lead.pk}/convert", asked)
    assert answer.status_code == 200 and answer.json()["status"] == "converted"
    told = api("rep").get(f"/api/v1/leads/{lead.pk}?expand=conversion").json()["conversion"]
    assert told["made"] == ["customer", "contact", "opportunity"] and told["opportunity"]["text"] == "接口商机"
    again = api("rep").post(f"/api/v1/leads/{lead.pk}/convert", {})
    assert again.status_code == 422 and again.json()["code"] == "lead.converted"
    assert api("rep").post(f"/api/v1/leads/{lead.pk}/unconvert", {}).status_code == 200
    assert not Opportunity.objects.filter(name="接口商机").exists()


@pytest.fixture
def api(people):
    import json

    from zhike.org.models import ApiToken
    from zhike.org.tokens import create_token

    class Caller:
        def __init__(self, username):
            made = create_token(people[username], name="test", scope=ApiToken.WRITE)
            self.head = {"HTTP_AUTHORIZATION": f"Bearer {made[-1] if isinstance(made, tuple) else made}"}

        def post(self, url, body):
            return Client().post(url, json.dumps(body), content_type="application/json", **self.head)

        def get(self, url):
            return Client().get(url, **self.head)

    return Caller


# At once

@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_make_one_customer(people, make):
    lead = make.lead("rep", name="并发访客", company="并发示例阀门有限公司", mobile="13800007799")
    gate, outcomes = threading.Barrier(2), []

    def convert(username):
        try:
            user = people[username]
            row = Lead.objects.get(pk=lead.pk)
            gate.wait(10)
            outcomes.append(actions.convert_as_it_is(row, with_opportunity=True, by=user))
        except Refused as no:
            outcomes.append(no)
        finally:
            connection.close()

    threads = [threading.Thread(target=convert, args=(name,)) for name in ("rep", "manager_east")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    told = [one for one in outcomes if isinstance(one, Refused)]
    assert len(outcomes) == 2 and len(told) == 1 and told[0].code == "lead.converted"
    assert LeadConversion.objects.count() == 1 and Customer.objects.filter(name="并发示例阀门有限公司").count() == 1


@pytest.mark.parametrize("values", [
    {"contact_choice": "999999"}, {"contact_choice": "x' OR 1=1"}, {"line-quantity": "-1"}, {"line-quantity": "1e309"}, {"line-product": "999999999"},
    {"opportunity-amount": "NaN"}, {"opportunity-amount": ""}, {"opportunity-type": "nonsense"}, {"opportunity-expected_sign_date": "2026-02-30"},
    {"opportunity-expected_sign_date": "2001-01-01"}, {"customer-name": ""}, {"customer-name": "长" * 500}, {"customer-region": "999999999999999999"},
    {"customer-source": "nonsense"}, {"contact-mobile": "1380000"}, {"contact-name": "\u3000"}, {"_version": "x"}, {"_version": ""}])
def test_bad_input_is_told_and_makes_nothing(sign_in, lead, values):
    client = sign_in("rep")
    before = (Customer.objects.count(), Contact.objects.count(), Opportunity.objects.count())
    answer = client.post(f"/leads/{lead.pk}/convert/", filled(client, lead, **values))
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert (Customer.objects.count(), Contact.objects.count(), Opportunity.objects.count()) == before
    assert Lead.objects.get(pk=lead.pk).status == "new"


def test_what_is_not_wanted_is_not_made(sign_in, lead):
    client = sign_in("rep")
    data = filled(client, lead, contact_choice="none", **{"contact-mobile": "kaputt", "opportunity-amount": "kaputt"})
    del data["with_opportunity"]
    assert client.post(f"/leads/{lead.pk}/convert/", data).status_code == 303
    found = LeadConversion.objects.get()
    assert found.made == ["customer"] and found.contact is None and found.opportunity is None


def test_a_converted_lead_offers_no_change_and_tells_once_what_it_became(sign_in, people, lead):
    actions.convert_as_it_is(lead, by=people["rep"])
    page = sign_in("rep").get(f"/leads/{lead.pk}/").content.decode()
    assert f"/leads/{lead.pk}/edit/" not in page
    assert 'id="card-became"' in page and page.count("转化人") == 1  # in the timeline, and no second card
