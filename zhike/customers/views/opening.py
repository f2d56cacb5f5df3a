"""Pages of opening a customer formally: applying, checking, accepting, returning."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages import cells, formats, forms, menus
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.parts import Badge, Button, Card, Fact, Notice
from zhike.pages.views import go_to
from zhike.records import guard, registry

from .. import actions, quality
from ..actions.opening import STAGES
from ..checking import checkers
from ..kinds import OPENING_FIELDS
from ..models import Customer, Opening
from ..pending import openings
from ..status import OPEN, OPENING

MASTER = ("category", "uscc", "payment_term", "currency")


def asked_for(customer: Any) -> list[str]:
    """What the form marks as needed; the rest of the rules is the record's own."""
    return ["title", "category", "bank", "account", "payment_term", *(["uscc"] if customer.kind in (Customer.COMPANY, Customer.GOVERNMENT) else [])]


def start_values(customer: Any, access: Any) -> dict[str, Any]:
    """What is known of a customer already: its own data and its default invoicing details."""
    values = {name: getattr(customer, name) for name in MASTER}
    found = customer.invoice_titles.order_by("-default", "pk").first()
    phone = access.field_mode("customer", "phone") in ("", "read")
    values |= {"title": found.title if found else customer.name, "tax_no": (found.tax_no if found else "") or customer.uscc,
               "bank": found.bank if found else "", "account": found.account if found else "",
               "address": (found.address if found else "") or customer.address,
               "phone": ((found.phone if found else "") or customer.phone.split(" / ")[0]) if phone else ""}
    return values


class ApplyPage(ActionPage):
    """The application of one customer."""

    kind_name = "customer"
    menu = "customers"
    place = "openings"
    title_text = gettext_lazy("Open formally")
    submit_text = gettext_lazy("Send application")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        guard.require(self.user, registry.kind("opening"), "add")

    def get(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        """Nobody fills in a form that is refused afterwards: where one has applied already, that application is shown."""
        self.prepare(pk)
        found = waiting_for(self)
        return go_to(request, registry.kind("opening").url(found)) if found is not None else super().get(request, pk=pk, **kwargs)

    def make_form(self, data: Any = None) -> Any:
        kind = registry.kind("opening")
        start = self.start()
        return forms.KindForm(kind, kind.writable(OPENING_FIELDS, self.access), self.user, data, initial=start, held=start,
                              required=asked_for(self.row))

    def start(self) -> dict[str, Any]:
        return start_values(self.row, self.access)

    def text(self) -> Any:
        return _("Finance checks these data. Only then does the customer get its formal code, and the data become those of the customer.")

    def notices(self) -> list[Notice]:
        if not checkers(self.user):
            return [Notice(_("Nobody may check openings of customers yet. Ask an administrator to give the right “check openings” to a role of finance."),
                           "bad", "alert-triangle")]
        return []

    def run(self, values: dict[str, Any]) -> str | None:
        made = actions.apply_opening(self.row, self.form.values(), by=self.user)  # type: ignore[attr-defined]
        return registry.kind("opening").url(made)


class OpeningPage(DetailPage):
    """One application with what finance has to look at."""

    kind_name = "opening"
    menu = "customers"
    place = "openings"

    def badges(self) -> list[Badge]:
        return [Badge(OPENING.label(self.row.status), OPENING.tone(self.row.status))]

    def subtitle(self) -> Any:
        return self.row.customer.code

    def facts(self) -> list[Fact]:
        customer = self.row.customer
        found = [Fact(_("customer"), str(customer), url=registry.kind("customer").url(customer)), Fact(_("applicant"), str(self.row.applicant))]
        if customer.formal_code:
            found.append(Fact(_("formal customer code"), customer.formal_code))
        return [*found, *super().facts()]

    def actions(self) -> list[Button]:
        row, buttons = self.row, []
        may_check = self.access.may("opening", "check") and self.user.pk not in (row.applicant_id, row.created_by_id)
        mine = self.access.may("opening", "add") and guard.can_edit(self.user, row.customer)
        for move in OPENING.allowed(row):
            if may_check if move.permission == "check" else mine:
                primary = move.name in ("accept", "resubmit")
                buttons.append(Button(move.label, self.kind.action_url(move.name, row), "check" if primary else "", "p" if primary else "d",
                                      dialog=True, phone=primary, menu=move.name == "withdraw"))
        return sorted(buttons, key=lambda button: button.style == "p")

    def notices(self) -> list[Notice]:
        if self.row.status == "returned":
            return [Notice(_("%(who)s returned it: %(reason)s") % {"who": self.row.checker, "reason": self.row.answer}, "bad", "arrow-back-up")]
        if self.row.status == "waiting" and self.access.may("opening", "check") and self.row.applicant_id == self.user.pk:
            return [Notice(_("Somebody else has to check what you have applied for."), "wait", "clock")]
        return []

    def fill_summary(self, parts: DetailParts) -> None:
        super().fill_summary(parts)
        facts = getattr(self.row.customer, "facts", None)
        wrong = [gap for gap in quality.gaps_of(facts.gaps) if gap.wrong] if facts else []
        customer, of = self.row.customer, registry.kind("customer")
        changes = [
            Notice(_("%(field)s of the customer is “%(now)s” so far.") % {
                "field": capfirst(of.attr(name).label_text), "now": cells.text(of, of.attr(name), customer, self.access)}, "wait", "pencil")
            for name in MASTER if getattr(customer, name) not in ("", getattr(self.row, name))
        ]
        found = [Notice(str(gap.label), "bad", "alert-triangle") for gap in wrong] + changes
        if found and self.row.status in ("waiting", "returned"):
            parts.rail.append(Card(_("Look at"), notices=found))


class _Step(ActionPage):
    kind_name = "opening"
    menu = "customers"
    place = "openings"
    move = ""

    def prepare(self, pk: int | None = None) -> None:
        if pk is None:
            raise Http404
        self.rows = [self.visible_or_404(pk)]
        guard.require(self.user, self.kind, OPENING.moves[self.move].permission)

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = OPENING.moves[self.move].label
        return made

    def title(self) -> Any:
        return formats.labelled(OPENING.moves[self.move].label, self.row)


class AcceptPage(_Step):
    move = "accept"

    def text(self) -> Any:
        return _("The customer takes over credit code, terms and invoicing details, and gets its formal code.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.accept_opening(self.row, by=self.user, version=self.version())
        return None


class ReasonForm(django_forms.Form):
    reason = django_forms.CharField(label=gettext_lazy("What has to be put right"), max_length=500, widget=django_forms.Textarea(attrs={"rows": 3}))


class ReturnPage(_Step):
    move = "return"
    form_class = ReasonForm

    def run(self, values: dict[str, Any]) -> str | None:
        actions.return_opening(self.row, reason=values["reason"], by=self.user, version=self.version())
        return None


class WithdrawPage(_Step):
    move = "withdraw"
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.withdraw_opening(self.row, by=self.user, version=self.version())
        return None


class ResubmitPage(_Step):
    """Apply again, with everything that was typed before."""

    move = "resubmit"

    def make_form(self, data: Any = None) -> Any:
        attrs = self.kind.writable(OPENING_FIELDS, self.access)
        start = forms.initial(attrs, self.row)
        return forms.KindForm(self.kind, attrs, self.user, data, initial=start, held=start,
                              required=asked_for(self.row.customer))

    def notices(self) -> list[Notice]:
        return [Notice(self.row.answer, "bad", "arrow-back-up")] if self.row.answer else []

    def run(self, values: dict[str, Any]) -> str | None:
        actions.resubmit_opening(self.row, self.form.values(), by=self.user, version=self.version())  # type: ignore[attr-defined]
        return None


menus.pending_work.add("openings", openings, order=10)


def waiting_for(page: Any) -> Opening | None:
    """The application of the page's customer that is not decided yet, for whoever may see it."""
    found: Opening | None = registry.kind("opening").visible(page.user).filter(customer=page.row, status__in=OPEN).order_by("-pk").first()
    return found


def button(page: Any) -> list[Button]:
    """What the customer's page offers: to apply, where there is business and no formal code yet."""
    row = page.row
    if row.formal_code or row.lifecycle not in STAGES or not page.access.may("opening", "add") or not guard.can_edit(page.user, row):
        return []
    found = waiting_for(page)
    if found is not None:
        return [Button(_("Application for opening"), registry.kind("opening").url(found), "file-invoice", menu=True)]
    return [Button(_("Open formally"), page.kind.action_url("opening", row), "file-invoice", menu=True)]
