"""Workbooks: xlsx, xlsb, xls and ods through calamine. Formulas are never worked out, macros never run."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..files import FileSpec
from ..problems import SourceError
from ..templates import BadCell
from . import limits

_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>(?:(?!</(?:\w+:)?c>).){0,300}?<(?:\w+:)?v>([^<]{1,20})', re.DOTALL)
_ANY_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MACROS = "_VBA_PROJECT".encode("utf-16-le")
CHUNK = 1 << 20


def rows(path: Path, spec: FileSpec) -> Iterator[tuple[int, list[Any]]]:
    """(row number, cells) of one sheet; the first one unless the plan names it."""
    book = Book(path)
    if spec.sheet and spec.sheet not in book.names:
        raise SourceError(_("%(file)s: there is no sheet “%(sheet)s”; there are: %(list)s.")
                          % {"file": path.name, "sheet": spec.sheet, "list": ", ".join(book.names[:40])})
    name = spec.sheet or book.names[0]
    yield from book.rows(name, book.sheet(name))


class Book:
    """A workbook that passed the checks; raises `SourceError` whatever is wrong with the file."""

    def __init__(self, path: Path) -> None:
        import python_calamine as calamine

        self.path = path
        self.errors = _inspect(path)
        with _told(path):
            self.book = calamine.CalamineWorkbook.from_path(str(path))
            self.names: list[str] = self.book.sheet_names
        if not self.names:
            raise SourceError(_("%(file)s: the workbook has no sheet.") % {"file": path.name})

    def visible(self) -> list[str]:
        """The sheets people see that hold cells (no charts); all where none is left."""
        import python_calamine as calamine

        found = [meta.name for meta in self.book.sheets_metadata
                 if meta.typ == calamine.SheetTypeEnum.WorkSheet and meta.visible == calamine.SheetVisibleEnum.Visible]
        return found or self.names

    def sheet(self, name: str) -> Any:
        with _told(self.path):
            sheet = self.book.get_sheet_by_name(name)
        if sheet.total_width > limits.MAX_COLUMNS:
            raise SourceError(_("%(file)s: %(n)s columns; at most %(limit)s are possible.")
                              % {"file": self.path.name, "n": sheet.total_width, "limit": limits.MAX_COLUMNS})
        return sheet

    def rows(self, name: str, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
        """(row number, cells) of an open sheet, error cells marked as such."""
        bad: dict[int, list[tuple[int, str]]] = {}
        for (row, column), why in self.errors.get(self.names.index(name), {}).items():
            bad.setdefault(row, []).append((column, why))
        top, left = sheet.start or (0, 0)
        for i, cells in enumerate(sheet.iter_rows()):
            if i < top:
                continue
            for column, why in bad.get(i, ()):
                if column < len(cells):
                    cells[column] = BadCell(_("the cell shows the error %(error)s.") % {"error": why})
            yield i + 1, [_cell(cell) for cell in cells[left:]]


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The library raises many kinds, and panics on some broken files: all become one reason."""
    import python_calamine as calamine

    try:
        yield
    except calamine.PasswordError:
        raise SourceError(_("%(file)s: the workbook is protected by a password; save it without one.")
                          % {"file": path.name}) from None
    except BaseException as wrong:
        if isinstance(wrong, (SourceError, KeyboardInterrupt, SystemExit)):
            raise
        raise _broken(path, wrong) from None


def _cell(cell: Any) -> Any:
    if isinstance(cell, str) and len(cell) > limits.MAX_CELL:
        return BadCell(_("a cell has at most %(limit)s characters; this one has %(n)s.")
                       % {"limit": limits.MAX_CELL, "n": len(cell)})
    return cell


def _broken(path: Path, wrong: BaseException) -> SourceError:
    why = str(wrong).split("\n")[0][:200]
    return SourceError(_("%(file)s: the workbook is damaged or not a workbook (%(why)s). Open it in a spreadsheet "
                         "program and save it anew.") % {"file": path.name, "why": why})


Errors = dict[int, dict[tuple[int, int], str]]  # sheet → (row, column) → error


def _inspect(path: Path) -> Errors:
    """Refuse bombs, entities and macros before anything is parsed; returns the error cells by sheet."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            head = file.read(8)
            if head[:2] == b"PK":
                raise _broken(path, ValueError(_("the end of the file is missing")))
            if head != b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" and head[:2] != b"\x09\x08":
                raise SourceError(_("%(file)s: not a workbook. If it is text, write format = \"csv\" into the plan.")
                                  % {"file": path.name})
            file.seek(0)
            if _contains(file, _MACROS):
                raise _macros(path)
        return {}
    errors: dict[int, dict[tuple[int, int], str]] = {}
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > limits.MAX_MEMBERS:
                raise SourceError(_("%(file)s: too many parts for a workbook.") % {"file": path.name})
            sheets = 0
            for member in members:
                if member.filename.lower().endswith("vbaproject.bin"):
                    raise _macros(path)
                is_sheet = bool(re.search(r"worksheets/[^/]+\.xml$", member.filename))
                with archive.open(member) as file:
                    total = _scan(path, member.filename, file, total, errors.setdefault(sheets, {}) if is_sheet else None)
                sheets += is_sheet
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as wrong:
        raise _broken(path, wrong) from None
    except Exception as wrong:
        if isinstance(wrong, SourceError):
            raise
        raise _broken(path, wrong) from None
    return errors


def _scan(path: Path, name: str, file: Any, total: int, errors: dict[tuple[int, int], str] | None) -> int:
    """Stream one part of the archive; `total` counts what has been unpacked so far."""
    size, tail, height, width = path.stat().st_size, b"", 0, 0
    is_xml = name.endswith((".xml", ".rels"))
    while data := file.read(CHUNK):
        total += len(data)
        if total > limits.MAX_UNPACKED or (total > limits.RATIO_FROM and total > size * limits.MAX_RATIO):
            raise SourceError(_("%(file)s: unpacks to more than %(n)s MB; this is refused.")
                              % {"file": path.name, "n": total // CHUNK})
        if not is_xml:
            continue
        text = tail + data
        if _FORBIDDEN.search(text):
            raise SourceError(_("%(file)s: the workbook defines XML entities; this is refused.") % {"file": path.name})
        if errors is not None:
            for found in _ANY_CELL.finditer(text):
                height, width = max(height, int(found[2])), max(width, _column(found[1]) + 1)
            if height * width > limits.MAX_CELLS:
                raise SourceError(_("%(file)s: a sheet of %(rows)s rows and %(columns)s columns is too large; delete the "
                                    "cells far out, or save it as CSV.")
                                  % {"file": path.name, "rows": f"{height:,}", "columns": f"{width:,}"})
        if errors is not None and b't="e"' in text:
            for found in _ERROR_CELL.finditer(text):
                if len(errors) < limits.MAX_ERROR_CELLS:
                    errors[int(found[2]) - 1, _column(found[1])] = found[3].decode("ascii", "replace")
        tail = text[-600:]
    return total


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _contains(file: Any, mark: bytes) -> bool:
    tail = b""
    while data := file.read(CHUNK):
        if mark in tail + data:
            return True
        tail = data[-len(mark) :]
    return False


def _macros(path: Path) -> SourceError:
    return SourceError(_("%(file)s: the workbook holds macros; save it without them (as .xlsx).") % {"file": path.name})
