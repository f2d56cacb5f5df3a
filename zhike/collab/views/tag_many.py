"""Tags on the chosen rows of a list: a dialog, and the job where one does not wait for so many."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.pages import jobs as lists
from zhike.pages.actions import ActionParts
from zhike.pages.each_row import EachRowPage
from zhike.records import guard, jobs, registry, undo
from zhike.records.job_context import Context

from ..actions import tags
from ..models import Tag
from .tags import WithNew, choices_of, picked


class TagManyPage(EachRowPage, WithNew):
    """Put tags on the chosen rows of a list, or take some off; each row answers for itself."""

    title_text = gettext_lazy("Tags")
    background = "collab.tag"

    def make_form(self, data: Any = None) -> django_forms.Form:
        self.words = tags.of_kind(self.kind.name)
        form = django_forms.Form(data)
        for name, label, offered in (("add", _("Put on"), [tag for tag in self.words if not tag.retired]), ("remove", _("Take off"), self.words)):
            if offered:
                form.fields[name] = django_forms.MultipleChoiceField(
                    label=label, choices=choices_of(offered), required=False, widget=django_forms.CheckboxSelectMultiple)
        self.add_new(form)
        return form

    def parts(self, **more: Any) -> ActionParts:
        found = super().parts(**more)
        found.submit_label = _("Change %(n)s") % {"n": f"{self.n:,}"}
        return found

    def perform(self) -> str:
        values = self.form.cleaned_data
        add = picked(self.words, values.get("add", ())) + self.new(values)
        remove = [tag for tag in picked(self.words, values.get("remove", ())) if tag not in add]
        if not add and not remove:
            raise Refused(_("Choose at least one tag."), code="tag.none")
        if self.whole is not None:
            return self.start_job(add=[tag.pk for tag in add], remove=[tag.pk for tag in remove])
        self.changed, self.failed, self.batch = tags.tag_each(self.kind, self.rows, add=add, remove=remove, by=self.user)
        if not self.changed:
            raise Refused(_("No row was changed."), items=self.reasons(), code="bulk.none")
        return self.list_url()

    def toast(self) -> dict[str, Any]:
        text = _("Tags changed on %(n)s records") % {"n": len(self.changed)}
        if self.failed:
            text = _("%(n)s changed, %(m)s not") % {"n": len(self.changed), "m": len(self.failed)}
        return {"text": text, "tone": "good", "undo_url": undo.url(self.user, "collab.tags_back", batch=self.batch, kind=self.kind.name)}


@jobs.job("collab.tag", label=gettext_lazy("Tags of many records"))
def tag_many(ctx: Context) -> None:
    """Put tags on every match of a list, or take some off; each row answers for itself."""
    kind = registry.kind(ctx.payload["kind"])
    guard.require(ctx.user, kind, "edit")

    def words(name: str) -> list[Tag]:
        return list(Tag.objects.filter(kind=kind.name, pk__in=ctx.payload[name]).order_by("pk"))

    def work(rows: list[Any], batch: str) -> lists.Came:
        changed, refused, _batch = tags.tag_each(kind, rows, add=words("add"), remove=words("remove"), by=ctx.user, batch=batch)
        return changed, refused

    lists.each_row(ctx, kind, work, undo="collab.tag.undo", kind=kind.name)
    ctx.say(_("Tags changed on %(n)s records, %(m)s not.") % lists.figures(ctx))


@jobs.job("collab.tag.undo", label=gettext_lazy("Undo of tags"))
def tags_back(ctx: Context) -> None:
    """Give each record the tags it had, where they are still what the change left."""
    kind = registry.kind(ctx.payload["kind"])
    lists.take_back(ctx, lambda lines, by: tags.put_back(kind, lines, by=by))
