"""One search for all kinds: names by two characters, pinyin or initials; codes; phone tails.

SQLite keeps an FTS5 index over the token columns (triggers keep it true under bulk changes),
PostgreSQL stored tsvector columns with GIN. Both answer the same; the parity tests say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models
from django.db.models.expressions import RawSQL

from zhike.base.chinese import grams, phones

from ..models.search import SearchEntry

BATCH = 2_000
PARTS = ("names", "codes", "phones")
_COLUMN = {"names": "grams", "codes": "codes", "phones": "phones"}
_DIGITS = re.compile(r"[0-9]{4,15}")
Entry = tuple[int, Sequence[str], Sequence[str], Sequence[str]]


def _code_tokens(codes: Sequence[str]) -> str:
    return " zsep ".join(" ".join(grams.pairs(grams.fold(code)[:60])) for code in codes if code)


def _phone_tokens(numbers: Sequence[str]) -> str:
    found: list[str] = []
    for number in numbers:
        digits = phones.digits(number)[-15:]
        found += [f"t{digits[-n:]}" for n in range(4, len(digits) + 1)]
    return " ".join(dict.fromkeys(found))


def index_rows(kind: str, rows: Iterable[Entry]) -> None:
    """Bring the keys of (row id, names, codes, phones) up to date; 2,000 rows a statement."""
    entries = [
        SearchEntry(
            kind=kind, row_id=row_id, names="\n".join(names), grams=grams.index_tokens(list(names)),
            codes=_code_tokens(codes), phones=_phone_tokens(numbers),
        )
        for row_id, names, codes, numbers in rows
    ]
    for start in range(0, len(entries), BATCH):
        SearchEntry.objects.bulk_create(
            entries[start : start + BATCH], update_conflicts=True, unique_fields=["kind", "row_id"],
            update_fields=["names", "grams", "codes", "phones"],
        )


def remove_rows(kind: str, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), BATCH):
        SearchEntry.objects.filter(kind=kind, row_id__in=ids[start : start + BATCH]).delete()


def matching(kind: str, text: str, *, parts: Sequence[str] = PARTS) -> models.QuerySet[Any]:
    """Ids of the rows that match, as a queryset for `pk__in`; nothing for an empty query.

    `parts` leaves out keys the person may not see, so that masked values cannot be probed.
    """
    wanted = _wanted(text, parts)
    if not wanted:
        return SearchEntry.objects.none().values("row_id")
    vendor = connections[SearchEntry.objects.db].vendor
    condition = _sqlite(wanted) if vendor == "sqlite" else _postgresql(wanted)
    return SearchEntry.objects.filter(condition, kind=kind).values("row_id")


def _wanted(text: str, parts: Sequence[str]) -> list[tuple[str, list[str]]]:
    """(column, phrase) alternatives of a query."""
    found: list[tuple[str, list[str]]] = []
    phrases = grams.query_phrases(text)
    if "names" in parts:
        found += [("grams", phrase) for phrase in phrases]
    if "codes" in parts and phrases and len(grams.fold(text)) >= 3:
        found.append(("codes", phrases[0]))
    digits = re.sub(r"[\s\-+()]", "", text)
    if "phones" in parts and _DIGITS.fullmatch(digits):
        found.append(("phones", [f"t{digits}"]))
    return found


def _sqlite(wanted: list[tuple[str, list[str]]]) -> Any:
    def phrase(tokens: list[str]) -> str:
        if tokens[-1].endswith("*"):
            return f'"{tokens[-1][:-1]}" *'
        return '"' + " ".join(tokens) + '"'

    # Tokens are letters and digits of our own making: nothing of the query's syntax can get in.
    query = " OR ".join(f"{column} : {phrase(tokens)}" for column, tokens in wanted)
    return models.Q(pk__in=RawSQL("SELECT rowid FROM records_search_fts WHERE records_search_fts MATCH %s", [query]))


def _postgresql(wanted: list[tuple[str, list[str]]]) -> Any:
    condition = models.Q()
    for column, tokens in wanted:
        query = f"{tokens[-1][:-1]}:*" if tokens[-1].endswith("*") else " <-> ".join(tokens)
        vector = {"grams": "grams_v", "codes": "codes_v", "phones": "phones_v"}[column]
        condition |= models.Q(
            pk__in=RawSQL(
                f"SELECT id FROM records_searchentry WHERE {vector} @@ to_tsquery('simple', %s)", [query]  # noqa: S608
            )
        )
    return condition
