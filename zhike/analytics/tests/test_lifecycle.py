"""The life cycle in figures; each figure opens exactly the customers it counts, within rights."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from zhike.analytics.lifecycle import Report
from zhike.api.tests.conftest import program  # noqa: F401 -- a fixture
from zhike.base import clock
from zhike.customers import actions
from zhike.customers.models import LifecycleChange

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(make, people):
    """Four customers of the year: two became opportunity customers, one of these a deal customer, one was lost."""
    with clock.freeze("2026-02-02"):
        rows = [make.customer("rep", source="web"), make.customer("rep", source="web"), make.customer("rep_south", source="tender"),
                make.customer("rep", source="")]
    with clock.freeze("2026-02-12"):
        actions.advance_lifecycle(rows[:1], "show_demand", by=people["rep"])
    with clock.freeze("2026-02-22"):
        actions.advance_lifecycle([rows[0], rows[2]], "open_opportunity", by=people["admin"])
    with clock.freeze("2026-05-03"):
        actions.advance_lifecycle(rows[:1], "close_deal", by=people["rep"])
        actions.lose_customer(rows[3], reason="price", by=people["manager_east"])
    return rows


def test_stock_flow_days_and_conversion(year, people):
    with clock.freeze("2026-06-01"):
        got = Report(people["admin"], {"by": ["year"]}).figures()
    assert got.stock == {"target": 1, "potential": 0, "opportunity": 1, "deal": 1, "service": 0, "lost": 1}
    assert got.flow == {("target", "potential"): 1, ("potential", "opportunity"): 1, ("target", "opportunity"): 1, ("opportunity", "deal"): 1,
                        ("target", "lost"): 1}
    assert {stage: str(days) for stage, days in got.days.items()} == {"target": "40.0", "potential": "10.0", "opportunity": "70.0"}
    assert {line.key: (line.made, line.opportunity, line.deal) for line in got.lines} == {"web": (2, 1, 1), "tender": (1, 1, 0), "": (1, 0, 0)}
    with clock.freeze("2026-06-01"):
        spring = Report(people["admin"], {"by": ["month"], "of": ["2026-02"]}).figures()
        mine = Report(people["rep"], {"by": ["year"], "group": ["owner"]}).figures()
    assert ("opportunity", "deal") not in spring.flow and spring.flow["target", "potential"] == 1
    assert [(line.made, line.deal) for line in mine.lines] == [(3, 1)] and mine.stock["opportunity"] == 0


@pytest.mark.parametrize("username", ["admin", "rep", "manager_east", "rep_west"])
def test_every_figure_opens_its_customers(year, people, sign_in, username):
    client = sign_in(username)
    for group in ("source", "owner"):
        with clock.freeze("2026-06-01"):
            page = client.get(f"/reports/lifecycle/?by=year&group={group}").content.decode()
            found = re.findall(r'href="(\?[^"#]*drill=[^"#]*)#drill"[^>]*>([0-9,]+)</a>', page)
            assert found or username == "rep_west"
            for address, n in found:
                behind = client.get("/reports/lifecycle/" + address.replace("&amp;", "&")).content.decode()
                rows = re.findall(r'href="/customers/\d+/"', behind.split('id="drill"')[1])
                assert len(set(rows)) == int(n), address


@pytest.mark.parametrize("query", ["by=day", "of=2026-13", "of=nonsense", "by=month&of=2026-Q1", "group=name", "drill=stock:nonsense", "drill=x",
                                   "drill=made:%00:deal", "group=owner&drill=made:x:"])
def test_what_is_no_period_and_no_figure(sign_in, query):
    assert sign_in("rep").get(f"/reports/lifecycle/?{query}").status_code in (400, 404, 422)


def test_for_programs(year, program):  # noqa: F811
    with clock.freeze("2026-06-01"):
        got = program("rep")("GET", "reports/lifecycle?by=year")
    assert got["stages"][3] == {"code": "deal", "count": 1, "days": None} and len(got["flow"]) == 4


def test_a_step_by_hand_asks_for_right_and_reason(make, people, sign_in, once):
    row, rep, manager = make.customer("rep"), sign_in("rep"), sign_in("manager_east")
    address = f"/customers/{row.pk}/stage/"
    assert rep.post(address, {"_once": once(), "move": "show_demand"}).status_code == 303
    row.refresh_from_db()
    assert row.lifecycle == "potential"
    assert rep.post(address, {"_once": once(), "move": "take_back_demand", "reason": "x"}).status_code == 422
    assert rep.post(address, {"_once": once(), "move": "close_deal", "reason": "x"}).status_code == 422
    assert manager.post(address, {"_once": once(), "move": "take_back_demand"}).status_code == 422
    assert manager.post(address, {"_once": once(), "move": "take_back_demand", "reason": "误判"}).status_code == 303
    last = LifecycleChange.objects.filter(customer=row).last()
    assert (last.source, last.target, last.reason, last.by) == ("potential", "target", "误判", people["manager_east"])
    assert manager.post(f"/customers/{row.pk}/lose/", {"_once": once(), "reason": "nonsense"}).status_code == 422
    assert manager.post(f"/customers/{row.pk}/lose/", {"_once": once(), "reason": "competitor"}).status_code == 303
    assert manager.post(address, {"_once": once(), "move": "return_lost", "reason": "重新联系"}).status_code == 303
    with clock.freeze(clock.now() + timedelta(days=1)):
        row.refresh_from_db()
        assert row.lifecycle == "potential"
