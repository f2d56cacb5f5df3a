"""Opening a customer formally: a rep applies, finance checks, and only then the customer has its formal code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.notices import actions as notices
from zhike.records import checks, guard, history, numbering, registry, save

from .. import checking, events, groups, quality
from ..models import Customer, InvoiceTitle, Opening
from ..status import OPEN, OPENING
from .invoicing import create_invoice_titles, make_default_title

STAGES = ("opportunity", "deal", "service")  # who is asked about at all: a customer with business
TITLE = ("title", "tax_no", "bank", "account", "address", "phone")
# The category comes before the number by itself; the rule says how the number is made.
FORMAL = numbering.Series("formal_customer", gettext_lazy("Formal customer codes"), "formal-customers", Customer, "formal_code",
                          {"pattern": "{SEQ}", "width": 5, "reset": "never"})
numbering.SERIES.append(FORMAL)

notices.declare("opening.waiting", gettext_lazy("%(who)s applies to open %(customer)s formally. Please check."))
notices.declare("opening.opened", gettext_lazy("%(customer)s is a formal customer now: %(code)s."))
notices.declare("opening.returned", gettext_lazy("The opening of %(customer)s came back: %(reason)s"))


def _need_checkers(by: Any) -> list[Any]:
    found = checking.checkers(by)
    if not found:
        raise Refused(_("Nobody may check openings of customers, so the application would wait for ever. Ask an administrator to give "
                        "the right “check openings” to a role of finance."), code="opening.nobody")
    return found


@transaction.atomic
def apply_opening(customer: Customer, values: Mapping[str, Any], *, by: Any) -> Opening:
    """Apply to open a customer formally, with credit code, invoicing details and terms.

    Raises `Refused` for a customer without business yet, one that is open already or applied for, and
    where nobody could check it.
    """
    row = Opening(customer=customer, **values)
    return create_openings([row], by=by)[0]


@transaction.atomic
def create_openings(rows: Sequence[Opening], *, by: Any) -> Sequence[Opening]:
    """The same for several customers, each checked by itself."""
    kind = registry.kind("opening")
    guard.require(by, kind, "add")
    told = _need_checkers(by)
    for row in rows:
        customer = save.locked(row.customer)
        guard.require_rows(by, [customer], "edit")
        if customer.formal_code:
            raise Refused(_("%(name)s is a formal customer already: %(code)s.") % {"name": customer, "code": customer.formal_code})
        if customer.lifecycle not in STAGES or not customer.enabled:
            raise Refused(_("A formal customer has business: open an opportunity first, or enable the customer."))
        if Opening.objects.filter(customer=customer, status__in=OPEN).exists():
            raise Refused(_("There is an open application for %(name)s already.") % {"name": customer}, code="opening.twice")
        row.customer, row.status, row.applicant, row.applied_at = customer, "waiting", by, clock.now()
        checks.tidy([row])
        checks.check_rows([row])
        _check_code(row)
    made = save.create_rows(kind, rows, by=by)
    for row in made:
        history.log(row.customer, "opening", by=by, args={"reason": OPENING.label(row.status)})
        _tell(told, "waiting", row, by=by, who=str(by))
    return made


def _check_code(row: Opening) -> None:
    if row.uscc and groups.code_is_taken(row.uscc, row=row.customer, parent_id=row.customer.parent_id):
        raise Refused(_("Another customer outside the group has this credit code."), field="uscc", code="duplicate")


def _tell(users: Sequence[Any], what: str, row: Opening, *, by: Any, **more: Any) -> None:
    notices.tell(users, f"opening.{what}", key=f"opening:{row.pk}:{what}:{row.version}", row=row, by=by, category="task",
                 tone={"waiting": "wait", "opened": "good", "returned": "bad"}[what], customer=str(row.customer), **more)


def _moved(row: Opening, move: str, *, by: Any, version: int | None, **values: Any) -> Opening:
    """Take one step by the table of moves, under a lock."""
    guard.require_rows(by, [row], OPENING.moves[move].permission)
    held = save.locked(row, "customer", "applicant")
    step = OPENING.check(held, move)
    save.change_row(held, {"status": step.target, **values}, by=by, version=version, action=f"opening-{move}",
                    args={"reason": values.get("answer", "")})
    return held


def _check_other(row: Opening, by: Any) -> None:
    if by.pk in (row.applicant_id, row.created_by_id):
        raise Forbidden(_("Somebody else has to check what you have applied for."), code="opening.self")


def _check_applicant(row: Opening, by: Any) -> None:
    """Whoever may work on the customer goes on with its application."""
    guard.require_rows(by, [row.customer], "edit")


@transaction.atomic
def change_opening(row: Opening, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Correct an application that came back; it waits on until it is applied for again."""
    guard.require_rows(by, [row], "add")
    _check_applicant(row, by)
    if save.locked(row).status != "returned":
        raise Refused(_("Only an application that came back can be corrected."))
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def resubmit_opening(row: Opening, values: Mapping[str, Any] | None = None, *, by: Any, version: int | None = None) -> Opening:
    """Apply again with corrected data."""
    _check_applicant(row, by)
    told = _need_checkers(by)
    held = _moved(row, "resubmit", by=by, version=version, applicant=by, applied_at=clock.now(), **dict(values or {}))
    _check_code(held)
    _tell(told, "waiting", held, by=by, who=str(by))
    return held


@transaction.atomic
def withdraw_opening(row: Opening, *, by: Any, version: int | None = None) -> Opening:
    """Take an application back before it is decided."""
    _check_applicant(row, by)
    return _moved(row, "withdraw", by=by, version=version)


@transaction.atomic
def return_opening(row: Opening, *, reason: str, by: Any, version: int | None = None) -> Opening:
    """Send an application back with what is wrong with it."""
    _check_other(row, by)
    if not reason.strip():
        raise Refused(_("Say what is wrong, so that the applicant can put it right."), field="reason")
    held = _moved(row, "return", by=by, version=version, answer=reason, checker=by, checked_at=clock.now())
    _tell([held.applicant], "returned", held, by=by, reason=reason)
    return held


@transaction.atomic
def accept_opening(row: Opening, *, by: Any, version: int | None = None) -> Opening:
    """Open the customer: its data are those of the application, and it gets its formal code from the numbering rule.

    Enterer and checker differ. Raises `Refused` where the credit code went to somebody else meanwhile.
    """
    _check_other(row, by)
    held = _moved(row, "accept", by=by, version=version, answer="", checker=by, checked_at=clock.now())
    checks.check_rows([held])
    _check_code(held)
    customer = save.locked(held.customer)
    if customer.formal_code:
        raise Refused(_("%(name)s is a formal customer already: %(code)s.") % {"name": customer, "code": customer.formal_code})
    values = {name: getattr(held, name) for name in ("category", "uscc", "payment_term", "currency") if getattr(held, name)}
    save.change_row(customer, {**values, "formal_code": _formal_code(held.category)}, by=by, version=None, action="opened")
    _keep_title(held, customer, by)
    quality.refresh_quality([customer.pk, *quality.sharing([customer.uscc])])
    events.customers_opened.announce([customer], by=by)
    _tell([held.applicant], "opened", held, by=by, code=customer.formal_code)
    return held


def _formal_code(category: str) -> str:
    """The next formal customer code: the category, then the count of the numbering rule."""
    return f"{category.upper()}-{numbering.issue(FORMAL)[0]}"


def _keep_title(row: Opening, customer: Customer, by: Any) -> None:
    """What finance has checked is the customer's default invoicing details."""
    values = {name: getattr(row, name) for name in TITLE}
    found = InvoiceTitle.objects.filter(customer=customer, title=row.title, tax_no__in=("", row.tax_no)).order_by("-tax_no", "pk").first()
    if found is None:
        found = create_invoice_titles([InvoiceTitle(customer=customer, **values)], by=by, checked=True)[0]
    else:
        InvoiceTitle.objects.filter(pk=found.pk).update(**values, version=found.version + 1, updated_at=clock.now(), updated_by=by)
    make_default_title(found, by=by, checked=True)
