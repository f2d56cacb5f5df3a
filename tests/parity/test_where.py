"""Nested conditions find on both databases what the same question finds row by row in Python."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from zhike.base import clock
from zhike.customers.models import Customer
from zhike.opportunities.models import Opportunity
from zhike.records import crud, listing, registry

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def rows(make, people):
    """Customers with and without level, phone, region, contact; opportunities of several amounts, dates and owners."""
    field = make.custom_field(on="customer", type="quantity", filterable=True)
    for i in range(12):
        owner = ("rep", "rep_east2", "rep_south")[i % 3]
        customer = make.customer(owner, level=("A", "B", "", "C")[i % 4], name=f"{'流沙Abc%_' if i % 5 == 0 else '测试'}机械{i}厂",
                                 industry=("machinery", "")[i % 2] if i % 3 else "")
        if i % 2:
            crud.change(customer, {field.name: Decimal(i)}, by=people["admin"], version=None)
        Customer.objects.filter(pk=customer.pk).update(created_at=clock.now() - timedelta(days=9 * i))
        if i % 3 == 0:
            make.activity(customer, owner, days=-i - 1)
        make.opportunity(customer, owner, amount=Decimal(1000 * i) + Decimal("0.05"),
                         expected_sign_date=None if i % 4 == 0 else clock.today() + timedelta(days=3 * i))
    return field.name


def holds(item, row, kind, user):
    """The question asked of one row in Python."""
    if isinstance(item, dict):
        (mode, items), = item.items()
        return (all if mode == "all" else any)(holds(one, row, kind, user) for one in items)
    name, op, *wanted = item
    attr = kind.attr(name)
    value = attr.value(row)
    value = None if value == "" else value
    if op in ("empty", "filled"):
        return (value is None) == (op == "empty")
    if op == "not":
        return not holds([name, "is", *wanted], row, kind, user)
    if isinstance(value, datetime):
        value = clock.local(value).date()
    if op == "has":
        return value is not None and wanted[0].lower() in value.lower()
    if value is None:
        return False
    if op == "within":
        first, last = SPANS[wanted[0]]
        return clock.today() + timedelta(days=first) <= value <= clock.today() + timedelta(days=last)
    if op in ("from", "to"):
        there = (clock.today() + timedelta(days=int(wanted[0][:-1]))) if isinstance(value, date) else Decimal(wanted[0])
        return value >= there if op == "from" else value <= there
    if isinstance(value, date):
        return value == clock.today() + timedelta(days=0 if wanted[0] == "today" else int(wanted[0][:-1]))
    if hasattr(value, "pk"):
        return value.pk in {user.pk if one == "me" else int(one) for one in wanted}
    if isinstance(value, bool):
        return value == (wanted[0] == "1")
    return value in wanted or (isinstance(value, Decimal) and value == Decimal(wanted[0]))


# Spans as days from today; those of the calendar are looked at on days that are fixed (zhike/records/tests/test_spans.py).
SPANS = {"today": (0, 0), "yesterday": (-1, -1), "-30d": (-29, 0), "+7d": (0, 6), "+30d": (0, 29)}
CUSTOMERS = [
    {"any": [["created_at", "within", "-30d"], ["last_contact", "within", "yesterday"]]},
    {"all": [["created_at", "within", "today"], ["level", "filled"]]},
    {"any": [["level", "in", "A", "B"], {"all": [["owner", "is", "me"], ["created_at", "from", "-60d"]]}]},
    {"all": [["level", "not", "A"], {"any": [["industry", "empty"], ["name", "has", "abc%_"]]}]},
    {"all": [["level", "filled"], ["owner", "not", "me"]]},
    {"any": [["last_contact", "from", "-5d"], ["level", "empty"]]},
    {"all": [["last_contact", "not", "-1d"], ["name", "has", "流沙"]]},
    {"any": [{"all": [["last_contact", "empty"], ["level", "is", "A"]]}, {"all": [["last_contact", "filled"], ["level", "is", "B"]]}]},
    {"any": [["c_", "from", "5"], {"all": [["c_", "empty"], ["level", "is", "C"]]}]},
    {"all": [["c_", "not", "7"], ["enabled", "is", "1"], ["code", "filled"]]},
    {"any": [{"any": [["level", "is", "A"], ["level", "is", "C"]]}, ["region", "filled"]]},
]
OPPORTUNITIES = [
    {"any": [["expected_sign_date", "within", "+7d"], ["expected_sign_date", "within", "yesterday"]]},
    {"all": [["expected_sign_date", "within", "+30d"], ["owner", "is", "me"]]},
    {"any": [["amount", "from", "9000"], {"all": [["sign_key", "empty"], ["owner", "is", "me"]]}]},
    {"all": [["amount", "to", "6000.05"], ["status", "is", "open"], {"any": [["sign_key", "filled"], ["amount", "is", "0.05"]]}]},
    {"all": [["won_at", "empty"], ["lose_reason", "empty"], ["customer", "filled"]]},
    {"all": [["won_at", "not", "today"], ["expected_sign_date", "filled"]]},
]


@pytest.mark.parametrize("username", ["rep", "manager_east", "gm"])
def test_the_same_set_row_by_row(rows, people, username):
    user = people[username]
    for name, asked in (("customer", CUSTOMERS), ("opportunity", OPPORTUNITIES)):
        kind, some = registry.kind(name), 0
        model = {"customer": Customer, "opportunity": Opportunity}[name]
        seen = list(kind.visible(user))
        for nested in asked:
            text = json.dumps(nested).replace('"c_"', f'"{rows}"')
            found = set(listing.read(kind, {"where": [text]}, user).rows().values_list("pk", flat=True))
            assert found == {row.pk for row in seen if holds(json.loads(text), row, kind, user)}, text
            some += 0 < len(found) < len(seen)
            for mode in ("few", "walk"):
                assert set(listing.read(kind, {"where": [text]}, user).rows(mode).values_list("pk", flat=True)) == found
            narrowed = listing.read(kind, {"where": [text], "owner": ["me"]}, user).rows()
            assert {row.pk for row in narrowed} == {row.pk for row in seen if row.pk in found and row.owner_id == user.pk}
        assert some, "every question found everything or nothing"
        assert model.objects.count() > 0
