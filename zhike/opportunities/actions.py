"""What people do with opportunities that has consequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.customers.models import Customer
from zhike.org.access import access_of
from zhike.records import customs, guard, history, registry, save, search, together, undo

from . import events, gates, questions
from .line_access import check_lines
from .models import Criterion, Opportunity, OpportunityLine, Process, Stage, StageChange, Tick
from .status import STATUS

BATCH = 2_000


def _kind() -> Any:
    return registry.kind("opportunity")


def process_for(type_code: str) -> Process:
    """The newest enabled process of an opportunity type, else the first process of the house."""
    enabled = list(Process.objects.filter(enabled=True).order_by("code", "-version"))
    if not enabled:
        raise Refused(_("There is no sales process yet. Ask an administrator to publish one."))
    return next((found for found in enabled if type_code in found.types), enabled[0])


@transaction.atomic
def create_opportunities(
    rows: Sequence[Opportunity], *, by: Any, checked: bool = False, action: str = "create", batch: str = ""
) -> Sequence[Opportunity]:
    """Open opportunities at the first stage of their process.

    Raises `Refused` without the right to add, for a customer one may not see, an expected sign
    date in the past, or a contact of another customer.
    """
    guard.require(by, _kind(), "add")
    rows = list(rows)
    if not checked:
        _check_new(rows, by)
    first: dict[int, Stage] = {}
    processes: dict[str, Process] = {}
    for row in rows:
        if row.process_id is None:
            if row.type not in processes:
                processes[row.type] = process_for(row.type)
            row.process = processes[row.type]
        if row.stage_id is None:
            if row.process_id not in first:
                first[row.process_id] = Stage.objects.filter(process=row.process_id).order_by("order")[0]
            row.stage = first[row.process_id]
            row.win_rate = row.stage.win_rate
        row.stage_started_at = clock.now()
    rows = save.create_rows(_kind(), rows, by=by, checked=checked, action=action, batch=batch)
    _remember([(row, None, row.stage_id, 0, "") for row in rows], by=by)
    events.opportunities_created.announce(rows, by=by)
    return rows


def _check_new(rows: Sequence[Opportunity], by: Any) -> None:
    customers = {row.customer_id for row in rows}
    if Customer.objects.visible_to(by).filter(pk__in=customers).count() != len(customers):
        raise Refused(_("Choose a customer from the list."), field="customer")
    check_lines(rows, by)
    for row in rows:
        if row.expected_sign_date and row.expected_sign_date < clock.today():
            raise Refused(_("The expected sign date cannot lie in the past."), field="expected_sign_date")


def _remember(steps: Sequence[tuple[Opportunity, int | None, int | None, int, str]], *, by: Any) -> None:
    """Store stage changes: (row, from, to, days in the former stage, reason)."""
    now = clock.now()
    StageChange.objects.bulk_create(
        [
            StageChange(opportunity=row, source_id=source, target_id=target, status=row.status, at=now, by=by,
                        days=days, amount=row.amount, win_rate=row.win_rate, reason=reason)
            for row, source, target, days, reason in steps
        ],
        batch_size=BATCH,
    )


@transaction.atomic
def change_opportunity(row: Opportunity, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change an opportunity's data. Amount 0 is possible in the first two stages only."""
    guard.require_rows(by, [row], "edit")
    if row.status in ("won", "lost", "void"):
        raise Refused(_("“%(row)s” is closed. Undo the result first.") % {"row": row})
    if values.get("amount") == 0 and row.stage.order > 2:
        raise Refused(_("From the third stage on an opportunity has an amount."), field="amount")
    if "product_line" in values:
        check_lines([Opportunity(customer=row.customer, product_line=values["product_line"])], by)
    gates.keep_filled(row, values)
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def change_opportunities(
    rows: Sequence[Opportunity], values: Mapping[str, Any], *, by: Any
) -> tuple[list[Any], list[tuple[Any, str]]] | None:
    """Change the same data of many opportunities; closed ones are refused, amounts looked at one by one."""
    if "amount" in values or not all(values.values()):
        return None  # an amount, and what is emptied, are looked at one by one
    held = Opportunity.objects.select_for_update().filter(pk__in=[row.pk for row in rows]).order_by("pk")
    closed = {pk for pk, status in held.values_list("pk", "status") if status in ("won", "lost", "void")}
    done, refused = together.change_together(_kind(), [row for row in rows if row.pk not in closed], values, by=by)
    text = _("“%(row)s” is closed. Undo the result first.")
    return done, [*refused, *((row, text % {"row": row}) for row in rows if row.pk in closed)]


MAX_LINES = 200


@transaction.atomic
def set_lines(
    row: Opportunity, lines: Sequence[OpportunityLine], *, by: Any, version: int | None, take_sum: bool = False
) -> Opportunity:
    """Store what the customer needs, line by line.

    A line names a product or says in words what is wanted; its amount in 元 is quantity × target
    price, half up. Known line numbers stay, new lines get the next ones. With `take_sum` the sum
    of the lines becomes the expected amount. Raises `Conflict` when somebody was faster.
    """
    guard.require_rows(by, [row], "edit")
    if len(lines) > MAX_LINES:
        raise Refused(_("At most %(n)s lines.") % {"n": MAX_LINES})
    current = _locked(row, version)
    if current.status in ("won", "lost", "void"):
        raise Refused(_("“%(row)s” is closed. Undo the result first.") % {"row": row})
    stored = {line.line_no: line for line in current.lines.select_related("product")}
    before = [str(line) for line in stored.values()]
    following = max(stored, default=0) + 1
    kept: set[int] = set()
    for line in lines:
        if line.product_id is None and not line.text:
            raise Refused(_("Choose a product or describe what is wanted."), field="product")
        if line.line_no not in stored or line.line_no in kept:
            line.line_no, following = following, following + 1
        kept.add(line.line_no)
        line.pk = stored[line.line_no].pk if line.line_no in stored else None
        line.opportunity = current
        line.unit = line.unit or (line.product.unit if line.product else "")
        line.amount = line.worth()
    save.check_rows(lines, exclude=["opportunity"])
    OpportunityLine.objects.filter(opportunity=current).exclude(line_no__in=kept).delete()
    for line in lines:
        line.save()
    after = [str(line) for line in lines]
    if before != after:
        save.touch_row(current, by=by, action="lines", diff={"lines": (before, after)})
    total = sum((line.amount for line in lines), Decimal(0))
    if take_sum and total != current.amount:
        change_opportunity(current, {"amount": total}, by=by, version=None)
    return current


def _locked(row: Opportunity, version: int | None) -> Opportunity:
    """The row as it is now, locked; refuses when the person looked at an older one."""
    current = save.locked(row, "stage", "process")
    if version is not None and current.version != version:
        raise Conflict(_("“%(row)s” has just been changed by somebody else. Look at it again first.") % {"row": row})
    return current


@transaction.atomic
def move_stage(
    row: Opportunity, to: Stage, *, by: Any, reason: str = "", version: int | None = None
) -> Opportunity:
    """Take an open opportunity to another stage of its process.

    Forward by one when the required criteria are met; skipping needs the right `stage_skip` and a
    reason; backward needs a reason. Days in the former stage, amount and rate are kept.
    """
    guard.require_rows(by, [row], "edit")
    current = _locked(row, version)
    if current.status != "open":
        raise Refused(_("“%(row)s” is not open: its stage cannot be changed.") % {"row": row})
    if to.process_id != current.process_id:
        raise Refused(_("This stage belongs to another process."), field="to")
    if to.pk == current.stage_id:
        return current
    step = to.order - current.stage.order
    checked = gates.checklist(current, by=by)
    if step < 0 and not reason:
        raise Refused(_("Say why the opportunity goes back."), field="reason", code="stage.reason")
    if step > 0:
        lacking = [str(item.criterion) for item in checked if item.criterion.required and not item.done]
        if step > 1:
            if not access_of(by).may("opportunity", "stage_skip"):
                raise Refused(_("Stages are taken one by one. Your manager may skip some."), code="stage.skip")
            if not reason:
                raise Refused(_("Say why stages are skipped."), field="reason", code="stage.reason")
        elif lacking:
            raise Refused(_("Before the next stage, complete the required items."), code="stage.gate", items=lacking)
        if to.order > 2 and current.amount == 0:
            raise Refused(_("From the third stage on an opportunity has an amount."), code="stage.amount")
    source, days = current.stage, current.days_in_stage
    snapshot = [{"text": str(item.criterion), "done": item.done} for item in checked]
    save.change_row(
        current, {"stage": to, "win_rate": to.win_rate, "stage_started_at": clock.now()}, by=by, version=None,
        action="stage", args={"reason": reason}, held=True,
    )
    StageChange.objects.create(
        opportunity=current, source=source, target=to, at=clock.now(), by=by, days=days, amount=current.amount,
        win_rate=to.win_rate, reason=reason, criteria=snapshot,
    )
    events.stage_moved.announce([current], by=by, source=source.pk, target=to.pk)
    return current


@undo.undoer("opportunities.move")
def _move_back(payload: dict[str, Any], *, by: Any) -> None:
    row = Opportunity.objects.visible_to(by).select_related("stage").filter(pk=payload["id"]).first()
    if row is None or row.stage_id != payload["to"]:
        raise Refused(_("This can no longer be undone."))
    move_stage(row, Stage.objects.get(pk=payload["from"]), by=by, reason=_("taken back"))


@transaction.atomic
def tick_criterion(row: Opportunity, criterion: Criterion, done: bool, *, by: Any) -> None:
    """Tick, or untick, an item of the present stage's checklist."""
    guard.require_rows(by, [row], "edit")
    if criterion.stage_id != row.stage_id or criterion.kind != Criterion.TICK:
        raise Refused(_("This item does not belong to the present stage."))
    if done:
        Tick.objects.get_or_create(opportunity=row, criterion=criterion, defaults={"by": by})
    else:
        Tick.objects.filter(opportunity=row, criterion=criterion).delete()


def _close(
    row: Opportunity, move: str, values: dict[str, Any], *, by: Any, version: int | None, reason: str
) -> Opportunity:
    guard.require_rows(by, [row], STATUS.moves[move].permission)
    current = _locked(row, version)
    step = STATUS.check(current, move)
    days = current.days_in_stage
    save.change_row(current, {"status": step.target, **values}, by=by, version=None, action=move,
                    args={"reason": reason}, held=True)
    _remember([(current, current.stage_id, current.stage_id, days, reason)], by=by)
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
    row = _locked(row, version)
    STATUS.check(row, "win")
    last = Stage.objects.filter(process=row.process_id).order_by("-order")[0]
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
    row = _locked(row, version)
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
    row = _locked(row, None)
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


@transaction.atomic
def unmake_opportunity(row: Opportunity, *, by: Any) -> None:
    """Take an opportunity out for good that was made a moment ago and never worked with.

    Whoever undoes what made it has looked at what hangs on it. Its number is not used again.
    """
    history.log(row, "unmade", by=by)
    search.remove_rows(Opportunity.KIND, [row.pk])
    customs.unindex(_kind(), [row.pk])
    Opportunity.objects.filter(pk=row.pk).delete()


@transaction.atomic
def restate_history(
    rows: Sequence[Opportunity], changes: Sequence[Sequence[StageChange]], *, by: Any, batch: str = ""
) -> Sequence[Opportunity]:
    """Bring in opportunities with the states, stages and dates they had elsewhere, unchecked.

    Needs the right `restate_history`. The rows are marked; `changes` holds each row's stage
    changes with their own dates.
    """
    if not access_of(by).may("opportunity", "restate_history"):
        raise Forbidden(_("Your roles do not allow restating history."))
    for row in rows:
        row.restated = True
    rows = save.create_rows(_kind(), rows, by=by, checked=True, action="restate", dated=True, batch=batch)
    steps = []
    for row, of_row in zip(rows, changes, strict=True):
        for change in of_row:
            change.opportunity = row
            steps.append(change)
    StageChange.objects.bulk_create(steps, batch_size=BATCH)
    events.opportunities_created.announce(rows, by=by)
    return rows


@transaction.atomic
def restate_change(
    row: Opportunity, values: Mapping[str, Any], changes: Sequence[StageChange] = (), *, by: Any
) -> dict[str, Any]:
    """Bring an opportunity that came with its history to what it is elsewhere now, unchecked.

    Needs the right `restate_history`, and a row that was restated before. Of `changes` those after
    the last known stage change are added. Returns the difference.
    """
    if not access_of(by).may("opportunity", "restate_history"):
        raise Forbidden(_("Your roles do not allow restating history."))
    guard.require_rows(by, [row], "edit")
    if not row.restated:
        raise Refused(_("“%(row)s” was not imported with its history: change it here.") % {"row": row})
    diff = save.change_row(row, values, by=by, version=None, action="restate")
    last = StageChange.objects.filter(opportunity=row).order_by("-at").values_list("at", flat=True).first()
    newer = [step for step in changes if last is None or step.at > last]
    for step in newer:
        step.opportunity = row
    StageChange.objects.bulk_create(newer)
    if "status" in diff:
        events.opportunities_restated.announce([row], by=by)
    return diff


@transaction.atomic
def replace_lines(rows: Mapping[int, Sequence[OpportunityLine]], *, by: Any) -> None:
    """Replace the product lines of many opportunities (id → lines); numbers and amounts follow.

    The importer's way: its rows were checked and its opportunities written in the same transaction.
    """
    guard.require(by, _kind(), "edit")
    OpportunityLine.objects.filter(opportunity__in=list(rows)).delete()
    made = []
    for row_id, lines in rows.items():
        for number, line in enumerate(lines, 1):
            line.opportunity_id, line.line_no = row_id, number
            line.amount = line.worth()
            made.append(line)
    OpportunityLine.objects.bulk_create(made, batch_size=BATCH)
