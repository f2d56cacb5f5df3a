"""Writing down what happened, and proving later that nobody rewrote it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from zhike.base import clock

from . import channel, forwarding
from .inserting import insert_rows
from .kept_files import KeptFile
from .models import HistoryEntry, HistorySeal

BATCH = 2_000
WHOLE = 0  # stands for a kind's list where an entry names no row
_batch: ContextVar[str] = ContextVar("batch", default="")


@contextmanager
def in_batch(batch: str) -> Iterator[None]:
    """All lines written inside belong to one change of many rows."""
    token = _batch.set(batch)
    try:
        yield
    finally:
        _batch.reset(token)


def plain(value: Any) -> Any:
    """A value as history keeps it: JSON, exact, readable without the code of today."""
    if isinstance(value, models.Model):
        return {"id": value.pk, "text": str(value)}
    if isinstance(value, KeptFile):
        return value.plain()
    if isinstance(value, (Decimal, date, datetime)):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)


def entry(
    row: Any,
    action: str,
    *,
    by: Any,
    diff: Mapping[str, tuple[Any, Any]] | None = None,
    args: Mapping[str, Any] | None = None,
    batch: str = "",
    at: datetime | None = None,
) -> HistoryEntry:
    """An unsaved line of history; see `write` for many rows."""
    return HistoryEntry(
        at=at or clock.now(),
        by=by,
        channel=channel.current(),
        kind=row.KIND,
        row_id=row.pk,
        action=action,
        args=plain(dict(args or {})),
        diff={name: [plain(old), plain(new)] for name, (old, new) in (diff or {}).items()},
        batch=batch or _batch.get(),
    )


def write(entries: Sequence[HistoryEntry]) -> None:
    """Store lines of history; part of the same transaction as what they tell."""
    insert_rows(entries)


def log(row: Any, action: str, *, by: Any, **more: Any) -> None:
    write([entry(row, action, by=by, **more)])


def log_list(kind: str, action: str, *, by: Any, args: Mapping[str, Any]) -> None:
    """Note what was done with a list of a kind as a whole, e.g. that it was taken away as a file."""
    write([HistoryEntry(at=clock.now(), by=by, channel=channel.current(), kind=kind, row_id=WHOLE, action=action,
                        args=plain(dict(args)), diff={})])


def last_id() -> int:
    """The number of the newest line; what is written from now on comes after it."""
    return HistoryEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def of(row: Any) -> models.QuerySet[HistoryEntry]:
    """The history of one record, newest first, with that of the records merged into it."""
    former = forwarding.former(row.KIND, row.pk)
    whose = {"row_id__in": [row.pk, *former]} if former else {"row_id": row.pk}
    return HistoryEntry.objects.filter(kind=row.KIND, **whose).select_related("by").order_by("-id")


def _digest(previous: str, entries: Sequence[HistoryEntry]) -> str:
    seal = hashlib.sha256(previous.encode())
    for line in entries:
        facts = [line.pk, line.at.isoformat(), line.by_id, line.channel, line.kind, line.row_id, line.action,
                 line.args, line.diff, line.batch]
        seal.update(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode())
    return seal.hexdigest()


@transaction.atomic
def seal_history(limit: int = BATCH) -> str:
    """Close the open run of history with a digest chained to the last one; returns the new head.

    The job prints the head where the database's owner cannot reach it (log, mail): a cut tail
    shows because the published head is then missing.
    """
    last = HistorySeal.objects.order_by("-last_id").select_for_update(of=("self",)).first()
    after = last.last_id if last else 0
    entries = list(HistoryEntry.objects.filter(pk__gt=after).order_by("pk")[:limit])
    if not entries:
        return last.digest if last else ""
    made = HistorySeal.objects.create(
        first_id=entries[0].pk,
        last_id=entries[-1].pk,
        count=len(entries),
        digest=_digest(last.digest if last else "", entries),
        sealed_at=clock.now(),
    )
    return made.digest


def broken_seals(known_head: str = "", *, newest: int = 0) -> list[HistorySeal]:
    """The seals whose history no longer matches; a missing `known_head` is reported as the last seal.

    Reads the whole history, or with `newest` only what the newest so many seals cover.
    """
    broken: list[HistorySeal] = []
    previous = ""
    heads: set[str] = set()
    last: HistorySeal | None = None
    seals: list[HistorySeal] = list(HistorySeal.objects.order_by("-first_id")[: newest + 1 if newest else None])[::-1]
    if len(seals) > newest > 0:
        previous = seals.pop(0).digest
    for last in seals:
        entries = list(HistoryEntry.objects.filter(pk__gte=last.first_id, pk__lte=last.last_id).order_by("pk"))
        if len(entries) != last.count or _digest(previous, entries) != last.digest:
            broken.append(last)
        previous = last.digest
        heads.add(last.digest)
    if known_head and known_head not in heads and last is not None and last not in broken:
        broken.append(last)
    return broken
