"""Files among the words of a timeline: pictures small, the others by name, each leading to its record's files."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from markupsafe import Markup

from zhike.collab import serving
from zhike.collab.models import Attachment

SHOWN = 200


def address(row: Attachment, here: str) -> str:
    """Where a file is looked at, or fetched where it cannot be shown; `here` is the address of its record's files."""
    return f"{here}?file={row.pk}" if row.media_type else reverse("file", args=[row.pk])


def preview(row: Attachment, here: str) -> Markup:
    """One file as it is drawn among words."""
    file, url = reverse("file", args=[row.pk]), address(row, here)
    if row.thumb:
        return Markup('<a class="ftn" href="{}"><img class="ftl" src="{}?thumb=1" alt="{}" loading="lazy"></a>').format(url, file, row.name)
    return Markup('<a class="ftf" href="{}">{} <span class="mut xs">{}</span></a>').format(url, row.name, serving.size_text(row.size))


def several(rows: Iterable[Attachment], here: str) -> Markup:
    """Files beside each other."""
    found = Markup("").join(preview(row, here) for row in rows)
    return Markup('<div class="ftr">{}</div>').format(found) if found else found


def of_many(kind: str, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """The files of several records by the record's number, newest first; one query, none without records."""
    ids = list(ids)
    found: dict[int, list[Attachment]] = {}
    if ids:
        for row in Attachment.objects.filter(kind=kind, row_id__in=ids, trashed_at=None, field="", comment=None).order_by("-pk")[:SHOWN]:
            found.setdefault(row.row_id, []).append(row)
    return found
