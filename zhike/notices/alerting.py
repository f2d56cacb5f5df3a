"""How an app declares an alert, in its room `alerts.py`.

    declare_alert(Alert(
        code="CU01", label=_("customer not contacted"), kind="customer", since="facts__last_contact_at",
        text=_("No contact since %(day)s: %(row)s"), params=[ByOption(...)], rows=quiet_customers,
    ))

`rows(scan)` is one set-based query: the records for which the alert holds now, each at most once. What
makes an occurrence of its own is the moment `since`: a customer silent since March is one occurrence
however often one looks, and another one after the next contact. An alert with several steps (7 days
before, one day after) gives a list of (mark, query); the mark is part of the occurrence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.org import calendar
from zhike.records import registry
from zhike.records.kinds import Kind


@dataclass(slots=True)
class Number:
    """A figure of a rule, e.g. days or percent."""

    name: str
    label: Any
    default: int
    least: int = 0
    most: int = 3650

    def slots(self) -> list[tuple[str, str]]:
        """(key in the rule, choice it stands for) of each figure that is asked for."""
        return [(self.name, "")]

    def default_of(self, choice: str) -> int:
        return self.default


@dataclass(slots=True)
class ByOption(Number):
    """A figure for each choice of an option list; `default` holds for what is named by none."""

    dictionary: str = ""
    defaults: Mapping[str, int] = field(default_factory=dict)

    def slots(self) -> list[tuple[str, str]]:
        return [*((f"{self.name}:{choice}", choice) for choice in self.defaults), (self.name, "")]

    def default_of(self, choice: str) -> int:
        return self.defaults.get(choice, self.default)


Parts = Sequence[tuple[str, Any]]


@dataclass(slots=True)
class Alert:
    """One line of the catalogue. What a company may set is in its `AlertRule`; these are the defaults.

    `text` has the holes %(row)s and, with `since`, %(day)s. `roles` are recipients by a path on the
    row besides owner, manager (the owner's) and team. Without a `kind` the alert is about the house
    itself: `rows` then gives (number, mark, moment, name) and the recipients are named.
    """

    code: str
    label: Any
    text: Any
    rows: Callable[[Scan], QuerySet[Any] | Parts]
    kind: str = ""
    since: str = ""
    title: str = "name"
    params: Sequence[Number] = ()
    recipients: Sequence[str] = ("owner",)
    roles: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    on: bool = False
    digest: bool = True
    escalate: int | None = None
    repeat: int | None = None
    working: bool = False
    tone: str = "wait"
    urgent: bool = False
    page_tells: bool = False  # the record's page says so itself, so that its open alert is not repeated there

    @property
    def declared_kind(self) -> Kind | None:
        return registry.kind(self.kind) if self.kind else None

    def paths(self) -> dict[str, str]:
        """Recipients that a row names itself, with the way to them."""
        kind = self.declared_kind
        own = {"owner": "owner_id", "manager": "owner__manager_id"} if kind is not None and kind.owned else {}
        return {**own, **{name: path for name, (_label, path) in self.roles.items()}}

    def named(self) -> dict[str, Any]:
        """Recipients that may be ticked: code → words."""
        kind = self.declared_kind
        own = {"owner": _("owner"), "manager": _("owner's manager"), "team": _("team")} if kind is not None and kind.owned else {}
        return {**own, **{name: label for name, (label, _path) in self.roles.items()}}


class Scan:
    """What a query of occurrences is told: the rule's figures, and days counted as the rule counts them."""

    def __init__(self, alert: Alert, params: Mapping[str, int], *, working: bool = False) -> None:
        self.alert, self.params, self.working = alert, params, working
        self.now, self.today = clock.now(), clock.today()

    def number(self, name: str, choice: str = "") -> int:
        """A figure of the rule, or what the alert starts with."""
        key = f"{name}:{choice}" if choice else name
        found = next(param for param in self.alert.params if param.name == name)
        return int(self.params.get(key, found.default_of(choice)))

    def by_option(self, name: str) -> list[tuple[str, int]]:
        """(choice, figure) of a `ByOption`; the last one, for all others, has the choice ""."""
        found = next(param for param in self.alert.params if param.name == name)
        return [(choice, self.number(name, choice)) for _key, choice in found.slots()]

    def day(self, days: int) -> date:
        """The local date so many days from today, back when negative; workdays where the rule says so."""
        return calendar.add_workdays(self.today, days) if self.working else self.today + timedelta(days=days)

    def ago(self, days: int) -> datetime:
        """The first moment of the day so many days back."""
        return clock.start_of(self.day(-days))

    def until(self, days: int) -> datetime:
        """The first moment after the day so many days ahead."""
        return clock.start_of(self.day(days) + timedelta(days=1))

    def each_option(self, name: str, field_name: str, condition: Callable[[int], Q]) -> Q:
        """Rows for which `condition(figure)` holds with the figure of their own choice in `field_name`."""
        *named, (_rest, figure) = self.by_option(name)
        found = condition(figure) & ~Q(**{f"{field_name}__in": [choice for choice, _n in named]})
        for choice, n in named:
            found |= Q(**{field_name: choice}) & condition(n)
        return found


_alerts: dict[str, Alert] = {}


def declare_alert(alert: Alert) -> Alert:
    """Add a line to the catalogue; a code stands for one alert."""
    if alert.code in _alerts and _alerts[alert.code] is not alert:
        raise ValueError(f"alert {alert.code} is declared twice")
    if len(alert.code) > 20:
        raise ValueError(f"{alert.code} is longer than 20 characters")
    _alerts[alert.code] = alert
    return alert


def declared(code: str) -> Alert | None:
    return _alerts.get(code)


def all_alerts() -> list[Alert]:
    return sorted(_alerts.values(), key=lambda alert: alert.code)


def moment(value: Any) -> datetime | None:
    """A date or moment of a row as a moment; what means "never" in its column stays that."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(1970, 1, 1, tzinfo=UTC) if value.year <= 1970 else datetime.combine(value, time.min, tzinfo=clock.zone())
    return None
