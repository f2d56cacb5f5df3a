"""A contact's page: what was said with the person, the box for follow-ups, what they have a part in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.activities import actions
from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.opportunities import contact_roles

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def test_what_was_said_with_the_person_and_nothing_else(make, people, sign_in):
    mine = make.customer("rep")
    person, other = make.contact(mine, "rep", name="柳工"), make.contact(mine, "rep", name="别人")
    make.activity(mine, "rep", days=-3, contact=person, subject="与柳工谈", content="谈了价格")
    make.activity(mine, "rep", days=-2, contact=other, subject="与别人谈", content="谈了别的")
    joined = make.activity(mine, "rep", days=-1, contact=other, subject="三方会议", content="一起开会")
    actions.set_attendees(joined, [person], by=people["rep"])
    rep = sign_in("rep")
    page = rep.get(f"/contacts/{person.pk}/").content.decode()
    assert "谈了价格" in page and "一起开会" in page and "谈了别的" not in page
    assert 'id="composer"' in page and 'data-compose="1"' in page
    assert re.search(rf'href="/contacts/{person.pk}/activities/"[^>]*>活动 <span class="n">2<', page)
    assert "谈了价格" in rep.get(f"/contacts/{person.pk}/activities/").content.decode()
    # A colleague who does not see the customer's activities reads none of them here either.
    south = sign_in("rep_south").get(f"/contacts/{person.pk}/")
    assert south.status_code == 404


def test_a_follow_up_is_recorded_with_the_person_and_leads_back(make, people, sign_in, once):
    mine, rep = make.customer("rep"), sign_in("rep")
    person, url = make.contact(mine, "rep"), f"/customers/{mine.pk}/log/"
    page = rep.get(f"/contacts/{person.pk}/").content.decode()
    assert f'action="{url}"' in page and f'name="contact" value="{person.pk}"' in page
    here = {"contact": person.pk, "back": "contact"}
    got = rep.post(url, {"_once": once(), "type": "phone", "content": "约了周五", **here}, headers=PART)
    assert (got.status_code, got["HX-Redirect"]) == (204, f"/contacts/{person.pk}/")
    assert Activity.objects.get().contact == person and Activity.objects.get().customer == mine
    # What is refused stands in the contact's own box as it was typed.
    late = (clock.today() - timedelta(days=3)).isoformat()
    for part in (PART, {}):
        got = rep.post(url, {"_once": once(), "type": "phone", "content": "说到一半", "next_on": late, **here}, headers=part)
        text = got.content.decode()
        assert got.status_code == 422 and "说到一半" in text and 'name="back" value="contact"' in text
    # A task from here is about the person.
    due = (clock.today() + timedelta(days=3)).isoformat()
    got = rep.post(url, {"_once": once(), "type": "task", "content": "寄样本", "due_on": due, **here}, headers=PART)
    assert got["HX-Redirect"] == f"/contacts/{person.pk}/"
    made = Task.objects.get()
    assert (made.about_kind, made.about_id, made.customer_id) == ("contact", person.pk, mine.pk)
    # Somebody of another customer is refused, and nothing is written.
    foreign = make.contact(make.customer("rep"), "rep")
    got = rep.post(url, {"_once": once(), "type": "phone", "content": "错人", "contact": foreign.pk, "back": "contact"}, headers=PART)
    assert got.status_code == 422 and Activity.objects.filter(content="错人").count() == 0


def test_parts_in_opportunities_and_the_reporting_line(make, people, sign_in):
    mine = make.customer("rep")
    chief = make.contact(mine, "rep", name="顾总")
    person = make.contact(mine, "rep", name="柳工", reports_to=chief, decision_role="user")
    first, second = make.opportunity(mine, name="一期产线", contact=person), make.opportunity(mine, name="二期产线")
    make.opportunity(mine, name="无关商机")
    contact_roles.set_contact_role(second, person, decision_role="buyer", by=people["rep"])
    page = sign_in("rep").get(f"/contacts/{person.pk}/").content.decode()
    card = page.split('id="card-parts"')[1]
    assert f"/opportunities/{first.pk}/" in card and f"/opportunities/{second.pk}/" in card and "无关商机" not in card
    assert "主联系人" in card and "采购" in card
    assert "顾总" in page.split('id="card-reporting"')[1]
    assert "柳工" in sign_in("rep").get(f"/contacts/{chief.pk}/").content.decode().split('id="card-reporting"')[1]


def test_as_many_questions_for_many_rows_as_for_few(make, people, sign_in):
    mine = make.customer("rep")
    person, rep = make.contact(mine, "rep"), sign_in("rep")

    def asked():
        rep.get(f"/contacts/{person.pk}/")
        with CaptureQueriesContext(connection) as found:
            assert rep.get(f"/contacts/{person.pk}/").status_code == 200
        return len(found)

    def more(n):
        for _i in range(n):
            make.activity(mine, "rep", days=-1, contact=person)
            make.opportunity(mine, contact=person)
            make.contact(mine, "rep", reports_to=person)

    more(1)
    few = asked()
    more(12)
    assert asked() == few


def test_buttons_follow_rights_and_fields(make, people, sign_in):
    mine = make.customer("rep")
    person = make.contact(mine, "rep", mobile="", phone="0512-66000000", email="a+b@example.com")
    page = sign_in("rep").get(f"/contacts/{person.pk}/").content.decode()
    assert 'href="tel:0512-66000000"' in page and 'href="mailto:a%2Bb@example.com"' in page
    # Who may look but not record has neither box nor button.
    page = sign_in("auditor").get(f"/contacts/{person.pk}/").content.decode()
    assert 'id="composer"' not in page and 'data-compose' not in page
