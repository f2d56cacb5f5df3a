"""Duty statistics: counts within rights, every figure opening its list, the file, logs that are owed, and the rules page."""

import re
from datetime import timedelta

import pytest

from zhike.activities.actions import log_activity, open_log, submit_log
from zhike.activities.models import WorkLog
from zhike.base import clock
from zhike.org.models import Company, User
from zhike.records.models import HistoryEntry


@pytest.fixture
def done(make, people):
    """Contacts of two people in one week, three of them with one customer."""
    with clock.freeze("2026-11-19 17:00"):
        customer = make.customer("rep")
        for n, (kind, result) in enumerate((("phone", "effective"), ("phone", "ineffective"), ("visit", "has_demand"))):
            log_activity(customer=customer, type=kind, content=f"甲{n}", result=result, by=people["rep"], at=clock.now() - timedelta(days=n % 2))
        log_activity(customer=make.customer("rep_south"), type="phone", content="乙", by=people["rep_south"])


SPAN = "first=2026-11-16&last=2026-11-22"


def test_counts_are_within_rights_and_open_their_lists(done, sign_in, people):
    manager = sign_in("manager_east")
    page = manager.get(f"/reports/duty/?{SPAN}").content.decode()
    main = page.split("<main")[1].split("id=\"card-logs\"")[0]
    assert str(people["rep"]) in main and str(people["rep_south"]) not in main
    links = re.findall(r'<td class="num [^"]*"[^>]*><a href="([^"]+)">(\d+)</a>', main)
    assert [int(n) for _url, n in links] == [1, 2, 3, 1]  # visits, calls, all, customers
    assert "66%" in main
    for url, n in links[:3]:
        listed = manager.get(url.replace("&amp;", "&")).content.decode()
        assert len(re.findall(r'data-row="\d+"', listed)) == int(n), url
    day = manager.get(f"/reports/duty/?{SPAN}&owner={people['rep'].pk}").content.decode().split("<main")[1]
    assert "11 月 18 日" in day and "11 月 19 日" in day
    assert str(people["rep_south"]) in sign_in("gm").get(f"/reports/duty/?{SPAN}").content.decode()


def test_a_span_has_limits_and_a_stranger_is_no_page(sign_in, people):
    rep = sign_in("rep")
    assert rep.get("/reports/duty/?first=2026-01-01&last=2026-06-01").status_code == 422
    assert rep.get("/reports/duty/?first=2026-06-01&last=2026-01-01").status_code == 422
    assert rep.get("/reports/duty/?first=x&last=y").status_code == 200
    assert rep.get("/reports/duty/?owner=99999999").status_code == 404 and rep.get("/reports/duty/?owner=abc").status_code == 404
    assert sign_in("warehouse").get("/reports/duty/").status_code == 404


def test_the_file_asks_for_the_right_and_is_noted(done, sign_in):
    assert sign_in("rep").get(f"/reports/duty/?{SPAN}&file=csv").status_code == 403
    User.objects.filter(username="rep").update(name="=1+1")
    got = sign_in("manager_east").get(f"/reports/duty/?{SPAN}&file=csv")
    text = got.content.decode("utf-8-sig")
    assert got.status_code == 200 and "'=1+1" in text and len(text.splitlines()) == 2
    assert HistoryEntry.objects.filter(kind="activity", action="export", row_id=0).count() == 1


def test_the_same_number_of_queries_for_many(done, make, people, sign_in, django_assert_max_num_queries):
    manager = sign_in("manager_east")
    manager.get(f"/reports/duty/?{SPAN}")
    with clock.freeze("2026-11-19 17:00"):
        customer = make.customer("rep_east2")
        for n in range(12):
            log_activity(customer=customer, type="phone", content=f"丙{n}", by=people["rep_east2"])
    with django_assert_max_num_queries(25):
        manager.get(f"/reports/duty/?{SPAN}")


def test_logs_owed_late_and_missing(people, sign_in):
    with clock.freeze("2026-11-13 17:00"):
        submit_log(open_log(period="weekly", day=clock.today(), by=people["rep"]), by=people["rep"])
    with clock.freeze("2026-11-25 17:00"):
        row = open_log(period="weekly", day=clock.today() - timedelta(days=7), by=people["rep"])
        submit_log(row, by=people["rep"])
        page = sign_in("manager_east").get("/reports/duty/?first=2026-11-09&last=2026-11-24").content.decode()
        table = page.split('id="card-logs"')[1]
        line = re.search(re.escape(str(people["rep"])) + r".*?</tr>", table, re.DOTALL)[0]
        assert re.findall(r">(\d+|—)<", line) == ["2", "2", "1", "—"]  # owed, handed in, late, missing
        assert str(people["rep_south"]) not in table
    assert WorkLog.objects.count() == 2


def test_the_rules_are_the_administrators(sign_in, once):
    values = {"_once": once(), "backdate": "7", "content": "0", "period": "daily", "workdays_only": "on", "grace_hours": "12"}
    assert sign_in("rep").get("/settings/activities/").status_code == 404
    assert sign_in("rep").post("/settings/activities/", values).status_code == 404
    admin = sign_in("admin")
    assert admin.post("/settings/activities/", {**values, "backdate": "9999"}).status_code == 422
    assert admin.post("/settings/activities/", {**values, "_once": once()}).status_code == 303
    kept = Company.objects.first().settings
    assert kept["activity_backdate_days"] == 7 and kept["worklog_duty"]["period"] == "daily"
    assert 'value="7"' in admin.get("/settings/activities/").content.decode()
