"""Reminders: told when their minute has come, once for each moment an activity is set to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import override

from zhike.base import clock
from zhike.notices.actions import tell
from zhike.pages import formats
from zhike.records import tasks

from .models import Activity, Task
from .models.tasks import OPEN

AT_ONCE = 2_000
TOO_LATE = timedelta(days=1)  # after a day without a worker nobody wants yesterday's reminders


@tasks.job("activities.remind", every=1)
def remind() -> int:
    """Tell the owners whose reminder is due; returns how many."""
    return _remind(Activity, ("planned",), "at", "activity.remind", ("owner", "customer", "lead")) + _remind(Task, OPEN, "due_at", "task.remind", ("owner",))


def _remind(model: Any, states: Sequence[str], moment: str, text: str, related: Sequence[str]) -> int:
    now = clock.now()
    rows = list(model.objects.filter(remind_at__lte=now).select_related(*related).order_by("remind_at")[:AT_ONCE])
    for row in rows:
        if row.status in states and row.remind_at > now - TOO_LATE and row.owner.is_active:
            at = getattr(row, moment)
            with override(row.owner.language or "zh-hans"):
                said = formats.full(at)
            tell([row.owner], text, key=f"{row.KIND}:{row.pk}:remind:{at.isoformat()}", row=row, category="task", at=said,
                 subject=str(row), customer=str(getattr(row, "partner", "") or ""))
    model.objects.filter(pk__in=[row.pk for row in rows]).update(remind_at=None)
    return len(rows)
