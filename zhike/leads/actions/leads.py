"""Making leads and changing what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.records import checks, guard, ownership, registry, save, together

from .. import duplicates, events, keys
from ..models import Campaign, Lead
from ..status import OPEN
from . import rules
from .queue import tell_owner

CLOSED = ("summarised", "cancelled")


def _kind() -> Any:
    return registry.kind("lead")


@transaction.atomic
def create_leads(
    rows: Sequence[Lead], *, by: Any, source: str = "page", checked: bool = False, batch: str = "", action: str = "create",
    dated: bool = False, despite_duplicates: bool = True,
) -> Sequence[Lead]:
    """Add leads, with or without an owner: number, search keys, and what they are found again by.

    Those without an owner go to whom the assignment rules name, else they wait in the queue of their department,
    or of the whole house. Without
    `despite_duplicates` a lead is refused that looks like another lead, a customer or a contact. `by` may be
    None for the house itself (a public form); then `checked` says that the rows were looked at.
    Raises `Refused` without the right to add, or for a campaign that is over.
    """
    if by is not None:
        guard.require(by, _kind(), "add")
    checks.tidy(rows)
    if not checked:
        _check_campaigns(rows, by)
    if not despite_duplicates:
        duplicates.check_leads(rows, by=by)
    now = clock.now()
    receivers = {row.owner_id: row.owner for row in rows if row.owner_id and (by is None or row.owner_id != by.pk)}
    for receiver in receivers.values() if not checked else ():
        ownership.require_receiver(receiver, _kind())
    placed = rules.place_new(rows)
    for row in rows:
        if row.owner_id and row.assigned_at is None:
            row.assigned_at = row.created_at if dated else now
    made = save.create_rows(_kind(), rows, by=by, checked=checked, batch=batch, action=action, dated=dated)
    keys.note_leads(made, fresh=True)
    by_rules = {id(row) for _place, part in placed for row in part}
    _tell([row for row in made if id(row) not in by_rules], by=by, source=source)
    rules.tell_placed(placed, by=by, source=source)
    events.leads_created.announce(made, by=by, source=source)
    return made


def _tell(rows: Sequence[Lead], *, by: Any, source: str) -> None:
    """Colleagues who got a lead in the moment it was made are told, all of theirs together."""
    theirs: dict[int, list[Lead]] = {}
    for row in rows:
        if row.owner_id is not None and row.status in OPEN and source != "import" and (by is None or row.owner_id != by.pk):
            theirs.setdefault(row.owner_id, []).append(row)
    for of_one in theirs.values():
        tell_owner(of_one[0].owner, of_one, by=by)


@transaction.atomic
def create_lead(row: Lead, *, by: Any, despite_duplicates: bool = False, by_rules: bool = False) -> Lead:
    """Add one lead after looking for the same person or firm among leads, customers and contacts of the whole house.

    Raises `Refused` with the hits; `despite_duplicates` goes on all the same. `by_rules` lets the assignment rules
    say whose it is instead of who makes it; where none does, it waits.
    """
    if by_rules:
        row.owner = row.owner_dept = None
    return create_leads([row], by=by, despite_duplicates=despite_duplicates)[0]


def _check_campaigns(rows: Sequence[Lead], by: Any) -> None:
    ids = {row.campaign_id for row in rows} - {None}
    if not ids:
        return
    known = dict(Campaign.objects.visible_to(by).filter(pk__in=ids).values_list("pk", "status"))
    if len(known) != len(ids):
        raise Refused(_("Choose one from the list."), field="campaign")
    if any(status in CLOSED for status in known.values()):
        raise Refused(_("This campaign is over. Choose one that is not."), field="campaign")


@transaction.atomic
def change_lead(
    row: Lead, values: Mapping[str, Any], *, by: Any, version: int | None, despite_duplicates: bool = True
) -> dict[str, Any]:
    """Change what is known of a lead. One that has been converted stays as it was: change its customer."""
    guard.require_rows(by, [row], "edit")
    if row.status == "converted":
        raise Refused(_("“%(row)s” has been converted. Change the customer, contact or opportunity instead.") % {"row": row})
    if values.get("campaign") is not None and values["campaign"].pk != row.campaign_id:
        _check_campaigns([Lead(campaign=values["campaign"])], by)
    if not despite_duplicates and (values.keys() & keys.FOUND_BY):
        asked = Lead(pk=row.pk, name=row.name, **{name: values.get(name, getattr(row, name)) for name in keys.FOUND_BY})
        checks.tidy([asked])
        duplicates.check_leads([asked], by=by, only=frozenset(values) & keys.FOUND_BY)
    diff = save.change_row(row, values, by=by, version=version)
    if diff.keys() & keys.FOUND_BY:
        keys.note_leads([row])
    return diff


@transaction.atomic
def change_leads(
    rows: Sequence[Lead], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]] | None:
    """Change the same data of many leads, such as source or campaign; converted ones are refused."""
    if values.get("campaign") is not None:
        _check_campaigns([Lead(campaign=values["campaign"])], by)
    held = Lead.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows]).order_by("pk")
    closed = {pk for pk, status in held.values_list("pk", "status") if status not in (*OPEN, "invalid")}
    done, refused = together.change_together(_kind(), [row for row in rows if row.pk not in closed], values, by=by)
    if values.keys() & keys.FOUND_BY:
        keys.note_leads(done)
    text = _("“%(row)s” has been converted. Change the customer, contact or opportunity instead.")
    return done, [*refused, *((row, text % {"row": row}) for row in rows if row.pk in closed)]
