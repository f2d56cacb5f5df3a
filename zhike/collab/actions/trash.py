"""Deleting records into the trash, bringing them back, and emptying it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core import serializers
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import customs, forwarding, guard, history, registry, save, search, undo
from zhike.records.models import ExternalKey, Favourite, TeamGrant

from .. import events, questions, references
from ..models import Attachment, Comment, TagLink, TrashedRow

KEPT_DAYS = 30


def _written(row: Any) -> dict[str, Any]:
    """All columns of a row as JSON, times to the microsecond (Django's own JSON would cut them)."""
    found: dict[str, Any] = serializers.serialize("python", [row])[0]
    found["fields"] = {name: value if isinstance(value, (dict, list)) else history.plain(value) for name, value in found["fields"].items()}
    return found


def what_keeps(row: Any, user: Any) -> list[Any]:
    """Why a record cannot be deleted: texts, or (text, address)."""
    answers = questions.keeps.ask([row], by=user)
    return [*references.blockers(row, user), *((answer.text, answer.url) if answer.url else str(answer.text) for answer in answers)]


@transaction.atomic
def trash_row(row: Any, *, by: Any) -> TrashedRow:
    """Delete a record: it leaves its table and can be brought back for 30 days.

    Raises `Refused` with what points to it; records of kinds that are only ever closed or disabled refuse too.
    """
    kind = registry.kind_of(row)
    guard.require_rows(by, [row], "delete")
    if not kind.deletable:
        raise Refused(_("These records are not deleted. Close or disable this one instead."), code="trash.kind")
    row = save.locked(row)
    keeping = what_keeps(row, by)
    if keeping:
        raise Refused(_("“%(row)s” is still needed. Look at what points to it first.") % {"row": row}, items=keeping, code="trash.in_use")
    keys = ExternalKey.objects.filter(kind=kind.name, row_id=row.pk)
    data = {
        "row": _written(row),
        "emptied": references.empty(row),
        "along": references.take_along(row, _written),
        "keys": [list(found) for found in keys.values_list("system", "key", "marks")],
    }
    kept = TrashedRow.objects.create(
        kind=kind.name, row_id=row.pk, title=str(row)[:200], owner_id=getattr(row, "owner_id", None),
        owner_dept_id=getattr(row, "owner_dept_id", None), data=data, deleted_at=clock.now(), deleted_by=by,
    )
    keys.delete()
    search.remove_rows(kind.name, [row.pk])
    customs.unindex(kind, [row.pk])
    history.log(row, "trash", by=by)
    gone = kind.model._base_manager.filter(pk=row.pk)
    gone._raw_delete(gone.db)  # nothing goes along: what could has been looked at above
    events.rows_trashed.announce([row], by=by)
    return kept


def in_reach(user: Any) -> Any:
    """The deleted records the person may bring back: their own doing, and what they may delete by their roles."""
    if not user.is_authenticated or not user.is_active:
        return TrashedRow.objects.none()
    access, wanted = access_of(user), Q(pk=None)
    for kind in registry.kinds():
        if not kind.deletable or not access.may(kind.name, "delete") or not access.may(kind.name, "edit"):
            continue
        here, reach = Q(kind=kind.name), access.reach(kind.name, edit=True)
        if not reach.everything:
            here &= Q(deleted_by=user) | Q(owner__in=reach.owners | {user.pk}) | Q(owner_dept__in=reach.departments)
        wanted |= here
    return TrashedRow.objects.filter(wanted).select_related("deleted_by", "owner")


@transaction.atomic
def restore_row(kept: TrashedRow, *, by: Any) -> Any:
    """Bring a deleted record back as it was, under its old address. Raises `Refused` where something stands in its place."""
    held = in_reach(by).select_related(None).select_for_update(of=("self",)).filter(pk=kept.pk).first()
    if held is None:
        raise Http404
    kind = registry.kind(held.kind)
    row = next(serializers.deserialize("python", [held.data["row"]])).object
    row.version += 1
    _check_links(row)
    answers = questions.fits_again.ask([row], by=by)
    if answers:
        raise Refused(_("“%(row)s” cannot be brought back.") % {"row": held}, items=[str(answer.text) for answer in answers], code="trash.place")
    try:
        with transaction.atomic():
            row.save_base(raw=True, force_insert=True)
    except IntegrityError:
        raise Refused(_("“%(row)s” cannot be brought back: another record has taken its place.") % {"row": held}, code="trash.place") from None
    row = kind.model.objects.get(pk=held.row_id)
    references.fill(row, held.data["emptied"])
    references.put_along(held.data.get("along", []))
    ExternalKey.objects.bulk_create(
        [ExternalKey(system=system, kind=kind.name, key=key, row_id=row.pk, marks=marks) for system, key, marks in held.data["keys"]],
        ignore_conflicts=True)
    save.index(kind, [row])
    customs.index(kind, [row])
    held.delete()
    history.log(row, "restore", by=by)
    events.rows_restored.announce([row], by=by)
    return row


def _check_links(row: Any) -> None:
    """What the record points to must be there: first things first, where that is in the trash too."""
    for field in row._meta.concrete_fields:
        target = field.related_model
        if target is None or getattr(row, field.attname) is None or target._base_manager.filter(pk=getattr(row, field.attname)).exists():
            continue
        lives_on = forwarding.successor(getattr(target, "KIND", ""), getattr(row, field.attname))
        if lives_on is not None and target._base_manager.filter(pk=lives_on).exists():
            setattr(row, field.attname, lives_on)
            continue
        beside = TrashedRow.objects.filter(kind=getattr(target, "KIND", ""), row_id=getattr(row, field.attname)).first()
        if beside is not None:
            raise Refused(_("“%(row)s” belongs to it and is in the trash too. Bring that back first.") % {"row": beside}, code="trash.link")
        if not field.null:
            raise Refused(_("What it belongs to is gone for good."), code="trash.link")
        setattr(row, field.attname, None)


@undo.undoer("collab.restore_row")
def _undo(payload: dict[str, Any], *, by: Any) -> None:
    kept = in_reach(by).filter(pk=payload["id"]).first()
    if kept is None:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    restore_row(kept, by=by)


def purge_trash(limit: int = 500) -> int:
    """Let go for good of what was deleted more than 30 days ago, with its words and tags; its files go to their own trash.

    The history stays: that there was such a record, and who deleted it.
    """
    done = 0
    old = TrashedRow.objects.filter(deleted_at__lt=clock.now() - timedelta(days=KEPT_DAYS)).order_by("deleted_at")
    for pk in list(old.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            kept = TrashedRow.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            if kept is None:
                continue
            here = {"kind": kept.kind, "row_id": kept.row_id}
            Attachment.objects.filter(trashed_at=None, **here).update(trashed_at=clock.now(), trashed_by=kept.deleted_by)
            for model in (Comment, TagLink, TeamGrant, Favourite):
                model.objects.filter(**here).delete()
            kept.delete()
            done += 1
    return done
