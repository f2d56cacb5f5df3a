"""Invoicing details of a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.records import checks, guard, history, registry, save

from .. import quality
from ..duplicates import keys
from ..models import Customer, InvoiceTitle

BATCH = 2_000
MAX_TITLES = 20


def _hold(customers: Sequence[int]) -> None:
    """One at a time for each customer, so that there is never a second default."""
    list(Customer.objects.select_for_update().filter(pk__in=customers).order_by("pk").values_list("pk"))


def _log(rows: Sequence[InvoiceTitle], *, by: Any, batch: str = "") -> None:
    history.write([
        history.entry(Customer(pk=row.customer_id), "invoicing", by=by, diff={"invoicing": ("", str(row))}, batch=batch)
        for row in rows
    ])


@transaction.atomic
def create_invoice_titles(
    rows: Sequence[InvoiceTitle], *, by: Any, checked: bool = False, batch: str = ""
) -> list[InvoiceTitle]:
    """Add invoicing details to customers, 20 at most to each; the first of a customer is its default.

    Raises `Refused` where a customer would get two defaults or too many.
    """
    if not checked:
        guard.require(by, registry.kind("customer"), "edit")
    checks.tidy(rows)
    if not checked:
        checks.check_rows(rows)
        guard.require_rows(by, list({row.customer_id: row.customer for row in rows}.values()), "edit")
    ids = {row.customer_id for row in rows}
    _hold(list(ids))
    counts: dict[int, int] = {}
    defaults: dict[int, str] = {}
    for customer, default, title in InvoiceTitle.objects.filter(customer__in=ids).values_list("customer_id", "default", "title"):
        counts[customer] = counts.get(customer, 0) + 1
        if default:
            defaults[customer] = title
    asked = {row.customer_id for row in rows if row.default}
    for row in rows:
        counts[row.customer_id] = counts.get(row.customer_id, 0) + 1
        if counts[row.customer_id] > MAX_TITLES:
            raise Refused(_("A customer has at most %(n)s sets of invoicing details.") % {"n": MAX_TITLES})
        if row.default and row.customer_id in defaults:
            raise _second(defaults[row.customer_id])
        if row.default or (row.customer_id not in defaults and row.customer_id not in asked):
            row.default, defaults[row.customer_id] = True, row.title
        row.created_by = row.updated_by = by
    made = InvoiceTitle.objects.bulk_create(rows, batch_size=BATCH)
    keys.note_titles(made, fresh=True)
    _log(made, by=by, batch=batch)
    quality.refresh_quality(ids)
    return made


def _second(title: str) -> Refused:
    return Refused(
        _("“%(title)s” is the default already, and there is only one. Save without the tick, then choose “Make default”.")
        % {"title": title}, field="default", code="invoicing.default",
    )


@transaction.atomic
def add_invoice_title(
    customer: Customer, *, title: str, title_kind: str = "unit", tax_no: str = "", bank: str = "", account: str = "",
    address: str = "", phone: str = "", default: bool = False, by: Any,
) -> InvoiceTitle:
    """Add one set of invoicing details to a customer."""
    row = InvoiceTitle(customer=customer, title=title, title_kind=title_kind, tax_no=tax_no, bank=bank, account=account,
                       address=address, phone=phone, default=default)
    return create_invoice_titles([row], by=by)[0]


@transaction.atomic
def change_invoice_title(
    row: InvoiceTitle, values: Mapping[str, Any], *, by: Any, version: int | None = None
) -> dict[str, Any]:
    """Change invoicing details; returns the difference. The default is moved by `make_default_title`.

    Raises `Conflict` when somebody was faster.
    """
    guard.require_rows(by, [row.customer], "edit")
    _hold([row.customer_id])
    stored = _stored(row)
    if version is not None and stored.version != version:
        raise Conflict(_("These invoicing details have just been changed by somebody else. Look at them again first."))
    values = {name: value for name, value in values.items() if name != "default"}
    diff = save.changes(registry.kind("customer"), stored, values)
    if not diff:
        return diff
    before = str(stored)
    for name, value in values.items():
        setattr(row, name, value)
    checks.tidy([row])
    checks.check_rows([row])
    row.default, row.version = stored.default, stored.version + 1
    row.updated_at, row.updated_by = clock.now(), by
    row.save()
    keys.note_titles([row])
    history.log(row.customer, "invoicing", by=by, diff={"invoicing": (before, str(row))})
    return diff


def _stored(row: InvoiceTitle) -> InvoiceTitle:
    stored = InvoiceTitle.objects.select_for_update().filter(pk=row.pk).first()
    if stored is None:
        raise Refused(_("These invoicing details have just been removed by somebody else."))
    return stored


@transaction.atomic
def make_default_title(row: InvoiceTitle, *, by: Any, checked: bool = False) -> InvoiceTitle:
    """Make this set the one that new invoices take; the former default steps back."""
    if not checked:
        guard.require_rows(by, [row.customer], "edit")
    _hold([row.customer_id])
    if _stored(row).default:
        return row
    former = InvoiceTitle.objects.filter(customer=row.customer_id, default=True).first()
    InvoiceTitle.objects.filter(customer=row.customer_id, default=True).update(default=False)
    InvoiceTitle.objects.filter(pk=row.pk).update(default=True, version=row.version + 1, updated_at=clock.now(), updated_by=by)
    row.refresh_from_db()
    history.log(row.customer, "invoicing-default", by=by, diff={"invoicing": (former.title if former else "", row.title)})
    return row


@transaction.atomic
def remove_invoice_title(customer: Customer, row: InvoiceTitle, *, by: Any) -> None:
    """Take invoicing details off a customer; the history keeps them. The oldest of the rest becomes the default."""
    guard.require_rows(by, [customer], "edit")
    _hold([customer.pk])
    text, was_default = str(row), _stored(row).default
    keys.forget_title(row.pk)
    row.delete()
    history.log(customer, "invoicing", by=by, diff={"invoicing": (text, "")})
    following = InvoiceTitle.objects.filter(customer=customer).order_by("pk").first() if was_default else None
    if following is not None:
        make_default_title(following, by=by)
    quality.refresh_quality([customer.pk])
