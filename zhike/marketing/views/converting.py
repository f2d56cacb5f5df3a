"""Converting a lead: is the customer known, then customer, contact and opportunity on one page, all of it editable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms as django_forms
from django.forms.utils import ErrorDict
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Conflict, Refused
from zhike.customers import duplicates
from zhike.customers.duplicates import Match, policy
from zhike.customers.models import Contact, Customer
from zhike.customers.views.duplicates import hit_notice
from zhike.leads import duplicates as lead_duplicates
from zhike.leads.status import LEAD
from zhike.opportunities.forms import LineForm
from zhike.opportunities.models import OpportunityLine
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.forms import KindForm, LookupField, needed
from zhike.pages.parts import Link, Notice
from zhike.pages.views import PostView, go_to, version_in
from zhike.records import crud, guard, registry, undo

from .. import actions, carrying
from ..actions import converting

NEW, NONE, OTHER = "new", "none", "other"
SHOWN = 20  # contacts of a customer offered at once


@dataclass(slots=True)
class ConvertParts:
    """What `marketing/convert.html` draws."""

    title: Any
    lead_facts: list[tuple[Any, Any]]
    hits: list[tuple[Notice, int | None]]  # with the customer to take, where it may be taken
    unseen: bool
    choose: Any
    customer: Any
    customer_facts: list[tuple[Any, Any]]
    customer_url: str
    kept: list[tuple[str, str]]  # what was typed for a new customer while a known one is chosen
    forms: dict[str, Any]
    sections: dict[str, tuple[list[str], list[str]]]
    contact_choice: Any
    opportunity_choice: Any
    line: Any
    despite: Any
    post_url: str
    cancel_url: str
    version: int
    errors: list[tuple[str, Any]] = field(default_factory=list)
    blockers: list[Any] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)


class ConvertPage(PostView):
    """The page on which a lead becomes a customer. `customer=` in the address names a known one, or "new".

    Another choice on the page comes as a post with `_choose`, so that what was typed stays.
    """

    kind_name, menu, place = "lead", "marketing", "leads"
    template = "marketing/convert_page.html"
    fragment = "marketing/convert.html"

    row: Any
    customer: Customer | None
    warnings: list[Match] = []
    despite: django_forms.Form | None
    line: Any
    opportunity_choice: django_forms.Form | None

    # Finding

    def find(self, pk: int) -> None:
        self.row = self.visible_or_404(pk)
        guard.require_rows(self.user, [self.row], "convert")
        if self.row.status == "converted":
            raise converting.told_already(self.row, self.user)
        LEAD.check(self.row, "convert")
        self.hits = lead_duplicates.customers_like([self.row], self.user)[0]
        self.customer = self._chosen()

    @property
    def choosing(self) -> bool:
        """Whether only another customer was chosen."""
        return "_choose" in self.request.POST

    def _chosen(self) -> Customer | None:
        posted = self.request.POST
        given = posted.get("_customer", "") if self.request.method == "POST" else self.request.GET.get("customer", "")
        if self.choosing:
            given = posted.get("_other", "") or given if posted["_choose"] == OTHER else posted["_choose"]
        if given in ("", NEW):
            return None
        if not given.isascii() or not given.isdigit() or len(given) > 18:
            raise Http404
        found: Customer | None = registry.kind("customer").visible(self.user).filter(pk=int(given)).first()
        if found is None:
            raise Http404
        return found

    # Forms

    def make(self, data: Any = None) -> None:
        may = self.access.may
        self.forms: dict[str, KindForm] = {}
        self.parts_of: dict[str, tuple[list[str], list[str]]] = {}
        if self.customer is None and may("customer", "add"):
            self._kind_form("customer", carrying.customer_values(self.row), data)
        self.contact_choice = self._contact_choice(data) if may("contact", "add") or self.customer is not None else None
        if may("contact", "add"):
            self._kind_form("contact", carrying.contact_values(self.row), data, left_out=("customer", "reports_to"))
        self.opportunity_choice = self.line = None
        if may("opportunity", "add"):
            known = carrying.opportunity_values(self.row)
            if self.row.amount is None:
                known["amount"] = None  # whoever opens it says what is expected; nought is no answer
            self._kind_form("opportunity", known, data, left_out=("customer", "contact", "final_user"))
            self.opportunity_choice = django_forms.Form(data, initial={"with_opportunity": bool(self.row.need or self.row.interest or self.row.product_id)})
            self.opportunity_choice.fields["with_opportunity"] = django_forms.BooleanField(label=_("Open an opportunity"), required=False)
            line = carrying.line_values(self.row)
            self.line = LineForm(data, prefix="line", user=self.user, initial=line)
            self.line.fields["product"].offer(data.get("line-product") if data else line.get("product"))
        self.despite = None
        if self.choosing:
            for form in (*self.forms.values(), self.opportunity_choice, self.line):
                if form is not None and form.is_bound:
                    form._errors, form.cleaned_data = ErrorDict(), {}  # what is half typed is not judged yet
        elif data is not None and "despite" in data:
            self._ask()

    def _kind_form(self, name: str, values: dict[str, Any], data: Any, left_out: tuple[str, ...] = ()) -> None:
        kind = registry.kind(name)
        front = [n for n in kind.create_names() if n not in left_out]
        more = [n for n in kind.more_names() if n not in left_out]
        attrs = kind.writable([*front, *more], self.access)
        required = [n for n in (*needed(attrs), *kind.required_names(self.user)) if n not in left_out]
        initial = {attr.name: values[attr.name] for attr in attrs if attr.name in values}
        for attr in attrs:
            model_field = attr.model_field
            if attr.name not in initial and model_field is not None and model_field.has_default() and attr.type in ("choice", "option", "bool"):
                initial[attr.name] = model_field.get_default()
        form = KindForm(kind, attrs, self.user, data if self._wanted(name, data) else None, initial=initial, required=required, prefix=name)
        self.forms[name] = form
        known, filled = set(form.fields), {n for n, value in initial.items() if value not in (None, "", False)}
        more = [n for n in more if n in known]
        self.parts_of[name] = ([*(n for n in front if n in known), *(n for n in more if n in filled)], [n for n in more if n not in filled])

    def _wanted(self, name: str, data: Any) -> bool:
        """Whether what was typed for this one counts."""
        if data is None:
            return False
        if self.choosing:
            return any(key.startswith(f"{name}-") for key in data)
        if name == "contact":
            return data.get("contact_choice") == NEW
        if name == "opportunity":
            return bool(data.get("with_opportunity"))
        return True

    def _contact_choice(self, data: Any) -> django_forms.Form:
        choices: list[tuple[str, Any]] = []
        start = NEW
        if self.customer is not None and self.access.may("contact", "view"):
            rows = Contact.objects.visible_to(self.user).filter(customer=self.customer, left=False).order_by("-primary", "sort_name")[:SHOWN]
            masked = self.access.field_mode("contact", "mobile") not in ("", "read")
            for row in rows:
                same = bool(row.mobile and row.mobile == self.row.mobile) or row.name == self.row.name
                start = str(row.pk) if same and start == NEW else start
                choices.append((str(row.pk), " · ".join(part for part in (row.name, row.job_title, "" if masked else row.mobile) if part)))
        if self.access.may("contact", "add"):
            choices.append((NEW, _("A new contact")))
        choices.append((NONE, _("No contact")))
        if self.choosing:
            start, data = NONE if data.get("contact_choice") == NONE else start, None
        form = django_forms.Form(data, initial={"contact_choice": start if start in dict(choices) else NONE})
        form.fields["contact_choice"] = django_forms.ChoiceField(label=_("Contact"), choices=choices, widget=django_forms.RadioSelect)
        return form

    def _ask(self) -> None:
        asked = django_forms.Form(self.request.POST if self.request.method == "POST" else None)
        asked.fields["despite"] = django_forms.BooleanField(
            label=_("Create all the same: it is another customer, another person"), required=False)
        self.despite = asked

    # Answering

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        try:
            self.find(pk)
        except Refused as no:
            if no.code != "lead.converted":
                raise
            return go_to(request, self.kind.url(self.row))  # the lead's page tells what it has become
        self.make()
        return self.answer(self.page())

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(str(self.row), self.kind.url(self.row)), Link(_("Convert"))]

    def page(self, **more: Any) -> ConvertParts:
        customers, posted = registry.kind("customer"), self.request.POST
        choose = django_forms.Form()
        choose.fields["_other"] = LookupField(customers, self.user, label=_("Another customer"), required=False)
        choose.fields["_other"].offer(None)  # type: ignore[attr-defined]
        choose.fields["_other"].widget.attrs["form"] = "form"
        facts, address = [], ""
        if self.customer is not None:
            names = ("code", "lifecycle", "region", "phone", "owner")
            facts = [(attr.label, cells.text(customers, attr, self.customer, self.access)) for attr in customers.shown(names, self.access)]
            address = customers.url(self.customer)
        shown = self.kind.shown(["name", "company", "mobile", "email", "region", "source", "campaign", "interest", "need"], self.access)
        return ConvertParts(
            title=_("Convert “%(row)s”") % {"row": self.row},
            lead_facts=[(attr.label, cells.text(self.kind, attr, self.row, self.access)) for attr in shown if attr.value(self.row)],
            hits=[self._hit(hit) for hit in self.hits], unseen=any(hit.row is None for hit in self.hits),
            choose=choose, customer=self.customer, customer_facts=facts, customer_url=address,
            kept=[(name, value) for name in posted if name.startswith("customer-") for value in posted.getlist(name)] if self.customer is not None else [],
            forms=self.forms, sections=self.parts_of, contact_choice=self.contact_choice, opportunity_choice=self.opportunity_choice,
            line=self.line, despite=self.despite, post_url=self.request.path, cancel_url=self.kind.url(self.row),
            warnings=[hit_notice(hit) for hit in self.warnings], **{"version": self.row.version, **more},
        )

    def _hit(self, hit: Match) -> tuple[Notice, int | None]:
        """A customer that may be the lead's firm: to be taken, or whom to ask."""
        notice = hit_notice(hit)
        notice.button = None
        if hit.row is None:
            notice.text += " · " + _("ask %(owner)s to let you join") % {"owner": hit.owner or _("its owner")}
        elif self.customer is not None and hit.pk == self.customer.pk:
            notice.text += " · " + _("chosen")
        else:
            return notice, hit.pk
        return notice, None

    # Doing it

    def post(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        try:
            self.find(pk)
        except Refused as no:
            if (again := self.repeated()) is not None:
                return again
            raise no
        self.make(request.POST)
        if self.choosing:
            empty = request.POST["_choose"] == OTHER and not request.POST.get("_other")
            return self.answer(self.page(errors=[("id__other", _("Choose one from the list."))] if empty else []), status=422 if empty else 200)
        if not self._valid():
            return self.invalid()
        return super().post(request)

    def _valid(self) -> bool:
        asked = [form for form in (*self.forms.values(), self.contact_choice, self.opportunity_choice, self.despite) if form is not None and form.is_bound]
        right = not [form for form in asked if not form.is_valid()]  # all of them say what is wrong, not only the first
        self.has_line = self.line is not None and self._wanted("opportunity", self.request.POST) and any(
            self.request.POST.get(self.line.add_prefix(name), "").strip() for name in ("product", "text", "target_price"))
        return (self.line.is_valid() if self.has_line else True) and right

    def invalid(self, more: list[tuple[str, Any]] | None = None, *, status: int = 422, blockers: list[Any] | None = None) -> HttpResponse:
        errors = list(more or [])
        forms = [*self.forms.values(), self.contact_choice, self.opportunity_choice, *([self.line] if getattr(self, "has_line", False) else [])]
        for form in forms:
            if form is None or not form.is_bound:
                continue
            for name, texts in form.errors.items():
                bound = form[name] if name in form.fields else None
                errors += [(bound.id_for_label if bound else "", formats.labelled(bound.label, text) if bound else text) for text in texts]
        # What comes back to be mended keeps its version, or what somebody saved meanwhile would be lost.
        sent = version_in(self.request) if status != 409 else None
        version = self.row.version if sent is None else sent
        return self.answer(self.page(errors=errors, blockers=blockers or [], version=version), status=status)

    def _version(self) -> int:
        found = version_in(self.request)
        if found is None:
            raise Refused(_("This form is incomplete. Reload the page and try again."), code="version.missing")
        return found

    def perform(self) -> str:
        if self.customer is None and "customer" not in self.forms:
            raise Refused(_("Choose a customer: your roles do not add new ones."), field="customer")

        def build(name: str) -> Any:
            return crud.build(registry.kind(name), self.forms[name].values(), by=self.user)

        choice = self.contact_choice.cleaned_data["contact_choice"] if self.contact_choice is not None else NONE
        contact = None
        if choice == NEW:
            contact = build("contact")
        elif choice != NONE:
            contact = Contact.objects.visible_to(self.user).filter(pk=int(choice)).first()
        opportunity, lines = None, []
        if self.opportunity_choice is not None and self.opportunity_choice.cleaned_data["with_opportunity"]:
            opportunity = build("opportunity")
            lines = [OpportunityLine(line_no=0, **self.line.cleaned_data)] if self.has_line else []
        self.made = actions.convert_lead(
            self.row, customer=self.customer or build("customer"), contact=contact, opportunity=opportunity, lines=lines, by=self.user,
            version=self._version(), despite_duplicates=bool(self.despite is not None and self.despite.cleaned_data.get("despite")),
        )
        target = self.made.opportunity or self.made.customer
        return registry.kind_of(target).url(target)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        if isinstance(no, Conflict):
            self.row.refresh_from_db()
        if no.code == "duplicate":
            self.warnings = [hit for hit in no.items if isinstance(hit, duplicates.Match)]
            rules = policy.current()
            if all(hit.level(rules) != policy.FORBID for hit in self.warnings):
                if self.despite is None:
                    self._ask()
            else:
                self.despite = None
            return self.invalid([("", str(no.message))])
        return self.invalid([("", str(no.message))], status=no.status, blockers=no.items)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Converted into “%(customer)s”. It can be taken back for 24 hours.") % {"customer": self.made.customer}, "tone": "good",
                "undo_url": undo.url(self.user, "marketing.conversion", id=self.made.pk)}


class UnconvertPage(ActionPage):
    """Take a conversion back, as long as nobody has worked with what it made."""

    kind_name, menu, place = "lead", "marketing", "leads"
    permission = "convert"
    title_text = gettext_lazy("Take the conversion back")
    submit_text = gettext_lazy("Take the conversion back")
    keep_text = gettext_lazy("Leave as it is")
    style = "x"

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        self.found = actions.conversion_of(self.row)
        if self.found is None:
            raise Refused(_("This lead has not been converted."), code="conversion.none")

    def text(self) -> Any:
        assert self.found is not None
        rows = [getattr(self.found, name) for name in self.found.made]
        names = " · ".join(f"{registry.kind_of(row).label} “{row}”" for row in rows if row is not None)
        if not names:
            return _("Nothing was made by it: the lead is only taken off its customer again.")
        return _("What it made disappears: %(names)s. Follow-ups and tasks are the lead's alone again.") % {"names": names}

    def run(self, values: dict[str, Any]) -> str | None:
        assert self.found is not None
        actions.undo_conversion(self.found, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("The conversion was taken back"), "tone": "good"}
