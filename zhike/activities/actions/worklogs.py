"""Writing work logs, and what those who lead do with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.collab.actions.comments import add_comment
from zhike.notices.actions import tell
from zhike.records import guard, registry, save, teams
from zhike.records.models import TeamGrant
from zhike.records.visibility import owner_fields

from .. import facts
from ..models import WorkLog
from ..models.worklogs import first_of, last_of
from ..status import WORKLOG
from .steps import step

READER = "reader"
MOST_READERS = 50


def _checked_day(period: str, day: date) -> date:
    first = first_of(period, day)
    if first > clock.today():
        raise Refused(_("This day has not come yet. A log tells what was done."), field="first_day")
    if first < clock.today() - timedelta(days=366):
        raise Refused(_("Logs are written up to a year back."), field="first_day")
    return first


@transaction.atomic
def open_log(*, period: str, day: date, by: Any) -> WorkLog:
    """The person's log of the period that holds a day: the one that is there, else a draft from the facts.

    Raises `Refused` for a period that has not begun.
    """
    guard.require(by, registry.kind("worklog"), "add")
    first = _checked_day(period, day)
    found = WorkLog.objects.filter(owner=by, period=period, first_day=first).first()
    if found is not None:
        if found.status == "draft":
            refresh_log(found, by=by)
        return found
    last = last_of(period, first)
    following = last + timedelta(days=1)
    row = WorkLog(period=period, first_day=first, done=facts.done_text(by, first, last)[:20_000],
                  plan_next=facts.plan_text(by, following, last_of(period, following))[:20_000], **owner_fields(by))
    try:
        with transaction.atomic():
            return save.create_rows(registry.kind("worklog"), [row], by=by)[0]
    except Refused:  # two windows at once: the second opens what the first has made
        found = WorkLog.objects.filter(owner=by, period=period, first_day=first).first()
        if found is None:
            raise
        return found


def _facts_of(row: WorkLog) -> dict[str, list[str]]:
    following = row.last_day + timedelta(days=1)
    return {"done": facts.done_text(row.owner, row.first_day, row.last_day).splitlines(),
            "plan_next": facts.plan_text(row.owner, following, last_of(row.period, following)).splitlines()}


def news_of(row: WorkLog) -> dict[str, list[str]]:
    """What the facts say by now and one's draft does not: lines of what was done, and of what is planned."""
    found = {}
    for name, lines in _facts_of(row).items():
        known = {line.strip() for line in getattr(row, name).splitlines()}
        found[name] = [line for line in lines if line.strip() not in known]
    return {name: lines for name, lines in found.items() if lines}


@transaction.atomic
def refresh_log(row: WorkLog, *, by: Any) -> WorkLog:
    """Add to one's draft what has happened since it was begun; what one has written stays. Refuses once it is handed in."""
    _require_author(row, by)
    if save.locked(row).status != "draft":
        raise Refused(_("Only a draft is brought up to date. Take the log back first."))
    whole, values = _facts_of(row), {}
    for name, lines in news_of(row).items():
        own = getattr(row, name).rstrip()
        # What nobody has changed keeps its order; behind one's own words stands what is new.
        plain = set(own.splitlines()) <= set(whole[name])
        values[name] = "\n".join(whole[name] if plain else [*([own] if own else []), *lines])[:20_000]
    if values:
        save.change_row(row, values, by=by, version=None, action="refresh")
    return row


@transaction.atomic
def create_logs(rows: Sequence[WorkLog], *, by: Any) -> list[WorkLog]:
    """Begin logs; what is written in them stands beside what the facts say. One that exists refuses."""
    guard.require(by, registry.kind("worklog"), "add")
    for row in rows:
        row.first_day = _checked_day(row.period, row.first_day)
        if row.owner_id != by.pk:
            raise Refused(_("A work log is written by its author."), field="owner")
        row.done = row.done or facts.done_text(by, row.first_day, row.last_day)[:20_000]
        if WorkLog.objects.filter(owner=by, period=row.period, first_day=row.first_day).exists():
            raise Refused(_("You have this log already. Open it."), field="first_day", code="worklog.twice")
    return list(save.create_rows(registry.kind("worklog"), rows, by=by))


def _require_author(row: WorkLog, by: Any) -> None:
    guard.require_rows(by, [row], "edit")
    if row.owner_id != by.pk:
        raise Forbidden(_("A work log is written by its author."))


@transaction.atomic
def change_log(row: WorkLog, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change one's own log, as long as nobody has read it."""
    _require_author(row, by)
    if save.locked(row).status not in ("draft", "submitted"):
        raise Refused(_("It has been read. Add to it in the discussion."))
    new = save.changes(registry.kind_of(row), row, values)
    if {"period", "first_day"} & new.keys():
        raise Refused(_("A log keeps its period. Begin another one."), field="first_day")
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def submit_log(row: WorkLog, *, by: Any) -> WorkLog:
    """Hand one's log in: whoever leads the author, and its readers, are told. No length is asked."""
    _require_author(row, by)
    figures = facts.figures(row.owner, row.first_day, row.last_day)
    step(row, WORKLOG, "submit", {"submitted_at": clock.now(), "figures": figures}, by=by, action="submit")
    above = [row.owner.manager] if row.owner.manager_id and row.owner.manager else []
    head = row.owner.department.manager if row.owner.department_id and row.owner.department else None
    told = {user.pk: user for user in [*above, *([head] if head else []), *readers(row)] if user.is_active}
    tell(told.values(), "worklog.help" if row.need_help else "worklog.submitted", key=f"worklog:{row.pk}:submit:{row.version}", row=row, by=by,
         category="task", tone="wait" if row.need_help else "info", who=str(by), log=str(row.first_day))
    return row


@transaction.atomic
def withdraw_log(row: WorkLog, *, by: Any) -> WorkLog:
    """Take one's log back to go on writing, before anybody has read it."""
    _require_author(row, by)
    return step(row, WORKLOG, "withdraw", {"submitted_at": None}, by=by, action="withdraw")


def _require_reader(row: WorkLog, by: Any) -> None:
    if not WorkLog.objects.visible_to(by).filter(pk=row.pk).exists():
        raise Http404
    if row.owner_id == by.pk:
        raise Forbidden(_("A work log is read by others than its author."))


@transaction.atomic
def read_log(row: WorkLog, *, by: Any) -> WorkLog:
    """Mark a colleague's log as read; the author is told."""
    _require_reader(row, by)
    step(row, WORKLOG, "read", {"read_at": clock.now(), "read_by": by}, by=by, action="read")
    tell([row.owner], "worklog.read", key=f"worklog:{row.pk}:read", row=row, by=by, category="task", who=str(by), log=str(row.first_day))
    return row


@transaction.atomic
def comment_log(row: WorkLog, *, text: str, by: Any) -> WorkLog:
    """Comment on a colleague's log: it stands in the discussion, and the author is told."""
    _require_reader(row, by)
    add_comment(row, text, by=by)
    held = save.locked(row)
    if held.status != "commented":
        values = {} if held.read_at else {"read_at": clock.now(), "read_by": by}
        step(row, WORKLOG, "comment", values, by=by, action="comment_log")
    tell([row.owner], "worklog.commented", key=f"worklog:{row.pk}:comment:{clock.now().isoformat()}", row=row, by=by, category="task",
         who=str(by), log=str(row.first_day), place="discussion/")
    return row


def readers(row: WorkLog) -> list[Any]:
    """Colleagues who read the log besides those who lead the author."""
    found = TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk, role=READER).select_related("user").order_by("pk")
    return [grant.user for grant in found]


@transaction.atomic
def set_readers(row: WorkLog, users: Sequence[Any], *, by: Any) -> WorkLog:
    """Say who else may read one's log."""
    _require_author(row, by)
    wanted = {user.pk: user for user in users if user.pk != row.owner_id}
    if len(wanted) > MOST_READERS:
        raise Refused(_("At most %(n)s people read a log besides your manager.") % {"n": MOST_READERS}, field="people")
    before = {user.pk: user for user in readers(row)}
    gone = [user for pk, user in before.items() if pk not in wanted]
    new = [user for pk, user in wanted.items() if pk not in before]
    if gone:
        teams.unshare_row(row, gone, by=by)
    if new:
        teams.share_row(row, new, level=TeamGrant.READ, role=READER, by=by)
        if row.status != "draft":
            tell(new, "worklog.submitted", key=f"worklog:{row.pk}:reader:{row.version}", row=row, by=by, category="task", who=str(by),
                 log=str(row.first_day))
    return row
