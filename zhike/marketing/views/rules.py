"""Care rules: the list, their form with the text as it will read, and a look at what they plan."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.org.models import Company
from zhike.pages.edits import EditPage, EditParts, NewPage
from zhike.pages.parts import Button, Card, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView
from zhike.records import guard

from .. import texts
from ..models import CareItem, CareRule


class RuleList(PageView):
    kind_name, menu, place = "care_rule", "marketing", "care-rules"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        # As many as the reader's list behind the number has.
        mine = CareItem.objects.visible_to(self.user).filter(rule=OuterRef("pk"), status="planned").order_by().values("rule")
        rows = CareRule.objects.annotate(n=Coalesce(Subquery(mine.annotate(n=Count("pk")).values("n")), 0))
        may = self.access.may("care_rule", "edit")
        columns = [Column("name", _("rule name"), primary=True), Column("occasion", _("occasion")), Column("days", _("days"), num=True, priority=2),
                   Column("channel", _("channel"), priority=2), Column("levels", _("customer levels"), priority=2), Column("n", _("planned"), num=True, priority=2), Column("on", _("state"))]
        made = []
        for row in rows:
            url = reverse("care_rule-edit", args=[row.pk]) if may else ""
            name = Markup('<a class="lk" href="{}">{}</a>').format(url, row.name) if may else row.name
            occasion = str(row.get_festival_display()) if row.festival else str(row.get_occasion_display())
            made.append(Row(row.pk, url, [
                Cell(name), Cell(occasion), Cell(str(row.days), num=True), Cell(str(row.get_channel_display())), Cell(row.levels or _("all")),
                Cell(Markup('<a href="{}?whose=all&rule={}">{}</a>').format(reverse("care_item-list"), row.pk, row.n) if row.n else "—", num=True), Cell(_("on") if row.enabled else _("off")),
            ]))
        new = [Button(_("New care rule"), reverse("care_rule-new"), "plus", "p", key="c", phone=True)] if self.access.may("care_rule", "add") else []
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s rules") % {"n": len(made)}, "actions": new,
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)), empty=_("No rule yet.")),
        })


def preview(user: Any, text_zh: str, text_en: str, occasion: str) -> dict[str, Any]:
    """The texts as they read for one of the person's own contacts, or why they cannot be read."""
    contact = Contact.objects.visible_to(user).filter(left=False).select_related("customer").order_by("pk").first()
    customer = contact.customer if contact else Customer(name="示例机械有限公司", short_name="示例机械", name_en="Example Machinery")
    contact = contact or Contact(name="林示例", gender="female")
    made, wrong = [], ""
    for text, english in ((text_zh, False), (text_en, True)):
        if not text:
            continue
        wrong = wrong or texts.problem(text)
        if not wrong:
            made.append(texts.render(text, texts.values_of(customer=customer, contact=contact, occasion=occasion, on=clock.today(), years=5,
                                                           sender=user, company=str(Company.current()), english=english)))
    return {"texts": [] if wrong else made, "why": wrong, "variables": list(texts.VARIABLES.items())}


class _WithPreview:
    kind_name, menu, place = "care_rule", "marketing", "care-rules"

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, reverse("care_rule-list")), Link(self.title())]  # type: ignore[attr-defined]

    def cancel_url(self) -> str:
        return reverse("care_rule-list")

    def parts(self) -> EditParts:
        made = super().parts()  # type: ignore[misc]
        given = self.form if not self.form.is_bound else None  # type: ignore[attr-defined]

        def value(name: str) -> str:
            return str((given.get_initial_for_field(given.fields[name], name) if given else self.form.data.get(name, "")) or "")  # type: ignore[attr-defined]

        made.lines = Markup(render_to_string("marketing/preview.html", {
            "preview": preview(self.user, value("text_zh"), value("text_en"), _("birthday")),  # type: ignore[attr-defined]
            "url_preview": reverse("care_rule-preview")}, request=self.request))  # type: ignore[attr-defined]
        return made


class NewRulePage(_WithPreview, NewPage):
    def perform(self) -> str:
        self.row_made = self.create(self.build(self.form.values()))
        return reverse("care_rule-list")


class EditRulePage(_WithPreview, EditPage):
    def perform(self) -> str:
        changed = set(self.form.changed_data)
        self.change({name: value for name, value in self.form.values().items() if name in changed}, self.posted_version())
        return reverse("care_rule-list")


class PreviewView(PageView):
    """The texts of a form that is being typed."""

    kind_name = "care_rule"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, self.kind, "edit")
        given = request.GET
        found = preview(self.user, given.get("text_zh", "")[:3000], given.get("text_en", "")[:3000], _("birthday"))
        return render(request, "marketing/preview.html", {"preview": found, "url_preview": request.path})

