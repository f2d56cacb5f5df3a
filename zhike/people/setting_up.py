"""What a new house still lacks, on the workbench of its administrators until it is there: departments, colleagues, data."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.org.models import Company, Department, User
from zhike.pages.parts import Badge, Button
from zhike.records import registry

STEPS = 3  # the first was the set-up page itself


def lacking(user: Any) -> list[tuple[str, Any, list[dict[str, Any]]]]:
    """The steps of the first set-up that are not done, one query; nothing for those who do not set the house up."""
    if not user.is_admin or not registry.has("customer"):
        return []
    kind = registry.kind("customer")  # what a house begins with
    there = Company.objects.filter(pk=1).values_list(
        Exists(Department.objects.all()), Exists(User.objects.exclude(pk=user.pk)), Exists(kind.model._base_manager.all())).first()
    departments, people, records = there or (True, True, True)
    rows = []
    if not departments:
        rows.append(_row("departments", 2, _("Add the departments"), _("Rows are seen along the tree of departments."),
                         reverse("department-list"), Button(_("New department"), reverse("department-new"), style="t")))
    if not people:
        rows.append(_row("people", 2, _("Add your colleagues"), _("Each gets roles, and a link to set a password."),
                         reverse("user-list"), Button(_("New user"), reverse("user-new"), style="t")))
    if not records:
        rows.append(_row("data", 3, _("Bring your data in"), _("Customers, contacts and opportunities from Excel or another system."),
                         reverse("imports"), Button(_("Import from a file"), reverse("import-new", args=[kind.name]), style="t")))
    return [("set-up", _("First set-up"), rows)] if rows else []


def _row(key: str, step: int, title: str, why: str, url: str, button: Button) -> dict[str, Any]:
    return {"id": f"setup-{key}", "at": clock.now(), "icon": "settings", "tone": "info", "title": title, "url": url, "sub": why, "sub_url": "",
            "due": Badge(_("Step %(n)s of %(all)s") % {"n": step, "all": STEPS}, "info"), "buttons": [button]}
