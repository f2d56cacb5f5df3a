"""Won, lost, put aside, taken up again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import guard, save

from .. import events, questions
from ..models import Opportunity
from ..processes import course_of
from ..status import STATUS
from ..steps import held, remember


def _close(
    row: Opportunity, move: str, values: dict[str, Any], *, by: Any, version: int | None, reason: str
) -> Opportunity:
    guard.require_rows(by, [row], STATUS.moves[move].permission)
    current = held(row, version, by=by)
    step = STATUS.check(current, move)
    days = current.days_in_stage
    save.change_row(current, {"status": step.target, **values}, by=by, version=None, action=move,
                    args={"reason": reason}, held=True)
    remember([(current, current.stage_id, current.stage_id, days, reason)], by=by)
    return current


@transaction.atomic
def win_opportunity(
    row: Opportunity, *, on: date, reason: str, by: Any, amount: Decimal | None = None, version: int | None = None
) -> Opportunity:
    """Record the win: date (not in the future), reason and amount in 元.

    Possible from the last stage of the process, or with the right `win_early`.
    """
    if on > clock.today():
        raise Refused(_("The day of the win cannot lie in the future."), field="on")
    if not reason:
        raise Refused(_("Say why we won."), field="reason")
    guard.require_rows(by, [row], "win")
    row = held(row, version, by=by)
    STATUS.check(row, "win")
    last = course_of(row.process_id, by=by).stages[-1]
    if row.stage_id != last.pk and not access_of(by).may("opportunity", "win_early"):
        raise Refused(_("Bring the opportunity to the last stage first, or ask your manager."), code="win.early")
    value = row.amount if amount is None else amount
    if value <= 0:
        raise Refused(_("A won opportunity has an amount."), field="amount")
    current = _close(
        row, "win", {"won_at": on, "won_amount": value, "win_reason": reason, "win_rate": Decimal(1)}, by=by,
        version=version, reason=reason,
    )
    events.opportunity_won.announce([current], by=by)
    return current


@transaction.atomic
def lose_opportunity(
    row: Opportunity, *, reason: str, lost_to: str, remark: str, by: Any, version: int | None = None
) -> Opportunity:
    """Record the loss: reason, competitor (or "none") and a remark are demanded."""
    for field, value, text in (("reason", reason, _("Choose the reason of the loss.")),
                               ("lost_to", lost_to, _("Name the competitor, or “none”.")),
                               ("remark", remark, _("Write what we learned from it."))):
        if not value:
            raise Refused(text, field=field)
    guard.require_rows(by, [row], "lose")
    row = held(row, version, by=by)
    current = _close(
        row, "lose",
        {"lost_at": clock.today(), "lost_amount": row.amount, "lose_reason": reason, "lost_to": lost_to,
         "lose_remark": remark, "win_rate": Decimal(0)},
        by=by, version=version, reason=remark,
    )
    events.opportunity_lost.announce([current], by=by)
    return current


def _reopen(row: Opportunity, move: str, *, by: Any, reason: str) -> Opportunity:
    guard.require_rows(by, [row], STATUS.moves[move].permission)
    row = held(row, None, by=by)
    was = row.status
    blockers = questions.may_reopen.ask([row], by=by) if move == "unwin" else []
    if blockers:
        raise Refused(_("This result can no longer be undone."), items=[(a.text, a.url) for a in blockers])
    current = _close(
        row, move,
        {"win_rate": row.stage.win_rate, "won_at": None, "won_amount": None, "win_reason": "", "lost_at": None,
         "lost_amount": None, "lose_reason": "", "lost_to": "", "lose_remark": "", "stage_started_at": clock.now()},
        by=by, version=None, reason=reason,
    )
    events.opportunity_reopened.announce([current], by=by, was=was)
    return current


@transaction.atomic
def unwin_opportunity(row: Opportunity, *, by: Any, reason: str = "") -> Opportunity:
    """Take a win back: the opportunity is open again at the stage where it was won."""
    return _reopen(row, "unwin", by=by, reason=reason)


@transaction.atomic
def unlose_opportunity(row: Opportunity, *, by: Any, reason: str = "") -> Opportunity:
    """Take a loss back: the opportunity is open again at the stage where it was lost."""
    return _reopen(row, "unlose", by=by, reason=reason)


@transaction.atomic
def suspend_opportunity(row: Opportunity, *, reason: str, resume_on: date, by: Any) -> Opportunity:
    """Put an opportunity aside until a day in the future."""
    if resume_on <= clock.today():
        raise Refused(_("Choose a day in the future."), field="resume_on")
    return _close(row, "suspend", {"resume_on": resume_on}, by=by, version=None, reason=reason)


@transaction.atomic
def resume_opportunity(row: Opportunity, *, by: Any) -> Opportunity:
    """Take a suspended opportunity up again."""
    return _close(row, "resume", {"resume_on": None, "stage_started_at": clock.now()}, by=by, version=None, reason="")


@transaction.atomic
def void_opportunity(row: Opportunity, *, reason: str, by: Any) -> Opportunity:
    """Declare an opportunity invalid; it keeps its number and counts nowhere."""
    if not reason:
        raise Refused(_("Give the reason."), field="reason")
    return _close(row, "void", {"win_rate": Decimal(0)}, by=by, version=None, reason=reason)
