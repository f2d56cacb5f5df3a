"""What the customer needs, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.records import checks, guard, save

from ..models import Opportunity, OpportunityLine
from ..steps import BATCH, held, own_kind
from .making import change_opportunity

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
    current = held(row, version, by=by)
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
    checks.check_rows(lines, exclude=["opportunity"])
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


@transaction.atomic
def replace_lines(rows: Mapping[int, Sequence[OpportunityLine]], *, by: Any) -> None:
    """Replace the product lines of many opportunities (id → lines); numbers and amounts follow.

    The importer's way: its rows were checked and its opportunities written in the same transaction.
    """
    guard.require(by, own_kind(), "edit")
    OpportunityLine.objects.filter(opportunity__in=list(rows)).delete()
    made = []
    for row_id, lines in rows.items():
        for number, line in enumerate(lines, 1):
            line.opportunity_id, line.line_no = row_id, number
            line.amount = line.worth()
            made.append(line)
    OpportunityLine.objects.bulk_create(made, batch_size=BATCH)
