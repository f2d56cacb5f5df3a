"""Exports of other programs, known by their headings: which column is what, under which name ids are remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KEY = "@key"


@dataclass(slots=True)
class Derived:
    """A field made from columns: `template` with {Column} places, through `map`, where `when` holds."""

    template: str
    map: Mapping[str, str] | None = None
    otherwise: str = ""
    when: tuple[str, tuple[str, ...]] | None = None  # column, its values


@dataclass(slots=True)
class Preset:
    """`signs` are headings that only this export has; columns that are not named stay out.

    `by_key` are links that hold the other system's ids; `where` are rows this kind takes.
    """

    name: str
    title: str
    system: str
    kind: str
    signs: frozenset[str]
    fields: Mapping[str, str]
    by_key: frozenset[str] = frozenset()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    where: tuple[str, tuple[str, ...]] | None = None


_INDUSTRY = {
    "Electronics": "electronics", "Machinery": "machinery", "Manufacturing": "machinery", "Automotive": "automotive",
    "Chemicals": "chemical", "Energy": "energy", "Utilities": "energy", "Apparel": "textile", "Food & Beverage": "food",
    "Healthcare": "medical", "Biotechnology": "medical", "Technology": "software", "Retail": "retail",
    "Transportation": "transport", "Shipping": "transport", "Finance": "service", "Banking": "service", "Education": "service",
    "Hospitality": "service", "Consulting": "service", "Insurance": "service", "Media": "service", "Entertainment": "service",
}
_STAGE = {
    "Prospecting": "mto/demand", "Qualification": "mto/demand", "Discovery": "mto/demand", "Needs Analysis": "mto/demand",
    "Value Proposition": "mto/solution", "Id. Decision Makers": "mto/solution", "Perception Analysis": "mto/solution",
    "Proposal/Price Quote": "mto/quote", "Proposal/Quote": "mto/quote", "Negotiation": "mto/negotiation",
    "Negotiation/Review": "mto/negotiation", "Closed Won": "mto/signing", "Closed Lost": "mto/negotiation",
}
_WON, _LOST = ("StageName", ("Closed Won",)), ("StageName", ("Closed Lost",))

PRESETS: list[Preset] = [
    Preset(
        "salesforce-account", "Salesforce · Account", "salesforce", "customer",
        frozenset({"Id", "BillingStreet", "SystemModstamp"}),
        {"Id": KEY, "Name": "name", "ParentId": "parent", "BillingPostalCode": "postcode", "Phone": "phone",
         "Website": "website", "Description": "remark", "CreatedDate": "created_at"},
        by_key=frozenset({"parent"}),
        derived={"industry": Derived("{Industry}", _INDUSTRY, "other"),
                 "address": Derived("{BillingStreet} {BillingCity} {BillingState} {BillingCountry}")},
    ),
    Preset(
        "salesforce-contact", "Salesforce · Contact", "salesforce", "contact",
        frozenset({"Id", "AccountId", "LastName", "SystemModstamp"}),
        {"Id": KEY, "AccountId": "customer", "Name": "name", "Title": "job_title", "Department": "department",
         "MobilePhone": "mobile", "Phone": "phone", "Email": "email", "Birthdate": "birthday", "Description": "remark",
         "ReportsToId": "reports_to", "CreatedDate": "created_at"},
        by_key=frozenset({"customer", "reports_to"}),
    ),
    Preset(
        "salesforce-opportunity", "Salesforce · Opportunity", "salesforce", "opportunity",
        frozenset({"Id", "AccountId", "StageName", "CloseDate", "SystemModstamp"}),
        {"Id": KEY, "AccountId": "customer", "Name": "name", "Amount": "amount", "CloseDate": "expected_sign_date",
         "Description": "demand", "CreatedDate": "created_at"},
        by_key=frozenset({"customer"}),
        derived={
            "stage": Derived("{StageName}", _STAGE, "mto/demand"),
            "status": Derived("{StageName}", {"Closed Won": "won", "Closed Lost": "lost"}, "open"),
            "won_at": Derived("{CloseDate}", when=_WON), "won_amount": Derived("{Amount}", when=_WON),
            "lost_at": Derived("{CloseDate}", when=_LOST),
        },
    ),
    Preset(
        "odoo-company", "Odoo · Contacts (companies)", "odoo", "customer", frozenset({"Name", "Is a company"}),
        {"External ID": KEY, "Name": "name", "Reference": "code", "ZIP": "postcode", "Zip": "postcode", "Phone": "phone",
         "Email": "email", "Website": "website", "Tax ID": "uscc", "Notes": "remark"},
        derived={"address": Derived("{Street} {City} {State} {Country}")}, where=("Is a company", ("1", "true", "True", "TRUE")),
    ),
    Preset(
        "odoo-person", "Odoo · Contacts (persons)", "odoo", "contact", frozenset({"Name", "Is a company", "Related company"}),
        {"External ID": KEY, "Name": "name", "Related company": "customer", "Job Position": "job_title", "Phone": "phone",
         "Mobile": "mobile", "Email": "email", "Notes": "remark"},
        where=("Is a company", ("0", "false", "False", "FALSE", "")),
    ),
    Preset(
        "odoo-customer", "Odoo · Customers", "odoo", "customer", frozenset({"Name", "Reference", "Customer", "Street"}),
        {"External ID": KEY, "Name": "name", "Reference": "code", "ZIP": "postcode", "Phone": "phone", "Email": "email",
         "Website": "website", "Notes": "remark"},
        derived={"address": Derived("{Street} {City} {Country}")},
    ),
    Preset(
        "odoo-product", "Odoo · Products", "odoo", "product",
        frozenset({"Name", "Internal Reference", "Sale Price", "Can be Sold"}),
        {"External ID": KEY, "Name": "name", "Internal Reference": "code", "Sale Price": "list_price", "Cost": "standard_cost",
         "Unit of Measure": "unit", "Description": "description"},
    ),
]
BY_NAME = {preset.name: preset for preset in PRESETS}


def recognise(kind: str, names: Iterable[str]) -> Preset | None:
    """The preset whose signs all stand in the heading; the one with most signs wins."""
    here = set(names)
    hits = [preset for preset in PRESETS if preset.kind == kind and preset.signs <= here]
    return max(hits, key=lambda preset: len(preset.signs), default=None)


def elsewhere(kind: str, names: Iterable[str]) -> str:
    """The kind an export belongs to, when it is not the one it was uploaded for."""
    here = set(names)
    hits = [preset for preset in PRESETS if preset.signs <= here]
    best = max(hits, key=lambda preset: len(preset.signs), default=None)
    return best.kind if best is not None and best.kind != kind and not any(hit.kind == kind for hit in hits) else ""
