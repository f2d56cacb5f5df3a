"""What plans, tasks, missing work logs and silence warn of."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import DateField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.customers.decisions import KEY_ROLE
from zhike.customers.models import Contact
from zhike.notices.alerting import Alert, Number, Scan, declare_alert
from zhike.opportunities.models import Opportunity, OpportunityContact
from zhike.org.calendar import add_workdays

from . import reports
from .models import Activity, Attendee, Task, WorkLog
from .models.worklogs import last_of

OPEN_TASK, OPEN_PLAN = ("open", "accepted"), ("planned", "in_progress")
BACK = {"daily": 7, "weekly": 14, "monthly": 62}  # how far back a log is still asked for, in days


def tasks_due(scan: Scan) -> Any:
    return Task.objects.filter(status__in=OPEN_TASK, due_at__gte=scan.now, due_at__lt=scan.until(scan.number("days")))


def tasks_late(scan: Scan) -> Any:
    return Task.objects.filter(status__in=OPEN_TASK, due_at__lt=scan.now)


def plans_late(scan: Scan) -> Any:
    return Activity.objects.filter(status__in=OPEN_PLAN, at__lt=scan.ago(scan.number("days")))


def _done(since: datetime) -> Any:
    return Activity.objects.filter(opportunity=OuterRef("pk"), status="done", at__gte=since)


def _ahead(scan: Scan) -> Any:
    """A plan that still lies ahead; one whose day is over does not count."""
    return Activity.objects.filter(opportunity=OuterRef("pk"), status__in=OPEN_PLAN).filter(Q(at__gte=scan.now) | Q(status="in_progress"))


def _open(scan: Scan) -> Any:
    """Open opportunities with their last contact, or the day they were opened."""
    last = Activity.objects.filter(opportunity=OuterRef("pk"), status="done").order_by("-at").values("at")[:1]
    return Opportunity.objects.filter(status="open").annotate(last_talk=Coalesce(Subquery(last), F("created_at")))


def without_follow_up(scan: Scan) -> Any:
    """Not touched for longer than its amount allows, and nothing planned that lies ahead: the one that is forgotten."""
    large, small = (Decimal(scan.number(name) * 10_000) for name in ("large", "small"))

    def silent(name: str) -> Q:
        limit = scan.ago(scan.number(name))
        return Q(~Exists(_done(limit)), created_at__lt=limit)

    of_amount = (Q(amount__gte=large) & silent("days_large")) | (Q(amount__lt=large, amount__gte=small) & silent("days")) | (Q(amount__lt=small) & silent("days_small"))
    return _open(scan).filter(of_amount, ~Exists(_ahead(scan)))


def without_plan(scan: Scan) -> Any:
    """Open, talked about lately, and no next step."""
    limit = scan.ago(scan.number("days"))
    return _open(scan).filter(~Exists(_ahead(scan)), created_at__lt=limit, last_talk__lt=limit)


def deciders_not_met(scan: Scan) -> Any:
    """Who decides, at a customer or about an open opportunity, and nobody has talked to them for some days."""
    limit = scan.ago(scan.number("days"))
    open_ = Opportunity.objects.filter(customer=OuterRef("customer"), status="open", amount__gte=Decimal(scan.number("amount") * 10_000))
    named = OpportunityContact.objects.filter(contact=OuterRef("pk"), involved=True, decision_role=KEY_ROLE, opportunity__status="open")
    last = Activity.objects.filter(contact=OuterRef("pk"), status="done").order_by("-at").values("at")[:1]
    besides = Attendee.objects.filter(contact_number=OuterRef("pk"), activity_number__in=Activity.objects.filter(status="done", at__gte=limit).values("pk"))
    rows = Contact.objects.filter(left=False, customer__enabled=True, created_at__lt=limit).annotate(last_talk=Coalesce(Subquery(last), F("created_at")))
    return rows.filter(Q(Exists(named)) | Q(Exists(open_), decision_role=KEY_ROLE), ~Exists(besides), last_talk__lt=limit)


def logs_missing(scan: Scan) -> list[tuple[str, Any]]:
    """People who owe a work log of a period that is over, from 9 o'clock of the next working day on."""
    found = reports.rule()
    if not found.period:
        return []
    parts = []
    for first in reports.periods(found, scan.today - timedelta(days=BACK[found.period]), scan.today):
        ends = last_of(found.period, first)
        if scan.now < clock.start_of(add_workdays(ends, 1)) + timedelta(hours=scan.number("hour")):
            continue
        logs = WorkLog.objects.filter(owner=OuterRef("pk"), period=found.period, first_day=first).exclude(status="draft")
        rows = reports.writers(found).filter(~Exists(logs), created_at__lt=clock.start_of(ends + timedelta(days=1)))
        parts.append((found.period, rows.annotate(owed_since=Value(first, output_field=DateField()))))
    return parts


GIVER = {"giver": (_("given by"), "giver_id")}

declare_alert(Alert(
    code="TK01", label=_("task due soon"), kind="task", since="due_at", title="title", text=_("Due on %(day)s: %(row)s"), rows=tasks_due,
    params=[Number("days", _("days before"), 1, 0, 60)], roles=GIVER, on=True, digest=False,
))
declare_alert(Alert(
    code="TK02", label=_("task overdue"), kind="task", since="due_at", title="title", text=_("Overdue since %(day)s: %(row)s"), rows=tasks_late,
    recipients=("owner", "giver"), roles=GIVER, on=True, digest=False, repeat=1, escalate=3, tone="bad", urgent=True,
))
declare_alert(Alert(
    code="AC01", label=_("planned activity overdue"), kind="activity", since="at", title="subject", text=_("Planned for %(day)s: %(row)s"),
    rows=plans_late, params=[Number("days", _("days late"), 1, 0, 365)], on=False, repeat=7,
))
declare_alert(Alert(
    code="OP01", label=_("opportunity without follow-up"), kind="opportunity", since="last_talk",
    text=_("%(row)s: nothing done since %(day)s and nothing planned"), rows=without_follow_up,
    params=[Number("days_large", _("days without follow-up, large ones"), 7, 1, 365), Number("days", _("days without follow-up"), 14, 1, 365),
            Number("days_small", _("days without follow-up, small ones"), 21, 1, 365), Number("large", _("large: from (10,000 CNY)"), 100, 0, 1_000_000),
            Number("small", _("small: below (10,000 CNY)"), 20, 0, 1_000_000)],
    on=True, escalate=7, repeat=7,
))
declare_alert(Alert(
    code="OP08", label=_("open opportunity without a next step"), kind="opportunity", since="last_talk", text=_("%(row)s: no plan since the contact on %(day)s"),
    rows=without_plan, params=[Number("days", _("days after the last contact"), 3, 0, 365)], on=False, repeat=7,
))
declare_alert(Alert(
    code="CU06", label=_("key decider not contacted"), kind="contact", since="last_talk", text=_("%(row)s: no talk since %(day)s"), rows=deciders_not_met,
    params=[Number("days", _("days without a talk"), 30, 1, 3650), Number("amount", _("with an open opportunity from (10,000 CNY)"), 20, 0, 1_000_000)],
    on=False, repeat=14,
))
declare_alert(Alert(
    code="WL01", label=_("work log missing"), kind="user", since="owed_since", text=_("%(row)s: work log from %(day)s on is missing"), rows=logs_missing,
    params=[Number("hour", _("from this hour of the next working day"), 9, 0, 23)], recipients=("author",),
    roles={"author": (_("author"), "pk"), "leader": (_("author's manager"), "manager_id")}, on=True, digest=False, escalate=1,
))
