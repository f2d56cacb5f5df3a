"""Numbers by the administrator's rule: the local month, growth, and no number without its row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from zhike.base import clock
from zhike.records import numbering, registry
from zhike.records.models import NumberCounter, NumberRule

pytestmark = pytest.mark.django_db


def test_the_month_is_the_local_one(make):
    """Half past midnight on December 1st in Shanghai is still November in UTC."""
    with clock.freeze(datetime(2026, 11, 30, 16, 30, tzinfo=UTC)):
        assert make.customer().code == "KH-202612-0001"
        assert make.customer().code == "KH-202612-0002"
    with clock.freeze(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)):
        assert make.customer().code == "KH-202611-0001"


def test_after_9999_the_number_grows(people):
    kind = registry.kind("customer")
    with clock.freeze("2026-11-25"), transaction.atomic():
        numbering.issue(kind)
        NumberCounter.objects.filter(series__startswith="customer:").update(last=9998)
        assert numbering.issue(kind, 3) == ["KH-202611-9999", "KH-202611-10000", "KH-202611-10001"]


def test_the_rule_of_the_administrator(people):
    kind = registry.kind("customer")
    NumberRule.objects.create(kind="customer", pattern="C-{YYYY}-{SEQ}", width=6, start=100, step=10, reset="year")
    with clock.freeze("2026-11-25"), transaction.atomic():
        assert numbering.issue(kind, 2) == ["C-2026-000100", "C-2026-000110"]
    with clock.freeze("2027-01-01"), transaction.atomic():
        assert numbering.issue(kind) == ["C-2027-000100"]
    NumberRule.objects.update(reset="never", pattern="C-{SEQ}")
    with transaction.atomic():
        assert numbering.issue(kind) == ["C-000100"]


@pytest.mark.django_db(transaction=True)
def test_no_number_outside_a_transaction(people):
    with pytest.raises(RuntimeError):
        numbering.issue(registry.kind("customer"))


def test_a_number_given_by_hand_stays_and_does_not_move_the_counter(make):
    assert make.customer(code="ALT-7").code == "ALT-7"
    assert not NumberCounter.objects.filter(series__startswith="customer:").exists()
