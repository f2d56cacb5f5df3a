"""How many customers a person may own and lock: asked at every door that gives somebody customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org.models import User

from .models import Customer, HoldingLimit

DEALS = ("deal", "service")


def limits_of(people: Iterable[User]) -> dict[int, HoldingLimit]:
    """The limit that counts for each person: their own, else the nearest department's, else the house's."""
    known = list(HoldingLimit.objects.select_related("department"))
    if not known:
        return {}
    by_user = {limit.user_id: limit for limit in known if limit.user_id}
    by_department = {limit.department_id: limit for limit in known if limit.department_id}
    house = next((limit for limit in known if not limit.user_id and not limit.department_id), None)
    found: dict[int, HoldingLimit] = {}
    for user in people:
        path = user.department.path.strip("/").split("/") if user.department else []
        nearest = next((by_department[int(pk)] for pk in reversed(path) if pk and int(pk) in by_department), house)
        limit = by_user.get(user.pk, nearest)
        if limit is not None:
            found[user.pk] = limit
    return found


def held(ids: Iterable[int]) -> dict[int, tuple[int, int, int, int]]:
    """User id → owned, owned without deals, locked, locked without deals."""
    other = ~Q(lifecycle__in=DEALS)
    counted = Customer.objects.filter(owner__in=list(ids)).order_by().values("owner_id").annotate(
        n=Count("pk"), free=Count("pk", filter=other), locks=Count("pk", filter=Q(locked=True)),
        free_locks=Count("pk", filter=other & Q(locked=True)))
    return {row["owner_id"]: (row["n"], row["free"], row["locks"], row["free_locks"]) for row in counted}


def require_room(new: Mapping[int, int], *, field: str | None = None, locks: bool = False) -> None:
    """Refuse when somebody owns (or with `locks` locks) more customers than allowed; call it when they have them.

    `new` says how many each person has just got, for the text. Four queries at most, however many people.
    Two people giving to the same colleague at once wait for each other.
    """
    if not new or not HoldingLimit.objects.exists():
        return
    people = list(User.objects.select_related("department").filter(pk__in=list(new)))
    limits = limits_of(people)
    capped = {pk: most for pk, limit in limits.items()
              if (most := limit.most_locked if locks else limit.most_owned) is not None}
    if not capped:
        return
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=list(capped)).order_by("pk").values_list("pk"))
    now = held(capped)
    over: list[str] = []
    for user in people:
        most = capped.get(user.pk)
        if most is None:
            continue
        all_, free, all_locks, free_locks = now.get(user.pk, (0, 0, 0, 0))
        deals = limits[user.pk].count_deals
        has = (all_locks if deals else free_locks) if locks else (all_ if deals else free)
        if has > most:
            said = {"user": user, "had": max(has - new[user.pk], 0), "new": new[user.pk], "most": most}
            over.append((_("%(user)s locks %(had)s customers already; with %(new)s more it would be over the limit of %(most)s.") if locks
                         else _("%(user)s owns %(had)s customers already; with %(new)s more it would be over the limit of %(most)s.")) % said)
    if over:
        raise Refused(" ".join([*over[:5], _("Give some back or to colleagues first.")]), field=field, code="limit")


def require_room_for(rows: Iterable[Any], *, field: str | None = None) -> None:
    """The same for rows that have just got their owners."""
    new: dict[int, int] = {}
    for row in rows:
        if row.owner_id:
            new[row.owner_id] = new.get(row.owner_id, 0) + 1
    require_room(new, field=field)
