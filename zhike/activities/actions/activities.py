"""Planning and recording contact with customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.actions import advance_lifecycle, refresh_facts
from zhike.customers.models import Contact, Customer
from zhike.leads.actions import follow_leads
from zhike.leads.actions import refresh_facts as refresh_lead_facts
from zhike.leads.models import Lead
from zhike.opportunities.models import Opportunity
from zhike.org.access import access_of
from zhike.records import customs, guard, options, registry, save, together
from zhike.records.visibility import owner_fields

from ..models import Activity
from . import rules
from .rules import SLACK

REMIND_BEFORE = 30  # minutes before the next contact


def check_new(rows: Sequence[Activity], by: Any) -> None:
    """Type and result from their lists; customer, lead, contact and opportunity from what the person sees."""
    check_customers(rows, by)
    check_leads(rows, by)
    for name, dictionary in (("type", "activity_type"), ("result", "activity_result")):
        known = options.labels(dictionary, "en")
        if any(getattr(row, name) not in known for row in rows if name == "type" or getattr(row, name)):
            raise Refused(_("Choose one from the list."), field=name)
    for name, model in (("contact", Contact), ("opportunity", Opportunity)):
        ids = {getattr(row, f"{name}_id") for row in rows} - {None}
        if ids and model.objects.visible_to(by).filter(pk__in=ids).count() != len(ids):
            raise Refused(_("Choose one from the list."), field=name)


def check_customers(rows: Sequence[Any], by: Any) -> None:
    """Every customer is one the person sees."""
    ids = {row.customer_id for row in rows if row.customer_id}
    if Customer.objects.visible_to(by).filter(pk__in=ids).count() != len(ids):
        raise Refused(_("Choose a customer from the list."), field="customer")


def check_leads(rows: Sequence[Activity], by: Any) -> None:
    """Leads are followed up while they are open and somebody's; who may take one makes it theirs by doing so."""
    ids = {row.lead_id for row in rows} - {None}
    if not ids:
        return
    leads = {lead.pk: lead for lead in Lead.objects.visible_to(by).filter(pk__in=ids)}
    if len(leads) != len(ids):
        raise Refused(_("Choose one from the list."), field="lead")
    for row in rows:
        lead = leads.get(row.lead_id or 0)
        if lead is None:
            continue
        if lead.status == "converted" and row.customer_id is None:
            row.customer_id = lead.customer_id  # it goes on with the customer that the lead has become
        elif lead.status == "invalid":
            raise Refused(_("“%(row)s” is invalid. Take the lead up again first.") % {"row": lead}, field="lead")
        if lead.owner_id is None and not access_of(by).may("lead", "take"):
            raise Refused(_("Nobody owns “%(row)s” yet. It has to be assigned before it is followed up.") % {"row": lead}, field="lead")


def refresh_all(rows: Iterable[Any], *, before: Iterable[Any] = ()) -> None:
    """Last and next contact of the customers and leads of these activities, and of those they had `before` (pairs of ids)."""
    pairs = [*((row.customer_id, row.lead_id) for row in rows), *before]
    refresh_facts(customer for customer, _lead in pairs if customer)
    if leads := {lead for _customer, lead in pairs if lead}:
        refresh_lead_facts(leads)


def follow_up(rows: Sequence[Activity], by: Any) -> None:
    """New leads that were talked to are being followed up from now on."""
    ids = {row.lead_id for row in rows if row.lead_id and row.status in ("done", "in_progress")}
    fresh = list(Lead.objects.filter(pk__in=ids, status="new")) if ids else []
    if fresh:
        follow_leads(fresh, by=by)


@transaction.atomic
def create_activities(
    rows: Sequence[Activity], *, by: Any, checked: bool = False, action: str = "create", facts: bool = True
) -> Sequence[Activity]:
    """Store activities, planned or done, many at a time; last and next contact of customers and leads follow."""
    kind = registry.kind("activity")
    guard.require(by, kind, "add")
    if not checked:
        check_new(rows, by)
    now = clock.now()
    for row in rows:
        if row.status == "done" and row.done_at is None:
            row.done_at = now
    rows = save.create_rows(kind, rows, by=by, checked=checked, action=action)
    follow_up(rows, by)
    if facts:
        refresh_all(rows)
    return rows


def plan_activities(rows: Sequence[Activity], *, by: Any) -> Sequence[Activity]:
    """Plan activities; a moment that has passed makes it a done one only through `log_activity`."""
    for row in rows:
        if row.at < clock.now() - SLACK:
            raise Refused(_("A plan lies in the future. Record what has happened as a follow-up instead."), field="at")
    return create_activities(rows, by=by)


@transaction.atomic
def log_activity(
    *, customer: Any = None, lead: Any = None, type: str, content: str, by: Any, contact: Any = None, opportunity: Any = None,
    result: str = "", next_contact_at: datetime | None = None, next_action: str = "", at: datetime | None = None,
    subject: str = "", purpose: str = "", place: str = "", own: Mapping[str, Any] | None = None,
) -> Activity:
    """Record a contact that took place; a next contact becomes a planned activity with a reminder at once.

    `own` are values of the house's own fields. Raises `Refused` with neither contents nor result, for a moment in the future or too far back, or a next
    contact in the past.
    """
    now = clock.now()
    at = at or now
    if not content.strip() and not result:
        raise Refused(_("Write down the result of the contact."), field="content")
    rules.check_content(content)
    rules.check_took_place(at)
    if next_contact_at and next_contact_at <= now:
        raise Refused(_("The next contact lies in the future."), field="next_contact_at")
    owner = owner_fields(by)
    row = Activity(
        customer=customer, lead=lead, contact=contact, opportunity=opportunity, type=type, status="done", at=at, content=content,
        subject=(subject or content.strip().split("\n")[0] or type_label(type))[:100], result=result, purpose=purpose, place=place,
        next_action=next_action, next_contact_at=next_contact_at, **owner, **customs.split(own or {})[1],
    )
    rows = create_activities([row], by=by, facts=False)
    if next_contact_at:
        plan_next(rows[0], by=by, facts=False)
    refresh_all(rows)
    life_cycle(rows[0], by)
    return rows[0]


def type_label(type: str) -> str:
    """What a type of activity is called in the language spoken now."""
    return options.labels("activity_type", get_language() or "zh-hans").get(type, type)


def plan_next(row: Activity, *, by: Any, facts: bool = True) -> Activity:
    """Plan the next contact that an activity names, with a reminder half an hour before."""
    planned = Activity(
        customer_id=row.customer_id, lead_id=row.lead_id, contact_id=row.contact_id, opportunity_id=row.opportunity_id, type="phone", at=row.next_contact_at,
        subject=(row.next_action or _("Next contact"))[:100], planned_from=row, remind_before=REMIND_BEFORE, **owner_fields(by),
    )
    create_activities([planned], by=by, checked=True, facts=facts)
    return planned


def life_cycle(row: Activity, by: Any) -> None:
    """A customer with a need becomes a chance."""
    if row.result == "has_demand" and row.customer is not None:
        advance_lifecycle([row.customer], "show_demand", by=by, cause=row)


def _check_change(row: Activity, values: Mapping[str, Any]) -> None:
    at = values.get("at")
    if at is not None and at != row.at:
        if row.status == "done":
            rules.check_took_place(at)
        elif at < clock.now() - SLACK:
            raise Refused(_("A plan lies in the future. Record what has happened as a follow-up instead."), field="at")
    if row.status == "done" and "content" in values:
        rules.check_content(str(values["content"] or ""))
    coming = values.get("next_contact_at")
    if coming is not None and coming != row.next_contact_at and coming <= clock.now():
        raise Refused(_("The next contact lies in the future."), field="next_contact_at")


@transaction.atomic
def change_activity(row: Activity, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change an activity; the history keeps what it said before, and a change after a day is marked.

    A next contact that is set or moved moves its planned activity along.
    """
    guard.require_rows(by, [row], "edit")
    _check_change(row, values)
    before = row.next_contact_at
    marked: dict[str, Any] = {"amended_at": clock.now()} if rules.settled(row) and save.changes(registry.kind_of(row), row, values) else {}
    with_whom = [(row.customer_id, row.lead_id)]
    check_leads([Activity(customer=row.customer, lead=values["lead"])] if values.get("lead") not in (None, row.lead) else [], by)
    diff = save.change_row(row, {**values, **marked}, by=by, version=version)
    if row.status == "done" and row.next_contact_at and row.next_contact_at != before:
        _move_next(row, by=by)
    refresh_all([row], before=with_whom)
    return diff


def _move_next(row: Activity, *, by: Any) -> None:
    planned = Activity.objects.filter(planned_from=row, status="planned").order_by("-pk").first()
    if planned is None:
        plan_next(row, by=by, facts=False)
    else:
        save.change_row(planned, {"at": row.next_contact_at, "ends_at": None}, by=by, version=None, action="move")


@transaction.atomic
def change_activities(
    rows: Sequence[Activity], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Change the same data of many activities; what their customers were last told follows."""
    before = [(row.customer_id, row.lead_id) for row in rows]
    good, no = [], []
    for row in rows:
        try:
            _check_change(row, values)
        except Refused as reason:
            no.append((row, str(reason.message)))
        else:
            good.append(row)
    late = {row.pk for row in good if rules.settled(row)}
    done, refused = together.change_together(registry.kind("activity"), good, values, by=by)
    marked = [row for row in done if row.pk in late]
    Activity.objects.filter(pk__in=[row.pk for row in marked]).update(amended_at=clock.now())
    refresh_all(done, before=before)
    return done, [*no, *refused]
