"""How many files and words a record has: one question a page, for all its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Value

from ..models import Attachment, Comment


@dataclass(slots=True)
class Counts:
    files: int = 0
    words: int = 0


def of(page: Any) -> Counts:
    """The counts of the page's record; its viewer has been let in already."""
    found = getattr(page, "_collab", None)
    if found is None:
        here = {"kind": page.kind.name, "row_id": page.row.pk}
        parts = [
            rows.order_by().values(part=Value(name, CharField())).annotate(n=Count("pk")).values_list("part", "n")
            for name, rows in (("files", Attachment.objects.filter(trashed_at=None, field="", comment=None, **here)), ("words", Comment.objects.filter(deleted_at=None, **here)))
        ]
        found = page._collab = Counts(**dict(parts[0].union(parts[1], all=True)))
    return found
