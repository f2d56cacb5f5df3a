"""What somebody who leaves would leave behind."""

from __future__ import annotations

from typing import Any

from zhike.org.models import User
from zhike.records import registry


def still_owned(user: User) -> list[tuple[Any, int]]:
    """(kind, how many) of the records that belong to the person."""
    counts = [(kind, kind.model.objects.filter(owner_id=user.pk).count()) for kind in registry.kinds() if kind.owned]
    return [(kind, n) for kind, n in counts if n]
