"""Finding the same customer again, across everybody's rows, telling no more than one may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from zhike.base.chinese import names, phones

from .models import Customer

LIMIT = 5


@dataclass(slots=True)
class Match:
    """A customer that looks like the asked one; `row` is filled only for those who may see it."""

    name: str
    owner: str
    department: str
    why: str  # name, uscc or phone
    certain: bool
    row: Customer | None = None

    def plain(self) -> dict[str, Any]:
        """For programs: as much as the person may know."""
        return {"text": self.name, "owner": self.owner, "why": self.why, "id": self.row.pk if self.row else None}


def matches(
    user: Any, *, name: str = "", uscc: str = "", phone: str = "", exclude: int | None = None
) -> list[Match]:
    """Customers with the same core name, credit code or phone. One indexed query, at most five hits."""
    core = names.core(name) if name else ""
    digits = phones.normalise(phone) if phone else ""
    condition = Q()
    if core:
        condition |= Q(match_name=core)
    if uscc:
        condition |= Q(uscc=uscc)
    if digits:
        condition |= Q(phone=digits)
    if not condition:
        return []
    rows = Customer.objects.filter(condition).exclude(pk=exclude).select_related("owner", "owner_dept", "region", "pool")
    found = list(rows.order_by("pk")[:LIMIT])
    seen = set(Customer.objects.visible_to(user).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    result = []
    for row in found:
        why = "uscc" if uscc and row.uscc == uscc else "name" if core and row.match_name == core else "phone"
        result.append(
            Match(
                name=row.name if row.pk in seen else mask_name(row.name),
                owner=str(row.owner or row.pool),
                department=str(row.owner_dept or ""),
                why=why,
                certain=why == "uscc" or (why == "name" and names.same_region(row.name, name)),
                row=row if row.pk in seen else None,
            )
        )
    return result


def mask_name(name: str) -> str:
    """The first and last two characters, so that the asker can tell whether it is the same firm."""
    if len(name) <= 4:
        return name[:1] + "*" * (len(name) - 1)
    return name[:2] + "*" * (len(name) - 4) + name[-2:]
