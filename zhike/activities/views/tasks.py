"""Pages of tasks."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.pages import formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage
from zhike.pages.forms import DateTimeField
from zhike.pages.parts import Button

from .. import actions
from ..status import TASK


class TaskPage(DetailPage):
    kind_name = "task"
    menu = "workbench"
    place = "tasks"

    def subtitle(self) -> Any:
        return Markup("{} → {}").format(self.row.giver, self.row.owner)

    def actions(self) -> list[Button]:
        buttons = super().actions()
        mine, given = self.row.owner_id == self.user.pk, self.row.giver_id == self.user.pk
        for move in TASK.allowed(self.row):
            if mine if move.name in ("accept", "refuse", "finish") else given:
                primary = move.name in ("finish", "confirm")
                buttons.append(Button(move.label, reverse("task-step", args=[self.row.pk, move.name]), "check" if primary else "",
                                      "p" if primary else "d", dialog=True, menu=move.name in ("refuse", "cancel", "reopen"), phone=primary))
        return buttons


class TaskForm(django_forms.Form):
    result = django_forms.CharField(label=gettext_lazy("Note"), required=False, max_length=2000)


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
        made.submit_label = TASK.moves[self.kwargs["move"]].label
        return made

    def title(self) -> Any:
        return f"{TASK.moves[self.kwargs['move']].label}: {self.row}"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.move_task(self.row, self.kwargs["move"], by=self.user, result=values["result"])
        return None


class DueForm(django_forms.Form):
    to = DateTimeField(label=gettext_lazy("New time"))


class DuePage(ActionPage):
    """Give a task another time; the calendar posts here what was dragged."""

    kind_name = "task"
    form_class = DueForm
    title_text = submit_text = gettext_lazy("Move")

    def initial(self) -> dict[str, Any]:
        return {"to": self.row.due_at}

    def run(self, values: dict[str, Any]) -> str | None:
        actions.move_due(self.row, to=values["to"], by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” moved to %(day)s") % {"row": self.row, "day": formats.full(self.row.due_at)}, "tone": "good"}
