"""The won report: periods, their days, and the list behind each."""

from datetime import date
from decimal import Decimal

import pytest

from zhike.analytics.funnel import days_of, period
from zhike.base import clock
from zhike.opportunities.actions import win_opportunity


@pytest.mark.parametrize(("key", "first", "last"), [
    ("2026", date(2026, 1, 1), date(2026, 12, 31)), ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
    ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)), ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ("2026-12", date(2026, 12, 1), date(2026, 12, 31)), ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
])
def test_days_of_a_period(key, first, last):
    assert days_of(key) == (first, last)
    by = "year" if len(key) == 4 else "quarter" if "Q" in key else "month"
    assert period(first, by) == period(last, by) == key


def test_each_period_opens_its_list(make, people, sign_in):
    for day, amount in ((date(2026, 9, 30), "100000.10"), (date(2026, 10, 1), "200000.20")):
        row = make.opportunity(owner="manager_east", amount=Decimal(amount))
        with clock.freeze(day):
            win_opportunity(row, on=day, reason="价格", by=people["manager_east"], amount=Decimal(amount))
    page = sign_in("manager_east").get("/reports/won/?by=quarter").content.decode()
    assert "100,000.10" in page and "200,000.20" in page and "300,000.30" in page
    link = "/opportunities/?status=won&amp;won_at__from=2026-10-01&amp;won_at__to=2026-12-31"
    assert f'href="{link}"' in page
    listed = sign_in("manager_east").get(link.replace("&amp;", "&")).content.decode()
    assert listed.count("<tr id=") == 1
