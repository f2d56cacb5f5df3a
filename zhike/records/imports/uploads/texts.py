"""Text tables as they come: encoding and separator found, or taken from what the person chose."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..files import FileSpec
from ..problems import SourceError
from ..readers import encodings, text
from ..templates import BadCell

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
_LOOK = 64 * 1024
_LINES = 50
# What spreadsheet programs write for a number of more than 11 digits: its last digits are gone.
_SHORTENED = re.compile(r"[1-9](?:\.\d+)?E\+\d{2}")


def encoding_of(path: Path, chosen: str = "") -> str:
    """The encoding of the file; refuses one that does not fit, naming the line."""
    if chosen:
        line = encodings.check(path, chosen)
        if line is not None:
            raise SourceError(_("%(file)s: line %(line)s is not %(encoding)s.")
                              % {"file": path.name, "line": line, "encoding": chosen})
        return chosen
    found, line = encodings.guess(path)
    if not found:
        raise SourceError(_("%(file)s: neither UTF-8 nor GB18030 (line %(line)s). Choose the encoding, or save the file "
                            "as UTF-8.") % {"file": path.name, "line": line})
    if found.startswith("utf-16") or found == "utf-8-sig":  # told by a mark at the start, not tried to the end
        line = encodings.check(path, found)
        if line is not None:
            raise SourceError(_("%(file)s: line %(line)s is not %(encoding)s.")
                              % {"file": path.name, "line": line, "encoding": "UTF-16" if found.startswith("utf-16") else "UTF-8"})
    return found


BOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")


def rows(path: Path, encoding: str, delimiter: str = "") -> tuple[str, Iterator[tuple[int, list[Any]]]]:
    """The separator, and (line number, cells) of every record."""
    if delimiter not in DELIMITERS:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else separator(path, encoding)
        if not delimiter and path.suffix.lower() in BOOKS:
            raise SourceError(_("%(file)s: the file is damaged: it is not a workbook, though it is named like one.")
                              % {"file": path.name})
        delimiter = delimiter or ","
    found = text.rows(path, FileSpec(path.name, [], format="csv", encoding=encoding, delimiter=delimiter))
    return delimiter, ((number, [_cell(cell) for cell in cells]) for number, cells in found)


def separator(path: Path, encoding: str) -> str:
    """The mark by which most records fall into the same number of cells; "" when none divides them."""
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        sample = file.read(_LOOK).replace("\x00", "")
    best, score = "", (0.0, 0)
    for mark in DELIMITERS:
        widths: list[int] = []
        try:
            for cells in csv.reader(sample.splitlines(keepends=True), delimiter=mark):
                if any(cells):
                    widths.append(len(cells))
                if len(widths) >= _LINES:
                    break
        except csv.Error:
            continue
        width, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
        wide = sum(1 for found in widths if found > 1)
        if width > 1 or wide:
            found_score = (wide / len(widths) * (times / len(widths)), width)
            if found_score > score:
                best, score = mark, found_score
    return best


def _cell(cell: Any) -> Any:
    if isinstance(cell, str) and _SHORTENED.fullmatch(cell.strip()):
        return BadCell(_("“%(value)s” is what a spreadsheet program leaves of a long number: its last digits are lost. "
                         "Format the column as text in the workbook and save it again.") % {"value": cell.strip()})
    return cell
