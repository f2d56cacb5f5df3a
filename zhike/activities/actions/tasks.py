"""Giving and doing tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.notices.actions import tell
from zhike.records import guard, registry, save, teams

from ..models import Task
from ..models.tasks import OPEN
from ..status import TASK
from .activities import check_customers
from .rules import reaches_beyond
from .steps import step


@transaction.atomic
def give_tasks(rows: Sequence[Task], *, by: Any) -> Sequence[Task]:
    """Give tasks to colleagues; whoever lacks sight of the record concerned gets to read it."""
    guard.require(by, registry.kind("task"), "add")
    check_customers(rows, by)
    for row in rows:
        if row.due_at <= clock.now():
            raise Refused(_("The task would be overdue already. Choose a later time."), field="due_at")
        if not row.owner.is_active:
            raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": row.owner}, field="owner")
        row.giver = by
        row.status = "accepted" if row.owner_id == by.pk else "open"
    rows = save.create_rows(registry.kind("task"), rows, by=by)
    for row in rows:
        for related in (row.customer, row.opportunity):
            if related is not None and not type(related).objects.visible_to(row.owner).filter(pk=related.pk).exists():
                teams.share_row(related, [row.owner], by=by)
        tell([row.owner], "task.given", key=f"task:{row.pk}:given", row=row, by=by, category="task",
             who=str(by), task=row.title)
    return rows


@transaction.atomic
def move_task(row: Task, move: str, *, by: Any, result: str = "") -> Task:
    """Accept, refuse (with a reason), finish, confirm, reopen or cancel a task.

    Accepting, refusing and finishing is the assignee's; confirming, reopening and cancelling the giver's.
    """
    if not Task.objects.visible_to(by).filter(pk=row.pk).exists():
        guard.require_rows(by, [row], "edit")
    doer = row.owner_id if move in ("accept", "refuse", "finish") else row.giver_id
    if by.pk != doer and not guard.can_edit(by, row):
        raise Refused(_("This is for %(user)s to do.") % {"user": row.owner if doer == row.owner_id else row.giver})
    if move == "refuse" and not result:
        raise Refused(_("Say why the task is refused."), field="result")
    values: dict[str, Any] = {"result": result} if result else {}
    if move == "finish":
        values["finished_at"] = clock.now()
    step(row, TASK, move, values, by=by, action=move)
    tell([row.giver, row.owner], "task.moved", key=f"task:{row.pk}:{move}:{row.version}", row=row, by=by,
         category="task", who=str(by), task=row.title)
    return row


@transaction.atomic
def move_due(row: Task, *, to: datetime, by: Any) -> Task:
    """Give an open task another time. It is the giver's to say; a time that is over is refused."""
    guard.require_rows(by, [row], "edit")
    held = save.locked(row)
    if held.status not in OPEN:
        raise Refused(_("Only open tasks can be moved."))
    if by.pk != held.giver_id and not reaches_beyond(by, held):
        raise Refused(_("This is for %(user)s to do.") % {"user": held.giver})
    if to <= clock.now():
        raise Refused(_("The task would be overdue already. Choose a later time."), field="to")
    save.change_row(row, {"due_at": to}, by=by, version=None, action="move")
    tell([row.owner], "task.due", key=f"task:{row.pk}:due:{row.version}", row=row, by=by, category="task", who=str(by), task=row.title)
    return row
