"""Finding the same person or firm among leads, and among customers and contacts, telling no more than one may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.chinese.likeness import LIKELY, POSSIBLE, RANK
from zhike.base.refused import Refused
from zhike.customers import duplicates as customers
from zhike.customers.duplicates import holding, policy, probe, words
from zhike.customers.duplicates.probe import MOST, SHOWN, Match, Reason
from zhike.customers.models import Customer

from .keys import keys_of
from .models import Lead, LeadKey
from .status import LEAD, OPEN

POINT = "lead"
AT_ONCE = 500  # keys asked for in one query
CODES = {LeadKey.NAME: ("lead_name", LIKELY), LeadKey.PHONE: ("lead_phone", LIKELY), LeadKey.EMAIL: ("lead_email", LIKELY),
         LeadKey.DOMAIN: ("lead_domain", POSSIBLE)}
FIELDS = {LeadKey.NAME: "company", LeadKey.PHONE: "mobile", LeadKey.EMAIL: "email", LeadKey.DOMAIN: "email"}
words.REASONS.update({
    "lead_name": gettext_lazy("lead of the same company"), "lead_phone": gettext_lazy("lead with the same number"),
    "lead_email": gettext_lazy("lead with the same e-mail address"), "lead_domain": gettext_lazy("lead with the same e-mail domain or website"),
})
policy.add_point(POINT, gettext_lazy("lead with the same company, number or address"))


def _look(asked: Sequence[tuple[int | None, list[tuple[str, str]]]], user: Any, *, states: Sequence[str] | None = None, soft: bool = False) -> list[list[Match]]:
    """For each (own id, keys) the leads that share a key, the surest and open ones first; three queries for a record."""
    wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (_own, keys) in enumerate(asked):
        for key in keys:
            wanted[key].append(place)
    found: list[dict[int, list[Reason]]] = [defaultdict(list) for _one in asked]
    for condition, n in _conditions(wanted):
        known = LeadKey.objects.filter(condition)
        if states:
            known = known.filter(lead_number__in=Lead.objects.filter(status__in=states).values("pk"))
        hits: dict[tuple[str, str], list[int]] = defaultdict(list)
        for what, value, lead in known.order_by("what", "value", "-lead_number").values_list("what", "value", "lead_number")[: MOST * n]:
            hits[what, value].append(lead)
        for (what, value), leads in hits.items():
            if len(leads) >= MOST and what == LeadKey.DOMAIN:
                continue  # what fits so many tells nobody apart
            for place in wanted[what, value]:
                for lead in leads:
                    if lead != asked[place][0]:
                        code, verdict = CODES[what]
                        found[place][lead].append(Reason(code, verdict, POINT))
    ids = {lead for one in found for lead in one}
    if not ids:
        return [[] for _one in asked]
    rows = Lead.objects.select_related("owner", "owner_dept").in_bulk(ids)
    seen = set(Lead.objects.visible_to(user).filter(pk__in=ids).order_by().values_list("pk", flat=True)) if user is not None else set()
    return [[_match(rows[pk], one[pk], pk in seen, soft) for pk in sorted(one, key=lambda pk: _rank(rows[pk], one[pk]))[:SHOWN]] for one in found]


def _conditions(wanted: Iterable[tuple[str, str]]) -> Iterable[tuple[Q, int]]:
    """What to ask the keys for, and for how many: all at once for a record, in portions for a list."""
    values: dict[str, list[str]] = defaultdict(list)
    for what, value in sorted(wanted):
        values[what].append(value)
    if sum(map(len, values.values())) <= AT_ONCE:
        whole = Q()
        for what, some in values.items():
            whole |= Q(what=what, value__in=some)
        return [(whole, sum(map(len, values.values())))] if values else []
    return [(Q(what=what, value__in=some[start : start + AT_ONCE]), AT_ONCE)
            for what, some in values.items() for start in range(0, len(some), AT_ONCE)]


def _rank(row: Lead, reasons: list[Reason]) -> tuple[bool, int, int, int]:
    return row.status not in OPEN, -max(RANK[reason.verdict] for reason in reasons), -len(reasons), -row.pk


def _match(row: Lead, reasons: list[Reason], seen: bool, soft: bool) -> Match:
    name = str(row) if seen else " · ".join(probe.mask_name(part) for part in (row.name, row.company) if part)
    return Match(
        pk=row.pk, name=_("lead %(name)s (%(state)s)") % {"name": name, "state": LEAD.label(row.status)}, owner=str(row.owner or _("not assigned")),
        department=str(row.owner_dept or ""), last_contact=row.last_contact_at if row.last_contact_at > clock.NEVER else None, reasons=reasons,
        row=row if seen else None, kind=Lead.KIND, soft=soft,
    )


def leads_like(rows: Sequence[Lead], user: Any) -> list[list[Match]]:
    """For each lead the other leads with its company, a number, an address or a domain; a lead may be noted down in any case."""
    return _look([(row.pk, keys_of(row)) for row in rows], user, soft=True)


def customers_like(rows: Sequence[Lead], user: Any) -> list[list[Match]]:
    """For each lead the customers that may be its firm, found by name, by a number of theirs or of a contact, or by domain."""
    asked = [
        Customer(name=row.company if len(row.company) > 1 else "", phone=" / ".join(part for part in (row.mobile, row.phone) if part),
                 email=row.email, website=row.website)
        for row in rows
    ]
    return [[replace(match, soft=True) for match in found] for found in customers.look(asked, user)]


def look(rows: Sequence[Lead], user: Any) -> list[list[Match]]:
    """For each lead the customers and leads that may be the same, customers first."""
    return [[*firm, *lead] for firm, lead in zip(customers_like(rows, user), leads_like(rows, user), strict=True)]


def check_leads(rows: Sequence[Lead], *, by: Any, only: frozenset[str] | None = None) -> None:
    """Refuse rows that may be there already; call in the transaction that saves them.

    `only` names fields that were changed: what rests on the others was known before. Nobody else saves the same
    person or firm until the transaction ends. Raises `Refused` (code `duplicate`) with the hits of the first row at fault.
    """
    holding.hold(f"lead:{what}:{value}" for row in rows for what, value in keys_of(row))
    if only is not None:
        rows = [Lead(pk=row.pk, **{name: getattr(row, name) for name in only}) for row in rows]
    for row, found in zip(rows, look(rows, by), strict=True):
        if found:
            raise Refused(
                _("This lead may exist already, or be a customer. Open it, or tick “save all the same” when it is somebody else."),
                field=_field_of(row, found[0]), code="duplicate", items=found,
            )


def _field_of(row: Lead, hit: Match) -> str:
    codes = {reason.code for reason in hit.reasons}
    for what, (code, _verdict) in CODES.items():
        if code in codes:
            return "phone" if what == LeadKey.PHONE and not row.mobile else FIELDS[what]
    if hit.why == "phone":
        return "mobile" if row.mobile else "phone"
    return "email" if hit.why == "domain" and row.email else "company"


def _leads_of_customers(rows: Sequence[Any], user: Any) -> list[list[Match]]:
    """Open leads that may be the customer somebody is about to make, to be judged by the house's rules: forbid, warn or show.

    The lead it is made from is left out (`from_lead`).
    """
    asked = []
    for row in rows:
        firm = Lead(company=row.name or "", phone=row.phone or "", email=row.email or "", website=row.website or "")
        asked.append((getattr(row, "from_lead", None), keys_of(firm)))
    return _look(asked, user, states=OPEN)


probe.others.add("leads", _leads_of_customers)
