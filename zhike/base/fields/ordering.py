"""Orders that mean the same on both databases."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.expressions import OrderBy


def nulls_last(name: Any, *, descending: bool = False) -> OrderBy:
    """Order by a column with the empty ones at the end, up and down.

    Left alone, SQLite takes NULL for the smallest value and PostgreSQL for the largest.
    """
    expression = F(name.lstrip("-")) if isinstance(name, str) else name
    descending = descending or (isinstance(name, str) and name.startswith("-"))
    return OrderBy(expression, descending=descending, nulls_last=True)
