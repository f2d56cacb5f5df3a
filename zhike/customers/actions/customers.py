"""What people do with customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import checks, guard, registry, save, together
from zhike.records.inserting import insert_rows

from .. import duplicates, events, groups, limits, quality, questions
from ..duplicates import keys
from ..models import Customer, LifecycleChange

BATCH = 2_000
# What a customer is found again by, and the points of the house's policy that a change of it touches.
FOUND_BY = {
    "name": ("name", "similar"), "short_name": (), "name_en": ("name",), "former_names": (), "uscc": ("uscc", "tax"), "phone": ("phone",), "fax": ("phone",),
    "email": ("domain",), "website": ("domain",),
}


def _kind() -> Any:
    return registry.kind("customer")


@transaction.atomic
def create_customers(
    rows: Sequence[Customer], *, by: Any, source: str = "", checked: bool = False, batch: str = "",
    action: str = "create", dated: bool = False, despite_duplicates: bool = True,
) -> Sequence[Customer]:
    """Add customers to the master: code, search keys, facts and the first life-cycle step.

    Every one is held against the whole master first: what the house forbids is refused. A set comes from a
    list that somebody has looked through (an import names its doubts); without `despite_duplicates` what the
    house warns of is refused as well. `dated` keeps the rows' own creation times (an import of older
    records). Raises `Refused` when the right to add is missing or a row breaks a rule of its own.
    """
    guard.require(by, _kind(), "add")
    checks.tidy(rows)
    duplicates.check_customers(rows, by=by, despite=despite_duplicates)
    rows = save.create_rows(_kind(), rows, by=by, checked=checked, batch=batch, action=action, dated=dated)
    keys.note_customers(rows, fresh=True)
    quality.note_new(rows)
    limits.require_room_for(rows, field="name")
    insert_rows([LifecycleChange(customer=row, target=row.lifecycle, at=row.created_at, by=by) for row in rows])
    events.customers_created.announce(rows, by=by, source=source)
    return rows


@transaction.atomic
def create_customer(row: Customer, *, by: Any, despite_duplicates: bool = False) -> Customer:
    """Add one customer after looking for the same one under every owner.

    Raises `Refused` with the hits; `despite_duplicates` goes on with those the house only warns of,
    never with what it forbids (the same credit code, as it starts; companies of one group may share it).
    """
    if row.parent_id:
        groups.check_parent(row, row.parent)
    return create_customers([row], by=by, despite_duplicates=despite_duplicates)[0]


@transaction.atomic
def change_customer(
    row: Customer, values: Mapping[str, Any], *, by: Any, version: int | None, despite_duplicates: bool = True
) -> dict[str, Any]:
    """Change a customer's data. A former name is kept when the name changes.

    What it is found by is held against the whole master again; see `create_customers`.
    """
    guard.require_rows(by, [row], "edit")
    values = dict(values)
    if values.get("name") and values["name"] != row.name and "former_names" not in values:
        known = row.former_names.split("\n") if row.former_names else []
        if row.name not in known:
            values["former_names"] = "\n".join([*known, row.name])
    # An abbreviation that nobody has written follows the name; one that is emptied is made anew.
    if not values.get("pinyin_abbr", row.pinyin_abbr) or (
            "name" in values and "pinyin_abbr" not in values and row.pinyin_abbr == Customer.abbreviated(row.name)):
        values["pinyin_abbr"] = Customer.abbreviated(values.get("name", row.name))
    if values.get("parent"):
        groups.check_parent(row, values["parent"])
    points = frozenset(point for name in values if values[name] for point in FOUND_BY.get(name, ()))
    if points:
        asked = Customer(pk=row.pk, **{name: values.get(name, getattr(row, name)) for name in (*FOUND_BY, "parent_id")})
        if "parent" in values:
            asked.parent_id = values["parent"].pk if values["parent"] else None
        checks.tidy([asked])
        duplicates.check_customers([asked], by=by, despite=despite_duplicates, only=points)
    diff = save.change_row(row, values, by=by, version=version)
    if diff.keys() & FOUND_BY.keys():
        keys.note_customers([row])
    if diff:
        quality.refresh_quality([row.pk, *quality.sharing(str(code) for code in diff.get("uscc", ()))])
    return diff


@transaction.atomic
def change_customers(
    rows: Sequence[Customer], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]] | None:
    """Change the same data of many customers. Names, abbreviations, parents and credit codes are each a case of their own."""
    if values.keys() & {"name", "pinyin_abbr", "parent", "uscc"}:
        return None
    changed, refused = together.change_together(_kind(), rows, values, by=by)
    if values.keys() & FOUND_BY.keys():
        keys.note_customers(changed)
    quality.refresh_quality(row.pk for row in changed)
    return changed, refused


def stored_values(ids: Sequence[int], field: str) -> dict[int, Any]:
    """What the table holds now, customer by customer; the rows stay locked until the transaction ends."""
    found: dict[int, Any] = {}
    for start in range(0, len(ids), BATCH):
        held = Customer.objects.select_for_update().filter(pk__in=ids[start : start + BATCH]).order_by("pk")
        found.update(held.values_list("pk", field))
    return found


@transaction.atomic
def disable_customer(row: Customer, *, by: Any) -> Customer:
    """Take a customer out of use; open business forbids it and is listed."""
    guard.require_rows(by, [row], "disable")
    save.locked(row)  # business opened meanwhile waits for the answer, or is part of it
    blockers = questions.in_use.ask([row], by=by)
    if blockers:
        raise Refused(
            _("“%(row)s” has open business. Finish or hand it over first.") % {"row": row},
            items=[(answer.text, answer.url) for answer in blockers],
        )
    save.change_row(row, {"enabled": False}, by=by, version=None, action="disable")
    return row


@transaction.atomic
def enable_customer(row: Customer, *, by: Any) -> Customer:
    """Take a disabled customer into use again."""
    guard.require_rows(by, [row], "disable")
    save.change_row(row, {"enabled": True}, by=by, version=None, action="enable")
    return row
