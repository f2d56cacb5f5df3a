"""What forms and rules add: places in the menu, the button beneath the list of leads, words of history, links of messages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.notices import actions as notices
from zhike.pages import changes, lists, menus
from zhike.pages.parts import Button

from .models import LeadForm


def _by_rules(page: Any) -> list[Button]:
    """"Assign by rules" among what may be done with the chosen leads."""
    if page.kind.name != "lead" or not page.access.may("lead", "assign"):
        return []
    return [Button(_("Assign by rules"), reverse("lead-by-rules"), "route", "g", dialog=True)]


def _links(user: Any, ids: set[int]) -> dict[int, str]:
    return {pk: reverse("lead_form-detail", args=[pk]) for pk in LeadForm.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)}


def add() -> None:
    """Fill the slots."""
    menus.place("marketing", "lead-forms", gettext_lazy("Lead forms"), "lead_form-list", order=300, kind="lead_form")
    menus.place("marketing", "assign-rules", gettext_lazy("Assignment rules"), "assign_rule-list", order=350, kind="assign_rule")
    lists.bulk_buttons.add("lead-rules", _by_rules, order=350)
    for verb, text, icon, tone in (
        ("lead-form", gettext_lazy("Sent in by a form"), "qrcode", "teal"), ("lead-form-again", gettext_lazy("Sent in again"), "repeat", "teal"),
        ("lead-rule", gettext_lazy("Assigned by a rule"), "route", "violet"), ("address-renewed", gettext_lazy("Given a new address"), "repeat", "wait"),
        ("rule-order", gettext_lazy("Moved in the order"), "arrow-up", "info"), ("rule-removed", gettext_lazy("Dropped"), "trash", "neutral"),
        ("pause", gettext_lazy("Days away entered"), "calendar", "info"), ("pause-over", gettext_lazy("Days away ended"), "calendar", "info"),
    ):
        changes.verbs.add(verb, (text, icon, tone))
    notices.LINKS[LeadForm.KIND] = _links
