"""Departments: the tree, one department, and its forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.org.models import Department, User
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Mini, Row, Table
from zhike.pages.views import PageView

from .. import actions
from .keeping import Keeping

SHOWN = 200  # people named on a department's page


def branch(rows: list[Department], above: int | None = None, depth: int = 0) -> Iterator[tuple[int, Department]]:
    """The tree from the top down as (depth, department), in the house's order."""
    below: dict[int | None, list[Department]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    open_ = [(depth, row) for row in sorted(below.get(above, ()), key=lambda row: (row.order, row.pk), reverse=True)]
    while open_:
        level, row = open_.pop()
        yield level, row
        open_ += [(level + 1, child) for child in sorted(below.get(row.pk, ()), key=lambda row: (row.order, row.pk), reverse=True)]


class DepartmentList(Keeping, PageView):
    """The whole tree on one page; a company has dozens of departments, seldom hundreds."""

    kind_name, place = "department", "departments"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = list(Department.objects.select_related("manager").order_by())
        counts = dict(User.objects.filter(is_active=True).order_by().values_list("department").annotate(n=Count("pk")))
        columns = [Column("name", _("name"), primary=True), Column("code", _("code")), Column("head", _("head of department"), said=True),
                   Column("people", _("people"), num=True), Column("state", _("state"), priority=2)]
        made = []
        for depth, row in branch(rows):
            url = self.kind.url(row)
            name = Markup("&emsp;" * depth) + Markup('<a class="lk" href="{}">{}</a>').format(url, row.name)
            state = cells.badge(_("in use"), "good") if row.enabled else cells.badge(_("disabled"), "neutral")
            made.append(Row(row.pk, url, [Cell(name), Cell(Markup("<code>{}</code>").format(row.code)), Cell(cells.person(row.manager)),
                                          Cell(str(counts.get(row.pk, 0)), num=True), Cell(state)]))
        new = [Button(_("New department"), self.kind.action_url("new"), "plus", "p", key="c", phone=True)]
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s departments") % {"n": len(made)},
            "actions": new if self.access.may("department", "add") else [],
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)), empty=_("No department yet.")),
        })


class DepartmentPage(Keeping, DetailPage):
    kind_name, place = "department", "departments"

    def subtitle(self) -> Any:
        return Markup("<code>{}</code>").format(self.row.code)

    def badges(self) -> list[Badge]:
        return [Badge(_("in use"), "good") if self.row.enabled else Badge(_("disabled"), "neutral")]

    def actions(self) -> list[Button]:
        label, icon = (_("Disable"), "ban") if self.row.enabled else (_("Enable"), "circle-check")
        return [
            Button(_("New department below"), f"{self.kind.action_url('new')}?parent={self.row.pk}", "plus", menu=True),
            Button(label, reverse("department-switch", args=[self.row.pk]), icon, dialog=True, menu=True),
            Button(_("Edit"), self.kind.action_url("edit", self.row), "pencil", "p", key="e", phone=True),
        ]

    def fill_summary(self, parts: DetailParts) -> None:
        super().fill_summary(parts)
        link = self.access.may("user", "edit")
        people = self.row.users.filter(is_active=True).order_by("pk")[:SHOWN]
        parts.main.append(Card(_("People"), minis=[
            Mini(str(user), reverse("user-detail", args=[user.pk]) if link else "", sub=user.job_title) for user in people
        ], empty=_("Nobody is in this department.")))
        below = [(depth, row) for depth, row in branch(list(self.row.with_below()), self.row.pk)]
        parts.rail.append(Card(_("Departments below"), minis=[
            Mini(Markup("&emsp;" * depth) + row.name, self.kind.url(row)) for depth, row in below
        ], empty=_("None.")))
        parts.layout = "c2"


class NewDepartmentPage(Keeping, NewPage):
    kind_name, place, right = "department", "departments", "add"


class EditDepartmentPage(Keeping, EditPage):
    kind_name, place = "department", "departments"


class SwitchDepartmentPage(Keeping, ActionPage):
    """Out of use, or back into it."""

    kind_name, place = "department", "departments"

    def title(self) -> Any:
        return formats.labelled(self.submit, self.row)

    @property
    def submit(self) -> str:
        return _("Disable") if self.row.enabled else _("Enable")

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = self.submit
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        actions.switch_department(self.row, enabled=not self.row.enabled, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}
