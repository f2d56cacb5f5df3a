"""Sums and comparisons are exact on both databases."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Max, Min, Sum

from zhike.opportunities.models import Opportunity
from zhike.records import listing, registry
from zhike.records.visibility import owner_fields

pytestmark = [pytest.mark.long, pytest.mark.both, pytest.mark.django_db]
N = 10_000


@pytest.fixture
def amounts(make, people):
    """Ten thousand opportunities with random amounts up to a billion; returns the amounts."""
    example = make.opportunity(amount=Decimal("0.30"))
    dice = random.Random(20261125)
    amounts = [Decimal(dice.randrange(0, 10**11)) / 100 for _ in range(N)]
    rate = Decimal("0.1")
    rows = [
        Opportunity(code=f"SUM-{i}", name="合计", customer=example.customer, process=example.process, stage=example.stage,
                    amount=amount, win_rate=rate, **owner_fields(people["rep"]))
        for i, amount in enumerate(amounts)
    ]
    for row in rows:
        row.derive()
    Opportunity.objects.bulk_create(rows, batch_size=2000)
    return [*amounts, Decimal("0.30")]


def test_sums_are_those_of_python(amounts, people):
    found = Opportunity.objects.aggregate(Sum("amount"), Min("amount"), Max("amount"))
    assert found == {"amount__sum": sum(amounts), "amount__min": min(amounts), "amount__max": max(amounts)}
    asked = listing.read(registry.kind("opportunity"), {"amount__from": ["1000"], "amount__to": ["500000000.005"]}, people["rep"])
    want = sum(amount for amount in amounts if 1000 <= amount <= Decimal("500000000.00"))
    assert asked.rows().aggregate(x=Sum("amount"))["x"] == want
    from zhike.base.fields import percent_of

    weighted = Opportunity.objects.filter(code__startswith="SUM").aggregate(x=Sum("weighted_amount"))["x"]
    assert weighted == sum(percent_of(amount, Decimal("0.1")) for amount in amounts[:-1])


def test_a_tenth_and_two_tenths_are_three_tenths(make):
    row = make.opportunity(amount=Decimal("0.10"))
    Opportunity.objects.filter(pk=row.pk).update(amount=F("amount") + Decimal("0.20"))
    assert Opportunity.objects.filter(pk=row.pk, amount=Decimal("0.30")).exists()
    assert Opportunity.objects.filter(pk=row.pk, amount__in=[Decimal("0.3"), Decimal("0.31")]).exists()
    assert not Opportunity.objects.filter(pk=row.pk, amount=Decimal("0.301")).exists()
    assert Opportunity.objects.filter(pk=row.pk, amount__gt=Decimal("0.299"), amount__lt=Decimal("0.301")).exists()
    assert not Opportunity.objects.filter(pk=row.pk, amount__gt=Decimal("0.30")).exists()


@pytest.mark.parametrize("asked", [Decimal("1e30"), Decimal("-1e30"), Decimal("1e-39"), 2**70])
def test_any_finite_number_may_be_asked_for(make, asked):
    row = make.opportunity(amount=Decimal("5"))
    assert not Opportunity.objects.filter(pk=row.pk, amount=asked).exists()
    assert Opportunity.objects.filter(pk=row.pk, amount__gt=asked).exists() == (asked < 5)
    assert Opportunity.objects.filter(pk=row.pk, amount__lte=asked).exists() == (asked >= 5)


def test_too_large_is_refused_before_the_database(make):
    row = make.opportunity()
    with pytest.raises(ValidationError), transaction.atomic():
        Opportunity.objects.filter(pk=row.pk).update(amount=Decimal(10) ** 13)
    row.refresh_from_db()
    assert row.amount == Decimal("120000.00")


@pytest.mark.parametrize("expression", ["amount * 100000000000", "9223372036854775807", "amount + 9000000000000000000"])
def test_an_overflow_inside_the_database_is_refused_by_it(make, expression):
    """SQLite would turn it into a float, PostgreSQL raises: the range check refuses on both."""
    row = make.opportunity()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE opportunities_opportunity SET amount = {expression} WHERE id = %s", [row.pk])
    row.refresh_from_db()
    assert row.amount == Decimal("120000.00")


def test_no_average_of_money(make):
    make.opportunity(amount=Decimal("1.00"))
    make.opportunity(amount=Decimal("2.01"))
    with pytest.raises(TypeError):
        Opportunity.objects.aggregate(models.Avg("amount"))


def test_order_of_money_is_that_of_numbers(make):
    for amount in ("9.00", "10.00", "100.00", "0.50"):
        make.opportunity(amount=Decimal(amount))
    found = list(Opportunity.objects.order_by("amount").values_list("amount", flat=True))
    assert found == sorted(found)
