"""A common word is checked row by row, a rare one looked up in the index: the answers must be the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.customers.models import Customer
from zhike.records import listing, registry, search

pytestmark = pytest.mark.both

NAMES = ("瑶池甲子水泵有限公司", "瑶池乙丑Pump厂", "蓬莱甲子阀门有限公司", "重庆长安刀具 有限公司", "ABC-12 Tools", "不周山（示例）公司")
ASKED = ("甲子", "有限公司", "瑶", "yc", "yaochi", "pump", "P", "公司", "子水", "限 公", "12", "cq", "55550001", "0001", "没有", "%", "_")


@pytest.mark.parametrize("asked", ASKED)
def test_both_ways_give_the_same_rows(make, monkeypatch, asked):
    for i, name in enumerate(NAMES):
        make.customer(name=name, phone=f"0512-5555{i:04d}")

    def found():
        condition, common = search.among("customer", asked)
        return set(Customer.objects.filter(condition).values_list("name", flat=True)), common

    looked_up, common = found()
    assert not common
    monkeypatch.setattr(search, "COMMON", 0)
    checked, common = found()
    assert checked == looked_up
    assert common == bool(looked_up)


def test_a_list_searched_for_a_common_word_keeps_rights_order_and_pages(make, sign_in, monkeypatch):
    for i in range(7):
        make.customer(name=f"瑶池{'甲乙丙丁戊己庚'[i]}水泵有限公司")
    make.customer("rep_south", name="瑶池辛水泵有限公司")
    address = "/customers/?view=all&q=有限公司&order=sort_name"
    rare = sign_in("rep").get(address).content.decode()
    monkeypatch.setattr(search, "COMMON", 0)
    monkeypatch.setattr(search, "COMMON_FOR_FEW", 0)
    common = sign_in("rep").get(address).content.decode()

    def rows(page):
        return [name for name in page.split('"lk"') if "瑶池" in name]

    assert [part[:80] for part in rows(common)] == [part[:80] for part in rows(rare)]
    assert "瑶池辛" not in common
    assert "瑶池甲" in common


def test_who_sees_everything_has_a_word_of_nearly_all_rows_counted_by_the_index(make, people, monkeypatch):
    for name in NAMES[:2]:
        make.customer(name=name)

    def asked(user, **more):
        return listing.page(listing.read(registry.kind("customer"), {"q": ["瑶池"], "order": ["sort_name"], **more}, people[user]))

    assert asked("gm").count == 2
    monkeypatch.setattr(search, "COMMON", 0)  # as if 50,000 rows held it
    monkeypatch.setattr(search, "COMMON_FOR_FEW", 0)
    found = asked("gm")
    assert (found.count, found.capped) == (listing.CAP, True)
    assert {row.name for row in found.items} == set(NAMES[:2])
    for user, more in (("rep", {}), ("gm", {"level": ["a"]})):  # who sees a part, or filters, is told an exact number
        assert not asked(user, **more).capped


def test_hits_are_counted_from_the_words_even_where_the_database_knows_nothing_of_its_tables(make, monkeypatch):
    """A fresh house has no statistics: walked from its records, each of them asked the index anew, a search took seconds."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has its own way, and its own test of it")
    make.customer(name="瑶池甲子水泵有限公司")
    with CaptureQueriesContext(connection) as asked:
        search.among("customer", "KH-2026")
    counted = next(query["sql"] for query in asked if "COUNT(*)" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {counted}")
        steps = [row[3] for row in cursor.fetchall()]
    assert next(i for i, step in enumerate(steps) if "VIRTUAL TABLE" in step) < next(i for i, step in enumerate(steps) if " s " in step), steps
