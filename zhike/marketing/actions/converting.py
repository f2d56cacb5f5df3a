"""A lead becomes a customer, a contact and an opportunity; everything about it goes along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.collab.models import Attachment, Comment, Tag, TagLink
from zhike.customers.actions import advance_lifecycle, create_contact, create_customer, refresh_facts
from zhike.customers.models import Contact, Customer
from zhike.leads.actions import mark_converted
from zhike.leads.models import Lead
from zhike.leads.status import LEAD
from zhike.notices import actions as notices
from zhike.opportunities.actions import create_opportunities, set_lines
from zhike.opportunities.models import Opportunity, OpportunityLine
from zhike.records import crud, guard, history, registry, save
from zhike.records.visibility import owner_fields

from .. import carrying
from ..models import LeadConversion

notices.declare("lead.converted", gettext_lazy("%(who)s converted your lead “%(lead)s” into “%(customer)s”"))


def conversion_of(lead: Any) -> LeadConversion | None:
    """What a lead became, as long as nobody has taken it back."""
    found = LeadConversion.objects.filter(lead=lead, undone_at=None)
    return found.select_related("customer", "contact", "opportunity", "by").first()


def told_already(lead: Lead, by: Any) -> Refused:
    """Somebody was faster: who it was, and the way to what came of it for those who may go there."""
    there = conversion_of(lead)
    if there is None or there.customer is None:
        return Refused(_("This lead has been converted already."), code="lead.converted")
    kind = registry.kind("customer")
    seen = Customer.objects.visible_to(by).filter(pk=there.customer_id).exists()
    return Refused(
        _("%(who)s has converted this lead already. Go on with what it became.") % {"who": there.by}, code="lead.converted",
        items=[(str(there.customer), kind.url(there.customer_id))] if seen else [],
    )


def _held(lead: Lead, version: int | None, by: Any) -> Lead:
    """The lead as it is stored, locked: of two people who convert it at once the second is told."""
    guard.require_rows(by, [lead], "convert")
    stored: Lead = save.locked(lead, "region", "campaign", "product", "owner")
    if stored.status == "converted":
        raise told_already(stored, by)
    LEAD.check(stored, "convert")
    if version is not None and stored.version != version:
        raise Conflict(_("“%(row)s” has just been changed by somebody else. Look at it again first.") % {"row": lead})
    return stored


def _check_customer(customer: Customer, by: Any) -> None:
    if not Customer.objects.visible_to(by).filter(pk=customer.pk).exists():
        raise Refused(_("Choose a customer from the list."), field="customer")
    if not customer.enabled:
        raise Refused(_("“%(row)s” is disabled. Enable it first, or choose another customer.") % {"row": customer}, field="customer")
    if customer.pool_id:
        raise Refused(_("“%(row)s” waits in a pool. Take it from there first.") % {"row": customer}, field="customer", code="customer.pooled")


def _check_contact(contact: Contact, customer: Customer, by: Any) -> None:
    if contact.customer_id != customer.pk or not Contact.objects.visible_to(by).filter(pk=contact.pk).exists():
        raise Refused(_("Choose a contact of this customer."), field="contact")
    if contact.left:
        raise Refused(_("%(name)s has left. Choose somebody who still works there.") % {"name": contact}, field="contact")


@transaction.atomic
def convert_lead(
    lead: Lead, *, customer: Customer, by: Any, contact: Contact | None = None, opportunity: Opportunity | None = None,
    lines: Sequence[OpportunityLine] = (), version: int | None = None, despite_duplicates: bool = False,
) -> LeadConversion:
    """Make a lead a customer, with a contact and an opportunity where they are given; stored rows are taken, new ones made.

    A new customer and contact are held against the whole house first: what it forbids is refused, what it warns
    of only passes `despite_duplicates`. Follow-ups, tasks, files, comments and tags go along. One transaction.
    """
    stored = _held(lead, version, by)
    keeper = owner_fields(stored.owner if stored.owner is not None and stored.owner.is_active else by)
    made: list[str] = []

    def own(row: Any, name: str) -> Any:
        for column, value in keeper.items():
            setattr(row, column, value)
        made.append(name)
        return row

    if customer.pk is None:
        customer.from_lead = stored.pk  # type: ignore[attr-defined] # the lead itself is no second one of the firm
        customer = create_customer(own(customer, "customer"), by=by, despite_duplicates=despite_duplicates)
    else:
        _check_customer(customer, by)
    before = customer.lifecycle
    if contact is not None and contact.pk is None:
        contact.customer = customer
        contact = create_contact(own(contact, "contact"), by=by, despite_duplicates=despite_duplicates)
    elif contact is not None:
        _check_contact(contact, customer, by)
    if opportunity is not None:
        opportunity.customer, opportunity.contact = customer, contact
        opportunity = create_opportunities([own(opportunity, "opportunity")], by=by)[0]
        if lines:
            opportunity = set_lines(opportunity, lines, by=by, version=None)
    journal = _bring_along(stored, customer, contact, opportunity, by)
    mark_converted(lead, customer=customer, contact=contact, by=by)
    refresh_facts([customer.pk])
    _show_demand(customer, stored, by)
    args = {"lead": stored}
    for row in filter(None, (customer, contact, opportunity)):
        history.log(row, "from-lead", by=by, args=args)
    journal |= {"lifecycle": before, "versions": _versions(customer, contact, opportunity)}
    found = LeadConversion.objects.create(
        lead=stored, customer=customer, contact=contact, opportunity=opportunity, made=made, at=clock.now(), by=by, journal=journal)
    if stored.owner is not None and stored.owner_id != by.pk:
        notices.tell([stored.owner], "lead.converted", key=f"lead.converted:{found.pk}", row=customer, by=by, tone="good",
                     who=str(by), lead=str(stored), customer=str(customer))
    return found


def _versions(*rows: Any) -> dict[str, int]:
    """At which version each record was left, as it is stored: steps of the life cycle raise it past the objects in hand."""
    return {row.KIND: type(row)._default_manager.values_list("version", flat=True).get(pk=row.pk) for row in rows if row is not None}


def _show_demand(customer: Customer, lead: Lead, by: Any) -> None:
    """A follow-up of the lead had shown a need: so has its customer."""
    shown = Activity.objects.filter(lead=lead, result="has_demand").order_by("pk").first()
    if shown is not None:
        advance_lifecycle([customer], "show_demand", by=by, cause=shown)


def _bring_along(lead: Lead, customer: Customer, contact: Contact | None, opportunity: Opportunity | None, by: Any) -> dict[str, Any]:
    """Follow-ups and tasks belong to what the lead became; files, comments and tags stand there as well."""
    journal: dict[str, Any] = {"activities": [], "tasks": []}
    rows = list(Activity.objects.select_for_update(of=("self",)).filter(lead=lead).order_by("pk"))
    groups: dict[tuple[bool, bool], list[Any]] = {}
    for row in rows:
        journal["activities"].append([row.pk, row.customer_id, row.contact_id, row.opportunity_id])
        groups.setdefault((row.contact_id is None, row.opportunity_id is None), []).append(row)
    for (alone, free), part in groups.items():
        values: dict[str, Any] = {"customer_id": customer.pk}
        if alone and contact is not None:
            values["contact_id"] = contact.pk
        if free and opportunity is not None:
            values["opportunity_id"] = opportunity.pk
        save.change_rows(registry.kind("activity"), part, values, by=by, action="from-lead", args={"lead": lead})
    tasks = list(Task.objects.select_for_update(of=("self",)).filter(about_kind=Lead.KIND, about_id=lead.pk).order_by("pk"))
    for task in tasks:
        journal["tasks"].append([task.pk, task.customer_id, task.opportunity_id])
    values = {"customer_id": customer.pk, **({"opportunity_id": opportunity.pk} if opportunity is not None else {})}
    save.change_rows(registry.kind("task"), tasks, values, by=by, action="from-lead", args={"lead": lead})
    target = opportunity or customer
    return {**journal, "files": _copy_files(lead, target), "comments": _copy_comments(lead, target),
            "tags": [pk for row in filter(None, (customer, contact, opportunity)) for pk in _copy_tags(lead, row)]}


def _copy_files(lead: Lead, target: Any) -> list[int]:
    made = []
    for file in Attachment.objects.filter(kind=Lead.KIND, row_id=lead.pk, trashed_at=None).order_by("pk"):
        file.pk, file._state.adding = None, True
        file.kind, file.row_id = target.KIND, target.pk
        file.save()
        made.append(file.pk)
    return made


def _copy_comments(lead: Lead, target: Any) -> list[int]:
    """What was said, by whom and when; replies stay with what they answer."""
    new: dict[int, int] = {}
    for comment in Comment.objects.filter(kind=Lead.KIND, row_id=lead.pk, deleted_at=None).order_by("pk"):
        old = comment.pk
        comment.pk, comment._state.adding = None, True
        comment.kind, comment.row_id = target.KIND, target.pk
        comment.parent_id = new.get(comment.parent_id) if comment.parent_id else None
        comment.save()
        new[old] = comment.pk
    return list(new.values())


def _copy_tags(lead: Lead, target: Any) -> list[int]:
    """The same words, where records of that kind have them."""
    words = Tag.objects.filter(links__kind=Lead.KIND, links__row_id=lead.pk).values_list("key", flat=True)
    there = set(TagLink.objects.filter(kind=target.KIND, row_id=target.pk).values_list("tag_id", flat=True))
    tags = Tag.objects.filter(kind=target.KIND, key__in=list(words), retired=False).exclude(pk__in=there)
    return [TagLink.objects.create(tag=tag, kind=target.KIND, row_id=target.pk).pk for tag in tags]


@transaction.atomic
def convert_as_it_is(
    lead: Lead, *, customer: Customer | None = None, contact: Contact | None = None, with_opportunity: bool = False,
    opportunity_name: str = "", opportunity_type: str = "", amount: Decimal | None = None, expected_sign_date: date | None = None,
    despite_duplicates: bool = False, by: Any, version: int | None = None,
) -> LeadConversion:
    """Convert a lead with what is known of it: into the given customer and contact, or new ones made of its own data.

    `with_opportunity` opens an opportunity, whose name, type, amount and day may be given; else they are the lead's.
    """
    stored = _held(lead, version, by)

    def build(model: Any, values: dict[str, Any]) -> Any:
        return crud.build(registry.kind(model.KIND), values, by=by)

    opportunity, lines = None, []
    if with_opportunity:
        values = carrying.opportunity_values(stored)
        given = {"name": opportunity_name.strip(), "type": opportunity_type, "amount": amount, "expected_sign_date": expected_sign_date}
        opportunity = build(Opportunity, {**values, **{name: value for name, value in given.items() if value not in (None, "")}})
        line = carrying.line_values(stored)
        lines = [OpportunityLine(line_no=0, **line)] if line else []
    if contact is not None and customer is None:
        raise Refused(_("Name the customer of this contact too."), field="contact")
    return convert_lead(
        lead, customer=customer or build(Customer, carrying.customer_values(stored)),
        contact=contact or build(Contact, carrying.contact_values(stored)), opportunity=opportunity, lines=lines, by=by,
        despite_duplicates=despite_duplicates,
    )
