"""Parquet files, read in batches and only the columns asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..problems import SourceError
from . import limits

BATCH = 2_000


def open_file(path: Path) -> Any:
    """The file with its columns; says how to get the library when it is missing."""
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise SourceError(_("%(file)s: reading Parquet needs the extra “parquet”: pip install 'zhike[parquet]'.")
                          % {"file": path.name}) from None
    try:
        found = parquet.ParquetFile(path)
    except Exception as wrong:
        raise SourceError(_("%(file)s: not a readable Parquet file (%(why)s).")
                          % {"file": path.name, "why": str(wrong).split(chr(10))[0][:200]}) from None
    if found.metadata.num_rows > limits.MAX_ROWS:
        raise SourceError(_("%(file)s: more than %(n)s rows; split the file.") % {"file": path.name, "n": limits.MAX_ROWS})
    return found


def rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[tuple[int, list[Any]]]:
    """The heading, then (row number, cells)."""
    file = open_file(path)
    names = file.schema_arrow.names
    if len(names) > limits.MAX_COLUMNS:
        raise SourceError(_("%(file)s: %(n)s columns; at most %(limit)s are possible.")
                          % {"file": path.name, "n": len(names), "limit": limits.MAX_COLUMNS})
    yield 1, list(names)
    number = 1
    try:
        for batch in file.iter_batches(batch_size=BATCH):
            lists = [column.to_pylist() for column in batch.columns]
            for cells in zip(*lists, strict=True):
                number += 1
                yield number, list(cells)
    except SourceError:
        raise
    except Exception as wrong:
        raise SourceError(_("%(file)s: not a readable Parquet file (%(why)s).")
                          % {"file": path.name, "why": str(wrong).split(chr(10))[0][:200]}) from None
