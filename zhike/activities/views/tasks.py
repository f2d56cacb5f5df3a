"""Pages of tasks."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.org.calendar import add_workdays
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditParts, NewPage
from zhike.pages.forms import DateTimeField, LookupField
from zhike.pages.parts import Badge, Button, Card, Fact, Mini, Notice
from zhike.pages.views import PostView
from zhike.records import guard, registry

from .. import actions
from ..actions import tasks
from ..models.tasks import OPEN
from ..status import TASK, task_move
from .activities import day_pages

ICONS = {"refuse": "ban", "cancel": "x", "reopen": "arrow-back-up"}


class TaskPage(DetailPage):
    kind_name = "task"
    menu = "workbench"
    place = "tasks"

    def subtitle(self) -> Any:
        return Markup("{} → {}").format(self.row.giver, self.row.owner)

    def facts(self) -> list[Fact]:
        """Until when, who for whom, and how far it is, before anything is opened."""
        lang = get_language() or "zh-hans"
        made = {"due_at": Fact(_("due"), formats.full(self.row.due_at, lang), tone="bad" if self.row.overdue else ""),
                "owner": Fact(_("assignee"), cells.person(self.row.owner)), "giver": Fact(_("given by"), cells.person(self.row.giver))}
        if self.row.checklist or self.row.progress:
            made["progress"] = Fact(_("progress"), f"{self.row.progress}%")
        found = [fact for name, fact in made.items() if self.access.field_mode("task", name) in ("", "read")]
        return [*found, *super().facts()]

    def actions(self) -> list[Button]:
        buttons = super().actions()
        mine, given = self.row.owner_id == self.user.pk, self.row.giver_id == self.user.pk
        for move in TASK.allowed(self.row):
            if mine if move.name in ("accept", "refuse", "finish") else given:
                primary = move.name in ("finish", "confirm") if self.row.status != "open" else move.name == "accept"
                buttons.append(Button(task_move(move.name, self.row.status), reverse("task-step", args=[self.row.pk, move.name]),
                                      "check" if primary else ICONS.get(move.name, ""), "p" if primary else "d", dialog=True, menu=move.name in ("refuse", "cancel", "reopen"), phone=primary))
        if guard.can_edit(self.user, self.row):
            address = lambda name: reverse(f"task-{name}", args=[self.row.pk])  # noqa: E731
            if self.row.status in OPEN:
                buttons.append(Button(_("Checklist"), address("checklist"), "list-details", dialog=True, menu=True))
                buttons.append(Button(_("Add a part"), f"{reverse('task-new')}?parent={self.row.pk}", "plus", menu=True))
            buttons.append(Button(_("Followers"), address("followers"), "users", dialog=True, menu=True))
        return buttons

    def badges(self) -> list[Badge]:
        found = super().badges()
        if self.row.overdue:
            found.append(Badge(_("overdue"), "bad"))
        return found

    def fill_summary(self, parts: DetailParts) -> None:
        super().fill_summary(parts)
        if self.row.checklist:
            parts.main.append(Card(_("Checklist"), key="checklist", count=f"{self.row.progress}%", template="activities/checklist.html", data={
                "points": self.row.checklist, "url": reverse("task-tick", args=[self.row.pk]),
                "open": self.row.status in OPEN and guard.can_edit(self.user, self.row)}))
        below = self.kind.visible(self.user).filter(parent=self.row).order_by("due_at", "pk")[:50]
        minis = [Mini(row.title, self.kind.url(row), sub=str(row.owner), badge=Badge(TASK.label(row.status), TASK.tone(row.status))) for row in below]
        if minis:
            parts.main.append(Card(_("Parts of the task"), key="parts", minis=minis))
        related = []
        if self.row.parent_id and (above := self.kind.visible(self.user).filter(pk=self.row.parent_id).first()):
            related.append(Mini(above.title, self.kind.url(above), sub=_("part of the task")))
        found = tasks.about(self.row, self.user)
        if found is not None:
            kind = registry.kind_of(found)
            related.append(Mini(str(found), kind.url(found), sub=str(kind.label)))
        if related:
            parts.rail.append(Card(_("What it is about"), key="about", minis=related))
        people = [Mini(str(user), sub=_("follows"), avatar=str(user)[:1]) for user in tasks.followers(self.row)]
        if people:
            parts.rail.append(Card(_("Followers"), key="followers", minis=people))


class TaskForm(django_forms.Form):
    result = django_forms.CharField(required=False, max_length=2000, widget=django_forms.Textarea(attrs={"rows": 3}))


class TaskStepPage(ActionPage):
    """Accept, refuse, finish, confirm, reopen or cancel a task."""

    kind_name = "task"
    permission = "view"
    form_class = TaskForm

    def prepare(self, pk: int | None = None) -> None:
        row = self.visible_or_404(self.kwargs["pk"])
        if self.kwargs["move"] not in TASK.moves:
            raise Http404
        self.rows = [row]

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = task_move(self.kwargs["move"], self.row.status)
        return made

    def title(self) -> Any:
        return formats.labelled(task_move(self.kwargs["move"], self.row.status), self.row)

    def notices(self) -> list[Notice]:
        """Who hands in a task reads what of its checklist is not ticked."""
        left = [text for text, done in self.row.checklist if not done] if self.kwargs["move"] == "finish" else []
        return [Notice(_("Not ticked yet: %(points)s") % {"points": formats.listed(left[:10])}, "wait", "alert-triangle")] if left else []

    def make_form(self, data: Any = None) -> Any:
        form, move = super().make_form(data), self.kwargs["move"]
        form.fields["result"].label = {"finish": _("Result"), "refuse": _("Reason"), "cancel": _("Reason"), "reopen": _("What is to be done")}.get(move, _("Note"))
        form.fields["result"].required = move == "refuse"
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.move_task(self.row, self.kwargs["move"], by=self.user, result=values["result"])
        return self.left_at(*day_pages())

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” is now: %(state)s") % {"row": self.row, "state": TASK.label(self.row.status)}, "tone": "good"}


class DueForm(django_forms.Form):
    to = DateTimeField(label=gettext_lazy("New time"))


class DuePage(ActionPage):
    """Give a task another time; the calendar posts here what was dragged."""

    kind_name = "task"
    form_class = DueForm
    stored = True
    title_text = submit_text = gettext_lazy("Move to another time")

    def initial(self) -> dict[str, Any]:
        return {"to": self.row.due_at}

    def run(self, values: dict[str, Any]) -> str | None:
        actions.move_due(self.row, to=values["to"], by=self.user)
        return self.left_at(*day_pages())

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” moved to %(day)s") % {"row": self.row, "day": formats.full(self.row.due_at)}, "tone": "good"}


class NewTaskPage(NewPage):
    """Give a task; `?about=contact-12` names the record of any kind that it is about."""

    kind_name = "task"

    def defaults(self) -> dict[str, Any]:
        """Until the evening of the next working day, for oneself, until something else is said."""
        due = datetime.combine(add_workdays(clock.today(), 1), time(18), tzinfo=clock.zone())
        return {"due_at": due, **super().defaults()}

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        form.fields["points"] = django_forms.CharField(label=_("Checklist"), help_text=_("One point a line"), required=False, max_length=12_000,
                                                       widget=django_forms.Textarea(attrs={"rows": 4}))
        return form

    def more(self) -> list[str]:
        found = super().more()
        return [*found[:1], "points", *found[1:]]

    def about(self) -> tuple[str, int] | None:
        name, _dash, number = self.request.GET.get("about", "").rpartition("-")
        if not registry.has(name) or not number.isascii() or not number.isdigit() or len(number) > 18:
            return None
        return name, int(number)

    def parts(self) -> EditParts:
        made = super().parts()
        made.post_url = self.request.get_full_path()
        if found := self.about():
            row = registry.kind(found[0]).visible(self.user).filter(pk=found[1]).first() if self.access.may(found[0], "view") else None
            if row is not None:
                made.warnings = [Notice(_("About “%(record)s”. Whoever gets the task may read it; its owner is told.") % {"record": row})]
        return made

    def build(self, values: dict[str, Any]) -> Any:
        row = super().build(values)
        if found := self.about():
            row.about_kind, row.about_id = found
        row.checklist = [[point, False] for point in tasks.points_of(self.form.cleaned_data["points"].splitlines())]
        return row


class ChecklistForm(django_forms.Form):
    points = django_forms.CharField(label=gettext_lazy("One point a line"), required=False, max_length=12_000,
                                    widget=django_forms.Textarea(attrs={"rows": 8}))


class ChecklistPage(ActionPage):
    """Say what a task consists of."""

    kind_name = "task"
    form_class = ChecklistForm
    stored = True
    title_text = gettext_lazy("Checklist")
    submit_text = gettext_lazy("Save")

    def initial(self) -> dict[str, Any]:
        return {"points": "\n".join(text for text, _done in self.row.checklist)}

    def run(self, values: dict[str, Any]) -> str | None:
        actions.set_checklist(self.row, values["points"].splitlines(), by=self.user)
        return None


class TickPage(PostView):
    """Tick a point of a checklist, or take the tick off."""

    kind_name = "task"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(self.kwargs["pk"])
        return super().post(request)

    def perform(self) -> str:
        text = self.request.POST.get("point", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
        actions.tick_point(self.row, number, done=self.request.POST.get("done") == "1", by=self.user)
        return f"{self.kind.url(self.row)}#card-checklist"


class FollowersPage(ActionPage):
    """Choose who follows a task."""

    kind_name = "task"
    more = ("more", "more2", "more3")  # several at once
    stored = True
    title_text = gettext_lazy("Followers")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        there = tasks.followers(self.row)
        self.offered = {user.pk: user for user in there}
        if there:
            form.fields["people"] = django_forms.MultipleChoiceField(
                label=_("Followers"), required=False, widget=django_forms.CheckboxSelectMultiple,
                choices=[(str(pk), str(user)) for pk, user in self.offered.items()], initial=[str(pk) for pk in self.offered])
        for name in self.more:
            form.fields[name] = LookupField(registry.kind("user"), self.user, label=_("Another colleague"), required=False, query="active=1")
            form.fields[name].offer(data.get(name) if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        users = [self.offered[int(pk)] for pk in values.get("people", [])] + [values[name] for name in self.more if values[name]]
        actions.set_followers(self.row, users, by=self.user)
        return None
