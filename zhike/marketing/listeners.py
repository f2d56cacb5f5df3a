"""What customer care does when something happens to its customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from zhike.collab import references
from zhike.customers import events as customer_events
from zhike.customers import moving
from zhike.org.models import User
from zhike.records import ownership, registry, save

from . import events
from .models import CareItem, CareRule
from .planning import plan_rule


@ownership.owner_changed.invariant
def care_follows(rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], to: int, children: list[str], batch: str) -> None:
    """Whoever owns the customer now pays the attention that is planned."""
    if rows[0].KIND != "customer":
        return
    owner = User.objects.get(pk=to)
    found = [item for item in CareItem.objects.filter(customer__in=rows, status="planned") if item.owner_id == old_owners[item.customer_id]]
    save.change_rows(registry.kind("care_item"), found, {"owner_id": owner.pk, "owner_dept_id": owner.department_id},
                     by=by, action="transfer", batch=batch)


@customer_events.customers_pooled.invariant
def plans_of_care_end(rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], pool: str, reason: str) -> None:
    """Nobody attends to customers of a pool; whoever takes one gets what is still to come with the next planning."""
    CareItem.objects.filter(customer__in=[row.pk for row in rows], status="planned").delete()


@events.care_rules_set.follow_up
def planned_at_once(ids: Sequence[int], *, by_id: int | None) -> None:
    """Whoever makes a rule sees what it plans within a moment, not with the next round of the clock."""
    for rule in CareRule.objects.filter(pk__in=ids, enabled=True):
        plan_rule(rule)


# Wishes and days are nothing without the person; what has been done for them stays and keeps them.
references.goes_along("marketing.ContactWish", "contact")
references.goes_along("marketing.CareDay", "contact")
references.goes_along("marketing.CareItem", "contact", ~Q(status="done"))
# What a lead became is remembered, and keeps nobody from deleting it; a conversion that was taken back is its lead's own past.
references.lets_go("marketing.LeadConversion", "contact")
references.lets_go("leads.Lead", "contact")
references.goes_along("marketing.LeadConversion", "lead", ~Q(undone_at=None))
# Both merged customers were to get the same greeting: one is enough.
moving.set_doubles_aside("marketing.CareItem", lambda row: row.status != "done")
