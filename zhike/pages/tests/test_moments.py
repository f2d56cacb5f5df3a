"""Moments as lists and records tell them: what is to come keeps its time, and a record's page always says it."""

from __future__ import annotations

from datetime import datetime

import pytest

from zhike.base import clock
from zhike.pages import formats

NOW = "2026-11-30 15:00"


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.zone())


@pytest.mark.parametrize(("at", "listed", "told"), [
    ("2026-11-30 14:48", "12 分钟前", "12 分钟前"),
    ("2026-11-30 08:05", "今天 08:05", "今天 08:05"),
    ("2026-11-30 18:00", "今天 18:00", "今天 18:00"),
    ("2026-11-29 17:40", "昨天 17:40", "昨天 17:40"),
    ("2026-12-01 09:30", "明天 09:30", "明天 09:30"),
    ("2026-11-27 09:30", "3 天前", "11 月 27 日 09:30"),
    ("2026-11-03 09:30", "11 月 3 日", "11 月 3 日 09:30"),
    ("2025-11-03 09:30", "2025-11-03", "2025-11-03 09:30"),
    ("2026-12-18 09:30", "12 月 18 日 09:30", "12 月 18 日 09:30"),
    ("2027-01-05 09:30", "2027-01-05 09:30", "2027-01-05 09:30"),
    ("2026-12-18 00:00", "12 月 18 日", "12 月 18 日"),  # a day, not a moment
])
def test_near_and_on_the_page(at, listed, told):
    with clock.freeze(NOW):
        assert (formats.near(moment(at), "zh-hans"), formats.moment(moment(at), "zh-hans")) == (listed, told)


def test_in_english():
    with clock.freeze(NOW):
        assert formats.near(moment("2026-12-18 09:30"), "en") == formats.moment(moment("2026-12-18 09:30"), "en") == "Dec 18, 2026 09:30"
        assert (formats.near(moment("2026-11-27 09:30"), "en"), formats.moment(moment("2026-11-27 09:30"), "en")) == ("3 days ago", "Nov 27, 2026 09:30")


@pytest.mark.django_db
def test_a_plan_shows_its_time_in_the_list_and_a_talk_long_ago_on_its_page(make, sign_in):
    with clock.freeze(NOW):
        firm = make.customer("rep")
        plan, talk = make.activity(firm, days=18), make.activity(firm, days=-20)
        client = sign_in("rep")
        page = client.get("/activities/?view=all").content.decode()
        assert f">{formats.near(plan.at)}<" in page and " 日 15:00<" in page
        assert f">{formats.moment(talk.at)}<" in client.get(f"/activities/{talk.pk}/").content.decode()
