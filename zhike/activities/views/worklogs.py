"""Pages of work logs: drafted from the facts, handed in, read, commented."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.pages import formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.forms import LookupField
from zhike.pages.parts import Badge, Button, Card, Fact, Mini
from zhike.records import guard, options, registry

from .. import actions
from ..actions import worklogs
from ..status import WORKLOG

NAMES = {"customers": gettext_lazy("customers met"), "tasks": gettext_lazy("tasks done"), "won": gettext_lazy("won opportunities"), "won_amount": gettext_lazy("won amount")}


class WorkLogPage(DetailPage):
    kind_name = "worklog"
    menu = "workbench"
    place = "worklogs"

    def subtitle(self) -> Any:
        lang = get_language() or "zh-hans"
        row = self.row
        span = formats.d(row.first_day, lang) if row.period == "daily" else f"{formats.d(row.first_day, lang)} – {formats.d(row.last_day, lang)}"
        return f"{row.owner} · {span}"

    def badges(self) -> list[Badge]:
        found = super().badges()
        if self.row.need_help:
            found.append(Badge(_("Help is needed"), "bad"))
        return found

    def actions(self) -> list[Button]:
        row, mine = self.row, self.row.owner_id == self.user.pk
        address = lambda move: reverse("worklog-step", args=[row.pk, move])  # noqa: E731
        buttons = []
        if mine and guard.can_edit(self.user, row):
            if row.status in ("draft", "submitted"):
                buttons.append(Button(_("Edit"), self.kind.action_url("edit", row), "pencil", "d", key="e", phone=True))
            if row.status == "draft":
                buttons.append(Button(_("Add what is new"), reverse("worklog-refresh", args=[row.pk]), "repeat", dialog=True, phone=True))
            buttons.append(Button(_("Who else reads it"), reverse("worklog-readers", args=[row.pk]), "users", dialog=True, menu=True))
        buttons += [button for contribution in self.kind.buttons for button in contribution(self)]
        for move in WORKLOG.allowed(row):
            if mine is (move.name in ("submit", "withdraw")):
                main = move.name in ("submit", "comment")
                buttons.append(Button(move.label, address(move.name), "check" if main else "", "p" if main else "d", dialog=True, phone=True))
        return buttons

    def fill_summary(self, parts: DetailParts) -> None:
        super().fill_summary(parts)
        row, lang = self.row, get_language() or "zh-hans"
        facts = []
        if row.submitted_at:
            facts.append(Fact(_("submitted at"), formats.full(row.submitted_at, lang)))
        if row.read_at:
            facts.append(Fact(_("read by"), str(row.read_by or "—"), hint=formats.near(row.read_at, lang)))
        if facts:
            parts.rail.append(Card(_("Way of the log"), key="way", facts=facts))
        if row.figures:
            parts.rail.append(Card(_("Figures of the period"), key="figures", sub=_("counted when it was submitted"), facts=self._figures(lang)))
        people = [Mini(str(user), sub=_("reads"), avatar=str(user)[:1]) for user in worklogs.readers(row)]
        if people:
            parts.rail.append(Card(_("Who else reads it"), key="readers", minis=people))

    def _figures(self, lang: str) -> list[Fact]:
        """Each figure opens its list."""
        row, types = self.row, options.labels("activity_type", lang)
        span = f"owner={row.owner_id}&status=done&at__from={row.first_day}&at__to={row.last_day}"
        found = []
        for key, n in row.figures.items():
            what, _colon, name = key.partition(":")
            url = ""
            if what == "type":
                label, url = capfirst(types.get(name, name)), f"{reverse('activity-list')}?{span}&type={name}"
            elif what == "new":
                label = _("new: %(kind)s") % {"kind": registry.kind(name).plural}
            else:
                label = NAMES.get(key, key)
                url = f"{reverse('activity-list')}?{span}" if key == "customers" else ""
                if key in ("won", "won_amount"):
                    if self.access.field_mode("opportunity", key if key == "won_amount" else "status") not in ("", "read") or not self.access.may("opportunity", "view"):
                        continue
                    url = f"{reverse('opportunity-list')}?status=won&owner={row.owner_id}&won_at__from={row.first_day}&won_at__to={row.last_day}"
                    if key == "won_amount":
                        found.append(Fact(label, formats.wan(n, lang), url=url))
                        continue
                if key == "tasks":
                    url = f"{reverse('task-list')}?owner={row.owner_id}&finished_at__from={row.first_day}&finished_at__to={row.last_day}"
            found.append(Fact(label, str(n), url=url if n else ""))
        return found


class NewWorkLogPage(NewPage):
    """Begin a log: the draft is made from the facts; a period that has one already opens it."""

    kind_name = "worklog"

    def defaults(self) -> dict[str, Any]:
        return {"first_day": clock.today(), **super().defaults()}

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        form.fields["first_day"].label = _("A day of the period")
        return form

    def perform(self) -> str:
        values = self.form.values()
        row = actions.open_log(period=values["period"], day=values["first_day"], by=self.user)
        return self.kind.action_url("edit", row) if row.status == "draft" else self.kind.url(row)

    def toast(self) -> dict[str, Any] | None:
        return None


class EditWorkLogPage(EditPage):
    kind_name = "worklog"
    menu = "workbench"
    place = "worklogs"


class StepForm(django_forms.Form):
    text = django_forms.CharField(label=gettext_lazy("Comment"), required=False, max_length=4000, widget=django_forms.Textarea(attrs={"rows": 3}))


class StepPage(ActionPage):
    """Hand a log in, take it back, mark it as read, comment on it."""

    kind_name = "worklog"
    permission = "view"

    def prepare(self, pk: int | None = None) -> None:
        self.rows = [self.visible_or_404(self.kwargs["pk"])]
        self.move = self.kwargs["move"]
        if self.move not in WORKLOG.moves:
            raise Http404
        self.form_class = StepForm if self.move == "comment" else django_forms.Form  # type: ignore[misc]

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = super().make_form(data)
        if "text" in form.fields:
            form.fields["text"].required = True
        return form

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = WORKLOG.moves[self.move].label
        return made

    def title(self) -> Any:
        return formats.labelled(WORKLOG.moves[self.move].label, self.row)

    def run(self, values: dict[str, Any]) -> str | None:
        if self.move == "comment":
            actions.comment_log(self.row, text=values["text"], by=self.user)
        else:
            {"submit": actions.submit_log, "withdraw": actions.withdraw_log, "read": actions.read_log}[self.move](self.row, by=self.user)
        return self.left_at(reverse("home"))


class RefreshPage(ActionPage):
    """Bring a draft up to date with what was recorded since."""

    kind_name = "worklog"
    title_text = gettext_lazy("Add what is new")
    submit_text = gettext_lazy("Add")

    def text(self) -> Any:
        news = [line for lines in worklogs.news_of(self.row).values() for line in lines] if self.row.owner_id == self.user.pk else []
        if not news:
            return _("Everything that was recorded stands in it already.")
        return _("What you have written stays. %(n)s lines are added, the first of them: %(line)s") % {"n": len(news), "line": news[0].removeprefix("- ")}

    def run(self, values: dict[str, Any]) -> str | None:
        actions.refresh_log(self.row, by=self.user)
        return None


class ReadersPage(ActionPage):
    """Choose who else reads one's log."""

    kind_name = "worklog"
    stored = True
    title_text = gettext_lazy("Who else reads it")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        self.offered = {user.pk: user for user in worklogs.readers(self.row)}
        form.fields["people"] = django_forms.MultipleChoiceField(
            label=_("Readers"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(str(pk), str(user)) for pk, user in self.offered.items()], initial=[str(pk) for pk in self.offered])
        form.fields["more"] = LookupField(registry.kind("user"), self.user, label=_("Another colleague"), required=False, query="active=1")
        form.fields["more"].offer(data.get("more") if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        users = [self.offered[int(pk)] for pk in values["people"]] + ([values["more"]] if values["more"] else [])
        actions.set_readers(self.row, users, by=self.user)
        return None
