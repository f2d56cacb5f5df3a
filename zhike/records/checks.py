"""What is true of a row by itself: its texts clean, its links there, its constraints kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from . import customs
from .kinds import Kind
from .registry import kind_of

BATCH = 2_000


def tidy(rows: Sequence[Any]) -> None:
    """Clean the texts of rows before anything is worked out from them: sort keys, matches, history."""
    if not rows:
        return
    fields = [(field.attname, field.tidy) for field in rows[0]._meta.concrete_fields if hasattr(field, "tidy")]
    for row in rows:
        for name, clean in fields:
            value = getattr(row, name)
            if value and isinstance(value, str):
                setattr(row, name, clean(value))


def tidied(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """The same for values that are about to be set."""
    found = dict(values)
    for name, value in found.items():
        if isinstance(value, str) and not customs.is_custom(name):
            clean = getattr(kind.model._meta.get_field(name), "tidy", None)
            found[name] = clean(value) if clean else value
    return found


def derive(rows: Sequence[Any]) -> None:
    """Let the rows fill what follows from their own columns (sort keys, weighted amounts)."""
    for row in rows:
        prepare = getattr(row, "derive", None)
        if prepare is not None:
            prepare()
    if rows and hasattr(rows[0], "KIND"):
        customs.derive(kind_of(rows[0]), rows)


def check_rows(rows: Sequence[Any], *, exclude: Sequence[str] = (), links: Sequence[str] | None = None) -> None:
    """The rules true of each row by itself; a broken one refuses and names the field.

    `links` limits the check "what it points to exists" to these foreign keys; None checks all.
    """
    if not rows:
        return
    foreign = [field for field in rows[0]._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    # Django would ask for each link of each row by itself: here they are asked for together.
    skip = {*exclude, *(field.name for field in foreign)}
    for row in rows:
        try:
            row.clean_fields(exclude=skip)
            row.clean()
        except ValidationError as wrong:
            field, messages = next(iter(wrong.message_dict.items()))
            raise Refused(
                " ".join(str(message) for message in messages),
                field=None if field == "__all__" else field,
                code="invalid",
            ) from None
    for field in foreign:
        if field.name not in exclude and (links is None or field.name in links):
            _check_links(field, rows)


def _check_links(field: Any, rows: Sequence[Any]) -> None:
    """Refuse when a row points to nothing, or has no link where one is needed; a query for 2,000 ids."""
    unknown: set[Any] = set()
    for row in rows:
        value = getattr(row, field.attname)
        if value is None:
            if not field.null:
                raise Refused(str(field.error_messages["null"]), field=field.name, code="invalid")
        elif not (field.is_cached(row) and not getattr(row, field.name)._state.adding):
            unknown.add(value)
    ids = sorted(unknown)
    target, key = field.remote_field.model, field.target_field.attname
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        there = set(target._base_manager.filter(**{f"{key}__in": part}).values_list(key, flat=True))
        missing = next((value for value in part if value not in there), None)
        if missing is not None:
            text = field.error_messages["invalid"] % {
                "model": target._meta.verbose_name, "pk": missing, "field": field.remote_field.field_name, "value": missing,
            }
            raise Refused(text, field=field.name, code="invalid")


def within_limits(row: Any, write: Callable[[], Any]) -> Any:
    """Write values to which only check constraints can object: the database names the one, so that no savepoint is needed.

    Unlike with `stored`, after a refusal nothing more can be done in the transaction.
    """
    try:
        return write()
    except IntegrityError as no:
        name = _objecting(row, str(no))
        if name is None:
            raise
        raise _impossible(row, name) from None


def with_new_numbers(kind: Any, rows: Sequence[Any], write: Callable[[], Any]) -> Any:
    """Insert rows whose only unique value is a number that was free a moment ago: it takes somebody who writes that very number by hand.

    Needs no savepoint; after a refusal nothing more can be done in the transaction.
    """
    try:
        return within_limits(rows[0], write)
    except IntegrityError as no:
        if "unique" not in str(no).lower():
            raise
        raise Refused(_("Somebody has just used the next number by hand. Save again."), field=kind.number_field, code="number.taken") from None


def _objecting(row: Any, words: str) -> str | None:
    """The field whose check the database names: one of ours, or the one that every amount has by its size."""
    for constraint in row._meta.constraints:
        if constraint.name in words:
            return _column_of(row, constraint)
    fields = [field for field in row._meta.concrete_fields if field.db_check(connection)]
    return next((field.name for field in fields
                 if f'"{row._meta.db_table}_{field.column}_check"' in words or words.endswith(f": {field.column}")), None)


def _impossible(row: Any, name: str | None) -> Refused:
    label = row._meta.get_field(name).verbose_name if name else row._meta.verbose_name
    return Refused(_("This value is not possible for %(label)s.") % {"label": label}, field=name, code="invalid")


def stored(rows: Sequence[Any], write: Callable[[], Any]) -> Any:
    """Write, and where the table refuses say which field of which row it was.

    Unique and check constraints are asked one by one only after a refusal: asking first would cost
    a query a row.
    """
    try:
        with transaction.atomic():  # after a refusal PostgreSQL answers nothing more without a way back
            return write()
    except IntegrityError:
        for row in rows:
            try:
                row.validate_unique()
                row.validate_constraints()
            except ValidationError as wrong:
                raise _refusal(row, wrong) from None
        raise


def _refusal(row: Any, wrong: ValidationError) -> Refused:
    field, messages = next(iter(wrong.message_dict.items()))
    name = None if field == "__all__" else field
    if name is None:
        found = wrong.error_dict["__all__"][0]
        for constraint in row._meta.constraints:
            if constraint.get_violation_error_message() == found.message or constraint.name in str(found.message):
                name = _column_of(row, constraint)
                break
    if name and field == "__all__":
        return _impossible(row, name)
    return Refused(" ".join(str(message) for message in messages), field=name, code="invalid")


def _column_of(row: Any, constraint: Any) -> str | None:
    """The field a constraint speaks of: its first, or the first that its condition names."""
    if getattr(constraint, "fields", ()):
        return str(constraint.fields[0])
    known = {column.name for column in row._meta.concrete_fields}
    left = [getattr(constraint, "condition", None)]
    while left:
        part = left.pop(0)
        if isinstance(part, tuple) and part and str(part[0]).split("__")[0] in known:
            return str(part[0]).split("__")[0]
        left.extend(getattr(part, "children", ()))
    return None
