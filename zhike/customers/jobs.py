"""What recurs by the clock: customers return to their pools, and owners are warned before."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.notices.actions import LINKS, declare, tell
from zhike.org.models import User
from zhike.records import routes, tasks

from .actions import pools
from .actions.pool_rules import warn_days
from .duplicates import jobs as _of_duplicates  # noqa: F401 -- theirs are known from the start, too
from .models import Customer, Pool, PoolRule, PoolWarning
from .pool_scan import by_rule, due_moments

CHUNK = 500
log = logging.getLogger("zhike.customers")

declare("pool.soon", _("%(n)s of your customers go into the pool “%(pool)s” within %(days)s days: %(names)s"))
LINKS["pool_due"] = lambda user, ids: dict.fromkeys(ids, routes.address("pool-due"))
LINKS["pool"] = lambda user, ids: {
    pk: routes.address("pool-customers", pk) for pk in Pool.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
}


@tasks.job("customers.pools", every=24 * 60)
def run_pools() -> None:
    """Every enabled pool: take what its rules name, then warn of what comes next."""
    for pool in Pool.objects.filter(enabled=True).order_by("pk"):
        moved, warned = return_due(pool), warn_owners(pool)
        if moved or warned:
            log.info("pool %s: %s customers came in, %s warnings", pool.pk, moved, warned)


def return_due(pool: Pool) -> int:
    """Take the customers that the rules of a pool name, 500 a transaction; returns how many."""
    lost: dict[int, list[Customer]] = {}
    came: list[Customer] = []
    for rule, rows in by_rule(pool):
        seen = 0
        while ids := list(rows.filter(pk__gt=seen).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
            seen = ids[-1]
            with transaction.atomic():
                # Locked first and asked again: what was contacted or taken meanwhile stays.
                list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
                held = list(rows.filter(pk__in=ids).select_related("owner", "owner__department").order_by("pk"))
                old = {row.pk: row.owner_id for row in held}
                moved = pools.into_pool(held, pool, reason=str(rule), by=None, quietly=True) if held else []
            for row in moved:
                lost.setdefault(old[row.pk], []).append(row)
            came += moved
    for owner in User.objects.filter(pk__in=lost, is_active=True):
        pools.tell_lost(owner, pool, lost[owner.pk], by=None)
    if came:
        pools.tell_came(pool, came, by=None)
    return len(came)


def warn_owners(pool: Pool) -> int:
    """Tell owners of what falls into the pool soon, each step before the day once; returns how many customers."""
    told = 0
    today = clock.today()
    steps = warn_days(pool.warn_days)
    known: set[int] = set()  # warned of at a nearer step in this run
    for before in steps:
        for rule, rows in by_rule(pool, ahead=before):
            heard = PoolWarning.objects.filter(customer=OuterRef("pk"), before__lte=before, due_on__gte=today, due_on__lte=_day(before))
            fresh = rows.exclude(Exists(heard))
            seen = 0
            while part := list(fresh.filter(pk__gt=seen).select_related("facts").order_by("pk")[:CHUNK]):
                seen = part[-1].pk
                told += _warn(pool, rule, before, [row for row in part if row.pk not in known])
                known.update(row.pk for row in part)
    return told


def _day(ahead: int) -> date:
    return clock.today() + timedelta(days=ahead)


@transaction.atomic
def _warn(pool: Pool, rule: PoolRule, before: int, rows: Sequence[Customer]) -> int:
    if not rows:
        return 0
    moments = due_moments(rule, rows)
    PoolWarning.objects.bulk_create(
        [PoolWarning(customer=row, due_on=clock.local(moments[row.pk]).date(), before=before) for row in rows], ignore_conflicts=True)
    owners: dict[int, list[Customer]] = {}
    for row in rows:
        owners.setdefault(row.owner_id, []).append(row)
    for owner in User.objects.filter(pk__in=owners, is_active=True):
        mine = owners[owner.pk]
        tell([owner], "pool.soon", key=f"pool.soon:{pool.pk}:{rule.pk}:{before}:{mine[0].pk}:{clock.today()}",
             row=SimpleNamespace(KIND="pool_due", pk=pool.pk), tone="wait", n=len(mine), pool=pool.name, days=before,
             names="、".join(str(row) for row in mine[:5]))
    return len(rows)


def due_soon(user: Any, *, ahead: int) -> list[tuple[Pool, PoolRule, Customer, Any]]:
    """The person's own customers that fall into a pool within `ahead` days, soonest first; at most 200 a rule."""
    found: dict[int, tuple[Pool, PoolRule, Customer, Any]] = {}
    for pool in Pool.objects.filter(enabled=True).order_by("pk"):
        for rule, rows in by_rule(pool, ahead=ahead):
            mine = list(rows.filter(owner=user).select_related("facts")[:200])
            for row, at in zip(mine, due_moments(rule, mine).values(), strict=True):
                if row.pk not in found or at < found[row.pk][3]:
                    found[row.pk] = (pool, rule, row, at)
    return sorted(found.values(), key=lambda line: line[3])
