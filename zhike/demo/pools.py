"""Two pools of the demo company with customers, a request that waits, and a limit for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from zhike.base import clock
from zhike.customers import actions
from zhike.customers.models import Customer, HoldingLimit, Pool, PoolMember, PoolRule
from zhike.org.models import Department, User

# name, department, who keeps it, way out, reps whose customers went there
POOLS = (
    ("华东公海", "EAST", "manager_east", Pool.PICK, ("rep_east2", "rep_east3", "rep_east4")),
    ("华南公海", "SOUTH", "manager_south", Pool.APPLY, ("rep_south", "rep_south2", "rep_south3")),
)
EACH = 12
REASONS = ("联系不上", "暂无需求", "产品不匹配")


@transaction.atomic
def make_pools(users: dict[str, User], customers: list[Customer], say: Callable[[str], None]) -> None:
    """Pools kept by the managers of two departments; quiet customers without business have gone there."""
    admin, n = users["admin"], 0
    for name, department, keeper, mode, reps in POOLS:
        pool = actions.create_pools([Pool(
            name=name, pick_mode=mode, pick_limit=5, pick_period=Pool.WEEK, blocked_days=30,
            visible_fields=["level", "industry", "region", "source", "last_contact"],
        )], by=admin)[0]
        actions.set_members(pool, PoolMember.ADMIN, users=[users[keeper]], by=admin)
        actions.set_members(pool, PoolMember.MEMBER, departments=[Department.objects.get(code=department)], by=admin)
        actions.set_rules(pool, [PoolRule(criterion=PoolRule.FOLLOW_UP, days=180, levels=["A"]),
                                 PoolRule(criterion=PoolRule.FOLLOW_UP, days=120)], by=admin)
        pool = actions.switch_pool(pool, enabled=True, by=admin)
        quiet = Customer.objects.filter(
            pk__in=[row.pk for row in customers], owner__in=[users[rep].pk for rep in reps], lifecycle__in=("target", "potential"),
        ).select_related("owner", "owner__department").order_by("facts__last_contact_at", "pk")[:EACH]
        for i, row in enumerate(quiet):
            with clock.freeze(clock.now() - timedelta(days=40 - 3 * i)):
                actions.return_to_pool([row], pool, reason=REASONS[i % 3], by=row.owner)
            n += 1
        if mode == Pool.APPLY:
            first = Customer.objects.filter(pool=pool).order_by("pk").exclude(previous_owner=users[reps[-1]]).first()
            if first is not None:
                actions.apply_for_customers(pool, [first.pk], reason="老同事引荐", by=users[reps[-1]])
    actions.set_limits([HoldingLimit(most_owned=300, most_locked=20)], by=admin)
    say(f"{len(POOLS)} pools, {n} customers in them")
