"""Rounding as commerce does it, on exact decimals only."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

# Wide enough for every product of two values of this house; a surprise raises, it never rounds.
WIDE = Context(prec=80, traps=[InvalidOperation, DivisionByZero, Overflow])


def round_half_up(value: Decimal | int, places: int) -> Decimal:
    """Round to `places` decimals, a five always away from zero: 0.125 becomes 0.13, -0.125 -0.13.

    A float is refused: it has lost the amount already.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise TypeError(f"an exact number is needed, not {type(value).__name__}")
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=WIDE)
    return abs(rounded) if not rounded else rounded


def percent_of(amount: Decimal | int, fraction: Decimal | int, places: int = 2) -> Decimal:
    """The part `fraction` (0.13 is 13 %) of an amount, rounded half up to `places` decimals."""
    if isinstance(amount, float) or isinstance(fraction, float):
        raise TypeError("an exact number is needed, not float")
    return round_half_up(WIDE.multiply(Decimal(amount), Decimal(fraction)), places)
