"""Pages of activities and tasks, and the composer on a customer's page."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.pages import cells
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage
from zhike.pages.edits import NewPage
from zhike.pages.forms import DateField
from zhike.pages.parts import Button
from zhike.pages.views import PostView, with_toast
from zhike.records import guard, options, registry, undo
from zhike.records.attrs import Attr

from . import actions
from .models import Activity
from .status import TASK

TYPES = ("phone", "visit", "meeting", "wechat", "email", "note")


class ActivityPage(DetailPage):
    kind_name = "activity"
    menu = "customers"
    place = "activities"

    def subtitle(self) -> Any:
        return cells.text(self.kind, self.kind.attr("customer"), self.row, self.access)

    def actions(self) -> list[Button]:
        buttons = super().actions()
        if self.row.status in ("planned", "in_progress") and guard.can_edit(self.user, self.row):
            buttons.append(Button(_("Cancel activity"), reverse("activity-cancel", args=[self.row.pk]), "ban", "x", dialog=True, menu=True))
            buttons.append(Button(_("Finish"), reverse("activity-finish", args=[self.row.pk]), "check", "p", dialog=True, phone=True))
        return buttons


class FinishForm(django_forms.Form):
    content = django_forms.CharField(label=gettext_lazy("What came of it"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=5000)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from django.utils.translation import get_language

        found = options.labels("activity_result", get_language() or "zh-hans", enabled_only=True)
        self.fields["result"] = django_forms.ChoiceField(label=_("Result"), choices=[("", "—"), *found.items()], required=False)


class FinishPage(ActionPage):
    kind_name = "activity"
    form_class = FinishForm
    title_text = submit_text = gettext_lazy("Finish")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.finish_activity(self.row, by=self.user, **values)
        return None


class CancelPage(ActionPage):
    kind_name = "activity"
    title_text = submit_text = gettext_lazy("Cancel activity")
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.cancel_activity(self.row, by=self.user)
        return None


class QuickPage(PostView):
    """The workbench's one-press actions on a planned activity: done, or tomorrow."""

    kind_name = "activity"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row: Activity = self.visible_or_404(self.kwargs["pk"])
        return super().post(request)

    def perform(self) -> str:
        at = self.row.at.isoformat()
        if self.request.POST.get("do") == "later":
            actions.postpone_activity(self.row, days=1, by=self.user)
            self.text = _("“%(row)s” moved to tomorrow") % {"row": self.row}
        else:
            actions.finish_activity(self.row, by=self.user)
            self.text = _("“%(row)s” done") % {"row": self.row}
        self.undo_url = undo.url(self.user, "activities.restore", id=self.row.pk, version=self.row.version, at=at)
        return "/"

    def done(self, url: str) -> HttpResponse:
        if self.is_fragment:
            return with_toast(HttpResponse(""), self.text, undo_url=self.undo_url)
        return super().done(url)

    def toast(self) -> dict[str, Any] | None:
        return {"text": self.text, "tone": "good", "undo_url": self.undo_url}


class LogForm(django_forms.Form):
    """The composer's fields; links are checked against what the person may see."""

    type = django_forms.CharField(max_length=20)
    content = django_forms.CharField(max_length=5000, required=False)
    contact = django_forms.IntegerField(required=False, min_value=1, max_value=2**62)
    opportunity = django_forms.IntegerField(required=False, min_value=1, max_value=2**62)
    result = django_forms.CharField(max_length=20, required=False)
    next_on = DateField(required=False)


class LogPage(PostView):
    """Record a follow-up from the composer of a customer's or an opportunity's page."""

    kind_name = "customer"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.customer: Customer = self.visible_or_404(self.kwargs["pk"])
        guard.require(self.user, registry.kind("activity"), "add")
        return super().post(request)

    def perform(self) -> str:
        form = LogForm(self.request.POST)
        if not form.is_valid():
            name, texts = next(iter(form.errors.items()))
            raise Refused(" ".join(str(text) for text in texts), field=name)
        given = form.cleaned_data
        contact = self._one(Contact, given["contact"])
        opportunity = self._one(Opportunity, given["opportunity"])
        at = datetime.combine(given["next_on"], time(9), tzinfo=clock.zone()) if given["next_on"] else None
        actions.log_activity(customer=self.customer, type=given["type"], content=given["content"], by=self.user,
                             contact=contact, opportunity=opportunity, result=given["result"], next_contact_at=at)
        if opportunity is not None and self.request.POST.get("back") == "opportunity":
            return reverse("opportunity-tab", args=[opportunity.pk, "activities"])
        return self.kind.url(self.customer)

    def _one(self, model: Any, pk: int | None) -> Any:
        if not pk:
            return None
        found = model.objects.visible_to(self.user).filter(pk=pk, customer=self.customer).first()
        if found is None:
            raise Refused(_("Choose one from the list."))
        return found

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Follow-up saved"), "tone": "good"}


class LogAnywherePage(NewPage):
    """Record a follow-up from anywhere: the customer is chosen in the form."""

    kind_name = "activity"
    menu = "customers"
    place = "activities"
    required = ("customer", "content", "type")
    FIELDS = ("customer", "type", "content", "contact", "opportunity", "result", "next_contact_at", "next_action")

    def attrs(self) -> list[Attr]:
        return self.kind.writable(self.FIELDS, self.access)

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", list(self.FIELDS))]

    def more(self) -> list[str]:
        return []

    def defaults(self) -> dict[str, Any]:
        return {"type": "phone", **super().defaults()}

    def title(self) -> Any:
        return _("Log a follow-up")

    def submit_label(self) -> Any:
        return _("Save follow-up")

    def perform(self) -> str:
        row = actions.log_activity(**self.form.values(), by=self.user)
        return registry.kind("customer").url(row.customer_id)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Follow-up saved"), "tone": "good"}


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
