"""Exact fields and what people may type into them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import models

from zhike.base.fields import ExchangeRate, Money, Percent, Price, Quantity, percent_of, round_half_up
from zhike.base.fields.forms import read_number


@pytest.mark.parametrize(("field", "good", "scaled"), [
    (Money(), "12.34", 1234), (Money(), Decimal("-0.01"), -1), (Money(), 7, 700), (Money(), Decimal("-0"), 0),
    (Price(), "0.000001", 1), (Quantity(), "2.5", 25000), (Percent(), "0.13", 1300), (ExchangeRate(), "7.12345678", 712345678),
])
def test_scaling(field, good, scaled):
    assert field.scaled(good) == scaled
    assert field.unscaled(scaled) == Decimal(good)


@pytest.mark.parametrize(("field", "bad"), [
    (Money(), "0.005"), (Money(), "1e309"), (Money(), "NaN"), (Money(), Decimal("Infinity")), (Money(), 0.1), (Money(), True),
    (Money(), "1,234.50"), (Money(), Decimal(10) ** 13), (Money(), Decimal("1e-60")), (Price(), "0.0000001"),
    (Percent(), "0.12345"), (Money(), "１２３"), (Money(), "壹万元"), (Money(), b"1"), (Money(), Decimal("1e999999")),
])
def test_what_cannot_be_stored_is_refused(field, bad):
    with pytest.raises(ValidationError):
        field.scaled(bad)


@pytest.mark.parametrize(("typed", "read"), [
    ("1,234.50", "1234.50"), ("１２３．５", "123.5"), ("¥1234", "1234"), ("￥ 1,000", "1000"), ("-5", "-5"), ("−5", None), (".5", "0.5"),
    ("1.234,50", None), ("1,2", None), ("1万", None), ("壹万元", None), ("1e3", None), ("1e309", None), ("NaN", None), ("", None),
    ("--5", None), ("0x10", None), ("1_000", None), ("+-5", None), ("Infinity", None),
])
def test_typed_numbers(typed, read):
    found = read_number(typed)
    if typed == "−5":  # the typographic minus may be read or refused, never as +5
        assert found in (None, Decimal(-5))
    else:
        assert found == (None if read is None else Decimal(read))


@pytest.mark.parametrize(("value", "places", "rounded"), [
    ("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("2.5", 0, "3"), ("1.005", 2, "1.01"), ("-0.001", 2, "0.00"),
    ("99999999999.995", 2, "100000000000.00"),
])
def test_half_goes_up(value, places, rounded):
    assert str(round_half_up(Decimal(value), places)) == rounded


def test_no_float_in_rounding():
    for wrong in (0.1, True, "1"):
        with pytest.raises(TypeError):
            round_half_up(wrong, 2)
    with pytest.raises(TypeError):
        percent_of(Decimal(1), 0.13)
    assert percent_of(Decimal("100.05"), Decimal("0.13")) == Decimal("13.01")


def test_percentages_are_typed_as_percent():
    field = Percent().formfield()
    assert field.clean("13") == field.clean("13 %") == field.clean("１３％".replace("％", "%")) == Decimal("0.13")
    assert field.prepare_value(Decimal("0.1250")) == "12.5"
    with pytest.raises(ValidationError, match="%"):
        field.clean("1000000000")


def test_products_of_exact_fields_are_refused_in_sql(db):
    from zhike.opportunities.models import Opportunity

    with pytest.raises(FieldError):
        list(Opportunity.objects.annotate(x=models.F("amount") * models.F("win_rate")))
    with pytest.raises(FieldError):
        Opportunity.objects.filter(amount__contains="1")
