"""The customer master and contact coverage in figures: each number opens exactly the rows it counts."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.analytics.customers import Report
from zhike.base import clock
from zhike.customers import actions
from zhike.customers.models import Customer

pytestmark = pytest.mark.both


@pytest.fixture
def master(make, people):
    rows = [make.customer("rep", level="A", region_id=320500, source="web"), make.customer("rep", level="A", region_id=320100),
            make.customer("rep", level="B"), make.customer("rep_south", level="B")]
    make.contact(rows[0], "rep")
    make.activity(rows[0], "rep", days=-1)
    Customer.objects.filter(pk=rows[1].pk).update(created_at=clock.now() - timedelta(days=400))
    actions.lose_customer(rows[2], reason="price", by=people["manager_east"])
    actions.advance_lifecycle([rows[0]], "close_deal", by=people["admin"])
    return rows


def numbers(page):
    """(address, number) of every linked number on the page."""
    return [(unescape(url), int(n.replace(",", ""))) for url, n in re.findall(r'<a class="lk" href="(/[^"]+)">([\d,]+)</a>', page)]


@pytest.mark.parametrize("group", ["lifecycle", "level", "province", "industry", "source", "category", "owner_dept"])
def test_every_number_opens_its_list(master, sign_in, group):
    boss = sign_in("manager_east")
    page = boss.get(f"/reports/customers/?group={group}").content.decode()
    links = numbers(page)
    assert links
    for url, n in links:
        answer = boss.get(url)
        assert answer.status_code == 200, url
        rows = set(re.findall(r'href="/customers/(\d+)/"', answer.content.decode()))
        assert len(rows) == n, (url, n, rows)


def test_figures(master, people):
    report = Report(people["manager_east"], {"group": ["level"], "by": ["year"]})
    lines = {line.key: line for line in report.lines()}
    a, b = lines["A"], lines["B"]
    assert (a.n, a.new, a.deal, a.lost, a.alone, a.silent) == (2, 1, 1, 0, 1, 1)
    assert (b.n, b.lost, b.alone, b.silent) == (1, 1, 1, 1)  # the south's is not in this manager's reach
    month = report.months()[-1] if clock.today().month == 12 else next(m for m in report.months() if m.first == clock.today().replace(day=1))
    assert (month.won, month.lost) == (1, 1)
    key = f"{month.first:%Y-%m}"
    assert [row.pk for row in report.behind(f"lost:{key}")] == [master[2].pk] and [row.pk for row in report.behind(f"won:{key}")] == [master[0].pk]
    for wrong in ("", "lost", "lost:x", "lost:2026-13", "other:2026-01"):
        assert report.behind(wrong) is None


def test_pages_files_and_bad_input(master, sign_in):
    boss, rep = sign_in("manager_east"), sign_in("rep")
    file = boss.get("/reports/customers/?group=level&file=csv")
    assert file["Content-Type"].startswith("text/csv") and "2,1,1,0" in file.content.decode()
    assert rep.get("/reports/customers/?group=level").status_code == 200 and rep.get("/reports/customers/?file=csv").status_code == 403
    for wrong in ("group=x", "by=x", "of=9999", "owner=abc"):
        assert boss.get(f"/reports/customers/?{wrong}").status_code in (400, 404, 422)
    assert boss.get("/reports/customers/?drill=x").status_code == 404
    assert sign_in("warehouse").get("/reports/customers/").status_code in (403, 404)


def test_no_more_queries_for_many(master, make, people):
    def asked():
        with CaptureQueriesContext(connection) as seen:
            Report(people["manager_east"], {"group": ["level"]}).figures()
        return len(seen.captured_queries)

    asked()  # what is kept for a while is kept
    before = asked()
    for _i in range(6):
        make.customer("rep", level="C")
    assert asked() == before


def test_contact_coverage_by_stage(make, people, sign_in):
    customer = make.customer("rep")
    make.contact(customer, "rep", decision_role="decider")
    make.opportunity(customer, "rep")
    make.opportunity(make.customer("rep"), "rep")
    boss = sign_in("manager_east")
    page = boss.get("/reports/coverage/").content.decode()
    links = numbers(page)
    assert sorted(n for _url, n in links) == [1, 1, 2]
    for url, n in links:
        rows = set(re.findall(r'href="/opportunities/(\d+)/"', boss.get(url).content.decode()))
        assert len(rows) == n, url
    file = boss.get("/reports/coverage/?file=csv").content.decode()
    assert ",2,0,1,1" in file
    assert boss.get("/reports/coverage/?owner=x").status_code in (400, 404, 422)
