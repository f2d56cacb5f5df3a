"""Pairs of customers over the whole master that may be one firm: found in the background, looked at by people.

Values that several customers share are counted in the database, one way after the other; only those
groups are read, in parts, and each pair is judged as a probe would. A value that more than `MOST`
customers share tells nobody apart and is left out.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.chinese import likeness, names
from zhike.base.chinese.likeness import CERTAIN, LIKELY, POSSIBLE, RANK
from zhike.base.refused import Refused
from zhike.records import history

from ..models import Customer, NameKey, ReachKey, SuspectedPair
from . import keys

MOST = 20  # customers with one value
KEPT = 20_000  # pairs remembered
PART = 300  # values read at once
LOOKED_AT = 200_000  # pairs held at once; names come first, so what is over is the weakest


def find_pairs() -> int:
    """Look through all customers; returns how many pairs are suspected now. Those said to differ stay said."""
    keys.catch_up()
    run = uuid.uuid4().hex
    found: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    for low, high, code, verdict in _all():
        if (low, high) not in found and len(found) >= LOOKED_AT:
            continue
        known = found[low, high]
        if RANK[verdict] > RANK.get(known.get(code, ""), 0):
            known[code] = verdict
    _drop_families(found)
    ranked = sorted(found.items(), key=lambda pair: (-_rank(pair[1]), pair[0]))[:KEPT]
    _store(ranked, run)
    SuspectedPair.objects.filter(different=False).exclude(run=run).delete()
    return SuspectedPair.objects.filter(different=False).count()


def _rank(reasons: dict[str, str]) -> int:
    return 100 * max(RANK[verdict] for verdict in reasons.values()) + min(len(reasons), 99)


def _all() -> Iterator[tuple[int, int, str, str]]:
    yield from _by_names("core")
    yield from _by_uscc()
    yield from _by_names("sound")
    for what, verdict in ((ReachKey.TAX, LIKELY), (ReachKey.PHONE, LIKELY), (ReachKey.DOMAIN, POSSIBLE)):
        yield from _by_reach(what, verdict)


def _parts(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), PART):
        yield values[start : start + PART]


def _shared(rows: Any, name: str) -> list[Any]:
    """Values of `name` that from two to `MOST` customers have."""
    counted = rows.values(name).annotate(n=Count("customer", distinct=True)).filter(n__gte=2, n__lte=MOST)
    return list(counted.order_by(name).values_list(name, flat=True))


def _by_names(way: str) -> Iterator[tuple[int, int, str, str]]:
    rows = NameKey.objects.filter(**{f"{way}__isnull": False}) if way != "core" else NameKey.objects.all()
    for part in _parts(_shared(rows, way)):
        groups: dict[str, list[NameKey]] = defaultdict(list)
        for key in rows.filter(**{f"{way}__in": part}).order_by("customer_id", "pk"):
            groups[getattr(key, way)].append(key)
        for group in groups.values():
            for one, other in combinations(group, 2):
                if one.customer_id == other.customer_id:
                    continue
                seen = likeness.judge(names.parse(one.text), names.parse(other.text))
                sources = {one.source, other.source}
                if not seen or (sources != {NameKey.NAME} and (seen.verdict == POSSIBLE or sources == {NameKey.SHORT})):
                    continue
                verdict = seen.verdict if sources == {NameKey.NAME} else LIKELY
                code = seen.why if sources == {NameKey.NAME} else next(
                    (source for source in (NameKey.FORMER, NameKey.ENGLISH, NameKey.SHORT) if source in sources), seen.why)
                yield one.customer_id, other.customer_id, code, verdict


def _by_uscc() -> Iterator[tuple[int, int, str, str]]:
    rows = Customer.objects.exclude(uscc="")
    shared = list(rows.values("uscc").annotate(n=Count("pk")).filter(n__gte=2, n__lte=MOST).order_by("uscc").values_list("uscc", flat=True))
    for part in _parts(shared):
        groups: dict[str, list[int]] = defaultdict(list)
        for code, pk in rows.filter(uscc__in=part).order_by("pk").values_list("uscc", "pk"):
            groups[code].append(pk)
        for group in groups.values():
            yield from ((one, other, "uscc", CERTAIN) for one, other in combinations(group, 2))


def _by_reach(what: str, verdict: str) -> Iterator[tuple[int, int, str, str]]:
    rows = ReachKey.objects.filter(what=what)
    for part in _parts(_shared(rows, "value")):
        groups: dict[str, dict[int, None]] = defaultdict(dict)
        for value, pk in rows.filter(value__in=part).order_by("customer_id").values_list("value", "customer_id"):
            groups[value][pk] = None
        for group in groups.values():
            yield from ((one, other, what, verdict) for one, other in combinations(group, 2))


def _drop_families(found: dict[tuple[int, int], dict[str, str]]) -> None:
    """Parent and child share what a group shares; only the same name in full still makes them suspects."""
    ids = sorted({pk for pair in found for pk in pair})
    parents: dict[int, int] = {}
    for start in range(0, len(ids), 5 * PART):
        part = ids[start : start + 5 * PART]
        parents.update(Customer.objects.filter(pk__in=part, parent__isnull=False).values_list("pk", "parent_id"))
    for low, high in list(found):
        kin = parents.get(low) == high or parents.get(high) == low or (low in parents and parents.get(low) == parents.get(high))
        if kin and CERTAIN not in (verdict for code, verdict in found[low, high].items() if code != "uscc"):
            del found[low, high]


def _store(ranked: list[tuple[tuple[int, int], dict[str, str]]], run: str) -> None:
    now = clock.now()
    for start in range(0, len(ranked), 200):
        rows = []
        for (low, high), reasons in ranked[start : start + 200]:
            order = sorted(reasons, key=lambda code: -RANK[reasons[code]])
            rows.append(SuspectedPair(low_id=low, high_id=high, verdict=reasons[order[0]], rank=_rank(reasons), reasons=order, run=run, found_at=now))
        with transaction.atomic():
            # A customer merged away meanwhile is none any more.
            there = set(Customer.objects.filter(pk__in={pk for row in rows for pk in (row.low_id, row.high_id)}).values_list("pk", flat=True))
            SuspectedPair.objects.bulk_create(
                [row for row in rows if row.low_id in there and row.high_id in there], update_conflicts=True,
                unique_fields=["low", "high"], update_fields=["verdict", "rank", "reasons", "run", "found_at"])


def pairs_for(user: Any, *, different: bool = False) -> Any:
    """The suspected pairs of which the person may see and change both, the surest first."""
    mine = Customer.objects.editable_by(user).order_by().values("pk")
    return SuspectedPair.objects.filter(Q(low__in=mine) & Q(high__in=mine), different=different).select_related(
        "low__owner", "high__owner", "low__pool", "high__pool", "low__facts", "high__facts", "low__region", "high__region").order_by("-rank", F("id").asc())


@transaction.atomic
def tell_apart(pair: SuspectedPair, different: bool, *, by: Any) -> SuspectedPair:
    """Remember that two customers are not the same (or may be, after all). Logged on both."""
    held = pairs_for(by, different=not different).select_related(None).select_for_update(of=("self",)).filter(pk=pair.pk).first()
    if held is None:
        raise Refused(_("Somebody has just decided about this pair, or merged it."), code="pair.gone")
    held.different, held.decided_by, held.decided_at = different, by, clock.now()
    held.save(update_fields=["different", "decided_by", "decided_at"])
    rows = Customer.objects.in_bulk([held.low_id, held.high_id])
    action = "told-apart" if different else "suspected-again"
    history.write([history.entry(rows[a], action, by=by, args={"other": rows[b]})
                   for a, b in ((held.low_id, held.high_id), (held.high_id, held.low_id))])
    return held
