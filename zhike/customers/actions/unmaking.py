"""Taking customers and contacts out of the master again that were made a moment ago and were never worked with."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from zhike.records import customs, history, registry, search

from .. import quality
from ..models import Contact, Customer, ReachKey


@transaction.atomic
def unmake_customer(row: Customer, *, by: Any) -> None:
    """Take a customer out of the master for good. Whoever undoes what made it has looked at what hangs on it.

    Its number is not used again. What still points to it keeps it: then the database refuses.
    """
    history.log(row, "unmade", by=by)
    search.remove_rows(Customer.KIND, [row.pk])
    customs.unindex(registry.kind(Customer.KIND), [row.pk])
    others = quality.sharing([row.uscc] if row.uscc else [])
    pk = row.pk
    Customer.objects.filter(pk=pk).delete()
    quality.refresh_quality(other for other in others if other != pk)


@transaction.atomic
def unmake_contact(row: Contact, *, by: Any) -> None:
    """The same for a contact."""
    history.log(row, "unmade", by=by)
    search.remove_rows(Contact.KIND, [row.pk])
    customs.unindex(registry.kind(Contact.KIND), [row.pk])
    ReachKey.objects.filter(source="contact", source_id=row.pk).delete()
    customer = row.customer_id
    Contact.objects.filter(pk=row.pk).delete()
    quality.refresh_quality([customer])
