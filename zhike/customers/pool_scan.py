"""Which customers the rules of a pool would take, as one query a rule; and when a customer is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from zhike.base import clock
from zhike.base.slots import Slot
from zhike.org.models import Department, User

from .models import Customer, Opening, Pool, PoolMember, PoolRule


@dataclass(slots=True)
class Trace:
    """Something that keeps a customer with its owner, told by a higher app.

    `since(moment)` gives ids of customers that have had one from then on, `latest(ids)` the last one of each.
    """

    since: Callable[[datetime], QuerySet[Any]]
    latest: Callable[[Sequence[int]], dict[int, datetime]]


# "opportunity", "deal": what the criteria of rules look for above.
traces: Slot[Trace] = Slot("pools.traces")
# Functions giving ids of customers with open business, which a pool may spare.
busy: Slot[Callable[[], QuerySet[Any]]] = Slot("pools.busy")


def people_of(pool: Pool, part: str) -> set[int]:
    """Ids of the people who have this part in the pool, themselves or by their department."""
    found: set[int] = set()
    departments = Q()
    for member in pool.members.filter(part=part).select_related("department"):
        if member.user_id:
            found.add(member.user_id)
        elif member.department is not None:
            departments |= Q(path__startswith=member.department.path)
    if departments:
        found |= set(User.objects.filter(department__in=Department.objects.filter(departments).values("pk"))
                     .order_by().values_list("pk", flat=True))
    return found


def covered(pool: Pool) -> QuerySet[Customer]:
    """Customers that the pool's rules look at: owned by its members, and spared for no reason."""
    owners = people_of(pool, PoolMember.MEMBER) - people_of(pool, PoolMember.SPARED)
    rows = Customer.objects.filter(owner__in=sorted(owners), locked=False, enabled=True)
    rows = rows.exclude(pk__in=Opening.objects.filter(status="waiting").values("customer_id"))  # finance is at work on it
    if pool.keep_deals:
        rows = rows.exclude(lifecycle__in=("deal", "service"))
    if pool.keep_busy:
        for ids in busy:
            rows = rows.exclude(pk__in=ids())
    return rows.order_by()


def by_rule(pool: Pool, *, ahead: int = 0) -> list[tuple[PoolRule, QuerySet[Customer]]]:
    """Every rule with the customers it takes within `ahead` days.

    For each condition the first rule that names a customer's level decides; a rule without levels is for all.
    """
    base, named = covered(pool), dict[str, set[str]]()
    whole: set[str] = set()
    found = []
    for rule in pool.rules.all():
        if rule.criterion in whole:
            continue
        earlier = named.setdefault(rule.criterion, set())
        rows = base.filter(level__in=rule.levels) if rule.levels else base
        if earlier:
            rows = rows.exclude(level__in=sorted(earlier))
        earlier.update(rule.levels)
        if not rule.levels:
            whole.add(rule.criterion)
        found.append((rule, quiet(rows, rule, clock.now() - timedelta(days=rule.days - ahead))))
    return found


def quiet(rows: QuerySet[Customer], rule: PoolRule, cut: datetime) -> QuerySet[Customer]:
    """Those in the same hands since before `cut` and without what the rule asks for since then."""
    rows = rows.filter(Q(held_since__lt=cut) | Q(held_since=None, created_at__lt=cut))
    if rule.criterion == PoolRule.FOLLOW_UP:
        return rows.filter(facts__last_contact_at__lt=cut)
    trace = traces.get(rule.criterion)
    return rows.exclude(pk__in=trace.since(cut)) if trace is not None else rows.none()


def due_moments(rule: PoolRule, rows: Iterable[Customer]) -> dict[int, datetime]:
    """When each of these customers falls into the pool by the rule."""
    rows = list(rows)
    trace = traces.get(rule.criterion)
    latest = trace.latest([row.pk for row in rows]) if trace is not None else {}
    found = {}
    for row in rows:
        last = row.facts.last_contact_at if rule.criterion == PoolRule.FOLLOW_UP else latest.get(row.pk)
        begin = row.held_since or row.created_at
        found[row.pk] = (max(begin, last) if last else begin) + timedelta(days=rule.days)
    return found


def preview(pool: Pool, *, ahead: int = 0) -> list[tuple[PoolRule, int]]:
    """How many customers each rule would take, a customer counted at its first rule only."""
    found, seen = [], Q()
    for rule, rows in by_rule(pool, ahead=ahead):
        found.append((rule, (rows.exclude(seen) if seen else rows).count()))
        seen |= Q(pk__in=rows.values("pk"))
    return found
