"""Opportunities where a customer has an owner per product line: who reads which, and who may open which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.customers import line_rights
from zhike.customers.models import LineOwner
from zhike.products.models import ProductLine
from zhike.records import visibility

from .models import Opportunity


def of_my_lines(user: Any) -> Any:
    """Ids of the opportunities of the lines that the person looks after; other lines' prices are not theirs to see."""
    return Opportunity.objects.filter(
        customer__line_owners__owner=user, customer__line_owners__line=F("product_line")
    ).order_by().values("pk")


def _branch(model: type[Any], user: Any, edit: bool) -> Any:
    return of_my_lines(user) if model is Opportunity and not edit and line_rights.switched_on() else None


def _whom(row: Any) -> set[int]:
    return set(LineOwner.objects.filter(customer=row.customer_id, line=row.product_line_id).order_by().values_list("owner_id", flat=True))


visibility.add_branch(_branch, name="line-opportunity", whom=_whom)


def check_lines(rows: Sequence[Opportunity], by: Any) -> None:
    """Whoever looks after a line of a customer opens opportunities of that line; their only one is filled in."""
    mere = line_rights.only_by_line(by, list({row.customer_id: row.customer for row in rows}.values())) if line_rights.switched_on() else set()
    if not mere:
        return
    mine: dict[int, list[LineOwner]] = {}
    for found in LineOwner.objects.filter(owner=by, customer__in=mere).select_related("line").order_by("pk"):
        mine.setdefault(found.customer_id, []).append(found)
    for row in rows:
        if row.customer_id not in mere:
            continue
        lines: dict[int, ProductLine] = {found.line.pk: found.line for found in mine[row.customer_id] if found.line is not None}
        whole_plant = any(found.line is None for found in mine[row.customer_id])
        if row.product_line_id is None and len(lines) == 1 and not whole_plant:
            row.product_line = next(iter(lines.values()))
        if row.product_line_id not in lines and not whole_plant:
            raise Refused(_("At “%(customer)s” you look after %(lines)s. Choose that product line, or ask the customer's owner.")
                          % {"customer": row.customer, "lines": "、".join(str(line) for line in lines.values())},
                          field="product_line", code="line.other")
