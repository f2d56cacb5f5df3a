"""Giving and doing tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.notices.actions import tell
from zhike.opportunities.models import Opportunity
from zhike.org.calendar import add_workdays
from zhike.records import guard, registry, save, teams, together
from zhike.records.models import TeamGrant

from ..models import Task
from ..models.tasks import OPEN
from ..status import TASK
from .activities import check_customers
from .rules import reaches_beyond
from .steps import step

MOST_POINTS = 50
MOST_FOLLOWERS = 50


def _check_new(rows: Sequence[Task], by: Any) -> None:
    check_customers(rows, by)
    for row in rows:
        if row.due_at <= clock.now():
            raise Refused(_("The task would be overdue already. Choose a later time."), field="due_at")
        if not row.owner.is_active:
            raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": row.owner}, field="owner")
    for name, model in (("parent", Task), ("opportunity", Opportunity)):
        ids = {getattr(row, f"{name}_id") for row in rows} - {None}
        if ids and model.objects.visible_to(by).filter(pk__in=ids).count() != len(ids):
            raise Refused(_("Choose one from the list."), field=name)
    if any(row.parent is not None and row.parent.status not in OPEN for row in rows):
        raise Refused(_("The task above is not open any more."), field="parent")
    for row in rows:
        if row.about_kind and about(row, by) is None:
            raise Refused(_("Choose a record that you see."), field="about")


def about(row: Task, user: Any) -> Any:
    """The record of any kind that the task is about, where the person may see it."""
    if not row.about_kind or not row.about_id or not registry.has(row.about_kind):
        return None
    return registry.kind(row.about_kind).visible(user).filter(pk=row.about_id).first()


@transaction.atomic
def give_tasks(rows: Sequence[Task], *, by: Any) -> Sequence[Task]:
    """Give tasks to colleagues; whoever lacks sight of the record concerned gets to read it, and its owner is told."""
    guard.require(by, registry.kind("task"), "add")
    _check_new(rows, by)
    for row in rows:
        row.giver = by
        row.status = "accepted" if row.owner_id == by.pk else "open"
    rows = save.create_rows(registry.kind("task"), rows, by=by)
    for row in rows:
        _let_in(row, by)
        tell([row.owner], "task.given", key=f"task:{row.pk}:given", row=row, by=by, category="task",
             who=str(by), task=row.title)
    return rows


def _let_in(row: Task, by: Any) -> None:
    """The assignee reads what the task is about, and nothing else of it; its owner learns so."""
    for related in (row.customer, row.opportunity, about(row, by)):
        if related is None or not hasattr(related, "owner_id"):
            continue
        if type(related).objects.visible_to(row.owner).filter(pk=related.pk).exists():
            continue
        teams.share_row(related, [row.owner], by=by)
        tell([related.owner] if related.owner is not None else [], "task.let_in", key=f"task:{row.pk}:in:{related.KIND}:{related.pk}", row=related, by=by, category="task",
             who=str(row.owner), record=str(related), task=row.title)


@transaction.atomic
def change_task(row: Task, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a task. Time and assignee are the giver's to say; a time that is over is refused."""
    guard.require_rows(by, [row], "edit")
    _check_change(row, values, by)
    diff = save.change_row(row, values, by=by, version=version)
    if "due_at" in diff:
        _tell_due(row, by)
    return diff


def _tell_due(row: Task, by: Any) -> None:
    """Another time concerns everybody who has to do with the task."""
    tell([row.giver, row.owner, *followers(row)], "task.due", key=f"task:{row.pk}:due:{row.version}", row=row, by=by, category="task",
         who=str(by), task=row.title)


def _check_change(row: Task, values: Mapping[str, Any], by: Any) -> None:
    new = save.changes(registry.kind_of(row), row, values)
    if {"due_at", "owner"} & new.keys() and by.pk != row.giver_id and not reaches_beyond(by, row):
        raise Refused(_("This is for %(user)s to do.") % {"user": row.giver}, field="due_at" if "due_at" in new else "owner")
    if "due_at" in new and new["due_at"][1] <= clock.now():
        raise Refused(_("The task would be overdue already. Choose a later time."), field="due_at")
    if row.status not in OPEN and new:
        raise Refused(_("The task is closed. Reopen it first."))


@transaction.atomic
def change_tasks(rows: Sequence[Task], values: Mapping[str, Any], *, by: Any) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Change the same data of many tasks, each as `change_task` would."""
    good, no = [], []
    for row in rows:
        try:
            _check_change(row, values, by)
        except Refused as reason:
            no.append((row, str(reason.message)))
        else:
            good.append(row)
    done, refused = together.change_together(registry.kind("task"), good, values, by=by)
    return done, [*no, *refused]


def open_parts(row: Task) -> list[Task]:
    """The subtasks that are still to be done."""
    return list(Task.objects.filter(parent=row, status__in=OPEN).order_by("due_at", "pk")[:20])


@transaction.atomic
def move_task(row: Task, move: str, *, by: Any, result: str = "") -> Task:
    """Accept, refuse (with a reason), finish, confirm, reopen or cancel a task.

    Accepting, refusing and finishing is the assignee's; confirming, reopening and cancelling the giver's.
    Raises `Refused` for a task whose parts are not done. A task that repeats comes again when it is done.
    """
    if not Task.objects.visible_to(by).filter(pk=row.pk).exists():
        guard.require_rows(by, [row], "edit")
    doer = row.owner_id if move in ("accept", "refuse", "finish") else row.giver_id
    if by.pk != doer and not guard.can_edit(by, row):
        raise Refused(_("This is for %(user)s to do.") % {"user": row.owner if doer == row.owner_id else row.giver})
    if move == "refuse" and not result.strip():
        raise Refused(_("Say why the task is refused."), field="result")
    # The result is the assignee's word; what the giver says to it stands in the history and in the message.
    note = result.strip()
    own = move in ("refuse", "finish")
    values: dict[str, Any] = {"result": note} if note and own else {}
    if move == "finish":
        TASK.check(save.locked(row), move)
        left = open_parts(row)
        if left:
            raise Refused(_("Parts of “%(task)s” are not done yet.") % {"task": row.title}, items=[str(part) for part in left], code="task.parts")
        values |= {"finished_at": clock.now(), "progress": 100}
    if move == "reopen":
        held = save.locked(row)
        values |= {"finished_at": None, "progress": _share(held.checklist)}
        if held.status == "refused":
            values["result"] = ""  # the reason of a refusal that no longer holds
    step(row, TASK, move, values, by=by, action=move, args={"reason": note} if note and not own else None)
    if move == "finish":
        _come_again(row, by)
    tell([row.giver, row.owner, *followers(row)], f"task.{move}", key=f"task:{row.pk}:{move}:{row.version}", row=row, by=by,
         category="task", who=str(by), task=row.title, why=" ".join(note.split())[:200])
    return row


def next_due(due: datetime, recurrence: str) -> datetime:
    """When a repeating task is due the next time, in the future; the 31st of a shorter month is its last day."""
    local, now, n = clock.local(due), clock.now(), 0
    found = local
    while found <= now or found == local:
        n += 1
        match recurrence:
            case "daily":
                found = local + timedelta(days=n)
            case "weekly":
                found = local + timedelta(weeks=n)
            case "workdays":
                found = datetime.combine(add_workdays(found.date(), 1), local.timetz())
            case _:
                found = local + relativedelta(months=n * {"monthly": 1, "quarterly": 3, "yearly": 12}[recurrence])
    return found


def _come_again(row: Task, by: Any) -> None:
    if not row.recurrence or Task.objects.filter(repeat_of=row).exists():
        return
    again = Task(
        title=row.title, detail=row.detail, giver_id=row.giver_id, priority=row.priority, due_at=next_due(row.due_at, row.recurrence),
        customer_id=row.customer_id, opportunity_id=row.opportunity_id, recurrence=row.recurrence, repeat_of=row, remind_before=row.remind_before,
        about_kind=row.about_kind, about_id=row.about_id, checklist=[[text, False] for text, _done in row.checklist], status="accepted",
        owner_id=row.owner_id, owner_dept_id=row.owner_dept_id,
    )
    if row.starts_at is not None:
        again.starts_at = again.due_at - (row.due_at - row.starts_at)
    (made,) = save.create_rows(registry.kind("task"), [again], by=by)
    if people := [user for user in followers(row) if user.is_active]:
        teams.share_row(made, people, level=TeamGrant.READ, role=FOLLOWER, by=by)


FOLLOWER = "follower"


def followers(row: Task) -> list[Any]:
    """The colleagues who follow the task: they read it and are told what becomes of it."""
    found = TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk, role=FOLLOWER).select_related("user").order_by("pk")
    return [grant.user for grant in found]


@transaction.atomic
def set_followers(row: Task, users: Sequence[Any], *, by: Any) -> Task:
    """Say who follows a task."""
    guard.require_rows(by, [row], "edit")
    if len(users) > MOST_FOLLOWERS:
        raise Refused(_("At most %(n)s people follow a task.") % {"n": MOST_FOLLOWERS}, field="people")
    wanted = {user.pk: user for user in users if user.pk not in (row.owner_id, row.giver_id)}
    before = {user.pk: user for user in followers(row)}
    gone = [user for pk, user in before.items() if pk not in wanted]
    new = [user for pk, user in wanted.items() if pk not in before]
    if gone:
        teams.unshare_row(row, gone, by=by)
    if new:
        teams.share_row(row, new, level=TeamGrant.READ, role=FOLLOWER, by=by)
        tell(new, "task.follow", key=f"task:{row.pk}:follow:{row.version}", row=row, by=by, category="task", who=str(by), task=row.title)
    return row


def points_of(texts: Sequence[str]) -> list[str]:
    """The points of a checklist, each once, without empty lines."""
    points = list(dict.fromkeys(clean for text in texts if (clean := " ".join(text.split()))))
    if len(points) > MOST_POINTS or any(len(point) > 200 for point in points):
        raise Refused(_("A checklist has at most %(n)s points of 200 characters.") % {"n": MOST_POINTS}, field="points")
    return points


@transaction.atomic
def set_checklist(row: Task, texts: Sequence[str], *, by: Any) -> Task:
    """Say what a task consists of, point by point; points that stay keep their tick."""
    guard.require_rows(by, [row], "edit")
    held = save.locked(row)
    if held.status not in OPEN:
        raise Refused(_("The task is closed. Reopen it first."))
    points = points_of(texts)
    ticked = dict(held.checklist)
    return _list_changed(row, [[point, bool(ticked.get(point))] for point in points], by)


@transaction.atomic
def tick_point(row: Task, number: int, *, done: bool, by: Any) -> Task:
    """Tick a point of the checklist, counted from 0, or take the tick off; progress follows."""
    guard.require_rows(by, [row], "edit")
    held = save.locked(row)
    if held.status not in OPEN:
        raise Refused(_("The task is closed. Reopen it first."))
    if not 0 <= number < len(held.checklist):
        raise Refused(_("This point is no longer there. Reload the page."))
    points = [[text, done if i == number else was] for i, (text, was) in enumerate(held.checklist)]
    return _list_changed(row, points, by)


def _share(points: Sequence[Sequence[Any]]) -> int:
    """How much of a checklist is ticked, in percent."""
    return 100 * sum(bool(done) for _text, done in points) // len(points) if points else 0


def _list_changed(row: Task, points: list[list[Any]], by: Any) -> Task:
    share = _share(points) if points else row.progress
    save.change_row(row, {"checklist": points, "progress": share}, by=by, version=None, action="checklist")
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
    _tell_due(row, by)
    return row
