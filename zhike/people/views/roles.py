"""Roles: list, page, and the form of their rights with the dry run before it is saved."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.base.refused import Refused
from zhike.org.many import Draft
from zhike.org.models import Department, Role
from zhike.org.models.access import Level
from zhike.pages import formats
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.edits import EditPage, NewPage
from zhike.pages.parts import Button, Card, Cell, Column, Link, Mini, Row, Table
from zhike.pages.views import PageView, PostView, version_in
from zhike.records import guard

from .. import actions, effects, rights, role_form
from ..drafts import draft_of
from ..words import MODES
from .departments import branch
from .keeping import Keeping, crumbs

SHOWN = 500  # people named on a role's page


class RoleList(Keeping, PageView):
    kind_name, place = "role", "roles"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = Role.objects.annotate(n=Count("users", filter=Q(users__is_active=True))).order_by("order", "code")
        columns = [Column("name", _("role"), primary=True), Column("code", _("code")),
                   Column("people", _("people"), num=True), Column("factor", _("second factor"), priority=2)]
        made = []
        for row in rows:
            url = self.kind.url(row)
            name = Markup('<a class="lk" href="{}">{}</a>').format(url, row)
            made.append(Row(row.pk, url, [Cell(name), Cell(Markup("<code>{}</code>").format(row.code)), Cell(str(row.n), num=True),
                                          Cell(_("needed") if row.second_factor else "—")]))
        new = [Button(_("New role"), self.kind.action_url("new"), "plus", "p", key="c", phone=True)]
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s roles") % {"n": len(made)},
            "actions": new if self.access.may("role", "add") else [],
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)), empty=_("No role yet.")),
        })


class RolePage(Keeping, DetailPage):
    """What a role allows, who has it, and what changed."""

    kind_name, place = "role", "roles"

    def subtitle(self) -> Any:
        return Markup("<code>{}</code>").format(self.row.code)

    def actions(self) -> list[Button]:
        return [
            Button(_("Names and second factor"), self.kind.action_url("edit", self.row), "pencil", menu=True),
            Button(_("Change rights"), reverse("role-rights", args=[self.row.pk]), "checkbox", "p", key="e", phone=True),
        ]

    def own_tabs(self) -> list[TabSpec]:
        return [
            TabSpec("rights", _("Rights"), type(self).fill_summary),
            TabSpec("people", _("People"), type(self).fill_people, lambda page: page.row.users.filter(is_active=True).count()),
        ]

    def fill_summary(self, parts: DetailParts) -> None:
        draft = draft_of(self.row)
        names = dict(Department.objects.values_list("pk", "name"))
        levels = dict(role_form.LEVELS)
        columns = [Column("kind", _("records"), primary=True), Column("rights", _("rights")), Column("see", _("sees rows")),
                   Column("change", _("changes rows")), Column("fields", _("fields"))]
        rows = []
        for i, form in enumerate(role_form.offered(draft)):
            given = [label for _action, label, has in form.actions if has]
            if not given:
                continue
            chosen = formats.listed(names.get(pk, "?") for pk in sorted(form.departments))
            limits = "; ".join(formats.labelled(label, MODES[mode]) for _name, label, mode in form.fields if mode)

            def level(code: str, owned: bool = form.owned, chosen: str = chosen) -> str:
                text = str(levels[code]) if owned else "—"
                return f"{text} ({chosen})" if owned and code == Level.CHOSEN else text

            rows.append(Row(i, "", [Cell(escape(form.label)), Cell(formats.listed(given)), Cell(level(form.level)),
                                    Cell(level(form.edit_level)), Cell(limits or "—")]))
        parts.main.append(Card(_("Rights"), table=Table(columns, rows, label=_("Rights")), empty=_("This role allows nothing yet.")))
        parts.layout = "c1"

    def fill_people(self, parts: DetailParts) -> None:
        link = self.access.may("user", "edit")
        people = self.row.users.filter(is_active=True).select_related("department").order_by("pk")[:SHOWN]
        parts.layout = "c1"
        parts.main.append(Card(_("People"), minis=[
            Mini(str(user), reverse("user-detail", args=[user.pk]) if link else "", sub=str(user.department or "")) for user in people
        ], empty=_("Nobody has this role.")))


class NewRolePage(Keeping, NewPage):
    kind_name, place, right = "role", "roles", "add"

    def make_form(self, data: Any = None) -> Any:
        form = super().make_form(data)
        form.fields["like"] = django_forms.ChoiceField(
            label=_("with the rights of"), required=False,
            choices=[("", "—"), *((str(role.pk), str(role)) for role in Role.objects.all())],
        )
        return form

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", [*self.kind.create, "like"])]

    def create(self, row: Role) -> Role:
        like = self.form.cleaned_data["like"]
        if like:
            guard.require(self.user, self.kind, "edit")
        return actions.create_role(row, by=self.user, like=Role.objects.get(pk=like) if like else None)


class EditRolePage(Keeping, EditPage):
    kind_name, place = "role", "roles"


class RightsPage(Keeping, PostView):
    """The rights of a role: first what they shall be, then what that does, then it is saved."""

    kind_name, place = "role", "roles"
    template = "people/rights.html"
    row: Role

    def crumbs(self) -> list[Link]:
        return crumbs("role", Link(str(self.row), self.kind.url(self.row)), Link(_("Rights")))

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(pk)
        return self.show(draft_of(self.row))

    def post(self, request: HttpRequest, pk: int = 0, **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(pk)
        stored = draft_of(self.row)
        try:
            self.draft = role_form.read(request.POST, self.row, stored)
            rights.require_draft(self.user, self.draft, stored)
        except Refused as no:
            return self.show(stored, error=no.message, status=422)
        if request.POST.get("do") == "save":
            return super().post(request)
        return self.show(self.draft, found=effects.dry_run(self.row, self.draft))

    def refused(self, no: Refused) -> HttpResponse:
        if no.status not in (409, 422):
            raise no
        self.row.refresh_from_db()
        return self.show(self.draft, error=no.message, status=no.status)

    def perform(self) -> str:
        version = version_in(self.request)
        if version is None:
            raise Refused(_("This form is incomplete. Reload the page and try again."), code="version.missing")
        actions.set_rights(self.row, self.draft, by=self.user, version=version)
        return self.kind.url(self.row)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Rights saved; they count from the next click on"), "tone": "good"}

    def show(self, draft: Draft, *, found: effects.Effects | None = None, error: Any = "", status: int = 200) -> HttpResponse:
        # What comes back to be mended or after a trial keeps its version, or what somebody saved meanwhile would be lost.
        sent = version_in(self.request) if status != 409 else None
        departments = [(row.pk, " " * depth * 2 + row.name) for depth, row in branch(list(Department.objects.filter(enabled=True)))]
        return self.answer({
            "title": _("Rights of “%(role)s”") % {"role": self.row}, "row": self.row, "forms": role_form.offered(draft),
            "levels": role_form.LEVELS, "modes": list(MODES.items()), "departments": departments, "error": error,
            "back": self.kind.url(self.row), "effects": _told(found) if found is not None else None,
            "version": self.row.version if sent is None else sent, "post_url": self.request.path,
        }, status=status)


def _told(found: effects.Effects) -> dict[str, Any]:
    """The dry run in words, line by line."""
    people = []
    for effect in found.effects:
        lines = []
        for kind, right in effect.gains:
            lines.append(("good", _("gains: %(kind)s, %(right)s") % {"kind": _kind(kind), "right": rights.action_label(right)}))
        for kind, right in effect.loses:
            lines.append(("bad", _("loses: %(kind)s, %(right)s") % {"kind": _kind(kind), "right": rights.action_label(right)}))
        for kind, name, mode in effect.opens:
            lines.append(("good", _("%(field)s becomes %(mode)s") % {"field": _field(kind, name), "mode": MODES[mode]}))
        for kind, name, mode in effect.closes:
            lines.append(("bad", _("%(field)s becomes %(mode)s") % {"field": _field(kind, name), "mode": MODES[mode]}))
        for count in effect.rows:
            text = _("may change %(before)s → %(after)s %(kind)s") if count.edit else _("sees %(before)s → %(after)s %(kind)s")
            more = "+" if count.capped else ""
            lines.append(("good" if count.after > count.before else "bad", text % {
                "before": f"{count.before:,}", "after": f"{count.after:,}{more}", "kind": count.kind.plural,
            }))
        people.append((str(effect.user), lines))
    return {"changed": len(found.diff), "people": found.people, "counted": found.counted, "list": people}


def _kind(name: str) -> str:
    from zhike.records import registry

    return str(registry.kind(name).plural) if registry.has(name) else name


def _field(kind: str, name: str) -> str:
    from zhike.records import registry

    label = registry.kind(kind).attr(name).label_text if registry.has(kind) else name
    return formats.labelled(_kind(kind), label)
