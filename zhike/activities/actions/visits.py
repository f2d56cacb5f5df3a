"""Doing what was planned: checking in, finishing, calling off, moving to another time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.collab.actions import files
from zhike.records import guard, registry, save, undo
from zhike.records.visibility import owner_fields

from ..models import Activity
from ..status import ACTIVITY
from . import rules
from .activities import (
    check_customers,
    check_leads,
    create_activities,
    follow_up,
    life_cycle,
    plan_next,
    refresh_all,
)
from .steps import step

MAX_DAYS = 365
FURTHEST = 100_000  # metres; a position less exact than that says nothing


def _position(lat: int | None, lng: int | None, accuracy: int | None) -> dict[str, Any]:
    """The columns of a position; nothing where there is none. Raises `Refused` for a place not on earth."""
    if lat is None and lng is None:
        return {}
    if lat is None or lng is None or abs(lat) > 90_000_000 or abs(lng) > 180_000_000:
        raise Refused(_("This position is not on earth. Leave it out or give both parts of it in millionths of a degree."), field="lat")
    exact = accuracy if accuracy is not None and 0 <= accuracy <= FURTHEST else None
    return {"check_in_lat": lat, "check_in_lng": lng, "check_in_accuracy": exact}


@transaction.atomic
def check_in(
    row: Activity, *, by: Any, lat: int | None = None, lng: int | None = None, accuracy: int | None = None, place: str = "",
) -> Activity:
    """Say “I am here”: the activity begins now. Position and place may be missing and are shown as missing.

    `lat` and `lng` are millionths of a degree (WGS 84), `accuracy` is metres.
    """
    guard.require_rows(by, [row], "edit")
    now = clock.now()
    where = _position(lat, lng, accuracy)
    held = save.locked(row)
    ends = held.ends_at if held.ends_at is None or held.ends_at > now else None
    step(row, ACTIVITY, "start", {
        "at": now, "ends_at": ends, "planned_at": held.planned_at or held.at, "checked_in_at": now, "checked_in_by": by,
        "check_in_place": place[:200], **where,
    }, by=by, action="start")
    follow_up([row], by)
    refresh_all([row])
    return row


@transaction.atomic
def check_in_at(
    whom: Any, *, by: Any, opportunity: Any = None, lat: int | None = None, lng: int | None = None,
    accuracy: int | None = None, place: str = "", purpose: str = "",
) -> Activity:
    """Check in at a customer's or a lead's: today's planned visit begins, or one that nobody had planned."""
    guard.require(by, registry.kind("activity"), "add")
    start, end = clock.day_range(clock.today())
    with_whom = {whom.KIND: whom}
    planned = Activity.objects.filter(owner=by, **with_whom, type="visit", status="planned", at__gte=start, at__lt=end)
    row = planned.order_by("at", "pk").first()
    if row is None:
        row = Activity(**with_whom, opportunity=opportunity, type="visit", at=clock.now(), subject=(purpose or _("Visit"))[:100],
                       purpose=purpose, **owner_fields(by))
        check_customers([row], by)
        check_leads([row], by)
        row = create_activities([row], by=by, facts=False)[0]
    return check_in(row, by=by, lat=lat, lng=lng, accuracy=accuracy, place=place)


@transaction.atomic
def add_photo(row: Activity, taken: files.Taken, *, by: Any) -> None:
    """Keep the photo of a check-in among the activity's files. Raises `Refused` where it is no picture."""
    if taken.verdict.group != "picture":
        raise Refused(_("“%(name)s” is not a picture.") % {"name": taken.name}, field="photo")
    found = files.attach_files(row, [taken], by=by)[0]
    save.change_row(row, {"check_in_photo": found}, by=by, version=None, action="start")


@transaction.atomic
def finish_activity(
    row: Activity, *, by: Any, content: str = "", result: str = "", at: datetime | None = None,
    next_contact_at: datetime | None = None, next_action: str = "",
) -> Activity:
    """Mark an activity as done: now, or when it took place. A next contact is planned with a reminder."""
    guard.require_rows(by, [row], "edit")
    now, held = clock.now(), save.locked(row)
    ACTIVITY.check(held, "finish")
    rules.check_content(content or held.content)
    if at is not None:
        rules.check_took_place(at)
    if next_contact_at and next_contact_at <= now:
        raise Refused(_("The next contact lies in the future."), field="next_contact_at")
    took = at or min(held.at, now)
    values: dict[str, Any] = {"at": took, "done_at": now, "planned_at": held.planned_at or held.at}
    if held.ends_at is not None or held.checked_in_at is not None:
        values["ends_at"] = max(took, min(held.ends_at, now) if held.ends_at else now)
    for name, value in (("content", content), ("result", result), ("next_action", next_action), ("next_contact_at", next_contact_at)):
        if value:
            values[name] = value
    step(row, ACTIVITY, "finish", values, by=by, action="finish")
    if next_contact_at:
        plan_next(row, by=by, facts=False)
    follow_up([row], by)
    refresh_all([row])
    life_cycle(row, by)
    return row


@transaction.atomic
def cancel_activity(row: Activity, *, by: Any) -> Activity:
    """Take a planned activity off the calendar."""
    guard.require_rows(by, [row], "edit")
    step(row, ACTIVITY, "cancel", {}, by=by, action="cancel")
    refresh_all([row])
    return row


@transaction.atomic
def postpone_activity(row: Activity, *, days: int, by: Any) -> Activity:
    """Move a planned activity to the same time `days` from today."""
    if not 1 <= days <= MAX_DAYS:
        raise Refused(_("Choose from 1 to %(n)s days.") % {"n": MAX_DAYS}, field="days")
    local = clock.local(row.at)
    day = clock.today() + timedelta(days=days)
    return move_activity(row, to=local.replace(year=day.year, month=day.month, day=day.day), by=by, action="postpone")


@transaction.atomic
def move_activity(row: Activity, *, to: datetime, by: Any, action: str = "move") -> Activity:
    """Move a planned activity to another time; it stays as long as it was. Refuses a time that is over."""
    guard.require_rows(by, [row], "edit")
    held = save.locked(row)
    if held.status != "planned":
        raise Refused(_("Only planned activities can be postponed."))
    if to < clock.now() - rules.SLACK:
        raise Refused(_("This time is over. Choose a later one."), field="to")
    if to > clock.now() + timedelta(days=2 * MAX_DAYS):
        raise Refused(_("Plan at most two years ahead."), field="to")
    ends = to + (held.ends_at - held.at) if held.ends_at else None
    save.change_row(row, {"at": to, "ends_at": ends}, by=by, version=None, action=action)
    refresh_all([row])
    return row


@undo.undoer("activities.restore")
def _restore(payload: dict[str, Any], *, by: Any) -> None:
    """Back to the plan it was, at its old time."""
    row = Activity.objects.editable_by(by).filter(pk=payload["id"]).first()
    if row is None or save.locked(row).version != payload["version"]:
        raise Refused(_("This can no longer be undone."))
    ends = payload.get("ends_at")
    values = {"status": "planned", "at": datetime.fromisoformat(payload["at"]), "done_at": None,
              "ends_at": datetime.fromisoformat(ends) if ends else None}
    save.change_row(row, values, by=by, version=None, action="undo")
    refresh_all([row])


def undo_values(row: Activity) -> dict[str, Any]:
    """What `activities.restore` needs, taken before the change."""
    return {"id": row.pk, "at": row.at.isoformat(), "ends_at": row.ends_at.isoformat() if row.ends_at else ""}
