"""Groups of customers: who belongs to whom. Each question is one query, however deep or broken the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.slots import Slot

from .models import Customer

DEPTH = 10  # levels of a group; also what ends a walk in data that runs in a circle
MEMBERS = 100  # companies of a group that are shown and counted

_UP = """WITH RECURSIVE up(start, id, parent_id, depth) AS (
    SELECT id, id, parent_id, 0 FROM customers_customer WHERE id IN ({ids})
    UNION SELECT up.start, c.id, c.parent_id, up.depth + 1 FROM customers_customer c JOIN up ON c.id = up.parent_id
    WHERE up.depth < {depth})"""
_GROUP = (_UP + """, down(id, depth) AS (
    SELECT id, 0 FROM (SELECT id FROM up ORDER BY depth DESC LIMIT 1) AS top
    UNION SELECT c.id, down.depth + 1 FROM customers_customer c JOIN down ON c.parent_id = down.id
    WHERE down.depth < {depth})""")  # noqa: S608 - fixed texts; ids are parameters everywhere below


# Figures of a whole group that higher apps add: function(page, ids of its companies) → facts.
group_figures: Slot[Callable[[Any, list[int]], list[Any]]] = Slot("customer.group_figures")


@dataclass(slots=True)
class Member:
    """A company of a group that the person may see; `level` counts from the highest one they see."""

    row: Customer
    level: int


def _walk(ids: Iterable[int]) -> dict[int, list[int]]:
    """Start id → itself and everybody above, in order."""
    wanted = sorted({int(one) for one in ids})
    found: dict[int, list[int]] = {one: [] for one in wanted}
    if wanted:
        sql = _UP.format(ids=", ".join(["%s"] * len(wanted)), depth=2 * DEPTH)
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} SELECT start, id FROM up ORDER BY start, depth", wanted)  # noqa: S608
            for start, above in cursor.fetchall():
                if above not in found[start]:
                    found[start].append(above)
    return found


def chain(pk: int) -> list[int]:
    """The customer and everybody above it, nearest first."""
    return _walk([pk])[pk]


def heads(ids: Iterable[int]) -> dict[int, int]:
    """Customer id → the head of its group, itself where it stands alone."""
    return {start: above[-1] for start, above in _walk(ids).items() if above}


def members(row: Customer, user: Any) -> list[Member]:
    """The whole group of a customer as far as the person sees it, heads before their subsidiaries."""
    sql = _GROUP.format(ids="%s", depth=DEPTH) + f" SELECT DISTINCT id FROM down LIMIT {MEMBERS}"  # noqa: S608
    rows = {found.pk: found for found in Customer.objects.visible_to(user).select_related("owner", "facts")
            .filter(pk__in=RawSQL(sql, [row.pk]))}
    below: dict[int | None, list[Customer]] = {}
    for found in sorted(rows.values(), key=lambda one: (one.sort_name, one.pk)):
        below.setdefault(found.parent_id if found.parent_id in rows else None, []).append(found)
    ordered: list[Member] = []
    seen: set[int] = set()

    def take(found: Customer, level: int) -> None:
        if found.pk in seen:
            return
        seen.add(found.pk)
        ordered.append(Member(found, level))
        for child in below.get(found.pk, []):
            take(child, level + 1)

    for found in [*below.get(None, []), *rows.values()]:  # the second part: whoever stands in a circle
        take(found, 0)
    return ordered


def check_parent(row: Customer, parent: Customer) -> None:
    """Refuse a parent that stands below the customer itself, or one that makes the group too deep.

    The two rows stay locked, so that of two people who hang them under each other one is refused.
    """
    ids = [pk for pk in (row.pk, parent.pk) if pk]
    list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    above = chain(parent.pk)
    if row.pk and row.pk in above:
        raise Refused(_("These customers would be each other's parent."), field="parent")
    if len(above) + (_height(row.pk) if row.pk else 1) > DEPTH:
        raise Refused(_("A group has at most %(n)s levels. Choose a parent higher up.") % {"n": DEPTH}, field="parent")


def _height(pk: int) -> int:
    """How many levels stand from this customer downwards, itself included."""
    sql = """WITH RECURSIVE down(id, depth) AS (
        SELECT id, 1 FROM customers_customer WHERE id = %s
        UNION SELECT c.id, down.depth + 1 FROM customers_customer c JOIN down ON c.parent_id = down.id WHERE down.depth <= %s)
        SELECT MAX(depth) FROM down"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [pk, DEPTH])
        return int(cursor.fetchone()[0] or 1)


def code_is_taken(uscc: str, *, row: Customer, parent_id: int | None) -> bool:
    """Whether a customer outside the group has this credit code; plants and branches may share one."""
    holders = list(Customer.objects.filter(uscc=uscc).exclude(pk=row.pk).order_by("pk").values_list("pk", flat=True)[:MEMBERS])
    mine = parent_id or row.pk
    if not mine:
        return bool(holders)
    found = heads([mine, *holders])
    return any(found.get(holder) != found.get(mine) for holder in holders)
