"""What people do with customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import guard, registry, save, together

from .. import duplicates, events, limits, questions
from ..models import Customer, CustomerFacts, LifecycleChange, clean_loop

BATCH = 2_000


def _kind() -> Any:
    return registry.kind("customer")


@transaction.atomic
def create_customers(
    rows: Sequence[Customer], *, by: Any, source: str = "", checked: bool = False, batch: str = "",
    action: str = "create", dated: bool = False,
) -> Sequence[Customer]:
    """Add customers to the master: code, search keys, facts and the first life-cycle step.

    `dated` keeps the rows' own creation times (an import of older records).
    Raises `Refused` when the right to add is missing or a row breaks a rule of its own.
    """
    guard.require(by, _kind(), "add")
    rows = save.create_rows(_kind(), rows, by=by, checked=checked, batch=batch, action=action, dated=dated)
    CustomerFacts.objects.bulk_create([CustomerFacts(customer=row) for row in rows], batch_size=BATCH)
    limits.require_room_for(rows, field="name")
    LifecycleChange.objects.bulk_create(
        [LifecycleChange(customer=row, target=row.lifecycle, at=row.created_at, by=by) for row in rows], batch_size=BATCH
    )
    events.customers_created.announce(rows, by=by, source=source)
    return rows


@transaction.atomic
def create_customer(row: Customer, *, by: Any, despite_duplicates: bool = False) -> Customer:
    """Add one customer after looking for the same one under every owner.

    Raises `Refused` with the hits; `despite_duplicates` goes on with the merely possible ones,
    never with the same credit code.
    """
    row.derive()
    found = duplicates.matches(by, name=row.name, uscc=row.uscc, phone=row.phone)
    blocking = [match for match in found if match.why == "uscc" or not despite_duplicates]
    if blocking:
        raise Refused(
            _("This customer may exist already. Open it, or tick “create all the same” when it is another one."),
            field="name" if blocking[0].why != "uscc" else "uscc",
            code="duplicate",
            items=found,
        )
    return create_customers([row], by=by)[0]


@transaction.atomic
def change_customer(row: Customer, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a customer's data. A former name is kept when the name changes."""
    guard.require_rows(by, [row], "edit")
    values = dict(values)
    if values.get("name") and values["name"] != row.name and "former_names" not in values:
        known = row.former_names.split("\n") if row.former_names else []
        if row.name not in known:
            values["former_names"] = "\n".join([*known, row.name])
    if values.get("parent"):
        row.parent = values["parent"]
        try:
            clean_loop(row)
        except ValidationError as wrong:
            raise Refused(wrong.messages[0], field="parent") from None
    if values.get("uscc"):
        same = [match for match in duplicates.matches(by, uscc=values["uscc"], exclude=row.pk) if match.why == "uscc"]
        if same:
            raise Refused(
                _("%(name)s (owner %(owner)s) already has this credit code.")
                % {"name": same[0].name, "owner": same[0].owner},
                field="uscc",
                code="duplicate",
            )
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def change_customers(
    rows: Sequence[Customer], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]] | None:
    """Change the same data of many customers. Names, parents and credit codes are each a case of their own."""
    if values.keys() & {"name", "parent", "uscc"}:
        return None
    return together.change_together(_kind(), rows, values, by=by)


def stored_values(rows: Sequence[Customer], field: str) -> dict[int, Any]:
    """What the table holds now, customer by customer; the rows stay locked until the transaction ends."""
    found: dict[int, Any] = {}
    for start in range(0, len(rows), BATCH):
        ids = [row.pk for row in rows[start : start + BATCH]]
        held = Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")
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
