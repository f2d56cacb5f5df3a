"""Opportunities that come with the history they had elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Forbidden, Refused
from zhike.org.access import access_of
from zhike.records import guard, save

from .. import events
from ..models import Opportunity, StageChange
from ..steps import BATCH, own_kind


@transaction.atomic
def restate_history(
    rows: Sequence[Opportunity], changes: Sequence[Sequence[StageChange]], *, by: Any, batch: str = ""
) -> Sequence[Opportunity]:
    """Bring in opportunities with the states, stages and dates they had elsewhere, unchecked.

    Needs the right `restate_history`. The rows are marked; `changes` holds each row's stage
    changes with their own dates.
    """
    if not access_of(by).may("opportunity", "restate_history"):
        raise Forbidden(_("Your roles do not allow restating history."))
    for row in rows:
        row.restated = True
    rows = save.create_rows(own_kind(), rows, by=by, checked=True, action="restate", dated=True, batch=batch)
    steps = []
    for row, of_row in zip(rows, changes, strict=True):
        for change in of_row:
            change.opportunity = row
            steps.append(change)
    StageChange.objects.bulk_create(steps, batch_size=BATCH)
    events.opportunities_created.announce(rows, by=by)
    return rows


@transaction.atomic
def restate_change(
    row: Opportunity, values: Mapping[str, Any], changes: Sequence[StageChange] = (), *, by: Any
) -> dict[str, Any]:
    """Bring an opportunity that came with its history to what it is elsewhere now, unchecked.

    Needs the right `restate_history`, and a row that was restated before. Of `changes` those after
    the last known stage change are added. Returns the difference.
    """
    if not access_of(by).may("opportunity", "restate_history"):
        raise Forbidden(_("Your roles do not allow restating history."))
    guard.require_rows(by, [row], "edit")
    if not row.restated:
        raise Refused(_("“%(row)s” was not imported with its history: change it here.") % {"row": row})
    diff = save.change_row(row, values, by=by, version=None, action="restate")
    last = StageChange.objects.filter(opportunity=row).order_by("-at").values_list("at", flat=True).first()
    newer = [step for step in changes if last is None or step.at > last]
    for step in newer:
        step.opportunity = row
    StageChange.objects.bulk_create(newer)
    if "status" in diff:
        events.opportunities_restated.announce([row], by=by)
    return diff
