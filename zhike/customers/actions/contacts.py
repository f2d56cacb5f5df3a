"""What people do with the people at a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.questions import Answer
from zhike.base.refused import Refused
from zhike.records import checks, guard, registry, save, together
from zhike.records.visibility import owner_fields

from .. import decisions, duplicates, quality, questions
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
    checks.tidy(rows)
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
    quality.refresh_quality(ids)
    return made


@transaction.atomic
def create_contact(row: Contact, *, by: Any, despite_duplicates: bool = False) -> Contact:
    """Add one contact after looking for the same mobile number in the whole house, the trash included.

    Raises `Refused` with the hits; `despite_duplicates` goes on with what the house only warns of.
    """
    return create_contacts([row], by=by, despite_duplicates=despite_duplicates)[0]


@transaction.atomic
def change_contact(row: Contact, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a contact's data; being primary is given by `make_primary`.

    Another customer is possible only while nothing speaks of the contact; else see `move_contact`.
    """
    guard.require_rows(by, [row], "edit")
    values = {k: v for k, v in values.items() if k != "primary"}
    customer = values.get("customer")
    if customer is not None and customer.pk != row.customer_id:
        _check_stays(row, by=by)
        Customer.objects.select_for_update().get(pk=customer.pk)
        values["primary"] = not Contact.objects.filter(customer=customer, primary=True).exists()
    boss = values.get("reports_to")
    if boss is not None:
        _hold_customer(row.customer_id)
        decisions.check_boss(row, boss)
    if values.get("left") and row.primary:
        values["primary"] = False
    before = row.customer_id
    diff = save.change_row(row, values, by=by, version=version)
    if diff.keys() & REACHED_BY:
        keys.note_contacts([row])
    if diff.keys() & QUALITY:
        quality.refresh_quality([before, row.customer_id])
    return diff


# What the completeness of a customer depends on.
QUALITY = {"customer", "decision_role", "left"}


def _hold_customer(pk: int) -> None:
    """One at a time for each customer: two people may not hang each other's superiors in a circle."""
    list(Customer.objects.select_for_update().filter(pk=pk).values_list("pk"))


def _check_stays(row: Contact, *, by: Any) -> None:
    answers = questions.contact_used.ask([row], by=by)
    below = Contact.objects.filter(reports_to=row).count()
    if below:
        answers.append(Answer(row.pk, _("%(n)s contacts report to them") % {"n": below}, count=below))
    if answers:
        raise Refused(
            _("“%(row)s” is part of this customer's history. When they work elsewhere now, choose “Works elsewhere now”.") % {"row": row},
            field="customer", code="contact.used", items=[(str(answer.text), answer.url) if answer.url else str(answer.text) for answer in answers],
        )


@transaction.atomic
def change_contacts(
    rows: Sequence[Contact], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]] | None:
    """Change the same data of many contacts. Customers, superiors and who has left are each a case of their own."""
    if values.keys() & {"customer", "reports_to", "left"}:
        return None
    kept = {name: value for name, value in values.items() if name != "primary"}
    changed, refused = together.change_together(registry.kind("contact"), rows, kept, by=by)
    if kept.keys() & REACHED_BY:
        keys.note_contacts(changed)
    if kept.keys() & QUALITY:
        quality.refresh_quality(row.customer_id for row in changed)
    return changed, refused


@transaction.atomic
def hang_contact(row: Contact, *, to: Contact | None = None, by: Any, version: int | None = None) -> Contact:
    """Put a person under another one of the same customer on the decision map, or at the top.

    Raises `Refused` where the chosen superior reports to this person, and `Conflict` when somebody was faster.
    """
    change_contact(row, {"reports_to": to}, by=by, version=version)
    return row


@transaction.atomic
def move_contact(
    row: Contact, *, to: Customer, job_title: str = "", department: str = "", phone: str = "", email: str = "", by: Any,
) -> Contact:
    """The person works at another customer now: a new contact there, the old one stays with its history and has left.

    Mobile, WeChat and personal data go along; office numbers and the part in buying are told anew.
    """
    guard.require_rows(by, [row], "edit")
    row = save.locked(row)
    if row.left:
        raise Refused(_("%(name)s has left already. Open the contact at the other customer, or make a new one.") % {"name": row})
    if to.pk == row.customer_id:
        raise Refused(_("Choose another customer than the present one."), field="to")
    same = Contact.objects.filter(customer=to, name=row.name, left=False)
    if row.mobile and same.filter(mobile=row.mobile).exists():
        raise Refused(_("%(name)s is a contact there already.") % {"name": row}, field="to", code="duplicate")
    carried = {name: getattr(row, name) for name in CARRIED}
    made = create_contacts(
        [Contact(customer=to, moved_from=row, job_title=job_title, department=department, phone=phone, email=email,
                 **carried, **owner_fields(by))], by=by,
    )[0]
    save.change_row(row, {"left": True, "primary": False}, by=by, version=None, action="moved", args={"to": made, "reason": str(to)})
    quality.refresh_quality([row.customer_id])
    return made


CARRIED = ("name", "gender", "mobile", "wechat", "qq", "wecom_id", "birthday", "lunar_month", "lunar_day", "lunar_leap", "hobby",
           "attitude")


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
