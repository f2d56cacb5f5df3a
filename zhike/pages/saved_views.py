"""Saving a list as a view: a dialog over the list's own conditions."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.org.models import Role
from zhike.records import registry, routes, saved_views, view_counts
from zhike.records.kinds import Kind
from zhike.records.models import SavedView

from . import formats, menus
from .actions import DialogPage
from .columns import chosen_columns, ordered
from .parts import Link
from .views import PageView


class ViewDialog(DialogPage):
    """What saving, changing and deleting a view share: the list and the view it is about."""

    listed: Kind
    view: SavedView | None = None

    def find(self, **kwargs: Any) -> None:
        kind, pk = kwargs.get("kind", ""), kwargs.get("pk")
        if pk is not None:
            self.view = saved_views.own(self.user, pk)
            kind = self.view.kind if self.view else ""
        if not registry.has(kind) or not self.access.may(kind, "view"):
            raise Http404
        self.listed = registry.kind(kind)

    def title(self) -> Any:
        return formats.labelled(self.title_text, self.view) if self.view else self.title_text

    def post_url(self) -> str:
        return self.request.get_full_path()  # it carries the list's conditions

    def back_url(self) -> str:
        return self.listed.list_url()

    def crumbs(self) -> list[Link]:
        return [Link(self.listed.plural, self.listed.list_url()), Link(self.title_text)]


class SaveViewPage(ViewDialog):
    """Keep the list as it stands under a name; the address carries its conditions."""

    title_text = gettext_lazy("Save as a view")
    submit_text = gettext_lazy("Save view")

    def make_form(self, data: Any = None) -> django_forms.Form:
        view = self.view
        shown = chosen_columns(self.listed, self.access, self.request.GET.getlist("columns"))
        arranged, others = ordered(self.listed, self.access, shown)  # posted in the order they stand in
        start = {
            "name": view.name if view else "", "pinned": view.pinned if view else True,
            "default": view.default if view else False,
            "columns": [attr.name for attr in shown],
            "roles": list(view.roles.values_list("pk", flat=True)) if view else [],
        }
        form = django_forms.Form(data, initial=start)
        form.fields["name"] = django_forms.CharField(label=_("Name"), max_length=40)
        form.fields["pinned"] = django_forms.BooleanField(label=_("Show as a tab and in the menu"), required=False)
        form.fields["default"] = django_forms.BooleanField(label=_("Open the list with this view"), required=False)
        if saved_views.may_share(self.user, self.listed):
            form.fields["roles"] = django_forms.ModelMultipleChoiceField(
                label=_("Share with roles"), required=False, queryset=Role.objects.all(),
                widget=django_forms.CheckboxSelectMultiple,
                help_text=_("They see their own rows through it, never yours."),
            )
        form.fields["columns"] = django_forms.MultipleChoiceField(
            label=_("Columns"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(attr.name, capfirst(attr.label_text)) for attr in [*shown[:1], *arranged, *others]],
        )
        form.fields["columns"].folded = True  # they are chosen in the list already
        return form

    def query(self, columns: list[str]) -> str:
        kept = {key: values for key, values in self.request.GET.lists() if key != "columns"}
        usual = [attr.name for attr in chosen_columns(self.listed, self.access, [])]
        if columns and columns != usual:
            kept["columns"] = columns
        return urlencode(kept, doseq=True)

    def perform(self) -> str:
        values = self.form.cleaned_data
        view = saved_views.save_view(
            self.listed, name=values["name"], query=self.query(values["columns"]), pinned=values["pinned"],
            default=values["default"], roles=values.get("roles", ()), by=self.user, view=self.view,
        )
        return f"{self.listed.list_url()}?view=s{view.pk}"

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("View “%(name)s” saved") % {"name": self.form.cleaned_data["name"]}, "tone": "good"}


class EditViewPage(SaveViewPage):
    """Give a view of one's own the conditions and columns the list has now."""

    stored = True
    title_text = gettext_lazy("Change view")


class DeleteViewPage(ViewDialog):
    """Delete a view of one's own; the rows stay, and it can be undone."""

    title_text = gettext_lazy("Delete view")
    submit_text = gettext_lazy("Delete view")
    style = "x"

    def text(self) -> Any:
        return _("The records stay. People it is shared with lose the view too.")

    def perform(self) -> str:
        assert self.view is not None
        self.undo_url = saved_views.delete_view(self.view, by=self.user)
        return self.listed.list_url()

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("View deleted"), "tone": "good", "undo_url": self.undo_url}


class ViewCounts(PageView):
    """How many records the pinned views of a menu (`menu=`) or the tabs of a list (`list=`) hold; asked for once
    the page stands, so that no page waits for it."""

    BUDGET = 1.5  # seconds that all of one answer may take; what is left over comes with the next page
    MOST_TABS = 24

    def get(self, request: HttpRequest) -> HttpResponse:
        wanted = [*self.pinned(request.GET.get("menu", "")), *self.tabs(request.GET.get("list", ""))]
        until = time.monotonic() + self.BUDGET
        counts = [(place, view_counts.count(self.user, kind, query)) for place, kind, query in wanted if time.monotonic() < until]
        return render(request, "pages/view_counts.html", {"counts": counts})

    def pinned(self, key: str) -> list[tuple[str, Kind, str]]:
        menu = menus.MENUS.get(key)
        found = saved_views.pinned_of(self.user, menus.kinds_in(menu, self.access)) if menu is not None else {}
        return [(f"view-count-{view.pk}", registry.kind(view.kind), view.query) for views in found.values() for view in views]

    def tabs(self, name: str) -> list[tuple[str, Kind, str]]:
        if not name:
            return []
        if not registry.has(name) or not self.access.may(name, "view") or not routes.known(f"{name}-list"):
            raise Http404
        kind = registry.kind(name)
        ready = [(view.key, view.query) for view in kind.offered_views(self.access)]
        saved = [(f"s{view.pk}", view.query) for view in saved_views.of(self.user, kind) if view.pinned]
        return [(f"tab-count-{key}", kind, query) for key, query in [*ready, *saved][: self.MOST_TABS]]
