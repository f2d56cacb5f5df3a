"""What is done with leads, one or many: assigning, taking, queueing, invalid and back."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.pages.actions import ActionPage
from zhike.pages.parts import Button
from zhike.records import guard, undo

from .. import actions
from ..forms import AssignForm, InvalidForm, QueueForm
from ..models import Lead


class LeadStep(ActionPage):
    """The common part of what happens to leads."""

    kind_name, menu, place = "lead", "marketing", "leads"
    many = True

    def seen(self) -> bool:
        """Whether the first of the leads is still the person's to see."""
        return Lead.objects.visible_to(self.user).filter(pk=self.row.pk).exists()

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.version = None
        return made


class AssignPage(LeadStep):
    permission = "assign"
    title_text = gettext_lazy("Assign leads")
    submit_text = gettext_lazy("Assign")

    def make_form(self, data: Any = None) -> Any:
        return AssignForm(data, user=self.user)

    def text(self) -> Any:
        return _("The new owner is told.")

    def run(self, values: dict[str, Any]) -> str | None:
        self.given = actions.assign_leads(self.rows, to=values["to"], reason=values["reason"], by=self.user)
        self.to = values["to"]
        return None if self.seen() else self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s leads assigned to %(user)s") % {"n": len(self.given), "user": self.to}, "tone": "good"}


class TakePage(LeadStep):
    """Take leads that wait. They need not be the person's to change yet."""

    permission = "take"
    title_text = gettext_lazy("Take leads")
    submit_text = gettext_lazy("Take")

    def prepare(self, pk: int | None = None) -> None:
        self.rows = [self.visible_or_404(pk)] if pk is not None else self._chosen()
        guard.require(self.user, self.kind, "take")
        if not self.rows:
            raise Http404

    def text(self) -> Any:
        return _("You will be the owner.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.take_leads(self.rows, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s leads are yours now") % {"n": len(self.rows)}, "tone": "good"}


class QueuePage(LeadStep):
    permission = "assign"
    title_text = gettext_lazy("Back into the queue")
    submit_text = gettext_lazy("Put into the queue")

    def make_form(self, data: Any = None) -> Any:
        return QueueForm(data, user=self.user)

    def run(self, values: dict[str, Any]) -> str | None:
        actions.queue_leads(self.rows, department=values["department"], reason=values["reason"], by=self.user)
        return None if self.seen() else self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s leads wait in the queue") % {"n": len(self.rows)}, "tone": "good"}


class InvalidatePage(LeadStep):
    form_class = InvalidForm
    title_text = gettext_lazy("Mark invalid")
    submit_text = gettext_lazy("Mark invalid")
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.invalidate_leads(self.rows, reason=values["reason"], remark=values["remark"], by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s leads are invalid") % {"n": len(self.rows)}, "tone": "good",
                "undo_url": undo.url(self.user, "leads.reopen", ids=[row.pk for row in self.rows])}


@undo.undoer("leads.reopen")
def _take_up(payload: dict[str, Any], *, by: Any) -> None:
    """Undo of marking leads invalid: those that still are and that the person may change."""
    rows = list(Lead.objects.visible_to(by).filter(pk__in=payload["ids"], status="invalid").order_by("pk"))
    if not rows:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    actions.reopen_leads(rows, by=by)


class ReopenPage(LeadStep):
    title_text = gettext_lazy("Take up again")
    submit_text = gettext_lazy("Take up again")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.reopen_leads(self.rows, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s leads are new again") % {"n": len(self.rows)}, "tone": "good"}


def bulk_buttons(page: Any) -> list[Button]:
    """What may be done with the chosen leads of a list."""
    if page.kind.name != "lead":
        return []
    found = []
    if page.access.may("lead", "assign"):
        found.append(Button(_("Assign"), page.kind.action_url("assign"), "user-share", "g", dialog=True))
    if page.access.may("lead", "take"):
        found.append(Button(_("Take"), page.kind.action_url("take"), "hand-grab", "g", dialog=True))
    if page.access.may("lead", "edit"):
        found.append(Button(_("Mark invalid"), page.kind.action_url("invalidate"), "ban", "g", dialog=True))
    return found
