"""Moving everything that points to some records over to another one, and exactly that back again.

What points to them is found from the models: every foreign key, every link to "any record" (kind and
row_id), custom fields that hold a record. Nothing is moved row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core import serializers
from django.db import models
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.collab import references
from zhike.records import customs, history, registry
from zhike.records.models import CustomField, TeamGrant

BATCH = 2_000
MOST = 50_000  # rows moved by one merge
# Made anew from the records themselves (keys, facts, search), or never rewritten (history, which follows the old id).
LEFT_ALONE = frozenset((
    "customers.NameKey", "customers.ReachKey", "customers.CustomerFacts", "customers.SuspectedPair", "customers.MergedRow",
    "customers.Merge", "records.HistoryEntry", "records.SearchEntry", "records.CustomValue", "records.JobRefusal", "collab.TrashedRow",
))
Journal = dict[str, Any]


def new_journal() -> Journal:
    return {"keys": [], "links": [], "aside": [], "flags": [], "changed": [], "custom": [], "made": []}


def foreign_keys(model: Any) -> list[Any]:
    return [field for field in references.pointing(model) if field.model._meta.label not in LEFT_ALONE]


def link_models() -> Iterator[Any]:
    """Every model whose rows name any record by kind and id."""
    for model in apps.get_models():
        names = {field.name for field in model._meta.concrete_fields}
        if {"kind", "row_id"} <= names and model._meta.label not in LEFT_ALONE:
            yield model


def written(row: Any) -> dict[str, Any]:
    """All columns of a row as JSON, times to the microsecond."""
    found: dict[str, Any] = serializers.serialize("python", [row])[0]
    found["fields"] = {name: value if isinstance(value, (dict, list)) else history.plain(value) for name, value in found["fields"].items()}
    return found


def insert(data: dict[str, Any]) -> Any:
    """Put a written row back into its table under its old id."""
    row = next(serializers.deserialize("python", [data])).object
    row.save_base(raw=True, force_insert=True)
    return row


def move(kept: Any, others: Sequence[Any]) -> Journal:
    """Let everything that points to `others` point to `kept`. Returns what was moved; the others still stand in their table.

    Raises `Refused` where a record can be there only once or more than `MOST` rows would move.
    """
    journal = new_journal()
    ids = [row.pk for row in others]
    model = type(kept)
    _join_teams(kept, ids, journal)
    fields = foreign_keys(model)
    total = sum(field.model._base_manager.filter(**{f"{field.attname}__in": ids})[: MOST + 1].count() for field in fields)
    if total > MOST:
        raise Refused(_("More than %(n)s records belong to these. Merge them at a quiet time with an administrator's help.") % {"n": f"{MOST:,}"},
                      code="merge.large")
    for field in fields:
        base = field.model._base_manager
        _one_flag(field, kept.pk, ids, journal)
        _set_aside(field.model, field.attname, field.name, base, kept.pk, ids, journal)
        for pk in ids:
            _move(field, pk, kept.pk, {kept.pk, *ids} if field.model is model else set(), journal)
    for linked in link_models():
        base = linked._base_manager.filter(kind=kept.KIND)
        _set_aside(linked, "row_id", "row_id", base, kept.pk, ids, journal)
        for pk in ids:
            found = list(base.filter(row_id=pk).values_list("pk", flat=True))
            if found:
                _update(linked, found, {"row_id": kept.pk})
                journal["links"].append([linked._meta.label, pk, found])
    _move_custom(kept, ids, journal)
    return journal


def _update(model: Any, ids: Sequence[int], values: dict[str, Any]) -> None:
    more = {"version": models.F("version") + 1} if any(field.name == "version" for field in model._meta.concrete_fields) else {}
    for start in range(0, len(ids), BATCH):
        model._base_manager.filter(pk__in=ids[start : start + BATCH]).update(**values, **more)


def _move(field: Any, old: int, new: int, family: set[int], journal: Journal) -> None:
    found = list(field.model._base_manager.filter(**{field.attname: old}).exclude(pk__in=family).order_by("pk").values_list("pk", flat=True))
    if found:
        _update(field.model, found, {field.attname: new})
        journal["keys"].append([field.model._meta.label, field.name, old, found])
    if family:
        # The kept one cannot belong to itself: who reported to a merged one reports to nobody.
        inside = list(field.model._base_manager.filter(**{field.attname: old}, pk=new).values_list("pk", flat=True))
        if inside:
            field.model._base_manager.filter(pk__in=inside).update(**{field.attname: None})
            journal["changed"].append([field.model._meta.label, new, field.attname, old, None])


def _one_flag(field: Any, kept: int, ids: Sequence[int], journal: Journal) -> None:
    """Where only one row of each may carry a mark (the primary contact), the kept one's stays, then the first."""
    for rule in field.model._meta.constraints:
        if not isinstance(rule, models.UniqueConstraint) or rule.condition is None or list(rule.fields) != [field.name]:
            continue
        marks = rule.condition.children
        if len(marks) != 1 or marks[0][1] is not True:
            _only_one(field, rule.condition, [kept, *ids])
            continue
        mark = marks[0][0]
        base = field.model._base_manager.filter(**{mark: True})
        taken = base.filter(**{field.attname: kept}).exists()
        for pk in ids:
            found = list(base.filter(**{field.attname: pk}).values_list("pk", flat=True))
            if found and taken:
                field.model._base_manager.filter(pk__in=found).update(**{mark: False})
                journal["flags"] += [[field.model._meta.label, field.name, mark, pk, one] for one in found]
            taken = taken or bool(found)


def _only_one(field: Any, condition: models.Q, ids: Sequence[int]) -> None:
    """Refuse where only one unfinished row of each may be there and several of these have one, e.g. two waiting openings."""
    if field.model._base_manager.filter(condition, **{f"{field.attname}__in": ids})[:2].count() > 1:
        raise Refused(_("More than one of these has an open “%(what)s”. Finish or withdraw all but one of them first.")
                      % {"what": field.model._meta.verbose_name}, code="merge.once")


def _set_aside(model: Any, column: str, name: str, base: Any, kept: int, ids: Sequence[int], journal: Journal) -> None:
    """Rows the kept record has already (the same tag, the same colleague) are kept in the journal instead."""
    rules = [list(rule.fields) for rule in model._meta.constraints
             if isinstance(rule, models.UniqueConstraint) and rule.condition is None and name in rule.fields]
    rules += [list(names) for names in model._meta.unique_together if name in names]
    rules += [[name]] if model._meta.get_field(name).unique else []
    for rule in rules:
        rest = [other for other in rule if other not in (name, "kind")]
        taken = set(base.filter(**{column: kept}).values_list(*rest)) if rest else {()} if base.filter(**{column: kept}).exists() else set()
        for row in base.filter(**{f"{column}__in": ids}).order_by("pk"):
            value = tuple(getattr(row, model._meta.get_field(other).attname) for other in rest)
            if value not in taken:
                taken.add(value)
                continue
            if registry.has(getattr(model, "KIND", "")):
                raise Refused(_("“%(row)s” can be there only once: both records have one.") % {"row": row}, code="merge.once")
            journal["aside"].append(written(row))
            model._base_manager.filter(pk=row.pk)._raw_delete(model._base_manager.db)


def _join_teams(kept: Any, ids: Sequence[int], journal: Journal) -> None:
    """A colleague in both teams keeps the greater right for the longer time."""
    here = {grant.user_id: grant for grant in TeamGrant.objects.filter(kind=kept.KIND, row_id=kept.pk)}
    for other in TeamGrant.objects.filter(kind=kept.KIND, row_id__in=ids).order_by("pk"):
        mine = here.get(other.user_id)
        if mine is None:
            here[other.user_id] = other
            continue
        better: dict[str, Any] = {}
        if other.level == TeamGrant.WRITE and mine.level != TeamGrant.WRITE:
            better["level"] = other.level
        if mine.expires_at is not None and (other.expires_at is None or other.expires_at > mine.expires_at):
            better["expires_at"] = other.expires_at
        for name, value in better.items():
            journal["changed"].append([TeamGrant._meta.label, mine.pk, name, history.plain(getattr(mine, name)), history.plain(value)])
            setattr(mine, name, value)
        if better:
            mine.save(update_fields=list(better))


def _move_custom(kept: Any, ids: Sequence[int], journal: Journal) -> None:
    """Custom fields of any kind that hold one of these records hold the kept one."""
    for found in CustomField.objects.filter(type="ref", to=kept.KIND):
        if not registry.has(found.on):
            continue
        kind = registry.kind(found.on)
        for pk in ids:
            rows = list(kind.model._base_manager.filter(**{f"custom__{found.name}": pk}))
            if rows:
                _set_custom(kind, rows, found.name, kept.pk)
                journal["custom"].append([kind.name, found.name, pk, [row.pk for row in rows]])


def _set_custom(kind: Any, rows: Sequence[Any], name: str, value: int) -> None:
    for row in rows:
        row.custom = {**row.custom, name: value}
    kind.model._base_manager.bulk_update(rows, ["custom"], batch_size=500)
    customs.index(kind, rows)


# Back

def what_stands_in_the_way(journal: Journal, kept: int) -> list[str]:
    """Records that were moved by a merge and have been moved or deleted since: then it cannot be taken back whole."""
    found: list[str] = []
    for label, name, _old, ids in journal["keys"]:
        model = apps.get_model(label)
        field = model._meta.get_field(name)
        there = 0
        for start in range(0, len(ids), BATCH):
            there += model._base_manager.filter(pk__in=ids[start : start + BATCH], **{field.attname: kept}).count()
        if there != len(ids):
            found.append(str(_("%(n)s of %(what)s have been moved or deleted since.")
                             % {"n": len(ids) - there, "what": model._meta.verbose_name_plural}))
    return found


def put_back(journal: Journal, kept: int) -> None:
    """Let what was moved point to where it pointed before; the records themselves are back in their table."""
    for label, name, old, ids in journal["keys"]:
        model = apps.get_model(label)
        _update(model, ids, {model._meta.get_field(name).attname: old})
    for label, old, ids in journal["links"]:
        model = apps.get_model(label)
        for start in range(0, len(ids), BATCH):
            model._base_manager.filter(pk__in=ids[start : start + BATCH], row_id=kept).update(row_id=old)
    for label, pk, name, before, after in journal["changed"]:
        model = apps.get_model(label)
        row = model._base_manager.filter(pk=pk).first()
        if row is not None and history.plain(getattr(row, name)) == after:
            value = before if name.endswith("_id") else model._meta.get_field(name).to_python(before)
            model._base_manager.filter(pk=pk).update(**{name: value})
    for label, name, mark, old, pk in journal["flags"]:
        model = apps.get_model(label)
        if not model._base_manager.filter(**{name: old, mark: True}).exists():
            model._base_manager.filter(pk=pk, **{name: old}).update(**{mark: True})
    for data in journal["aside"]:
        insert(data)
    for kind_name, name, old, ids in journal["custom"]:
        if registry.has(kind_name):
            kind = registry.kind(kind_name)
            _set_custom(kind, [row for row in kind.model._base_manager.filter(pk__in=ids) if row.custom.get(name) == kept], name, old)
    for label, ids in journal["made"]:
        apps.get_model(label)._base_manager.filter(pk__in=ids).delete()
