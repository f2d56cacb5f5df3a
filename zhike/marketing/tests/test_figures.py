"""Customer care in figures: done, left out, answered, paid for; each number is what its list shows."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from zhike.base import clock
from zhike.marketing import actions
from zhike.marketing.models import CareItem, CareRule

pytestmark = pytest.mark.django_db
PAGE = "/reports/care/"


@pytest.fixture
def house(make, people):
    """Two rules; three items of one done, open and skipped, one of another colleague's."""
    with clock.freeze("2026-11-24 09:30"):
        first, other = (actions.create_rules([CareRule(name=name)], by=people["marketing"])[0] for name in ("生日问候", "拜年"))
        mine, theirs = make.customer("rep", level="A"), make.customer("rep_south", level="B")

        def item(rule, customer, day, title):
            return CareItem.objects.create(
                rule=rule, customer=customer, title=title, occasion="birthday", occasion_on=date(2026, 11, day), due_on=date(2026, 11, day),
                channel="gift", owner=customer.owner, owner_dept=customer.owner_dept)

        done, left, _open, south = item(first, mine, 20, "送花"), item(first, mine, 21, "贺卡"), item(first, mine, 22, "电话"), item(other, theirs, 23, "南方")
        actions.finish_care(done, by=people["rep"], result="很高兴，约了下周见面", cost=Decimal("88.50"))
        actions.skip_care(left, by=people["rep"], reason="出差")
        actions.finish_care(south, by=people["rep_south"], cost=Decimal("11.50"))
        yield first, other


def rows(client, **query):
    """Name of the group → its cells as they read."""
    page = client.get(PAGE, query).content.decode()
    table = page[page.index("<tbody"):page.index("</tbody>")] if "<tbody" in page else ""
    found = {}
    for line in re.findall(r"<tr.*?</tr>", table, re.S):
        cells = [" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in re.findall(r"<td[^>]*>(.*?)</td>", line, re.S)]
        found[cells[0]] = cells[1:]
    return found, page


def test_figures_by_rule_colleague_and_level(house, sign_in):
    boss = sign_in("gm")
    found, page = rows(boss, first="2026-11-01", last="2026-11-30")
    assert found["生日问候"] == ["3", "1", "1", "1", "33%", "1", "100%", "88.50", "88.50"]
    assert found["拜年"] == ["1", "1", "—", "—", "100%", "—", "0%", "11.50", "11.50"]
    # Every number is what its list shows.
    for url, n in re.findall(r'<a href="(/care/[^"]+)">(\d+)</a>', page):
        listed = boss.get(url.replace("&amp;", "&")).content.decode()
        assert f"{n} 条" in listed and listed.count('data-row="') + listed.count("<tr data-row") >= int(n) > 0, url
    assert rows(boss, first="2026-11-01", last="2026-11-30", by="owner")[0]["张三"][0] == "3"
    level = rows(boss, first="2026-11-01", last="2026-11-30", by="level")[0]
    assert sorted(line[0] for line in level.values()) == ["1", "3"]


def test_only_what_one_sees_and_words_for_bad_input(house, sign_in):
    found, _page = rows(sign_in("rep"), first="2026-11-01", last="2026-11-30")
    assert set(found) == {"生日问候"}
    boss = sign_in("gm")
    for query in ("?first=2026-12-01&last=2026-11-01", "?first=2001-01-01&last=2026-11-01"):
        got = boss.get(PAGE + query)
        assert got.status_code == 422 and 'role="alert"' in got.content.decode()
    for query in ("?first=nonsense&last=2026-13-45", "?first=" + "9" * 300):
        assert boss.get(PAGE + query).status_code == 200
    assert boss.get(PAGE + "?by=nonsense").status_code == 404
    for query in ("rule=x", "rule=" + "9" * 30, "rule=999999", "owner=x", "from=x", "to=2026-13-01", "state=x"):
        assert boss.get(f"/care/?{query}").status_code == 404, query


def test_the_rules_page_counts_what_its_reader_sees(house, sign_in):
    first, _other = house
    admin = sign_in("admin")
    url = re.search(rf'<a href="(/care/\?whose=all&rule={first.pk})">1</a>', admin.get("/care/rules/").content.decode())[1]
    listed = admin.get(url).content.decode()
    assert "1 条" in listed and "电话" in listed and 'aria-label="取消条件：生日问候"' in listed
