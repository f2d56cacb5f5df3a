"""Both databases page through the same rows in the same order, every row once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from zhike.base import clock
from zhike.base.fields.ordering import nulls_last
from zhike.customers.models import Customer, CustomerFacts
from zhike.opportunities.models import Opportunity
from zhike.records import listing, registry, visibility

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def rows(make):
    """Twenty-three opportunities with many equal amounts and dates, and customers of whom some were never met."""
    customer = make.customer("rep")
    made = [
        make.opportunity(customer, "rep", name=f"商机{i:02d}", amount=Decimal([0, 100, 100, 250][i % 4]) + Decimal("0.10"),
                         expected_sign_date=None if i % 3 == 0 else clock.today() + timedelta(days=i % 5))
        for i in range(23)
    ]
    others = [make.customer("rep") for _ in range(9)]
    for i, other in enumerate(others):
        if i % 2:
            CustomerFacts.objects.filter(customer=other).update(last_contact_at=clock.now() - timedelta(days=i % 3))
    return made


def walk(kind, user, order, limit=4, **params):
    """All pages forwards, then all pages back; gives both lists of ids."""
    asked = listing.read(kind, {"order": [order], **params}, user)
    forwards, cursor, firsts, last = [], "", [], None
    while True:
        page = listing.page(asked, limit=limit, cursor=cursor)
        forwards += [row.pk for row in page.items]
        firsts.append(page.first)
        last, cursor = page, page.next
        if not cursor:
            break
    back, page = [row.pk for row in last.items], last
    while page.prev:
        page = listing.page(asked, limit=limit, cursor=page.prev)
        back = [row.pk for row in page.items] + back
    assert page.first == 1
    assert firsts == [1 + limit * i for i in range(len(firsts))]
    return forwards, back


@pytest.mark.parametrize("wide", [False, True])
def test_every_row_once_forwards_and_back(rows, people, wide, monkeypatch):
    if wide:  # as somebody who sees more than the cap: the list walks the sort index
        monkeypatch.setattr(listing, "capped_count", lambda found, cap=0: (10_000, True))
        monkeypatch.setattr(visibility, "sees_few", lambda model, user, using="default": False)
    kind, user = registry.kind("opportunity"), people["rep"]
    for order in ("amount", "-amount", "sign_key", "-sign_key", "created_at", "-created_at", "id", "-id"):
        forwards, back = walk(kind, user, order)
        assert len(forwards) == len(set(forwards)) == 23, order
        assert back == forwards, order
        name, down = order.lstrip("-"), order.startswith("-")
        by_hand = sorted(Opportunity.objects.filter(pk__in=forwards), key=lambda row: (getattr(row, name), row.pk), reverse=down)
        assert forwards == [row.pk for row in by_hand], order


def test_never_met_has_its_place(rows, people):
    kind, user = registry.kind("customer"), people["rep"]
    for order in ("last_contact", "-last_contact", "sort_name", "-sort_name"):
        forwards, back = walk(kind, user, order, limit=3)
        assert len(forwards) == len(set(forwards)) == Customer.objects.visible_to(user).count()
        assert back == forwards
        if "last_contact" in order:
            met = [Customer.objects.get(pk=pk).facts.last_contact_at for pk in forwards]
            assert met == sorted(met, reverse=order.startswith("-"))


def test_rows_added_meanwhile_do_not_disturb_the_pages(rows, people, make):
    kind, user = registry.kind("opportunity"), people["rep"]
    asked = listing.read(kind, {"order": ["-created_at"]}, user)
    first = listing.page(asked, limit=10)
    make.opportunity(rows[0].customer, "rep", name="新来的")
    second = listing.page(asked, limit=10, cursor=first.next)
    assert not {row.pk for row in first.items} & {row.pk for row in second.items}
    assert {row.name for row in second.items}.isdisjoint({"新来的"})


def test_null_order_is_the_same(rows, people):
    for descending in (False, True):
        dates = list(Opportunity.objects.order_by(nulls_last("expected_sign_date", descending=descending), "pk")
                     .values_list("expected_sign_date", flat=True))
        known = [day for day in dates if day]
        assert dates == sorted(known, reverse=descending) + [None] * (len(dates) - len(known))


def test_three_forms_one_answer(rows, people):
    for username in ("rep", "rep_south", "manager_east", "sales_head", "gm", "desk", "warehouse"):
        for model in (Customer, Opportunity):
            want = set(model.objects.visible_to(people[username], "plain").values_list("pk", flat=True))
            for mode in ("few", "walk"):
                assert set(model.objects.visible_to(people[username], mode).values_list("pk", flat=True)) == want
            parts = [list(part.values_list("pk", flat=True)) for part in visibility.pieces(model.objects.all(), people[username])]
            assert sorted(pk for part in parts for pk in part) == sorted(want), username  # all of them, each once
