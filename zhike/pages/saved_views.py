"""Saving a list as a view: a dialog over the list's own conditions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.org.models import Role
from zhike.records import registry, saved_views
from zhike.records.kinds import Kind
from zhike.records.models import SavedView

from .actions import ActionParts
from .columns import choosable, chosen_columns
from .forms import take_refusal
from .parts import Link
from .views import PostView


class ViewDialog(PostView):
    """What saving, changing and deleting a view share: the kind, the view, refusals in place."""

    template = "pages/action.html"
    fragment = "pages/confirm.html"
    title_text: Any = ""
    submit_text: Any = ""
    style = "p"
    listed: Kind
    view: SavedView | None = None
    form: django_forms.Form

    def find(self, kind: str = "", pk: int | None = None) -> None:
        if pk is not None:
            self.view = saved_views.own(self.user, pk)
            kind = self.view.kind if self.view else ""
        if not registry.has(kind) or not self.access.may(kind, "view"):
            raise Http404
        self.listed = registry.kind(kind)

    def make_form(self, data: Any = None) -> django_forms.Form:
        return django_forms.Form(data)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.find(**kwargs)
        self.form = self.make_form()
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find(**kwargs)
        self.form = self.make_form(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return super().post(request)

    def parts(self) -> ActionParts:
        errors = [
            (self.form[name].id_for_label if name in self.form.fields else "", text)
            for name, texts in self.form.errors.items() for text in texts
        ]
        return ActionParts(
            title=f"{self.title_text}: {self.view}" if self.view else self.title_text, form=self.form,
            submit_label=self.submit_text, post_url=self.request.get_full_path(), cancel_url=self.listed.list_url(),
            style=self.style, errors=errors, text=self.text(),
        )

    def text(self) -> Any:
        return ""

    def crumbs(self) -> list[Link]:
        return [Link(self.listed.plural, self.listed.list_url()), Link(self.title_text)]

    def refused(self, no: Refused) -> HttpResponse:
        status = take_refusal(self.form, no)
        return self.answer(self.parts(), status=status)


class SaveViewPage(ViewDialog):
    """Keep the list as it stands under a name; the address carries its conditions."""

    title_text = gettext_lazy("Save as a view")
    submit_text = gettext_lazy("Save view")

    def make_form(self, data: Any = None) -> django_forms.Form:
        view = self.view
        start = {
            "name": view.name if view else "", "pinned": view.pinned if view else True,
            "default": view.default if view else False,
            "columns": [attr.name for attr in chosen_columns(self.listed, self.access, self.request.GET.getlist("columns"))],
            "roles": list(view.roles.values_list("pk", flat=True)) if view else [],
        }
        form = django_forms.Form(data, initial=start)
        form.fields["name"] = django_forms.CharField(label=_("Name"), max_length=40)
        form.fields["columns"] = django_forms.MultipleChoiceField(
            label=_("Columns"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(attr.name, capfirst(attr.label_text)) for attr in choosable(self.listed, self.access)],
        )
        form.fields["pinned"] = django_forms.BooleanField(label=_("Show as a tab"), required=False)
        form.fields["default"] = django_forms.BooleanField(label=_("Open the list with this view"), required=False)
        if saved_views.may_share(self.user, self.listed):
            form.fields["roles"] = django_forms.ModelMultipleChoiceField(
                label=_("Share with roles"), required=False, queryset=Role.objects.all(),
                widget=django_forms.CheckboxSelectMultiple,
                help_text=_("They see their own rows through it, never yours."),
            )
        return form

    def query(self, columns: list[str]) -> str:
        kept = {key: values for key, values in self.request.GET.lists() if key != "columns"}
        usual = [attr.name for attr in chosen_columns(self.listed, self.access, [])]
        if columns and set(columns) != set(usual):
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
