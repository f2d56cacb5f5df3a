"""Finding the same customer again, across everybody's rows, telling no more than one may know.

A probe asks by name (as written, without its trades, by sound, with one slip), credit code, telephone numbers and
domain. Each way is an indexed look-up that stops at `MOST` hits: a key that fits so many tells nobody apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from zhike.base import clock
from zhike.base.chinese import likeness, names
from zhike.base.chinese.likeness import CERTAIN, DIFFERENT, LIKELY, POSSIBLE, RANK
from zhike.base.chinese.names import Name
from zhike.base.slots import Slot
from zhike.collab.models import TrashedRow

from .. import groups
from ..models import Contact, Customer, CustomerFacts, NameKey, ReachKey
from . import holding, keys, policy
from .words import reason_text

MOST = 21
SHOWN = 5
AT_ONCE = 500  # keys asked for in one query
# What a telephone number, a domain and a tax number can say, by the points of the house's policy.
REACH_POINTS = {ReachKey.PHONE: {"phone"}, ReachKey.DOMAIN: {"domain", "similar"}, ReachKey.TAX: {"tax", "similar"}}
NAMED = ("name", "no_region", "group", "form", "former", "short", "english")


@dataclass(slots=True)
class Reason:
    """Why two customers may be one: a code, the verdict it gives by itself, and its point of the house's policy."""

    code: str
    verdict: str
    point: str
    trashed: bool = False


@dataclass(slots=True)
class Match:
    """A customer (or a record of `kind`, a lead) that looks like the asked one; `row` is filled only for those who may see it."""

    pk: int
    name: str
    owner: str
    department: str
    last_contact: datetime | None
    reasons: list[Reason]
    score: int = 0
    enabled: bool = True
    row: Any = None
    kind: str = "customer"
    soft: bool = False  # only ever a warning, whatever the house forbids

    @property
    def verdict(self) -> str:
        return max((reason.verdict for reason in self.reasons), key=RANK.__getitem__)

    @property
    def certain(self) -> bool:
        return self.verdict == CERTAIN

    @property
    def why(self) -> str:
        """The point its strongest reason belongs to: name, similar, uscc, phone or domain."""
        return max(self.reasons, key=lambda reason: (reason.point == "uscc", RANK[reason.verdict])).point

    def level(self, rules: dict[str, str]) -> str:
        """What the house does about it: the strictest of its reasons; a soft one never more than a warning."""
        return policy.WARN if self.soft else max((rules.get(reason.point, policy.ALLOW) for reason in self.reasons), key=policy.RANK.__getitem__)

    def texts(self) -> list[str]:
        return [reason_text(reason.code, trashed=reason.trashed) for reason in self.reasons]

    def plain(self) -> dict[str, Any]:
        """For programs: as much as the person may know."""
        return {
            "kind": self.kind, "text": self.name, "owner": self.owner, "department": self.department, "why": self.why, "verdict": self.verdict,
            "reasons": self.texts(), "last_contact": self.last_contact.date().isoformat() if self.last_contact else None,
            "id": self.row.pk if self.row is not None else None,
        }


# Records of higher apps that may become, or be, the same firm: function(asked rows, user) → the matches of each row.
others: Slot[Callable[[Sequence[Any], Any], list[list[Match]]]] = Slot("customers.duplicates.others")


@dataclass(slots=True)
class _Asked:
    """What one record is looked for by."""

    names: list[tuple[str, Name]]
    uscc: str
    reach: list[tuple[str, str]]
    exclude: int | None
    family: frozenset[int]
    found: dict[int, list[Reason]] = field(default_factory=lambda: defaultdict(list))
    scores: dict[int, int] = field(default_factory=dict)

    def add(self, customer: int, reason: Reason, score: int = 0) -> None:
        known = self.found[customer]
        if all(have.code != reason.code for have in known):
            known.append(reason)
        self.scores[customer] = max(self.scores.get(customer, 0), score)


def _asked(row: Any, reach: Sequence[tuple[str, str]] | None = None) -> _Asked:
    texts = list(keys.names_of(row)) if row.name else []
    family = {row.parent_id} if row.parent_id else set()
    return _Asked([(source, names.parse(text[:200])) for source, text in texts], row.uscc,
                  list(reach) if reach is not None else keys.reach_of(phones=(row.phone, row.fax), emails=(row.email,), website=row.website, tax=row.uscc),
                  row.pk, frozenset(family))


def marks(row: Any) -> list[str]:
    """What two saves of one firm have in common; held while one of them is under way (`holding`)."""
    asked = _asked(row)
    return [*(f"n:{found.core}" for _source, found in asked.names if found.core), f"u:{row.uscc}" if row.uscc else "",
            *(f"{what}:{value}" for what, value in asked.reach)]


def hold(rows: Iterable[Any]) -> None:
    """Let nobody else save one of these firms until this transaction ends."""
    holding.hold(mark for row in rows for mark in marks(row))


def look(rows: Sequence[Any], user: Any, *, points: Collection[str] | None = None, wide: bool = True, shown: int = SHOWN) -> list[list[Match]]:
    """For each row the customers that may be the same, the surest first. The same few queries for one row and for 1,000.

    Rows may be unsaved; a stored one never finds itself. `points` names those of the house's policy that count:
    what only tells of others is neither asked for nor told. Without `wide` only the same names are looked for,
    not the similar ones.
    """
    counts = frozenset(policy.POINTS if points is None else points)
    asked = [_asked(row) for row in rows]
    wide = wide and "similar" in counts
    if counts & {"name", "similar"}:
        _by_name(asked, wide, short="similar" in counts)
    if counts & {"uscc", "tax", "similar"}:
        _by_code(asked)
    _by_reach(asked, [what for what, told in REACH_POINTS.items() if counts & told])
    return _matches(asked, user, counts, shown)


def look_beside(rows: Sequence[Any], user: Any) -> list[list[Match]]:
    """For each row what the apps above know of the same firm, e.g. leads; at most a few of each."""
    found: list[list[Match]] = [[] for _row in rows]
    for other in others:
        for here, hits in zip(found, other(rows, user), strict=True):
            here.extend(hits)
    return found


def _chunks(values: Iterable[Any]) -> Iterable[list[Any]]:
    wanted = sorted(set(values))
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def _up_to(most: int, rows: Any, column: str, values: list[Any], *order: str) -> list[Any]:
    """At most about `most` rows of each value, in one query; where some value is in so many rows that it would crowd
    out the others, each value is asked for by itself."""
    found = list(rows.filter(**{f"{column}__in": values}).order_by(column, *order)[: most * len(values) + 1])
    if len(found) <= most * len(values):
        return found
    return [row for value in values for row in rows.filter(**{column: value}).order_by(*order)[:most]]


def _by_name(asked: list[_Asked], wide: bool, short: bool) -> None:
    """`short`: whether two short names that are the same count; many firms share one, and it never makes them certain."""
    ways: dict[str, dict[str, list[tuple[_Asked, str, Name]]]] = {"core": defaultdict(list)}
    if wide:
        ways.update(brand=defaultdict(list), sound=defaultdict(list), slip=defaultdict(list))
    for one in asked:
        for source, name in one.names:
            if not name.core:
                continue
            ways["core"][name.core[:200]].append((one, source, name))
            if wide and not name.latin and source != NameKey.SHORT:
                if name.brand:
                    ways["brand"][name.brand[:60]].append((one, source, name))
                if name.sound:
                    ways["sound"][name.sound[:200]].append((one, source, name))
            if wide and len(name.core) >= 4 and source != NameKey.SHORT:
                for length in (-1, 0, 1):
                    ways["slip"][keys.slip(name.core, len(name.core) + length)].append((one, source, name))
    for way, wanted in ways.items():
        # The exact name is always told; of the other ways those that fit too many are not told at all.
        most = MOST if way == "core" else 3 * MOST
        only_short = {value for value, asking in wanted.items() if all(source == NameKey.SHORT for _one, source, _name in asking)} if not short else set()
        for values, known_by in ((set(wanted) - only_short, NameKey.objects.all()), (only_short, NameKey.objects.exclude(source=NameKey.SHORT))):
            for part in _chunks(values):
                hits: dict[str, list[NameKey]] = defaultdict(list)
                for key in _up_to(most, known_by, way, part, "customer_id"):
                    hits[getattr(key, way)].append(key)
                for value, known in hits.items():
                    if way != "core" and len(known) >= most:
                        continue
                    for one, source, name in wanted[value]:
                        for key in known[:most]:
                            _weigh(one, source, name, key)


def _weigh(one: _Asked, source: str, name: Name, key: NameKey) -> None:
    if key.customer_id == one.exclude:
        return
    found = likeness.judge(name, names.parse(key.text))
    if not found:
        return
    verdict, code = found.verdict, found.why
    sources = {source, key.source}
    if sources != {NameKey.NAME}:
        if verdict != POSSIBLE:
            # What is not the full name of both is never certain.
            code = "former" if NameKey.FORMER in sources else "english" if NameKey.ENGLISH in sources else "short"
            verdict = POSSIBLE if sources == {NameKey.SHORT} or (code == "short" and found.why == "no_region" and name.weak) else LIKELY
        elif NameKey.SHORT in sources:
            return
    elif code == "brand" and key.customer_id in one.family:
        return
    one.add(key.customer_id, Reason(code, verdict, "name" if code in NAMED and verdict != POSSIBLE else "similar"), found.score)


def _by_code(asked: list[_Asked]) -> None:
    wanted: dict[str, list[_Asked]] = defaultdict(list)
    for one in asked:
        if one.uscc:
            wanted[one.uscc].append(one)
    for part in _chunks(wanted):
        held = _up_to(MOST, Customer.objects.values_list("uscc", "pk"), "uscc", part, "pk")
        asking = {pk for code in part for one in wanted[code] for pk in (*one.family, one.exclude) if pk}
        head = groups.heads({pk for _code, pk in held} | asking) if held and asking else {}
        for code, pk in held:
            for one in wanted[code]:
                if pk == one.exclude:
                    continue
                kin = any(head.get(pk) is not None and head.get(pk) == head.get(mine) for mine in (*one.family, one.exclude) if mine)
                # Plants and branches of one group share a code: that is said, and never in the way.
                one.add(pk, Reason("uscc_group", LIKELY, "similar") if kin else Reason("uscc", CERTAIN, "uscc"), 100)


def _by_reach(asked: list[_Asked], kinds: Sequence[str]) -> None:
    wanted: dict[tuple[str, str], list[_Asked]] = defaultdict(list)
    for one in asked:
        for key in one.reach:
            wanted[key].append(one)
    for what in kinds:
        for part in _chunks(value for kind, value in wanted if kind == what):
            hits: dict[str, list[ReachKey]] = defaultdict(list)
            for key in _up_to(10 * MOST, ReachKey.objects.filter(what=what), "value", part, "customer_id", "source"):
                hits[key.value].append(key)
            gone = _gone([key for found in hits.values() for key in found if key.source == "contact"])
            for value, found in hits.items():
                if len({key.customer_id for key in found}) >= MOST:
                    continue
                for one in wanted[what, value]:
                    _reached(one, what, found, gone)


def _reached(one: _Asked, what: str, found: list[ReachKey], gone: dict[int, bool]) -> None:
    for key in found:
        trashed = key.source == "contact" and key.source_id in gone
        if key.customer_id == one.exclude or (trashed and not gone[key.source_id]):
            continue
        if what == ReachKey.TAX:
            # The same credit code of two customers is told by `_by_code`; here it stands in somebody's invoicing details.
            if key.source == "title" and not any(reason.code in ("uscc", "uscc_group") for reason in one.found.get(key.customer_id, ())):
                mine = key.customer_id in one.family
                one.add(key.customer_id, Reason("tax_title", POSSIBLE if mine else LIKELY, "similar" if mine else "tax", trashed), 95)
        elif what == ReachKey.PHONE:
            code = {"customer": "phone", "contact": "phone_contact", "address": "phone_address", "title": "phone_title"}[key.source]
            one.add(key.customer_id, Reason(code, LIKELY, "phone", trashed), 90)
        else:
            one.add(key.customer_id, Reason("domain", POSSIBLE if key.customer_id in one.family else LIKELY,
                                            "similar" if key.customer_id in one.family else "domain", trashed), 80)


def _gone(found: list[ReachKey]) -> dict[int, bool]:
    """Contacts that are no longer in their table: whether they are in the trash."""
    ids = {key.source_id for key in found}
    if not ids:
        return {}
    there: set[int] = set()
    for part in _chunks(ids):
        there.update(Contact.objects.filter(pk__in=part).values_list("pk", flat=True))
    missing = ids - there
    kept = set(TrashedRow.objects.filter(kind=Contact.KIND, row_id__in=missing).values_list("row_id", flat=True)) if missing else set()
    return {pk: pk in kept for pk in missing}


def _matches(asked: list[_Asked], user: Any, counts: frozenset[str], shown: int) -> list[list[Match]]:
    best: list[list[int]] = []
    for one in asked:
        told = ((pk, [reason for reason in reasons if reason.point in counts]) for pk, reasons in one.found.items())
        one.found = {pk: reasons for pk, reasons in told if reasons}
        order = sorted(one.found, key=lambda pk: (-max(RANK[r.verdict] for r in one.found[pk]), -len(one.found[pk]), -one.scores[pk], pk))
        best.append(order[:shown])
    ids = {pk for found in best for pk in found}
    rows, seen, last = {}, set(), {}
    for part in _chunks(ids):
        rows.update(Customer.objects.filter(pk__in=part).select_related("owner", "owner_dept", "pool").in_bulk())
        seen.update(Customer.objects.visible_to(user).filter(pk__in=part).order_by().values_list("pk", flat=True))
        last.update(CustomerFacts.objects.filter(customer__in=part).values_list("customer_id", "last_contact_at"))
    return [[
        Match(
            pk=pk, name=rows[pk].name if pk in seen else mask_name(rows[pk].name), owner=str(rows[pk].owner or rows[pk].pool),
            department=str(rows[pk].owner_dept or ""), last_contact=last[pk] if last.get(pk, clock.NEVER) > clock.NEVER else None,
            reasons=sorted(one.found[pk], key=lambda reason: -RANK[reason.verdict]), score=one.scores[pk],
            enabled=rows[pk].enabled, row=rows[pk] if pk in seen else None,
        )
        for pk in found if pk in rows
    ] for one, found in zip(asked, best, strict=True)]


def matches(
    user: Any, *, name: str = "", uscc: str = "", phone: str = "", email: str = "", website: str = "", parent: int | None = None,
    exclude: int | None = None, shown: int = SHOWN,
) -> list[Match]:
    """Customers that may be the one described; at most five, the surest first."""
    asked = Customer(pk=exclude, name=name, uscc=uscc, phone=phone, email=email, website=website, parent_id=parent)
    return [*look([asked], user, shown=shown)[0], *look_beside([asked], user)[0]]


def contacts_like(row: Any, user: Any, *, exclude: int | None = None) -> list[Match]:
    """Contacts in the whole house with a mobile number of `row`, those in the trash included; at most five."""
    numbers = keys.numbers_of(row.mobile)
    if not numbers:
        return []
    known = ReachKey.objects.filter(Q(what=ReachKey.PHONE, value__in=numbers, source="contact")).exclude(source_id=exclude or 0)
    found = list(known.order_by("customer_id", "source_id")[:MOST])
    gone = _gone(found)
    ids = [key.source_id for key in found if gone.get(key.source_id, True)]
    rows = Contact.objects.select_related("customer", "owner", "owner_dept").in_bulk(ids)
    seen = set(Contact.objects.visible_to(user).filter(pk__in=ids).order_by().values_list("pk", flat=True))
    trashed = {kept.row_id: kept for kept in TrashedRow.objects.filter(kind=Contact.KIND, row_id__in=set(ids) - set(rows)).select_related("owner", "owner_dept")}
    result = []
    for pk in ids:
        there = rows.get(pk)
        kept = there or trashed.get(pk)
        if kept is None:
            continue
        shown = str(there) if there is not None and pk in seen else mask_name(str(kept))
        result.append(Match(
            pk=pk, name=shown, owner=str(kept.owner or ""), department=str(kept.owner_dept or ""), last_contact=None,
            reasons=[Reason("mobile", LIKELY, "contact", there is None)], row=there if pk in seen else None,
        ))
    return result[:SHOWN]


def mask_name(name: str) -> str:
    """The first and last two characters, so that the asker can tell whether it is the same firm."""
    if len(name) <= 4:
        return name[:1] + "*" * (len(name) - 1)
    return name[:2] + "*" * (len(name) - 4) + name[-2:]


__all__ = ["DIFFERENT", "Match", "Reason", "contacts_like", "hold", "look", "look_beside", "mask_name", "matches"]
