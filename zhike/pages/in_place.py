"""A cell of a list changed where it stands: the field's own control, saved as the edit form saves it."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.base.refused import Conflict, Refused
from zhike.records import customs, history, listing, undo
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import formats
from .edits import EditPage
from .lists import ListPage
from .views import go_to, with_toast

MOST_PARAMS = 100  # conditions read from the address of the list that stands around the cell


class CellPage(EditPage):
    """One field of one record, in a cell of its list. GET gives the control, `?row` the row as it is now."""

    template = "pages/edit.html"
    fragment = "pages/cell.html"
    lists: ClassVar[type[ListPage]]
    name = ""

    def prepare(self, pk: int = 0, field: str = "", **kwargs: Any) -> None:
        self.name = field
        super().prepare(pk=pk, **kwargs)
        if not self.attrs():
            raise Http404

    def attrs(self) -> list[Attr]:
        there = self.kind.in_place_fields(self.access)
        return [attr for attr in super().attrs() if attr.name == self.name and attr.name in there]

    def sections(self) -> list[tuple[Any, list[str]]]:
        return [("", [self.name])]

    def title(self) -> Any:
        return formats.labelled(self.row, capfirst(self.attrs()[0].label_text))

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if "row" in request.GET and self.is_fragment:
            return self.row_now(kwargs["pk"])
        return super().get(request, **kwargs)

    def perform(self) -> str:
        self.batch = uuid.uuid4().hex
        before = self.row.version
        with history.in_batch(self.batch):
            url = super().perform()
        self.changed = self.row.version != before
        return url

    def invalid(self, status: int = 422, **more: Any) -> HttpResponse:
        """The messages stand under the control; a summary would only say them twice."""
        more.setdefault("errors", [])
        if not self.is_fragment:
            del more["errors"]
        return super().invalid(status, **more)

    def refused(self, no: Refused) -> HttpResponse:
        """A "no" about another field is said here too: there is no other place for it."""
        if not isinstance(no, Conflict) and no.status in (409, 422) and no.items:
            no = Refused(" ".join([str(no.message), *(str(item[0] if isinstance(item, tuple) else item) for item in no.items)]))
        return super().refused(no)

    def done(self, url: str) -> HttpResponse:
        if not self.is_fragment:
            return super().done(url)
        response = self.row_now(self.row.pk)
        if not self.changed or response.status_code != 200:
            return response
        back = undo.url(self.user, "records.bulk_edit", batch=self.batch, kind=self.kind.name, field=self.name)
        return with_toast(response, _("Saved"), undo_url=back)

    def row_now(self, pk: int) -> HttpResponse:
        """The row as the list around it draws it; a record that went out of sight has the list drawn anew."""
        page = self.lists(kind_name=self.kind_name)
        page.setup(self.request)
        page.user = self.user
        params = around(self.request, self.kind)
        page.asked_columns = page.with_view(params).get("columns", [])
        columns = page.columns()
        rows = listing.with_neighbours(self.kind.model.objects.visible_to(self.user).filter(pk=pk), self.kind, columns)
        row = rows.first()
        if row is None:
            return go_to(self.request, self.kind.list_url())
        customs.attach(columns, [row])
        asked = listing.read(self.kind, {}, self.user)
        alone = listing.Page([row], 1, False, "", "", 1, asked.lookup, None, False)
        table = page.table(params, alone)
        return render(self.request, "pages/row.html", {"table": table, "row": table.rows[0]})


def around(request: HttpRequest, kind: Kind) -> dict[str, list[str]]:
    """The parameters of the list that the person has before them; none where they come from elsewhere."""
    try:
        found = urlsplit(request.headers.get("HX-Current-URL", ""))
        return parse_qs(found.query, max_num_fields=MOST_PARAMS) if found.path == kind.list_url() else {}
    except ValueError:
        return {}


def cell_page(lists: type[ListPage], edit: type[EditPage]) -> type[CellPage]:
    """The cells of a kind's list, saved in the way of its own edit page."""
    return type("CellPage", (CellPage, edit), {"lists": lists, "template": CellPage.template, "fragment": CellPage.fragment})
