"""The page of an activity, and what is done with it there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base import clock, places
from zhike.base.refused import Refused
from zhike.customers import maps
from zhike.customers.actions import set_place
from zhike.customers.models import Contact, Customer
from zhike.leads.models import Lead
from zhike.org.models import User
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import NewPage
from zhike.pages.forms import DateTimeField, LookupField
from zhike.pages.parts import Badge, Button, Card, Fact, Mini
from zhike.pages.views import PageView, PostView, go_to, with_toast
from zhike.records import guard, options, registry, undo

from .. import actions, distances, previews
from ..actions import people
from ..actions.visits import undo_values
from ..models import Activity


class ActivityPage(DetailPage):
    kind_name = "activity"
    menu = "customers"
    place = "activities"

    def subtitle(self) -> Any:
        return cells.text(self.kind, self.kind.attr("customer" if self.row.customer_id else "lead"), self.row, self.access)

    def badges(self) -> list[Badge]:
        found = super().badges()
        if self.row.overdue:
            found.append(Badge(_("overdue"), "bad"))
        if self.row.amended_at:
            found.append(Badge(_("changed after 24 hours"), "wait", outline=True))
        return found

    def actions(self) -> list[Button]:
        buttons = super().actions()
        if not guard.can_edit(self.user, self.row):
            return buttons
        address = lambda name: reverse(f"activity-{name}", args=[self.row.pk])  # noqa: E731
        buttons.append(Button(_("Who takes part"), address("party"), "users", dialog=True, menu=True))
        if self.row.status == "planned":
            buttons += self._way_there()
            buttons.append(Button(_("Move to another time"), address("move"), "calendar-event", dialog=True, menu=True))
        if self.row.status in ("planned", "in_progress"):
            buttons.append(Button(_("Cancel activity"), address("cancel"), "ban", "x", dialog=True, menu=True))
            if self.row.status == "planned":
                buttons.append(Button(_("Check in"), address("check-in"), "map-pin", "d", dialog=True, phone=True))
            buttons.append(Button(_("Finish"), address("finish"), "check", "p", dialog=True, phone=True))
        return buttons

    def _way_there(self) -> list[Button]:
        """Ring up and navigate, for those who see the customer."""
        if self.row.customer_id is None:
            return self._ring_lead()
        customer = Customer.objects.visible_to(self.user).filter(pk=self.row.customer_id).first()
        if customer is None:
            return []
        found = []
        if customer.phone and self.access.field_mode("customer", "phone") in ("", "read"):
            found.append(Button(_("Call"), f"tel:{customer.phone}", "phone", "g", phone=True, menu=True))
        return [*found, Button(_("Navigate"), reverse("customer-map", args=[customer.pk]), "navigation", "g", phone=True, menu=True)]

    def _ring_lead(self) -> list[Button]:
        lead = Lead.objects.visible_to(self.user).filter(pk=self.row.lead_id).first()
        number = next((getattr(lead, name) for name in ("mobile", "phone") if lead is not None and getattr(lead, name)
                       and self.access.field_mode("lead", name) in ("", "read")), "")
        return [Button(_("Call"), f"tel:{number.split(' / ')[0]}", "phone", "g", phone=True, menu=True)] if number else []

    def fill_summary(self, parts: DetailParts) -> None:
        super().fill_summary(parts)
        parts.rail.insert(0, self.people_card())
        if self.row.checked_in_at or self.row.status == "in_progress":
            parts.rail.insert(0, self.check_in_card())

    def people_card(self) -> Card:
        minis = [Mini(str(user), sub=_("takes part"), avatar=str(user)[:1]) for user in people.participants(self.row)]
        kind = registry.kind("contact")
        if self.access.may("contact", "view"):
            minis += [Mini(row.name, kind.url(row), sub=row.job_title, avatar=row.name[:1]) for row in people.attendees(self.row, self.user)]
        buttons = []
        if guard.can_edit(self.user, self.row):
            buttons = [Button(_("Change"), reverse("activity-party", args=[self.row.pk]), "pencil", "g", dialog=True)]
        return Card(_("Who takes part"), key="party", minis=minis, buttons=buttons, empty=_("Only the owner."))

    def distance_facts(self) -> list[Fact]:
        """How far from the customer, or from the nearest of its addresses, it was."""
        away = distances.from_customer(self.row)
        if away is None:
            return []
        return [Fact(_("distance from the customer"), distances.text(away), tone="bad" if away > distances.FAR else "")]

    def check_in_card(self) -> Card:
        row, lang = self.row, get_language() or "zh-hans"
        facts = [Fact(_("checked in"), formats.full(row.checked_in_at, lang)), Fact(_("checked in by"), str(row.checked_in_by or "—"))] if row.checked_in_at else []
        if row.check_in_place:
            facts.append(Fact(_("place"), row.check_in_place))
        if row.check_in_lat is None:
            facts.append(Fact(_("place on the map"), cells.badge(_("without position"), "wait")))
        else:
            exact = _("within %(n)s m") % {"n": row.check_in_accuracy} if row.check_in_accuracy is not None else ""
            facts.append(Fact(_("place on the map"), places.text(row.check_in_lat, row.check_in_lng), url=reverse("activity-map", args=[row.pk]), hint=exact))
            facts += self.distance_facts()
        card = Card(_("Check-in"), key="check-in", facts=facts)
        if row.check_in_lat is not None and row.customer_id and guard.can_edit(self.user, row.customer):
            card.buttons = [Button(_("Take over as the customer's place"), reverse("activity-take-place", args=[row.pk]), "map-pin", "g", dialog=True)]
        photo = row.check_in_photo if row.check_in_photo_id else None
        if photo is not None and photo.trashed_at is None:
            card.html = previews.preview(photo, self.tab_url("files"))
        else:
            facts.append(Fact(_("photo"), cells.badge(_("without photo"), "wait")))
        return card


class TakePlacePage(ActionPage):
    """The place of a check-in becomes that of the customer."""

    kind_name = "activity"
    permission = "view"
    menu = "customers"
    place = "activities"
    title_text = gettext_lazy("Take over as the customer's place")
    submit_text = gettext_lazy("Take over")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        if self.row.check_in_lat is None or not self.row.customer_id:
            raise Http404

    def text(self) -> Any:
        return _("%(customer)s then lies at %(place)s.") % {
            "customer": self.row.customer, "place": places.text(self.row.check_in_lat, self.row.check_in_lng)}

    def run(self, values: dict[str, Any]) -> str | None:
        set_place(self.row.customer, lat=self.row.check_in_lat, lng=self.row.check_in_lng, by=self.user)
        return None


def day_pages() -> tuple[str, str]:
    """The pages one works through a day on: what is done from there leads back there."""
    return reverse("home"), reverse("calendar")


def result_choices() -> list[tuple[str, Any]]:
    """What may have come of a contact, as people choose it."""
    found = options.labels("activity_result", get_language() or "zh-hans", enabled_only=True)
    return [("", "—"), *found.items()]


class NewActivityPage(NewPage):
    """Plan an activity; from a lead's page the lead stands where customer, contact and opportunity do else."""

    kind_name = "activity"
    menu = "customers"
    place = "activities"
    OF_CUSTOMERS = ("customer", "contact", "opportunity")

    def defaults(self) -> dict[str, Any]:
        """The next full hour: a plan that begins this very moment would be refused."""
        soon = clock.local(clock.now()).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        return {"at": soon, **super().defaults()}

    def _of_lead(self) -> bool:
        return bool(self.request.GET.get("lead") or self.request.POST.get("lead"))

    def sections(self) -> list[tuple[Any, list[str]]]:
        names = self.kind.create_names()
        if self._of_lead():
            place = names.index("customer")
            names = [*names[:place], "lead", *(name for name in names[place:] if name not in self.OF_CUSTOMERS)]
        return [("", names)]

    def more(self) -> list[str]:
        names = self.kind.more_names()
        return [*(name for name in names if name != "lead"), *self.OF_CUSTOMERS] if self._of_lead() else names


class FinishForm(django_forms.Form):
    content = django_forms.CharField(label=gettext_lazy("What came of it"), widget=django_forms.Textarea(attrs={"rows": 3}), max_length=5000,
                                     required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"] = django_forms.ChoiceField(label=_("Result"), choices=result_choices(), required=False)
        self.fields["next_contact_at"] = DateTimeField(label=_("next contact"), required=False)
        self.fields["next_action"] = django_forms.CharField(label=_("next step"), max_length=200, required=False)


class FinishPage(ActionPage):
    kind_name = "activity"
    form_class = FinishForm
    stored = True
    title_text = submit_text = gettext_lazy("Finish")

    def initial(self) -> dict[str, Any]:
        return {"content": self.row.content, "result": self.row.result}

    def run(self, values: dict[str, Any]) -> str | None:
        actions.finish_activity(self.row, by=self.user, **values)
        return self.left_at(*day_pages())


class CancelPage(ActionPage):
    kind_name = "activity"
    title_text = submit_text = gettext_lazy("Cancel activity")
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.cancel_activity(self.row, by=self.user)
        return None


class MoveForm(django_forms.Form):
    to = DateTimeField(label=gettext_lazy("New time"))


class MovePage(ActionPage):
    """Move a plan to another time; the calendar posts here what was dragged."""

    kind_name = "activity"
    form_class = MoveForm
    stored = True
    title_text = submit_text = gettext_lazy("Move to another time")

    def initial(self) -> dict[str, Any]:
        return {"to": self.row.at}

    def run(self, values: dict[str, Any]) -> str | None:
        self.before = undo_values(self.row)
        actions.move_activity(self.row, to=values["to"], by=self.user)
        return self.left_at(*day_pages())

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” moved to %(day)s") % {"row": self.row, "day": formats.full(self.row.at)}, "tone": "good",
                "undo_url": undo.url(self.user, "activities.restore", version=self.row.version, **self.before)}


class PartyPage(ActionPage):
    """Choose which colleagues and which people of the customer's take part."""

    kind_name = "activity"
    stored = True
    title_text = gettext_lazy("Who takes part")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        there = people.participants(self.row)
        near = list(User.objects.filter(department=self.user.department_id, is_active=True).exclude(pk=self.row.owner_id).order_by("pk")[:30])
        self.offered = {user.pk: user for user in [*there, *near]}
        several = {"required": False, "widget": django_forms.CheckboxSelectMultiple}
        form.fields["people"] = django_forms.MultipleChoiceField(
            label=_("Colleagues"), choices=[(str(pk), str(user)) for pk, user in self.offered.items()],
            initial=[str(user.pk) for user in there], **several)
        form.fields["more"] = LookupField(registry.kind("user"), self.user, label=_("Another colleague"), required=False, query="active=1")
        self.contacts: dict[int, Any] = {}
        if self.row.customer_id and self.access.may("contact", "view"):
            rows = Contact.objects.visible_to(self.user).filter(customer=self.row.customer_id).order_by("left", "-primary", "sort_name")
            self.contacts = {row.pk: row for row in rows[:100]}
            chosen = {row.pk for row in people.attendees(self.row, self.user)}
            form.fields["contacts"] = django_forms.MultipleChoiceField(
                label=_("People of the customer's"), choices=[(str(pk), f"{row.name} {row.job_title}") for pk, row in self.contacts.items()],
                initial=[str(pk) for pk in chosen], **several)
        form.fields["more"].offer(data.get("more") if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        users = [self.offered[int(pk)] for pk in values["people"]] + ([values["more"]] if values["more"] else [])
        actions.set_participants(self.row, users, by=self.user)
        if "contacts" in values:
            actions.set_attendees(self.row, [self.contacts[int(pk)] for pk in values["contacts"]], by=self.user)
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
        before = undo_values(self.row)
        if self.request.POST.get("do") == "later":
            actions.postpone_activity(self.row, days=1, by=self.user)
            self.text = _("“%(row)s” moved to tomorrow") % {"row": self.row}
        else:
            actions.finish_activity(self.row, by=self.user)
            self.text = _("“%(row)s” done") % {"row": self.row}
        self.undo_url = undo.url(self.user, "activities.restore", version=self.row.version, **before)
        return self.back()

    def back(self) -> str:
        """The workbench as it was, with the kind of work that was chosen there."""
        kind = self.request.POST.get("kind", "")
        return f"{reverse('home')}?kind={kind}" if kind.isascii() and kind.isalpha() and len(kind) <= 20 else reverse("home")

    def refused(self, no: Refused) -> HttpResponse:
        """The workbench again, with the reason: nothing was typed that could be lost."""
        if no.status != 422:
            raise no
        return go_to(self.request, self.back(), toast={"text": str(no.message), "tone": "bad"})

    def done(self, url: str) -> HttpResponse:
        if self.is_fragment:
            return with_toast(HttpResponse(""), self.text, undo_url=self.undo_url)
        return super().done(url)

    def toast(self) -> dict[str, Any] | None:
        return {"text": self.text, "tone": "good", "undo_url": self.undo_url}


class MapPage(PageView):
    """Lead to a map: the place of the check-in. Nothing is asked of another host before the person does."""

    kind_name = "activity"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.visible_or_404(pk)
        if row.check_in_lat is None:
            raise Http404
        return maps.lead(maps.point(row.check_in_lat, row.check_in_lng))

