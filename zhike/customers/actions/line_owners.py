"""Giving product lines and plants of a customer to owners of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.models import Company, User
from zhike.products.models import ProductLine
from zhike.records import guard, history, ownership, registry, save

from .. import line_rights
from ..models import Address, Customer, LineOwner

MAX_LINES = 50  # of one customer


def _kind() -> Any:
    return registry.kind("line_owner")


def _require_switch() -> None:
    if not line_rights.switched_on():
        raise Refused(_("Customers have one owner here. An administrator can allow owners per product line in the settings."), code="line.off")


@transaction.atomic
def switch_line_owners(on: bool, *, by: Any) -> bool:
    """Allow or end owners per product line in the whole company; who was named stays written down. For administrators."""
    guard.require(by, registry.kind("pool"), "edit")
    company = Company.objects.select_for_update().order_by("pk").first()
    if company is None:
        raise Refused(_("Set the company up first."))
    before = company.settings.get(line_rights.SETTING) is True
    if before != on:
        company.settings = {**company.settings, line_rights.SETTING: on}
        company.save()
        history.log_list("customer", "line-switch", by=by, args={"before": before, "after": on})
    return on


def _say(rows: Sequence[LineOwner], *, by: Any, batch: str = "", gone: bool = False) -> None:
    """The customer's own history tells of its lines, too."""
    texts = [(row.customer_id, f"{row}: {row.owner}") for row in rows]
    history.write([history.entry(Customer(pk=customer), "line", by=by, batch=batch, diff={"line_owners": (text, "") if gone else ("", text)})
                   for customer, text in texts])


@transaction.atomic
def create_line_owners(rows: Sequence[LineOwner], *, by: Any, checked: bool = False, batch: str = "", action: str = "create") -> list[LineOwner]:
    """Give product lines or plants of customers to colleagues.

    Needs the right to hand the customers over. Raises `Refused` where the company does not work so, the
    line has an owner already, the colleague is disabled or sees no customers.
    """
    _require_switch()
    guard.require(by, _kind(), "add")
    customers = list({row.customer_id: row.customer for row in rows}.values())
    guard.require_rows(by, customers, "transfer")
    line_rights.refuse_mere_owners(by, customers)
    for owner in {row.owner_id: row.owner for row in rows}.values():
        ownership.require_receiver(owner, registry.kind("customer"))
    # One at a time for each customer, so that the limit and "once" hold.
    list(Customer.objects.select_for_update().filter(pk__in=[row.pk for row in customers]).order_by("pk").values_list("pk"))
    for customer in customers:
        here = sum(row.customer_id == customer.pk for row in rows)
        if customer.line_owners.count() + here > MAX_LINES:
            raise Refused(_("A customer has at most %(n)s owners of lines.") % {"n": MAX_LINES})
    taken = set(LineOwner.objects.filter(customer__in=[row.pk for row in customers]).order_by().values_list("customer_id", "scope_key"))
    for row in rows:
        row.derive()
        if row.scope_key and (row.customer_id, row.scope_key) in taken:
            raise Refused(_("This line has an owner at this customer already. Change that one, or hand it over."), field="line", code="line.twice")
        taken.add((row.customer_id, row.scope_key))
        row.owner_dept_id = row.owner.department_id
        if row.owner_id == row.customer.owner_id:
            raise Refused(_("%(user)s owns “%(row)s” as a whole already.") % {"user": row.owner, "row": row.customer}, field="owner")
    made = list(save.create_rows(_kind(), rows, by=by, checked=checked, batch=batch, action=action))
    _say(made, by=by, batch=batch)
    return made


def add_line_owner(row: Customer, *, owner: User, line: ProductLine | None = None, address: Address | None = None, remark: str = "", by: Any) -> LineOwner:
    """Give one product line or plant of a customer to a colleague."""
    return create_line_owners([LineOwner(customer=row, owner=owner, line=line, address=address, remark=remark)], by=by)[0]


@transaction.atomic
def change_line_owner(row: LineOwner, values: Mapping[str, Any], *, by: Any, version: int | None = None) -> dict[str, Any]:
    """Change line, plant or remark; the owner changes by handing over."""
    _require_switch()
    guard.require_rows(by, [row.customer], "transfer")
    line_rights.refuse_mere_owners(by, [row.customer])
    values = {name: value for name, value in values.items() if name not in ("owner", "customer")}
    before = f"{row}: {row.owner}"
    diff = save.change_row(row, values, by=by, version=version)
    if diff:
        history.log(row.customer, "line", by=by, diff={"line_owners": (before, f"{row}: {row.owner}")})
    return diff


@transaction.atomic
def hand_line(row: LineOwner, *, to: User, by: Any, reason: str = "") -> LineOwner:
    """Give a line of a customer to another colleague."""
    _require_switch()
    guard.require_rows(by, [row.customer], "transfer")
    line_rights.refuse_mere_owners(by, [row.customer])
    if to.pk == row.customer.owner_id:
        raise Refused(_("%(user)s owns “%(row)s” as a whole already. End the line instead.") % {"user": to, "row": row.customer}, field="owner")
    ownership.require_receiver(to, registry.kind("customer"))
    ownership.transfer_rows([row], to=to, by=by, reason=reason, checked=True)
    return row


def line_handed(rows: Sequence[LineOwner], *, by: Any, old_owners: Mapping[int, int], to: int, batch: str) -> None:
    """Lines have another owner, in whatever way: only who may give the customer away may do that, and its history tells of it."""
    if by is not None:
        # Read anew: rights are looked at as they are without the line that has just been given away.
        customers = list(Customer.objects.filter(pk__in={row.customer_id for row in rows}))
        try:
            guard.require_rows(by, customers, "transfer")
        except Http404:
            raise line_rights.mere(rows[0].customer) from None
        line_rights.refuse_mere_owners(by, customers)
    names = User.objects.in_bulk({to, *old_owners.values()})
    history.write([history.entry(row.customer, "line", by=by, batch=batch,
                                 diff={"line_owners": (f"{row}: {names.get(old_owners[row.pk], '')}", f"{row}: {names[to]}")}) for row in rows])


@transaction.atomic
def end_line(row: LineOwner, *, by: Any) -> None:
    """The line goes back to the customer's owner; the history keeps who had it."""
    guard.require_rows(by, [row.customer], "transfer")
    line_rights.refuse_mere_owners(by, [row.customer])
    stored = LineOwner.objects.select_for_update(of=("self",)).select_related("customer", "owner", "line", "address__region").filter(pk=row.pk).first()
    if stored is None:
        raise Refused(_("This line has just been ended by somebody else."))
    history.log(stored, "delete", by=by)
    _say([stored], by=by, gone=True)
    stored.delete()
