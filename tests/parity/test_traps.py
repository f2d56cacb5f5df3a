"""Where the two databases differ by nature, the house does not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.db.models.functions import TruncMonth

from zhike.activities.models import Activity
from zhike.analytics.funnel import won
from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.records.models import HistoryEntry

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def test_length_limits_hold(make):
    row = make.customer()
    with pytest.raises(ValidationError), transaction.atomic():
        Customer.objects.filter(pk=row.pk).update(short_name="长" * 61)
    with pytest.raises(ValidationError), transaction.atomic():
        Customer.objects.bulk_create([Customer(name="长" * 201, code="X", owner=row.owner)])
    row.refresh_from_db()
    assert row.short_name == ""
    Customer.objects.filter(pk=row.pk).update(short_name="𠮷" * 60)
    row.refresh_from_db()
    assert row.short_name == "𠮷" * 60


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\u200b", "\ufeff", "\u202e"])
def test_what_no_database_should_hold_is_taken_out(make, bad):
    row = make.customer(name=f"示例{bad}机械", remark=f"一{bad}\n二")
    row.refresh_from_db()
    assert (row.name, row.remark) == ("示例机械", "一\n二")
    assert Customer.objects.filter(name="示例机械").exists()


def test_a_month_begins_at_local_midnight(make):
    row = make.activity(days=-1)
    for at, month in ((datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
                      (datetime(2026, 11, 30, 16, 30, tzinfo=UTC), date(2026, 12, 1))):
        Activity.objects.filter(pk=row.pk).update(at=at)
        found = Activity.objects.filter(pk=row.pk).annotate(m=TruncMonth("at")).values("m").annotate(n=Count("pk")).get()
        assert found["m"].date() == month
        assert Activity.objects.filter(pk=row.pk, at__month=month.month).exists()
        start, _end = clock.day_range(month)
        assert Activity.objects.filter(pk=row.pk, at__gte=start).exists() == (at >= start)


def test_won_deals_by_month(make, people):
    for day, amount in ((date(2026, 10, 31), "1.10"), (date(2026, 11, 1), "2.20"), (date(2026, 11, 30), "3.30")):
        row = make.opportunity()
        Opportunity.objects.filter(pk=row.pk).update(status="won", won_at=day, won_amount=Decimal(amount))
    assert won(people["rep"], by="month") == [
        {"period": "2026-10", "count": 1, "amount": Decimal("1.10")},
        {"period": "2026-11", "count": 2, "amount": Decimal("5.50")},
    ]
    assert won(people["rep"], by="quarter") == [{"period": "2026-Q4", "count": 3, "amount": Decimal("6.60")}]


def test_a_transaction_survives_an_integrity_error(make):
    row = make.contact()
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            Contact.objects.create(customer=row.customer, name="第二", primary=True, owner=row.owner, owner_dept=row.owner_dept)
        Contact.objects.filter(pk=row.pk).update(job_title="照旧")
    row.refresh_from_db()
    assert row.job_title == "照旧"


@pytest.mark.parametrize("broken", [{"amount": Decimal(-1)}, {"win_rate": Decimal("1.1")}])
def test_check_constraints_hold(make, broken):
    row = make.opportunity()
    with pytest.raises(IntegrityError), transaction.atomic():
        Opportunity.objects.filter(pk=row.pk).update(**broken)


def test_json_comes_back_as_it_went(make):
    row = make.customer()
    value = {"text": "𠮷 “引号”", "number": 12345678901234567890, "list": [None, True, "1.10"], "": {"深": ["层"]}}
    entry = HistoryEntry.objects.create(at=clock.now(), kind="customer", row_id=row.pk, action="edit", channel="system", args=value)
    entry.refresh_from_db()
    assert entry.args == value


def test_case_of_user_names_does_not_matter(people):
    from django.contrib.auth import authenticate
    from django.test import RequestFactory

    from zhike.demo.people import PASSWORD

    user = people["rep"]
    user.set_password(PASSWORD)
    user.save()
    request = RequestFactory().post("/sign-in/")
    assert authenticate(request, username="REP", password=PASSWORD) == user


def test_moments_keep_their_microseconds(make):
    at = datetime(2026, 11, 25, 3, 4, 5, 678901, tzinfo=UTC)
    row = make.activity()
    Activity.objects.filter(pk=row.pk).update(at=at)
    assert Activity.objects.get(pk=row.pk).at == at
    assert Activity.objects.filter(pk=row.pk, at=at).exists()
