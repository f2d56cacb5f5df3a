"""What the house does about a customer or contact that may exist already: forbid, warn or allow, reason by reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Forbidden, Refused
from zhike.org.models import Company
from zhike.records import history

FORBID, WARN, ALLOW = "forbid", "warn", "allow"
LEVELS = [(FORBID, gettext_lazy("forbid")), (WARN, gettext_lazy("warn and ask")), (ALLOW, gettext_lazy("only show"))]
RANK = {ALLOW: 0, WARN: 1, FORBID: 2}
# What a hit may rest on, and what the house starts with.
POINTS: dict[str, tuple[Any, str]] = {
    "name": (gettext_lazy("same name"), WARN),
    "similar": (gettext_lazy("similar name, or the same name in another region"), ALLOW),
    "uscc": (gettext_lazy("same credit code"), FORBID),
    "tax": (gettext_lazy("credit code stands in another customer's invoicing details"), WARN),
    "phone": (gettext_lazy("same telephone number"), WARN),
    "domain": (gettext_lazy("same e-mail domain or website"), WARN),
    "contact": (gettext_lazy("contact with the same mobile number"), WARN),
}
BESIDE: set[str] = set()  # the points that apps above add for their own records (`add_point`)
KEY = "duplicates"


def add_point(code: str, label: Any, start: str = WARN) -> None:
    """Let the house decide about hits among records of an app above, e.g. leads."""
    POINTS[code] = (label, start)
    BESIDE.add(code)


def current() -> dict[str, str]:
    """Point → forbid, warn or allow."""
    kept: dict[str, str] = Company.current().setting(KEY) or {}
    return {point: kept[point] if kept.get(point) in RANK else start for point, (_label, start) in POINTS.items()}


@transaction.atomic
def change_policy(values: Mapping[str, str], *, by: Any) -> dict[str, Any]:
    """Say what happens on each kind of hit; administrators only. Returns the difference."""
    if not by.is_admin:
        raise Forbidden(_("Only an administrator changes this."))
    if any(point not in POINTS or level not in RANK for point, level in values.items()):
        raise Refused(_("Choose forbid, warn or show for each of them."), code="invalid")
    company = Company.objects.select_for_update().order_by("pk").first()
    if company is None:
        raise Refused(_("Set the company up first."), code="company.none")
    kept = dict(company.settings.get(KEY) or {})
    before = {point: kept.get(point, start) for point, (_label, start) in POINTS.items()}
    diff = {point: (before[point], level) for point, level in values.items() if before[point] != level}
    if diff:
        company.settings = {**company.settings, KEY: {**before, **values}}
        company.save(update_fields=["settings"])
        history.log_list("customer", "duplicate-policy", by=by, args={"diff": diff})
    return diff
