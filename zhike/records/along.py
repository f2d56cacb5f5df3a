"""What hangs on records and may go along when they change hands; declared by the apps it belongs to.

The app of the children says once which they are; counting and moving them is done here, for
thousands of records in a handful of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from zhike.base.slots import Slot
from zhike.org.access import access_of

from . import registry
from .kinds import Kind

AT_ONCE = 5_000  # ids in one counting statement


@dataclass(frozen=True, slots=True)
class Along:
    """Children that a giver may hand over together with the record they hang on.

    `kind` are the children, `link` is their foreign key to the record, `where` narrows them ("open
    ones"); `open` says that these are unfinished work, which nobody may leave behind. With `stays`
    the former owner who stays in the record's team stays in that of these too: for children that
    have a team of their own.
    """

    key: str
    kind: str
    label: Any
    link: str
    where: Q = field(default_factory=Q)
    open: bool = True
    stays: bool = False


@dataclass(slots=True)
class Offer:
    """How many children of one sort could go along."""

    key: str
    label: Any
    count: int


_along: dict[str, Slot[Along]] = {}


def goes_along(of: str, *sorts: Along) -> None:
    """Declare what may go along with records of the kind `of`, in the order in which it is offered."""
    for sort in sorts:
        _along.setdefault(of, Slot(f"{of}.along")).add(sort.key, sort)


def sorts_of(kind_name: str) -> list[Along]:
    """Everything that may go along with records of a kind."""
    return list(_along.get(kind_name, ()))


def open_rows(kind: Kind) -> Q | None:
    """The condition of a kind's unfinished rows; None where no row is ever finished (customers, contacts)."""
    found: Q | None = None
    for sort in (sort for slot in _along.values() for sort in slot):
        if sort.kind == kind.name and sort.open:
            if not sort.where:
                return None
            found = sort.where if found is None else found | sort.where
    return found


def children(sort: Along, ids: Iterable[int], by: Any) -> Any:
    """The children of these records that `by` may hand over, whoever owns them."""
    rows = registry.kind(sort.kind).model.objects.editable_by(by)
    return rows.filter(sort.where, **{f"{sort.link}_id__in": list(ids)}).order_by()


def offers(kind: Kind, ids: Sequence[int], *, by: Any) -> list[Offer]:
    """What could go along with these records, counted: children that belong to the record's own owner.

    Only what the person may hand over; one statement a sort and 5,000 records.
    """
    found = []
    for sort in sorts_of(kind.name):
        if not access_of(by).may(sort.kind, "transfer"):
            continue
        same_owner = Q(owner_id=F(f"{sort.link}__owner_id"))
        count = sum(
            children(sort, ids[start : start + AT_ONCE], by).filter(same_owner).count() for start in range(0, len(ids), AT_ONCE)
        )
        if count:
            found.append(Offer(sort.key, sort.label, count))
    return found


def chosen(kind: Kind, keys: Iterable[str], old_owners: Mapping[int, int], *, by: Any, to: Any) -> list[tuple[Along, list[Any]]]:
    """The children of the sorts `keys` that belonged to their record's former owner (record id → user id).

    Rows carry what a change of owner needs, no more. What the receiver could not even see stays.
    """
    found = []
    for sort in sorts_of(kind.name):
        if sort.key not in keys or not access_of(by).may(sort.kind, "transfer") or not access_of(to).may(sort.kind, "view"):
            continue
        link = f"{sort.link}_id"
        rows = children(sort, old_owners, by).filter(owner_id__in=set(old_owners.values()))
        rows = rows.only("pk", "owner_id", "owner_dept_id", "version", link).select_for_update(of=("self",))
        mine = [row for row in rows if row.owner_id == old_owners[getattr(row, link)]]
        if mine:
            found.append((sort, mine))
    return found
