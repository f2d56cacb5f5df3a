"""Lists by several fields of the house's own for people who see much: looked for up to a bound, and the same rows as any other way."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.masterdata.custom_fields import create_custom_fields
from zhike.org.tokens import create_token
from zhike.records import custom_rows, grouping, listing, registry
from zhike.records.models import CustomField, CustomValue

pytestmark = [pytest.mark.django_db, pytest.mark.both]
THREE = {"c_grade": ["a"], "c_money__from": ["100"], "c_money__to": ["900"], "c_lines": ["x", "y"]}


@pytest.fixture
def rows(people, make):
    """40 customers of two reps with a choice, an amount and several choices."""
    create_custom_fields([
        CustomField(on="customer", label_zh="评估", type="choice", name="c_grade", choices_text="a = 甲\nb = 乙", filterable=True),
        CustomField(on="customer", label_zh="采购额", type="money", name="c_money", filterable=True),
        CustomField(on="customer", label_zh="产线", type="multi", name="c_lines", choices_text="x\ny\nz", filterable=True)], by=people["admin"])
    made = []
    for n in range(40):
        values = {"c_grade": "ab"[n % 3 == 0], "c_money": Decimal(n * 37 % 1000), "c_lines": [["x", "y"], ["y"], ["z"]][n % 3]}
        made.append(make.customer("rep" if n % 2 else "rep_south", name=f"宽表试验第{n:02d}号有限公司", level="AB"[n % 2], **(values if n % 5 else {})))
    return made


def wanted(rows):
    return {row.pk for row in rows if row.c_grade == "a" and 100 <= (row.c_money or 0) <= 900 and {"x", "y"} & set(row.c_lines or [])}


def all_pages(client, user, **asked):
    """Ids of all pages of two rows, and what the first page said of how many there are."""
    found, cursor, told = [], "", None
    while True:
        got = client.get("/api/v1/customers", {**asked, "limit": 2, **({"cursor": cursor} if cursor else {})},
                         headers={"Authorization": f"Bearer {create_token(user)}"})
        assert got.status_code == 200, got.content
        page = got.json()
        told = told or (page["count"], page["count_capped"])
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if not cursor:
            return found, told


@pytest.mark.parametrize("cap", [1_000, 3])
@pytest.mark.parametrize("order", ["-id", "c_money", "c_grade", "created_at"])
def test_who_sees_much_gets_the_same_rows(rows, people, client, monkeypatch, cap, order):
    from zhike.records import visibility

    monkeypatch.setattr(listing, "TYPED_CAP", cap)
    want = wanted(rows)
    assert len(want) > 5
    found, told = all_pages(client, people["gm"], **THREE, order=order)
    assert len(found) == len(set(found)) and set(found) == want
    assert told == ((len(want), False) if cap > len(want) else (cap, True))
    monkeypatch.setattr(visibility, "sees_few", lambda *args, **more: False)  # a wide scope that is not everything
    mine = {row.pk for row in rows if row.owner_id == people["rep"].pk}
    found, told = all_pages(client, people["rep"], **THREE, order=order)
    assert len(found) == len(set(found)) and set(found) == want & mine
    assert told == ((len(want & mine), False) if cap > len(want & mine) else (cap, True))


def test_further_conditions_and_nothing_found(rows, people, client):
    found, told = all_pages(client, people["gm"], **THREE, level="A")
    assert set(found) == {row.pk for row in rows if row.pk in wanted(rows) and row.level == "A"} and told == (len(found), False)
    assert all_pages(client, people["gm"], **{**THREE, "c_money__from": "901", "c_money__to": "902"}) == ([], (0, False))


def test_the_narrowest_field_leads(rows, people):
    asked = listing.read(registry.kind("customer"), {"c_grade": ["a"], "c_money__from": ["990"]}, people["gm"])
    names = dict(CustomField.objects.values_list("pk", "name"))
    assert [names[pk] for pk in custom_rows.narrowest_first(asked.lookup.typed)] == ["c_money", "c_grade"]


@pytest.mark.parametrize("params", [{}, {"level": ["A"]}, {"c_money__from": ["300"]}])
@pytest.mark.parametrize("who", ["gm", "rep", "manager_east"])
@pytest.mark.parametrize("wide", [False, True])
def test_groups_by_a_choice_come_to_the_same_every_way(rows, people, make, monkeypatch, params, who, wide):
    from zhike.records import visibility

    if wide:
        monkeypatch.setattr(visibility, "sees_few", lambda *args, **more: False)
    kind, user = registry.kind("customer"), people[who]
    for name, value in (("c_grade", {"text": "a"}), ("c_money", {"number": 77})):  # of rows that were deleted past the actions
        CustomValue.objects.create(field=CustomField.objects.get(name=name), row_id=10**9, **value)
    asked = listing.read(kind, params, user)
    sums = [kind.attr("c_money")]
    found = grouping.groups(asked, grouping.By(kind.attr("c_grade")), sums)
    want: dict[str | None, list[Decimal]] = {}
    for row in asked.rows():
        want.setdefault(row.c_grade or None, []).append(row.c_money or Decimal(0))
    assert {group.value: (group.n, group.sums) for group in found.items} == {value: (len(all_), [sum(all_)]) for value, all_ in want.items()}
    assert found.total.n == asked.rows().count() and [group.n for group in found.items] == sorted((group.n for group in found.items), reverse=True)


def test_groups_of_everything_stand_in_the_index_until_a_row_goes(rows, people):
    kind, user = registry.kind("customer"), people["gm"]
    asked, by, sums = listing.read(kind, {}, user), grouping.By(kind.attr("c_grade")), [kind.attr("c_money")]

    def figures():
        found = grouping.groups(asked, by, sums)
        return {group.value: (group.n, *group.sums) for group in found.items}, found.total.n

    before, n = figures()
    with CaptureQueriesContext(connection) as statements:
        assert figures() == (before, n)
    assert not any("JOIN" in each["sql"] and "customers_customer" in each["sql"] for each in statements)
    gone = next(row for row in rows if row.c_grade == "a" and row.c_money)
    kind.model.objects.filter(pk=gone.pk).delete()  # past the actions: its typed values stay behind
    after, left = figures()
    assert left == n - 1 and after["a"] == (before["a"][0] - 1, before["a"][1] - gone.c_money)


def test_a_month_of_the_program_with_a_sum_of_ones_own(rows, people, sign_in):
    page = sign_in("gm").get("/customers/?view=all&group=created_at:month&columns=c_money").content.decode()
    whole = sum((row.c_money or Decimal(0) for row in rows), Decimal(0))
    assert f"{whole:,.2f}" in re.sub(r"<[^>]+>", " ", page)


def test_a_typed_value_is_answered_from_the_index_alone(rows):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by the size of the table")
    field = CustomField.objects.get(name="c_money")
    asked = CustomValue.objects.filter(field_id=field.pk, row_id=rows[0].pk, number__gte=1, number__lte=9)
    assert "COVERING INDEX records_custom_ask_ix (field_id=? AND row_id=? AND number>?" in asked.values("row_id").explain()
