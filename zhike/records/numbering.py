"""Document numbers: issued inside the transaction from a locked counter, unique, never reused."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from zhike.base import clock

from .models import NumberCounter, NumberRule


def rule_for(kind: Any) -> NumberRule:
    """The administrator's rule of a kind, or the house default PREFIX-YYYYMM-0001."""
    found = NumberRule.objects.filter(kind=kind.name).first()
    return found or NumberRule(kind=kind.name, prefix=kind.number_prefix)


def _series(rule: NumberRule, at: datetime) -> str:
    period = {"never": "", "year": "%Y", "month": "%Y%m", "day": "%Y%m%d"}[rule.reset]
    return f"{rule.kind}:{rule.prefix}:{clock.local(at).strftime(period) if period else ''}"


def issue(kind: Any, count: int = 1, *, at: datetime | None = None) -> list[str]:
    """Take `count` numbers. The month is that of `at` in local time; after 9999 the width grows.

    Must run inside a transaction: a number belongs to the row saved with it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbers are issued inside the transaction that uses them")
    rule, at = rule_for(kind), at or clock.now()
    series = _series(rule, at)
    NumberCounter.objects.bulk_create(
        [NumberCounter(series=series, last=rule.start - rule.step)], ignore_conflicts=True
    )
    counter = NumberCounter.objects.select_for_update().get(series=series)
    first = counter.last + rule.step
    counter.last += rule.step * count
    counter.save(update_fields=["last"])
    parts = [rule.prefix]
    if rule.date_part:
        parts.append(clock.local(at).strftime(rule.date_part))
    head = "-".join(part for part in parts if part)
    return [f"{head}-{first + i * rule.step:0{rule.width}d}" for i in range(count)]
