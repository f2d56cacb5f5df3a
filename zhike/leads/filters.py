"""Filters of the list of leads beyond their fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.base import clock

YES_NO = [("yes", _("yes")), ("no", _("no"))]


def _either(queryset: Any, values: Sequence[str], **condition: Any) -> Any:
    if set(values) == {"yes", "no"}:
        return queryset
    return queryset.filter(**condition) if "yes" in values else queryset.exclude(**condition)


def waiting(queryset: Any, values: Sequence[str], user: Any) -> Any:
    """Leads that nobody owns yet."""
    return _either(queryset, values, owner__isnull=True)


def contacted(queryset: Any, values: Sequence[str], user: Any) -> Any:
    """Leads somebody has been in touch with."""
    return _either(queryset, values, last_contact_at__gt=clock.NEVER)
