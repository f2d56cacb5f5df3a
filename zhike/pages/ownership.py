"""Handing records over, and letting colleagues into their team."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.records import ownership, registry, teams
from zhike.records.models import TeamGrant

from .actions import ActionPage
from .forms import DateField, LookupField

SAMPLE = 200


class TransferPage(ActionPage):
    """Hand records over to a colleague, choosing what goes along."""

    permission = "transfer"
    title_text = gettext_lazy("Transfer")
    submit_text = gettext_lazy("Transfer")
    many = True
    background = "records.transfer"

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["to"] = LookupField(registry.kind("user"), self.user, label=_("New owner"), query="active=1")
        children = ownership.children_of.ask(self.rows or self.some(), by=self.user)
        counts: dict[str, tuple[Any, int]] = {}
        for found in children:
            text, n = counts.get(found.key, (found.text, 0))
            counts[found.key] = (text, n + found.count)
        if counts:
            form.fields["children"] = django_forms.MultipleChoiceField(
                label=_("Also hand over"), required=False, widget=django_forms.CheckboxSelectMultiple,
                choices=[(key, f"{text} ({n})" if self.rows else text) for key, (text, n) in counts.items()], initial=list(counts),
            )
        form.fields["keep_team"] = django_forms.BooleanField(
            label=_("Keep the former owner in the team as a reader"), required=False
        )
        form.fields["reason"] = django_forms.CharField(label=_("Reason"), required=False, max_length=200)
        form.fields["to"].offer(data.get("to") if data else None)  # type: ignore[attr-defined]
        return form

    def some(self) -> list[Any]:
        """Rows from all over a long list: what hangs on them says what can go along."""
        ids = self.many_ids[:: max(1, len(self.many_ids) // SAMPLE)]
        return list(self.kind.visible(self.user).filter(pk__in=ids[: SAMPLE * 2]))

    def run(self, values: dict[str, Any]) -> str | None:
        changed = ownership.transfer_rows(
            self.rows, to=values["to"], by=self.user, children=values.get("children", ()),
            keep_team=values["keep_team"], reason=values["reason"],
        )
        self.moved, self.to = changed, values["to"]
        still = self.kind.model.objects.visible_to(self.user).filter(pk=self.row.pk).exists()
        return None if still else self.kind.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s handed over to %(user)s") % {"n": len(self.moved), "user": self.to}, "tone": "good"}


class SharePage(ActionPage):
    """Let a colleague into the record's team, or change their right there."""

    permission = "transfer"
    title_text = gettext_lazy("Team")
    submit_text = gettext_lazy("Add to team")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        form.fields["user"] = LookupField(registry.kind("user"), self.user, label=_("Colleague"), query="active=1")
        form.fields["level"] = django_forms.ChoiceField(
            label=_("Right"), choices=[(TeamGrant.READ, _("read only")), (TeamGrant.WRITE, _("read and write"))]
        )
        form.fields["until"] = DateField(label=_("Until"), required=False)
        form.fields["user"].offer(data.get("user") if data else None)  # type: ignore[attr-defined]
        return form

    def text(self) -> Any:
        members = [f"{grant.user} ({grant.get_level_display()})" for grant in teams.team_of(self.row)]
        return _("In the team: %(list)s") % {"list": ", ".join(members)} if members else ""

    def run(self, values: dict[str, Any]) -> str | None:
        from datetime import datetime, time, timedelta

        from zhike.base import clock

        until = values["until"]
        if until and until < clock.today():
            raise Refused(_("This day is over. Choose today or later."), field="until")
        expires = datetime.combine(until + timedelta(days=1), time.min, tzinfo=clock.zone()) if until else None
        teams.share_row(self.row, [values["user"]], level=values["level"], expires_at=expires, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Team changed"), "tone": "good"}
