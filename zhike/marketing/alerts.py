"""What customer care warns of."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.notices.alerting import Alert, Number, Scan, declare_alert

from .models import CareItem


def occasions_near(scan: Scan) -> Any:
    """Planned attention whose day comes soon; "days without contact" has no day of its own."""
    rows = CareItem.objects.filter(status="planned", occasion_on__gte=scan.today, occasion_on__lte=scan.day(scan.number("days")))
    return rows.exclude(occasion__in=("silence", "level"))


declare_alert(Alert(
    code="CU03", label=_("birthday, festival or day to remember near"), kind="care_item", since="occasion_on", title="title",
    text=_("%(row)s is on %(day)s"), rows=occasions_near, params=[Number("days", _("days before"), 3, 0, 60)], on=True, digest=True,
))
