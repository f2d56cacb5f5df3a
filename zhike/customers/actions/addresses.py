"""Further addresses of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.records import checks, guard, history, registry, save

from ..duplicates import keys
from ..models import Address, Customer, LineOwner

BATCH = 2_000
MAX_ADDRESSES = 50


@transaction.atomic
def remove_address(customer: Customer, address: Address, *, by: Any) -> None:
    """Take an address off a customer; the history keeps it."""
    guard.require_rows(by, [customer], "edit")
    held = LineOwner.objects.filter(address=address).select_related("owner", "line").first()
    if held is not None:
        raise Refused(_("%(owner)s looks after this plant. End that first.") % {"owner": held.owner})
    text = str(address)
    keys.forget_address(address.pk)
    address.delete()
    history.log(customer, "address", by=by, diff={"addresses": (text, "")})


@transaction.atomic
def create_addresses(rows: Sequence[Address], *, by: Any, checked: bool = False, batch: str = "") -> list[Address]:
    """Add further addresses to customers, 50 at most to each; the customer's history tells of each."""
    guard.require(by, registry.kind("customer"), "edit")
    if not checked:
        checks.check_rows(rows)
        customers = {row.customer_id: row.customer for row in rows}
        guard.require_rows(by, list(customers.values()), "edit")
        for customer in customers.values():
            if customer.addresses.count() + len(rows) > MAX_ADDRESSES:
                raise Refused(_("A customer has at most %(n)s addresses.") % {"n": MAX_ADDRESSES})
    for row in rows:
        row.created_by = row.updated_by = by
    made = Address.objects.bulk_create(rows, batch_size=BATCH)
    keys.note_addresses(made, fresh=True)
    history.write([
        history.entry(Customer(pk=row.customer_id), "address", by=by, diff={"addresses": ("", str(row))}, batch=batch)
        for row in made
    ])
    return made


@transaction.atomic
def change_address(
    row: Address, values: Mapping[str, Any], *, by: Any, version: int | None = None
) -> dict[str, Any]:
    """Change an address; returns the difference, and writes nothing when there is none.

    `version` is the one the person had before their eyes; raises `Conflict` when somebody was faster.
    """
    guard.require_rows(by, [row.customer], "edit")
    stored = Address.objects.select_for_update().filter(pk=row.pk).first()
    if stored is None:
        raise Refused(_("This address has just been removed by somebody else."))
    if version is not None and stored.version != version:
        raise Conflict(_("This address has just been changed by somebody else. Look at it again first."))
    diff = save.changes(registry.kind("customer"), stored, values)
    if not diff:
        return diff
    before = str(stored)
    for name, value in values.items():
        setattr(row, name, value)
    checks.check_rows([row])
    row.version = stored.version + 1
    row.updated_at, row.updated_by = clock.now(), by
    row.save()
    keys.note_addresses([row])
    history.log(row.customer, "address", by=by, diff={"addresses": (before, str(row))})
    return diff
