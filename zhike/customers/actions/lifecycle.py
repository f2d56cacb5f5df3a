"""Steps of the life cycle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.org.access import access_of
from zhike.records import guard, options, registry, save

from .. import events
from ..lifecycle import BY_HAND, LIFECYCLE, ORDER
from ..models import Customer, LifecycleChange
from .customers import stored_values

BATCH = 2_000
IMPORT = "import"  # the cause of a step that a file has brought in


def open_to(ids: Iterable[int], move: str) -> list[int]:
    """Which of these customers may take the step of the life cycle; all of them stay locked until the transaction ends."""
    return [pk for pk, stage in stored_values(list(ids), "lifecycle").items() if stage in LIFECYCLE.moves[move].sources]


@save.all_or_nothing
def advance_lifecycle(
    rows: Iterable[Customer], move: str, *, by: Any, cause: Any = None, reason: str = ""
) -> Sequence[Customer]:
    """Take customers one step along their life cycle where it is open to them.

    Customers whose stage does not offer the step (a repeat deal, for one) stay where they are and
    are not returned. The cause is stored with each step.
    """
    step = LIFECYCLE.moves[move]
    rows = list(rows)
    # Read again under a lock: two opportunities opened at once are one step, not two.
    stored = stored_values([row.pk for row in rows], "lifecycle")
    for row in rows:
        row.lifecycle = stored.get(row.pk, row.lifecycle)
    moving = [row for row in rows if row.lifecycle in step.sources]
    if not moving:
        return []
    now = clock.now()
    LifecycleChange.objects.bulk_create(
        [
            LifecycleChange(
                customer=row, source=row.lifecycle, target=step.target, at=now, by=by, reason=reason,
                cause_kind=getattr(cause, "KIND", ""), cause_id=getattr(cause, "pk", None),
            )
            for row in moving
        ],
        batch_size=BATCH,
    )
    changed = save.change_rows(
        registry.kind("customer"), moving, {"lifecycle": step.target}, by=by, action="lifecycle",
        args={"move": move, "cause": cause, "reason": reason},
    )
    events.lifecycle_moved.announce(
        changed, by=by, move=move, cause_kind=getattr(cause, "KIND", ""), cause_id=getattr(cause, "pk", None)
    )
    return changed


@transaction.atomic
def lose_customer(row: Customer, *, reason: str, by: Any) -> Customer:
    """Mark a customer as lost, with a cause of the option list "lost_cause"."""
    guard.require_rows(by, [row], "lose")
    LIFECYCLE.check(save.locked(row), "lose")
    if reason not in options.labels("lost_cause", "en", enabled_only=True):
        raise Refused(_("Give the cause of the loss."), field="reason")
    advance_lifecycle([row], "lose", by=by, reason=reason)
    return row


@transaction.atomic
def set_stage(row: Customer, *, move: str, reason: str = "", by: Any) -> Customer:
    """Take a customer one step along its life cycle by hand; a step back needs the right to lose and a reason.

    Raises `Refused` for a step that only a document takes, or that its stage does not offer.
    """
    right = BY_HAND.get(move)
    if right is None:
        raise Refused(_("This step follows from a document; it is not taken by hand."), field="move")
    guard.require_rows(by, [row], right)
    LIFECYCLE.check(save.locked(row), move)
    if right == "lose" and not reason.strip():
        raise Refused(_("Say why the customer goes back a step."), field="reason")
    advance_lifecycle([row], move, by=by, reason=reason.strip()[:200])
    return row


def require_restating(by: Any) -> None:
    """Refuse unless the person may bring in stages that no document here has made."""
    if not access_of(by).may("customer", "restate_history"):
        raise Forbidden(_("Your roles do not allow restating history."))


@transaction.atomic
def restate_stage(row: Customer, stage: str, *, by: Any) -> bool:
    """Take a customer on to the stage it has in the system it comes from; True when it was moved.

    Needs the right `restate_history`. Raises `Refused` where that would be a step back, unless it is the
    last step of an import that is taken back.
    """
    require_restating(by)
    guard.require_rows(by, [row], "edit")
    now = save.locked(row).lifecycle
    if stage == now:
        return False
    last = LifecycleChange.objects.filter(customer=row).order_by("-pk").first()
    undone = last is not None and last.cause_kind == IMPORT and last.source == stage
    if not undone and "lost" not in (stage, now) and ORDER.index(stage) < ORDER.index(now):
        raise Refused(_("“%(row)s” is a %(stage)s here already; a file does not take it back. Change the stage on its page.")
                      % {"row": row, "stage": LIFECYCLE.label(now)}, field="lifecycle", code="lifecycle.back")
    LifecycleChange.objects.create(customer=row, source=now, target=stage, at=clock.now(), by=by, cause_kind=IMPORT)
    save.change_row(row, {"lifecycle": stage}, by=by, version=None, action="restate")
    return True
