"""What customers do when something happens to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _lazy

from zhike.base.questions import Answer
from zhike.collab import questions as trash
from zhike.records import along

from .models import Contact

along.goes_along("customer", along.Along("contacts", "contact", _lazy("Contacts"), "customer"))


@trash.fits_again.answered_by
def primary_meanwhile(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """A contact that comes back steps behind the one who has become primary meanwhile."""
    for row in rows:
        if row.KIND == "contact" and row.primary and Contact.objects.filter(customer=row.customer_id, primary=True).exists():
            row.primary = False
    return []
