"""Taking a list away as xlsx or csv: what the list shows, as the person sees it, and nothing more."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import Access
from zhike.records import guard, history, listing, options, saved_views
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import cells
from .lists import ListPage

OWN = ("format", "encoding")
MOST = 20_000  # rows of one file, made while the person waits
CHUNK = 1_000
LONGEST = 32_000  # characters of a cell; a spreadsheet takes 32,767
EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
FORMATS = {"money": "#,##0.00", "price": "#,##0.00####", "quantity": "#,##0.####", "percent": "0.00%", "int": "0",
           "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
RISKY = tuple("=+-@\t\r\n\0＝＋－＠")


class ExportPage(ListPage):
    """The list of the address as a file. Asks for the right to export; leaves a line in the history."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, self.kind, "export")
        wanted = request.GET.get("format", "xlsx")
        if wanted not in WRITERS:
            raise Refused(_("Choose xlsx or csv."), field="format", code="format")
        params = self.with_view({key: values for key, values in request.GET.lists() if key not in OWN})
        self.asked_columns = params.get("columns", [])
        asked = listing.read(self.kind, {k: v for k, v in params.items() if k not in saved_views.PASSING}, self.user,
                             ignore=("columns",))
        columns = self.columns()
        ids = row_ids(asked)
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        head = [capfirst(attr.label_text) for attr in columns]
        WRITERS[wanted](file, head, columns, values(self.kind, columns, ids, self.access), request.GET.get("encoding", ""))
        history.log_list(self.kind.name, "export", by=self.user, args={
            "conditions": params, "columns": [attr.name for attr in columns], "rows": len(ids), "format": wanted,
        })
        file.seek(0)
        name = f"{self.kind.plural}-{clock.local(clock.now()):%Y%m%d-%H%M}.{wanted}"
        response = FileResponse(file, as_attachment=True, filename=name)
        response["Content-Type"] = TYPES[wanted]
        response["Cache-Control"] = "no-store"
        return response


def row_ids(asked: listing.Request) -> list[int]:
    """The ids of all matches in the list's order; refuses more than 20,000."""
    path = asked.order.path if asked.order else "pk"
    mark = "-" if asked.down else ""
    ids = list(asked.rows().order_by(f"{mark}{path}", f"{mark}pk").values_list("pk", flat=True)[: MOST + 1])
    if len(ids) > MOST:
        raise Refused(
            _("The list has more than %(n)s rows. Narrow it with conditions and take it in parts.") % {"n": f"{MOST:,}"},
            code="rows.many",
        )
    return ids


def values(kind: Kind, columns: Sequence[Attr], ids: list[int], access: Access) -> Iterator[list[Any]]:
    """The rows' plain values, chunk by chunk: the same queries for a thousand rows as for one."""
    links = [attr.path for attr in columns if attr.type in ("ref", "user", "department") and attr.path not in kind.related]
    show = [plain(kind, attr, access) for attr in columns]
    left = iter(ids)
    while part := list(islice(left, CHUNK)):
        rows = kind.model.objects.filter(pk__in=part).select_related(*kind.related, *links)
        found = {row.pk: row for row in rows}
        for pk in part:
            if pk in found:
                yield [render(found[pk]) for render in show]


def plain(kind: Kind, attr: Attr, access: Access) -> Callable[[Any], Any]:
    """The function row → number, date or text of one field; what is masked stays masked."""
    if access.field_mode(kind.name, attr.name) == "mask":
        return lambda row: None if attr.value(row) in (None, "") else cells.masked(attr, attr.value(row))
    named: dict[Any, str] = {}
    if attr.type == "choice":
        named = {code: capfirst(str(label)) for code, label in attr.choices}
    elif attr.type == "option":
        named = {code: capfirst(label) for code, label in options.labels(attr.dictionary, get_language() or "zh-hans").items()}

    def value(row: Any) -> Any:
        found = attr.value(row)
        if found is None or found == "":
            return None
        if attr.shown is not None:
            return str(attr.shown(found))
        if attr.type == "bool":
            return str(_("yes") if found else _("no"))
        if isinstance(found, models.Model):
            return str(found)
        return named.get(found, found)

    return value


def write_xlsx(file: IO[bytes], head: list[str], columns: Sequence[Attr], rows: Iterator[list[Any]], _encoding: str) -> None:
    """Typed cells; a text is always a text, never a formula and never a link."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                      "strings_to_numbers": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = [book.add_format({"num_format": FORMATS.get(attr.type, "@")}) for attr in columns]
    for x, (label, attr) in enumerate(zip(head, columns, strict=True)):
        sheet.set_column(x, x, 28 if x == 0 else 18 if attr.type in ("datetime", "ref", "long") else 14)
        sheet.write_string(0, x, label, bold)
    sheet.freeze_panes(1, 1)
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row):
            if value is None:
                continue
            if isinstance(value, datetime):
                sheet.write_datetime(y, x, clock.local(value).replace(tzinfo=None), formats[x])
            elif isinstance(value, date):
                sheet.write_datetime(y, x, value, formats[x])  # type: ignore[arg-type]
            elif isinstance(value, int | Decimal) and -EXACT < value < EXACT:
                sheet.write_number(y, x, value, formats[x])  # type: ignore[arg-type]
            else:
                sheet.write_string(y, x, str(value)[:LONGEST], formats[x])
    book.close()


def write_texts(file: IO[bytes], head: list[str], rows: Iterator[list[str]]) -> None:
    """A workbook of texts alone: what came as text goes back as text, to the letter."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                      "strings_to_numbers": False})
    sheet = book.add_worksheet()
    bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    for x, label in enumerate(head):
        sheet.set_column(x, x, 40 if label == "_reason" else 16)
        sheet.write_string(0, x, label[:LONGEST], bold)
    sheet.freeze_panes(1, 0)
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row):
            if value:
                sheet.write_string(y, x, value[:LONGEST], text)
    book.close()


def write_csv(file: IO[bytes], head: list[str], columns: Sequence[Attr], rows: Iterator[list[Any]], encoding: str) -> None:
    """UTF-8 with a mark that spreadsheets know, or GB18030; a text that could be taken for a formula gets a quote."""
    if encoding not in ("", "gb18030"):
        raise Refused(_("The encoding is utf-8 (nothing given) or gb18030."), field="encoding", code="encoding")
    text = io.TextIOWrapper(file, encoding=encoding or "utf-8-sig", newline="", write_through=True)
    out = csv.writer(text)
    out.writerow([_safe(label) for label in head])
    for row in rows:
        out.writerow([_flat(value) for value in row])
    text.detach()


def _flat(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, (date, int, Decimal)):
        return str(value)
    return _safe(str(value))


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) else text


WRITERS = {"xlsx": write_xlsx, "csv": write_csv}
TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
