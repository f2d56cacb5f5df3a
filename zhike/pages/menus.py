"""The menu bar: nine places, filled by the apps from their `slots` rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.base.slots import Slot
from zhike.records import routes


@dataclass(slots=True)
class Place:
    """A child of a menu: shown to those who may do `action` with `kind`."""

    key: str
    label: Any
    url_name: str
    kind: str = ""
    action: str = "view"
    query: str = ""
    allowed: Callable[[Any], bool] | None = None

    def url(self) -> str:
        return routes.address(self.url_name) + (f"?{self.query}" if self.query else "")

    def open_to(self, access: Any) -> bool:
        if self.allowed is not None and not self.allowed(access.user):
            return False
        return not self.kind or access.may(self.kind, self.action)


@dataclass(slots=True)
class Menu:
    key: str
    label: Any
    icon: str
    places: Slot[Place] = field(init=False)

    def __post_init__(self) -> None:
        self.places = Slot(f"menu.{self.key}")


MENUS = {
    menu.key: menu
    for menu in (
        Menu("workbench", _("Workbench"), "layout-dashboard"),
        Menu("customers", _("Customers"), "building"),
        Menu("opportunities", _("Opportunities"), "target-arrow"),
        Menu("quotes", _("Quotes and contracts"), "file-invoice"),
        Menu("orders", _("Orders"), "truck-delivery"),
        Menu("service", _("Service"), "tool"),
        Menu("marketing", _("Marketing"), "speakerphone"),
        Menu("analysis", _("Plans and analysis"), "chart-histogram"),
        Menu("settings", _("Settings"), "settings"),
    )
}


def kinds_in(menu: Menu, access: Any) -> list[str]:
    """The kinds whose lists stand in a menu, as far as they are open to the person."""
    return [item.kind for item in menu.places if item.url_name == f"{item.kind}-list" and item.open_to(access)]


# "needs me" counts beside a menu: name of the menu → function(user) giving a number
needs_me: Slot[tuple[str, Callable[[Any], int]]] = Slot("menus.needs_me")
# what "New" offers: Place whose kind's `add` right decides
new_items: Slot[Place] = Slot("menus.new")
# unread messages for the bell: function(user) → number
unread: Slot[Callable[[Any], int]] = Slot("menus.unread")


def place(menu: str, key: str, label: Any, url_name: str, *, order: int = 100, **more: Any) -> Place:
    """Put a page into the menu bar."""
    return MENUS[menu].places.add(key, Place(key, label, url_name, **more), order=order)

# Pending work on the workbench: function(user) → (key, label, rows) for each kind of work; rows as `workbench/home.html` draws them.
pending_work: Slot[Callable[[Any], list[tuple[str, Any, list[dict[str, Any]]]]]] = Slot("workbench.pending_work")
