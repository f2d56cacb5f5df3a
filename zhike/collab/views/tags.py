"""Pages of tags: on one record, on many, and the list of words for those who keep it."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages import formats
from zhike.pages.actions import ActionPage, DialogPage
from zhike.pages.parts import Badge, Button, Link
from zhike.pages.views import PageView
from zhike.records import registry, undo

from ..actions import tags
from ..models import Tag
from ..models.tags import TONES


def choices_of(found: list[Tag]) -> list[tuple[str, str]]:
    return [(str(tag.pk), tag.name) for tag in found]


def picked(found: list[Tag], ids: Any) -> list[Tag]:
    return [tag for tag in found if str(tag.pk) in set(ids)]


class WithNew(ActionPage):
    """A form that can also make a word, for those who may."""

    def add_new(self, form: django_forms.Form) -> None:
        if tags.may_make(self.user):
            form.fields["name"] = django_forms.CharField(label=_("New tag"), max_length=30, required=False)
            form.fields["tone"] = django_forms.ChoiceField(label=_("Its colour"), choices=TONES, required=False, initial="neutral")

    def new(self, values: dict[str, Any]) -> list[Tag]:
        name = values.get("name", "")
        return [tags.make_tag(self.kind, name, by=self.user, tone=values.get("tone") or "neutral")] if name else []


class TagsOfRowPage(WithNew):
    """The tags of one record: ticked ones are on it."""

    stored = True
    title_text = gettext_lazy("Tags")
    submit_text = gettext_lazy("Save tags")

    def make_form(self, data: Any = None) -> django_forms.Form:
        self.now = tags.of_row(self.row)
        mine = {tag.pk for tag in self.now}
        self.words = [tag for tag in tags.of_kind(self.kind.name) if not tag.retired or tag.pk in mine]
        form = django_forms.Form(data, initial={"tags": [str(pk) for pk in mine]})
        if self.words:
            form.fields["tags"] = django_forms.MultipleChoiceField(
                label=_("Tags"), choices=choices_of(self.words), required=False, widget=django_forms.CheckboxSelectMultiple)
        self.add_new(form)
        return form

    def text(self) -> Any:
        return "" if self.words or tags.may_make(self.user) else _("There are no tags yet. A manager or an administrator makes the first one.")

    def run(self, values: dict[str, Any]) -> str | None:
        wanted = picked(self.words, values.get("tags", ()))
        add = [tag for tag in wanted if tag not in self.now] + self.new(values)
        self.batch = tags.tag_rows([self.row], add=add, remove=[tag for tag in self.now if tag not in wanted and tag not in add], by=self.user)
        return None

    def toast(self) -> dict[str, Any]:
        return {"text": _("Tags saved"), "tone": "good", "undo_url": undo.url(self.user, "collab.tags_back", batch=self.batch, kind=self.kind.name)}


class TagsPage(PageView):
    """Every word of every kind with how often it is used, for those who keep them in order."""

    template = "collab/tags.html"
    menu = "settings"
    place = "tags"

    def crumbs(self) -> list[Link]:
        return [Link(_("Settings")), Link(_("Tags"))]

    def get(self, request: HttpRequest) -> HttpResponse:
        if not tags.may_keep(self.user):
            raise Http404
        rows = Tag.objects.annotate(n=Count("links")).order_by("kind", "retired", "name", "pk")
        by_kind: dict[str, list[Any]] = {}
        for tag in rows:
            if registry.has(tag.kind):
                by_kind.setdefault(tag.kind, []).append((tag, Badge(tag.name, tag.tone, dot=False), self._buttons(tag)))
        groups = [(registry.kind(name).plural, registry.kind(name).list_url(), found) for name, found in by_kind.items()]
        return self.answer({"title": _("Tags"), "groups": groups})

    def _buttons(self, tag: Tag) -> list[Button]:
        return [Button(_("Change tag %(tag)s") % {"tag": tag}, reverse("tag-edit", args=[tag.pk]), "pencil", "g", dialog=True),
                Button(_("Merge tag %(tag)s") % {"tag": tag}, reverse("tag-merge", args=[tag.pk]), "arrows-join", "g", dialog=True)]


class _KeepTag(DialogPage):
    """A dialog about one tag."""

    def find(self, **kwargs: Any) -> None:
        found = Tag.objects.filter(pk=kwargs["pk"]).first() if tags.may_keep(self.user) else None
        if found is None:
            raise Http404
        self.tag = found

    def title(self) -> str:
        return formats.labelled(self.submit_text, self.tag)

    def back_url(self) -> str:
        return reverse("tags")


class EditTagPage(_KeepTag):
    """Rename, recolour or retire a tag."""

    stored = True
    submit_text = gettext_lazy("Change")

    def make_form(self, data: Any = None) -> django_forms.Form:
        form = django_forms.Form(data, initial={"name": self.tag.name, "tone": self.tag.tone, "retired": self.tag.retired})
        form.fields["name"] = django_forms.CharField(label=_("Tag"), max_length=30)
        form.fields["tone"] = django_forms.ChoiceField(label=_("Colour"), choices=TONES)
        form.fields["retired"] = django_forms.BooleanField(label=_("Retired: stays where it is, put on nothing new"), required=False)
        return form

    def perform(self) -> str:
        tags.change_tag(self.tag, by=self.user, **self.form.cleaned_data)
        return reverse("tags")

    def toast(self) -> dict[str, Any]:
        return {"text": _("Tag saved"), "tone": "good"}


class MergeTagPage(_KeepTag):
    """Make two tags one; it cannot be undone, so the dialog says what happens."""

    submit_text, style = gettext_lazy("Merge"), "x"

    def make_form(self, data: Any = None) -> django_forms.Form:
        self.others = [tag for tag in tags.of_kind(self.tag.kind) if tag.pk != self.tag.pk]
        form = django_forms.Form(data)
        form.fields["into"] = django_forms.ChoiceField(label=_("Merge into"), choices=choices_of(self.others))
        return form

    def text(self) -> str:
        return _("Every record with “%(tag)s” gets the other tag instead. This cannot be undone.") % {"tag": self.tag}

    def perform(self) -> str:
        into = picked(self.others, [self.form.cleaned_data["into"]])[0]
        self.n = tags.merge_tags(self.tag, into, by=self.user)
        return reverse("tags")

    def toast(self) -> dict[str, Any]:
        return {"text": _("Merged; %(n)s records changed") % {"n": self.n}, "tone": "good"}
