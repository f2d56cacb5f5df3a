"""Texts of customer care: what may stand in them, what may not, and dates that come back."""

from __future__ import annotations

from datetime import date

import pytest

from zhike.base.chinese import lunar
from zhike.base.refused import Refused
from zhike.marketing import festivals, texts

VALUES = {"salutation": "林女士", "customer": "示例机械", "occasion": "生日", "years": 5, "sender": "张三"}


def test_holes_are_filled_and_choices_made():
    text = "{{ salutation }}您好，{% if years and years > 1 %}第 {{ years }} 年{% endif %}{{ occasion|trim }}快乐！{{ 'A' if sender == '张三' else 'B' }}"
    assert texts.problem(text) == ""
    assert texts.render(text, VALUES) == "林女士您好，第 5 年生日快乐！A"
    assert texts.render("<b>{{ customer }}</b>", {"customer": "甲<乙"}) == "<b>甲<乙</b>"


@pytest.mark.parametrize("text", [
    "{{ phone }}", "{{ salutation.__class__ }}", "{{ salutation['x'] }}", "{{ ''.__class__.__mro__ }}", "{{ range(9) }}", "{{ salutation() }}",
    "{% for i in customer %}x{% endfor %}", "{% set a = 1 %}", "{% include 'x' %}", "{% extends 'x' %}", "{% macro a() %}{% endmacro %}",
    "{{ 9 ** 9 ** 9 }}", "{{ 'a' * 100000000 }}", "{{ years + 1 }}", "{{ customer ~ customer }}", "{{ customer|attr('x') }}", "{{ customer|map('x') }}",
    "{{ customer", "{% if %}", "{{ self }}", "{{ lipsum }}", "{% raw %}{{", "a" * 2001, "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "{{ customer|truncate(customer|length) }}", "{% import 'os' as os %}", "{{ [1, 2] }}", "{{ {'a': 1} }}", "{{ customer is defined }}",
])
def test_everything_else_is_refused(text):
    assert texts.problem(text)
    with pytest.raises(Refused):
        texts.render(text, VALUES)


def test_what_comes_out_is_bounded():
    assert len(texts.render("{{ customer }}" * 100, {"customer": "长" * 200})) == texts.LONGEST
    with pytest.raises(Refused):
        texts.render("{% if years > 1 %}x{% endif %}", {"years": ""})


@pytest.mark.parametrize(("day", "expected"), [
    (date(2026, 2, 17), (2026, 1, 1, False)), (date(2025, 7, 25), (2025, 6, 1, True)), (date(2023, 3, 22), (2023, 2, 1, True)),
    (date(2020, 5, 23), (2020, 4, 1, True)), (date(2026, 9, 25), (2026, 8, 15, False)), (date(2034, 1, 19), (2033, 11, 29, True)),
    (date(1900, 1, 31), (1900, 1, 1, False)), (date(2101, 1, 28), (2100, 12, 29, False)),
])
def test_the_lunar_calendar(day, expected):
    found = lunar.from_solar(day)
    assert (found.year, found.month, found.day, found.leap) == expected


def test_outside_the_table_there_is_no_lunar_day():
    assert lunar.from_solar(date(1900, 1, 30)) is None and lunar.from_solar(date(2101, 1, 29)) is None
    assert lunar.to_solar(2101, 1, 1) is None and lunar.to_solar(2026, 13, 1) is None and lunar.to_solar(2026, 1, 31) is None
    assert festivals.anniversary(date(1899, 5, 5), date(2026, 1, 1), by_moon=True) is None


def test_every_day_of_two_centuries_has_one_lunar_day():
    """Walked day by day: the next day is the next of the month or the first of the next month."""
    before = lunar.from_solar(date(1900, 1, 31))
    for ordinal in range(date(1900, 2, 1).toordinal(), date(2101, 1, 29).toordinal()):
        day = date.fromordinal(ordinal)
        found = lunar.from_solar(day)
        if found.day != 1:
            assert (found.year, found.month, found.leap, found.day) == (before.year, before.month, before.leap, before.day + 1)
        else:
            assert before.day in (29, 30)
        if not found.leap:
            assert lunar.to_solar(found.year, found.month, found.day) == day
        before = found


@pytest.mark.parametrize(("first", "start", "moon", "expected"), [
    (date(1992, 2, 29), date(2026, 2, 20), False, date(2026, 2, 28)),  # no 29 February
    (date(1992, 2, 29), date(2028, 2, 20), False, date(2028, 2, 29)),
    (date(1980, 1, 5), date(2026, 12, 30), False, date(2027, 1, 5)),
    (date(2023, 3, 22), date(2026, 1, 1), True, date(2026, 3, 19)),  # born in a doubled second month: the regular one
    (date(1990, 6, 15), date(2025, 6, 1), True, date(2025, 6, 18)),  # 五月廿三; 2025 doubles the sixth month
    (date(1985, 2, 20), date(2026, 2, 17), True, date(2026, 2, 17)),  # born on New Year's Day
    (date(1985, 2, 20), date(2026, 2, 18), True, date(2027, 2, 6)),
    (date(1980, 6, 12), date(2026, 6, 1), True, date(2026, 6, 14)),  # the thirtieth of a month that has 29 days this year
    (date(1987, 7, 26), date(2026, 7, 1), True, date(2026, 7, 14)),  # the first of the doubled sixth month of 1987
])
def test_days_that_come_back(first, start, moon, expected):
    assert festivals.anniversary(first, start, by_moon=moon) == expected


@pytest.mark.parametrize(("year", "day"), [
    (1954, date(1954, 2, 3)), (1985, date(1985, 2, 20)), (2024, date(2024, 2, 10)), (2027, date(2027, 2, 6)), (2030, date(2030, 2, 3)), (2034, date(2034, 2, 19)),
])
def test_new_years_of_published_calendars(year, day):
    """1954, 2027 and 2030 have a new moon within minutes of midnight."""
    assert lunar.to_solar(year, 1, 1) == day


def test_festivals():
    assert festivals.festival("spring", date(2026, 11, 25)) == date(2027, 2, 6) and festivals.festival("mid_autumn", date(2026, 9, 25)) == date(2026, 9, 25)
    assert festivals.festival("christmas", date(2026, 12, 26)) == date(2027, 12, 25)
