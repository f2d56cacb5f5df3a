"""What somebody else would see, whole: their rows, their columns, their masks, and nothing of anybody else's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from zhike.base import clock
from zhike.org.models import FieldRule, Role
from zhike.records import history

pytestmark = pytest.mark.django_db


@pytest.fixture
def sees(sign_in, people):
    admin = sign_in("admin")

    def get(who="rep", client=None, **query):
        return (client or admin).get(reverse("user-sees", args=[people[who].pk]), query)

    return get


def text(got):
    return got.content.decode()


def test_the_whole_list_page_by_page(sees, make, people):
    for n in range(52):
        make.customer("rep", name=f"归业务员的公司{n:02d}")
    make.customer("rep_south", name="别人的公司")
    first = text(sees())
    assert first.count("归业务员的公司") == 5 and "?kind=customer" in first and "52" in first
    page = text(sees(kind="customer"))
    assert page.count('class="lk"') == 50 and "别人的公司" not in page and "data-dialog" in page
    cursor = re.search(r'rel="next" href="[^"]*cursor=([^"&]+)', page)[1]
    rest = text(sees(kind="customer", cursor=cursor))
    assert rest.count('class="lk"') == 2 and 'rel="next"' not in rest and 'rel="prev"' in rest
    found = text(sees(kind="customer", q="公司07"))
    assert found.count('class="lk"') == 1 and "归业务员的公司07" in found
    assert 'class="lk"' not in text(sees(kind="customer", q="别人"))


def test_their_masks_hold_for_whoever_looks(sees, make):
    make.contact(mobile="13900001234")
    assert "13900001234" in text(sees(kind="contact"))
    FieldRule.objects.create(role=Role.objects.get(code="SR"), kind="contact", field="mobile", mode="mask")
    page = text(sees(kind="contact"))
    assert "13900001234" not in page and "139****1234" in page


def test_only_what_they_may_see_and_only_for_administrators(sees, sign_in, people):
    for kind in ("role", "no_such", "customer'", "x" * 300):
        assert sees("warehouse", kind=kind).status_code == 404, kind
    for who in ("gm", "rep"):
        assert sees(client=sign_in(who), kind="customer").status_code == 403
    assert sees(kind="customer", cursor="nonsense").status_code in (200, 400)


def test_one_look_is_noted_once(sees, people):
    for query in ({}, {"kind": "customer"}, {"kind": "contact"}):
        assert sees(**query).status_code == 200
    noted = history.of(people["rep"]).filter(action="looked")
    assert noted.count() == 1 and noted.get().by == people["admin"]
    with clock.freeze(clock.now() + timedelta(minutes=11)):
        sees(kind="customer")
    assert noted.count() == 2
