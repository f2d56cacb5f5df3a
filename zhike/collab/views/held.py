"""Files that go ahead of the form or the words they belong to."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.pages.file_field import chip
from zhike.pages.views import PageView
from zhike.records import customs

from .. import in_fields
from ..actions import files


class HoldPage(PageView):
    """Take one file in and say which number it has; `?field=` is the field it is for, else it is for a comment.

    Sending a file twice does no harm: what no form is saved with goes after a day.
    """

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, **kwargs: Any) -> JsonResponse:
        field = request.GET.get("field", "")
        if field and not (customs.is_custom(field) and in_fields.fillable(self.kind, field, self.user)):
            raise Http404
        try:
            made = self._taken(request, field)
        except Refused as no:
            return JsonResponse({"error": str(no.message)}, status=no.status)
        found = in_fields.kept(made)
        return JsonResponse({"id": made.pk, "name": made.name, "html": str(chip(found))}, status=201)

    def _taken(self, request: HttpRequest, field: str) -> files.Attachment:
        for name in getattr(request, "too_large", []):
            raise files.too_large(name)
        upload = request.FILES.get("file")
        if upload is None:
            raise Refused(_("Choose at least one file."), code="file.none")
        # Before the transaction: hashing and drawing take seconds, and nobody shall wait for them.
        taken = files.take_in(upload.name or "", upload.chunks(), upload.size or 0)
        try:
            return files.hold_file(self.kind.name, taken, by=self.user, field=field)
        finally:
            taken.received.discard()
