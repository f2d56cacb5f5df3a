"""Taking a list away as xlsx or csv: what the list shows, as the person sees it, and nothing more."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

from django import forms as django_forms
from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.org.access import Access
from zhike.records import custom_order, customs, guard, history, jobs, listing, options, saved_views
from zhike.records.attrs import Attr
from zhike.records.kept_files import KeptFile
from zhike.records.kinds import Kind

from . import cells, formats, whole
from .actions import ActionParts, started
from .lists import ListPage
from .views import PostView

OWN = ("format", "encoding", "ids", "all")
MOST_CHOSEN = 500  # rows picked one by one
ENCODINGS = ("", "gb18030")
MOST = 20_000  # rows of one file, made while the person waits
MOST_LATER = 200_000  # rows of one file, made in the background
CHUNK = 1_000
LONGEST = 32_000  # characters of a cell; a spreadsheet takes 32,767
EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
FORMATS = {"money": "#,##0.00", "price": "#,##0.00####", "quantity": "#,##0.####", "percent": "0.00%", "int": "0",
           "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
RISKY = tuple("=+-@\t\r\n\0＝＋－＠")


class ExportPage(ListPage, PostView):
    """The list of the address as a file. Asks for the right to export; leaves a line in the history.

    Up to 20,000 rows come at once; for up to 200,000 the page offers to make the file in the background.
    """

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        asked, columns, wanted = self.asked()
        ids = row_ids(asked, MOST_LATER, self.chosen)
        if len(ids) > MOST:
            return self.offer(len(ids))
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        encoding = request.GET.get("encoding", "")
        WRITERS[wanted](file, heads(columns), columns, values(self.kind, columns, ids, self.access), encoding, name=self.kind.plural)
        note(self.kind, {**self.params, "ids": list(map(str, ids))} if self.chosen else self.params, columns, len(ids), wanted, by=self.user)
        file.seek(0)
        response = FileResponse(file, as_attachment=True, filename=file_name(self.kind, wanted))
        response["Content-Type"] = TYPES[wanted]
        response["Cache-Control"] = "no-store"
        return response

    def asked(self) -> tuple[listing.Request, list[Attr], str]:
        """The address read and checked: which rows, which columns, which format."""
        guard.require(self.user, self.kind, "export")
        wanted, encoding = self.request.GET.get("format", "xlsx"), self.request.GET.get("encoding", "")
        if wanted not in WRITERS:
            raise Refused(_("Choose xlsx or csv."), field="format", code="format")
        if encoding not in ENCODINGS:
            raise Refused(_("The encoding is utf-8 (nothing given) or gb18030."), field="encoding", code="encoding")
        self.chosen = self.picked()
        given = {key: found for key, found in self.request.GET.lists() if key not in OWN}
        # Rows picked by hand are those rows, whatever the list was narrowed to.
        self.params = {key: found for key, found in given.items() if key in ("columns", "order")} if self.chosen else self.with_view(given)
        self.asked_columns = list(dict.fromkeys(self.params.get("columns", [])))
        return read(self.kind, self.params, self.user), self.columns(), wanted

    def picked(self) -> list[int]:
        """The rows chosen on the list; none stands for all its matches."""
        parts = [part for part in self.request.GET.get("ids", "").split(",") if part]
        ids = [pk for part in parts if (pk := number(part)) is not None]
        if len(parts) > MOST_CHOSEN or len(ids) < len(parts):
            raise Refused(_("Choose at most %(n)s rows, or export the whole list.") % {"n": MOST_CHOSEN}, field="ids", code="ids")
        return ids

    def offer(self, n: int) -> HttpResponse:
        """Too many rows to wait for: a page that says so, with the button that starts the job."""
        self.template, self.fragment = "pages/action.html", "pages/confirm.html"  # type: ignore[misc]
        return self.answer(ActionParts(
            title=_("Export %(n)s rows") % {"n": f"{n:,}"}, form=django_forms.Form(), submit_label=_("Make the file"),
            post_url=self.request.get_full_path(), cancel_url=self.link(self.params),
            text=_("So long a file is made in the background. You find it under “Background jobs” for %(n)s days.")
            % {"n": jobs.FILE_DAYS},
        ))

    def perform(self) -> str:
        asked, _columns, wanted = self.asked()
        n = len(row_ids(asked, MOST_LATER))
        self.job = jobs.start(
            self.user, "records.export", {
                "kind": self.kind.name, "format": wanted, "encoding": self.request.GET.get("encoding", ""),
                "params": {key: found for key, found in self.params.items() if key not in saved_views.PASSING},
            },
            title=formats.labelled(self.kind.plural, _("Export %(n)s rows") % {"n": f"{n:,}"}), total=n, back=self.link(self.params),
        )
        return self.link(self.params)

    def toast(self) -> dict[str, Any] | None:
        return started(self.job)


def read(kind: Kind, params: dict[str, list[str]], user: Any) -> listing.Request:
    """The list's conditions, without what belongs to the moment; refuses what the list itself would."""
    return listing.read(kind, {k: v for k, v in params.items() if k not in saved_views.PASSING}, user, ignore=listing.SHAPE)


def heads(columns: Sequence[Attr]) -> list[str]:
    return [capfirst(attr.label_text) for attr in columns]


def file_name(kind: Kind, wanted: str) -> str:
    return f"{kind.plural}-{clock.local(clock.now()):%Y%m%d-%H%M}.{wanted}"


def note(kind: Kind, params: dict[str, list[str]], columns: Sequence[Attr], rows: int, wanted: str, *, by: Any) -> None:
    """Write down in the history who took which rows and columns away."""
    history.log_list(kind.name, "export", by=by, args={
        "conditions": params, "columns": [attr.name for attr in columns], "rows": rows, "format": wanted,
    })


def row_ids(asked: listing.Request, most: int, chosen: Sequence[int] = ()) -> list[int]:
    """The ids of all matches in the list's order, or of the chosen ones among them; refuses more than `most`."""
    rows = asked.rows().filter(pk__in=chosen) if chosen else asked.rows()
    if isinstance(asked.order, customs.CustomAttr):
        ids = custom_order.ids(rows, asked.order, down=asked.down, limit=most + 1)
    else:
        path = asked.order.path if asked.order else "pk"
        mark = "-" if asked.down else ""
        ids = list(rows.order_by(f"{mark}{path}", f"{mark}pk").values_list("pk", flat=True)[: most + 1])
    if len(ids) > most:
        raise whole.too_many(most)
    return ids


def values(kind: Kind, columns: Sequence[Attr], ids: list[int], access: Access) -> Iterator[list[Any]]:
    """The rows' plain values, chunk by chunk: the same queries for a thousand rows as for one."""
    links = [attr.path for attr in columns if attr.link and not attr.custom and attr.path not in kind.related]
    show = [plain(kind, attr, access) for attr in columns]
    left = iter(ids)
    while part := list(islice(left, CHUNK)):
        rows = listing.with_neighbours(kind.model.objects.filter(pk__in=part), kind, columns)
        found = {row.pk: row for row in (rows.select_related(*links) if links else rows)}
        customs.attach(columns, list(found.values()))
        for pk in part:
            if pk in found:
                yield [render(found[pk]) for render in show]


def plain(kind: Kind, attr: Attr, access: Access) -> Callable[[Any], Any]:
    """The function row → number, date or text of one field; what is masked stays masked."""
    if access.field_mode(kind.name, attr.name) == "mask":
        return lambda row: None if attr.value(row) in (None, "") else cells.masked(attr, attr.value(row))
    named: dict[Any, str] = {}
    if attr.type in ("choice", "multi"):
        named = {code: capfirst(str(label)) for code, label in attr.choices}
    elif attr.type == "option":
        named = {code: capfirst(label) for code, label in options.labels(attr.dictionary, get_language() or "zh-hans").items()}

    def value(row: Any) -> Any:
        found = attr.value(row)
        if found is None or found == "":
            return None
        if attr.shown is not None:
            return str(attr.shown(found))
        return in_words(found, named)

    return value


def in_words(found: Any, named: Mapping[Any, str]) -> Any:
    """A value as a file holds it: yes or no, the name of a record, what the choices are called; numbers and dates as they are."""
    if isinstance(found, bool):
        return str(_("yes") if found else _("no"))
    if isinstance(found, models.Model | KeptFile):
        return str(found)
    if isinstance(found, list):
        return ", ".join(str(named.get(code, code)) for code in found)
    return named.get(found, found)


def workbook(file: IO[bytes], folder: str | None = None) -> Any:
    """A workbook to write row by row: a text in it is always a text, never a formula, a number or a link. `folder` takes what is half done."""
    import xlsxwriter  # ten megabytes that only those pay who write one

    return xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                                      "strings_to_numbers": False, "tmpdir": folder})


def sheet_name(text: Any) -> str:
    """A text as the name of a sheet: at most 31 characters, without those that a spreadsheet refuses there."""
    whole = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", str(text))
    name = " ".join(whole.split())[:31].strip("' ")
    return name if name and name.casefold() != "history" else f"{name} 1".strip()


def width_of(label: str, least: int) -> int:
    """How wide a column is that shows its heading whole; Chinese characters take two places."""
    return min(max(least, sum(2 if ord(sign) > 0x2E7F else 1 for sign in label) + 2), 40)


def write_xlsx(file: IO[bytes], head: list[str], columns: Sequence[Attr], rows: Iterator[list[Any]], _encoding: str,
               folder: str | None = None, *, name: Any = "") -> None:
    """Typed cells, on a sheet of that name whose heading stays in sight."""
    book = workbook(file, folder)
    sheet = book.add_worksheet(sheet_name(name))
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = [book.add_format({"num_format": FORMATS.get(attr.type, "@")}) for attr in columns]
    for x, (label, attr) in enumerate(zip(head, columns, strict=True)):
        sheet.set_column(x, x, width_of(label, 28 if x == 0 else 18 if attr.type in ("datetime", "ref", "long") else 14))
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


def write_csv(file: IO[bytes], head: list[str], columns: Sequence[Attr], rows: Iterator[list[Any]], encoding: str,
              folder: str | None = None, *, name: Any = "") -> None:
    """UTF-8 with a mark that spreadsheets know, or GB18030; a text that could be taken for a formula gets a quote."""
    if encoding not in ENCODINGS:
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
