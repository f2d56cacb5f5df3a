"""What contacts are to one opportunity: reading it for map, figures and lists, and setting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.customers.decisions import KEY_ROLE, Here
from zhike.customers.models import Contact
from zhike.records import checks, guard, options, save

from .models import Opportunity, OpportunityContact

FIELDS = ("decision_role", "attitude", "influence", "involved", "note")
MOST = 100  # contacts told apart at one opportunity


def here_of(row: Opportunity) -> dict[int, Here]:
    """Contact id → what they are to this opportunity, of those who are something else than at the customer."""
    return {found.contact_id: Here(found.decision_role, found.attitude, found.influence, found.involved)
            for found in OpportunityContact.objects.filter(opportunity=row)}


def deciders(row: Opportunity, here: Mapping[int, Here] | None = None) -> list[Contact]:
    """Who decides about this opportunity, as far as we know; one query more where `here_of` has been asked already."""
    here = here_of(row) if here is None else here
    named = [pk for pk, one in here.items() if one.decision_role == KEY_ROLE and one.involved]
    others = [pk for pk, one in here.items() if not one.involved or one.decision_role not in ("", KEY_ROLE)]
    asked = Q(pk__in=named) | (Q(decision_role=KEY_ROLE) & ~Q(pk__in=others))
    return list(Contact.objects.filter(asked, customer=row.customer_id, left=False).order_by("-influence", "pk")[:10])


def decider_known() -> Q:
    """The condition of opportunities whose decider is known, for lists, figures and alerts."""
    own = OpportunityContact.objects.filter(opportunity=OuterRef("pk"), involved=True, decision_role=KEY_ROLE, contact__left=False)
    otherwise = OpportunityContact.objects.filter(opportunity=OuterRef(OuterRef("pk")), contact=OuterRef("pk")).filter(
        Q(involved=False) | ~Q(decision_role__in=("", KEY_ROLE)))
    general = Contact.objects.filter(~Exists(otherwise), customer=OuterRef("customer"), left=False, decision_role=KEY_ROLE)
    return Q(Exists(own)) | Q(Exists(general))


def has_contact() -> Q:
    """The condition of opportunities with somebody to talk to: a main contact, or one who has a part in it."""
    return Q(contact__isnull=False) | Q(Exists(OpportunityContact.objects.filter(opportunity=OuterRef("pk"), involved=True)))


def _text(found: OpportunityContact | None) -> str:
    if found is None:
        return ""
    role = options.labels("decision_role", "zh-hans").get(found.decision_role, found.decision_role)
    parts = (role, str(found.get_attitude_display()) if found.attitude else "", str(found.influence or ""), "" if found.involved else "—", found.note)
    return f"{found.contact}: {' · '.join(part for part in parts if part)}"


@transaction.atomic
def set_contact_role(
    row: Opportunity, contact: Contact, *, decision_role: str = "", attitude: str = "", influence: int | None = None, involved: bool = True,
    note: str = "", by: Any,
) -> OpportunityContact | None:
    """Say what a contact of the customer is to this opportunity; what is left empty stays as at the customer.

    Saying nothing at all forgets it. Raises `Refused` for somebody of another customer, an unknown role, and
    on a closed opportunity.
    """
    guard.require_rows(by, [row], "edit")
    row = save.locked(row)
    if row.status in ("won", "lost", "void"):
        raise Refused(_("“%(row)s” is closed. Undo the result first.") % {"row": row})
    if contact.customer_id not in (row.customer_id, row.final_user_id):
        raise Refused(_("This contact belongs to another customer."), field="contact")
    if decision_role and decision_role not in options.labels("decision_role", "zh-hans"):
        raise Refused(_("There is no such choice: %(value)s") % {"value": decision_role[:40]}, field="decision_role")
    if influence is not None and not 1 <= influence <= 5:
        raise Refused(_("Influence goes from 1 to 5."), field="influence")
    values: Mapping[str, Any] = {"decision_role": decision_role, "attitude": attitude, "influence": influence, "involved": involved, "note": note}
    stored = OpportunityContact.objects.filter(opportunity=row, contact=contact).select_related("contact").first()
    before = _text(stored)
    if not (decision_role or attitude or influence or note) and involved:
        if stored is not None:
            stored.delete()
            save.touch_row(row, by=by, action="contact", diff={"people": (before, "")})
        return None
    if stored is None and row.people.count() >= MOST:
        raise Refused(_("At most %(n)s contacts.") % {"n": MOST})
    found = stored or OpportunityContact(opportunity=row, contact=contact)
    for name, value in values.items():
        setattr(found, name, value)
    checks.check_rows([found])
    found.save()
    if before != _text(found):
        save.touch_row(row, by=by, action="contact", diff={"people": (before, _text(found))})
    return found
