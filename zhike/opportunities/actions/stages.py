"""The way through the stages of a process."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import guard, save, undo

from .. import events, gates
from ..models import Criterion, Opportunity, Stage, StageChange, Tick
from ..steps import held


@save.all_or_nothing
def move_stage(
    row: Opportunity, to: Stage, *, by: Any, reason: str = "", version: int | None = None
) -> Opportunity:
    """Take an open opportunity to another stage of its process.

    Forward by one when the required criteria are met; skipping needs the right `stage_skip` and a
    reason; backward needs a reason. Days in the former stage, amount and rate are kept.
    """
    guard.require_rows(by, [row], "edit")
    current = held(row, version, by=by)
    if current.status != "open":
        raise Refused(_("“%(row)s” is not open: its stage cannot be changed.") % {"row": row})
    if to.process_id != current.process_id:
        raise Refused(_("This stage belongs to another process."), field="to")
    if to.pk == current.stage_id:
        return current
    step = to.order - current.stage.order
    checked = gates.checklist(current, by=by)
    if step < 0 and not reason:
        raise Refused(_("Say why the opportunity goes back."), field="reason", code="stage.reason")
    if step > 0:
        lacking = [str(item.criterion) for item in checked if item.criterion.required and not item.done]
        if step > 1:
            if not access_of(by).may("opportunity", "stage_skip"):
                raise Refused(_("Stages are taken one by one. Your manager may skip some."), code="stage.skip")
            if not reason:
                raise Refused(_("Say why stages are skipped."), field="reason", code="stage.reason")
        elif lacking:
            raise Refused(_("Before the next stage, complete the required items."), code="stage.gate", items=lacking)
        if to.order > 2 and current.amount == 0:
            raise Refused(_("From the third stage on an opportunity has an amount."), code="stage.amount")
    source, days = current.stage, current.days_in_stage
    snapshot = [{"text": str(item.criterion), "done": item.done} for item in checked]
    save.change_row(
        current, {"stage": to, "win_rate": to.win_rate, "stage_started_at": clock.now()}, by=by, version=None,
        action="stage", args={"reason": reason}, held=True,
    )
    StageChange.objects.create(
        opportunity=current, source=source, target=to, at=clock.now(), by=by, days=days, amount=current.amount,
        win_rate=to.win_rate, reason=reason, criteria=snapshot,
    )
    events.stage_moved.announce([current], by=by, source=source.pk, target=to.pk)
    return current


@undo.undoer("opportunities.move")
def _move_back(payload: dict[str, Any], *, by: Any) -> None:
    row = Opportunity.objects.visible_to(by).select_related("stage").filter(pk=payload["id"]).first()
    if row is None or row.stage_id != payload["to"]:
        raise Refused(_("This can no longer be undone."))
    move_stage(row, Stage.objects.get(pk=payload["from"]), by=by, reason=_("taken back"))


@transaction.atomic
def tick_criterion(row: Opportunity, criterion: Criterion, done: bool, *, by: Any) -> None:
    """Tick, or untick, an item of the present stage's checklist."""
    guard.require_rows(by, [row], "edit")
    if criterion.stage_id != row.stage_id or criterion.kind != Criterion.TICK:
        raise Refused(_("This item does not belong to the present stage."))
    if done:
        Tick.objects.get_or_create(opportunity=row, criterion=criterion, defaults={"by": by})
    else:
        Tick.objects.filter(opportunity=row, criterion=criterion).delete()
