"""Tables of reports as files for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

from zhike.pages.parts import Table
from zhike.records import history


def plain(text: Any) -> str:
    """A text that no spreadsheet takes for a formula."""
    said = str(text)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") and not said[1:].replace(".", "").isdigit() else said


def as_csv(name: str, head: Sequence[Any], lines: Iterable[Sequence[Any]], *, kind: str, by: Any, args: dict[str, Any]) -> HttpResponse:
    """The lines as a file that spreadsheets open; who took it is written down."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow([plain(cell) for cell in head])
    n = 0
    for line in lines:
        sheet.writerow([cell if isinstance(cell, int) else plain(cell) for cell in line])
        n += 1
    history.log_list(kind, "export", by=by, args={**args, "what": name, "rows": n})
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def head_of(table: Table) -> list[str]:
    return [str(column.label) for column in table.columns]
