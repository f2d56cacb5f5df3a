"""What customers do when something happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.questions import Answer
from zhike.collab import questions as trash
from zhike.org.models import User
from zhike.records import forwarding, ownership, registry, save

from .models import Contact, MergedRow


@ownership.children_of.answered_by
def contacts_of(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """Contacts go along with their customer when the giver wants it."""
    if rows[0].KIND != "customer":
        return []
    found = Contact.objects.filter(customer__in=[row.pk for row in rows]).values_list("customer_id", "owner_id")
    owners = {row.pk: row.owner_id for row in rows}
    counts: dict[int, int] = {}
    for customer, owner in found:
        if owner == owners[customer]:
            counts[customer] = counts.get(customer, 0) + 1
    return [Answer(customer, _("Contacts"), count=n, key="contacts") for customer, n in counts.items()]


@ownership.owner_changed.invariant
def contacts_follow(
    rows: Sequence[Any], *, by: Any, old_owners: dict[int, int], to: int, children: list[str], batch: str
) -> None:
    if rows[0].KIND != "customer" or "contacts" not in children:
        return
    owner = User.objects.select_related("department").get(pk=to)
    contacts = [
        contact
        for contact in Contact.objects.filter(customer__in=[row.pk for row in rows])
        if contact.owner_id == old_owners[contact.customer_id]
    ]
    save.change_rows(
        registry.kind("contact"), contacts, {"owner_id": owner.pk, "owner_dept_id": owner.department_id},
        by=by, action="transfer", batch=batch,
    )


@trash.fits_again.answered_by
def primary_meanwhile(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """A contact that comes back steps behind the one who has become primary meanwhile."""
    for row in rows:
        if row.KIND == "contact" and row.primary and Contact.objects.filter(customer=row.customer_id, primary=True).exists():
            row.primary = False
    return []


def _merged(kind: str) -> None:
    """Where the number of a merged customer or contact leads, and which lead to one."""
    forwarding.register(
        kind,
        lambda pk: MergedRow.objects.filter(kind=kind, row_id=pk).values_list("kept_id", flat=True).first(),
        lambda ids: list(MergedRow.objects.filter(kind=kind, kept_id__in=ids).order_by("row_id").values_list("row_id", flat=True)),
    )


_merged("customer")
_merged("contact")
