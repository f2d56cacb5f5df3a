"""A list as a workbook that comes back: id and version, the fields one may fill, choices as drop-downs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.records import customs, guard, history, listing, options, saved_views
from zhike.records.imports.importer import importer
from zhike.records.imports.uploads import store
from zhike.records.imports.uploads.targets import DATES_OF_THE_SYSTEM, ID, VERSION, Fillable, marks
from zhike.records.kinds import Kind

from ..exports import EXACT, FORMATS, LONGEST, MOST, in_words, row_ids, sheet_name, workbook
from ..job_pages import taken_away
from ..lists import ListPage

OWN = ("rows",)
CHUNK = 1_000
MOST_CHOICES = 500
CHOICES_SHEET = "_"


class TemplatePage(ListPage):
    """The list of the address to be edited in Excel; `rows=0` gives the heading alone. Asks for the
    right to import, and with rows for the right to export, too."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, self.kind, "import")
        found = importer(self.kind.name)
        if found is None or not store.may(self.user, self.kind.name):
            raise Http404
        fields = [field for field in store.allowed_for(self.kind.name, self.user).values()
                  if not field.part and field.name not in DATES_OF_THE_SYSTEM]
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        if request.GET.get("rows") == "0":
            write(file, self.kind, fields, iter(()), with_ids=False)
            what = _("template")  # a text within an f-string is not found by those who translate
            name = f"{self.kind.plural}-{what}.xlsx"
        else:
            guard.require(self.user, self.kind, "export")
            params = self.with_view({key: values for key, values in request.GET.lists() if key not in OWN})
            asked = listing.read(self.kind, {k: v for k, v in params.items() if k not in saved_views.PASSING}, self.user,
                                 ignore=("columns",))
            ids = row_ids(asked, MOST)
            write(file, self.kind, fields, rows(self.kind, fields, ids), with_ids=True)
            history.log_list(self.kind.name, "export", by=self.user, args={
                "conditions": params, "columns": [field.name for field in fields], "rows": len(ids), "format": "template"})
            name = f"{self.kind.plural}-{clock.local(clock.now()):%Y%m%d-%H%M}.xlsx"
        file.seek(0)
        return taken_away(file, name)


def rows(kind: Kind, fields: Sequence[Fillable], ids: list[int]) -> Iterator[list[Any]]:
    """Id, version and values of the rows, chunk by chunk."""
    links = [field.name for field in fields if field.target is not None and field.target.ref and not customs.is_custom(field.name)]
    own = [attr for attr in customs.of(kind) if any(attr.name == field.name for field in fields)]
    show = [value_of(field) for field in fields]
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found = kind.model.objects.select_related(*links).in_bulk(part)
        customs.attach(own, list(found.values()))
        for pk in part:
            if pk in found:
                yield [pk, found[pk].version, *(render(found[pk]) for render in show)]


def value_of(field: Fillable) -> Callable[[Any], Any]:
    """row → the value as it is read back: the label of a choice, the name of a link."""
    target, name = field.target, field.name
    assert target is not None
    named: dict[Any, str] = {}
    if target.dictionary:
        named = {code: capfirst(label) for code, label in options.labels(target.dictionary, get_language() or "zh-hans").items()}
    elif target.choices:
        named = {code: capfirst(str(label)) for code, label in target.choices}

    def value(row: Any) -> Any:
        found = getattr(row, name)
        if found is None or found == "":
            return None
        return in_words(found, named)

    return value


def write(file: IO[bytes], kind: Kind, fields: Sequence[Fillable], lines: Iterator[list[Any]], *, with_ids: bool) -> None:
    """One sheet to fill in, one with the choices of its drop-downs; texts are texts, never formulas."""
    book = workbook(file)
    sheet = book.add_worksheet(sheet_name(kind.plural))
    bold, need = book.add_format({"bold": True, "bottom": 1}), book.add_format({"bold": True, "bottom": 1, "font_color": "#b42318"})
    grey = book.add_format({"font_color": "#8a8f98", "num_format": "0"})
    which = 0 if (get_language() or "").startswith("en") else 1
    heads = [(marks()[name].labels[which], bold) for name in (ID, VERSION)] if with_ids else []
    heads += [(field.label, need if field.required else bold) for field in fields]
    formats = [grey, grey] if with_ids else []
    formats += [book.add_format({"num_format": _format(kind, field)}) for field in fields]
    for x, (label, style) in enumerate(heads):
        sheet.write_string(0, x, label, style)
        sheet.set_column(x, x, 9 if with_ids and x < 2 else 18, formats[x])
    sheet.freeze_panes(1, 3 if with_ids else 1)
    for y, line in enumerate(lines, 1):
        for x, value in enumerate(line):
            _cell(sheet, y, x, value, formats[x])
    _choices(book, sheet, fields, 2 if with_ids else 0)
    book.close()


def _format(kind: Kind, field: Fillable) -> str:
    return FORMATS.get(kind.attr(field.name).type, "@")


def _cell(sheet: Any, y: int, x: int, value: Any, style: Any) -> None:
    if value is None:
        return
    if isinstance(value, datetime):
        sheet.write_datetime(y, x, clock.local(value).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(y, x, value, style)
    elif isinstance(value, int | Decimal) and -EXACT < value < EXACT:
        sheet.write_number(y, x, value, style)
    else:
        sheet.write_string(y, x, str(value)[:LONGEST], style)


def _choices(book: Any, sheet: Any, fields: Sequence[Fillable], first: int) -> None:
    """Drop-downs of the columns that have a list, its entries on a hidden sheet."""
    lists: list[list[str]] = []
    for x, field in enumerate(fields, first):
        target = field.target
        assert target is not None
        if target.dictionary:
            names = [capfirst(label) for label in
                     options.labels(target.dictionary, get_language() or "zh-hans", enabled_only=True).values()]
        elif target.choices:
            names = [capfirst(str(label)) for _code, label in target.choices]
        elif target.type == "bool":
            names = [str(_("yes")), str(_("no"))]
        else:
            continue
        if not 0 < len(names) <= MOST_CHOICES:
            continue
        letter = _letter(len(lists))
        lists.append(names)
        sheet.data_validation(1, x, 200_000, x, {
            "validate": "list", "source": f"='{CHOICES_SHEET}'!${letter}$1:${letter}${len(names)}", "error_type": "warning"})
    if lists:
        other = book.add_worksheet(CHOICES_SHEET)
        other.hide()
        for y in range(max(map(len, lists))):
            for x, names in enumerate(lists):
                if y < len(names):
                    other.write_string(y, x, names[y])


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name  # loaded with the first workbook, not with the program

    return str(xl_col_to_name(column))
