"""What members see of a pool's customers before one is theirs: the chosen fields, within their roles' field rights."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from zhike.org.access import access_of
from zhike.records import registry
from zhike.records.attrs import Attr

from .actions.pool_rules import SHOWABLE
from .models import Customer, Pool

FILTERS = ("level", "industry", "source", "lifecycle", "category", "scale", "territory")


def shown(pool: Pool, user: Any) -> list[Attr]:
    """The columns of the pool for this person; the name comes first and is always there.

    What a role masks is left out altogether: nobody looks into a pool to see stars.
    """
    kind = registry.kind("customer")
    names = ["name", *(name for name in SHOWABLE if name in pool.visible_fields)]
    return kind.open(names, access_of(user))


def filters(pool: Pool, user: Any) -> list[Attr]:
    """What the pool may be narrowed by: never a field that is not shown, else guessing would tell."""
    return [attr for attr in shown(pool, user) if attr.name in FILTERS]


def rows(pool: Pool) -> QuerySet[Customer]:
    """The customers of a pool with what its columns need."""
    return Customer.objects.filter(pool=pool).select_related("region", "facts", "previous_owner").order_by("-held_since", "-pk")
