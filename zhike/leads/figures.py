"""What came of leads: counted by state, with rates and cost, within what somebody may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count

from zhike.base.fields import round_half_up

from .models import Campaign, Lead


@dataclass(slots=True)
class Figures:
    """Leads of one origin by state, and what they cost."""

    by_status: dict[str, int] = field(default_factory=dict)
    cost: Decimal | None = None

    @property
    def all(self) -> int:
        return sum(self.by_status.values())

    @property
    def converted(self) -> int:
        return self.by_status.get("converted", 0)

    @property
    def rate(self) -> Decimal:
        """Converted of all, as a fraction of one."""
        return round_half_up(Decimal(self.converted) / self.all, 4) if self.all else Decimal(0)

    @property
    def per_lead(self) -> Decimal | None:
        """Cost of one lead in 元; None without a cost or without leads."""
        return round_half_up(self.cost / self.all, 2) if self.cost is not None and self.all else None

    @property
    def per_conversion(self) -> Decimal | None:
        """Cost of one converted lead in 元; None without a cost or without one."""
        return round_half_up(self.cost / self.converted, 2) if self.cost is not None and self.converted else None

    def reached(self, goal: int) -> Decimal:
        """How much of a goal is there, as a fraction of one."""
        return round_half_up(Decimal(self.all) / goal, 4)


def of_campaign(row: Campaign, user: Any) -> Figures:
    """The leads of one campaign that the person may see."""
    seen = Lead.objects.visible_to(user).filter(campaign=row)
    counted = dict(seen.order_by().values_list("status").annotate(n=Count("pk")))
    return Figures(counted, row.cost)


def by_origin(rows: Any, column: str) -> dict[Any, Figures]:
    """Leads of a queryset by a column (source, campaign_id), in one grouped query."""
    found: dict[Any, Figures] = {}
    for origin, status, n in rows.order_by().values_list(column, "status").annotate(n=Count("pk")):
        found.setdefault(origin, Figures()).by_status[status] = n
    return found
