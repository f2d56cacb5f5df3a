"""Making tags, putting them on records, and keeping the words in order."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.kept import Kept
from zhike.base.refused import Forbidden, Refused
from zhike.base.text import clean_line
from zhike.org.access import access_of
from zhike.records import guard, history, registry, undo
from zhike.records.kinds import Kind
from zhike.records.models import HistoryEntry, SavedView

from ..models import Tag, TagLink
from ..models.tags import TONES

MOST_OF_KIND = 300
MOST_OF_ROW = 20


def may_make(user: Any) -> bool:
    """Who may add words; putting existing ones on records is part of changing them."""
    return access_of(user).may("tag", "add")


def may_keep(user: Any) -> bool:
    """Who may rename, merge and retire tags."""
    return access_of(user).may("tag", "edit")


def _require(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("Your roles do not allow this with %(kind)s. Ask an administrator for the right.") % {"kind": _("Tags")})


def any_of(kind: str) -> bool:
    """Whether a kind has any tags; a house without tags is not asked on every page."""
    return kind in kinds_with_tags.get()


def _kinds() -> frozenset[str]:
    return frozenset(Tag.objects.values_list("kind", flat=True).distinct().order_by())


kinds_with_tags: Kept[frozenset[str]] = Kept(_kinds)


def of_kind(kind: str) -> list[Tag]:
    """The tags of a kind, those in use first, by name."""
    return list(Tag.objects.filter(kind=kind).order_by("retired", "name", "pk")[:MOST_OF_KIND])


def of_row(row: Any) -> list[Tag]:
    """The tags on a record, by name."""
    return list(Tag.objects.filter(links__kind=row.KIND, links__row_id=row.pk).order_by("name", "pk"))


def _named(name: str) -> tuple[str, str]:
    name = clean_line(name)
    key = Tag.key_of(name)
    if not key or len(name) > 30:
        raise Refused(_("A tag has 1 to %(n)s characters.") % {"n": 30}, field="name", code="tag.name")
    return name, key


def _toned(tone: str) -> str:
    if tone not in dict(TONES):
        raise Refused(_("Choose a colour from the list."), field="tone", code="tag.tone")
    return tone


@transaction.atomic
def make_tag(kind: Kind, name: str, *, by: Any, tone: str = "neutral") -> Tag:
    """Add a word for records of a kind; one of the same name (whatever its width or case) is given back instead."""
    guard.require(by, kind, "view")
    name, key = _named(name)
    there = Tag.objects.filter(kind=kind.name, key=key).first()
    if there is not None:
        if there.retired:
            raise Refused(_("“%(tag)s” has been retired. Choose another word.") % {"tag": there}, field="name", code="tag.retired")
        return there
    _require(may_make(by))
    if Tag.objects.filter(kind=kind.name).count() >= MOST_OF_KIND:
        raise Refused(_("There are %(n)s tags already. Merge or retire some first.") % {"n": MOST_OF_KIND}, code="tag.many")
    try:
        with transaction.atomic():
            made = Tag.objects.create(kind=kind.name, name=name, key=key, tone=_toned(tone), created_at=clock.now(), created_by=by)
    except IntegrityError:  # somebody made it at the same moment
        return Tag.objects.get(kind=kind.name, key=key)
    kinds_with_tags.changed()
    history.log_list(kind.name, "tag_new", by=by, args={"tag": name})
    return made


@transaction.atomic
def tag_rows(rows: Sequence[Any], *, add: Sequence[Tag] = (), remove: Sequence[Tag] = (), by: Any, batch: str = "") -> str:
    """Put tags on records of one kind and take others off; at most 500 rows. Returns the name of the change in history.

    Raises `Refused` when a tag is of another kind or retired, or a record would have more than 20.
    """
    guard.require_rows(by, rows, "edit")
    kind, ids, batch = rows[0].KIND, [row.pk for row in rows], batch or uuid.uuid4().hex
    for tag in [*add, *remove]:
        if tag.kind != kind:
            raise Refused(_("“%(tag)s” is a tag for other records.") % {"tag": tag}, code="tag.kind")
    # The words stay what they are until this is done: a merge waits.
    held = {tag.pk: tag for tag in Tag.objects.select_for_update().filter(pk__in=[tag.pk for tag in add]).order_by("pk")}
    for tag in add:
        if tag.pk not in held or held[tag.pk].retired:
            raise Refused(_("“%(tag)s” has been retired. Choose another word.") % {"tag": tag}, code="tag.retired")
    before = _names(kind, ids)
    TagLink.objects.filter(kind=kind, row_id__in=ids, tag__in=[tag.pk for tag in remove]).delete()
    TagLink.objects.bulk_create([TagLink(tag=tag, kind=kind, row_id=pk) for tag in held.values() for pk in ids], ignore_conflicts=True)
    after = _names(kind, ids)
    over = next((row for row in rows if len(after[row.pk]) > MOST_OF_ROW), None)
    if over is not None:
        raise Refused(_too_many(over), code="tag.row_many")
    history.write([history.entry(row, "tag", by=by, batch=batch, diff={"tags": (before[row.pk], after[row.pk])})
                   for row in rows if before[row.pk] != after[row.pk]])
    return batch


def _too_many(row: Any) -> str:
    return _("“%(row)s” would have more than %(n)s tags.") % {"row": row, "n": MOST_OF_ROW}


@transaction.atomic
def tag_each(
    kind: Kind, rows: Sequence[Any], *, add: Sequence[Tag] = (), remove: Sequence[Tag] = (), by: Any, batch: str = "",
) -> tuple[list[Any], list[tuple[Any, str]], str]:
    """The same where each record answers for itself: (changed or as wished already, refused with the reason, batch)."""
    batch = batch or uuid.uuid4().hex
    good, refused = guard.sort_rows(by, rows, "edit")
    now = _names(kind.name, [row.pk for row in good])
    new, gone = {tag.name for tag in add}, {tag.name for tag in remove}
    over = {row.pk for row in good if len((set(now[row.pk]) - gone) | new) > MOST_OF_ROW}
    refused += [(row, _too_many(row)) for row in good if row.pk in over]
    good = [row for row in good if row.pk not in over]
    if good:
        tag_rows(good, add=add, remove=remove, by=by, batch=batch)
    return good, refused, batch


def _names(kind: str, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {pk: [] for pk in ids}
    pairs = TagLink.objects.filter(kind=kind, row_id__in=ids).order_by("tag__name", "tag").values_list("row_id", "tag__name")
    for pk, name in pairs:
        found[pk].append(name)
    return found


@undo.undoer("collab.tags_back")
def _tags_back(payload: dict[str, Any], *, by: Any) -> None:
    """Put back what each record had, where its tags are still what the change left."""
    kind = registry.kind(payload["kind"])
    lines = list(HistoryEntry.objects.filter(batch=payload["batch"], kind=kind.name, by=by, action="tag"))
    if not put_back(kind, lines, by=by)[0]:
        raise Refused(_("This can no longer be undone."), code="undo.changed")


def put_back(kind: Kind, lines: Sequence[HistoryEntry], *, by: Any) -> tuple[int, list[tuple[Any, str]]]:
    """Give records the tags their lines of history say they had; (how many, the others with the reason)."""
    entries = {line.row_id: line.diff["tags"] for line in lines if line.kind == kind.name and line.action == "tag"}
    rows, refused = guard.sort_rows(by, list(kind.model.objects.filter(pk__in=entries)), "edit")
    now, words = _names(kind.name, list(entries)), {tag.name: tag for tag in of_kind(kind.name)}
    by_change: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Any]] = {}
    for row in rows:
        old, new = entries[row.pk]
        if now[row.pk] == new:
            back, off = tuple(name for name in old if name not in new), tuple(name for name in new if name not in old)
            by_change.setdefault((back, off), []).append(row)
        else:
            refused.append((row, str(_("It has been changed since."))))
    for (back, off), same in by_change.items():
        tag_rows(same, add=[words[name] for name in back if name in words], remove=[words[name] for name in off if name in words], by=by)
    return sum(map(len, by_change.values())), refused


@transaction.atomic
def change_tag(tag: Tag, *, name: str, tone: str, retired: bool, by: Any) -> Tag:
    """Rename, recolour, retire a tag or take it back into use."""
    _require(may_keep(by))
    name, key = _named(name)
    if Tag.objects.filter(kind=tag.kind, key=key).exclude(pk=tag.pk).exists():
        raise Refused(_("There is a tag “%(tag)s” already. Merge the two instead.") % {"tag": name}, field="name", code="tag.same")
    before = {"name": tag.name, "tone": tag.tone, "retired": tag.retired}
    tag.name, tag.key, tag.tone, tag.retired = name, key, _toned(tone), retired
    tag.save(update_fields=["name", "key", "tone", "retired"])
    history.log_list(tag.kind, "tag_edit", by=by, args={"id": tag.pk, "before": before, "after": {"name": name, "tone": tone, "retired": retired}})
    return tag


@transaction.atomic
def merge_tags(tag: Tag, into: Tag, *, by: Any) -> int:
    """Make two tags one: every record of `tag` gets `into`, saved views follow, `tag` is gone. Returns how many records."""
    _require(may_keep(by))
    if tag.kind != into.kind or tag.pk == into.pk:
        raise Refused(_("Choose another tag of the same kind."), field="into", code="tag.kind")
    held = {found.pk: found for found in Tag.objects.select_for_update().filter(pk__in=[tag.pk, into.pk]).order_by("pk")}
    if len(held) != 2:
        raise Refused(_("One of the two tags is gone. Look again."), code="tag.gone")
    ids = list(TagLink.objects.filter(tag=tag).values_list("row_id", flat=True))
    for start in range(0, len(ids), 2_000):
        TagLink.objects.bulk_create([TagLink(tag=into, kind=into.kind, row_id=pk) for pk in ids[start : start + 2_000]], ignore_conflicts=True)
    for view in SavedView.objects.filter(kind=tag.kind, query__contains="tag="):
        pairs = [(key, str(into.pk) if key == "tag" and value == str(tag.pk) else value) for key, value in parse_qsl(view.query)]
        SavedView.objects.filter(pk=view.pk).update(query=urlencode(list(dict.fromkeys(pairs))))
    tag.delete()
    history.log_list(into.kind, "tag_merge", by=by, args={"tag": tag.name, "into": into.name, "rows": len(ids)})
    return len(ids)
