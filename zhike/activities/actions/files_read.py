"""Events of a calendar file become planned activities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.records.models import ExternalKey
from zhike.records.visibility import owner_fields

from ..ical import Found
from ..models import Activity
from .activities import create_activities

SYSTEM = "ics"


@transaction.atomic
def plan_events(found: Sequence[Found], *, customer: Any, by: Any) -> list[tuple[Found, Any]]:
    """Plan what can be planned, each event once however often its file is read.

    Returns every event with its activity; None where the event's `reason` says why there is none.
    """
    keys = {f"{by.pk}:{event.uid}" for event in found if event.uid}
    there = set(ExternalKey.objects.filter(system=SYSTEM, kind="activity", key__in=keys).values_list("key", flat=True))
    wanted: list[tuple[Found, Any]] = []
    for event in found:
        key = f"{by.pk}:{event.uid}" if event.uid else ""
        if not event.reason and key and key in there:
            event.reason = _("It is in your calendar already.")
        if event.reason or event.at is None:
            wanted.append((event, None))
            continue
        if key:
            there.add(key)
        wanted.append((event, Activity(
            customer=customer, type="meeting", subject=event.title, at=event.at, ends_at=event.ends_at, place=event.place,
            content=event.text, **owner_fields(by))))
    made = [row for _event, row in wanted if row is not None]
    if made:
        create_activities(made, by=by)
        ExternalKey.objects.bulk_create([
            ExternalKey(system=SYSTEM, kind="activity", key=f"{by.pk}:{event.uid}", row_id=row.pk)
            for event, row in wanted if row is not None and event.uid])
    return wanted
