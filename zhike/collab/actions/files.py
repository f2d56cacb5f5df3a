"""Attaching files to records, taking them off, and keeping the store clean."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import customs, guard, history, registry, save, undo

from .. import names, sniffing, store
from ..about import with_record
from ..models import Attachment, Blob

MAX_SIZE = 50 * 1024 * 1024
MAX_AT_ONCE = 20
MAX_OF_ROW = 500
MAX_WAITING, MAX_WAITING_SIZE = 60, 500 * 1024 * 1024  # sent ahead by one person and not saved with anything yet
KEPT_DAYS = 30  # in the trash
SWEPT_AFTER = timedelta(days=1)


@dataclass(slots=True)
class Taken:
    """An upload that has been looked at: what arrived, its clean name, what it is."""

    received: store.Received
    name: str
    verdict: sniffing.Verdict


def take_in(name: str, chunks: Iterable[bytes], size: int) -> Taken:
    """Write an upload of `size` bytes down and look into it, outside any transaction: it may take seconds.

    Raises `Refused` and leaves nothing behind where it is too large, empty, or not what it claims.
    """
    name = names.clean(name)
    if size > MAX_SIZE:
        raise too_large(name)
    store.require_space(size)
    received = store.receive(chunks)
    try:
        return Taken(received, name, sniffing.judge(received, name))
    except BaseException:
        received.discard()
        raise


def too_large(name: str) -> Refused:
    return Refused(_("“%(name)s” is larger than %(n)s MB. Make it smaller or split it.") % {"name": names.clean(name), "n": MAX_SIZE // 2**20},
                   code="file.large")


@transaction.atomic
def attach_files(row: Any, taken: Sequence[Taken], *, by: Any) -> list[Attachment]:
    """Attach files to a record. A content that hangs on it already refuses; an equal name gets a number.

    Raises `Refused` without the right to change the record, or when it has too many files.
    """
    guard.require_rows(by, [row], "edit")
    save.locked(row)  # two uploads at once count each other
    there = list(Attachment.objects.filter(kind=row.KIND, row_id=row.pk, trashed_at=None, field="", comment=None).values_list("name", "blob__digest"))
    if len(there) + len(taken) > MAX_OF_ROW:
        raise Refused(_("A record has at most %(n)s files. Remove some that are no longer needed.") % {"n": MAX_OF_ROW}, code="file.many")
    taken_names, known = {name for name, _digest in there}, {digest: name for name, digest in there}
    made: list[Attachment] = []
    # Always in the same order, so that two uploads of the same files cannot wait for each other.
    for found in sorted(taken, key=lambda one: one.received.digest):
        digest = found.received.digest
        if digest in known:
            raise Refused(_("“%(name)s” is here already, as “%(other)s”.") % {"name": found.name, "other": known[digest]}, code="file.same")
        name = names.beside(found.name, taken_names)
        known[digest] = name
        taken_names.add(name)
        blob = _placed(found.received)
        made.append(Attachment(
            kind=row.KIND, row_id=row.pk, blob=blob, name=name, size=blob.size, group=found.verdict.group,
            media_type=found.verdict.media_type, thumb=found.verdict.group == Attachment.PICTURE,
            created_at=clock.now(), created_by=by,
        ))
    Attachment.objects.bulk_create(made)
    history.write([history.entry(row, "attach", by=by, diff={"files": ("", one.name)}, args={"sha256": one.blob.digest, "size": one.size})
                   for one in made])
    return made


@transaction.atomic
def hold_file(kind: str, taken: Taken, *, by: Any, field: str = "") -> Attachment:
    """Keep a file that was sent ahead, for a field or for words that are still being written.

    It belongs to nobody's record yet; whoever saves the form or sends the words within a day attaches it.
    """
    waiting = Attachment.objects.filter(row_id=Attachment.WAITING, created_by=by, created_at__gt=clock.now() - SWEPT_AFTER)
    there = waiting.aggregate(n=Count("pk"), size=Sum("size"))
    if there["n"] >= MAX_WAITING or (there["size"] or 0) + taken.received.size > MAX_WAITING_SIZE:
        raise Refused(_("You have sent %(n)s files that are not saved with anything yet. Save your forms first, or wait a day.") % {"n": there["n"]},
                      code="file.waiting")
    blob = _placed(taken.received)
    return Attachment.objects.create(
        kind=kind, row_id=Attachment.WAITING, field=field, blob=blob, name=taken.name, size=blob.size, group=taken.verdict.group,
        media_type=taken.verdict.media_type, thumb=taken.verdict.group == Attachment.PICTURE, created_at=clock.now(), created_by=by,
    )


def _placed(received: store.Received) -> Blob:
    """The content's row, locked, with its file in place. A sweep that takes the row away meanwhile is outwaited."""
    for _try in range(5):
        Blob.objects.bulk_create([Blob(digest=received.digest, size=received.size, touched_at=clock.now())], ignore_conflicts=True)
        blob = Blob.objects.select_for_update().filter(digest=received.digest).first()
        if blob is not None:
            store.place(received)
            blob.touched_at = clock.now()
            blob.save(update_fields=["touched_at"])
            return blob
    raise RuntimeError("the row of a content vanished five times")


def of_row(row: Any) -> Any:
    """The files on a record, newest first; not those in its fields and words."""
    return Attachment.objects.filter(kind=row.KIND, row_id=row.pk, trashed_at=None, field="", comment=None).select_related("created_by", "blob").order_by("-pk")


def visible_file(pk: int, user: Any) -> tuple[Attachment, Any]:
    """A file and its record, where the person may see the record; else the same 404 as for no file at all.

    One in a field follows the rights to the field, one in words goes with them; one that was sent
    ahead is its sender's alone, and has no record yet (None).
    """
    found = Attachment.objects.select_related("blob", "comment").filter(pk=pk, trashed_at=None).first()
    if found is not None and found.row_id == Attachment.WAITING:
        if found.created_by_id != user.pk:
            raise Http404
        return found, None
    found, row = with_record(found, user)
    if found.comment is not None and found.comment.deleted_at is not None:
        raise Http404
    if found.field:
        attr = customs.attr_of(registry.kind(found.kind), found.field)
        if attr is None or registry.kind(found.kind).mode(attr, access_of(user)) in ("hide", "mask"):
            raise Http404
    return found, row


@transaction.atomic
def trash_file(found: Attachment, row: Any, *, by: Any) -> None:
    """Take a file off its record; it can be brought back for 30 days."""
    if row is None:
        raise Http404
    if found.field or found.comment_id:
        raise Refused(_("“%(name)s” belongs to a field or to words. Change the field, or delete the words.") % {"name": found.name}, code="file.held")
    guard.require_rows(by, [row], "edit")
    done = Attachment.objects.filter(pk=found.pk, trashed_at=None).update(trashed_at=clock.now(), trashed_by=by)
    if not done:
        raise Refused(_("“%(name)s” has been removed already.") % {"name": found.name}, code="file.gone")
    history.log(row, "detach", by=by, diff={"files": (found.name, "")})


@transaction.atomic
def restore_file(found: Attachment, row: Any, *, by: Any) -> None:
    """Bring a removed file back to its record."""
    guard.require_rows(by, [row], "edit")
    if not Attachment.objects.filter(pk=found.pk, trashed_at__isnull=False).update(trashed_at=None, trashed_by=None):
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    history.log(row, "attach", by=by, diff={"files": ("", found.name)}, args={"sha256": found.blob.digest, "size": found.size})


@undo.undoer("collab.restore_file")
def _undo_trash(payload: dict[str, Any], *, by: Any) -> None:
    found = Attachment.objects.select_related("blob").filter(pk=payload["id"]).first()
    row = registry.kind(found.kind).visible(by).filter(pk=found.row_id).first() if found else None
    if found is None or row is None:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    restore_file(found, row, by=by)


def purge_files(limit: int = 500) -> int:
    """Let go of files that have lain in the trash for 30 days, and of those sent ahead a day ago whose form
    was never saved; their contents are swept a day later."""
    now = clock.now()
    waiting = Q(row_id=Attachment.WAITING, created_at__lt=now - SWEPT_AFTER)
    old = Attachment.objects.filter(Q(trashed_at__lt=now - timedelta(days=KEPT_DAYS)) | waiting).order_by("pk")[:limit]
    with transaction.atomic():
        gone = list(old.values_list("pk", "blob_id"))
        Blob.objects.filter(pk__in={blob for _pk, blob in gone}).update(touched_at=clock.now())
        Attachment.objects.filter(pk__in=[pk for pk, _blob in gone]).delete()
    return len(gone)


def sweep(limit: int = 1_000) -> int:
    """Take contents that nothing needs off the disk; returns how many.

    Nothing younger than a day goes: what a kill left between file and row is first given a row, and
    goes the way of every content that nobody attached.
    """
    _adopt_strangers()
    _clear_arrivals()
    before, swept = clock.now() - SWEPT_AFTER, 0
    unused = Blob.objects.filter(attachments=None, touched_at__lt=before).order_by("touched_at").values_list("pk", flat=True)
    for pk in list(unused[:limit]):
        with transaction.atomic():
            blob = Blob.objects.select_for_update().filter(pk=pk, touched_at__lt=before).first()
            if blob is None or Attachment.objects.filter(blob=blob).exists():
                continue
            # The file goes while the row is still held: an upload of the same content waits, and then
            # brings its own. Killed in between, a row without file is left, which the next sweep takes.
            blob.delete()
            store.remove(blob.digest)
            swept += 1
    return swept


def _adopt_strangers() -> None:
    """Contents without a row get one, as of now: a day later they are swept unless an upload took them up."""
    part: dict[str, int] = {}

    def enter() -> None:
        known = set(Blob.objects.filter(digest__in=part).values_list("digest", flat=True))
        Blob.objects.bulk_create(
            [Blob(digest=digest, size=size, touched_at=clock.now()) for digest, size in part.items() if digest not in known],
            ignore_conflicts=True)
        part.clear()

    for digest, stat in store.contents():
        part[digest] = stat.st_size
        if len(part) >= 500:
            enter()
    enter()


def _clear_arrivals() -> None:
    """What began to arrive more than a day ago never will."""
    for path, stat in store.arriving():
        if time.time() - stat.st_mtime > SWEPT_AFTER.total_seconds():
            path.unlink(missing_ok=True)
