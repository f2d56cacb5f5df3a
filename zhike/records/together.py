"""Giving many rows the same values in a handful of statements, with every check of changing one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models, transaction

from zhike.base import clock
from zhike.base.refused import Refused

from . import checks, history, save
from .kinds import Kind


@transaction.atomic
def change_together(
    kind: Kind,
    rows: Sequence[Any],
    values: Mapping[str, Any],
    *,
    by: Any,
    action: str = "edit",
    args: Mapping[str, Any] | None = None,
) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Give many rows the same values with every check of `change_row`, in a handful of statements.

    Returns the rows that changed and those that were refused, with the reason; rows that had the
    values are in neither. Raises IntegrityError where the table refuses: then each row has to be
    asked by itself.
    """
    values = checks.tidied(kind, values)
    held = list(
        kind.model.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows]).order_by("pk")
    )
    # What the rows link to is read for all of them: a row's own rules follow its links, history names them.
    links = [field.name for field in kind.model._meta.concrete_fields
             if isinstance(field, models.ForeignKey) and field.name not in ("created_by", "updated_by")]
    models.prefetch_related_objects(held, *links)
    changed: list[tuple[Any, dict[str, tuple[Any, Any]], dict[str, Any]]] = []
    for current in held:
        diff = save.changes(kind, current, values)
        if diff:
            before = dict(current.__dict__)
            for name, (_old, new) in diff.items():
                setattr(current, name, new)
            direct = {name: value for name, value in current.__dict__.items() if before.get(name, value) != value}
            checks.derive([current])
            more = {name: value for name, value in current.__dict__.items()
                    if name not in direct and name in before and before[name] != value}
            changed.append((current, diff, more))
    good, refused = _sorted_out(changed, [name.removesuffix("_id") for name in values])
    now = clock.now()
    same: dict[tuple[Any, ...], list[Any]] = {}
    for current, _diff, more in good:
        same.setdefault(tuple(sorted(more.items())), []).append(current)
    for derived, part in same.items():
        kind.model.objects.filter(pk__in=[row.pk for row in part]).update(
            **values, **dict(derived), version=models.F("version") + 1, updated_at=now, updated_by=by
        )
    for current, _diff, _more in good:
        current.version, current.updated_at, current.updated_by_id = current.version + 1, now, getattr(by, "pk", None)
    history.write([history.entry(row, action, by=by, diff=diff, args=args, at=now) for row, diff, _more in good])
    done = [row for row, _diff, _more in good]
    if save.found_by(kind, values):
        save.index(kind, done)
    return done, refused


def _sorted_out(changed: Sequence[Any], links: Sequence[str]) -> tuple[list[Any], list[tuple[Any, str]]]:
    """The changed rows that stand the checks, and the others with the reason."""
    try:
        checks.check_rows([found[0] for found in changed], links=links)
    except Refused:
        good, refused = [], []
        for found in changed:
            try:
                checks.check_rows([found[0]], links=links)
            except Refused as no:
                refused.append((found[0], str(no.message)))
            else:
                good.append(found)
        return good, refused
    return list(changed), []
