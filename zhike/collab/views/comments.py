"""Pages of the discussion: writing, changing, deleting, and who can be named."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Case, Q, When
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.base.text import clean_line
from zhike.org.access import access_of
from zhike.pages.actions import ActionPage
from zhike.pages.details import detail_class
from zhike.pages.file_field import chip
from zhike.pages.parts import Notice
from zhike.pages.views import PageView, PostView, with_toast
from zhike.records import registry, search, undo
from zhike.records.registry import kind_of

from .. import in_fields, mentions
from ..actions import comments
from ..models import Attachment, Comment

OFFERED = 6
LOOKED_AT = 8  # each costs a few questions about their rights


def discussion_url(row: Any) -> str:
    """The tab with the record's discussion."""
    return f"{registry.kind_of(row).url(row)}discussion/"


def _ids(texts: list[str]) -> list[int]:
    return [int(text) for text in texts[:50] if text.isascii() and text.isdigit() and len(text) <= 18]


def panel(view: PageView, row: Any, *, status: int = 200, notices: list[Notice] | None = None, **kept: Any) -> HttpResponse:
    """The discussion as it is now; what was typed stays where it was refused."""
    made = detail_class(registry.kind_of(row))
    if made is None:
        raise Http404
    page = made.for_row(view.request, row)
    page._discussion = {"notices": notices or [], **kept}  # type: ignore[attr-defined]
    answer = page.show("discussion", status=status)
    if status == 200:
        n = Comment.objects.filter(kind=row.KIND, row_id=row.pk, deleted_at=None).count()
        answer["HX-Trigger"] = json.dumps({"zk:count": {"tab": "discussion", "n": n}})
    return answer


class CommentPage(PostView):
    """Say something about a record, or answer."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row = self.visible_or_404(self.kwargs["pk"])
        self.parent = None
        if found := _ids([request.POST.get("parent", "")]):
            self.parent = Comment.objects.filter(pk=found[0], kind=self.row.KIND, row_id=self.row.pk).select_related("created_by").first()
            if self.parent is None:
                raise Http404
        return super().post(request)

    def perform(self) -> str:
        self.made = comments.add_comment(self.row, self.request.POST.get("text", ""), by=self.user, parent=self.parent,
                                         picked=_ids(self.request.POST.getlist("mention")), files=_ids(self.request.POST.getlist("file")),
                                         let_in=_ids(self.request.POST.get("let_in", "").split(",")))
        return f"{discussion_url(self.row)}#comment-{self.made.pk}"

    def done(self, url: str) -> HttpResponse:
        return panel(self, self.row) if self.is_fragment else super().done(url)

    def refused(self, no: Refused) -> HttpResponse:
        if no.status != 422 or not self.is_fragment:
            raise no
        thread = (self.parent.parent_id or self.parent.pk) if self.parent else 0
        waiting = Attachment.objects.filter(pk__in=_ids(self.request.POST.getlist("file")), row_id=Attachment.WAITING, created_by=self.user)
        return panel(self, self.row, status=422, notices=[Notice(str(no.message), "bad", "alert-triangle")],
                     draft=self.request.POST.get("text", "")[: comments.LONGEST * 2], parent=thread,
                     let_in=no.users if isinstance(no, mentions.Blind) else [], held=[(found.pk, chip(in_fields.kept(found))) for found in waiting])


class TextForm(django_forms.Form):
    text = django_forms.CharField(label=gettext_lazy("Comment"), max_length=comments.LONGEST,
                                  widget=django_forms.Textarea(attrs={"rows": 4}))


class EditCommentPage(ActionPage):
    """Change one's own words within ten minutes."""

    stored = True
    form_class = TextForm
    title_text = gettext_lazy("Change comment")
    submit_text = gettext_lazy("Save")

    def prepare(self, pk: int | None = None) -> None:
        self.found, row = comments.visible_comment(self.kwargs["pk"], self.user)
        self.kind_name, self.rows = row.KIND, [row]  # type: ignore[misc]
        if not comments.may_edit(self.found, self.user):
            raise comments.late()

    def initial(self) -> dict[str, Any]:
        return {"text": self.found.text}

    def back_url(self) -> str:
        return f"{discussion_url(self.row)}#comment-{self.found.pk}"

    def run(self, values: dict[str, Any]) -> str | None:
        comments.edit_comment(self.found, self.row, values["text"], by=self.user)
        return None


class MarkCommentPage(PostView):
    """Pin a thread or make words a conclusion; `off` takes it back."""

    act: ClassVar[Any]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def perform(self) -> str:
        found, self.row = comments.visible_comment(self.kwargs["pk"], self.user)
        type(self).act(found, self.row, by=self.user, on=self.request.POST.get("off") != "1")
        return f"{discussion_url(self.row)}#comment-{found.pk}"

    def done(self, url: str) -> HttpResponse:
        return panel(self, self.row) if self.is_fragment else super().done(url)


class PinCommentPage(MarkCommentPage):
    act = staticmethod(comments.pin_comment)


class ConcludeCommentPage(MarkCommentPage):
    act = staticmethod(comments.conclude_comment)


class DeleteCommentPage(PostView):
    """Take one's own words back, with a way back."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def perform(self) -> str:
        self.found, self.row = comments.visible_comment(self.kwargs["pk"], self.user)
        comments.delete_comment(self.found, self.row, by=self.user)
        return discussion_url(self.row)

    def done(self, url: str) -> HttpResponse:
        if not self.is_fragment:
            return super().done(url)
        answer = panel(self, self.row)
        counted = json.loads(answer["HX-Trigger"])
        toast = self.toast()
        with_toast(answer, toast["text"], undo_url=toast["undo_url"])
        answer["HX-Trigger"] = json.dumps({**counted, **json.loads(answer["HX-Trigger"])})
        return answer

    def toast(self) -> dict[str, Any]:
        return {"text": _("Comment deleted"), "tone": "good", "undo_url": undo.url(self.user, "collab.restore_comment", id=self.found.pk)}


class PeoplePage(PageView):
    """Colleagues to name after @, by name, pinyin or user name; who may not see the record is marked."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.visible_or_404(pk)
        kind, q = registry.kind("user"), clean_line(request.GET.get("q", ""))[:40].replace("'", "")
        rows = kind.model.objects.visible_to(self.user).filter(is_active=True).exclude(pk=self.user.pk)
        if q:
            found_by = search.among("user", q, parts=kind.search_parts(self.access))[0]
            rows = rows.filter(found_by | Q(name__icontains=q) | Q(username__istartswith=q))
        # Colleagues of one's own department first; then whoever sees the record before who does not.
        near = Case(When(department=self.user.department_id, then=0), default=1)
        found = list(rows.select_related("department").order_by(near, "name", "pk")[:LOOKED_AT])
        items: list[dict[str, Any]] = []
        may = mentions.may_let_in(self.user, row)
        for user in found:
            able = mentions.sees(user, row)
            # A place in the team helps whoever may see such records at all.
            could = may and not able and access_of(user).may(kind_of(row).name, "view")
            why = "" if able else str((mentions.CAN_BE_LET_IN if could else mentions.CANNOT_SEE) % {"user": user})
            items.append({"value": user.pk, "label": user.name or user.username, "sub": str(user.department or ""), "sees": able,
                          "can": could, "why": why})
        items.sort(key=lambda item: not item["sees"])
        return JsonResponse({"items": items[:OFFERED]})


class NewWordsPage(PageView):
    """Asked every half minute by an open discussion: how much was said since; nothing is no content."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self.visible_or_404(pk)
        since = _ids([request.GET.get("after", "")]) or [0]
        said = Comment.objects.filter(kind=row.KIND, row_id=row.pk, pk__gt=since[0], deleted_at=None).exclude(created_by=self.user)
        n = said[:100].count()
        if not n:
            return HttpResponse(status=204)
        return render(request, "collab/news.html", {"n": n, "url": discussion_url(row)})
