"""Opportunities opened, changed, and taken out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.models import Customer
from zhike.records import customs, guard, history, save, search, together

from .. import events, gates
from ..line_access import check_lines
from ..models import Opportunity, Process
from ..processes import course_of, enabled_processes
from ..steps import own_kind, remember


def process_for(type_code: str, *, by: Any) -> Process:
    """The newest enabled process of an opportunity type, else the first process of the house."""
    enabled = enabled_processes(by=by)
    if not enabled:
        raise Refused(_("There is no sales process yet. Ask an administrator to publish one."))
    return next((found for found in enabled if type_code in found.types), enabled[0])


@save.all_or_nothing
def create_opportunities(
    rows: Sequence[Opportunity], *, by: Any, checked: bool = False, action: str = "create", batch: str = ""
) -> Sequence[Opportunity]:
    """Open opportunities at the first stage of their process.

    Raises `Refused` without the right to add, for a customer one may not see, an expected sign
    date in the past, or a contact of another customer.
    """
    guard.require(by, own_kind(), "add")
    rows = list(rows)
    if not checked:
        _check_new(rows, by)
    processes: dict[str, Process] = {}
    for row in rows:
        if row.process_id is None:
            if row.type not in processes:
                processes[row.type] = process_for(row.type, by=by)
            row.process = processes[row.type]
        if row.stage_id is None:
            row.stage = course_of(row.process_id, by=by).stages[0]
            row.win_rate = row.stage.win_rate
        row.stage_started_at = clock.now()
    rows = save.create_rows(own_kind(), rows, by=by, checked=checked, action=action, batch=batch)
    remember([(row, None, row.stage_id, 0, "") for row in rows], by=by)
    events.opportunities_created.announce(rows, by=by)
    return rows


def _check_new(rows: Sequence[Opportunity], by: Any) -> None:
    if not guard.sees(by, Customer, {row.customer_id: row._state.fields_cache.get("customer") for row in rows}):
        raise Refused(_("Choose a customer from the list."), field="customer")
    check_lines(rows, by)
    for row in rows:
        if row.expected_sign_date and row.expected_sign_date < clock.today():
            raise Refused(_("The expected sign date cannot lie in the past."), field="expected_sign_date")


@transaction.atomic
def change_opportunity(row: Opportunity, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change an opportunity's data. Amount 0 is possible in the first two stages only."""
    guard.require_rows(by, [row], "edit")
    if row.status in ("won", "lost", "void"):
        raise Refused(_("“%(row)s” is closed. Undo the result first.") % {"row": row})
    if values.get("amount") == 0 and row.stage.order > 2:
        raise Refused(_("From the third stage on an opportunity has an amount."), field="amount")
    if "product_line" in values:
        check_lines([Opportunity(customer=row.customer, product_line=values["product_line"])], by)
    gates.keep_filled(row, values)
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def change_opportunities(
    rows: Sequence[Opportunity], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]] | None:
    """Change the same data of many opportunities; closed ones are refused, amounts looked at one by one."""
    if "amount" in values or not all(values.values()):
        return None  # an amount, and what is emptied, are looked at one by one
    held = Opportunity.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    closed = {pk for pk, status in held.values_list("pk", "status") if status in ("won", "lost", "void")}
    done, refused = together.change_together(own_kind(), [row for row in rows if row.pk not in closed], values, by=by)
    text = _("“%(row)s” is closed. Undo the result first.")
    return done, [*refused, *((row, text % {"row": row}) for row in rows if row.pk in closed)]


@transaction.atomic
def unmake_opportunity(row: Opportunity, *, by: Any) -> None:
    """Take an opportunity out for good that was made a moment ago and never worked with.

    Whoever undoes what made it has looked at what hangs on it. Its number is not used again.
    """
    history.log(row, "unmade", by=by)
    search.remove_rows(Opportunity.KIND, [row.pk])
    customs.unindex(own_kind(), [row.pk])
    Opportunity.objects.filter(pk=row.pk).delete()
