"""Creating and changing rows the way the house does it: numbers, history, search keys, versions.

Everything here takes sets and is written for 100,000 rows as well as for one. It knows no
business rules; actions call it after they have decided.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict

from . import checks, customs, history, holding, inserting, numbering, search
from .kinds import NO_KEYS, Kind
from .registry import kind_of

BATCH = 2_000
P = ParamSpec("P")
R = TypeVar("R")


def all_or_nothing(function: Callable[P, R]) -> Callable[P, R]:
    """All of it or nothing, as a part of the transaction that runs, or in one of its own.

    Unlike `transaction.atomic` it sets no savepoint: what fails in here fails the action around it,
    which has one. Whoever catches a refusal and goes on opens his own.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if connection.in_atomic_block:
            return function(*args, **kwargs)
        with transaction.atomic():
            return function(*args, **kwargs)

    return run


def index(kind: Kind, rows: Sequence[Any], *, fresh: bool = False) -> None:
    """Bring the search keys of `rows` up to date; `fresh` ones have just been made."""
    if not kind.searched():
        return
    keys = kind.search or NO_KEYS

    def texts(row: Any, names: Sequence[str]) -> list[str]:
        return [str(value) for name in names if (value := kind.attr(name).value(row))]

    own = customs.searched(kind)

    def of_its_own(row: Any) -> list[tuple[int, list[str]]]:
        return [(attr.field_id, attr.words(kept)) for attr in own if (kept := row.custom.get(attr.name)) is not None]

    entries = [(row.pk, texts(row, keys.names), texts(row, keys.codes), texts(row, keys.phones), of_its_own(row) if own else ()) for row in rows]
    if kind.search is None:  # found by custom fields alone: who has no value needs no entry
        search.remove_rows(kind.name, [entry[0] for entry in entries if not entry[-1]])
        entries = [entry for entry in entries if entry[-1]]
    search.index_rows(kind.name, entries, fresh=fresh)


@all_or_nothing
def create_rows(
    kind: Kind,
    rows: Sequence[Any],
    *,
    by: Any,
    action: str = "create",
    batch: str = "",
    args: Mapping[str, Any] | None = None,
    checked: bool = False,
    dated: bool = False,
) -> list[Any]:
    """Insert new rows with number, history and search keys, set-based.

    `checked` skips the per-row field checks when the caller has done them; `dated` keeps the
    rows' own creation times (restored history).
    """
    rows = list(rows)
    if not rows:
        return rows
    now = clock.now()
    for row in rows:
        if not dated:
            row.created_at = now
        row.updated_at = now
        if by is not None and row.created_by_id in (None, by.pk):
            row.created_by = by
        row.updated_by = by
    checks.tidy(rows)
    checks.derive(rows)
    if not checked:
        checks.check_rows(rows, exclude=[kind.number_field] if kind.number_field else [])
    numbered = numbering.number_rows(kind, rows) if kind.number_field else 0
    if numbered == len(rows) and _constrained(kind.model) <= {"id", kind.number_field}:
        rows = checks.with_new_numbers(kind, rows, lambda: inserting.insert_numbered(rows, batch=BATCH))
    else:
        rows = checks.stored(rows, lambda: inserting.insert_numbered(rows, batch=BATCH))
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        history.write([history.entry(row, action, by=by, args=args, batch=batch) for row in part])
    index(kind, rows, fresh=True)
    customs.index(kind, [row for row in rows if row.custom], fresh=True)
    customs.settle_new(kind, rows, by=by)
    return list(rows)


def locked(row: Any, *related: str) -> Any:
    """The row as it is stored now, held until the transaction ends.

    What an action decides by (a status, an amount) is read from here: the row it was given may be
    minutes old. `related` names links to fetch along.
    """
    found = holding.take(row)
    if found is None:
        # Without a join: PostgreSQL drops a row from a locking join when a link of it changes meanwhile.
        found = kind_of(row).model.objects.select_for_update(of=("self",)).get(pk=row.pk)
    _keep_links(row, found)
    if missing := [name for name in related if not _is_linked(found, name)]:
        models.prefetch_related_objects([found], *missing)
    return found


def _is_linked(row: Any, name: str) -> bool:
    """Whether following `name` (with more links behind it, a__b) asks the database nothing."""
    for part in name.split("__"):
        field = row._meta.get_field(part)
        if not isinstance(field, models.ForeignKey):
            return False
        if getattr(row, field.attname) is None:
            return True
        if not field.is_cached(row):
            return False
        row = field.get_cached_value(row)
    return True


def changes(kind: Kind, row: Any, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What of `values` differs from the row, as field → (before, after)."""
    found: dict[str, tuple[Any, Any]] = {}
    for name, new in values.items():
        old = getattr(row, name)
        if isinstance(new, models.Model) or isinstance(old, models.Model):
            if (old.pk if old else None) != (new.pk if new else None):
                found[name] = (old, new)
        elif old != new and not (customs.is_custom(name) and _nothing(old) and _nothing(new)):
            found[name] = (old, new)
    return found


def _nothing(value: Any) -> bool:
    """Whether a custom value is none: no choices and no text are the same as nothing kept."""
    return value is None or (isinstance(value, str | list) and not value)


@all_or_nothing
def change_row(
    row: Any,
    values: Mapping[str, Any],
    *,
    by: Any,
    version: int | None,
    action: str = "edit",
    args: Mapping[str, Any] | None = None,
    held: bool = False,
) -> dict[str, tuple[Any, Any]]:
    """Change fields of one row. Returns the difference; an unchanged row is not written.

    `version` is the one the person had before their eyes; None means the caller holds the row
    locked. `held`: `row` itself came from `locked` in this transaction and is as it is stored, so it
    is not read again. Raises `Conflict` with the stored values when somebody was faster.
    """
    kind = kind_of(row)
    values = checks.tidied(kind, values)
    holding.forget([row])
    current = copy(row) if held else kind.model.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if version is not None and current.version != version:
        raise Conflict(
            _("%(who)s changed “%(row)s” in the meantime. Your input is still here: compare and save again.")
            % {"who": current.updated_by or _("Somebody"), "row": current},
            theirs={name: getattr(current, name) for name in values},
        )
    diff = changes(kind, current, values)
    if not diff:
        return diff
    _keep_links(row, current)
    kept = current.custom
    stored = _columns(current)
    for name, (_old, new) in diff.items():
        _set(current, name, new)
    checks.derive([current])
    # What the row pointed to before was checked before.
    current.changing = frozenset(name.removesuffix("_id") for name in diff)
    checks.check_rows([current], links=list(current.changing))
    current.version += 1
    current.updated_at = clock.now()
    current.updated_by = by
    written = [name for name, value in _columns(current).items() if value != stored[name]]
    if _can_be_refused(current, written):
        checks.stored([current], lambda: current.save(update_fields=written))
    else:
        checks.within_limits(current, lambda: current.save(update_fields=written))
    history.log(current, action, by=by, diff=diff, args=args)
    if found_by(kind, diff):
        index(kind, [current])
    if current.custom != kept:
        customs.index(kind, [current])
        customs.settle_files(current, diff, by=by)
    for name in [*customs.split(values)[0], "custom", "version", "updated_at", "updated_by_id"]:
        setattr(row, name, getattr(current, name))
    return diff


def _columns(row: Any) -> dict[str, Any]:
    """The row's columns by the name of their field."""
    return {field.name: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _can_be_refused(row: Any, names: Sequence[str]) -> bool:
    """Whether the table has a unique constraint on one of these fields.

    Only then is a savepoint worth its two round trips. Links were looked up before.
    """
    return not _constrained(row.__class__).isdisjoint(set(names) - {"version"})


@cache
def _constrained(model: Hashable) -> frozenset[str]:
    meta = model._meta  # type: ignore[attr-defined]
    names = {field.name for field in meta.concrete_fields if field.unique}
    for constraint in meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            continue
        names.update(getattr(constraint, "fields", ()))
        left: list[Any] = [getattr(constraint, "condition", None), *getattr(constraint, "expressions", ())]
        while left:
            part = left.pop()
            if isinstance(part, tuple) and part:
                names.add(str(part[0]).split("__")[0])
                left.append(part[1])
            elif isinstance(part, models.F):
                names.add(part.name.split("__")[0])
            left.extend(getattr(part, "children", ()))
            if hasattr(part, "get_source_expressions"):
                left.extend(part.get_source_expressions())
    return frozenset(names)


def _set(row: Any, name: str, value: Any) -> None:
    if customs.is_custom(name):
        customs.put(row, name, value)
    else:
        setattr(row, name, value)


def _keep_links(row: Any, current: Any) -> None:
    """Records that were read with `row` need not be read again for `current`."""
    for field in row._meta.concrete_fields:
        if (
            isinstance(field, models.ForeignKey)
            and field.is_cached(row)
            and not field.is_cached(current)
            and getattr(row, field.attname) == getattr(current, field.attname)
        ):
            field.set_cached_value(current, field.get_cached_value(row))


def found_by(kind: Kind, names: Iterable[str]) -> bool:
    """Whether one of these fields is among what the search finds the kind by."""
    keys = kind.search or NO_KEYS
    roots = {kind.attr(name).path.split("__")[0] for name in (*keys.names, *keys.codes, *keys.phones)}
    roots.update(attr.name for attr in customs.searched(kind))
    return not roots.isdisjoint(names)


@transaction.atomic
def touch_row(
    row: Any, *, by: Any, action: str, diff: Mapping[str, tuple[Any, Any]] | None = None,
    args: Mapping[str, Any] | None = None,
) -> None:
    """Note that something belonging to the row changed (lines, addresses): version, date and history."""
    kind = kind_of(row)
    holding.forget([row])
    kind.model.objects.filter(pk=row.pk).update(
        version=models.F("version") + 1, updated_at=clock.now(), updated_by=by
    )
    row.version += 1
    history.log(row, action, by=by, diff=diff, args=args)


@transaction.atomic
def change_rows(
    kind: Kind,
    rows: Sequence[Any],
    values: Mapping[str, Any],
    *,
    by: Any,
    action: str,
    batch: str = "",
    args: Mapping[str, Any] | Callable[[Any], Mapping[str, Any]] | None = None,
) -> list[Any]:
    """Give many rows the same values in one statement, with one history line each.

    Rows that already have the values are left alone and not returned. `args` may be worked out of
    each row as it was before.
    """
    values = checks.tidied(kind, values)
    holding.forget(rows)
    diffs = [(row, diff) for row in rows if (diff := changes(kind, row, values))]
    if not diffs:
        return []
    changed = [row for row, _diff in diffs]
    entries = [history.entry(row, action, by=by, diff=diff, args=args(row) if callable(args) else args, batch=batch)
               for row, diff in diffs]
    now = clock.now()
    own, custom = customs.split(values)
    for start in range(0, len(changed), 500):
        part = changed[start : start + 500]
        kind.model.objects.filter(pk__in=[row.pk for row in part]).update(
            **own, version=models.F("version") + 1, updated_at=now, updated_by=by
        )
    for row in changed:
        for name, value in values.items():
            _set(row, name, value)
        row.version += 1
        row.updated_at = now
        row.updated_by_id = getattr(by, "pk", None)
    if custom:
        kind.model.objects.bulk_update(changed, ["custom"], batch_size=500)
        customs.index(kind, changed)
        for row, diff in diffs:
            customs.settle_files(row, diff, by=by)
    if found_by(kind, values):
        index(kind, changed)
    history.write(entries)
    return changed
