"""A masked phone in full: on a click, by right, noted, and only so often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from zhike.base import clock
from zhike.org.models import Company, FieldRule, HourlyCount, Role
from zhike.org.tokens import create_token
from zhike.records import history

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture
def contact(make):
    return make.contact(make.customer("rep", phone="02112345678"), "rep", mobile=PHONE)


def show(client, row, field="mobile", **more):
    return client.post(reverse("reveal", args=[row.KIND, row.pk, field]), headers={"HX-Request": "true"}, **more)


def test_the_button_shows_it_and_history_knows(contact, sign_in, people):
    client = sign_in("dispatcher")
    page = client.get(f"/contacts/{contact.pk}/").content.decode()
    assert PHONE not in page and "139****5678" in page and reverse("reveal", args=["contact", contact.pk, "mobile"]) in page
    got = show(client, contact)
    assert got.status_code == 200 and PHONE in got.content.decode() and got["Cache-Control"] == "no-store"
    line = history.of(contact).first()
    assert (line.action, line.by, line.args) == ("reveal", people["dispatcher"], {"field": "mobile"})
    assert PHONE not in str(line.args) + str(line.diff)
    assert PHONE not in client.get(f"/contacts/{contact.pk}/").content.decode()  # the next look is masked again


def test_what_is_shown_calls(make, sign_in):
    firm = make.customer("rep", phone="021-55551234、13900000001;0512-55550002转801")
    got = show(sign_in("dispatcher"), firm, "phone").content.decode()
    assert 'href="tel:021-55551234">021-55551234</a> / <a' in got and 'href="tel:13900000001"' in got
    assert 'href="tel:0512-55550002,801">0512-55550002-801</a>' in got
    type(firm).objects.filter(pk=firm.pk).update(phone="见名片<b>")  # as old data may have it
    text = show(sign_in("dispatcher"), firm, "phone").content.decode()
    assert "tel:" not in text and "见名片&lt;b&gt;" in text


def test_the_numbers_among_the_facts_call_where_they_are_open(contact, sign_in):
    assert f'href="tel:{PHONE}">{PHONE}</a>' in sign_in("rep").get(f"/contacts/{contact.pk}/").content.decode()
    assert "tel:1" not in sign_in("dispatcher").get(f"/contacts/{contact.pk}/").content.decode()


@pytest.mark.parametrize("username", ["finance", "auditor"])
def test_without_the_right_there_is_no_way(contact, sign_in, username):
    client = sign_in(username)
    assert "/reveal/" not in client.get(f"/contacts/{contact.pk}/").content.decode()
    got = show(client, contact)
    assert got.status_code == 403 and PHONE not in got.content.decode()
    assert not HourlyCount.objects.exists() and history.of(contact).first().action != "reveal"


def test_neither_hidden_nor_foreign_nor_by_get_nor_by_the_api(contact, make, sign_in, people, client):
    dispatcher = sign_in("dispatcher")
    for field in ("standard_cost", "password", "name", "owner", "nonsense"):
        assert show(dispatcher, contact, field).status_code == 404, field
    role = Role.objects.get(code="DP")
    FieldRule.objects.filter(role=role, field="mobile").update(mode="hide")
    assert show(dispatcher, contact).status_code == 404
    assert dispatcher.get(reverse("reveal", args=["contact", contact.pk, "mobile"])).status_code == 405
    FieldRule.objects.filter(role=role, field="mobile").update(mode="mask")
    assert dispatcher.post(reverse("reveal", args=["contact", 999999, "mobile"])).status_code == 404
    assert show(sign_in("warehouse"), contact).status_code == show(sign_in("rep_south"), contact).status_code == 404
    token = create_token(people["dispatcher"], scope="write")
    for address in (f"/api/v1/contacts/{contact.pk}", f"/api/v1/contacts/{contact.pk}?reveal=mobile", reverse("reveal", args=["contact", contact.pk, "mobile"])):
        for method in ("get", "post"):
            got = getattr(client, method)(address, headers={"Authorization": f"Bearer {token}"})
            assert PHONE not in got.content.decode()
    assert client.post(reverse("reveal", args=["contact", contact.pk, "mobile"])).status_code == 302
    assert history.of(contact).first().action != "reveal"


def test_only_so_often_an_hour(contact, sign_in, people):
    house = Company.current()
    house.settings = {"reveals_an_hour": 3}
    house.save()
    client = sign_in("dispatcher")
    for _time in range(3):
        assert show(client, contact).status_code == 200
    before = history.of(contact).count()
    got = show(client, contact)
    assert got.status_code == 422 and PHONE not in got.content.decode() and history.of(contact).count() == before
    assert show(client, contact.customer, "phone").status_code == 422  # the limit is the person's, not the record's
    with clock.freeze(clock.now() + timedelta(hours=1)):
        assert show(client, contact).status_code == 200
        assert HourlyCount.objects.filter(user=people["dispatcher"]).count() == 1  # old hours are forgotten
