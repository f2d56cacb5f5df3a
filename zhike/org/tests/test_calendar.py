"""Working days: statutory holidays, make-up days, and years nobody has published yet."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zhike.org import calendar
from zhike.org.models import WorkCalendarDay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("day", "worked"), [
    (date(2026, 1, 1), False), (date(2026, 1, 4), True), (date(2026, 2, 14), True), (date(2026, 2, 17), False), (date(2026, 2, 28), True),
    (date(2026, 10, 1), False), (date(2026, 9, 20), True), (date(2026, 10, 10), True), (date(2026, 11, 25), True), (date(2026, 11, 28), False),
])
def test_days_of_2026(people, day, worked):
    """Spring Festival and National Day with the Saturdays and Sundays that are worked for them."""
    assert calendar.is_workday(day) is worked


def test_a_year_without_data_counts_monday_to_friday_and_never_raises(people):
    assert not calendar.known_year(2031) and calendar.known_year(2026)
    assert calendar.is_workday(date(2031, 10, 1)) and not calendar.is_workday(date(2031, 10, 4))
    assert calendar.workdays(date(2031, 1, 1), date(2031, 12, 31)) == 261
    assert calendar.add_workdays(date(2031, 9, 30), 2) == date(2031, 10, 2)


def test_counting_and_adding_agree(people):
    day = date(2026, 1, 20)
    for count in (0, 1, 5, 30, -1, -20):
        there = calendar.add_workdays(day, count)
        first, last = sorted((day, there))
        worked = calendar.workdays(first + timedelta(days=1), last) if count > 0 else calendar.workdays(first, last - timedelta(days=1))
        assert worked == abs(count), count
    assert calendar.workdays_left_in_month(date(2026, 11, 25)) == 4


def test_a_day_of_the_company_wins(people):
    day = date(2026, 11, 25)
    WorkCalendarDay.objects.create(date=day, kind=WorkCalendarDay.OFF, name="年会")
    assert not calendar.is_workday(day)


def test_seeding_again_changes_nothing(people):
    before = WorkCalendarDay.objects.count()
    calendar.seed_calendar()
    assert WorkCalendarDay.objects.count() == before > 60
