"""The record that a file or a comment is about."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from zhike.records import registry


def with_record(found: Any, user: Any) -> tuple[Any, Any]:
    """What was found and its record; the same 404 where there is nothing and where the person may not see the record."""
    row = registry.kind(found.kind).visible(user).filter(pk=found.row_id).first() if found and registry.has(found.kind) else None
    if row is None:
        raise Http404
    return found, row
