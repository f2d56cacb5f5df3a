"""What people do with customers and contacts that has consequences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.records import guard, history, registry, save, together

from . import duplicates, events, questions
from .lifecycle import LIFECYCLE
from .models import Address, Contact, Customer, CustomerFacts, LifecycleChange, clean_loop

BATCH = 2_000
MAX_ADDRESSES = 50


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


def _stored(rows: Sequence[Customer], field: str) -> dict[int, Any]:
    """What the table holds now, customer by customer; the rows stay locked until the transaction ends."""
    found: dict[int, Any] = {}
    for start in range(0, len(rows), BATCH):
        ids = [row.pk for row in rows[start : start + BATCH]]
        held = Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        found.update(held.values_list("pk", field))
    return found


@transaction.atomic
def advance_lifecycle(
    rows: Iterable[Customer], move: str, *, by: Any, cause: Any = None, reason: str = ""
) -> Sequence[Customer]:
    """Take customers one step along their life cycle where it is open to them.

    Customers whose stage does not offer the step (a repeat deal, for one) stay where they are and
    are not returned. The cause is stored with each step.
    """
    step = LIFECYCLE.moves[move]
    rows = list(rows)
    # Read again under a lock: two opportunities opened at once are one step, not two.
    stored = _stored(rows, "lifecycle")
    for row in rows:
        row.lifecycle = stored.get(row.pk, row.lifecycle)
    moving = [row for row in rows if row.lifecycle in step.sources]
    if not moving:
        return []
    now = clock.now()
    LifecycleChange.objects.bulk_create(
        [
            LifecycleChange(
                customer=row, source=row.lifecycle, target=step.target, at=now, by=by, reason=reason,
                cause_kind=getattr(cause, "KIND", ""), cause_id=getattr(cause, "pk", None),
            )
            for row in moving
        ],
        batch_size=BATCH,
    )
    changed = save.change_rows(
        _kind(), moving, {"lifecycle": step.target}, by=by, action="lifecycle",
        args={"move": move, "cause": cause, "reason": reason},
    )
    events.lifecycle_moved.announce(
        changed, by=by, move=move, cause_kind=getattr(cause, "KIND", ""), cause_id=getattr(cause, "pk", None)
    )
    return changed


@transaction.atomic
def lose_customer(row: Customer, *, reason: str, by: Any) -> Customer:
    """Mark a customer as lost, with the cause (service, product, price, competitor, closed, other)."""
    guard.require_rows(by, [row], "lose")
    LIFECYCLE.check(save.locked(row), "lose")
    if not reason:
        raise Refused(_("Give the cause of the loss."), field="reason")
    advance_lifecycle([row], "lose", by=by, reason=reason)
    return row


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


@transaction.atomic
def remove_address(customer: Customer, address: Address, *, by: Any) -> None:
    """Take an address off a customer; the history keeps it."""
    guard.require_rows(by, [customer], "edit")
    text = str(address)
    address.delete()
    history.log(customer, "address", by=by, diff={"addresses": (text, "")})


@transaction.atomic
def create_contacts(
    rows: Sequence[Contact], *, by: Any, checked: bool = False, batch: str = "", action: str = "create",
    dated: bool = False,
) -> Sequence[Contact]:
    """Add contacts. The first one of a customer becomes its primary contact.

    Raises `Refused` without the right to add, or when a customer is not the person's to work on.
    """
    kind = registry.kind("contact")
    guard.require(by, kind, "add")
    if not checked:
        customers = {row.customer_id for row in rows}
        seen = Customer.objects.visible_to(by).filter(pk__in=customers).count()
        if seen != len(customers):
            raise Refused(_("Choose a customer from the list."), field="customer")
    ids = {row.customer_id for row in rows}
    # One at a time for each customer, so that only one of them becomes the primary contact.
    list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    taken = set(Contact.objects.filter(customer__in=ids, primary=True).values_list("customer_id", flat=True))
    for row in rows:
        row.primary = row.customer_id not in taken
        taken.add(row.customer_id)
    return save.create_rows(kind, rows, by=by, checked=checked, batch=batch, action=action, dated=dated)


@transaction.atomic
def change_contact(row: Contact, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a contact's data; being primary is given by `make_primary`."""
    guard.require_rows(by, [row], "edit")
    return save.change_row(row, {k: v for k, v in values.items() if k != "primary"}, by=by, version=version)


@transaction.atomic
def change_contacts(
    rows: Sequence[Contact], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Change the same data of many contacts; being primary is given by `make_primary`."""
    kept = {name: value for name, value in values.items() if name != "primary"}
    return together.change_together(registry.kind("contact"), rows, kept, by=by)


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


@transaction.atomic
def create_addresses(rows: Sequence[Address], *, by: Any, checked: bool = False, batch: str = "") -> list[Address]:
    """Add further addresses to customers, 50 at most to each; the customer's history tells of each."""
    guard.require(by, _kind(), "edit")
    if not checked:
        save.check_rows(rows)
        customers = {row.customer_id: row.customer for row in rows}
        guard.require_rows(by, list(customers.values()), "edit")
        for customer in customers.values():
            if customer.addresses.count() + len(rows) > MAX_ADDRESSES:
                raise Refused(_("A customer has at most %(n)s addresses.") % {"n": MAX_ADDRESSES})
    for row in rows:
        row.created_by = row.updated_by = by
    made = Address.objects.bulk_create(rows, batch_size=BATCH)
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
    diff = save.changes(_kind(), stored, values)
    if not diff:
        return diff
    before = str(stored)
    for name, value in values.items():
        setattr(row, name, value)
    save.check_rows([row])
    row.version = stored.version + 1
    row.updated_at, row.updated_by = clock.now(), by
    row.save()
    history.log(row.customer, "address", by=by, diff={"addresses": (before, str(row))})
    return diff


@transaction.atomic
def refresh_facts(customer_ids: Iterable[int]) -> None:
    """Work out last and next contact of these customers anew from the records above."""
    ids = list(dict.fromkeys(customer_ids))
    for start in range(0, len(ids), BATCH):
        _refresh(ids[start : start + BATCH])


def _refresh(ids: list[int]) -> None:
    rows = list(Customer.objects.filter(pk__in=ids).only("pk"))
    facts = {row.pk: CustomerFacts(customer=row) for row in rows}
    for answer in questions.contact_facts.ask(rows, by=None):
        found = facts.get(answer.row_id)
        if found is None:
            continue
        at, text = answer.data
        if answer.key == "last" and at > found.last_contact_at:
            found.last_contact_at, found.last_contact_text = at, str(text)[:200]
        if answer.key == "next" and (found.next_contact_at is None or at < found.next_contact_at):
            found.next_contact_at, found.next_contact_text = at, str(text)[:200]
    CustomerFacts.objects.bulk_create(
        facts.values(), update_conflicts=True, unique_fields=["customer"],
        update_fields=["last_contact_at", "last_contact_text", "next_contact_at", "next_contact_text"],
        batch_size=BATCH,
    )


