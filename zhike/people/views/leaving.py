"""Handing over what somebody who leaves would leave behind: one screen, a preview, a job."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.org.models import Department, User
from zhike.pages import formats
from zhike.pages.actions import started
from zhike.pages.forms import LookupField
from zhike.pages.parts import Card, Fact, Link, Mini, Notice
from zhike.pages.views import PostView
from zhike.records import jobs, registry
from zhike.records.models import Job

from .. import leaving, rights
from ..leaving import EVENLY, FOLLOW, STAY, Lot
from .keeping import Keeping, crumbs

PLACES = 4  # receivers named one by one; more come as a department


class HandOverForm(django_forms.Form):
    """Who receives, and per lot in which way."""

    def __init__(self, lots: list[Lot], leaver: User, user: User, data: Any = None) -> None:
        super().__init__(data)
        self.lots, self.leaver, self.user = lots, leaver, user
        names = [f"to{n}" for n in range(1, PLACES + 1)]
        for n, name in enumerate(names, 1):
            field = LookupField(registry.kind("user"), user, label=_("Receiver %(n)s") % {"n": n}, required=False, query="active=1")
            field.offer(data.get(name) if data else None)
            self.fields[name] = field
        self.fields["department"] = LookupField(
            registry.kind("department"), user, label=_("Everybody in the department"), required=False,
            help_text=_("They share what is spread evenly, together with the receivers named above."),
        )
        self.fields["department"].offer(data.get("department") if data else None)  # type: ignore[attr-defined]
        for lot in lots:
            self.fields[self.name_of(lot)] = self._ways(lot)
        self.fields["reason"] = django_forms.CharField(label=_("Reason"), required=False, max_length=200)
        if leaver.is_active and leaver.pk != user.pk:
            self.fields["leaves"] = django_forms.BooleanField(
                label=_("Then disable the account"), required=False, initial=True,
                help_text=_("Only when no open record is left: sessions, API tokens, password links and places in teams end."),
            )

    @staticmethod
    def name_of(lot: Lot) -> str:
        return f"how.{lot.key}"

    def _ways(self, lot: Lot) -> django_forms.ChoiceField:
        if not access_of(self.user).may(lot.kind.name, "transfer"):
            return django_forms.ChoiceField(label=lot.label, choices=[(STAY, _("stay: your roles do not hand these over"))], required=False)
        people = [(f"to{n}", _("all to receiver %(n)s") % {"n": n}) for n in range(1, PLACES + 1)]
        ways = lot.ways()
        first = FOLLOW if ways[0][0] == FOLLOW else EVENLY
        widget = django_forms.Select(attrs={"class": "in"})
        return django_forms.ChoiceField(
            label=lot.label, choices=[*ways[:-1], *people, ways[-1]], initial=first, required=False, widget=widget
        )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        for n in range(1, PLACES + 1):
            person = found.get(f"to{n}")
            if person is not None and (not person.is_active or person.pk == self.leaver.pk):
                self.add_error(f"to{n}", _("%(user)s is disabled. Choose somebody who works here.") % {"user": person}
                               if not person.is_active else _("Choose somebody else than the one who leaves."))
        for lot in self.lots:
            how = str(found.get(self.name_of(lot)) or "")
            if how.startswith("to") and how in self.fields and not found.get(how):
                self.add_error(self.name_of(lot), _("Name this receiver above."))
        return found

    def receivers(self) -> list[int]:
        """Everybody who receives, in order."""
        named = [self.cleaned_data[f"to{n}"].pk for n in range(1, PLACES + 1) if self.cleaned_data.get(f"to{n}")]
        department = self.cleaned_data.get("department")
        return leaving.receivers_of(named, department.pk if department else None, leaver=self.leaver)

    def hows(self) -> dict[str, str]:
        """Lot key → a way, or the id of the one receiver."""
        found = {}
        for lot in self.lots:
            how = self.cleaned_data.get(self.name_of(lot)) or self.fields[self.name_of(lot)].initial or STAY
            found[lot.key] = str(self.cleaned_data[how].pk) if how.startswith("to") and how in self.fields else how
        return found


class HandOverPage(Keeping, PostView):
    """Everything of one colleague: counted, given away as chosen, first as a preview, then as a job."""

    kind_name, place = "user", "users"
    template = "people/hand_over.html"
    row: User
    job: Job

    def crumbs(self) -> list[Link]:
        return crumbs("user", Link(str(self.row), self.kind.url(self.row)), Link(_("Hand over and leave")))

    def prepare(self, pk: int) -> None:
        self.row = self.visible_or_404(pk)
        rights.require_cover(self.user, self.row)
        self.lots = leaving.lots_of(self.row)

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
        return self.show(HandOverForm(self.lots, self.row, self.user))

    def post(self, request: HttpRequest, pk: int = 0, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
        self.form = HandOverForm(self.lots, self.row, self.user, request.POST)
        if not self.form.is_valid():
            return self.show(self.form, status=422)
        try:
            self.plan = leaving.make_plan(self.row, self.form.hows(), self.form.receivers(), by=self.user)
        except Refused as no:
            return self.refused(no)
        if request.POST.get("do") == "go":
            return super().post(request)
        return self.show(self.form, plan=self.plan)

    def perform(self) -> str:
        leaves = bool(self.form.cleaned_data.get("leaves"))
        if not self.plan.given and not leaves:
            raise Refused(_("Nothing would be handed over. Name a receiver, or choose another way."), code="rows.none")
        self.job = jobs.start(
            self.user, "people.hand_over",
            {"user": self.row.pk, "hows": self.form.hows(), "receivers": self.form.receivers(), "leaves": leaves,
             "reason": self.form.cleaned_data["reason"]},
            title=_("Hand-over of %(user)s") % {"user": self.row}, total=len(self.plan.given), back=self.request.path,
        )
        return reverse("job", args=[self.job.pk])

    def toast(self) -> dict[str, Any] | None:
        return started(self.job)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        self.form.add_error(no.field if no.field in self.form.fields else None, str(no.message))
        return self.show(self.form, status=no.status)

    def show(self, form: HandOverForm, *, plan: leaving.Plan | None = None, status: int = 200) -> HttpResponse:
        names = {user.pk: str(user) for user in User.objects.filter(pk__in={pk for told in plan.told.values() for pk in told})} if plan else {}
        lines = []
        for lot in self.lots:
            told = plan.told.get(lot.key, {}) if plan else {}
            goes = [f"{names.get(pk, '?')} {n:,}" if pk else _("stay: %(n)s") % {"n": f"{n:,}"}
                    for pk, n in sorted(told.items(), key=lambda pair: (not pair[0], pair[0]))]
            link = f"{lot.kind.list_url()}?view=all&owner={self.row.pk}" if lot.kind.pages else ""
            lines.append({"label": lot.label, "count": f"{lot.count:,}", "url": link, "field": form[form.name_of(lot)], "goes": goes})
        last = Job.objects.filter(name="people.hand_over", payload__user=self.row.pk).order_by("-pk").first()
        errors = [(form[name].id_for_label if name in form.fields else "",
                   formats.labelled(form[name].label, text) if name in form.fields else text) for name, texts in form.errors.items() for text in texts]
        return self.answer({
            "title": _("Hand over and leave: %(user)s") % {"user": self.row}, "form": form, "lines": lines, "planned": plan is not None,
            "given": f"{len(plan.given):,}" if plan else "", "errors": errors, "post_url": self.request.path, "back": self.kind.url(self.row),
            "receivers": [form[f"to{n}"] for n in range(1, PLACES + 1)], "rail": self.rail(last), "notices": self.notices(last),
        }, status=status)

    def notices(self, last: Job | None) -> list[Notice]:
        if last is not None and last.open:
            return [Notice(_("A hand-over is running. Wait for its end before you start another."), "wait", icon="clock")]
        return []

    def rail(self, last: Job | None) -> list[Card]:
        """What else hangs on the person, and what came of the last hand-over."""
        below = User.objects.filter(manager=self.row, is_active=True).count()
        heads = Department.objects.filter(manager=self.row, enabled=True).order_by("path")[:20]
        cards = [Card(_("What else hangs on them"), facts=[
            Fact(_("manager of"), _("%(n)s people") % {"n": below}, f"{self.kind.list_url()}?view=active&manager={self.row.pk}" if below else ""),
        ], minis=[Mini(str(found), reverse("department-detail", args=[found.pk]), sub=_("head of department")) for found in heads])]
        if last is not None:
            mine = last.user_id == self.user.pk or self.user.is_admin
            address = reverse("job", args=[last.pk]) if mine else ""
            cards.append(Card(_("Last hand-over"), minis=[
                Mini(str(last.get_state_display()), address, sub=formats.near(last.created_at, get_language() or "zh-hans")),
                *(Mini(line) for line in last.message.splitlines()),
            ]))
        return cards
