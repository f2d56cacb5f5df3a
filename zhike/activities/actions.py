"""Planning and recording contact with customers; giving and doing tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.actions import advance_lifecycle, refresh_facts
from zhike.customers.models import Contact, Customer
from zhike.notices.actions import tell
from zhike.opportunities.models import Opportunity
from zhike.records import guard, options, registry, save, teams, together, undo
from zhike.records.visibility import owner_fields

from .models import Activity, Task
from .status import ACTIVITY, TASK


def _kind(name: str) -> Any:
    return registry.kind(name)


def _check_new(rows: Sequence[Activity], by: Any) -> None:
    """Type and result from their lists; customer, contact and opportunity from what the person sees."""
    _check_customers(rows, by)
    for name, dictionary in (("type", "activity_type"), ("result", "activity_result")):
        known = options.labels(dictionary, "en")
        if any(getattr(row, name) not in known for row in rows if name == "type" or getattr(row, name)):
            raise Refused(_("Choose one from the list."), field=name)
    for name, model in (("contact", Contact), ("opportunity", Opportunity)):
        ids = {getattr(row, f"{name}_id") for row in rows} - {None}
        if ids and model.objects.visible_to(by).filter(pk__in=ids).count() != len(ids):
            raise Refused(_("Choose one from the list."), field=name)


def _check_customers(rows: Sequence[Any], by: Any) -> None:
    ids = {row.customer_id for row in rows if row.customer_id}
    if Customer.objects.visible_to(by).filter(pk__in=ids).count() != len(ids):
        raise Refused(_("Choose a customer from the list."), field="customer")


@transaction.atomic
def create_activities(
    rows: Sequence[Activity], *, by: Any, checked: bool = False, action: str = "create", facts: bool = True
) -> Sequence[Activity]:
    """Store activities, planned or done, many at a time; customers' last and next contact follow."""
    guard.require(by, _kind("activity"), "add")
    if not checked:
        _check_new(rows, by)
    rows = save.create_rows(_kind("activity"), rows, by=by, checked=checked, action=action)
    if facts:
        refresh_facts(row.customer_id for row in rows)
    return rows


def plan_activities(rows: Sequence[Activity], *, by: Any) -> Sequence[Activity]:
    """Plan activities; a moment that has passed makes it a done one only through `log_activity`."""
    for row in rows:
        if row.at < clock.now() - timedelta(minutes=5):
            raise Refused(_("A plan lies in the future. Record what has happened as a follow-up instead."), field="at")
    return create_activities(rows, by=by)


@transaction.atomic
def log_activity(
    *, customer: Any, type: str, content: str, by: Any, contact: Any = None, opportunity: Any = None,
    result: str = "", next_contact_at: datetime | None = None, next_action: str = "", at: datetime | None = None,
    subject: str = "",
) -> Activity:
    """Record a contact that took place; a next contact becomes a planned activity at once.

    Raises `Refused` without contents, for a moment in the future, or a next contact in the past.
    """
    now = clock.now()
    at = at or now
    if not content.strip():
        raise Refused(_("Write down the result of the contact."), field="content")
    if at > now + timedelta(minutes=5):
        raise Refused(_("What lies in the future is planned, not recorded."), field="at")
    if next_contact_at and next_contact_at <= now:
        raise Refused(_("The next contact lies in the future."), field="next_contact_at")
    owner = owner_fields(by)
    row = Activity(
        customer=customer, contact=contact, opportunity=opportunity, type=type, status="done", at=at, content=content,
        subject=(subject or content.strip().split("\n")[0])[:100], result=result, next_action=next_action,
        next_contact_at=next_contact_at, **owner,
    )
    rows = create_activities([row], by=by, facts=False)
    if next_contact_at:
        create_activities(
            [Activity(customer=customer, contact=contact, opportunity=opportunity, type="phone", at=next_contact_at,
                      subject=(next_action or _("Next contact"))[:100], planned_from=rows[0], **owner)],
            by=by, facts=False,
        )
    refresh_facts([customer.pk])
    _life_cycle(rows[0], by)
    return rows[0]


def _life_cycle(row: Activity, by: Any) -> None:
    if row.result == "has_demand":
        advance_lifecycle([row.customer], "show_demand", by=by, cause=row)


@transaction.atomic
def change_activity(row: Activity, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change an activity; the history keeps what it said before."""
    guard.require_rows(by, [row], "edit")
    diff = save.change_row(row, values, by=by, version=version)
    refresh_facts([row.customer_id])
    return diff


@transaction.atomic
def change_activities(
    rows: Sequence[Activity], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Change the same data of many activities; what their customers were last told follows."""
    before = {row.customer_id for row in rows}
    done, refused = together.change_together(registry.kind("activity"), rows, values, by=by)
    refresh_facts(before | {row.customer_id for row in done})
    return done, refused


def _step(row: Any, flow: Any, move: str, values: dict[str, Any], *, by: Any, action: str) -> Any:
    step = flow.check(save.locked(row), move)
    save.change_row(row, {flow.field: step.target, **values}, by=by, version=None, action=action)
    row.status = step.target
    return row


@transaction.atomic
def finish_activity(row: Activity, *, by: Any, content: str = "", result: str = "") -> Activity:
    """Mark a planned activity as done, now."""
    guard.require_rows(by, [row], "edit")
    values: dict[str, Any] = {"at": min(row.at, clock.now())}
    if content:
        values["content"] = content
    if result:
        values["result"] = result
    _step(row, ACTIVITY, "finish", values, by=by, action="finish")
    refresh_facts([row.customer_id])
    _life_cycle(row, by)
    return row


@transaction.atomic
def cancel_activity(row: Activity, *, by: Any) -> Activity:
    """Take a planned activity off the calendar."""
    guard.require_rows(by, [row], "edit")
    _step(row, ACTIVITY, "cancel", {}, by=by, action="cancel")
    refresh_facts([row.customer_id])
    return row


@transaction.atomic
def postpone_activity(row: Activity, *, days: int, by: Any) -> Activity:
    """Move a planned activity to the same time `days` from today."""
    guard.require_rows(by, [row], "edit")
    if save.locked(row).status != "planned":
        raise Refused(_("Only planned activities can be postponed."))
    local = clock.local(row.at)
    day = clock.today() + timedelta(days=days)
    at = local.replace(year=day.year, month=day.month, day=day.day)
    save.change_row(row, {"at": at}, by=by, version=None, action="postpone")
    refresh_facts([row.customer_id])
    return row


@undo.undoer("activities.restore")
def _restore(payload: dict[str, Any], *, by: Any) -> None:
    row = Activity.objects.editable_by(by).filter(pk=payload["id"]).first()
    if row is None or save.locked(row).version != payload["version"]:
        raise Refused(_("This can no longer be undone."))
    save.change_row(row, {"status": "planned", "at": datetime.fromisoformat(payload["at"])}, by=by, version=None,
                    action="undo")
    refresh_facts([row.customer_id])


@transaction.atomic
def give_tasks(rows: Sequence[Task], *, by: Any) -> Sequence[Task]:
    """Give tasks to colleagues; whoever lacks sight of the record concerned gets to read it."""
    guard.require(by, _kind("task"), "add")
    _check_customers(rows, by)
    for row in rows:
        if row.due_at <= clock.now():
            raise Refused(_("The task would be overdue already. Choose a later time."), field="due_at")
        if not row.owner.is_active:
            raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": row.owner}, field="owner")
        row.giver = by
        row.status = "accepted" if row.owner_id == by.pk else "open"
    rows = save.create_rows(_kind("task"), rows, by=by)
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
    _step(row, TASK, move, values, by=by, action=move)
    tell([row.giver, row.owner], "task.moved", key=f"task:{row.pk}:{move}:{row.version}", row=row, by=by,
         category="task", who=str(by), task=row.title)
    return row
