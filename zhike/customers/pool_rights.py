"""Who meets customers of a pool: joined to `visible_to` as one more way, beside owner, department and team."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.urls import reverse

from zhike.org.access import access_of, read_along
from zhike.org.known import watch
from zhike.records import visibility

from .models import Customer, Pool, PoolMember
from .models.pools import belonging


def open_pools(model: type[Any], user: Any, edit: bool) -> Any:
    """Pools whose customers the person reads in full: those they keep, and those that open their records."""
    if model is not Customer or edit:
        return None
    # Known since the rules of the roles were read, and put in as numbers: PostgreSQL takes a subquery here for half the table.
    memo = access_of(user).memo
    if "open-pools" not in memo:  # e.g. rights that were put together for many people at once
        inside = belonging(user).filter(Q(part=PoolMember.ADMIN) | Q(part=PoolMember.MEMBER, pool__enabled=True, pool__open_detail=True))
        memo["open-pools"] = sorted(set(inside.values_list("pool_id", flat=True)))
    return memo["open-pools"] or None


# The same as one part of the query that every page begins with; a department's path holds those above it.
_OPEN_POOLS = (
    "SELECT 'open-pools', m.pool_id, '', '', '', 0 FROM customers_poolmember m JOIN customers_pool p ON p.id = m.pool_id "
    "WHERE (m.part = 'admin' OR (m.part = 'member' AND p.enabled AND p.open_detail)) AND (m.user_id = %s OR m.department_id IN "
    "(SELECT above.id FROM org_department own JOIN org_department above ON own.path LIKE above.path || '%%' WHERE own.id = %s))"
)
watch("customers_pool", "enabled", "open_detail")
watch("customers_poolmember")
read_along["open-pools"] = lambda user: (_OPEN_POOLS, [user.pk, user.department_id])

visibility.add_branch(open_pools, name="pool", column="pool_id")


def keeps(user: Any, pool: Pool) -> bool:
    """Whether the person assigns customers of this pool and decides on requests."""
    return user.is_admin or belonging(user).filter(pool=pool, part=PoolMember.ADMIN).exists()


def belongs(user: Any, pool: Pool) -> bool:
    """Whether the person may take customers out of this pool."""
    return belonging(user).filter(pool=pool, part=PoolMember.MEMBER, pool__enabled=True).exists()


def page_instead(user: Any, pk: int) -> str:
    """Where a member of a pool is led who may not open the customer's own page; empty for everybody else."""
    pool_id = Customer.objects.filter(pk=pk, pool__isnull=False).values_list("pool_id", flat=True).first()
    if pool_id is None or Customer.objects.visible_to(user).filter(pk=pk).exists():
        return ""
    inside = belonging(user).filter(pool=pool_id, part=PoolMember.MEMBER, pool__enabled=True).exists()
    return reverse("pool-customer", args=[pool_id, pk]) if inside else ""
