"""R18: history is complete, and rewriting it shows."""

from __future__ import annotations

import random

import pytest

from zhike.records import history, registry, save
from zhike.records.models import HistoryEntry, HistorySeal

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(make, people):
    row = make.customer()
    for i in range(40):
        save.change_row(row, {"remark": f"第{i}次"}, by=people["rep"], version=None)
        if i % 8 == 7:
            history.seal_history()
    head = history.seal_history()
    assert HistorySeal.objects.count() == 5 and history.broken_seals(head) == []
    return head


def test_every_kind_of_tampering_is_found(sealed):
    dice, found = random.Random(1), 0
    from django.db import transaction

    ways = [
        lambda line: HistoryEntry.objects.filter(pk=line.pk).update(diff={"remark": ["", "伪造"]}),
        lambda line: HistoryEntry.objects.filter(pk=line.pk).update(by=None),
        lambda line: HistoryEntry.objects.filter(pk=line.pk).update(action="forged"),
        lambda line: HistoryEntry.objects.filter(pk=line.pk).update(row_id=line.row_id + 1),
        lambda line: HistoryEntry.objects.filter(pk=line.pk).update(args={"reason": "改过"}),
        lambda line: HistoryEntry.objects.filter(pk=line.pk).update(at=line.at.replace(year=2001)),
        lambda line: HistoryEntry.objects.filter(pk=line.pk).delete(),
    ]
    lines = list(HistoryEntry.objects.filter(pk__lte=HistorySeal.objects.latest("last_id").last_id))
    for i in range(70):
        with transaction.atomic():
            ways[i % len(ways)](dice.choice(lines))
            found += bool(history.broken_seals(sealed))
            transaction.set_rollback(True)
    assert found == 70


def test_a_cut_tail_shows_by_the_published_head(sealed):
    last = HistorySeal.objects.latest("last_id")
    HistoryEntry.objects.filter(pk__gte=last.first_id).delete()
    last.delete()
    assert history.broken_seals() == []
    assert history.broken_seals(sealed)


def test_unchanged_rows_leave_no_line(make, people):
    row = make.customer()
    before = HistoryEntry.objects.count(), row.version
    assert save.change_row(row, {"name": row.name, "remark": " \u200b"}, by=people["rep"], version=None) == {}
    assert save.change_rows(registry.kind("customer"), [row], {"remark": ""}, by=people["rep"], action="edit") == []
    assert (HistoryEntry.objects.count(), row.version) == before


def test_bulk_changes_leave_a_line_each_with_before_and_after(make, people):
    rows = [make.customer() for _ in range(3)]
    save.change_rows(registry.kind("customer"), rows, {"remark": "同批"}, by=people["rep"], action="edit", batch="b1")
    lines = HistoryEntry.objects.filter(batch="b1")
    assert {line.row_id for line in lines} == {row.pk for row in rows}
    assert all(line.diff == {"remark": ["", "同批"]} and line.by == people["rep"] for line in lines)
