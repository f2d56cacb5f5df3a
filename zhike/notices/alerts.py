"""Alerts about the house itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.org import calendar

from .alerting import Alert, Number, Scan, declare_alert, moment


def no_holidays(scan: Scan) -> list[tuple[int, str, Any, str]]:
    """Next year's statutory holidays are not in the work calendar although the year is nearly over."""
    year = scan.today.year + 1
    if scan.today.month < scan.number("month") or calendar.known_year(year):
        return []
    return [(year, "holidays", moment(scan.today.replace(month=1, day=1)), str(year))]


declare_alert(Alert(
    code="SY01", label=_("holidays of next year missing"), text=_("The holidays of %(row)s are not in the work calendar yet."), rows=no_holidays,
    params=[Number("month", _("from month"), 11, 1, 12)], recipients=("admins",), on=True, digest=False, repeat=14,
))
