"""What plans and tasks warn of. WL01 (work log missing) is declared where the work log is kept."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from zhike.notices.alerting import Alert, Number, Scan, declare_alert
from zhike.opportunities.models import Opportunity

from .models import Activity, Task

OPEN_TASK, OPEN_PLAN = ("open", "accepted"), ("planned", "in_progress")


def tasks_due(scan: Scan) -> Any:
    return Task.objects.filter(status__in=OPEN_TASK, due_at__gte=scan.now, due_at__lt=scan.until(scan.number("days")))


def tasks_late(scan: Scan) -> Any:
    return Task.objects.filter(status__in=OPEN_TASK, due_at__lt=scan.now)


def plans_late(scan: Scan) -> Any:
    return Activity.objects.filter(status__in=OPEN_PLAN, at__lt=scan.ago(scan.number("days")))


def without_plan(scan: Scan) -> Any:
    """Open, not touched for some days, and nothing planned: the one that is forgotten."""
    plans = Activity.objects.filter(opportunity=OuterRef("pk"), status__in=OPEN_PLAN)
    recent = Activity.objects.filter(opportunity=OuterRef("pk"), status="done", at__gte=scan.ago(scan.number("days")))
    rows = Opportunity.objects.filter(status="open", created_at__lt=scan.ago(scan.number("days")))
    return rows.filter(~Exists(plans), ~Exists(recent))


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
    rows=plans_late, params=[Number("days", _("days late"), 1, 0, 365)], on=True, repeat=7,
))
declare_alert(Alert(
    code="OP01", label=_("opportunity without follow-up or plan"), kind="opportunity", since="stage_started_at",
    text=_("%(row)s: nothing done and nothing planned"), rows=without_plan,
    params=[Number("days", _("days without follow-up"), 14, 1, 365)], on=True, escalate=7, repeat=7,
))
