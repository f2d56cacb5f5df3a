"""One search for all kinds: names by two characters, pinyin or initials; codes; phone tails.

SQLite keeps an FTS5 index over the token columns (triggers keep it true under bulk changes),
PostgreSQL stored tsvector columns with GIN. Both answer the same; the parity tests say so.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.cache import cache
from django.db import connections, models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, StrIndex
from django.db.models.lookups import GreaterThan

from zhike.base.chinese import grams, phones

from .. import customs
from ..inserting import insert_rows
from ..models.search import SearchEntry
from ..visibility import Loose

BATCH = 2_000
PARTS = ("names", "codes", "phones")
_COLUMN = {"names": "grams", "codes": "codes", "phones": "phones"}
_DIGITS = re.compile(r"[0-9]{4,15}")
# Higher apps add by what else a row of a kind is found, e.g. the words of a discussion group: kind → function(text).
also: dict[str, Callable[[str], models.Q]] = {}
_OWN_LONGEST = 200  # characters of a custom value, as many as a short text has
Own = Sequence[tuple[int, Sequence[str]]]  # custom field → the words of its value
Entry = tuple[int, Sequence[str], Sequence[str], Sequence[str], Own]


def _code_tokens(codes: Sequence[str], own: Own = ()) -> str:
    parts = [" ".join(grams.pairs(grams.fold(code)[:60])) for code in codes if code]
    parts += [tokens for field, words in own if (tokens := grams.index_tokens(words, heads_of(field), _OWN_LONGEST))]
    return " zsep ".join(parts)


def heads_of(field: int) -> tuple[str, str, str]:
    """What the tokens of a custom field begin with, in the column of the codes.

    Each field has heads of its own, so that a query asks exactly those fields its person sees in the
    open. No token of a code looks like it: those are two characters, or u and a number in hex.
    """
    return f"k{field}n", f"k{field}i", f"k{field}p"


def _phone_tokens(numbers: Sequence[str]) -> str:
    found: list[str] = []
    for number in (one for text in numbers for one in phones.split(text)):  # several in one field
        digits = phones.digits(number)[-15:]
        found += [f"t{digits[-n:]}" for n in range(4, len(digits) + 1)]
    return " ".join(dict.fromkeys(found))


def index_rows(kind: str, rows: Iterable[Entry], *, fresh: bool = False) -> None:
    """Bring the keys of (row id, names, codes, phones, custom fields) up to date; `fresh` rows have none yet."""
    entries = [
        SearchEntry(
            kind=kind, row_id=row_id, names="\n".join(names), grams=grams.index_tokens(list(names)),
            codes=_code_tokens(codes, own), phones=_phone_tokens(numbers),
        )
        for row_id, names, codes, numbers, own in rows
    ]
    if fresh:
        insert_rows(entries)
        return
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

    `parts` leaves out keys the person may not see, so that masked values cannot be probed; custom
    fields are among them by their names.
    """
    wanted = _wanted(kind, text, parts)
    if not wanted:
        return SearchEntry.objects.none().values("row_id")
    if connections[SearchEntry.objects.db].vendor == "sqlite":
        return SearchEntry.objects.filter(_sqlite(wanted), kind=kind).values("row_id")
    return _by_words(kind, wanted).values("row_id")


def _by_words(kind: str, wanted: list[tuple[str, list[str]]]) -> models.QuerySet[Any]:
    """The entries of a kind on PostgreSQL, by the words' index alone.

    With the kind's index beside it PostgreSQL would read the 200,000 entries of the kind, to put them beside the
    three thousand that the words give at once.
    """
    return SearchEntry.objects.alias(of=Loose(models.F("kind"))).filter(_postgresql(wanted), of=kind)


# From so many hits on it is cheaper to ask each row that is looked at anyway whether it matches
# than to collect the hits first (docs/decisions/0005-search.md has the measurements).
COMMON = 50_000
COMMON_FOR_FEW = 10_000


def among(kind: str, text: str, *, parts: Sequence[str] = PARTS, few: bool = False) -> tuple[models.Q, bool]:
    """The condition "matches `text`" for rows of `kind`, and whether the term is a common one.

    Rare terms are looked up in the index; common ones ("有限公司") are checked row by row, which is
    quick exactly because nearly every row matches. Same rows either way. `few` says that the
    person sees few rows of the kind.
    """
    wanted = _wanted(kind, text, parts)
    more = also[kind](text) if kind in also and "names" in parts else models.Q()
    if wanted and _hits(kind, wanted) > (COMMON_FOR_FEW if few else COMMON):
        return models.Q(models.Exists(_checked(kind, wanted))) | more, True
    return models.Q(pk__in=matching(kind, text, parts=parts)) | more, False


def _hits(kind: str, wanted: list[tuple[str, list[str]]]) -> int:
    """How many records of the kind the index gives, counted to `COMMON` and remembered for ten minutes."""
    digest = hashlib.sha256(repr((kind, wanted)).encode()).hexdigest()
    found: int | None = cache.get(f"hits:{digest}")
    if found is None:
        connection = connections[SearchEntry.objects.db]
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                # CROSS keeps the words first. A fresh house has no statistics yet, and SQLite would walk
                # through the entries of the kind and ask the index of words for each of them.
                cursor.execute(
                    "SELECT COUNT(*) FROM (SELECT 1 FROM records_search_fts f CROSS JOIN records_searchentry s ON s.id = f.rowid"
                    " WHERE records_search_fts MATCH %s AND s.kind = %s LIMIT %s)",
                    [_match(wanted), kind, COMMON + 1],
                )
                found = cursor.fetchone()[0]
        if found is None:
            found = _by_words(kind, wanted).values("pk")[: COMMON + 1].count()
        cache.set(f"hits:{digest}", found, 600)
    return found


def _checked(kind: str, wanted: list[tuple[str, list[str]]]) -> models.QuerySet[Any]:
    """The entry of the outer row if it holds one of the phrases: the index's answer, worked out from the text."""
    condition = models.Q()
    for column, tokens in wanted:
        text = Concat(models.Value(" "), models.F(column), models.Value(" "), output_field=models.TextField())
        needle = f" {tokens[-1][:-1]}" if tokens[-1].endswith("*") else f" {' '.join(tokens)} "
        condition |= models.Q(GreaterThan(StrIndex(text, models.Value(needle)), 0))
    return SearchEntry.objects.filter(condition, kind=kind, row_id=models.OuterRef("pk"))


def _wanted(kind: str, text: str, parts: Sequence[str]) -> list[tuple[str, list[str]]]:
    """(column, phrase) alternatives of a query; a custom field among `parts` is asked from two characters on."""
    found: list[tuple[str, list[str]]] = []
    phrases = grams.query_phrases(text)
    if "names" in parts:
        found += [("grams", phrase) for phrase in phrases]
    if "codes" in parts and phrases and len(grams.fold(text)) >= 3:
        found.append(("codes", phrases[0]))
    own = [part for part in parts if customs.is_custom(part)]
    if own and len(grams.fold(text)) >= 2:
        there = customs.definitions.get().of(kind)
        for attr in (there[name] for name in own if name in there):
            found += [("codes", phrase) for phrase in grams.query_phrases(text, heads_of(attr.field_id))]
    digits = re.sub(r"[\s\-+()]", "", text)
    if "phones" in parts and _DIGITS.fullmatch(digits):
        found.append(("phones", [f"t{digits}"]))
    return found


def _match(wanted: list[tuple[str, list[str]]]) -> str:
    """The query in FTS5's words."""

    def phrase(tokens: list[str]) -> str:
        if tokens[-1].endswith("*"):
            return f'"{tokens[-1][:-1]}" *'
        return '"' + " ".join(tokens) + '"'

    # Tokens are letters and digits of our own making: nothing of the query's syntax can get in.
    return " OR ".join(f"{column} : {phrase(tokens)}" for column, tokens in wanted)


def _sqlite(wanted: list[tuple[str, list[str]]]) -> Any:
    query = _match(wanted)
    return models.Q(pk__in=RawSQL("SELECT rowid FROM records_search_fts WHERE records_search_fts MATCH %s", [query]))


def _postgresql(wanted: list[tuple[str, list[str]]]) -> Any:
    # Asked of the entry itself: through a second look-up by id a table without statistics (rows
    # just imported) was read once for each of its rows.
    condition = models.Q()
    queries: dict[str, list[str]] = {}  # one for each column: each is a look-up in an index of its own
    for column, tokens in wanted:
        query = f"{tokens[-1][:-1]}:*" if tokens[-1].endswith("*") else " <-> ".join(tokens)
        queries.setdefault(column, []).append(query)
    for column, alternatives in queries.items():
        query = " | ".join(f"({one})" for one in alternatives)
        vector = {"grams": "grams_v", "codes": "codes_v", "phones": "phones_v"}[column]
        condition |= models.Q(
            RawSQL(f"{vector} @@ to_tsquery('simple', %s)", [query], output_field=models.BooleanField())
        )
    return condition
