"""Deleting on the pages of the kinds that may be, and the way to the trash."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.org.access import access_of
from zhike.pages import changes, lists, menus
from zhike.pages.parts import Button
from zhike.records import guard, registry
from zhike.records.kinds import Kind

changes.verbs.add("trash", (gettext_lazy("Deleted"), "trash", "bad"))
changes.verbs.add("restore", (gettext_lazy("Brought back"), "arrow-back-up", "good"))


def _may_delete(user: Any) -> bool:
    access = access_of(user)
    return any(kind.deletable and access.may(kind.name, "delete") for kind in registry.kinds())


menus.place("workbench", "trash", gettext_lazy("Trash"), "trash", order=900, allowed=_may_delete)


def _button(page: Any) -> list[Button]:
    if not guard.can_edit(page.user, page.row, "delete"):
        return []
    return [Button(_("Delete"), page.kind.action_url("delete", page.row), "trash", "x", dialog=True, menu=True)]


def _bulk(page: Any) -> list[Button]:
    if not page.kind.deletable or not page.access.may(page.kind.name, "delete"):
        return []
    return [Button(_("Delete"), page.kind.action_url("delete-many"), "trash", "g", dialog=True)]


lists.bulk_buttons.add("trash", _bulk, order=300)


def add_to(kind: Kind) -> None:
    if kind.deletable:
        kind.buttons.add("delete", _button, order=95)
