"""What customers do when something happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.questions import Answer
from zhike.collab import events as trash_events
from zhike.collab import questions as trash
from zhike.notices import alerting
from zhike.org.models import User
from zhike.people import leaving
from zhike.records import along, forwarding, ownership

from . import limits, line_rights, moving, pool_rights, quality  # noqa: F401 -- pools join `visible_to` when the house starts
from .actions import pools
from .actions.line_owners import line_handed
from .models import Contact, Customer, MergedRow, Pool, PoolMove

PROVINCE = 10_000  # a region's number without city and district

along.goes_along("customer", along.Along("contacts", "contact", gettext_lazy("Contacts"), "customer"))


def by_region(ids: Sequence[int], receivers: Sequence[int]) -> dict[int, int]:
    """Customers of one province stay together: with who has most customers there already, else with who gets fewest."""
    here: dict[int, list[int]] = {}
    for start in range(0, len(ids), along.AT_ONCE):
        part = ids[start : start + along.AT_ONCE]
        for pk, region in Customer.objects.filter(pk__in=part).order_by("pk").values_list("pk", "region_id"):
            here.setdefault((region or 0) // PROVINCE, []).append(pk)
    has: dict[tuple[int, int], int] = {}
    grouped = Customer.objects.filter(owner__in=receivers, region__isnull=False).values_list("owner_id", "region_id")
    for owner, region, n in grouped.annotate(n=Count("pk")).order_by():
        key = (region // PROVINCE, owner)
        has[key] = has.get(key, 0) + n
    got, found = dict.fromkeys(receivers, 0), {}
    for province, rows in sorted(here.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        at_home = max(receivers, key=lambda pk: has.get((province, pk), 0))
        to = at_home if has.get((province, at_home)) else min(receivers, key=lambda pk: got[pk])
        got[to] += len(rows)
        found |= dict.fromkeys(rows, to)
    return found


leaving.spreads.add("region", leaving.Spread("region", "customer", gettext_lazy("by region, each province to one receiver"), by_region))


@trash_events.rows_trashed.invariant
@trash_events.rows_restored.invariant
def completeness_follows(rows: Sequence[Any], *, by: Any) -> None:
    """A customer without its contact is less complete."""
    customers = {row.customer_id for row in rows if row.KIND == "contact"}
    if customers:
        quality.refresh_quality(customers)


@trash.fits_again.answered_by
def primary_meanwhile(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """A contact that comes back steps behind the one who has become primary meanwhile."""
    for row in rows:
        if row.KIND == "contact" and row.primary and Contact.objects.filter(customer=row.customer_id, primary=True).exists():
            row.primary = False
    return []


@ownership.owner_changed.invariant
def in_other_hands(
    rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], to: int, children: list[str], batch: str
) -> None:
    """A customer handed over begins anew with its owner: out of its pool, unlocked, within the owner's limit."""
    if rows[0].KIND == "line_owner":
        line_handed(rows, by=by, old_owners=old_owners, to=to, batch=batch)
    if rows[0].KIND != "customer":
        return
    line_rights.refuse_handing_over(by, rows, old_owners)
    owner = User.objects.get(pk=to)
    waiting: dict[int, list[Any]] = {}
    for row in rows:
        if row.pool_id:
            waiting.setdefault(row.pool_id, []).append(row)
    for pool in Pool.objects.filter(pk__in=waiting):
        pools.left_pool(pool, waiting[pool.pk], to=owner, way=PoolMove.TAKEN, by=by)
    Customer.objects.filter(pk__in=[row.pk for row in rows]).update(pool=None, locked=False, held_since=clock.now())
    for row in rows:
        row.pool, row.locked = None, False
    limits.require_room_for(rows, field="to")


def _merged(kind: str) -> None:
    """Where the number of a merged customer or contact leads, and which lead to one."""
    forwarding.register(
        kind,
        lambda pk: MergedRow.objects.filter(kind=kind, row_id=pk).values_list("kept_id", flat=True).first(),
        lambda ids: list(MergedRow.objects.filter(kind=kind, kept_id__in=ids).order_by("row_id").values_list("row_id", flat=True)),
    )


def _kind_of_rule(row: Any) -> str:
    alert = alerting.declared(row.code)
    return alert.kind if alert is not None else ""


moving.add_query("notices.AlertRule", "conditions", _kind_of_rule)
_merged("customer")
_merged("contact")
