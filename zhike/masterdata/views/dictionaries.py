"""Option lists: all of them, one with its choices in order, and what is done with a choice."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from markupsafe import Markup

from zhike.pages import formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.parts import Button, Card, Cell, Column, Mini, Row, Table
from zhike.pages.views import PageView, PostView
from zhike.records import guard

from .. import choices, many_choices, usage
from ..models import Dictionary, DictionaryOption


class DictionaryList(PageView):
    """Every list, how many choices it has and where it is used."""

    kind_name, menu, place = "dictionary", "settings", "option-lists"
    template = "pages/table.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        rows = DictionaryOption.objects.order_by().values_list("dictionary")
        numbers = {code: (n, on) for code, n, on in rows.annotate(n=Count("pk"), on=Count("pk", filter=Q(enabled=True)))}
        columns = [Column("name", _("option list"), primary=True), Column("code", _("code")), Column("choices", _("choices in use"), num=True),
                   Column("retired", _("retired"), num=True, priority=2), Column("where", _("used in"))]
        made = []
        for row in sorted(self.kind.visible(self.user), key=lambda row: (not usage.fields_of(row.code), row.pk)):
            url = self.kind.url(row)
            n, on = numbers.get(row.code, (0, 0))
            where = formats.listed(formats.labelled(kind.plural, capfirst(attr.label_text)) for kind, attr in usage.fields_of(row.code))
            name = Markup('<a class="lk" href="{}">{}</a>').format(url, row)
            made.append(Row(row.pk, url, [Cell(name), Cell(Markup("<code>{}</code>").format(row.code)), Cell(str(on), num=True),
                                          Cell(str(n - on), num=True), Cell(where or "—")]))
        return self.answer({
            "title": self.kind.plural, "count_text": _("%(n)s lists") % {"n": len(made)}, "actions": [],
            "card": Card("", table=Table(columns, made, label=str(self.kind.plural)), empty=_("No option list yet.")),
        })


class DictionaryPage(DetailPage):
    """The choices of one list in their order."""

    kind_name, menu, place = "dictionary", "settings", "option-lists"

    def subtitle(self) -> Any:
        return Markup("<code>{}</code>").format(self.row.code)

    def actions(self) -> list[Button]:
        if not guard.can_edit(self.user, self.row):
            return []
        return [Button(_("Add a choice"), reverse("dictionary-add", args=[self.row.pk]), "plus", "p", dialog=True, key="e", phone=True),
                Button(_("Take in many"), reverse("dictionary-many", args=[self.row.pk]), "upload", "d", dialog=True)]

    def own_tabs(self) -> list[TabSpec]:
        return [TabSpec("choices", _("Choices"), type(self).fill_summary)]

    def fill_summary(self, parts: DetailParts) -> None:
        rows = list(DictionaryOption.objects.filter(dictionary=self.row.code).order_by("order", "code"))
        used = usage.counts(self.row.code)
        lines = [
            {"row": row, "n": used[row.code], "removable": not (row.enabled or used[row.code] or choices.came_along(row))}
            for row in rows
        ]
        parts.main.append(Card(_("Choices"), template="masterdata/choices.html", empty=_("No choice yet."),
                               data={"rows": lines, "may": guard.can_edit(self.user, self.row)} if lines else None))
        parts.rail.append(Card(_("Where it is used"), minis=[
            Mini(capfirst(attr.label_text), sub=str(kind.plural)) for kind, attr in usage.fields_of(self.row.code)
        ], empty=_("No field uses it.")))


class ChoicePage(ActionPage):
    """The common part of what is done with one choice; `pk` is the choice's."""

    kind_name, menu, place = "dictionary", "settings", "option-lists"
    option: DictionaryOption

    def prepare(self, pk: int | None = None) -> None:
        self.option = get_object_or_404(DictionaryOption, pk=pk)
        super().prepare(get_object_or_404(Dictionary, code=self.option.dictionary).pk)

    def title(self) -> Any:
        return formats.labelled(self.title_text, self.option)

    def used(self) -> str:
        n = usage.used(self.row.code, self.option.code)
        return ngettext("%(n)s record holds this choice.", "%(n)s records hold this choice.", n) % {"n": n}

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


class NamesForm(forms.Form):
    name_zh = forms.CharField(label=gettext_lazy("Chinese name"), max_length=choices.LONGEST)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=choices.LONGEST, required=False,
                              help_text=gettext_lazy("Without one the Chinese name is shown in English too."))


class NewChoiceForm(NamesForm):
    code = forms.CharField(label=gettext_lazy("code"), max_length=20, required=False,
                           help_text=gettext_lazy("For files and programs. Left empty it is made from the name. Fixed once made."))


class AddChoicePage(ActionPage):
    kind_name, menu, place = "dictionary", "settings", "option-lists"
    form_class = NewChoiceForm
    title_text = gettext_lazy("Add a choice")
    submit_text = gettext_lazy("Add a choice")

    def run(self, values: dict[str, Any]) -> str | None:
        choices.add_choice(self.row, by=self.user, **values)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved"), "tone": "good"}


class ManyChoicesForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Choices"), max_length=many_choices.MOST_CHARACTERS, strip=False, widget=forms.Textarea(attrs={"rows": 12}),
        help_text=gettext_lazy("One a line: code = Chinese name | English name; a - before it retires the choice. Or paste the columns "
                               "code, Chinese name, English name, in use from a sheet. What no line names stays as it is."))


class ManyChoicesPage(ActionPage):
    """Lines, typed or pasted, become choices; what is wrong is named line by line and nothing is changed then."""

    kind_name, menu, place = "dictionary", "settings", "option-lists"
    form_class = ManyChoicesForm
    title_text = gettext_lazy("Take in many choices")
    submit_text = gettext_lazy("Take in")

    def run(self, values: dict[str, Any]) -> str | None:
        self.done_with = many_choices.take_in(self.row, values["text"], by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        added, changed, same = self.done_with
        return {"text": _("%(added)s added, %(changed)s changed, %(same)s as they were") % {"added": added, "changed": changed, "same": same},
                "tone": "good"}


class RenameChoicePage(ChoicePage):
    form_class = NamesForm
    title_text = gettext_lazy("Rename")
    submit_text = gettext_lazy("Save")

    def initial(self) -> dict[str, Any]:
        return {"name_zh": self.option.name_zh, "name_en": self.option.name_en}

    def text(self) -> Any:
        return _("The new name is shown on old records too.") + " " + self.used()

    def run(self, values: dict[str, Any]) -> str | None:
        choices.rename_choice(self.option, by=self.user, version=self.version(), **values)
        return None


class SwitchChoicePage(ChoicePage):
    """Out of use, or back into it."""

    def title(self) -> Any:
        return formats.labelled(self.verb, self.option)

    @property
    def verb(self) -> str:
        return _("Retire") if self.option.enabled else _("Take back into use")

    def text(self) -> Any:
        if not self.option.enabled:
            return _("Forms offer it again.")
        return _("Forms no longer offer it. Records that hold it keep it, and one can still filter by it.") + " " + self.used()

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.submit_label = self.verb
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        choices.switch_choice(self.option, enabled=not self.option.enabled, by=self.user)
        return None


class RemoveChoicePage(ChoicePage):
    title_text = gettext_lazy("Delete")
    submit_text = gettext_lazy("Delete the choice")
    keep_text = gettext_lazy("Keep the choice")
    style = "x"

    def text(self) -> Any:
        return _("This cannot be undone.") + " " + self.used()

    def run(self, values: dict[str, Any]) -> str | None:
        choices.remove_choice(self.option, by=self.user)
        return None


class MoveChoiceView(PostView):
    """One place up or down; the table comes back with the focus where it was."""

    kind_name, menu, place = "dictionary", "settings", "option-lists"
    http_method_names = ["post", "options"]
    row: Dictionary

    def post(self, request: HttpRequest, pk: int = 0, **kwargs: Any) -> HttpResponse:
        self.option = get_object_or_404(DictionaryOption, pk=pk)
        self.row = get_object_or_404(Dictionary, code=self.option.dictionary)
        return super().post(request)

    def perform(self) -> str:
        choices.move_choice(self.option, up=self.request.POST.get("to") == "up", by=self.user)
        return self.kind.url(self.row)

    def done(self, url: str) -> HttpResponse:
        if not self.is_fragment:
            return super().done(url)
        self.row.refresh_from_db()
        return DictionaryPage.for_row(self.request, self.row).show()
