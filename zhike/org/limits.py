"""What a person may do only so often an hour."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from zhike.base import clock

from .models import HourlyCount, User


@transaction.atomic
def take(user: User, what: str, limit: int) -> bool:
    """Count one more `what` in this hour of the clock; False, with nothing counted, past `limit`."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    HourlyCount.objects.get_or_create(user=user, what=what, hour=hour)
    found = HourlyCount.objects.filter(user=user, what=what, hour=hour, count__lt=limit)
    taken = found.update(count=F("count") + 1)
    HourlyCount.objects.filter(user=user, what=what, hour__lt=hour).delete()
    return bool(taken)
