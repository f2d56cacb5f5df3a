"""How many files and words a record has: one question a page, for all its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..models import Attachment


@dataclass(slots=True)
class Counts:
    files: int = 0
    words: int = 0


def of(page: Any) -> Counts:
    """The counts of the page's record; its viewer has been let in already."""
    found = getattr(page, "_collab", None)
    if found is None:
        found = page._collab = Counts(files=Attachment.objects.filter(kind=page.kind.name, row_id=page.row.pk, trashed_at=None).count())
    return found
