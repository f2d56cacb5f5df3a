"""Joining records that are one and the same, and taking that back within a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.notices import alerting, scanning
from zhike.notices.models import AlertHit
from zhike.org.access import access_of
from zhike.records import customs, guard, history, registry, save, search, teams, undo
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind
from zhike.records.models import TeamGrant

from .. import events, moving, quality, questions
from ..duplicates import keys
from ..models import (
    Contact,
    Customer,
    CustomerFacts,
    LifecycleChange,
    Merge,
    MergedRow,
    NameKey,
    ReachKey,
    SuspectedPair,
)
from .facts import refresh_facts

FEWEST, MOST = 2, 5
HOURS = 24
NEVER_CHOSEN = frozenset(("former_names", "pinyin_abbr", "customer", "primary", "left"))
REACHED = ("lost", "target", "potential", "opportunity", "deal", "service")  # the further, the later


def choosable(kind: Kind, user: Any) -> list[Attr]:
    """The fields whose value may be chosen on a merge: those the person may write."""
    names = dict.fromkeys(name for section in kind.all_sections() for name in section.fields)
    return [attr for attr in kind.writable(list(names), access_of(user))
            if attr.name not in NEVER_CHOSEN and (customs.is_custom(attr.name) or attr.path == attr.name)]


def default_choices(attrs: Sequence[Attr], kept: Any, others: Sequence[Any]) -> dict[str, int]:
    """Field → the record its value is taken from: the kept one, where it is empty there the first that has one."""
    found: dict[str, int] = {}
    for attr in attrs:
        holder = next((row for row in (kept, *others) if not _empty(attr.value(row))), kept)
        found[attr.name] = holder.pk
    return found


def _empty(value: Any) -> bool:
    return value in (None, "", [], "unknown")


def best_of(rows: Sequence[Any]) -> Any:
    """The record to keep unless the person says otherwise: known to the ERP, furthest in the life cycle, oldest."""
    def rank(row: Any) -> tuple[Any, ...]:
        if isinstance(row, Customer):
            return (not row.erp_code, -REACHED.index(row.lifecycle), not row.enabled, row.pk)
        return (not row.primary, row.left, row.pk)

    return min(rows, key=rank)


@transaction.atomic
def merge_rows(
    kept: Any, others: Sequence[Any], *, by: Any, choices: Mapping[str, int] | None = None, versions: Mapping[int, int] | None = None
) -> Merge:
    """Join one to four records into `kept`: everything that belonged to them belongs to it, their numbers lead to it.

    `choices` names for a field the record whose value stays (default: the kept one's, where empty the first other).
    The owner stays the kept one's; the others' owners come into the team. Raises `Refused` without the
    right, `Conflict` when a record has been merged or (with `versions`) changed meanwhile.
    """
    kind = registry.kind_of(kept)
    rows = _held(kind, [kept, *others], versions or {})
    guard.require_rows(by, rows, "merge")
    kept, others = rows[0], rows[1:]
    if kind.name == Contact.KIND and len({row.customer_id for row in rows}) > 1:
        raise Refused(_("These contacts are at different customers. Merge the customers first, or let the person leave and enter them anew."),
                      code="merge.apart")
    blockers = questions.keeps_apart.ask(rows, by=by)
    if blockers:
        raise Refused(_("These records cannot be merged now."), items=[(answer.text, answer.url) if answer.url else str(answer.text) for answer in blockers],
                      code="merge.blocked")
    attrs = choosable(kind, by)
    made = Merge.objects.create(kind=kind.name, kept_id=kept.pk, at=clock.now(), by=by)
    data = {row.pk: moving.written(row) for row in others}
    values, lost = _values(kind, attrs, kept, others, choices or {})
    if kind.name == Customer.KIND:
        values |= _of_customers(kept, others, values)
    journal = moving.move(kept, others)
    try:
        with transaction.atomic():
            _leave(kind, others, made, data, journal)
            _check_links()
    except IntegrityError:
        raise Conflict(_("Something has just been added to one of these records. Try again.")) from None
    kept = kind.model.objects.select_related(*kind.related).get(pk=kept.pk)
    if kind.name == Customer.KIND:
        _mind_the_tree(kept, values, {row.pk for row in others})
    before = {name: _plain(kept, name) for name in values}
    told = {"merged": [{"id": row.pk, "text": str(row), "code": getattr(row, "code", "")} for row in others], "lost": lost, "merge": made.pk}
    if not save.change_row(kept, values, by=by, version=None, action="merge", args=told):
        save.touch_row(kept, by=by, action="merge", args=told)
    journal["kept"] = {name: [before[name], _plain(kept, name)] for name in values if before[name] != _plain(kept, name)}
    _after(kind, kept, others, made, journal, by)
    made.journal = journal
    made.save(update_fields=["journal"])
    history.write([history.entry(row, "merged-into", by=by, args={"into": kept, "merge": made.pk}) for row in others])
    events.rows_merged.announce([kept], by=by, lost=[row.pk for row in others], merge=made.pk)
    return made


def _held(kind: Kind, rows: Sequence[Any], versions: Mapping[int, int]) -> list[Any]:
    """The records as they are stored, locked, in the order given."""
    ids = [row.pk for row in rows]
    if not FEWEST <= len(set(ids)) <= MOST or len(set(ids)) != len(ids):
        raise Refused(_("Choose from %(few)s to %(many)s different records to merge.") % {"few": FEWEST, "many": MOST}, code="merge.count")
    list(kind.model.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    there = kind.model.objects.select_related(*kind.related).in_bulk(ids)
    for row in rows:
        if row.pk not in there:
            gone = MergedRow.objects.filter(kind=kind.name, row_id=row.pk).select_related("merge__by").first()
            text = _("%(who)s has just merged “%(row)s” into another record.") % {"who": gone.merge.by, "row": gone.title} if gone else \
                _("“%(row)s” is no longer there.") % {"row": row}
            raise Conflict(text, code="merge.gone")
        if versions and versions.get(row.pk) != there[row.pk].version:
            raise Conflict(_("%(who)s changed “%(row)s” in the meantime. Look at the values again and merge then.")
                           % {"who": there[row.pk].updated_by or _("Somebody"), "row": there[row.pk]})
    return [there[pk] for pk in ids]


def _values(
    kind: Kind, attrs: Sequence[Attr], kept: Any, others: Sequence[Any], choices: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """(field → chosen value, field → the values that are given up)."""
    known = {attr.name for attr in attrs}
    rows = {row.pk: row for row in (kept, *others)}
    wrong = next((name for name, pk in choices.items() if name not in known or pk not in rows), None)
    if wrong is not None:
        raise Refused(_("“%(key)s” cannot be chosen here.") % {"key": wrong[:60]}, code="merge.choice", field=wrong[:60])
    chosen = {**default_choices(attrs, kept, others), **choices}
    values: dict[str, Any] = {}
    lost: dict[str, list[str]] = {}
    for attr in attrs:
        value = attr.value(rows[chosen[attr.name]])
        if isinstance(value, kind.model) and value.pk in rows:
            value = None  # nobody belongs, or reports, to himself
        values[attr.name] = value
        rest = {str(attr.value(row)): None for row in rows.values() if not _empty(attr.value(row)) and attr.value(row) != value}
        if rest:
            lost[attr.name] = list(rest)
    return values, lost


def _of_customers(kept: Customer, others: Sequence[Customer], values: Mapping[str, Any]) -> dict[str, Any]:
    """Losing names stay as former names, the abbreviation is the name's; the furthest stage of the life cycle counts; one in use keeps it in use."""
    final = values.get("name", kept.name)
    former: dict[str, None] = {}
    for row in (kept, *others):
        for text in (row.name, *row.former_names.split("\n")):
            if text.strip() and text.strip() != final:
                former[text.strip()] = None
    stage = max((row.lifecycle for row in (kept, *others)), key=REACHED.index)
    named = next((row for row in (kept, *others) if row.name == final), kept)  # the abbreviation belongs to the name
    return {"former_names": "\n".join(former), "pinyin_abbr": named.pinyin_abbr, "lifecycle": stage,
            "enabled": any(row.enabled for row in (kept, *others))}


def _mind_the_tree(kept: Customer, values: dict[str, Any], gone: set[int]) -> None:
    """The parent that stays is none of the merged ones and does not lie below the kept one."""
    parent = values.get("parent", kept.parent)
    # Read anew: its own parent may be one that has just been moved.
    parent = Customer.objects.filter(pk=parent.pk).exclude(pk__in={kept.pk, *gone}).first() if parent is not None else None
    seen: set[int] = {kept.pk}
    above = parent
    for _level in range(50):
        if above is None:
            break
        if above.pk in seen:
            parent = None
            break
        seen.add(above.pk)
        above = Customer.objects.filter(pk=above.parent_id).first() if above.parent_id else None
    values["parent"] = parent


def _leave(kind: Kind, others: Sequence[Any], made: Merge, data: Mapping[int, Any], journal: moving.Journal) -> None:
    """The merged records leave their table; all of them is kept for the way back."""
    ids = [row.pk for row in others]
    MergedRow.objects.bulk_create([
        MergedRow(kind=kind.name, row_id=row.pk, kept_id=made.kept_id, merge=made, code=getattr(row, "code", "") or "",
                  title=str(row)[:200], data=data[row.pk]) for row in others
    ])
    search.remove_rows(kind.name, ids)
    customs.unindex(kind, ids)
    if kind.name == Customer.KIND:
        pairs = SuspectedPair.objects.filter(low__in=ids) | SuspectedPair.objects.filter(high__in=ids)
        journal["aside"] += [moving.written(pair) for pair in pairs]
        pairs.delete()
        NameKey.objects.filter(customer__in=ids).delete()
        ReachKey.objects.filter(customer__in=ids).delete()
        CustomerFacts.objects.filter(customer__in=ids).delete()
    else:
        ReachKey.objects.filter(source="contact", source_id__in=ids).delete()
    gone = kind.model._base_manager.filter(pk__in=ids)
    gone._raw_delete(gone.db)


def _check_links() -> None:
    """PostgreSQL looks at foreign keys at the end of the transaction: here it is still time to say so in words."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


def _after(kind: Kind, kept: Any, others: Sequence[Any], made: Merge, journal: moving.Journal, by: Any) -> None:
    owners = {row.owner_id: row.owner for row in others if row.owner_id and row.owner_id != kept.owner_id and row.owner.is_active}
    have = set(TeamGrant.objects.filter(kind=kind.name, row_id=kept.pk).values_list("user_id", flat=True))
    newcomers = [owner for pk, owner in owners.items() if pk not in have]
    if newcomers:
        teams.share_row(kept, newcomers, level=TeamGrant.WRITE, by=by)
        grants = TeamGrant.objects.filter(kind=kind.name, row_id=kept.pk, user__in=newcomers)
        journal["made"].append([TeamGrant._meta.label, list(grants.values_list("pk", flat=True))])
    if kind.name == Customer.KIND:
        moved = journal["kept"].get("lifecycle")
        if moved:
            step = LifecycleChange.objects.create(customer=kept, source=moved[0], target=moved[1], at=made.at, by=by, cause_kind="merge", cause_id=made.pk)
            journal["made"].append([LifecycleChange._meta.label, [step.pk]])
        keys.rebuild([kept.pk])
        refresh_facts([kept.pk])
        quality.refresh_quality([kept.pk])
    else:
        keys.note_contacts([kept])
    save.index(kind, [kept])
    # What was warned of at the merged ones is looked at anew on the kept one by the next scan.
    codes = [alert.code for alert in alerting.all_alerts() if alert.kind == kind.name]
    hits = AlertHit.objects.filter(rule__code__in=codes, row_id__in=[row.pk for row in others], closed_at=None)
    scanning.close_hits(list(hits.values_list("pk", flat=True)))


def _plain(row: Any, name: str) -> Any:
    value = getattr(row, name)
    return value.pk if hasattr(value, "pk") else history.plain(value)


# Back

def undoable(made: Merge | None) -> bool:
    """Whether a merge may still be taken back: for 24 hours, once."""
    return made is not None and made.undone_at is None and clock.now() - made.at < timedelta(hours=HOURS)


def last_merge(row: Any) -> Merge | None:
    """The newest merge into this record that has not been taken back."""
    return Merge.objects.filter(kind=row.KIND, kept_id=row.pk, undone_at=None).order_by("-pk").select_related("by").first()


@transaction.atomic
def undo_merge(made: Merge, *, by: Any) -> list[Any]:
    """Take a merge back: the merged records stand again as they were, with exactly what was moved. Within 24 hours.

    Raises `Refused` with the reasons where something has been changed since that cannot be put back.
    """
    made = Merge.objects.select_for_update().get(pk=made.pk)
    kind = registry.kind(made.kind)
    if not undoable(made):
        raise Refused(_("A merge can be taken back once, within %(n)s hours.") % {"n": HOURS}, code="merge.over")
    list(kind.model.objects.select_for_update().filter(pk=made.kept_id).values_list("pk"))
    kept = kind.model.objects.select_related(*kind.related).filter(pk=made.kept_id).first()
    if kept is None:
        raise Refused(_("The record has itself been merged or deleted since. Take that back first."), code="merge.changed")
    guard.require_rows(by, [kept], "merge")
    if Merge.objects.filter(kind=made.kind, kept_id=made.kept_id, pk__gt=made.pk, undone_at=None).exists():
        raise Refused(_("Another record has been merged into it since. Take that back first."), code="merge.changed")
    rows = list(made.rows.order_by("row_id"))
    standing = [*_changed_since(kind, kept, made), *moving.what_stands_in_the_way(made.journal, kept.pk), *_places_taken(kind, rows)]
    if standing:
        raise Refused(_("This merge can no longer be taken back."), items=standing, code="merge.changed")
    return _undo(kind, kept, made, rows, by)


def _changed_since(kind: Kind, kept: Any, made: Merge) -> list[str]:
    return [str(_("%(label)s has been changed since.") % {"label": kind.attr(name).label_text})
            for name, (_before, after) in made.journal["kept"].items() if _plain(kept, name) != after]


def _places_taken(kind: Kind, rows: Sequence[MergedRow]) -> list[str]:
    """What stands in the way of the merged records themselves: their code is taken, what they point to is gone."""
    found = []
    codes = [row.code for row in rows if row.code]
    if codes and kind.number_field:
        found += [str(_("The code %(code)s is in use again.") % {"code": code})
                  for code in kind.model._base_manager.filter(**{f"{kind.number_field}__in": codes}).values_list(kind.number_field, flat=True)]
    ids = {row.row_id for row in rows}
    for field in kind.model._meta.concrete_fields:
        if field.related_model is None:
            continue
        wanted = {row.data["fields"].get(field.name) for row in rows} - {None}
        there = set(field.related_model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
        missing = wanted - there - (ids if field.related_model is kind.model else set())
        if missing:
            found.append(str(_("%(label)s: what it pointed to is gone.") % {"label": field.verbose_name}))
    return found


def _undo(kind: Kind, kept: Any, made: Merge, rows: Sequence[MergedRow], by: Any) -> list[Any]:
    journal = made.journal
    back: dict[str, Any] = {}
    for name, (before, _after_it) in journal["kept"].items():
        attr = kind.attr(name)
        field = attr.model_field
        if field is not None and field.related_model is not None:
            back[name] = field.related_model._base_manager.filter(pk=before).first() if before else None
        else:
            back[name] = field.to_python(before) if field is not None and not customs.is_custom(name) else before
    for row in rows:
        moving.insert(row.data)
    moving.put_back(journal, kept.pk)
    told = {"merge": made.pk, "back": [{"id": row.row_id, "text": row.title} for row in rows]}
    try:
        changed = save.change_row(kept, back, by=by, version=None, action="merge-undone", args=told) if back else {}
    except ValidationError as wrong:
        raise Refused(wrong.messages[0], code="merge.changed") from None
    if not changed:
        save.touch_row(kept, by=by, action="merge-undone", args=told)
    ids = [row.row_id for row in rows]
    stood = list(kind.model.objects.select_related(*kind.related).filter(pk__in=ids).order_by("pk"))
    kind.model._base_manager.filter(pk__in=ids).update(version=max(row.version for row in stood) + 1)
    save.index(kind, [kept, *stood])
    customs.index(kind, stood)
    if kind.name == Customer.KIND:
        keys.rebuild([kept.pk, *ids])
        CustomerFacts.objects.bulk_create([CustomerFacts(customer_id=pk) for pk in ids], ignore_conflicts=True)
        refresh_facts([kept.pk, *ids])
        quality.refresh_quality([kept.pk, *ids])
    else:
        keys.note_contacts([kept, *stood])
    MergedRow.objects.filter(merge=made).delete()
    made.undone_at, made.undone_by = clock.now(), by
    made.save(update_fields=["undone_at", "undone_by"])
    history.write([history.entry(row, "merge-undone", by=by, args={"from": kept, "merge": made.pk}) for row in stood])
    events.merge_undone.announce([kept], by=by, lost=ids, merge=made.pk)
    return stood


def merge_customer(row: Customer, other: Customer, *, by: Any) -> Merge:
    """Merge `other` into this customer: this one's values stay, where it has none the other's come."""
    return merge_rows(row, [other], by=by)


def merge_contact(row: Contact, other: Contact, *, by: Any) -> Merge:
    """Merge `other` into this contact of the same customer."""
    return merge_rows(row, [other], by=by)


def undo_last_merge(row: Any, *, by: Any) -> list[Any]:
    """Take the newest merge into this record back."""
    made = last_merge(row)
    if made is None:
        raise Refused(_("Nothing has been merged into this record."), code="merge.none")
    return undo_merge(made, by=by)


@undo.undoer("customers.merge")
def _take_back(payload: dict[str, Any], *, by: Any) -> None:
    made = Merge.objects.filter(pk=payload["merge"]).first()
    if made is None:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    undo_merge(made, by=by)
