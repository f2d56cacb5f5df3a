"""What leads warn of: nobody has reacted yet, or nobody has been in touch for days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.notices.alerting import Alert, Number, Scan, declare_alert
from zhike.org import calendar

from .models import Lead


def not_followed(scan: Scan) -> Any:
    """New leads in somebody's hands for longer than they have to react, and nobody has been in touch."""
    return Lead.objects.filter(status="new", owner__isnull=False, last_contact_at=clock.NEVER, assigned_at__lt=_deadline(scan))


def _deadline(scan: Scan) -> datetime:
    """So many hours back; where workdays count, the hours of days off are passed over."""
    left, at = timedelta(hours=scan.number("hours")), scan.now
    if not scan.working:
        return at - left
    while left > timedelta(0):
        day = clock.local(at - timedelta(microseconds=1)).date()
        start = clock.start_of(day)
        used = min(left, at - start) if calendar.is_workday(day) else timedelta(0)
        at = at - used if used else start
        left -= used
    return at


def quiet(scan: Scan) -> Any:
    """Leads that are being followed up, silent for some days, with nothing planned from today on."""
    limit = scan.ago(scan.number("days"))
    rows = Lead.objects.filter(status="following").annotate(_since=Coalesce(F("first_contact_at"), F("created_at")))
    return rows.filter(last_contact_at__lt=limit, _since__lt=limit).exclude(next_contact_at__gte=scan.now)


def waiting(scan: Scan) -> Any:
    """Leads that nobody has been given for some hours."""
    return Lead.objects.filter(Q(owner__isnull=True), status="new", created_at__lt=scan.now - timedelta(hours=scan.number("hours")))


declare_alert(Alert(
    code="LD01", label=_("new lead not followed up"), kind="lead", since="assigned_at", text=_("%(row)s: new since %(day)s and not contacted yet"),
    rows=not_followed, params=[Number("hours", _("hours to react"), 24, 1, 720)], on=True, escalate=1, working=True, urgent=True, digest=False,
))
declare_alert(Alert(
    code="LD02", label=_("lead without follow-up"), kind="lead", since="last_contact_at", text=_("%(row)s: no contact since %(day)s"),
    rows=quiet, params=[Number("days", _("days without follow-up"), 7, 1, 365)], on=False, escalate=7, repeat=7,
))
declare_alert(Alert(
    code="LD03", label=_("lead not assigned"), kind="lead", since="created_at", text=_("%(row)s: waits to be assigned since %(day)s"),
    rows=waiting, params=[Number("hours", _("hours in the queue"), 24, 1, 720)], roles={"head": (_("head of the department"), "owner_dept__manager_id")},
    recipients=("head",), on=True, repeat=1,
))
