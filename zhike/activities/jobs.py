"""Reminders: told when their minute has come, once for each moment an activity is set to."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import override

from zhike.base import clock
from zhike.notices.actions import tell
from zhike.pages import formats
from zhike.records import tasks

from .models import Activity

AT_ONCE = 2_000
TOO_LATE = timedelta(days=1)  # after a day without a worker nobody wants yesterday's reminders


@tasks.job("activities.remind", every=1)
def remind() -> int:
    """Tell the owners whose reminder is due; returns how many."""
    now = clock.now()
    due = Activity.objects.filter(remind_at__lte=now).select_related("owner", "customer").order_by("remind_at")
    rows = list(due[:AT_ONCE])
    for row in rows:
        if row.status == "planned" and row.remind_at > now - TOO_LATE and row.owner.is_active:
            with override(row.owner.language or "zh-hans"):
                at = formats.full(row.at)
            tell([row.owner], "activity.remind", key=f"activity:{row.pk}:remind:{row.at.isoformat()}", row=row, category="activity",
                 at=at, activity=row.subject, customer=str(row.customer))
    Activity.objects.filter(pk__in=[row.pk for row in rows]).update(remind_at=None)
    return len(rows)
