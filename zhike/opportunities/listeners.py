"""What opportunities do to their customers, and what follows a customer to a new owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.questions import Answer
from zhike.collab import references
from zhike.customers import pool_scan
from zhike.customers import questions as customer_questions
from zhike.customers.actions import advance_lifecycle
from zhike.customers.actions.lifecycle import open_to
from zhike.customers.models import Customer
from zhike.records import along, registry

from . import events
from .models import Opportunity

OPEN = ("open", "suspended")

# What keeps a customer out of a pool: an open opportunity, or one opened or won lately.
pool_scan.busy.add("opportunity", lambda: Opportunity.objects.filter(status__in=OPEN).order_by().values("customer_id"))


def _opened_lately(ids: Sequence[int]) -> dict[int, datetime]:
    found = Opportunity.objects.filter(customer__in=ids).order_by().values("customer_id").annotate(at=Max("created_at"))
    return dict(found.values_list("customer_id", "at"))


def _won_lately(ids: Sequence[int]) -> dict[int, datetime]:
    found = Opportunity.objects.filter(customer__in=ids, won_at__isnull=False).order_by().values("customer_id").annotate(day=Max("won_at"))
    return {row["customer_id"]: clock.start_of(row["day"]) for row in found}


pool_scan.traces.add("opportunity", pool_scan.Trace(
    lambda cut: Opportunity.objects.filter(created_at__gte=cut).order_by().values("customer_id"), _opened_lately))
pool_scan.traces.add("deal", pool_scan.Trace(
    lambda cut: Opportunity.objects.filter(won_at__gt=clock.local(cut).date()).order_by().values("customer_id"), _won_lately))


@events.opportunities_restated.invariant
@events.opportunities_created.invariant
def customers_have_an_opportunity(rows: Sequence[Any], *, by: Any) -> None:
    """A customer with an open opportunity is an opportunity customer."""
    ids = {row.customer_id for row in rows if row.status in OPEN}
    won = {row.customer_id for row in rows if row.status == "won"}
    if moving := open_to(ids, "open_opportunity"):
        advance_lifecycle(Customer.objects.filter(pk__in=moving).select_related("facts"), "open_opportunity", by=by,
                          cause=rows[0] if len(rows) == 1 else None)
    if won:
        advance_lifecycle(Customer.objects.filter(pk__in=won), "close_deal", by=by)


@events.opportunity_reopened.invariant
def customer_opens_again(rows: Sequence[Any], *, by: Any, was: str) -> None:
    advance_lifecycle([row.customer for row in rows], "open_opportunity", by=by, cause=rows[0])


@customer_questions.in_use.answered_by
def open_opportunities(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """Open opportunities forbid disabling their customer."""
    found = Opportunity.objects.filter(customer__in=rows, status__in=OPEN).order_by("pk")[:20]
    kind = registry.kind("opportunity")
    seen = set(Opportunity.objects.visible_to(by).filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
    return [
        Answer(row.customer_id, str(row) if row.pk in seen else _("an opportunity of %(owner)s") % {"owner": row.owner},
               kind.url(row) if row.pk in seen else "", key="opportunity")
        for row in found
    ]


@customer_questions.contact_used.answered_by
def opportunities_of_contacts(rows: Sequence[Any], *, by: Any) -> list[Answer]:
    """Opportunities whose main contact these people are."""
    counted = Opportunity.objects.filter(contact__in=rows).values_list("contact_id").annotate(n=Count("pk")).order_by()
    return [Answer(contact, _("%(n)s opportunities") % {"n": n}, count=n, key="opportunities") for contact, n in counted]


# What somebody was to an opportunity goes into the trash with them.
references.goes_along("opportunities.OpportunityContact", "contact")
along.goes_along(
    "customer",
    along.Along("opportunities_open", "opportunity", gettext_lazy("Open opportunities"), "customer", Q(status__in=OPEN), stays=True),
    along.Along("opportunities_closed", "opportunity", gettext_lazy("Closed opportunities"), "customer", ~Q(status__in=OPEN), open=False, stays=True),
)
