"""Files as values of fields: the row holds the number, the store the file."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import customs
from zhike.records.kept_files import KeptFile
from zhike.records.kinds import Kind

from .actions import files
from .models import Attachment


def fillable(kind: Kind, field: str, user: Any) -> bool:
    """Whether this is a field for files that the person may fill."""
    attr = customs.attr_of(kind, field) if customs.is_custom(field) else None
    return attr is not None and attr.type == "file" and bool(kind.writable([field], access_of(user)))


def kept(found: Attachment) -> KeptFile:
    """A file as a field holds it."""
    return KeptFile(found.pk, found.name, found.thumb)


class Files:
    """The keeper that the fields of records ask (`records.kept_files`)."""

    def find(self, kind: str, field: str, pk: int, user: Any) -> KeptFile | None:
        """The file, where it was sent ahead by this person for this field or hangs on a record they see."""
        try:
            found, row = files.visible_file(pk, user)
        except Http404:
            return None
        fits = found.kind == kind and found.comment_id is None and (found.field == field or (row is not None and not found.field))
        return kept(found) if fits else None

    def settle(self, row: Any, field: str, old: KeptFile | None, new: KeptFile | None, *, by: Any) -> None:
        """Bind the new file to the record; the old one goes to the trash, from where an undo fetches it."""
        if (old.id if old else None) == (new.id if new else None):
            return
        if new is not None:
            held = Attachment.objects.select_for_update().filter(pk=new.id, kind=row.KIND, comment=None).first()
            if held is None or not _may_take(held, row, field, by):
                raise Refused(_("The file is not here any more, or belongs to another record. Choose it once more."), field=field, code="file.gone")
            Attachment.objects.filter(pk=held.pk).update(row_id=row.pk, field=field, trashed_at=None, trashed_by=None)
        if old is not None:
            Attachment.objects.filter(pk=old.id, kind=row.KIND, row_id=row.pk, field=field, trashed_at=None).update(
                trashed_at=clock.now(), trashed_by=by)

    def url(self, found: KeptFile, *, thumb: bool = False) -> str:
        """Pictures and PDF open in the browser, everything else is a download."""
        return f"{reverse('file', args=[found.id])}?{'thumb' if thumb else 'inline'}=1"

    def upload_url(self, kind: str, field: str) -> str:
        return f"{reverse(f'{kind}-hold')}?{urlencode({'field': field})}"


def _may_take(held: Attachment, row: Any, field: str, by: Any) -> bool:
    """Its own file, or one sent ahead for this very field by whoever saves the record."""
    if held.row_id == row.pk:
        return held.field in ("", field)
    return held.row_id == Attachment.WAITING and held.field == field and held.created_by_id == getattr(by, "pk", None)
