"""Document numbers: issued inside the transaction from a locked counter, unique, never reused.

A rule's pattern is its parts in order: fixed text, and in braces {YYYY}, {YYYYMM} or {YYYYMMDD}, {DEPT}
(the department's code) and {SEQ} (the count).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.models import Department

from .models import NumberCounter, NumberRule

DATES = {"YYYY": "%Y", "YYYYMM": "%Y%m", "YYYYMMDD": "%Y%m%d"}
PERIODS = {"never": "", "year": "%Y", "month": "%Y%m", "day": "%Y%m%d"}
NOBODY = "0"  # stands for the department of a record that has none
AT_ONCE = 500  # numbers looked up together
_TOKEN = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers that are no kind's first number, e.g. the formal code a customer gets later; administrators set their rule too."""

    name: str
    plural: Any
    slug: str
    model: Any
    number_field: str
    number_rule: Mapping[str, Any]
    number_prefix: str = ""
    owned: bool = False


SERIES: list[Series] = []


def parts_of(pattern: str) -> list[tuple[str, str]]:
    """The parts in order: ("text", "KH-"), ("token", "YYYYMM"), …; a token may be one that does not exist."""
    pieces = _TOKEN.split(pattern)
    return [("token" if i % 2 else "text", piece) for i, piece in enumerate(pieces) if piece or i % 2]


def rule_for(kind: Any) -> NumberRule:
    """The administrator's rule of a kind, or the house default PREFIX-YYYYMM-0001."""
    found = NumberRule.objects.filter(kind=kind.name).first()
    given = getattr(kind, "number_rule", None) or {"pattern": f"{kind.number_prefix}-{{YYYYMM}}-{{SEQ}}"}
    return found or NumberRule(kind=kind.name, **given)


def held_rule(kind: Any) -> NumberRule:
    """The rule, locked until the transaction ends; stored at its first use, so that there is something to hold.

    It is held before any counter, by those who take numbers and by those who change the rule: so
    nobody goes on by an old rule, and nobody waits in a circle.
    """
    rules = NumberRule.objects.select_for_update(of=("self",)).filter(kind=kind.name)
    found = rules.first()
    if found is None:
        NumberRule.objects.bulk_create([rule_for(kind)], ignore_conflicts=True)
        found = rules.get()
    return found


def fixed(rule: NumberRule) -> str:
    """The fixed text of a rule; as long as it stays the same, the count goes on."""
    return "-".join(bare for sort, piece in parts_of(rule.pattern) if sort == "text" and (bare := piece.strip("-")))


def series_of(rule: NumberRule, at: datetime) -> str:
    period = PERIODS[rule.reset]
    return f"{rule.kind}:{fixed(rule)}:{clock.local(at).strftime(period) if period else ''}"


def with_departments(rule: NumberRule) -> bool:
    return "{DEPT}" in rule.pattern


def text(rule: NumberRule, place: int, at: datetime, department: str = "") -> str:
    """One number: the `place` of the count in its parts, in local time."""
    def shown(sort: str, piece: str) -> str:
        if sort == "text":
            return piece
        if piece == "SEQ":
            return f"{place:0{rule.width}d}"
        return (department or NOBODY) if piece == "DEPT" else clock.local(at).strftime(DATES[piece])

    return "".join(shown(sort, piece) for sort, piece in parts_of(rule.pattern))


def issue(kind: Any, count: int = 1, *, at: datetime | None = None, departments: Callable[[], Sequence[str]] | None = None) -> list[str]:
    """Take `count` numbers. The month is that of `at` in local time; after 9999 the width grows.

    `departments` gives the department codes of the rows, asked only where the rule has them. A number
    that a record has already, e.g. an imported one, is passed over. Must run inside a transaction: a
    number belongs to the row saved with it.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("numbers are issued inside the transaction that uses them")
    at, rule = at or clock.now(), held_rule(kind)
    codes = list(departments()) if departments is not None and with_departments(rule) else []
    places = _next_places(kind, rule, count, at, codes) if count <= AT_ONCE else None
    if places is None:
        counter = held_counter(rule, at)
        places = free_places(kind, rule, counter.last, count, at, codes)
        counter.last = places[-1]
        counter.save(update_fields=["last"])
    return [text(rule, place, at, codes[i] if codes else "") for i, place in enumerate(places)]


def _next_places(kind: Any, rule: NumberRule, count: int, at: datetime, codes: Sequence[str]) -> list[int] | None:
    """The next places where nobody stands in the way, which is nearly always: the counter is held and moved in one statement.

    None, and the counter as it was, for a new series and where a record has one of the numbers already.
    """
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("UPDATE records_numbercounter SET last = last + %s WHERE series = %s RETURNING last", [rule.step * count, series_of(rule, at)])
        found = cursor.fetchone()
    if found is None:
        return None
    places = [found[0] - rule.step * (count - 1 - i) for i in range(count)]
    if places[0] >= rule.start and free_places(kind, rule, places[0] - rule.step, count, at, codes) == places:
        return places
    NumberCounter.objects.filter(series=series_of(rule, at)).update(last=places[0] - rule.step)
    return None


def number_rows(kind: Any, rows: Sequence[Any]) -> int:
    """Number those of the rows that have no number yet; returns how many these are."""
    without = [row for row in rows if not getattr(row, kind.number_field)]
    if not without:
        return 0

    def departments() -> list[str]:
        ids = {row.owner_dept_id for row in without}
        codes = dict(Department.objects.filter(pk__in=ids).values_list("pk", "code"))
        return [codes.get(row.owner_dept_id, "") for row in without]

    longest = kind.model._meta.get_field(kind.number_field).max_length
    for row, number in zip(without, issue(kind, len(without), departments=departments), strict=True):
        if len(number) > longest:
            raise Refused(_("The number “%(number)s” is too long. An administrator has to shorten the numbering rule.") % {"number": number})
        setattr(row, kind.number_field, number)
    return len(without)


def held_counter(rule: NumberRule, at: datetime) -> NumberCounter:
    """The counter of the rule's series, locked; a new series begins before its first number."""
    series = series_of(rule, at)
    counters = NumberCounter.objects.select_for_update().filter(series=series)
    found = counters.first()
    if found is None:
        NumberCounter.objects.bulk_create([NumberCounter(series=series, last=rule.start - rule.step)], ignore_conflicts=True)
        found = counters.get()
    return found


def free_places(kind: Any, rule: NumberRule, last: int, count: int, at: datetime, codes: Sequence[str] = ()) -> list[int]:
    """The next `count` places of the count that no record's number has; a query for 500 of them."""
    names = list(dict.fromkeys(codes)) or [""]
    most = max(1, AT_ONCE // len(names))
    place, free, reach = max(last + rule.step, rule.start), [], 1
    while len(free) < count:
        block = [place + i * rule.step for i in range(min(most, max(count - len(free), reach)))]
        numbers = {text(rule, found, at, name): found for found in block for name in names}
        there = kind.model._base_manager.filter(**{f"{kind.number_field}__in": list(numbers)})
        taken = {numbers[number] for number in there.order_by().values_list(kind.number_field, flat=True)}
        free += [found for found in block if found not in taken]
        place, reach = block[-1] + rule.step, reach * 2  # a long run of imported numbers is passed in strides
    return free[:count]


def last_of(rule: NumberRule, before: NumberRule, at: datetime) -> int:
    """Where the count of a rule stands that would follow `before`."""
    series = [series_of(rule, at), *([series_of(before, at)] if fixed(before) == fixed(rule) else [])]
    found = NumberCounter.objects.filter(series__in=series).values_list("last", flat=True)
    return max([rule.start - rule.step, *found])


def carry_on(before: NumberRule, rule: NumberRule, at: datetime) -> None:
    """After a change of the rule, which the caller holds, the count goes on where it stood: nothing is issued twice."""
    if fixed(before) != fixed(rule):
        return
    old, new = held_counter(before, at), held_counter(rule, at)
    if new.last < old.last:
        NumberCounter.objects.filter(pk=new.pk).update(last=old.last)
