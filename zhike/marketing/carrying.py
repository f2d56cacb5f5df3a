"""What of a lead goes where when it becomes a customer, a contact and an opportunity."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.text import clean_line
from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.records import customs, registry
from zhike.records.kinds import Kind

TYPE = "new_project"
SAME = ("region", "address", "phone", "website", "industry", "source")


def _customs(kind: Kind, lead: Any) -> dict[str, Any]:
    """Fields an administrator added to both under one name and of one type."""
    theirs = {attr.name: attr for attr in customs.of(registry.kind("lead"))}
    return {attr.name: value for attr in customs.of(kind)
            if attr.name in theirs and attr.type == theirs[attr.name].type and (value := theirs[attr.name].value(lead)) not in (None, "", [])}


def customer_values(lead: Any) -> dict[str, Any]:
    """A new customer: the firm, or the person where no firm is known."""
    return {
        "name": lead.company or lead.name, "kind": "company" if lead.company else "individual",
        **{name: getattr(lead, name) for name in SAME}, "remark": lead.remark, **_customs(registry.kind(Customer.KIND), lead),
    }


def contact_values(lead: Any) -> dict[str, Any]:
    """A new contact: the person, and everything by which they are reached."""
    return {
        "name": lead.name, "job_title": lead.job_title, "mobile": lead.mobile, "phone": lead.phone, "email": lead.email,
        "wechat": lead.wechat, **_customs(registry.kind(Contact.KIND), lead),
    }


def opportunity_values(lead: Any) -> dict[str, Any]:
    """A new opportunity: what is needed, how much of it is expected and by when."""
    wanted = lead.interest or (str(lead.product) if lead.product_id else "")
    name = " ".join(part for part in (lead.company or lead.name, wanted or _("enquiry")) if part)
    future = lead.expected_on if lead.expected_on and lead.expected_on >= clock.today() else None
    return {
        "name": clean_line(name)[:120], "type": TYPE, "amount": lead.amount if lead.amount is not None else Decimal(0),
        "expected_sign_date": future, "source": lead.source, "demand": lead.need, **_customs(registry.kind(Opportunity.KIND), lead),
    }


def line_values(lead: Any) -> dict[str, Any]:
    """The first line of what the customer needs; {} where the lead names no product."""
    if not lead.product_id and not lead.interest:
        return {}
    return {"product": lead.product, "text": "" if lead.product_id and not lead.interest else lead.interest, "quantity": Decimal(1),
            "unit": lead.product.unit if lead.product_id else ""}
