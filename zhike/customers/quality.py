"""How complete and how right a customer's data are: a score from declared weights, and the gaps by name.

Worked out for many customers at once and kept in `CustomerFacts`, so that lists filter and sort by
it; a gap is one bit of `gaps`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import phones, uscc
from zhike.org.access import Access
from zhike.records.inserting import insert_rows

from .models import Contact, Customer, CustomerFacts, InvoiceTitle

BATCH = 2_000
_COLUMNS = ("pk", "kind", "uscc", "region_id", "address", "phone", "industry", "level", "category", "source", "scale")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing (it costs `weight` points of the score) or wrong. `field` is where it is put right.

    The order of `GAPS` gives the bits: new gaps go to the end, none is ever taken out of the middle.
    """

    code: str
    label: Any
    weight: int
    field: str
    here: Callable[[Mapping[str, Any]], bool]
    wrong: bool = False
    companies: bool = False  # asked of companies and public bodies only


def _lacks(name: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda row: not row[name]


def _other_region(row: Mapping[str, Any]) -> bool:
    code = uscc.region_code(row["uscc"]) if row["uscc"] else ""
    return bool(code and row["region_id"] and int(code[:2]) != row["region_id"] // 10_000)


GAPS: tuple[Gap, ...] = (
    Gap("uscc", _("credit code missing"), 15, "uscc", _lacks("uscc"), companies=True),
    Gap("phone", _("phone missing"), 15, "phone", _lacks("phone")),
    Gap("region", _("region missing"), 10, "region", _lacks("region_id")),
    Gap("address", _("address missing"), 5, "address", _lacks("address")),
    Gap("industry", _("industry missing"), 10, "industry", _lacks("industry"), companies=True),
    Gap("level", _("level missing"), 5, "level", _lacks("level")),
    Gap("category", _("category missing"), 5, "category", _lacks("category")),
    Gap("source", _("source missing"), 5, "source", _lacks("source")),
    Gap("scale", _("size missing"), 5, "scale", _lacks("scale"), companies=True),
    Gap("contact", _("no contact"), 10, "contacts", lambda row: not row["contacts"]),
    Gap("decider", _("decision maker unknown"), 5, "contacts", lambda row: "decider" not in row["roles"]),
    Gap("invoicing", _("invoicing details missing"), 10, "invoicing", _lacks("titles")),
    Gap("uscc_wrong", _("credit code wrong"), 0, "uscc",
        lambda row: bool(uscc.problem(row["uscc"])), wrong=True, companies=True),
    Gap("uscc_old", _("15-digit tax number instead of the credit code"), 0, "uscc",
        lambda row: bool(uscc.warning(row["uscc"])), wrong=True, companies=True),
    Gap("uscc_region", _("credit code from another province than the address"), 0, "region", _other_region,
        wrong=True, companies=True),
    Gap("uscc_shared", _("credit code shared with another customer"), 0, "uscc", lambda row: row["shared"], wrong=True),
    Gap("phone_wrong", _("phone wrong"), 0, "phone", lambda row: bool(row["phone"] and phones.problem(row["phone"])), wrong=True),
)
BITS = {gap.code: 1 << place for place, gap in enumerate(GAPS)}


def gaps_of(bits: int) -> list[Gap]:
    """The gaps a number stands for, in their order."""
    return [gap for gap in GAPS if bits & BITS[gap.code]]


def may_know(gap: Gap, access: Access) -> bool:
    """Whether the person's field rights let them learn that something is missing or wrong here."""
    mode = access.field_mode("customer", gap.field)
    return mode in ("", "read") if gap.field == "phone" else mode != "hide"


def judge(row: Mapping[str, Any]) -> tuple[int, int]:
    """(score of 0 to 100, bits of what is missing or wrong) of one customer's plain values."""
    asked = [gap for gap in GAPS if not gap.companies or row["kind"] in (Customer.COMPANY, Customer.GOVERNMENT)]
    found = {gap.code for gap in asked if gap.here(row)}
    whole = sum(gap.weight for gap in asked)
    there = whole - sum(gap.weight for gap in asked if gap.code in found)
    # A value that is wrong counts as one that is missing.
    there -= sum(gap.weight for gap in asked if gap.code in ("uscc", "phone") and gap.code not in found and f"{gap.code}_wrong" in found)
    return there * 100 // whole, sum(BITS[code] for code in found)


@transaction.atomic
def refresh_quality(customer_ids: Iterable[int]) -> None:
    """Work out completeness and gaps of these customers anew: a handful of queries for 2,000 of them."""
    ids = list(dict.fromkeys(customer_ids))
    for start in range(0, len(ids), BATCH):
        CustomerFacts.objects.bulk_create(
            _judged(ids[start : start + BATCH]), update_conflicts=True, unique_fields=["customer"], update_fields=["completeness", "gaps"])


def note_new(rows: Sequence[Customer]) -> None:
    """Give customers that have just been made their facts; those who share a credit code with them learn of it."""
    ids = [row.pk for row in rows]
    for start in range(0, len(ids), BATCH):
        insert_rows(_judged(ids[start : start + BATCH]))
    refresh_quality(set(sharing(row.uscc for row in rows)).difference(ids))


def _judged(ids: list[int]) -> list[CustomerFacts]:
    """The facts of these customers with completeness and gaps as they are now, not stored."""
    rows = list(Customer.objects.filter(pk__in=ids).order_by().values(*_COLUMNS))
    contacts: dict[int, set[str]] = {}
    here = Contact.objects.filter(customer__in=ids, left=False).order_by()
    for customer, role in here.values_list("customer_id", "decision_role").distinct():
        contacts.setdefault(customer, set()).add(role)
    titled = set(InvoiceTitle.objects.filter(customer__in=ids).order_by().values_list("customer_id", flat=True))
    codes = {row["uscc"] for row in rows if row["uscc"]}
    held = Customer.objects.filter(uscc__in=codes).order_by().values("uscc").annotate(n=Count("pk")) if codes else []
    shared = {found["uscc"] for found in held if found["n"] > 1}
    facts = []
    for row in rows:
        roles = contacts.get(row["pk"])
        score, bits = judge({**row, "contacts": roles is not None, "roles": roles or set(),
                             "titles": row["pk"] in titled, "shared": row["uscc"] in shared})
        facts.append(CustomerFacts(customer_id=row["pk"], completeness=score, gaps=bits))
    return facts


def sharing(codes: Iterable[str]) -> list[int]:
    """Customers with one of these credit codes: they learn of it when somebody takes or leaves one."""
    wanted = sorted({code for code in codes if code})
    return list(Customer.objects.filter(uscc__in=wanted).order_by().values_list("pk", flat=True)[:BATCH]) if wanted else []


def with_gaps(queryset: Any, codes: Iterable[str], user: Any = None) -> Any:
    """Customers with at least one of the gaps named by code."""
    mask = sum(BITS[code] for code in set(codes))
    return queryset.alias(_gaps=F("facts__gaps").bitand(mask)).filter(_gaps__gt=0)
