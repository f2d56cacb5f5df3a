"""Rows of an upload as a workbook again: what came as text goes back as text, to the letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from ..exports import LONGEST, sheet_name, width_of, workbook


def write_texts(file: IO[bytes], head: list[str], rows: Iterator[list[str]], *, name: str) -> None:
    """A workbook of texts alone, never a formula and never a link."""
    book = workbook(file)
    sheet = book.add_worksheet(sheet_name(name))
    bold, text = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "@"})
    for x, label in enumerate(head):
        sheet.set_column(x, x, 40 if label == "_reason" else width_of(label, 16))
        sheet.write_string(0, x, label[:LONGEST], bold)
    sheet.freeze_panes(1, 0)
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row):
            if value:
                sheet.write_string(y, x, value[:LONGEST], text)
    book.close()
