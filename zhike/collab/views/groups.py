"""Pages of discussion groups: one's groups with what is unread, a group with its members and records."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms as django_forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.pages import formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.forms import LookupField
from zhike.pages.lists import ListPage
from zhike.pages.parts import Badge, Button, Card, Fact, Mini, Notice, Table
from zhike.pages.views import PostView
from zhike.records import guard, registry

from ..actions import groups
from ..models import GroupRecord


class GroupListPage(ListPage):
    """One's groups, those with the newest words first; how much is unread stands behind the name."""

    kind_name = "discussion_group"

    def table(self, params: dict[str, list[str]], found: Any) -> Table:
        table = super().table(params, found)
        new = groups.unread_in([row.id for row in table.rows], by=self.user) if table.rows else {}
        for row in table.rows:
            if row.id in new and row.cells:
                mark = Markup(' <span class="bg info">{}</span>').format(_("%(n)s unread") % {"n": new[row.id]})
                row.cells[0].html = Markup(row.cells[0].html) + mark
        return table


class GroupPage(DetailPage):
    """A group: its discussion first, beside it what it is for, who belongs to it and which records it talks about."""

    kind_name = "discussion_group"
    menu, place = "workbench", "groups"

    def tab_specs(self) -> list[TabSpec]:
        specs = super().tab_specs()
        talk = next(spec for spec in specs if spec.key == "discussion")

        def fill(page: GroupPage, parts: DetailParts) -> None:
            talk.fill(page, parts)
            if groups.unread_in([page.row.pk], by=page.user):
                # The browser says so itself once it has drawn the words: a page fetched ahead of a click reads nothing.
                parts.main[-1].data.seen_url = reverse("discussion_group-seen", args=[page.row.pk])
            page.beside(parts)

        first = TabSpec("discussion", talk.label, fill, count=talk.count)
        return [first, *(spec for spec in specs if spec.key not in ("summary", "discussion", "timeline"))]

    def badges(self) -> list[Badge]:
        return [Badge(self.row.get_status_display(), "neutral" if self.row.closed else "good")]

    def subtitle(self) -> Any:
        return _("Owner: %(user)s") % {"user": self.row.owner}

    def notices(self) -> list[Notice]:
        return [Notice(_("This group is closed: its words can be read, nothing new is said."), "info")] if self.row.closed else []

    def actions(self) -> list[Button]:
        def go(name: str, label: Any, icon: str, **more: Any) -> Button:
            return Button(label, reverse(f"discussion_group-{name}", args=[self.row.pk]), icon, dialog=True, **more)

        buttons = []
        if guard.can_edit(self.user, self.row):
            buttons.append(go("members", _("Members"), "users", phone=True))
            buttons.append(Button(_("Edit"), self.kind.action_url("edit", self.row), "pencil", key="e", menu=True))
            buttons.append(go("switch", _("Open again") if self.row.closed else _("Close the group"), "lock-open" if self.row.closed else "lock", menu=True))
            if guard.can_edit(self.user, self.row, "transfer"):
                buttons.append(go("transfer-one", _("Transfer"), "user-share", menu=True))
        if self.row.owner_id != self.user.pk and any(user.pk == self.user.pk for user in self.members):
            buttons.append(go("leave", _("Leave the group"), "arrow-right", menu=True))
        return [*buttons, *(button for more in self.kind.buttons for button in more(self))]

    @property
    def members(self) -> list[Any]:
        if not hasattr(self, "_members"):
            self._members = groups.members(self.row)
        return self._members

    def beside(self, parts: DetailParts) -> None:
        """The cards beside the discussion."""
        row = self.row
        parts.layout = "c2"
        if row.purpose:
            parts.rail.append(Card(_("Purpose"), key="purpose", facts=[Fact(_("purpose"), row.purpose)]))
        people = [Mini(str(row.owner), sub=_("owner"), avatar=str(row.owner)[:1])]
        people += [Mini(str(user), sub="" if user.is_active else _("disabled"), avatar=str(user)[:1]) for user in self.members]
        if row.department_id:
            people.append(Mini(str(row.department), sub=_("whole department")))
        parts.rail.append(Card(_("Members"), key="members", minis=people))
        may = guard.can_edit(self.user, row)
        minis = []
        for link, record in groups.tied(row, self.user):
            kind = registry.kind(link.kind)
            off = Button(_("Take out of the group"), reverse("discussion_group-untie", args=[row.pk, link.pk]), "x", dialog=True)
            minis.append(Mini(str(record), kind.url(record) if kind.pages else "", sub=str(kind.label),
                              buttons=[off] if may or link.created_by_id == self.user.pk else []))
        parts.rail.append(Card(_("Talks about"), key="records", minis=minis,
                               empty=_("No records yet. On the page of a record, “Talk about it in a group” puts it here.")))


class SeenPage(PostView):
    """The words of a group have been drawn before somebody's eyes, up to the one with the number `last`."""

    kind_name = "discussion_group"
    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def perform(self) -> str:
        row = self.visible_or_404(self.kwargs["pk"])
        text = self.request.POST.get("last", "")
        if text.isascii() and text.isdigit() and len(text) <= 18:
            groups.mark_read(row, by=self.user, last=int(text))
        return self.kind.url(row)

    def done(self, url: str) -> HttpResponse:
        return HttpResponse(status=204) if self.is_fragment else super().done(url)


class MembersPage(ActionPage):
    """Say who belongs to one's group."""

    kind_name = "discussion_group"
    stored = True
    title_text = gettext_lazy("Members")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        self.offered = {user.pk: user for user in groups.members(self.row)}
        form.fields["people"] = django_forms.MultipleChoiceField(
            label=_("Members"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(str(pk), str(user)) for pk, user in self.offered.items()], initial=[str(pk) for pk in self.offered])
        for name, label in (("more", _("Another colleague")), ("one_more", _("And another"))):
            form.fields[name] = LookupField(registry.kind("user"), self.user, label=label, required=False, query="active=1")
            form.fields[name].offer(data.get(name) if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        users = [self.offered[int(pk)] for pk in values["people"]] + [values[name] for name in ("more", "one_more") if values[name]]
        groups.set_members(self.row, users, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Members changed"), "tone": "good"}


class SwitchGroupPage(ActionPage):
    """Close a group, or open it again."""

    kind_name = "discussion_group"

    def title(self) -> Any:
        return formats.labelled(_("Open again") if self.row.closed else _("Close the group"), self.row)

    def text(self) -> Any:
        return "" if self.row.closed else _("Nothing more is said in it; what was said stays to be read and found. Its members are told.")

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = _("Open again") if self.row.closed else _("Close the group")
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        groups.switch_group(self.row, by=self.user)
        return None


class LeaveGroupPage(ActionPage):
    """Leave a group one was picked for."""

    kind_name = "discussion_group"
    title_text = submit_text = gettext_lazy("Leave the group")
    style = "x"

    def prepare(self, pk: int | None = None) -> None:
        self.rows = [self.visible_or_404(self.kwargs["pk"])]

    def text(self) -> Any:
        return _("You do not see it any more, until its owner takes you in again. What you have written stays.")

    def run(self, values: dict[str, Any]) -> str | None:
        groups.leave_group(self.row, by=self.user)
        return self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("You have left the group"), "tone": "good"}


class TiePage(ActionPage):
    """Put a record into one of one's groups."""

    title_text = gettext_lazy("Talk about it in a group")
    submit_text = gettext_lazy("Put into the group")

    def prepare(self, pk: int | None = None) -> None:
        if not self.access.may("discussion_group", "view"):
            raise Http404
        self.rows = [self.visible_or_404(self.kwargs["pk"])]

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["group"] = LookupField(registry.kind("discussion_group"), self.user, label=_("Discussion group"))
        form.fields["group"].offer(data.get("group") if data else None)  # type: ignore[attr-defined]
        return form

    def text(self) -> Any:
        return _("Its members see the link where they may see the record; nobody gets to see more by it.")

    def run(self, values: dict[str, Any]) -> str | None:
        groups.tie_record(values["group"], self.row, by=self.user)
        return registry.kind("discussion_group").url(values["group"])


class UntiePage(ActionPage):
    """Take a record out of a group."""

    kind_name = "discussion_group"
    title_text = submit_text = gettext_lazy("Take out of the group")

    def prepare(self, pk: int | None = None) -> None:
        self.rows = [self.visible_or_404(self.kwargs["pk"])]
        # Also what one may not see is "not found": a link to it would say that it exists.
        found = {link.pk: link for link, _record in groups.tied(self.row, self.user)}
        if self.kwargs["link"] not in found:
            raise Http404
        self.link: GroupRecord = found[self.kwargs["link"]]

    def run(self, values: dict[str, Any]) -> str | None:
        groups.untie_record(self.link, self.row, by=self.user)
        return None
