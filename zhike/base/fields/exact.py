"""Numbers that stay exact in every database: decimals in Python, scaled integers in the table.

`DecimalField` on SQLite is a binary float: sums drift and 0.10 + 0.20 is not found as 0.30. Here
12.34 is stored as 1234 in a BIGINT, so filters, orders, Sum, Min and Max are integer work and give
the same answer on SQLite and PostgreSQL. A CHECK in the table keeps an overflow from turning into
a float.

What to know when writing SQL expressions:

* ``F("paid") + Decimal("1.50")`` and ``F("a") - F("b")`` work between fields of one kind, and
  ``F("a") * 3`` with a whole number; products of two exact fields are refused: multiply in Python
  and round there (`round_half_up`), because the rounding rule belongs to the line.
* A constant inside Case, Coalesce and the like needs its kind: `exact(Decimal("5"), Money)`.
* Avg is refused: divide the Sum by the Count in Python.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core import checks
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models.expressions import (
    Combinable,
    CombinedExpression,
    Value,
    register_combinable_fields,
)
from django.db.models.sql import Query
from django.utils.translation import gettext_lazy as _

from .rounding import WIDE

_PLAIN = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?", re.ASCII)
_LOOKUPS = frozenset({"exact", "in", "gt", "gte", "lt", "lte", "range", "isnull"})


class ExactField(models.Field):
    """Base of the exact numbers: `places` decimals, at most `digits` digits before the point."""

    places = 0
    digits = 0
    empty_strings_allowed = False
    description = _("Exact decimal number")
    default_error_messages = {
        "invalid": _("Enter a number such as 1,234.50."),
        "float": _("A binary floating point number cannot be stored exactly."),
        "places": _("At most %(places)s decimals are possible."),
        "whole": _("Only a whole number is possible."),
        "range": _("The number must lie between %(low)s and %(high)s."),
    }

    # A name of its own: for "...IntegerField" Django puts an int() around what the database gives,
    # which would hide the fraction of an average instead of refusing it.
    def get_internal_type(self) -> str:
        return "ExactField"

    def db_type(self, connection: Any) -> str:
        return "bigint"

    def rel_db_type(self, connection: Any) -> str:
        return "bigint"

    # Limits

    @cached_property
    def unit(self) -> Decimal:
        """The smallest step, 0.01 for two places."""
        return Decimal(1).scaleb(-self.places)

    @cached_property
    def limit(self) -> int:
        """The largest scaled integer of one row; far below int64, so that sums have room."""
        return int(10 ** (self.digits + self.places)) - 1

    @property
    def max_value(self) -> Decimal:
        return Decimal(self.limit).scaleb(-self.places)

    # Python values

    def decimal(self, value: Any) -> Decimal | None:
        """The value as a Decimal, not yet checked for places and range; refuses floats and NaN."""
        if value is None:
            return None
        if isinstance(value, str):
            value = value.strip()
            if not _PLAIN.fullmatch(value):
                raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})
            return Decimal(value)
        if isinstance(value, Decimal):
            if not value.is_finite():
                raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, float):
            raise ValidationError(self.error_messages["float"], code="float", params={"value": value})
        raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value})

    def scaled(self, value: Any) -> int | None:
        """The integer that is stored; refuses more decimals than `places` and what is out of range."""
        found = self.decimal(value)
        if found is None:
            return None
        if not found:
            return 0
        if found.adjusted() >= self.digits:
            raise self._out_of_range()
        exponent = found.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -40:
            raise self._too_fine()
        shifted = found.scaleb(self.places, context=WIDE)
        number = int(shifted)
        if number != shifted:
            raise self._too_fine()
        return number

    def _too_fine(self) -> ValidationError:
        key = "places" if self.places else "whole"
        return ValidationError(self.error_messages[key], code="places", params={"places": self.places})

    def _out_of_range(self) -> ValidationError:
        params = {"low": f"-{self.max_value:,f}", "high": f"{self.max_value:,f}"}
        return ValidationError(self.error_messages["range"], code="range", params=params)

    def unscaled(self, number: int) -> Decimal:
        return Decimal(number).scaleb(-self.places, context=WIDE)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or value == "":
            return None
        number = self.scaled(value)
        return None if number is None else self.unscaled(number)

    # To and from the database

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return self.scaled(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return connection.ops.adapt_integerfield_value(value, "BigIntegerField")

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        if value is None:
            return None
        if type(value) is int:
            return self.unscaled(value)
        # PostgreSQL sums BIGINT as NUMERIC without decimals; anything else went through a float
        # or a division (Avg) and is not exact any more.
        if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
            return self.unscaled(int(value))
        raise TypeError(f"{expression!r} gave {value!r}, which is not exact: divide in Python")

    def db_check(self, connection: Any) -> str:
        column = connection.ops.quote_name(self.column)
        bounds = f"{column} BETWEEN -{self.limit} AND {self.limit}"
        if connection.vendor == "sqlite":  # a REAL may hide in an integer column there
            return f"{column} IS NULL OR (typeof({column}) = 'integer' AND {bounds})"
        return bounds

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Called for every written value: the place to bring the constants of an expression to scale."""
        if hasattr(value, "resolve_expression"):
            settle(value, self)
        return "%s"

    # Text, forms, migrations

    def value_to_string(self, obj: Any) -> str:
        value = self.to_python(self.value_from_object(obj))
        return "" if value is None else f"{value:f}"

    def formfield(self, **kwargs: Any) -> Any:
        from .forms import ExactFormField

        kwargs.setdefault("form_class", ExactFormField)
        if issubclass(kwargs["form_class"], ExactFormField):
            kwargs.setdefault("exact", self)
        return super().formfield(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path.replace("zhike.base.fields.exact.", "zhike.base.fields."), args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        found = super().check(**kwargs)
        if self.has_default() and not callable(self.default) and self.default is not None:
            try:
                self.scaled(self.default)
            except ValidationError as wrong:
                found.append(checks.Error(f"default: {wrong.messages[0]}", obj=self, id="zhike.E001"))
        return found

    def get_lookup(self, lookup_name: str) -> Any:
        # Pattern lookups would compare digits of the scaled integer: they must not exist.
        return super().get_lookup(lookup_name) if lookup_name in _LOOKUPS else None


class Money(ExactField):
    """An amount of money: two decimals, below ten trillion."""

    places, digits = 2, 13
    description = _("Amount of money")


class Price(ExactField):
    """A price per unit: six decimals, below one hundred billion."""

    places, digits = 6, 11
    description = _("Price")


class Quantity(ExactField):
    """A quantity: four decimals, below one trillion."""

    places, digits = 4, 12
    description = _("Quantity")


class Percent(ExactField):
    """A share or rate as a fraction of one: 0.13 is 13 %; four decimals."""

    places, digits = 4, 6
    description = _("Percentage")

    def formfield(self, **kwargs: Any) -> Any:
        from .forms import PercentFormField

        kwargs.setdefault("form_class", PercentFormField)
        return super().formfield(**kwargs)


class ExchangeRate(ExactField):
    """Units of local currency for one unit of a foreign one: eight decimals, below ten million."""

    places, digits = 8, 7
    description = _("Exchange rate")


def exact(value: Decimal | int | str | None, kind: type[ExactField]) -> Value:
    """A constant for SQL expressions, in the scale of `kind`: ``Coalesce(Sum("paid"), exact(0, Money))``."""
    return Value(kind().to_python(value), output_field=kind())


def settle(expression: Any, field: ExactField) -> None:
    """Bring bare constants of a resolved expression to the scale of `field`; refuse what cannot be exact."""
    if isinstance(expression, Value):
        own = expression._output_field_or_none
        if isinstance(own, ExactField):
            _same(own, field)
        elif expression.value is not None:
            expression.value = field.to_python(expression.value)
            expression.output_field = field
        return
    if isinstance(expression, CombinedExpression):
        left, right = expression.get_source_expressions()
        if expression.connector in (Combinable.ADD, Combinable.SUB):
            settle(left, field)
            settle(right, field)
            return
        if expression.connector == Combinable.MUL:
            for one, other in ((left, right), (right, left)):
                if isinstance(getattr(other, "_output_field_or_none", None), models.IntegerField):
                    settle(one, field)
                    return
        raise FieldError("only +, - and a whole factor are exact in SQL: multiply and divide in Python")
    if isinstance(expression, Query):
        own = expression.output_field
    else:
        own = getattr(expression, "_output_field_or_none", None)
    if isinstance(own, ExactField):
        _same(own, field)
        return
    if own is None:
        for source in getattr(expression, "get_source_expressions", list)():
            if source is not None:
                settle(source, field)
        return
    raise FieldError(f"{own.__class__.__name__} cannot be used where {field.__class__.__name__} is expected")


def _same(own: ExactField, field: ExactField) -> None:
    if own.places != field.places:
        raise FieldError(
            f"{own.__class__.__name__} has {own.places} decimals and {field.__class__.__name__} has "
            f"{field.places}: convert in Python"
        )


for _kind in (Money, Price, Quantity, Percent, ExchangeRate):
    for _connector in (Combinable.ADD, Combinable.SUB):
        register_combinable_fields(_kind, _connector, _kind, _kind)
    register_combinable_fields(_kind, Combinable.MUL, models.IntegerField, _kind)
    register_combinable_fields(models.IntegerField, Combinable.MUL, _kind, _kind)
