"""What opportunities warn of by themselves; what hangs on activities is declared there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.notices.alerting import Alert, Number, Scan, declare_alert

from .models import Opportunity


def sign_date(scan: Scan) -> list[tuple[str, Any]]:
    """Near, and passed: two occurrences of the same date."""
    rows = Opportunity.objects.filter(status="open")
    near, after = scan.day(scan.number("before")), scan.day(-scan.number("after"))
    return [
        ("near", rows.filter(expected_sign_date__gte=scan.today, expected_sign_date__lte=near)),
        ("passed", rows.filter(expected_sign_date__lte=min(after, scan.today - timedelta(days=1)))),
    ]


declare_alert(Alert(
    code="OP03", label=_("expected sign date near or passed"), kind="opportunity", since="expected_sign_date",
    text=_("%(row)s: to be signed on %(day)s"), rows=sign_date,
    params=[Number("before", _("days before"), 7, 0, 365), Number("after", _("days after"), 1, 1, 365)], on=True,
))
