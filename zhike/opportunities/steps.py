"""An opportunity held while it takes a step, and the steps it took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict
from zhike.records import registry, save

from .models import Opportunity, StageChange
from .processes import on_course

BATCH = 2_000


def own_kind() -> Any:
    return registry.kind("opportunity")


def held(row: Opportunity, version: int | None, *, by: Any) -> Opportunity:
    """The row as it is now, locked, with its stage and process; refuses when the person looked at an older one."""
    current: Opportunity = save.locked(row)
    on_course(current, by=by)
    if version is not None and current.version != version:
        raise Conflict(_("“%(row)s” has just been changed by somebody else. Look at it again first.") % {"row": row})
    return current


def remember(steps: Sequence[tuple[Opportunity, int | None, int | None, int, str]], *, by: Any) -> None:
    """Store stage changes: (row, from, to, days in the former stage, reason)."""
    now = clock.now()
    StageChange.objects.bulk_create(
        [
            StageChange(opportunity=row, source_id=source, target_id=target, status=row.status, at=now, by=by,
                        days=days, amount=row.amount, win_rate=row.win_rate, reason=reason)
            for row, source, target, days, reason in steps
        ],
        batch_size=BATCH,
    )
