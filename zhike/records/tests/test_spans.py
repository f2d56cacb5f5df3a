"""Spans of days counted from today: which days they are, what they are called, and that conditions and chips take them."""

from datetime import date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from zhike.base import clock
from zhike.customers.models import Customer
from zhike.opportunities.models import Opportunity
from zhike.records import spans

HERE = ZoneInfo("Asia/Shanghai")
DAYS = [
    ("2026-01-15", "week", "2026-01-12", "2026-01-18"), ("2026-01-15", "last_week", "2026-01-05", "2026-01-11"),
    ("2026-01-11", "week", "2026-01-05", "2026-01-11"), ("2026-01-15", "last_month", "2025-12-01", "2025-12-31"),
    ("2026-01-31", "next_month", "2026-02-01", "2026-02-28"), ("2028-02-29", "month", "2028-02-01", "2028-02-29"),
    ("2026-11-30", "quarter", "2026-10-01", "2026-12-31"), ("2026-11-30", "next_quarter", "2027-01-01", "2027-03-31"),
    ("2026-02-01", "last_quarter", "2025-10-01", "2025-12-31"), ("2026-12-31", "year", "2026-01-01", "2026-12-31"),
    ("2026-12-31", "tomorrow", "2027-01-01", "2027-01-01"), ("2026-03-07", "-7d", "2026-03-01", "2026-03-07"),
    ("2026-02-26", "+7d", "2026-02-26", "2026-03-04"),
]


@pytest.mark.parametrize(("today", "value", "first", "last"), DAYS)
def test_which_days_a_span_has(monkeypatch, today, value, first, last):
    monkeypatch.setattr(clock, "today", lambda: date.fromisoformat(today))
    assert spans.read(value) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("value", ["", "weeks", "last", "last_today", "-0d", "-99999d", "7d", "２_week", "-7d\n", "none"])
def test_what_is_no_span_is_refused(value):
    assert spans.read(value) is None


@pytest.mark.both
@pytest.mark.django_db
def test_a_list_narrowed_by_a_span_begins_and_ends_with_the_local_day(make, sign_in, monkeypatch):
    rows = [make.customer("rep", name=f"示例{text}机床厂") for text in "甲乙丙丁"]
    edges = ["2026-10-31T23:59:59", "2026-11-01T00:00:00", "2026-11-30T23:59:59", "2026-12-01T00:00:00"]
    for row, at in zip(rows, edges, strict=True):
        Customer.objects.filter(pk=row.pk).update(created_at=datetime.fromisoformat(at).replace(tzinfo=HERE))
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 15))
    client = sign_in("rep")
    page = client.get("/customers/?view=all&created_at__within=month").content.decode()
    assert [row.name in page for row in rows] == [False, True, True, False]
    for bad in ("nonsense", "2026-11-01", "-0d"):
        got = client.get(f"/customers/?view=all&created_at__within={bad}")
        assert got.status_code == 400 and "last_month" in got.content.decode()
    assert client.get("/customers/?view=all&level__within=month").status_code == 400


@pytest.mark.django_db
def test_chips_speak_of_spans_in_words_and_offer_them(make, sign_in):
    make.customer("rep")
    client = sign_in("rep")
    new = unescape(client.get("/customers/?view=new").content.decode())
    assert "<b>本月</b>" in new and "month</b>" not in new
    quiet = unescape(client.get("/customers/?view=quiet").content.decode())
    assert "<b>≤ 60 天前</b>" in quiet and "-60d</b>" not in quiet
    # Another span takes the place of the view's; the chosen one pressed again is gone.
    assert 'href="/customers/?view=all&created_at__within=last_month&enabled=1"' in new.replace("&amp;", "&") or "created_at__within=last_month" in new
    page = unescape(client.get("/customers/?view=all&created_at__within=-45d").content.decode())
    assert "<b>近 45 天</b>" in page and page.count("近 45 天") == 2


@pytest.mark.django_db
def test_to_sign_this_quarter_ends_with_the_quarter(make, sign_in):
    now, later = make.opportunity(name="本季生产线"), make.opportunity(name="来年生产线")
    _first, last = spans.read("quarter")
    Opportunity.objects.filter(pk=now.pk).update(expected_sign_date=last)
    Opportunity.objects.filter(pk=later.pk).update(expected_sign_date=last + timedelta(days=1))
    page = sign_in("rep").get("/opportunities/?view=quarter").content.decode()
    assert now.name in page and later.name not in page


@pytest.mark.django_db
def test_the_builder_offers_spans_for_dates(make, sign_in):
    make.customer("rep")
    client = sign_in("rep")
    page = client.get("/conditions/customer/?list=view%3Dall&do=show&f-0-0=created_at&w-0-0=level&m=all").content.decode()
    assert '<option value="last_quarter">' in page and '<option value="within" selected>' in page
    got = client.get("/conditions/customer/?list=view%3Dall&do=apply&f-0-0=created_at&w-0-0=created_at&o-0-0=within&v-0-0=month&m=all")
    assert got.status_code == 303 and "within" in got["Location"]
    assert "示例" in client.get(got["Location"]).content.decode() or client.get(got["Location"]).status_code == 200
