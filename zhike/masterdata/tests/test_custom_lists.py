"""Lists by fields of the house's own: sorted, paged, exported and summed like by any other."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import json
import re
from datetime import date
from decimal import Decimal

import pytest

from zhike.masterdata.custom_fields import create_custom_fields
from zhike.org.models import FieldRule
from zhike.org.tokens import create_token
from zhike.records import custom_order, listing, registry
from zhike.records.models import CustomField

pytestmark = pytest.mark.django_db


@pytest.fixture
def add(people):
    def make(label="装机功率", type="quantity", on="customer", **more):
        more = {"name": "c_x", "filterable": True, **more}
        return create_custom_fields([CustomField(on=on, label_zh=label, type=type, **more)], by=people["admin"])[0]

    return make


def order_of(client, headers, order, **more):
    """The ids of all pages of two rows each, forward, then checked backwards."""
    found, cursor, seen = [], "", []
    while True:
        got = client.get("/api/v1/customers", {"order": order, "limit": 2, **more, **({"cursor": cursor} if cursor else {})}, headers=headers)
        assert got.status_code == 200, got.content
        page = got.json()
        seen.append([item["id"] for item in page["items"]])
        found += seen[-1]
        cursor = page.get("next") or ""
        if not cursor:
            return found


@pytest.mark.both
@pytest.mark.parametrize(("type", "more", "values", "up"), [
    ("quantity", {}, ["1.5", "20", "-3", None, "20", "0"], [2, 5, 0, 1, 4, 3]),
    ("money", {}, ["0.01", "9999999999999.99", None, "-0.01", "5", None], [3, 0, 4, 1, 2, 5]),
    ("int", {}, [3, -3, 0, None, None, None], [1, 2, 0, 3, 4, 5]),
    ("date", {}, [date(2026, 1, 1), None, date(1999, 12, 31), date(2026, 1, 1), None, date(2025, 2, 1)], [2, 5, 0, 3, 1, 4]),
    ("bool", {}, [True, False, None, True, None, False], [1, 5, 0, 3, 2, 4]),
    ("text", {}, ["b", "B", "a", "乙", None, "甲"], [1, 2, 0, 3, 5, 4]),
    ("choice", {"choices_text": "z = 先\na = 后"}, ["a", "z", None, "a", "z", None], [1, 4, 0, 3, 2, 5]),
])
def test_sorted_and_paged_the_same_on_both_databases(add, make, people, client, type, more, values, up):
    add(type=type, **more)
    values = [Decimal(value) if type in ("quantity", "money") and value else value for value in values]
    rows = [make.customer("rep", **({"c_x": value} if value is not None else {})) for value in values]
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    place = {row.pk: n for n, row in enumerate(rows)}
    with_value = [n for n in up if values[n] is not None]
    without = [n for n in up if values[n] is None]
    assert [place[pk] for pk in order_of(client, headers, "c_x")] == up
    assert [place[pk] for pk in order_of(client, headers, "-c_x")] == [*reversed(with_value), *reversed(without)]  # none last both ways
    # From every row on and back again, for who sees few (rows are collected) and who sees many (values are walked).
    kind = registry.kind("customer")
    attr, mine = kind.attr("c_x"), kind.model.objects.filter(pk__in=place)
    stored = {row.pk: row for row in mine}
    for walked, down in itertools.product((False, True), repeat=2):
        whole = custom_order.ids(mine, attr, down=down, limit=9, walk=walked)
        assert [place[pk] for pk in whole] == ([*reversed(with_value), *reversed(without)] if down else up), (walked, down)
        for n, pk in enumerate(whole):
            here = (custom_order.key(attr, stored[pk]), pk)
            assert custom_order.ids(mine, attr, down=down, place=here, limit=9, walk=walked) == whole[n + 1 :]
            assert custom_order.ids(mine, attr, down=down, back=True, place=here, limit=9, walk=walked) == whole[:n][::-1]


@pytest.mark.both
@pytest.mark.parametrize("cap", [1_000, 3])  # collected and sorted, or walked along the field's own index
def test_sorted_by_the_field_that_is_filtered(add, make, people, client, monkeypatch, cap):
    monkeypatch.setattr(listing, "TYPED_CAP", cap)
    add()
    rows = [make.customer("rep", **({"c_x": Decimal(n * 7 % 10)} if n % 4 else {})) for n in range(16)]
    headers = {"Authorization": f"Bearer {create_token(people['gm'])}"}
    want = sorted((n * 7 % 10, row.pk) for n, row in enumerate(rows) if n % 4 and 3 <= n * 7 % 10 <= 8)
    asked = {"c_x__from": "3", "c_x__to": "8"}
    assert len(want) > 5 and order_of(client, headers, "c_x", **asked) == [pk for _value, pk in want]
    assert order_of(client, headers, "-c_x", **asked) == [pk for _value, pk in reversed(want)]


@pytest.mark.both
def test_who_sees_much_and_who_sees_little_meet_the_same_order(add, make, sign_in, people, client):
    add()
    for n in range(130):
        make.customer("rep" if n % 2 else "rep_south", name=f"排序试验第{n:03d}号有限公司", **({"c_x": Decimal(n * 7 % 40)} if n % 5 else {}))

    def names(who, params):
        page = sign_in(who).get(f"/customers/?view=all&columns=c_x&{params}").content.decode()
        return re.findall(r"排序试验第(\d+)号", page), re.search(r'rel="next" href="([^"]+)"', page), re.search(r'rel="prev" href="([^"]+)"', page)

    for who, step in (("gm", 1), ("rep", 2)):
        mine = [n for n in range(130) if step == 1 or n % 2]
        want = [f"{n:03d}" for n in [*sorted((n for n in mine if n % 5), key=lambda n: (n * 7 % 40, n)), *(n for n in mine if not n % 5)]]
        found, after, before = names(who, "order=c_x")
        pages, behind = list(found), None
        while after:
            found, after, before = names(who, after[1].split("?", 1)[1].replace("&amp;", "&"))
            pages += found
            behind = before
        assert pages == want, who
        found, *_rest = names(who, behind[1].split("?", 1)[1].replace("&amp;", "&"))
        assert found == want[max(0, len(want) - len(want) % 50 - 50):len(want) - len(want) % 50], who


def test_the_file_comes_in_the_order_of_the_list(add, make, sign_in):
    add(type="money", on_list=True)
    for amount in ("5", "1", "3"):
        make.customer("gm", name=f"排序试验第{amount}号有限公司", c_x=Decimal(amount))
    got = sign_in("gm").get("/customers/export/?view=all&order=-c_x&format=csv")
    text = b"".join(got.streaming_content) if got.streaming else got.content
    lines = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert re.findall(r"第(\d)号", "".join(line[0] for line in lines)) == ["5", "3", "1"]


def test_a_cursor_from_elsewhere_is_refused(add, make, people, client):
    add()
    make.customer("rep", c_x=Decimal(1))
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    for value in ("x", 2**63, 1.5, [1], {"a": 1}, True):
        packed = base64.urlsafe_b64encode(json.dumps(["c_x", False, False, value, 1, 1]).encode()).decode().rstrip("=")
        assert client.get("/api/v1/customers", {"order": "c_x", "cursor": packed}, headers=headers).status_code == 400, value
    for order in ("c_nosuch", "c_x,name", "-"):
        assert client.get("/api/v1/customers", {"order": order}, headers=headers).status_code == 400


def test_fields_without_an_order_and_hidden_ones_sort_nothing(add, make, people, client, sign_in):
    add(name="c_many", type="multi", choices_text="a\nb")
    add(name="c_plain", filterable=False)
    add(name="c_secret")
    for role in people["rep"].roles.all():
        FieldRule.objects.create(role=role, kind="customer", field="c_secret", mode="hide")
    headers = {"Authorization": f"Bearer {create_token(people['rep'])}"}
    for name in ("c_many", "c_plain", "c_secret"):
        assert client.get("/api/v1/customers", {"order": name}, headers=headers).status_code == 400
    page = sign_in("rep").get("/customers/?columns=c_plain,c_many,c_secret").content.decode()
    assert "order=c_" not in page and "order=-c_" not in page


@pytest.mark.both
def test_groups_carry_the_sums_of_custom_numbers(add, make, sign_in):
    add(label="预算额", type="money", name="c_money")
    add(label="台数", type="int", name="c_count")
    add(label="重量", type="quantity", name="c_weight")
    add(label="合算", type="formula", name="c_both", formula="c_money * 2")
    add(label="不可筛选", type="money", name="c_loose", filterable=False)
    for level, money, count in (("A", "0.10", 3), ("A", "0.20", 4), ("B", "1000000.01", 1)):
        make.customer("rep", level=level, c_money=Decimal(money), c_count=count, c_weight=Decimal("0.3333"), c_loose=Decimal(7))
    make.customer("rep", level="B")
    columns = "columns=c_money&columns=c_count&columns=c_weight&columns=c_both&columns=c_loose"
    page = sign_in("rep").get(f"/customers/?group=level&{columns}").content.decode()
    table = re.sub(r"<[^>]+>", " ", page[page.index("<thead"):page.index("</table>")])
    assert "预算额" in table and "不可筛选" in table and not re.search(r"\b(7|14|21)\.00\b", table)  # a column of the list, but nothing sums it
    assert "0.30" in table and "1,000,000.01" in table and "1,000,000.31" in table  # exact, and their total
    assert re.search(r"\b7\b", table) and "0.6666" in table and "0.9999" in table and "2,000,000.62" in table


def test_a_sum_one_may_not_see_is_not_told(add, make, sign_in, people):
    add(label="预算额", type="money", name="c_money")
    make.customer("rep", level="A", c_money=Decimal("777.77"))
    for role in people["rep"].roles.all():
        FieldRule.objects.create(role=role, kind="customer", field="c_money", mode="mask")
    assert "777.77" not in sign_in("rep").get("/customers/?group=level&columns=c_money").content.decode()
