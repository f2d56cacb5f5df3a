"""What customers warn of. CU03 is declared by customer care, CU06 where talks are known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from zhike.notices.alerting import Alert, ByOption, Scan, declare_alert

from .models import Contact, Customer, PoolWarning
from .quality import BITS

LEVELS = {"A": 15, "B": 30, "C": 60}
WRONG = BITS["uscc_wrong"] | BITS["phone_wrong"]


def _cared_for() -> Any:
    return Customer.objects.filter(enabled=True).exclude(lifecycle="lost")


def not_contacted(scan: Scan) -> Any:
    """Silent for longer than their level allows; a new customer has the same time from its first day."""

    def silent(days: int) -> Q:
        limit: datetime = scan.ago(days)
        return Q(facts__last_contact_at__lt=limit, created_at__lt=limit)

    return _cared_for().filter(scan.each_option("days", "level", silent))


def incomplete(scan: Scan) -> Any:
    """Nobody to call, no region, a company we have done business with and no credit code, or a wrong code."""
    deal = Q(uscc="", kind__in=(Customer.COMPANY, Customer.GOVERNMENT), lifecycle__in=("deal", "service"))
    alone = ~Exists(Contact.objects.filter(customer=OuterRef("pk"), left=False))
    rows = _cared_for().alias(_wrong=F("facts__gaps").bitand(WRONG))
    return rows.filter(Q(alone, phone="") | Q(region=None) | deal | Q(_wrong__gt=0))


def into_pool(scan: Scan) -> list[tuple[str, Any]]:
    """Each step of the warning days is an occurrence of its own; the day it falls makes it another one next time."""
    falls = PoolWarning.objects.filter(customer=OuterRef("pk"), due_on__gte=scan.today)
    steps = PoolWarning.objects.filter(due_on__gte=scan.today).order_by("before").values_list("before", flat=True).distinct()
    day = Subquery(falls.order_by("before").values("due_on")[:1])
    return [(str(before), Customer.objects.filter(Exists(falls.filter(before=before))).annotate(falls_on=day)) for before in steps]


declare_alert(Alert(
    code="CU01", label=_("customer not contacted"), kind="customer", since="facts__last_contact_at",
    text=_("%(row)s: no contact since %(day)s"), rows=not_contacted,
    params=[ByOption("days", _("days without contact"), 60, 1, 3650, dictionary="customer_level", defaults=LEVELS)],
    on=True, escalate=7, repeat=7, page_tells=True,
))
declare_alert(Alert(
    code="CU02", label=_("customer about to fall into a pool"), kind="customer", since="falls_on", text=_("%(row)s goes into the pool on %(day)s"),
    rows=into_pool, on=True, page_tells=True,
))
declare_alert(Alert(
    code="CU05", label=_("customer data incomplete or wrong"), kind="customer", text=_("%(row)s: phone, region or credit code missing or wrong"),
    rows=incomplete, on=False, repeat=7, page_tells=True,
))
