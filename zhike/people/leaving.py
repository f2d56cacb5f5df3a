"""What somebody who leaves would leave behind, and who could take it over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.base.slots import Slot
from zhike.org.access import access_of
from zhike.org.many import resolve_many
from zhike.org.models import User
from zhike.records import along, registry
from zhike.records.kinds import Kind

MOST = 50_000  # records of one hand-over
MOST_RECEIVERS = 200
STAY, EVENLY, FOLLOW = "stay", "evenly", "follow"


@dataclass(frozen=True, slots=True)
class Spread:
    """A way to spread records of a kind over several people, offered beside the even one.

    `plan(ids, receivers)` says for each record who gets it; both in a settled order.
    """

    name: str
    kind: str
    label: Any
    plan: Callable[[Sequence[int], Sequence[int]], Mapping[int, int]]


# Apps above add ways that follow from their records, e.g. customers by region.
spreads: Slot[Spread] = Slot("people.spreads")


@dataclass(slots=True)
class Lot:
    """Records of one kind that belong to somebody: those that are open, or those that are over."""

    kind: Kind
    open: bool
    count: int

    @property
    def key(self) -> str:
        return f"{self.kind.name}.{'open' if self.open else 'closed'}"

    @property
    def label(self) -> str:
        if along.open_rows(self.kind) is None:
            return str(self.kind.plural)
        return _("%(kind)s, open") % {"kind": self.kind.plural} if self.open else _("%(kind)s, closed") % {"kind": self.kind.plural}

    def ids(self, user: User) -> list[int]:
        """Ids of the records, oldest first."""
        rows = self.kind.model.objects.filter(owner_id=user.pk)
        unfinished = along.open_rows(self.kind)
        if unfinished is not None:
            rows = rows.filter(unfinished if self.open else ~unfinished)
        return list(rows.order_by("pk").values_list("pk", flat=True)[: MOST + 1])

    def ways(self) -> list[tuple[str, Any]]:
        """How the lot may be given away, as (code, words); receivers come on top."""
        found: list[tuple[str, Any]] = [(EVENLY, gettext_lazy("evenly among all receivers"))]
        found += [(spread.name, spread.label) for spread in spreads if spread.kind == self.kind.name]
        if _parents(self.kind):
            found.insert(0, (FOLLOW, gettext_lazy("with their customer or opportunity")))
        return [*found, (STAY, gettext_lazy("stay where they are"))]


def lots_of(user: User) -> list[Lot]:
    """Everything that belongs to a person, one query a kind; kinds that hang on others come after these."""
    found = []
    handed = (kind for kind in registry.kinds() if kind.owned and not kind.model.STAYS_WITH_OWNER)
    for kind in sorted(handed, key=lambda kind: len(_parents(kind))):
        unfinished = along.open_rows(kind)
        rows = kind.model.objects.filter(owner_id=user.pk).order_by()
        counted = rows.aggregate(n=Count("pk"), open=Count("pk", filter=unfinished or Q(pk__isnull=False)))
        found += [Lot(kind, state, n) for state, n in ((True, counted["open"]), (False, counted["n"] - counted["open"])) if n]
    return found


def still_open(user: User) -> list[tuple[Kind, int]]:
    """(kind, how many) of the unfinished records that belong to the person."""
    return [(lot.kind, lot.count) for lot in lots_of(user) if lot.open]


def _parents(kind: Kind) -> tuple[str, ...]:
    return tuple(kind.model.PARENTS)


@dataclass(slots=True)
class Plan:
    """Who gets what: `given` is (kind, row, receiver) in the order in which it is handed over.

    `told` is lot key → receiver id (0: stays) → how many.
    """

    given: list[tuple[str, int, int]] = field(default_factory=list)
    told: dict[str, Counter[int]] = field(default_factory=dict)


def receivers_of(people: Iterable[int], department: int | None, *, leaver: User) -> list[int]:
    """The receivers in their order: the named ones, then everybody active in the department."""
    found = list(dict.fromkeys(pk for pk in people if pk != leaver.pk))
    if department is not None:
        members = User.objects.filter(department=department, is_active=True).exclude(pk=leaver.pk).order_by("pk")
        found = list(dict.fromkeys([*found, *members.values_list("pk", flat=True)]))
    active = set(User.objects.filter(pk__in=found, is_active=True).values_list("pk", flat=True))
    if len(found) > MOST_RECEIVERS:
        raise Refused(_("At most %(n)s receivers.") % {"n": MOST_RECEIVERS}, field="department")
    return [pk for pk in found if pk in active]


def make_plan(leaver: User, hows: Mapping[str, str], receivers: Sequence[int], *, by: User) -> Plan:
    """Work out who gets what, storing nothing. `hows` is lot key → a way, or the id of one receiver.

    Who could not see records of a kind gets none of them. A few queries a lot, up to 50,000 records.
    """
    plan, new_owner = Plan(), _Owners(leaver)
    seeing = resolve_many(User.objects.filter(pk__in=receivers))
    total = 0
    for lot in lots_of(leaver):
        how = hows.get(lot.key, STAY)
        told = plan.told[lot.key] = Counter()
        if how == STAY or not access_of(by).may(lot.kind.name, "transfer"):
            told[0] = lot.count
            continue
        ids = lot.ids(leaver)
        total += len(ids)
        if total > MOST:
            raise Refused(_("These are more than %(n)s records. Hand them over in parts.") % {"n": f"{MOST:,}"}, code="rows.many")
        pool = [pk for pk in receivers if seeing[pk].may(lot.kind.name, "view")]
        for pk, to in _share_out(lot, ids, how, pool, new_owner).items():
            told[to] += 1
            if to:
                plan.given.append((lot.kind.name, pk, to))
                new_owner.now[lot.kind.name, pk] = to
    return plan


def _share_out(lot: Lot, ids: Sequence[int], how: str, pool: Sequence[int], new_owner: _Owners) -> dict[int, int]:
    """Row id → receiver id, 0 where the row stays."""
    if how == FOLLOW:
        found = new_owner.of_parents(lot.kind, ids)
        left = [pk for pk in ids if not found[pk]]
        return found | _evenly(left, pool)
    if how.isdigit():
        return dict.fromkeys(ids, int(how) if int(how) in pool else 0)
    spread = spreads.get(how)
    if spread is not None and spread.kind == lot.kind.name and pool:
        return dict.fromkeys(ids, 0) | dict(spread.plan(ids, pool))
    return _evenly(ids, pool)


def _evenly(ids: Sequence[int], pool: Sequence[int]) -> dict[int, int]:
    return {pk: pool[i % len(pool)] if pool else 0 for i, pk in enumerate(ids)}


class _Owners:
    """To whom what the leaver's records hang on belongs, once the plan is carried out."""

    def __init__(self, leaver: User) -> None:
        self.leaver = leaver
        self.now: dict[tuple[str, int], int] = {}

    def of_parents(self, kind: Kind, ids: Sequence[int]) -> dict[int, int]:
        """Row id → owner of the nearest record it hangs on; 0 where that is the leaver or nobody fit."""
        links = [f"{name}_id" for name in reversed(_parents(kind))]
        wanted = set(ids)
        rows = kind.model.objects.filter(owner_id=self.leaver.pk).order_by().values_list("pk", *links)
        hangs = {pk: parents for pk, *parents in rows if pk in wanted}
        owners: dict[tuple[str, int], int] = {}
        for place, link in enumerate(links):
            above = kind.model._meta.get_field(link.removesuffix("_id")).related_model
            keys = sorted({parents[place] for parents in hangs.values() if parents[place]})
            for start in range(0, len(keys), along.AT_ONCE):
                part = keys[start : start + along.AT_ONCE]
                pairs = above._default_manager.filter(pk__in=part).values_list("pk", "owner_id")
                owners |= {(above.KIND, pk): self.now.get((above.KIND, pk), owner) for pk, owner in pairs}
        fit = self._fit(kind, set(owners.values()))
        found = {}
        for pk, parents in hangs.items():
            nearest = next(
                ((kind.model._meta.get_field(link.removesuffix("_id")).related_model.KIND, key)
                 for link, key in zip(links, parents, strict=True) if key), None,
            )
            owner = owners.get(nearest, 0) if nearest else 0
            found[pk] = owner if owner in fit else 0
        return found

    def _fit(self, kind: Kind, people: set[int]) -> set[int]:
        """Those who work here and see records of the kind."""
        active = User.objects.filter(pk__in=people - {self.leaver.pk}, is_active=True)
        return {pk for pk, access in resolve_many(active).items() if access.may(kind.name, "view")}
