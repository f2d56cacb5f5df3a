"""CSV and its relatives."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..files import FileSpec
from ..problems import SourceError
from ..templates import BadCell
from . import encodings, limits

csv.field_size_limit(2_000_000)
_DELIMITERS = (",", ";", "\t", "|")


def rows(path: Path, spec: FileSpec) -> Iterator[tuple[int, list[Any]]]:
    """(line number, cells) of every record, the heading included."""
    encoding = spec.encoding or encodings.find(path)
    if spec.encoding:
        line = encodings.check(path, spec.encoding)
        if line is not None:
            raise SourceError(_("%(file)s: line %(line)s is not %(encoding)s.")
                              % {"file": path.name, "line": line, "encoding": spec.encoding})
    if encoding in ("gbk", "gb2312"):
        encoding = "gb18030"
    if encoding == "utf-8":
        encoding = "utf-8-sig"
    delimiter = spec.delimiter or ("\t" if spec.format == "tsv" or path.suffix.lower() == ".tsv" else "")
    delimiter = delimiter or _find_delimiter(path, encoding, spec.header)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader((_without_null(line) for line in file), delimiter=delimiter, strict=True)
        number = 0
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as wrong:
                raise SourceError(_("%(file)s: line %(line)s: a quote is not closed or stands in the middle of a cell "
                                    "(%(why)s).") % {"file": path.name, "line": first, "why": wrong}) from None
            number += 1
            if len(cells) > limits.MAX_COLUMNS:
                raise SourceError(_("%(file)s: line %(line)s has %(n)s columns; at most %(limit)s are possible.")
                                  % {"file": path.name, "line": first, "n": len(cells), "limit": limits.MAX_COLUMNS})
            yield number, [_cell(cell) for cell in cells]


def _without_null(line: str) -> str:
    return line.replace("\x00", "") if "\x00" in line else line


def _cell(cell: str) -> Any:
    if len(cell) > limits.MAX_CELL:
        return BadCell(_("a cell has at most %(limit)s characters; this one has %(n)s.")
                       % {"limit": limits.MAX_CELL, "n": len(cell)})
    return cell


def _find_delimiter(path: Path, encoding: str, header: int) -> str:
    """The separator that occurs most in the heading line, outside quotes; a comma when none does."""
    with path.open(encoding=encoding, newline="") as file:
        line = ""
        for _i in range(header):
            line = file.readline(1_000_000)
    outside = "".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0)
    return max(_DELIMITERS, key=lambda mark: (outside.count(mark), mark == ","))
