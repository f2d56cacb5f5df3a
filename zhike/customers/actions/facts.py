"""Last and next contact of customers, worked out anew."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from .. import questions
from ..models import Customer, CustomerFacts

BATCH = 2_000


@transaction.atomic
def refresh_facts(customer_ids: Iterable[int]) -> None:
    """Work out last and next contact of these customers anew from the records above."""
    ids = list(dict.fromkeys(customer_ids))
    for start in range(0, len(ids), BATCH):
        _refresh(ids[start : start + BATCH])


def _refresh(ids: list[int]) -> None:
    rows = list(Customer.objects.filter(pk__in=ids).only("pk"))
    facts = {row.pk: CustomerFacts(customer=row) for row in rows}
    for answer in questions.contact_facts.ask(rows, by=None):
        found = facts.get(answer.row_id)
        if found is None:
            continue
        at, text = answer.data
        if answer.key == "last" and at > found.last_contact_at:
            found.last_contact_at, found.last_contact_text = at, str(text)[:200]
        if answer.key == "next" and (found.next_contact_at is None or at < found.next_contact_at):
            found.next_contact_at, found.next_contact_text = at, str(text)[:200]
    CustomerFacts.objects.bulk_create(
        facts.values(), update_conflicts=True, unique_fields=["customer"],
        update_fields=["last_contact_at", "last_contact_text", "next_contact_at", "next_contact_text"],
        batch_size=BATCH,
    )
