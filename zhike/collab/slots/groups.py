"""Discussion groups in the menu, and "talk about it in a group" on every record."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages import changes, menus
from zhike.pages.parts import Button
from zhike.records.kinds import Kind

from ..models import DiscussionGroup

changes.verbs.add("group-close", (gettext_lazy("Group closed"), "lock", "neutral"))
changes.verbs.add("group-open", (gettext_lazy("Group opened again"), "lock-open", "good"))
changes.verbs.add("group-tie", (gettext_lazy("Record put into the group"), "link", "info"))
changes.verbs.add("group-untie", (gettext_lazy("Record taken out of the group"), "link", "neutral"))
menus.place("workbench", "groups", gettext_lazy("Discussion groups"), "discussion_group-list", order=260, kind="discussion_group")
menus.new_items.add("discussion_group", menus.Place("discussion_group", gettext_lazy("New discussion group"), "discussion_group-new",
                                                    kind="discussion_group", action="add"), order=70)


def add_to(kind: Kind) -> None:
    if kind.name != DiscussionGroup.KIND:
        kind.buttons.add("group", _button, order=850)


def _button(page: Any) -> list[Button]:
    if not page.access.may(DiscussionGroup.KIND, "view"):
        return []
    return [Button(_("Talk about it in a group"), reverse(f"{page.kind.name}-group", args=[page.row.pk]), "messages", dialog=True, menu=True)]
