"""Customers into pools and out of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.notices.actions import declare, tell
from zhike.org.models import User
from zhike.records import guard, ownership, registry, save
from zhike.records.visibility import owner_fields

from .. import events, limits, line_rights, pool_rights, questions
from ..models import Contact, Customer, Opening, Pool, PoolMember, PoolMove, PoolRequest
from ..pool_scan import people_of

MOST = 500
NAMED = 5  # customers a message or refusal names

declare("pool.lost", gettext_lazy("%(n)s of your customers are in the pool “%(pool)s” now: %(names)s"))
declare("pool.came", gettext_lazy("%(n)s customers came into the pool “%(pool)s”: %(names)s"))
declare("pool.assigned", gettext_lazy("%(who)s assigned %(n)s customers of the pool “%(pool)s” to you: %(names)s"))
declare("pool.asked", gettext_lazy("%(who)s asks for “%(names)s” from the pool “%(pool)s”"))
declare("pool.approved", gettext_lazy("“%(names)s” from the pool “%(pool)s” is yours now"))
declare("pool.refused", gettext_lazy("“%(names)s” from the pool “%(pool)s” stays there: %(why)s"))


def _kind() -> Any:
    return registry.kind("customer")


def _names(rows: Sequence[Any]) -> str:
    return "、".join(str(row) for row in rows[:NAMED]) + ("…" if len(rows) > NAMED else "")


def _held(rows: Sequence[Customer]) -> list[Customer]:
    """The customers as they are stored now, locked until the transaction ends."""
    ids = [row.pk for row in rows]
    list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    return list(Customer.objects.filter(pk__in=ids).select_related("owner", "owner__department", "pool").order_by("pk"))


@transaction.atomic
def return_to_pool(rows: Sequence[Customer], pool: Pool, *, reason: str, by: Any) -> list[Customer]:
    """Give customers back: nobody owns them until a member of the pool takes them. At most 500 at once.

    Raises `Refused` with the names of locked customers, of those in a pool already, and of open business
    that the pool spares; and for a pool that is disabled.
    """
    if len(rows) > MOST:
        raise Refused(_("At most %(n)s rows at a time.") % {"n": MOST}, code="rows.many")
    guard.require_rows(by, rows, "transfer")
    line_rights.refuse_mere_owners(by, rows)
    pool = Pool.objects.get(pk=pool.pk)
    if not pool.enabled:
        raise Refused(_("The pool “%(pool)s” is disabled. Choose another one.") % {"pool": pool}, field="pool")
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the customer is given back."), field="reason")
    held = _held(rows)
    _refuse_some(_("in a pool already: %(names)s"), [row for row in held if row.pool_id])
    _refuse_some(_("locked: %(names)s. Unlock first."), [row for row in held if row.locked])
    waiting = set(Opening.objects.filter(customer__in=held, status="waiting").values_list("customer_id", flat=True))
    _refuse_some(_("an application to open them waits for finance: %(names)s. Withdraw it or wait for the answer."),
                 [row for row in held if row.pk in waiting])
    if pool.keep_busy:
        open_ = questions.in_use.ask(held, by=by)
        if open_:
            raise Refused(
                _("Customers with open business stay with their owner in “%(pool)s”. Finish or hand it over first.") % {"pool": pool},
                items=[(answer.text, answer.url) if answer.url else str(answer.text) for answer in open_],
            )
    return into_pool(held, pool, reason=reason, by=by)


def _refuse_some(text: str, rows: Sequence[Customer]) -> None:
    if rows:
        raise Refused(_("%(n)s customers stay where they are:") % {"n": len(rows)} + " " + text % {"names": _names(rows)})


def into_pool(rows: Sequence[Customer], pool: Pool, *, reason: str, by: Any, quietly: bool = False) -> list[Customer]:
    """Clear the owner of locked, checked rows and put them into the pool; rules and people come through here.

    The former owner is kept; `quietly` leaves the telling to whoever moves many batches.
    """
    now = clock.now()
    old = {row.pk: row.owner_id for row in rows}
    owners = {row.owner_id: row.owner for row in rows}
    Customer.objects.filter(pk__in=list(old)).update(previous_owner=F("owner"))
    values = {"owner_id": None, "owner_dept_id": None, "pool_id": pool.pk, "held_since": now, "locked": False}
    changed = save.change_rows(_kind(), rows, values, by=by, action="pool", batch=uuid.uuid4().hex,
                               args={"pool": pool.name, "reason": reason})
    for row in changed:
        row.owner = row.owner_dept = None
        row.pool, row.previous_owner_id = pool, old[row.pk]
    PoolMove.objects.bulk_create([
        PoolMove(pool=pool, customer=row, way=PoolMove.IN, user_id=old[row.pk], by=by, at=now, reason=reason[:200]) for row in changed
    ], batch_size=MOST)
    events.customers_pooled.announce(changed, by=by, old_owners=old, pool=pool.name, reason=reason)
    if not quietly:
        for owner_id, owner in owners.items():
            tell_lost(owner, pool, [row for row in changed if old[row.pk] == owner_id], by=by)
        tell_came(pool, changed, by=by)
    return changed


def tell_lost(owner: Any, pool: Pool, rows: Sequence[Customer], *, by: Any) -> None:
    """Tell the former owner which customers they have lost."""
    tell([owner], "pool.lost", key=f"pool.lost:{rows[0].pk}:{clock.now():%Y%m%d%H%M%S}", row=pool, by=by, tone="wait",
         n=len(rows), pool=pool.name, names=_names(rows))


def tell_came(pool: Pool, rows: Sequence[Customer], *, by: Any) -> None:
    """Tell who keeps the pool what has come in."""
    keepers = User.objects.filter(pk__in=people_of(pool, PoolMember.ADMIN), is_active=True)
    tell(keepers, "pool.came", key=f"pool.came:{rows[0].pk}:{clock.now():%Y%m%d%H%M%S}", row=pool, by=by,
         n=len(rows), pool=pool.name, names=_names(rows))


def in_pool(pool: Pool, ids: Sequence[int]) -> list[Customer]:
    """Customers of a pool for whoever may see the pool; raises 404 for one that never was in it, `Refused` for one just taken."""
    held = _held([Customer(pk=pk) for pk in ids])
    gone = [row for row in held if row.pool_id != pool.pk]
    known = set(PoolMove.objects.filter(pool=pool, customer__in=[row.pk for row in gone]).values_list("customer_id", flat=True))
    if len(held) != len(set(ids)) or any(row.pk not in known for row in gone):
        raise Http404
    if gone:
        raise Refused(_("Somebody was faster: %(names)s") % {
            "names": "、".join(f"{row} → {row.owner or row.pool}" for row in gone[:NAMED])}, code="taken")
    return held


@transaction.atomic
def pick_customers(pool: Pool, ids: Sequence[int], *, by: Any) -> list[Customer]:
    """Take customers of a pool for oneself.

    Raises `Refused` where members do not pick, over the pick limit or the customer limit, in the waiting
    time of a previous owner, and when somebody was faster.
    """
    pool = _member_of(pool, by)
    if pool.pick_mode != Pool.PICK:
        raise Refused(_("In “%(pool)s” one does not pick: %(mode)s.") % {"pool": pool, "mode": pool.get_pick_mode_display()})
    rows = _free_for(pool, ids, by)
    _require_picks(pool, by, len(rows))
    return _take(pool, rows, to=by, way=PoolMove.PICK, by=by)


@transaction.atomic
def assign_customers(pool: Pool, ids: Sequence[int], *, to: Any, by: Any) -> list[Customer]:
    """Give customers of a pool to a colleague; for who keeps the pool. Raises `Refused` over their customer limit."""
    pool = _kept_by(pool, by)
    if not to.is_active:
        raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": to}, field="to")
    rows = in_pool(pool, _few(ids))
    taken = _take(pool, rows, to=to, way=PoolMove.ASSIGN, by=by)
    tell([to], "pool.assigned", key=f"pool.assigned:{rows[0].pk}:{clock.now():%Y%m%d%H%M%S}", row=rows[0] if len(rows) == 1 else pool,
         by=by, who=str(by), n=len(rows), pool=pool.name, names=_names(rows))
    return taken


@transaction.atomic
def apply_for_customers(pool: Pool, ids: Sequence[int], *, reason: str = "", by: Any) -> list[PoolRequest]:
    """Ask for customers of a pool; who keeps it decides. Asking twice is refused."""
    pool = _member_of(pool, by)
    if pool.pick_mode != Pool.APPLY:
        raise Refused(_("In “%(pool)s” one does not apply: %(mode)s.") % {"pool": pool, "mode": pool.get_pick_mode_display()})
    rows = _free_for(pool, ids, by)
    _require_picks(pool, by, len(rows))
    asked = PoolRequest.objects.filter(applicant=by, customer__in=[row.pk for row in rows], state=PoolRequest.OPEN)
    if asked.exists():
        raise Refused(_("You have asked for it already: %(names)s") % {"names": _names([found.customer for found in asked])})
    made = PoolRequest.objects.bulk_create([
        PoolRequest(pool=pool, customer=row, applicant=by, reason=reason[:200], at=clock.now()) for row in rows
    ])
    keepers = User.objects.filter(pk__in=people_of(pool, PoolMember.ADMIN), is_active=True)
    for request in made:
        tell(keepers, "pool.asked", key=f"pool.asked:{request.pk}", row=pool, by=by, tone="wait", who=str(by), pool=pool.name,
             names=str(request.customer))
    return made


@transaction.atomic
def decide_request(request: PoolRequest, *, approve: bool, answer: str = "", by: Any) -> PoolRequest:
    """Approve or refuse what a member asked for; a refusal says why. Other requests for the same customer end with an approval."""
    pool = _kept_by(request.pool, by)
    stored = PoolRequest.objects.select_for_update().get(pk=request.pk)
    if stored.state != PoolRequest.OPEN:
        raise Refused(_("This request has been decided already."))
    if not approve and not answer.strip():
        raise Refused(_("Say why it is refused."), field="answer")
    customer = request.customer
    if approve:
        if not request.applicant.is_active:
            raise Refused(_("%(user)s is disabled. Choose somebody who works here.") % {"user": request.applicant})
        _take(pool, in_pool(pool, [customer.pk]), to=request.applicant, way=PoolMove.APPLY, by=by)
    _decide(stored, PoolRequest.APPROVED if approve else PoolRequest.REFUSED, answer, by)
    tell([request.applicant], "pool.approved" if approve else "pool.refused", key=f"pool.decided:{request.pk}",
         row=customer if approve else pool, by=by, tone="good" if approve else "bad", pool=pool.name, names=str(customer), why=answer)
    return stored


def _decide(request: PoolRequest, state: str, answer: str, by: Any) -> None:
    request.state, request.answer, request.decided_by, request.decided_at = state, answer[:200], by, clock.now()
    request.save(update_fields=["state", "answer", "decided_by", "decided_at"])


@transaction.atomic
def lock_customers(rows: Sequence[Customer], *, lock: bool = True, by: Any) -> list[Customer]:
    """Protect customers from the rules of pools, or take the protection off; limited by a number per person."""
    guard.require_rows(by, rows, "edit")
    held = _held(rows)
    _refuse_some(_("in a pool: %(names)s"), [row for row in held if row.pool_id])
    changed = save.change_rows(_kind(), held, {"locked": lock}, by=by, action="lock" if lock else "unlock")
    if lock:
        new: dict[int, int] = {}
        for row in changed:
            new[row.owner_id] = new.get(row.owner_id, 0) + 1
        limits.require_room(new, locks=True)
    return changed


def _few(ids: Sequence[int]) -> list[int]:
    if not ids:
        raise Refused(_("Select at least one row first."), code="rows.none")
    if len(ids) > MOST:
        raise Refused(_("At most %(n)s rows at a time.") % {"n": MOST}, code="rows.many")
    return sorted(set(ids))


def _stored(pool: Pool) -> Pool:
    """The pool as it is now; whoever takes from it waits for the one before."""
    return Pool.objects.select_for_update(of=("self",)).get(pk=pool.pk)


def _member_of(pool: Pool, by: Any) -> Pool:
    pool = _stored(pool)
    guard.require(by, _kind(), "view")
    if not pool_rights.belongs(by, pool):
        raise Forbidden(_("Only members of the pool take customers from it. Ask who keeps it: %(names)s.") % {"names": keepers_of(pool)})
    return pool


def _kept_by(pool: Pool, by: Any) -> Pool:
    pool = _stored(pool)
    if not pool_rights.keeps(by, pool):
        raise Forbidden(_("This is for who keeps the pool: %(names)s.") % {"names": keepers_of(pool)})
    return pool


def keepers_of(pool: Pool) -> str:
    """Who keeps the pool, in words."""
    members = pool.members.filter(part=PoolMember.ADMIN).select_related("user", "department")
    return "、".join(str(member) for member in members[:NAMED]) or "—"


def _free_for(pool: Pool, ids: Sequence[int], by: Any) -> list[Customer]:
    rows = in_pool(pool, _few(ids))
    if pool.blocked_days:
        since = clock.now() - timedelta(days=pool.blocked_days)
        waiting = [row for row in rows if row.previous_owner_id == by.pk and row.held_since and row.held_since > since]
        if waiting:
            last = max(row.held_since for row in waiting if row.held_since) + timedelta(days=pool.blocked_days)
            raise Refused(_("You owned %(names)s before: you may take it again from %(when)s on, %(days)s days after it came here.") % {
                "names": _names(waiting), "days": pool.blocked_days, "when": f"{clock.local(last):%Y-%m-%d %H:%M}"}, code="blocked")
    return rows


def period_start(pool: Pool) -> datetime:
    """When the day, week or month began in which picks are counted."""
    day = clock.today()
    if pool.pick_period == Pool.WEEK:
        day -= timedelta(days=day.weekday())
    elif pool.pick_period == Pool.MONTH:
        day = day.replace(day=1)
    return clock.start_of(day)


def picked(pool: Pool, user: Any) -> int:
    """How many customers the person has taken, or asked for and not heard of, in the present period."""
    ways = (PoolMove.PICK, PoolMove.APPLY)
    taken = PoolMove.objects.filter(pool=pool, user=user, way__in=ways, at__gte=period_start(pool)).count()
    return taken + PoolRequest.objects.filter(pool=pool, applicant=user, state=PoolRequest.OPEN).count()


def _require_picks(pool: Pool, by: Any, n: int) -> None:
    if pool.pick_limit is None:
        return
    had = picked(pool, by)
    if had + n > pool.pick_limit:
        raise Refused(_("“%(pool)s” lets one take %(most)s customers %(period)s; you have taken or asked for %(had)s.") % {
            "pool": pool, "most": pool.pick_limit, "period": pool.get_pick_period_display(), "had": had}, code="pick.limit")


def _take(pool: Pool, rows: Sequence[Customer], *, to: Any, way: str, by: Any) -> list[Customer]:
    """Give locked rows of the pool an owner; contacts that the previous owner still has go along."""
    before = {row.pk: row.previous_owner_id for row in rows}
    values = {**owner_fields(to), "pool_id": None, "held_since": clock.now(), "locked": False}
    batch = uuid.uuid4().hex
    changed = save.change_rows(_kind(), rows, values, by=by, action="pick" if way == PoolMove.PICK else "assign", batch=batch,
                               args={"pool": pool.name, "to": to})
    for row in changed:
        row.owner, row.owner_dept, row.pool = to, to.department, None
    left_pool(pool, changed, to=to, way=way, by=by)
    contacts = Contact.objects.filter(customer__in=[row.pk for row in changed], owner__in=set(before.values()))
    theirs = [contact for contact in contacts if contact.owner_id == before[contact.customer_id]]
    ownership.hand_over(registry.kind("contact"), theirs, to=to, by=by, batch=batch, link="customer")
    ownership.owner_changed.announce(changed, by=by, old_owners=before, to=to.pk, children=["contacts"], batch=batch)
    events.customers_taken.announce(changed, by=by, to=to.pk, way=way)
    return changed


def left_pool(pool: Pool, rows: Sequence[Customer], *, to: Any, way: str, by: Any) -> None:
    """Note who has got customers of a pool; requests for them that still wait are over."""
    now = clock.now()
    PoolMove.objects.bulk_create([PoolMove(pool=pool, customer=row, way=way, user=to, by=by, at=now) for row in rows], batch_size=MOST)
    PoolRequest.objects.filter(customer__in=[row.pk for row in rows], state=PoolRequest.OPEN).exclude(applicant=to).update(
        state=PoolRequest.REFUSED, decided_by=by, decided_at=now, answer=_("It went to %(user)s.") % {"user": to})
