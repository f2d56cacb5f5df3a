"""Writing down what leads are found again by; made in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from zhike.customers.duplicates.keys import domain_of_website, numbers_of, reach_of

from .models import Lead, LeadKey

BATCH = 2_000
FOUND_BY = frozenset({"company", "mobile", "phone", "email", "website"})


def keys_of(row: Any) -> list[tuple[str, str]]:
    """(what, value) of everything by which a lead may be known: company, numbers, address, domain."""
    found = [(LeadKey.NAME, row.match_name)] if row.match_name else []
    found += [(LeadKey.PHONE, number) for number in numbers_of(row.mobile, row.phone)]
    if row.email:
        found.append((LeadKey.EMAIL, row.email.strip().casefold()[:200]))
    domains = [value for what, value in reach_of(emails=(row.email,)) if what == LeadKey.DOMAIN]
    if row.website and (site := domain_of_website(row.website)):
        domains.append(site)
    return [*found, *((LeadKey.DOMAIN, value) for value in dict.fromkeys(domains))]


@transaction.atomic
def note_leads(rows: Sequence[Any], *, fresh: bool = False) -> None:
    """Bring the keys of these leads up to date; `fresh` ones have none yet."""
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        if not fresh:
            LeadKey.objects.filter(lead_number__in=[row.pk for row in part]).delete()
        LeadKey.objects.bulk_create(
            [LeadKey(lead_number=row.pk, what=what, value=value) for row in part for what, value in keys_of(row)], batch_size=BATCH,
        )


def rebuild(ids: Iterable[int]) -> None:
    """Work the keys of these leads out anew."""
    wanted = list(ids)
    for start in range(0, len(wanted), BATCH):
        note_leads(list(Lead.objects.filter(pk__in=wanted[start : start + BATCH]).order_by("pk")))
