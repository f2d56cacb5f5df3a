"""The customer master in figures: who there is by what they are, who is new, who was lost, how well we know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.lifecycle import LIFECYCLE
from zhike.customers.models import LifecycleChange
from zhike.customers.quality import BITS, GAPS, Gap, may_know
from zhike.masterdata.models import Region
from zhike.org.access import access_of
from zhike.org.models import Department
from zhike.records import listing, options, registry

from .lifecycle import bounds

OWN = ("by", "of", "group", "drill", "file")
GROUPS = ("lifecycle", "level", "province", "industry", "source", "category", "owner_dept")
PROVINCE = 10_000
MOST = 200  # rows of the table
MONTHS = 12


@dataclass(slots=True)
class Line:
    """Customers that are alike in the chosen way; `key` is what the list is filtered by, "none" for those without."""

    key: str
    label: str
    n: int
    new: int
    deal: int
    lost: int
    score: int
    alone: int
    silent: int


@dataclass(slots=True)
class Month:
    """What came and went in a month."""

    first: date
    new: int = 0
    won: int = 0
    lost: int = 0


@dataclass(slots=True)
class Figures:
    first: date
    last: date
    lines: list[Line] = field(default_factory=list)
    months: list[Month] = field(default_factory=list)


class Report:
    """One person's view of the customers they see; disabled ones are left out."""

    def __init__(self, user: Any, params: Mapping[str, list[str]]) -> None:
        self.by, self.key, self.first, self.last = bounds(params)
        self.group = (params.get("group") or ["lifecycle"])[-1]
        if self.group not in GROUPS:
            raise Refused(_("Group by one of these: %(list)s.") % {"list": ", ".join(GROUPS)}, code="group")
        self.access = access_of(user)
        if self.access.field_mode("customer", "region" if self.group == "province" else self.group) not in ("", "read"):
            self.group = "lifecycle"
        kind = registry.kind("customer")
        asked = listing.read(kind, {**{key: values for key, values in params.items() if key not in OWN}, "enabled": ["1"]}, user)
        self.rows: QuerySet[Any] = asked.rows(listing.narrow(asked))
        self.moment = (clock.start_of(self.first), clock.start_of(self.last + timedelta(days=1)))

    def figures(self) -> Figures:
        found = Figures(self.first, self.last)
        found.lines, found.months = self.lines(), self.months()
        return found

    def lines(self) -> list[Line]:
        """One grouped query, whatever the size."""
        new = Q(created_at__gte=self.moment[0], created_at__lt=self.moment[1])
        rows = self.rows.annotate(_alone=F("facts__gaps").bitand(BITS["contact"]))
        name = "group_key" if self.group == "province" else self.group
        if self.group == "province":
            rows = rows.annotate(group_key=F("region_id") / PROVINCE)
        counted = rows.values(name).annotate(
            n=Count("pk"), new=Count("pk", filter=new), deal=Count("pk", filter=Q(lifecycle__in=("deal", "service"))),
            lost=Count("pk", filter=Q(lifecycle="lost")), score=Avg("facts__completeness"), alone=Count("pk", filter=Q(_alone__gt=0)),
            silent=Count("pk", filter=Q(facts__last_contact_at=clock.NEVER)),
        ).order_by("-n", name)[:MOST]
        names = self.names([row[name] for row in counted])
        return [Line(self.list_key(row[name]), names.get(row[name], str(row[name] or "—")), row["n"], row["new"], row["deal"], row["lost"],
                     round(row["score"] or 0), row["alone"], row["silent"]) for row in counted]

    def gaps(self) -> list[tuple[Gap, int]]:
        """What is missing or wrong and with how many customers, within field rights, most first; one query."""
        known = [gap for gap in GAPS if may_know(gap, self.access)]
        rows = self.rows.order_by().alias(**{f"_{gap.code}": F("facts__gaps").bitand(BITS[gap.code]) for gap in known})
        found = rows.aggregate(**{gap.code: Count("pk", filter=Q(**{f"_{gap.code}__gt": 0})) for gap in known})
        return sorted(((gap, found[gap.code]) for gap in known if found[gap.code]), key=lambda pair: (not pair[0].wrong, -pair[1]))

    def list_key(self, value: Any) -> str:
        if value in (None, ""):
            return "none"
        return str(value * PROVINCE) if self.group == "province" else str(value)

    def names(self, keys: list[Any]) -> dict[Any, str]:
        """What the groups are called."""
        if self.group == "lifecycle":
            return {code: str(LIFECYCLE.label(code)) for code in LIFECYCLE.states}
        if self.group == "province":
            found = Region.objects.filter(pk__in=[key * PROVINCE for key in keys if key])
            return {region.pk // PROVINCE: str(region) for region in found}
        if self.group == "owner_dept":
            return {row.pk: str(row) for row in Department.objects.filter(pk__in=[key for key in keys if key])}
        return dict(options.labels(registry.kind("customer").attr(self.group).dictionary, get_language() or "zh-hans"))

    def months(self) -> list[Month]:
        """The twelve months up to the period's last: customers made, won as deal customers, and lost; three grouped queries."""
        begin = months_back(self.last.replace(day=1), MONTHS - 1)
        found = {(day := months_back(begin, -i)): Month(day) for i in range(MONTHS)}
        span = {"gte": clock.start_of(begin), "lt": clock.start_of(months_back(self.last.replace(day=1), -1))}
        made = self.rows.filter(created_at__gte=span["gte"], created_at__lt=span["lt"]).annotate(month=TruncMonth("created_at", tzinfo=clock.zone()))
        for month, n in made.values_list("month").annotate(n=Count("pk")).order_by():
            found[month.date()].new = n
        moves = LifecycleChange.objects.filter(at__gte=span["gte"], at__lt=span["lt"], customer__in=self.rows.values("pk")).exclude(source="")
        steps = moves.filter(target__in=("deal", "lost")).annotate(month=TruncMonth("at", tzinfo=clock.zone()))
        for month, target, n in steps.values_list("month", "target").annotate(n=Count("customer", distinct=True)).order_by():
            setattr(found[month.date()], "won" if target == "deal" else "lost", n)
        return list(found.values())

    def behind(self, drill: str) -> QuerySet[Any] | None:
        """The customers behind a month's figure, won:2026-11 or lost:2026-11; None for no figure."""
        what, _sep, text = drill.partition(":")
        try:
            first = date.fromisoformat(f"{text}-01")
        except ValueError:
            return None
        if what not in ("won", "lost") or len(text) != 7:
            return None
        steps = LifecycleChange.objects.filter(
            customer=OuterRef("pk"), target="deal" if what == "won" else "lost", at__gte=clock.start_of(first), at__lt=clock.start_of(months_back(first, -1)),
        ).exclude(source="")
        return self.rows.filter(Exists(steps))


def months_back(first: date, months: int) -> date:
    """The first day of the month so many months before; after, when negative."""
    place = first.year * 12 + first.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
