"""Handing records over, and letting colleagues into their team."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.records import along, ownership, registry, teams
from zhike.records.models import TeamGrant

from . import formats
from .actions import ActionPage
from .forms import DateField, LookupField

LEVELS = ((TeamGrant.READ, gettext_lazy("read only")), (TeamGrant.WRITE, gettext_lazy("read and write")))


class TransferPage(ActionPage):
    """Hand records over to a colleague, choosing what goes along and whether the former owner stays."""

    permission = "transfer"
    title_text = gettext_lazy("Transfer")
    submit_text = gettext_lazy("Transfer")
    many = True
    background = "records.transfer"

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["to"] = LookupField(registry.kind("user"), self.user, label=_("New owner"), query="active=1")
        offers = along.offers(self.kind, self.many_ids or [row.pk for row in self.rows], by=self.user)
        if offers:
            form.fields["children"] = django_forms.MultipleChoiceField(
                label=_("Also hand over"), required=False, widget=django_forms.CheckboxSelectMultiple,
                choices=[(offer.key, formats.aside(offer.label, f"{offer.count:,}")) for offer in offers], initial=[offer.key for offer in offers],
                help_text=_("What belongs to the same owner and is yours to hand over. Stages, follow-ups and history stay as they are."),
            )
        form.fields["stays"] = django_forms.ChoiceField(
            label=_("The former owner"), required=False,
            choices=[("", _("leaves")), *((level, _("stays in the team: %(right)s") % {"right": text}) for level, text in LEVELS)],
        )
        form.fields["stays_as"] = django_forms.ChoiceField(
            label=_("Stays as"), required=False, choices=[("", "—"), *teams.ROLES]
        )
        form.fields["reason"] = django_forms.CharField(label=_("Reason"), required=False, max_length=200)
        form.fields["to"].offer(data.get("to") if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        self.batch, self.after = uuid.uuid4().hex, ownership.mark()
        changed = ownership.transfer_rows(
            self.rows, to=values["to"], by=self.user, children=values.get("children", ()), stays=values["stays"],
            stays_as=values["stays_as"], reason=values["reason"], batch=self.batch,
        )
        self.moved, self.to = changed, values["to"]
        still = self.kind.model.objects.visible_to(self.user).filter(pk=self.row.pk).exists()
        return None if still else self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        toast: dict[str, Any] = {"text": _("%(n)s handed over to %(user)s") % {"n": len(self.moved), "user": self.to}, "tone": "good"}
        if self.moved:
            toast["undo_url"] = ownership.undo_url(self.user, self.batch, self.after)
        return toast


OUT = "out"


def right_text(grant: TeamGrant) -> str:
    """A member's role and right with its last day, or that the day is over."""
    right = str(grant.get_level_display())
    if grant.role:
        right = f"{teams.role_text(grant.role)}, {right}"
    if grant.expires_at is None:
        return right
    if grant.expires_at <= clock.now():
        return _("over")
    last = clock.local(grant.expires_at) - timedelta(seconds=1)
    return _("%(right)s until %(day)s") % {"right": right, "day": formats.d(last.date())}


class SharePage(ActionPage):
    """Let a colleague into the record's team, for good or to a day; change their right, or take them out."""

    permission = "transfer"
    title_text = gettext_lazy("Team")
    submit_text = gettext_lazy("Add to team")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["user"] = LookupField(registry.kind("user"), self.user, label=_("Colleague"), query="active=1")
        form.fields["level"] = django_forms.ChoiceField(
            label=_("Right"), choices=[*LEVELS, (OUT, _("take out of the team"))]
        )
        form.fields["role"] = django_forms.ChoiceField(label=_("Role in the team"), required=False, choices=[("", "—"), *teams.ROLES])
        form.fields["until"] = DateField(
            label=_("Until"), required=False, help_text=_("The last day it counts; it then ends by itself. Empty: without end.")
        )
        if not data:  # from the list of the team: somebody is meant already
            given = self.request.GET
            form.initial = {"user": given.get("user", ""), "level": given.get("level", "")}
        form.fields["user"].offer(data.get("user") if data else form.initial["user"])  # type: ignore[attr-defined]
        return form

    def text(self) -> Any:
        members = [formats.aside(grant.user, right_text(grant)) for grant in teams.team_of(self.row)]
        return _("In the team: %(list)s") % {"list": formats.listed(members)} if members else ""

    def run(self, values: dict[str, Any]) -> str | None:
        if values["level"] == OUT:
            if not teams.unshare_row(self.row, [values["user"]], by=self.user):
                raise Refused(_("%(user)s is not in the team.") % {"user": values["user"]}, field="user")
            return None
        teams.share_with(self.row, values["user"], level=values["level"], role=values["role"], until=values["until"], by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Team changed"), "tone": "good"}
