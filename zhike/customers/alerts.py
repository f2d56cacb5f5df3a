"""What customers warn of. CU02 (about to fall into the pool) is declared by the pools, CU03 by customer care."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zhike.notices.alerting import Alert, ByOption, Scan, declare_alert

from .models import Contact, Customer

LEVELS = {"A": 15, "B": 30, "C": 60}


def _cared_for() -> Any:
    return Customer.objects.filter(enabled=True).exclude(lifecycle="lost")


def not_contacted(scan: Scan) -> Any:
    """Silent for longer than their level allows; a new customer has the same time from its first day."""

    def silent(days: int) -> Q:
        limit: datetime = scan.ago(days)
        return Q(facts__last_contact_at__lt=limit, created_at__lt=limit)

    return _cared_for().filter(scan.each_option("days", "level", silent))


def incomplete(scan: Scan) -> Any:
    """Nobody to call, no region, or a company we have done business with and no credit code."""
    deal = Q(uscc="", kind__in=(Customer.COMPANY, Customer.GOVERNMENT), lifecycle="deal")
    alone = ~Exists(Contact.objects.filter(customer=OuterRef("pk"), left=False))
    return _cared_for().filter(Q(alone, phone="") | Q(region=None) | deal)


declare_alert(Alert(
    code="CU01", label=_("customer not contacted"), kind="customer", since="facts__last_contact_at",
    text=_("%(row)s: no contact since %(day)s"), rows=not_contacted,
    params=[ByOption("days", _("days without contact"), 60, 1, 3650, dictionary="customer_level", defaults=LEVELS)],
    on=True, escalate=7, repeat=7, page_tells=True,
))
declare_alert(Alert(
    code="CU05", label=_("customer data incomplete"), kind="customer", text=_("%(row)s: phone, region or credit code missing"),
    rows=incomplete, on=False, repeat=7, page_tells=True,
))
