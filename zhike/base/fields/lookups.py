"""Comparisons with exact numbers; any finite number may be asked for, also one that no row can hold."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_UP, Decimal
from typing import Any

from django.db import models
from django.db.models.expressions import ExpressionList

from .exact import ExactField, settle
from .rounding import WIDE

_INT64 = 2**63 - 1
_FINEST = Decimal("1e-40")


class _Compare:
    """Comparison with any finite number: what does not fall on a step is rounded to the side that
    keeps the answer true, so `amount > 0.005` is asked as `amount > 0.00`."""

    rounding = ROUND_FLOOR

    def get_prep_lookup(self) -> Any:
        field = self.lhs.output_field  # type: ignore[attr-defined]
        rhs = self.rhs  # type: ignore[attr-defined]
        if hasattr(rhs, "resolve_expression"):
            settle(rhs, field)
            return rhs
        return bound(field, rhs, self.rounding)


def bound(field: ExactField, value: Any, rounding: str) -> int | None:
    """The scaled integer next to `value` in the direction of `rounding`, clamped to 64 bits."""
    number = field.decimal(value)
    if number is None:
        return None
    if number.adjusted() > 20 and number:
        return _INT64 if number > 0 else -_INT64
    if number.as_tuple().exponent < -40:  # type: ignore[operator]
        number = number.quantize(_FINEST, rounding=ROUND_UP, context=WIDE)
    step = int(number.scaleb(field.places, context=WIDE).to_integral_value(rounding=rounding, context=WIDE))
    return max(-_INT64, min(_INT64, step))


def _on_step(field: ExactField, value: Any) -> int | None:
    """The scaled integer equal to `value`, or None where no stored value can be equal."""
    low = bound(field, value, ROUND_FLOOR)
    return low if low is not None and low == bound(field, value, ROUND_CEILING) and abs(low) < _INT64 else None


@ExactField.register_lookup
class ExactEquals(models.lookups.Exact):
    def get_prep_lookup(self) -> Any:
        field = self.lhs.output_field
        if self.rhs is None:  # Django turns `= None` into IS NULL itself
            return None
        if hasattr(self.rhs, "resolve_expression"):
            settle(self.rhs, field)
            return self.rhs
        found = _on_step(field, self.rhs)
        # Nothing stored lies beyond 64 bits, so this asks for nothing without a special case.
        return _INT64 if found is None else found


@ExactField.register_lookup
class ExactGreater(_Compare, models.lookups.GreaterThan):
    pass


@ExactField.register_lookup
class ExactGreaterOrEqual(_Compare, models.lookups.GreaterThanOrEqual):
    rounding = ROUND_CEILING


@ExactField.register_lookup
class ExactLess(_Compare, models.lookups.LessThan):
    rounding = ROUND_CEILING


@ExactField.register_lookup
class ExactLessOrEqual(_Compare, models.lookups.LessThanOrEqual):
    pass


@ExactField.register_lookup
class ExactIn(models.lookups.In):
    def get_prep_lookup(self) -> Any:
        field = self.lhs.output_field
        if hasattr(self.rhs, "resolve_expression"):
            settle(self.rhs, field)
            return super().get_prep_lookup()
        wanted: list[Any] = []
        for value in self.rhs:
            if hasattr(value, "resolve_expression"):
                settle(value, field)
                wanted.append(value)
            elif (number := _on_step(field, value)) is not None:
                wanted.append(number)
        if any(hasattr(value, "resolve_expression") for value in wanted):
            return ExpressionList(*wanted)
        return wanted


@ExactField.register_lookup
class ExactRange(models.lookups.Range):
    def get_prep_lookup(self) -> Any:
        if hasattr(self.rhs, "resolve_expression"):
            return self.rhs
        field = self.lhs.output_field
        found: list[Any] = []
        for value, rounding in zip(self.rhs, (ROUND_CEILING, ROUND_FLOOR), strict=True):
            if hasattr(value, "resolve_expression"):
                settle(value, field)
                found.append(value)
            else:
                found.append(bound(field, value, rounding))
        return found
