"""Files on a record and what is said about it: read, added, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.collab import in_fields, serving
from zhike.collab.actions import comments, files
from zhike.collab.models import Attachment, Comment
from zhike.records import guard
from zhike.records.kinds import Kind

from . import answers, bodies, once
from .base import ApiView

CHUNK = 256 * 1024
MOST = 500  # of one answer; a record has no more files


def file_item(found: Attachment) -> dict[str, Any]:
    """A file as a program is told of it; its content is at its own address."""
    return {"id": found.pk, "name": found.name, "size": found.size, "type": found.media_type or "application/octet-stream",
            "sha256": found.blob.digest, "created_at": answers.moment(found.created_at), "created_by": answers.link(found.created_by)}


def comment_item(found: Comment) -> dict[str, Any]:
    """A comment; a deleted one keeps its place and has no text."""
    gone = found.deleted_at is not None
    return {"id": found.pk, "text": "" if gone else found.text, "parent": found.parent_id, "mentions": [] if gone else found.mentions,
            "created_at": answers.moment(found.created_at), "created_by": answers.link(found.created_by), "edited_at": answers.moment(found.edited_at),
            "deleted_at": answers.moment(found.deleted_at), "pinned_at": answers.moment(found.pinned_at),
            "concluded_at": answers.moment(found.concluded_at),
            "files": [] if gone else [{"id": one.pk, "name": one.name} for one in found.files.all() if one.trashed_at is None]}


class WordsView(ApiView):
    """The record that the files or comments belong to."""

    def row(self, slug: str, pk: str) -> Any:
        kind = answers.kind_or_404(slug, self.user)
        if not kind.words:
            raise Http404
        self.within(kind.name)
        return answers.row_or_404(kind, pk, self.user)


class FilesView(WordsView):
    """GET: the files on a record. POST: one more, its content as the body, its name in the address.

    POST to the record `new` with `field` sends a file ahead for a field of a record that is not made yet.
    """

    def get(self, request: HttpRequest, slug: str, pk: str) -> JsonResponse:
        row = self.row(slug, pk)
        return JsonResponse({"items": [file_item(found) for found in files.of_row(row)[:MOST]]})

    def post(self, request: HttpRequest, slug: str, pk: str) -> HttpResponse:
        row = None
        if pk == "new":
            kind = self.to_fill(slug, request.GET.get("field", ""))
        else:
            row = self.row(slug, pk)
        name = request.GET.get("name", "").strip()
        if not name:
            raise Refused(_("Give the file a name: ?name=…"), code="file.name", field="name")
        size = request.headers.get("Content-Length", "")
        if not size.isascii() or not size.isdigit() or len(size) > 12:
            no = Refused(_("Say how long the file is: Content-Length."), code="file.length")
            no.status = 411
            raise no
        # Before the transaction: hashing and drawing take seconds, and nobody shall wait for them.
        taken = files.take_in(name, _chunks(request), int(size))

        def work() -> HttpResponse:
            if row is None:
                made = files.hold_file(kind.name, taken, by=self.user, field=request.GET["field"])
            else:
                (made,) = files.attach_files(row, [taken], by=self.user)
            response = JsonResponse(file_item(made), status=201)
            if row is not None:
                response["Location"] = f"{request.path}/{made.pk}"
            return response

        try:
            return once.answer(request, self.user, work, said=taken.received.digest.encode())
        finally:
            taken.received.discard()

    def to_fill(self, slug: str, field: str) -> Kind:
        """The kind, where the person may make a record of it with this field filled."""
        kind = answers.kind_or_404(slug, self.user)
        self.within(kind.name)
        guard.require(self.user, kind, "add")
        if not in_fields.fillable(kind, field, self.user):
            raise Refused(_("There is no field for files “%(name)s” that you may fill.") % {"name": field[:60]}, code="field.unknown", field="field")
        return kind


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(CHUNK):
        yield chunk


class FileView(WordsView):
    """GET: the content of a file. DELETE: take it off the record; a person can bring it back for 30 days."""

    def found(self, slug: str, pk: str, number: int) -> tuple[Attachment, Any]:
        row = self.row(slug, pk)
        found, of = files.visible_file(number, self.user)
        if of is None or (of.KIND, of.pk) != (row.KIND, row.pk):
            raise Http404
        return found, row

    def get(self, request: HttpRequest, slug: str, pk: str, number: int) -> HttpResponseBase:
        return serving.answer(request, self.found(slug, pk, number)[0])

    def delete(self, request: HttpRequest, slug: str, pk: str, number: int) -> HttpResponse:
        found, row = self.found(slug, pk, number)
        files.trash_file(found, row, by=self.user)
        return HttpResponse(status=204)


class CommentsView(WordsView):
    """GET: what is said about a record, in order. POST: say something."""

    def get(self, request: HttpRequest, slug: str, pk: str) -> JsonResponse:
        row = self.row(slug, pk)
        after = request.GET.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 18:
            raise Refused(_("after is the id of the last comment you have."), code="after", field="after")
        rows = comments.of_row(row).filter(pk__gt=int(after)).prefetch_related("files").order_by("pk")[: MOST + 1]
        found = [comment_item(one) for one in rows]
        return JsonResponse({"items": found[:MOST], "next": found[MOST - 1]["id"] if len(found) > MOST else None})

    def post(self, request: HttpRequest, slug: str, pk: str) -> HttpResponse:
        row = self.row(slug, pk)
        given = bodies.read(request)
        text, parent = given.get("text"), given.get("parent")
        if set(given) - {"text", "parent"} or not isinstance(text, str) or isinstance(parent, bool) or not isinstance(parent, int | None):
            raise Refused(_("Send {\"text\": \"…\", \"parent\": id of what you answer, or null}."), code="body.form", field="text")

        def work() -> HttpResponse:
            before = comments.of_row(row).filter(pk=parent).first() if parent is not None else None
            if parent is not None and before is None:
                raise Refused(_("There is no such comment on this record."), code="comment.parent", field="parent")
            made = comments.add_comment(row, text, by=self.user, parent=before)
            response = JsonResponse(comment_item(made), status=201)
            response["Location"] = f"{request.path}/{made.pk}"
            return response

        return once.answer(request, self.user, work)


class CommentView(WordsView):
    """PATCH: change one's own words within 10 minutes. DELETE: take them back."""

    def found(self, slug: str, pk: str, number: int) -> tuple[Comment, Any]:
        row = self.row(slug, pk)
        found = comments.of_row(row).filter(pk=number).first()
        if found is None:
            raise Http404
        return found, row

    def patch(self, request: HttpRequest, slug: str, pk: str, number: int) -> JsonResponse:
        found, row = self.found(slug, pk, number)
        given = bodies.read(request)
        text = given.get("text")
        if set(given) != {"text"} or not isinstance(text, str):
            raise Refused(_("Send {\"text\": \"…\"}."), code="body.form", field="text")
        return JsonResponse(comment_item(comments.edit_comment(found, row, text, by=self.user)))

    def delete(self, request: HttpRequest, slug: str, pk: str, number: int) -> HttpResponse:
        found, row = self.found(slug, pk, number)
        comments.delete_comment(found, row, by=self.user)
        return HttpResponse(status=204)
