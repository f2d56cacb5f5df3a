"""The discussion group as a kind: list, page, form, search and API come from here."""

from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys, Section, View

from .actions import groups
from .models import DiscussionGroup

discussion_group = Kind(
    name="discussion_group", model=DiscussionGroup, label=_("discussion group"), plural=_("Discussion groups"), slug="discussion-groups",
    icon="messages", count_text=_("%(n)s groups"),
    attrs=[
        Attr("name"),
        Attr("owner", readonly=True),
        Attr("status", tones={DiscussionGroup.OPEN: "good", DiscussionGroup.CLOSED: "neutral"}, readonly=True),
        Attr("last_words_at", sort=True, never=clock.NEVER, readonly=True),
        Attr("department", type="department", to="department", priority=2),
    ],
    columns=["name", "last_words_at", "status", "owner", "department"],
    filters=["status", "owner"],
    order="-last_words_at",
    views=[View("open", _("Open ones"), "status=open"), View("mine", _("Mine"), "owner=me"), View("all", _("All"), "")],
    search=SearchKeys(names=("name", "purpose")),
    create=["name", "purpose", "department"],
    sections=[Section(_("Discussion group"), ["name", "purpose", "department"])],
    api=["name", "purpose", "owner", "department", "status", "last_words_at", "created_at"],
    actions=("view", "add", "edit", "transfer"),
    related=("owner", "owner_dept", "department"),
    created_by_action=groups.create_groups,
    changed_by_action=groups.change_group,
)
