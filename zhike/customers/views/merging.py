"""Merging: side by side with a choice for each field, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.forms import LookupField
from zhike.pages.parts import Button, Link
from zhike.pages.views import go_to
from zhike.records import guard, registry, undo
from zhike.records.attrs import Attr

from .. import actions, moving
from ..actions import merging
from ..models import Contact, Merge, MergedRow


@dataclass(slots=True)
class Choice:
    """One value of a field: the record it comes from and how it reads; "" where it is empty there."""

    pk: int
    text: Any
    chosen: bool = False


@dataclass(slots=True)
class Line:
    """A field in which the records differ."""

    name: str
    label: Any
    choices: list[Choice]
    one_sided: bool = False  # only one of the records says anything: it is taken, and seldom looked at


@dataclass(slots=True)
class Side:
    """One of the records, as a column."""

    pk: int
    name: str
    url: str
    facts: list[tuple[Any, Any]]
    version: int
    kept: bool = False


@dataclass(slots=True)
class MergeParts:
    """What `customers/merge.html` draws."""

    title: Any
    sides: list[Side]
    lines: list[Line]
    one_sided: list[Line]
    same: int
    moves: list[tuple[Any, int]]
    post_url: str
    cancel_url: str
    url: str
    errors: list[str] = field(default_factory=list)
    blockers: list[Any] = field(default_factory=list)


class MergePage(ActionPage):
    """Two to five records side by side: which one stays, and whose value in each field."""

    template = "customers/merge.html"
    fragment = "customers/merge_body.html"
    permission = "merge"
    menu = "customers"
    many = True
    title_text = gettext_lazy("Merge")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        if not merging.FEWEST <= len(self.rows) <= merging.MOST:
            raise Refused(_("Choose from %(few)s to %(many)s different records to merge.") % {"few": merging.FEWEST, "many": merging.MOST},
                          code="merge.count")
        wanted = self.request.POST.get("_keep") or self.request.POST.get("kept") or self.request.GET.get("kept") or ""
        known = {str(row.pk): row for row in self.rows}
        self.kept = known.get(wanted) or merging.best_of(self.rows)
        self.others = [row for row in self.rows if row.pk != self.kept.pk]

    def get(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        self.prepare(pk)
        # From a list it is asked for as a dialog: a comparison wants the whole page.
        if self.is_fragment and request.headers.get("HX-Target") != "merge":
            ids = ",".join(str(row.pk) for row in self.rows)
            return render(request, "customers/merge_link.html", {"url": f"{request.path}?ids={ids}", "n": len(self.rows)})
        return self.answer(self.merge_parts())

    def post(self, request: HttpRequest, pk: int | None = None, **kwargs: Any) -> HttpResponse:
        if "_keep" in request.POST:  # only which one stays: what was chosen for the fields stays chosen
            self.prepare(pk)
            return self.answer(self.merge_parts())
        try:
            return super().post(request, pk=pk, **kwargs)
        except Http404:
            if (faster := self._merged_meanwhile()) is None:
                raise
            return faster

    def _merged_meanwhile(self) -> HttpResponse | None:
        """Somebody merged one of them while they were compared: on to the record that stays, told by whom."""
        ids = [int(text) for text in self.request.POST.getlist("ids") if text.isascii() and text.isdigit() and len(text) <= 18]
        found = MergedRow.objects.filter(kind=self.kind.name, row_id__in=ids).select_related("merge__by").order_by("-merge_id").first()
        kept = self.kind.visible(self.user).filter(pk=found.kept_id).first() if found else None
        if found is None or kept is None:
            return None
        text = _("%(who)s was faster: “%(row)s” is part of this record now.") % {"who": found.merge.by, "row": found.title}
        return go_to(self.request, self.kind.url(kept), toast={"text": text, "tone": "wait"})

    def title(self) -> Any:
        return _("Merge %(n)s %(kind)s into one") % {"n": len(self.rows), "kind": self.kind.plural}

    def back_url(self) -> str:
        return self.kind.list_url()

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(_("Merge"))]

    def make_form(self, data: Any = None) -> django_forms.Form:
        return django_forms.Form(data)

    def merge_parts(self, errors: list[str] | None = None, blockers: list[Any] | None = None) -> MergeParts:
        attrs = merging.choosable(self.kind, self.user)
        chosen = {**merging.default_choices(attrs, self.kept, self.others), **(self.choices() if self.request.method == "POST" else {})}
        ordered = [self.kept, *self.others]
        lines, same = [], 0
        for attr in attrs:
            line = self._line(attr, ordered, chosen[attr.name])
            if line is None:
                same += 1
            else:
                lines.append(line)
        ids = ",".join(str(row.pk) for row in self.rows)
        return MergeParts(
            title=self.title(), sides=[self._side(row) for row in ordered], lines=[line for line in lines if not line.one_sided],
            one_sided=[line for line in lines if line.one_sided], same=same, moves=self._moves(),
            post_url=self.request.path, cancel_url=self.back_url(), url=f"{self.request.path}?ids={ids}", errors=errors or [],
            blockers=blockers or [],
        )

    def _side(self, row: Any) -> Side:
        lang = get_language() or "zh-hans"
        facts = [(_("owner"), str(row.owner or "—")), (_("created"), formats.day(row.created_at.date(), lang))]
        if row.KIND == Contact.KIND:
            facts.insert(0, (_("customer"), str(row.customer)))
        else:
            facts.insert(0, (_("customer code"), row.code))
            facts.append((_("life cycle"), cells.text(self.kind, self.kind.attr("lifecycle"), row, self.access)))
        return Side(row.pk, str(row), self.kind.url(row), facts, row.version, row.pk == self.kept.pk)

    def _line(self, attr: Attr, rows: list[Any], chosen: int) -> Line | None:
        """The different values of a field, each once; None where there is nothing to choose."""
        values: list[Any] = []
        choices: list[Choice] = []
        for row in rows:
            value = attr.value(row)
            if any(value == known for known in values):
                if row.pk == chosen:
                    choices[values.index(value)].chosen = True
                continue
            values.append(value)
            text = "" if merging._empty(value) else cells.text(self.kind, attr, row, self.access)
            choices.append(Choice(row.pk, text, row.pk == chosen))
        if len(choices) < 2:
            return None
        said = sum(bool(choice.text) for choice in choices)
        return Line(attr.name, attr.label, choices, one_sided=said == 1)

    def _moves(self) -> list[tuple[Any, int]]:
        """How many records of which kind come along."""
        ids = [row.pk for row in self.others]
        found: dict[Any, int] = {}
        for link in moving.foreign_keys(self.kind.model):
            name = getattr(link.model, "KIND", "")
            label = registry.kind(name).plural if registry.has(name) else link.model._meta.verbose_name_plural
            n = link.model._base_manager.filter(**{f"{link.attname}__in": ids})[: moving.MOST].count()
            if n and (registry.has(name) or link.model._meta.label == "customers.Address"):
                found[label] = found.get(label, 0) + n
        for linked in moving.link_models():
            n = linked._base_manager.filter(kind=self.kind.name, row_id__in=ids).count()
            if n and linked._meta.label in ("collab.Attachment", "collab.Comment"):
                found[linked._meta.verbose_name_plural] = n
        return list(found.items())

    def choices(self) -> dict[str, int]:
        known = {attr.name for attr in merging.choosable(self.kind, self.user)}
        ids = {str(row.pk): row.pk for row in self.rows}
        found = {}
        for name in known:
            text = self.request.POST.get(f"f-{name}", "")
            if text in ids:
                found[name] = ids[text]
        return found

    def run(self, values: dict[str, Any]) -> str | None:
        versions = {}
        for row in self.rows:
            text = self.request.POST.get(f"v-{row.pk}", "")
            if not text.isascii() or not text.isdigit() or len(text) > 9:
                raise Refused(_("This form is incomplete. Reload the page and try again."), code="version.missing")
            versions[row.pk] = int(text)
        if str(self.kept.pk) != self.request.POST.get("kept"):
            raise Refused(_("Say which record stays."), code="merge.kept")
        self.made = actions.merge_rows(self.kept, self.others, by=self.user, choices=self.choices(), versions=versions)
        return self.kind.url(self.kept)

    def refused(self, no: Refused) -> HttpResponse:
        try:
            self.prepare(None)
        except Http404:
            raise no from None
        return self.answer(self.merge_parts([str(no.message)], no.items), status=no.status)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Merged. It can be taken back for 24 hours."), "tone": "good",
                "undo_url": undo.url(self.user, "customers.merge", merge=self.made.pk)}


class MergeWithPage(ActionPage):
    """From a record's page: which other one is it?"""

    permission = "merge"
    menu = "customers"
    title_text = gettext_lazy("Merge")
    submit_text = gettext_lazy("Compare")

    def text(self) -> Any:
        return _("Choose the other record. Both are shown side by side before anything happens.")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data)
        query = f"customer={self.row.customer_id}" if self.row.KIND == Contact.KIND else ""
        form.fields["other"] = LookupField(self.kind, self.user, label=_("Merge with"), query=query)
        form.fields["other"].offer(data.get("other") if data else None)  # type: ignore[attr-defined]
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        if values["other"].pk == self.row.pk:
            raise Refused(_("Choose another record than this one."), field="other")
        return f"{reverse(f'{self.kind.name}-merge')}?ids={self.row.pk},{values['other'].pk}"


class UndoMergePage(ActionPage):
    """Take the newest merge into this record back."""

    permission = "merge"
    menu = "customers"
    title_text = gettext_lazy("Take the merge back")
    submit_text = gettext_lazy("Take the merge back")
    style = "x"
    keep_text = gettext_lazy("Leave as it is")

    def prepare(self, pk: int | None = None) -> None:
        super().prepare(pk)
        self.made = merging.last_merge(self.row)
        if self.made is None:
            raise Http404

    def text(self) -> Any:
        assert self.made is not None
        names = " · ".join(self.made.rows.values_list("title", flat=True))
        return _("%(who)s merged %(names)s into this record. They stand again as they were, with everything that was theirs.") % {
            "who": self.made.by, "names": names}

    def run(self, values: dict[str, Any]) -> str | None:
        assert self.made is not None
        actions.undo_merge(self.made, by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("The merge was taken back"), "tone": "good"}


def merge_buttons(page: Any) -> list[Button]:
    """Merge and its way back in the menu of a record."""
    if not guard.can_edit(page.user, page.row, "merge"):
        return []
    name = page.kind.name
    buttons = [Button(_("Merge"), reverse(f"{name}-merge-with", args=[page.row.pk]), "arrows-join", dialog=True, menu=True)]
    made: Merge | None = merging.last_merge(page.row)
    if merging.undoable(made):
        buttons.append(Button(_("Take the merge back"), reverse(f"{name}-unmerge", args=[page.row.pk]), "arrow-back-up", dialog=True, menu=True))
    return buttons


def bulk_buttons(page: Any) -> list[Button]:
    """Merge beneath a list with chosen rows."""
    if page.kind.name not in ("customer", "contact") or not page.access.may(page.kind.name, "merge"):
        return []
    return [Button(_("Merge"), reverse(f"{page.kind.name}-merge"), "arrows-join", "g", dialog=True)]
