"""Changing many rows together is changing each of them: same rows, same history, same refusals."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from zhike.records import bulk, registry
from zhike.records.models import HistoryEntry
from zhike.records.teams import share_row

pytestmark = [pytest.mark.django_db, pytest.mark.both]
MOVING = ("id", "stage_started_at", "updated_at", "created_at", "name", "sort_name", "pinyin_abbr", "match_name", "code", "uscc", "customer_id")


@pytest.fixture(autouse=True)
def chinese():
    with translation.override("zh-hans"):
        yield


def state(rows):
    found = []
    for row in rows:
        stored = type(row).objects.filter(pk=row.pk).values().get()
        lines = HistoryEntry.objects.filter(kind=row.KIND, row_id=row.pk).order_by("pk")
        found.append(({k: v for k, v in stored.items() if k not in MOVING},
                      [(line.action, line.by_id, line.diff, bool(line.batch)) for line in lines.filter(action="edit")]))
    return found


def both_ways(monkeypatch, rows, others, values, by):
    """The outcome and the state of one set changed together and of its twin changed one by one."""
    kind = registry.kind(rows[0].KIND)
    one = bulk.edit_rows(kind, rows, values, by=by)
    monkeypatch.setattr(bulk, "_together", lambda *args: False)
    two = bulk.edit_rows(kind, others, values, by=by)
    assert (len(one.changed), one.same, [text for _row, text in one.failed]) == (
        len(two.changed), two.same, [text for _row, text in two.failed])
    assert state(rows) == state(others)
    return one


@pytest.mark.parametrize("values", [{"level": "B"}, {"remark": "  批量 备注 "}, {"level": "B", "remark": "x"}])
def test_customers(monkeypatch, make, people, values):
    def some():
        shared = make.customer(owner="rep_south", level="A")
        share_row(shared, [people["rep"]], by=people["rep_south"])
        return [*(make.customer(owner="rep", level=level) for level in "ABC"), shared]

    found = both_ways(monkeypatch, some(), some(), values, people["rep"])
    assert len(found.failed) == 1 and found.changed


def test_figures_that_follow_and_closed_ones(monkeypatch, make, people):
    def some():
        rows = [make.opportunity(amount=Decimal(amount)) for amount in (100, 200, 300)]
        type(rows[0]).objects.filter(pk=rows[2].pk).update(status="lost")
        return list(type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))

    by = people["admin"]
    found = both_ways(monkeypatch, some(), some(), {"expected_sign_date": date(2027, 3, 31)}, by)
    assert len(found.changed) == 2 and len(found.failed) == 1


def test_links_and_rows_that_are_gone(make, people):
    rows = [make.customer(owner="rep") for _n in range(3)]
    gone = make.customer(owner="rep_south")
    outcome = bulk.edit_rows(registry.kind("customer"), [*rows, gone], {"level": "C"}, by=people["rep"])
    assert len(outcome.changed) == 3 and [row for row, _text in outcome.failed] == [gone]
    parent = make.customer(owner="rep")
    outcome = bulk.edit_rows(registry.kind("customer"), [*rows, parent], {"parent": parent}, by=people["rep"])
    assert len(outcome.changed) == 3 and outcome.failed[0][0] == parent


def test_few_statements_for_many_rows(make, people, django_assert_max_num_queries):
    rows = [make.customer(owner="rep", level="A") for _n in range(40)]
    by = people["rep"]
    with django_assert_max_num_queries(30):
        bulk.edit_rows(registry.kind("customer"), rows, {"level": "B"}, by=by)


def test_what_one_row_says_no_to_stops_no_other(make, people):
    """A row that an old import left broken is named; its neighbours are changed."""
    rows = [make.customer(owner="rep", level="A") for _n in range(3)]
    type(rows[0]).objects.filter(pk=rows[1].pk).update(name="7")
    outcome = bulk.edit_rows(registry.kind("customer"), rows, {"level": "B"}, by=people["rep"])
    assert len(outcome.changed) == 2 and [row.pk for row, _text in outcome.failed] == [rows[1].pk]
