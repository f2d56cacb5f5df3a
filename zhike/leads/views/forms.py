"""Public forms as marketing keeps them: the list, one form with its picture and its figures, the card for a stand."""

from __future__ import annotations

import io
from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.base import clock
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Fact, Link, Mini, Row, Table
from zhike.pages.views import PageView
from zhike.records import guard, registry

from .. import actions
from ..actions import forms as form_actions
from ..models import FormDay, FormEntry, Lead, LeadForm

HERE = {"kind_name": "lead_form", "menu": "marketing", "place": "lead-forms"}
DAYS, LATEST = 14, 8
COUNTS = ("shown", "sent", "again", "refused")


def state_of(form: LeadForm) -> tuple[Any, str]:
    """Whether it takes entries now, in a word."""
    now = clock.now()
    if not form.enabled:
        return _("off"), "neutral"
    if form.opens_at and now < form.opens_at:
        return _("not open yet"), "wait"
    if form.closes_at and now >= form.closes_at:
        return _("over"), "neutral"
    return (_("taking entries"), "good") if form_actions.open_form(form.slug) is not None else (_("full"), "wait")


def address_of(request: HttpRequest, form: LeadForm) -> str:
    """The whole address of the form, as it is printed and linked."""
    return request.build_absolute_uri(reverse("public-form", args=[form.slug]))


def picture(address: str) -> Markup:
    """The address as a QR code: an SVG without styles or scripts."""
    import segno

    made = segno.make(address, error="m").svg_inline(border=4, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)
    return Markup(made)


class FormList(PageView):
    kind_name, menu, place = "lead_form", "marketing", "lead-forms"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = list(LeadForm.objects.select_related("campaign").order_by("-pk")[:200])
        sums = {day["form"]: day for day in FormDay.objects.filter(form__in=rows).order_by().values("form").annotate(
            n_shown=Sum("shown"), n_sent=Sum("sent"))}
        made = []
        for row in rows:
            url, text = self.kind.url(row), state_of(row)
            counted = sums.get(row.pk, {})
            made.append(Row(row.pk, url, [
                Cell(Markup('<a class="lk" href="{}" rel="noopener">{}</a>').format(url, row)), Cell(cells.badge(*text)), Cell(str(row.campaign or "—")),
                Cell(f"{counted.get('n_shown') or 0:,}", num=True), Cell(f"{counted.get('n_sent') or 0:,}", num=True),
                Cell(formats.d(clock.local(row.closes_at).date()) if row.closes_at else "—"),
            ]))
        columns = [Column("name", _("form"), primary=True), Column("state", _("state")), Column("campaign", _("campaign"), priority=2),
                   Column("shown", _("looked at"), num=True), Column("sent", _("leads"), num=True), Column("until", _("open until"), priority=2)]
        new = [Button(_("New form"), self.kind.action_url("new"), "plus", "p", key="c", phone=True)] if self.access.may("lead_form", "add") else []
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s forms") % {"n": len(made)}, "actions": new,
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)),
                         empty=_("No form yet. A form has an address and a QR code; whoever fills it in becomes a lead.")),
        })


class FormPage(DetailPage):
    """A form: its picture, its address, its figures, and what it has brought."""

    kind_name, menu, place = "lead_form", "marketing", "lead-forms"

    def badges(self) -> list[Badge]:
        text, tone = state_of(self.row)
        return [Badge(text, tone)]

    def subtitle(self) -> Any:
        return str(self.row.campaign or "")

    def actions(self) -> list[Button]:
        buttons = super().actions()
        buttons.append(Button(_("Card to print"), self.kind.action_url("card", self.row), "printer"))
        if guard.can_edit(self.user, self.row):
            label, icon = (_("Close the form"), "ban") if self.row.enabled else (_("Open the form"), "circle-check")
            buttons.append(Button(label, self.kind.action_url("switch", self.row), icon, dialog=True, menu=True))
            buttons.append(Button(_("Change the address"), self.kind.action_url("renew", self.row), "repeat", dialog=True, menu=True))
        buttons.append(Button(_("Look at the form"), reverse("public-form", args=[self.row.slug]), "external-link", "p", phone=True))
        return buttons

    def facts(self) -> list[Fact]:
        total = FormDay.objects.filter(form=self.row).aggregate(**{name: Sum(name) for name in COUNTS})
        shown, sent = total["shown"] or 0, total["sent"] or 0
        share = f"{sent * 100 // shown} %" if shown else "—"
        return [Fact(_("looked at"), f"{shown:,}"), Fact(_("leads"), f"{sent:,}", hint=share),
                Fact(_("sent again"), f"{total['again'] or 0:,}"), Fact(_("turned away"), f"{total['refused'] or 0:,}")]

    def fill_summary(self, parts: DetailParts) -> None:
        address = address_of(self.request, self.row)
        qr = self.kind.action_url("qr", self.row)
        parts.rail.append(Card(_("QR code"), key="qr", html=Markup('<div class="qr">{}</div><p class="sm ink2 adr"><a class="lk" href="{}" rel="noopener">{}</a></p>').format(
            picture(address), address, address), buttons=[Button("SVG", f"{qr}?as=svg", "download", "g"), Button("PNG", f"{qr}?as=png", "download", "g")]))
        link = Markup('<a href="{}">{}</a>').format(address, self.row)
        parts.rail.append(Card(_("On a website"), key="embed", html=Markup("<p class=\"sm ink2\">{}</p><p class=\"sm\"><code>{}</code></p><p class=\"sm ink2\">{}</p>").format(
            _("Put this link on the page, as a button or below the text:"), str(link),
            _("A web server with a form of its own sends its leads to the API: POST /api/v1/leads with a token."))))
        parts.main.append(self.days_card())
        parts.main.append(self.latest_card())
        parts.main.extend(self.fact_cards())

    def days_card(self) -> Card:
        days = list(FormDay.objects.filter(form=self.row).order_by("-day")[:DAYS])
        columns = [Column("day", _("day"), primary=True), Column("shown", _("looked at"), num=True), Column("sent", _("leads"), num=True),
                   Column("again", _("sent again"), num=True), Column("refused", _("turned away"), num=True, priority=2)]
        rows = [Row(day.pk, "", [Cell(formats.d(day.day)), *(Cell(f"{getattr(day, name):,}", num=True) for name in COUNTS)]) for day in days]
        return Card(_("Day by day"), table=Table(columns, rows, label=_("Day by day")) if rows else None, empty=_("Nobody has looked at it yet."))

    def latest_card(self) -> Card:
        """The newest leads of the form, as far as the person sees them."""
        if not self.access.may("lead", "view"):
            return Card(_("Newest leads"), empty=_("Your roles do not show you leads."))
        entries = FormEntry.objects.filter(form=self.row, again=False).order_by("-pk").values_list("lead_number", flat=True)[:200]
        leads = registry.kind("lead")
        rows = Lead.objects.visible_to(self.user).filter(pk__in=list(entries)).select_related("owner").order_by("-pk")[:LATEST]
        minis = [Mini(str(row), leads.url(row), sub=str(row.owner or _("not assigned")), value=formats.d(clock.local(row.created_at).date())) for row in rows]
        return Card(_("Newest leads"), minis=minis, empty=_("None yet that you may see."))


class NewFormPage(NewPage):
    kind_name, menu, place = "lead_form", "marketing", "lead-forms"

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [(section.title, list(section.fields)) for section in self.kind.sections]

    def more(self) -> list[str]:
        return []

    def defaults(self) -> dict[str, Any]:
        start = super().defaults()
        start.setdefault("asked", ["company", "mobile", "email", "interest", "need"])
        start.setdefault("must", ["company", "mobile"])
        start.setdefault("again_days", 30)
        return start


class EditFormPage(EditPage):
    kind_name, menu, place = "lead_form", "marketing", "lead-forms"


class SwitchFormPage(ActionPage):
    kind_name, menu, place = "lead_form", "marketing", "lead-forms"

    def title(self) -> Any:
        return formats.labelled(_("Close the form") if self.row.enabled else _("Open the form"), self.row)

    def text(self) -> Any:
        if self.row.enabled:
            return _("Whoever opens its address then reads that it is not open. Its leads stay.")
        return _("Its address and its QR code work again, within its dates.")

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = _("Close the form") if self.row.enabled else _("Open the form")
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        actions.switch_form(self.row, enabled=not self.row.enabled, by=self.user)
        return None


class RenewAddressPage(ActionPage):
    kind_name, menu, place = "lead_form", "marketing", "lead-forms"
    title_text = gettext_lazy("Change the address")
    submit_text = gettext_lazy("Give it a new address")
    style = "x"

    def text(self) -> Any:
        return _("The present address and every printed QR code stop working at once.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.renew_address(self.row, by=self.user)
        return None


class _OneForm(PageView):
    """A page about one form that only shows."""

    kind_name, menu, place = "lead_form", "marketing", "lead-forms"
    row: LeadForm

    def find(self, pk: int) -> None:
        self.row = self.visible_or_404(pk)

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(str(self.row), self.kind.url(self.row))]


class QrView(_OneForm):
    """The QR code as a file: drawn for print (SVG) or as points (PNG)."""

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        import segno

        self.find(pk)
        kind = request.GET.get("as", "svg")
        if kind not in ("svg", "png"):
            raise Http404
        out = io.BytesIO()
        code = segno.make(address_of(request, self.row), error="m")
        code.save(out, kind=kind, scale=20, border=4, dark="#000", light="#fff")
        response = HttpResponse(out.getvalue(), content_type="image/svg+xml" if kind == "svg" else "image/png")
        response["Content-Disposition"] = f'attachment; filename="form-{self.row.pk}.{kind}"'
        return response


class CardView(_OneForm):
    """The card for a stand: a whole sheet, or a small one to cut out."""

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.find(pk)
        address = address_of(request, self.row)
        return render(request, "leads/card.html", {"shell": None, "page": {
            "title": str(self.row), "row": self.row, "small": request.GET.get("size") == "stand", "picture": picture(address), "address": address,
            "texts": [self.row.title_zh, self.row.title_en], "back": self.kind.url(self.row), "url": request.path,
        }})
