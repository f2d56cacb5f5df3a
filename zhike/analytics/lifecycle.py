"""The life cycle in figures: how many customers stand where, who moved on, how long it took, what came of whom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.lifecycle import ORDER
from zhike.customers.models import LifecycleChange
from zhike.org.access import access_of
from zhike.org.models import User
from zhike.records import listing, options, registry

from .funnel import days_of, period

OWN = ("by", "of", "drill", "group")
REACHED = {"opportunity": ("opportunity", "deal", "service"), "deal": ("deal", "service")}
GROUPS = ("source", "owner")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
MOST = 50  # sources or people in the table of conversion


@dataclass(slots=True)
class Line:
    """Customers of one source or rep made in the period, and how many of them reached what."""

    key: str
    label: str
    made: int
    opportunity: int
    deal: int

    def share(self, what: str) -> Decimal | None:
        return Decimal(getattr(self, what)) / self.made if self.made else None


@dataclass(slots=True)
class Lifecycle:
    """`stock` and `days` by stage, `flow` by (from, to); `first` and `last` bound the period."""

    first: date
    last: date
    stock: dict[str, int] = field(default_factory=dict)
    days: dict[str, Decimal] = field(default_factory=dict)
    flow: dict[tuple[str, str], int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


def bounds(params: Mapping[str, list[str]]) -> tuple[str, str, date, date]:
    """The period asked for: month, quarter or year, its name, first and last day. The present quarter by default."""
    by = (params.get("by") or ["quarter"])[-1]
    if by not in ("month", "quarter", "year"):
        raise Refused(_("Group by month, quarter or year."), code="by")
    key = (params.get("of") or [""])[-1] or period(clock.today(), by)
    try:
        first, last = days_of(key[:8])
        known = period(first, by) == key and 1900 <= first.year <= 2999
    except ValueError:
        known = False
    if not known:
        raise Refused(_("There is no such period: %(key)s") % {"key": key[:20]}, code="of")
    return by, key, first, last


class Report:
    """One person's view of the life cycle in one period; the figures and the customers behind each."""

    def __init__(self, user: Any, params: Mapping[str, list[str]]) -> None:
        kind = registry.kind("customer")
        rest = {key: values for key, values in params.items() if key not in OWN}
        self.by, self.key, self.first, self.last = bounds(params)
        self.group = (params.get("group") or ["source"])[-1]
        if self.group not in GROUPS:
            raise Refused(_("Group by source or owner."), code="group")
        if self.group == "source" and access_of(user).field_mode("customer", "source") not in ("", "read"):
            self.group = "owner"
        self.user = user
        asked = listing.read(kind, rest, user)
        self.rows: QuerySet[Any] = asked.rows(listing.narrow(asked))
        self.whole = access_of(user).reach("customer").everything and not rest
        self.moment = (clock.start_of(self.first), clock.start_of(self.last + timedelta(days=1)))

    def figures(self) -> Lifecycle:
        found = Lifecycle(self.first, self.last)
        counted = dict(self.rows.values_list("lifecycle").annotate(n=Count("pk")))
        found.stock = {stage: counted.get(stage, 0) for stage in ORDER}
        moves = self.moves()
        found.flow = {
            (row["source"], row["target"]): row["n"]
            for row in moves.order_by().values("source", "target").annotate(n=Count("customer", distinct=True))
        }
        before = LifecycleChange.objects.filter(customer=OuterRef("customer"), pk__lt=OuterRef("pk")).order_by("-pk").values("at")[:1]
        spent = ExpressionWrapper(F("at") - F("entered"), output_field=DurationField())
        timed = moves.annotate(entered=Subquery(before)).filter(entered__isnull=False).order_by()
        for stage, mean in timed.values_list("source").annotate(mean=Avg(spent)):
            found.days[stage] = Decimal(mean.days * 10 + mean.seconds * 10 // 86_400).scaleb(-1)
        found.lines = self.lines()
        return found

    def moves(self) -> QuerySet[LifecycleChange]:
        """Steps taken in the period by customers the person sees."""
        moves = LifecycleChange.objects.filter(at__gte=self.moment[0], at__lt=self.moment[1]).exclude(source="")
        return moves if self.whole else moves.filter(customer__in=self.rows.values("pk"))

    def made(self) -> QuerySet[Any]:
        return self.rows.filter(created_at__gte=self.moment[0], created_at__lt=self.moment[1])

    def lines(self) -> list[Line]:
        reached = {name: Count("pk", filter=Q(_reached(stages))) for name, stages in REACHED.items()}
        rows = list(self.made().values(self.group).annotate(n=Count("pk"), **reached).order_by("-n", self.group)[:MOST])
        attr = registry.kind("customer").attr(self.group)
        if self.group == "owner":
            names: dict[Any, str] = {user.pk: str(user) for user in User.objects.filter(pk__in=[row["owner"] for row in rows])}
        else:
            names = dict(options.labels(attr.dictionary, get_language() or "zh-hans"))
        return [Line(str(row[self.group] or ""), names.get(row[self.group], str(row[self.group] or "—")), row["n"], row["opportunity"], row["deal"])
                for row in rows]

    def behind(self, drill: str) -> QuerySet[Any] | None:
        """The customers behind a figure: stock:deal, flow:target:deal, made:web:deal (or made:web: for all); None for no figure."""
        what, _sep, rest = drill.partition(":")
        first, _sep, second = rest.partition(":")
        if what == "stock" and first in ORDER:
            return self.rows.filter(lifecycle=first)
        if what == "flow" and first in ORDER and second in ORDER:
            steps = LifecycleChange.objects.filter(customer=OuterRef("pk"), source=first, target=second, at__gte=self.moment[0], at__lt=self.moment[1])
            return self.rows.filter(Exists(steps))
        if what == "made" and (second == "" or second in REACHED) and len(first) <= 20:
            if self.group == "owner":
                if first and (not first.isascii() or not first.isdigit() or len(first) > 18):
                    return None
                rows = self.made().filter(owner=int(first) if first else None)
            elif first and not _CODE.fullmatch(first):
                return None
            else:
                rows = self.made().filter(source=first)
            return rows.filter(_reached(REACHED[second])) if second else rows
        return None


def _reached(stages: tuple[str, ...]) -> Exists:
    return Exists(LifecycleChange.objects.filter(customer=OuterRef("pk"), target__in=stages))
