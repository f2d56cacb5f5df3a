"""Workbooks as they come: the fullest sheet unless one was chosen, and which cells are merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..problems import SourceError
from ..readers.sheets import Book
from . import limits

Merge = tuple[int, int, int, int]  # top, left, bottom, right; row numbers as people see them, places from nought


@dataclass(slots=True)
class Sheet:
    name: str
    rows: int
    columns: int


def read(path: Path, wanted: str = "") -> tuple[list[Sheet], str, list[Merge], Iterator[tuple[int, list[Any]]]]:
    """The sheets, the name of the one read, its merged cells, and (row number, cells)."""
    book = Book(path)
    names = book.visible()[: limits.MAX_SHEETS]
    if wanted and wanted not in names:
        raise SourceError(_("%(file)s: there is no sheet “%(sheet)s”; there are: %(list)s.")
                          % {"file": path.name, "sheet": wanted, "list": ", ".join(names[:40])})
    sheets: list[Sheet] = []
    best: tuple[int, str, Any] = (-1, "", None)
    fault: SourceError | None = None
    for name in names:
        try:
            sheet = book.sheet(name)
        except SourceError as wrong:
            if wanted == name:
                raise
            fault = fault or wrong  # one broken sheet does not spoil the others
            continue
        sheets.append(Sheet(name, sheet.height, sheet.width))
        size = sheet.height * sheet.width if not wanted else int(name == wanted)
        if size > best[0]:
            best = (size, name, sheet)
        del sheet
    _size, name, sheet = best
    if (sheet is None or sheet.height == 0) and fault is not None:
        raise fault
    if sheet is None or sheet.height == 0:
        raise SourceError(_("%(file)s: no sheet of the workbook holds anything.") % {"file": path.name})
    return sheets, name, _merges(sheet), _rows(book, name, sheet)


def _rows(book: Book, name: str, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    for number, cells in book.rows(name, sheet):
        yield number, [str(cell) if isinstance(cell, timedelta) else cell for cell in cells]


def _merges(sheet: Any) -> list[Merge]:
    left = (sheet.start or (0, 0))[1]
    try:
        found = sheet.merged_cell_ranges or []
    except Exception:  # not every format tells
        return []
    return [(top + 1, first - left, bottom + 1, last - left) for (top, first), (bottom, last) in found[:10_000]]
