"""The sales funnel and won deals, summed in the database over the rows one may see."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.opportunities.models import Opportunity, Process, Stage, StageChange
from zhike.opportunities.processes import course_of, enabled_processes
from zhike.org.access import access_of
from zhike.records import listing, registry

MEASURES = ("amount", "weighted", "count")
OWN = ("measure", "process", "stage_drill")
MANY = 5_000


@dataclass(slots=True)
class Layer:
    """One stage: how many open opportunities, their sums in 元, conversion and average days."""

    stage: Stage
    count: int = 0
    amount: Decimal = Decimal(0)
    weighted: Decimal = Decimal(0)
    onward: Decimal | None = None  # share of those that left the stage forward or as won
    days: Decimal | None = None


@dataclass(slots=True)
class Funnel:
    process: Process | None
    measure: str
    layers: list[Layer] = field(default_factory=list)

    def value(self, layer: Layer) -> Decimal:
        return {"amount": layer.amount, "weighted": layer.weighted, "count": Decimal(layer.count)}[self.measure]

    @property
    def total(self) -> Layer:
        return Layer(
            Stage(), sum(layer.count for layer in self.layers), sum((x.amount for x in self.layers), Decimal(0)),
            sum((x.weighted for x in self.layers), Decimal(0)),
        )


def may_measure(user: Any, measure: str) -> bool:
    name = {"amount": "amount", "weighted": "weighted_amount"}.get(measure)
    return name is None or access_of(user).field_mode("opportunity", name) in ("", "read")


def funnel(user: Any, measure: str, params: Mapping[str, list[str]], *, rates: bool = True) -> Funnel:
    """Open opportunities of one process by stage; filters are those of the opportunity list.

    Without `rates` the shares that went onward and the average days are left out.
    """
    if measure not in MEASURES or not may_measure(user, measure):
        raise Refused(_("There is no measure “%(m)s”. Possible: %(list)s")
                      % {"m": measure[:40], "list": ", ".join(MEASURES)}, code="measure")
    wanted = (params.get("process") or [""])[-1]
    pk = number(wanted) if wanted else None
    if wanted and pk is None:
        raise Refused(_("There is no such process."), code="process")
    enabled = enabled_processes(by=user)
    process = next((one for one in enabled if not wanted or one.pk == pk), None)
    if process is None:
        if wanted:
            raise Refused(_("There is no such process."), code="process")
        return Funnel(None, measure)
    kind = registry.kind("opportunity")
    rest = {key: values for key, values in params.items() if key not in OWN}
    rest.setdefault("status", ["open"])
    stages = course_of(process.pk, by=user).stages
    found = _sums(listing.read(kind, rest, user, ignore=OWN), stages)
    layers = []
    flow = _flow(user, process, stages) if rates else {}
    for stage in stages:
        count, amount, weighted = found.get(stage.pk, (0, Decimal(0), Decimal(0)))
        left, onward, days = flow.get(stage.pk, (0, 0, None))
        layers.append(Layer(
            stage, count, amount, weighted,
            (Decimal(onward) / left) if left else None, Decimal(str(round(days, 1))) if days is not None else None,
        ))
    return Funnel(process, measure, layers)


def _sums(request: listing.Request, stages: Sequence[Stage]) -> dict[int, tuple[int, Decimal, Decimal]]:
    """Per stage: how many, expected and weighted amount; each part of what one may see comes from the index of sums."""
    if not stages:
        return {}
    first, *more = (
        part.filter(process=stages[0].process_id, stage__in=stages).values("stage_id")
        .annotate(n=Count("pk"), amount=Sum("amount"), weighted=Sum("weighted_amount"))
        for part in request.pieces()
    )
    found: dict[int, tuple[int, Decimal, Decimal]] = {}
    for row in first.union(*more, all=True) if more else first:
        count, amount, weighted = found.get(row["stage_id"], (0, Decimal(0), Decimal(0)))
        found[row["stage_id"]] = (count + row["n"], amount + (row["amount"] or 0), weighted + (row["weighted"] or 0))
    return found


def _flow(user: Any, process: Process, stages: Sequence[Stage]) -> dict[int, tuple[int, int, float | None]]:
    """Per stage: how many left it, how many of them onward, and the average days it took.

    Counted by (from, to, status), which an index holds; what is forward is decided here. Where more than
    `MANY` moves were counted, the averages of years are kept for ten minutes, for this person and these rights.
    """
    if not access_of(user).may("opportunity", "view"):
        return {}
    key = f"funnel-flow:{process.pk}:{user.pk}:{_reach_mark(user)}"
    kept: dict[int, tuple[int, int, float | None]] | None = cache.get(key)
    if kept is not None:
        return kept
    flow = _counted_flow(user, process, stages)
    if sum(left for left, _onward, _days in flow.values()) > MANY:
        cache.set(key, flow, 600)
    return flow


def _reach_mark(user: Any) -> str:
    """A short mark of whose rows the person reaches; another role is another mark."""
    reach = access_of(user).reach("opportunity")
    return hashlib.sha256(repr((reach.everything, sorted(reach.owners), sorted(reach.departments))).encode()).hexdigest()[:20]


def _counted_flow(user: Any, process: Process, stages: Sequence[Stage]) -> dict[int, tuple[int, int, float | None]]:
    order = {stage.pk: stage.order for stage in stages}
    moves = StageChange.objects.filter(source__in=order)
    if not access_of(user).reach("opportunity").everything:
        moves = moves.filter(opportunity__in=Opportunity.objects.visible_to(user).filter(process=process).values("pk"))
    flow: dict[int, tuple[int, int, float | None]] = {}
    totals: dict[int, int] = {}
    grouped = moves.order_by().values("source_id", "target_id", "status").annotate(n=Count("pk"), days=Sum("days"))
    for row in grouped:
        source, n = row["source_id"], row["n"]
        onward = row["status"] == "won" or (row["status"] == "open" and order.get(row["target_id"], 0) > order[source])
        left, before, _days = flow.get(source, (0, 0, None))
        totals[source] = totals.get(source, 0) + row["days"]
        flow[source] = (left + n, before + n * onward, totals[source] / (left + n))
    return flow


def won(user: Any, *, by: str = "quarter", params: Mapping[str, list[str]] | None = None) -> list[dict[str, Any]]:
    """Won opportunities per month, quarter or year of the winning day: count and sum in 元."""
    if by not in ("month", "quarter", "year"):
        raise Refused(_("Group by month, quarter or year."), code="by")
    if access_of(user).field_mode("opportunity", "won_amount") not in ("", "read"):
        raise Refused(_("Your roles do not show amounts."), code="amount")
    rest = {key: values for key, values in (params or {}).items() if key != "by"}
    rows = listing.read(registry.kind("opportunity"), rest, user).rows().filter(status="won", won_at__isnull=False)
    totals: dict[str, tuple[int, Decimal]] = {}
    # By day in the database, which an index holds, by period here: a year has 365 of them.
    for row in rows.values("won_at").annotate(n=Count("pk"), total=Sum("won_amount")):
        key = period(row["won_at"], by)
        count, total = totals.get(key, (0, Decimal(0)))
        totals[key] = (count + row["n"], total + (row["total"] or Decimal(0)))
    return [{"period": key, "count": n, "amount": total} for key, (n, total) in sorted(totals.items())]


def period(day: date, by: str) -> str:
    if by == "year":
        return f"{day.year}"
    return f"{day.year}-Q{(day.month + 2) // 3}" if by == "quarter" else f"{day.year}-{day.month:02d}"


def days_of(key: str) -> tuple[date, date]:
    """First and last day of a period as `period` names it: 2026, 2026-Q3 or 2026-09."""
    year, _dash, part = key.partition("-")
    if not part:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    first, length = (int(part[1:]) * 3 - 2, 3) if part.startswith("Q") else (int(part), 1)
    following = first + length
    after = date(int(year) + following // 13, (following - 1) % 12 + 1, 1)
    return date(int(year), first, 1), after - timedelta(days=1)
