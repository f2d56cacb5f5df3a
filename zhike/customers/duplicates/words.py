"""Reasons and verdicts in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS: dict[str, Any] = {
    "name": gettext_lazy("same name"),
    "no_region": gettext_lazy("same name, one of them without a region"),
    "group": gettext_lazy("same name, one of them as a group"),
    "form": gettext_lazy("same name in another legal form"),
    "former": gettext_lazy("same as a former name"),
    "short": gettext_lazy("same as a short name"),
    "english": gettext_lazy("same English name"),
    "region": gettext_lazy("same name in another region"),
    "branch": gettext_lazy("a branch of the same name"),
    "sound": gettext_lazy("the names sound alike"),
    "typing": gettext_lazy("the names differ by a slip"),
    "part": gettext_lazy("one name contains the other"),
    "brand": gettext_lazy("similar name in the same region"),
    "uscc": gettext_lazy("same credit code"),
    "uscc_group": gettext_lazy("same credit code within the group"),
    "phone": gettext_lazy("same phone"),
    "phone_contact": gettext_lazy("phone of a contact there"),
    "phone_address": gettext_lazy("phone of an address there"),
    "phone_title": gettext_lazy("phone of invoicing details there"),
    "tax": gettext_lazy("same tax number in invoicing details"),
    "tax_title": gettext_lazy("tax number of invoicing details there"),
    "domain": gettext_lazy("same e-mail domain or website"),
    "mobile": gettext_lazy("contact with the same mobile number"),
}
VERDICTS: dict[str, tuple[Any, str]] = {
    "certain": (gettext_lazy("certain"), "bad"),
    "likely": (gettext_lazy("likely"), "wait"),
    "possible": (gettext_lazy("possible"), "info"),
}


def reason_text(code: str, *, trashed: bool = False) -> str:
    text = str(REASONS.get(code, code))
    return _("%(reason)s (in the trash)") % {"reason": text} if trashed else text
