"""What people do with the people at a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import guard, registry, save, together

from .. import duplicates
from ..duplicates import keys
from ..models import Contact, Customer

REACHED_BY = {"mobile", "phone", "email", "customer"}


@transaction.atomic
def create_contacts(
    rows: Sequence[Contact], *, by: Any, checked: bool = False, batch: str = "", action: str = "create",
    dated: bool = False, despite_duplicates: bool = True,
) -> Sequence[Contact]:
    """Add contacts. The first one of a customer becomes its primary contact.

    Those whose mobile number the house forbids twice are refused, without `despite_duplicates` also those it warns of.

    Raises `Refused` without the right to add, or when a customer is not the person's to work on.
    """
    kind = registry.kind("contact")
    guard.require(by, kind, "add")
    if not checked:
        customers = {row.customer_id for row in rows}
        seen = Customer.objects.visible_to(by).filter(pk__in=customers).count()
        if seen != len(customers):
            raise Refused(_("Choose a customer from the list."), field="customer")
    save.tidy(rows)
    duplicates.check_contacts(rows, by=by, despite=despite_duplicates)
    ids = {row.customer_id for row in rows}
    # One at a time for each customer, so that only one of them becomes the primary contact.
    list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    taken = set(Contact.objects.filter(customer__in=ids, primary=True).values_list("customer_id", flat=True))
    for row in rows:
        row.primary = row.customer_id not in taken
        taken.add(row.customer_id)
    made = save.create_rows(kind, rows, by=by, checked=checked, batch=batch, action=action, dated=dated)
    keys.note_contacts(made, fresh=True)
    return made


@transaction.atomic
def create_contact(row: Contact, *, by: Any, despite_duplicates: bool = False) -> Contact:
    """Add one contact after looking for the same mobile number in the whole house, the trash included.

    Raises `Refused` with the hits; `despite_duplicates` goes on with what the house only warns of.
    """
    return create_contacts([row], by=by, despite_duplicates=despite_duplicates)[0]


@transaction.atomic
def change_contact(row: Contact, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a contact's data; being primary is given by `make_primary`."""
    guard.require_rows(by, [row], "edit")
    diff = save.change_row(row, {k: v for k, v in values.items() if k != "primary"}, by=by, version=version)
    if diff.keys() & REACHED_BY:
        keys.note_contacts([row])
    return diff


@transaction.atomic
def change_contacts(
    rows: Sequence[Contact], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Change the same data of many contacts; being primary is given by `make_primary`."""
    kept = {name: value for name, value in values.items() if name != "primary"}
    changed, refused = together.change_together(registry.kind("contact"), rows, kept, by=by)
    if kept.keys() & REACHED_BY:
        keys.note_contacts(changed)
    return changed, refused


@transaction.atomic
def make_primary(row: Contact, *, by: Any) -> Contact:
    """Make this person the customer's primary contact; the former one steps back."""
    guard.require_rows(by, [row], "edit")
    Customer.objects.select_for_update().get(pk=row.customer_id)
    row.refresh_from_db()
    if row.left:
        raise Refused(_("%(name)s has left. Choose somebody who still works there.") % {"name": row})
    former = list(Contact.objects.filter(customer=row.customer_id, primary=True).exclude(pk=row.pk))
    kind = registry.kind("contact")
    save.change_rows(kind, former, {"primary": False}, by=by, action="edit")
    save.change_rows(kind, [row], {"primary": True}, by=by, action="edit")
    return row
