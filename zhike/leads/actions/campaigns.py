"""What people do with campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Refused
from zhike.records import guard, registry, save, together

from ..models import Campaign
from ..status import CAMPAIGN

FIXED = ("summarised", "cancelled")
PLAN = frozenset({"budget", "goal_leads", "goal_opportunities", "goal_amount", "type"})


def _kind() -> Any:
    return registry.kind("campaign")


@transaction.atomic
def create_campaigns(
    rows: Sequence[Campaign], *, by: Any, checked: bool = False, batch: str = "", action: str = "create", dated: bool = False
) -> Sequence[Campaign]:
    """Plan campaigns; each begins as a draft."""
    guard.require(by, _kind(), "add")
    return save.create_rows(_kind(), rows, by=by, checked=checked, batch=batch, action=action, dated=dated)


def _check_open(row: Campaign, values: Mapping[str, Any]) -> None:
    if row.status in FIXED:
        raise Refused(_("“%(row)s” is %(state)s and stays as it is.") % {"row": row, "state": CAMPAIGN.label(row.status)})
    if row.status != "draft":
        moved = sorted(name for name in PLAN & values.keys() if values[name] != getattr(row, name))
        if moved:
            raise Refused(_("Budget, goals and type have been approved. Take the campaign back to draft to change them."), field=moved[0])


@transaction.atomic
def change_campaign(row: Campaign, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a campaign. What was approved (budget, goals, type) stays until it is a draft again."""
    guard.require_rows(by, [row], "edit")
    _check_open(row, values)
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def change_campaigns(
    rows: Sequence[Campaign], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]]:
    """Change the same data of many campaigns; those that are closed or approved are refused with the reason."""
    good, no = [], []
    for row in rows:
        try:
            _check_open(row, values)
        except Refused as reason:
            no.append((row, str(reason.message)))
        else:
            good.append(row)
    done, refused = together.change_together(_kind(), good, values, by=by)
    return done, [*no, *refused]


def _move(row: Campaign, move: str, *, by: Any, version: int | None, values: Mapping[str, Any] | None = None, reason: str = "") -> Campaign:
    guard.require_rows(by, [row], CAMPAIGN.moves[move].permission)
    stored = save.locked(row)
    if version is not None and stored.version != version:
        raise Conflict(_("“%(row)s” has just been changed by somebody else. Look at it again first.") % {"row": row})
    step = CAMPAIGN.check(stored, move)
    save.change_row(stored, {"status": step.target, **(values or {})}, by=by, version=None, action=f"campaign-{move}",
                    args={"reason": reason} if reason else None, held=True)
    return stored


@transaction.atomic
def approve_campaign(row: Campaign, *, by: Any, version: int | None = None) -> Campaign:
    """Approve a campaign with its budget and goals. Nobody approves what is their own."""
    if row.owner_id == by.pk and not by.is_admin:
        raise Refused(_("Somebody else approves your campaign: your manager, or the general manager."), code="campaign.own")
    return _move(row, "approve", by=by, version=version, values={"approved_at": clock.now(), "approved_by": by})


@transaction.atomic
def withdraw_campaign(row: Campaign, *, by: Any, version: int | None = None) -> Campaign:
    """Take an approved campaign back to draft, to change its budget or goals."""
    return _move(row, "withdraw", by=by, version=version, values={"approved_at": None, "approved_by": None})


@transaction.atomic
def start_campaign(row: Campaign, *, by: Any, version: int | None = None) -> Campaign:
    """The campaign runs."""
    today = clock.today()
    return _move(row, "start", by=by, version=version, values={} if row.starts_on else {"starts_on": today})


@transaction.atomic
def finish_campaign(row: Campaign, *, by: Any, version: int | None = None) -> Campaign:
    """The campaign is over; its summary is still to be written."""
    return _move(row, "finish", by=by, version=version, values={} if row.ends_on else {"ends_on": max(clock.today(), row.starts_on or clock.today())})


@transaction.atomic
def resume_campaign(row: Campaign, *, by: Any, version: int | None = None) -> Campaign:
    """It was not over yet."""
    return _move(row, "resume", by=by, version=version)


@transaction.atomic
def summarise_campaign(row: Campaign, *, summary: str, cost: Decimal, by: Any, version: int | None = None) -> Campaign:
    """Say what the campaign has brought and cost. Raises `Refused` without a summary, or a cost below nought."""
    if not summary.strip():
        raise Refused(_("Write what the campaign has brought."), field="summary")
    if cost < 0:
        raise Refused(_("An amount is not below nought."), field="cost")
    return _move(row, "summarise", by=by, version=version, values={"summary": summary, "cost": cost})


@transaction.atomic
def cancel_campaign(row: Campaign, *, reason: str, by: Any, version: int | None = None) -> Campaign:
    """The campaign does not take place. Raises `Refused` without a reason."""
    if not reason.strip():
        raise Refused(_("Give the reason."), field="reason")
    return _move(row, "cancel", by=by, version=version, values={"cancel_reason": reason.strip()[:200]}, reason=reason)


@transaction.atomic
def revive_campaign(row: Campaign, *, by: Any, version: int | None = None) -> Campaign:
    """Take a cancelled campaign up again, as a draft."""
    return _move(row, "revive", by=by, version=version, values={"cancel_reason": "", "approved_at": None, "approved_by": None})
