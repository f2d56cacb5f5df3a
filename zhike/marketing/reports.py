"""What became of customer care: done, left out, answered and paid for, by rule, colleague or customer level."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from .models import CareItem

MOST_DAYS = 731
GROUPS = {"rule": "rule_id", "owner": "owner_id", "level": "customer__level"}
MOST_GROUPS = 200


@dataclass(slots=True)
class Line:
    """The figures of one group."""

    planned: int = 0  # still to be done
    done: int = 0
    skipped: int = 0
    answered: int = 0  # of those done, where something came of it
    cost: Decimal = Decimal(0)

    @property
    def total(self) -> int:
        return self.planned + self.done + self.skipped

    @property
    def rate(self) -> int | None:
        """Done of all that was due, in per cent."""
        return self.done * 100 // self.total if self.total else None

    @property
    def answer_rate(self) -> int | None:
        """Answered of what was done, in per cent."""
        return self.answered * 100 // self.done if self.done else None


def care(user: Any, first: date, last: date, by: str) -> dict[Any, Line]:
    """Care that was due between two days, as far as `user` may see it; one grouped query, whatever the size."""
    if last < first:
        raise Refused(_("The end lies before the start."), field="last")
    if (last - first).days >= MOST_DAYS:
        raise Refused(_("Choose at most %(n)s days.") % {"n": MOST_DAYS}, field="last")
    rows = CareItem.objects.visible_to(user).filter(due_on__gte=first, due_on__lte=last)
    found: dict[Any, Line] = defaultdict(Line)
    told = rows.values_list(GROUPS[by], "status").annotate(
        n=Count("pk"), answered=Count("pk", filter=~Q(result="")), paid=Sum("cost")).order_by()
    for group, status, n, answered, paid in told:
        line = found[group]
        if status == "done":
            line.done, line.answered, line.cost = n, answered, paid or Decimal(0)
        elif status == "skipped":
            line.skipped = n
        else:
            line.planned = n
    return dict(found)
