"""Speaking about a record with those who see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.base.text import clean_block
from zhike.notices import actions as notices
from zhike.records import guard, history, registry, save, undo

from .. import mentions
from ..about import with_record
from ..models import Attachment, Comment
from . import groups

LONGEST = 4_000
A_MINUTE, AN_HOUR = 20, 200  # comments of one person
MOST_OF_ROW = 5_000
EDITABLE = timedelta(minutes=10)
MOST_FILES = 10  # of one comment
KEPT_DAYS = 30

notices.declare("comment.mention", gettext_lazy("%(who)s mentioned you in the discussion of “%(record)s”"))
notices.declare("comment.reply", gettext_lazy("%(who)s answered you in the discussion of “%(record)s”"))


def late() -> Refused:
    """The refusal of a change that comes too late, in words."""
    return Refused(_("A comment can be changed by its author for %(n)s minutes, unless it is a conclusion. Write an answer instead.")
                   % {"n": int(EDITABLE.total_seconds() // 60)}, code="comment.late")


def _checked(text: str, *, alone: bool = True) -> str:
    text = clean_block(text)
    if not text and alone:
        raise Refused(_("Write something first."), field="text", code="comment.empty")
    if len(text) > LONGEST:
        raise Refused(_("A comment has at most %(n)s characters. Attach longer texts as a file.") % {"n": LONGEST},
                      field="text", code="comment.long")
    return text


def _require_sight(row: Any, by: Any) -> None:
    if not mentions.sees(by, row):
        raise Http404


def _require_pace(row: Any, by: Any) -> None:
    now = clock.now()
    for most, span in ((A_MINUTE, timedelta(minutes=1)), (AN_HOUR, timedelta(hours=1))):
        if Comment.objects.filter(created_by=by, created_at__gt=now - span)[:most].count() >= most:
            raise Refused(_("You have written a lot in a short time. Wait a little and send it again."), code="comment.pace")
    if Comment.objects.filter(kind=row.KIND, row_id=row.pk)[:MOST_OF_ROW].count() >= MOST_OF_ROW:
        raise Refused(_("This discussion is full. Go on in a new record."), code="comment.full")


@transaction.atomic
def add_comment(
    row: Any, text: str, *, by: Any, parent: Comment | None = None, picked: Iterable[int] = (), files: Sequence[int] = (),
    let_in: Iterable[int] = (),
) -> Comment:
    """Say something about a record; whoever sees it may. A reply to a reply joins the same thread.

    Colleagues named with @ are told, and so is the author of what is answered. `files` are those sent
    ahead; `let_in` come into the team first. Raises `Refused` when one of those named may not see the
    record (`mentions.Blind`), or the person writes too much too fast.
    """
    _require_sight(row, by)
    groups.require_open(row)
    text = _checked(text, alone=not files)
    _require_pace(row, by)
    if parent is not None:
        if (parent.kind, parent.row_id) != (row.KIND, row.pk):
            raise Http404
        if parent.deleted_at is not None:
            raise Refused(_("What you answer has been deleted meanwhile."), code="comment.gone")
    named = mentions.named_in(text, picked)
    mentions.require_sight(named, row, by=by, let_in=let_in)
    made = Comment.objects.create(
        kind=row.KIND, row_id=row.pk, text=text, created_at=clock.now(), created_by=by, mentions=[user.pk for user in named],
        parent_id=(parent.parent_id or parent.pk) if parent else None,
    )
    _attach(made, files, by)
    groups.note_words(row, by=by)
    history.log(row, "comment", by=by, args={"id": made.pk})
    _tell(made, row, named, parent, by)
    return made


def _attach(made: Comment, files: Sequence[int], by: Any) -> None:
    """Bind the files that were sent ahead to the words they were sent for."""
    ids = set(files)
    if len(ids) > MOST_FILES:
        raise Refused(_("A comment has at most %(n)s files.") % {"n": MOST_FILES}, field="text", code="comment.files")
    waiting = Attachment.objects.filter(pk__in=ids, kind=made.kind, row_id=Attachment.WAITING, field="", created_by=by)
    if ids and waiting.update(row_id=made.row_id, comment=made) != len(ids):
        raise Refused(_("A file is not here any more. Choose it once more."), field="text", code="file.gone")


def _tell(made: Comment, row: Any, named: list[Any], parent: Comment | None, by: Any) -> None:
    told: dict[str, Any] = {"row": row, "by": by, "category": "mention", "who": str(by), "record": str(row), "place": f"discussion/#comment-{made.pk}"}
    notices.tell(named, "comment.mention", key=f"comment:{made.pk}:mention", **told)
    if parent is not None and parent.created_by_id not in {user.pk for user in named}:
        author = parent.created_by
        if author.is_active and mentions.sees(author, row):
            notices.tell([author], "comment.reply", key=f"comment:{made.pk}:reply", **told)


def may_edit(found: Comment, user: Any) -> bool:
    """One's own words, for ten minutes, as long as nobody has made them a conclusion."""
    return found.created_by_id == user.pk and found.deleted_at is None and found.concluded_at is None and clock.now() - found.created_at < EDITABLE


def may_delete(found: Comment, user: Any) -> bool:
    return found.deleted_at is None and (found.created_by_id == user.pk or bool(user.is_admin))


@transaction.atomic
def edit_comment(found: Comment, row: Any, text: str, *, by: Any, picked: Iterable[int] = ()) -> Comment:
    """Change one's own words within 10 minutes; the history keeps the former ones. Whoever is newly named is told."""
    _require_sight(row, by)
    groups.require_open(row)
    stored = Comment.objects.select_for_update().get(pk=found.pk)
    if stored.created_by_id != by.pk:
        raise Forbidden(_("Only the author can change a comment."))
    if not may_edit(stored, by):
        raise late()
    text = _checked(text, alone=not stored.files.exists())
    if text == stored.text:
        return stored
    named = mentions.named_in(text, [*picked, *stored.mentions])
    mentions.require_sight(named, row)
    before, known = stored.text, set(stored.mentions)
    stored.text, stored.mentions, stored.edited_at = text, [user.pk for user in named], clock.now()
    stored.save(update_fields=["text", "mentions", "edited_at"])
    history.log(row, "comment_edit", by=by, diff={"comment": (before, text)}, args={"id": stored.pk})
    _tell(stored, row, [user for user in named if user.pk not in known], None, by)
    return stored


@transaction.atomic
def delete_comment(found: Comment, row: Any, *, by: Any) -> None:
    """Take one's own words back (an administrator: anybody's); the place stays, with who deleted and when."""
    _require_sight(row, by)
    stored = Comment.objects.select_for_update().get(pk=found.pk)
    if stored.deleted_at is None and not may_delete(stored, by):
        raise Forbidden(_("Only the author or an administrator can delete a comment."))
    if stored.deleted_at is not None:
        raise Refused(_("This comment has been deleted already."), code="comment.gone")
    Comment.objects.filter(pk=stored.pk).update(deleted_at=clock.now(), deleted_by=by)
    history.log(row, "comment_delete", by=by, args={"id": stored.pk})


@undo.undoer("collab.restore_comment")
def _restore(payload: dict[str, Any], *, by: Any) -> None:
    found = Comment.objects.select_for_update().filter(pk=payload["id"], deleted_by=by).first()
    row = registry.kind(found.kind).visible(by).filter(pk=found.row_id).first() if found else None
    if found is None or row is None or (not found.text and not found.files.exists()):
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    Comment.objects.filter(pk=found.pk).update(deleted_at=None, deleted_by=None)
    history.log(row, "comment", by=by, args={"id": found.pk})


@transaction.atomic
def pin_comment(found: Comment, row: Any, *, by: Any, on: bool = True) -> None:
    """Let a thread stand above the others, or let it go; a record has one such thread."""
    guard.require_rows(by, [row], "edit")
    save.locked(row)  # two people pin at once
    stored = Comment.objects.select_for_update().get(pk=found.pk)
    if stored.parent_id is not None or stored.deleted_at is not None:
        raise Refused(_("Only a thread that is there can be pinned."), code="comment.pin")
    if (stored.pinned_at is not None) == on:
        return
    Comment.objects.filter(kind=row.KIND, row_id=row.pk, pinned_at__isnull=False).update(pinned_at=None)
    if on:
        Comment.objects.filter(pk=stored.pk).update(pinned_at=clock.now())
    history.log(row, "comment_pin" if on else "comment_unpin", by=by, args={"id": stored.pk})


@transaction.atomic
def conclude_comment(found: Comment, row: Any, *, by: Any, on: bool = True) -> None:
    """Make words a conclusion of the discussion, or plain words again. A conclusion is not changed any more."""
    guard.require_rows(by, [row], "edit")
    stored = Comment.objects.select_for_update().get(pk=found.pk)
    if stored.deleted_at is not None:
        raise Refused(_("This comment has been deleted already."), code="comment.gone")
    if (stored.concluded_at is not None) == on:
        return
    Comment.objects.filter(pk=stored.pk).update(concluded_at=clock.now() if on else None, concluded_by=by if on else None)
    history.log(row, "comment_conclude" if on else "comment_unconclude", by=by, args={"id": stored.pk})


def of_row(row: Any) -> Any:
    """What is said about a record, deleted places included. Ask for the sight of the record first."""
    return Comment.objects.filter(kind=row.KIND, row_id=row.pk).select_related("created_by")


def visible_comment(pk: int, user: Any) -> tuple[Comment, Any]:
    """A comment and its record, where the person may see the record; else 404."""
    return with_record(Comment.objects.select_related("created_by").filter(pk=pk).first(), user)


def forget_deleted(limit: int = 1_000) -> int:
    """Blank the texts of comments deleted more than 30 days ago; what remains is that there was one."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    Attachment.objects.filter(comment__deleted_at__lt=before, trashed_at=None).update(trashed_at=clock.now())
    old = Comment.objects.filter(deleted_at__lt=before).exclude(text="")
    return Comment.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:limit])).update(text="", mentions=[])
