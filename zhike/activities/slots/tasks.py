"""A task about any record: offered on the page of each."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.pages.details import DetailPage
from zhike.pages.parts import Button
from zhike.records import registry


def _give(page: DetailPage) -> list[Button]:
    if not page.access.may("task", "add"):
        return []
    about: Any = f"about={page.kind.name}-{page.row.pk}"
    if page.kind.name in ("customer", "opportunity"):
        about = f"{page.kind.name}={page.row.pk}"
        if page.kind.name == "opportunity":
            about += f"&customer={page.row.customer_id}"
    return [Button(_("Give a task"), f"{reverse('task-new')}?{about}", "checkbox", menu=True)]


def add() -> None:
    """Offer it on the page of every record that has an owner."""
    for kind in registry.kinds():
        if kind.pages and kind.words and kind.owned and kind.name not in ("task", "customer"):  # a customer's page has it under "New"
            kind.buttons.add("task", _give, order=20)
