"""What recurs by the clock: customers return to their pools, and owners are warned before."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.notices.actions import LINKS, declare
from zhike.org.models import User
from zhike.records import routes, tasks

from .actions import pools
from .actions.pool_rules import warn_days
from .duplicates import jobs as _of_duplicates  # noqa: F401 -- theirs are known from the start, too
from .models import Customer, Pool, PoolRule, PoolWarning
from .pool_scan import by_rule, due_moments

CHUNK = 500
log = logging.getLogger("zhike.customers")

# Told until CU02 of the alerts took its place; messages of that time are still read.
declare("pool.soon", _("%(n)s of your customers go into the pool “%(pool)s” within %(days)s days: %(names)s"))
LINKS["pool_due"] = lambda user, ids: dict.fromkeys(ids, routes.address("pool-due"))
LINKS["pool"] = lambda user, ids: {
    pk: routes.address("pool-customers", pk) for pk in Pool.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
}


@tasks.job("customers.pools", every=24 * 60)
def run_pools() -> None:
    """Every enabled pool: take what its rules name, then write down what comes next."""
    for pool in Pool.objects.filter(enabled=True).order_by("pk"):
        moved = return_due(pool)
        if moved:
            log.info("pool %s: %s customers came in", pool.pk, moved)
    note_due()


@tasks.job("customers.pools_ahead", every=60)
def look_ahead() -> int:
    """Before each look of the alerts: what falls into a pool soon, as things stand now."""
    return note_due()


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


def note_due() -> int:
    """Write down which customers fall into a pool soon, at the nearest step of its warning days; CU02 tells their owners.

    What no longer falls (somebody called, the pool was switched off) is taken out, so that the alert is over.
    Returns how many customers fall soon.
    """
    found: dict[int, tuple[date, int]] = {}
    for pool in Pool.objects.filter(enabled=True).order_by("pk"):
        for before in sorted(warn_days(pool.warn_days), reverse=True):
            for rule, rows in by_rule(pool, ahead=before):
                seen = 0
                while part := list(rows.filter(pk__gt=seen).select_related("facts").order_by("pk")[:CHUNK]):
                    seen = part[-1].pk
                    for pk, at in due_moments(rule, part).items():
                        # The steps come from far to near: the nearest one stays, and of several rules the first day.
                        day = clock.local(at).date()
                        found[pk] = (min(day, found[pk][0]) if pk in found else day, before)
    _note(found)
    return len(found)


def _note(found: dict[int, tuple[date, int]]) -> None:
    wanted = {(pk, day, before) for pk, (day, before) in found.items()}
    with transaction.atomic():
        known = {(pk, day, before): number for number, pk, day, before in PoolWarning.objects.values_list("pk", "customer_id", "due_on", "before")}
        over = [number for line, number in known.items() if line not in wanted]
        for start in range(0, len(over), CHUNK):
            PoolWarning.objects.filter(pk__in=over[start : start + CHUNK]).delete()
        PoolWarning.objects.bulk_create([PoolWarning(customer_id=pk, due_on=day, before=before) for pk, day, before in sorted(wanted - known.keys())],
                                        ignore_conflicts=True, batch_size=CHUNK)


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
