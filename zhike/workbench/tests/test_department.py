"""The workbench of whoever leads people: the switch, what waits with the team, figures that open their rows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.activities.models import Activity
from zhike.base import clock
from zhike.org.access import team_of
from zhike.org.models import User

pytestmark = pytest.mark.django_db


def planned(make, customer, owner, days, **values):
    row = make.activity(customer, owner, days=1, **values)
    Activity.objects.filter(pk=row.pk).update(at=clock.now() + timedelta(days=days))
    return row


def turn(client, once, whose):
    return client.post("/me/preferences/", {"_once": once(), "workbench": whose, "next": "/"})


def test_a_manager_sees_what_waits_with_the_team_and_it_is_remembered(make, sign_in, once):
    planned(make, make.customer("rep"), "rep", days=-2, subject="催预付款")
    planned(make, make.customer("rep_south"), "rep_south", days=-2, subject="别部门的事")
    boss = sign_in("manager_east")
    mine = boss.get("/").content.decode()
    assert "本部门" in mine and "催预付款" not in mine
    got = turn(boss, once, "department")
    assert got.status_code == 303 and got["Location"] == "/"
    page = boss.get("/").content.decode()
    assert "催预付款" in page and "别部门的事" not in page and 'id="card-team"' in page
    # It is kept with the person, not with the session.
    again = sign_in("manager_east").get("/").content.decode()
    assert "催预付款" in again and "别部门的事" not in again
    turn(boss, once, "mine")
    assert "催预付款" not in boss.get("/").content.decode()


def test_every_number_of_the_department_opens_its_rows(make, sign_in, once, people):
    mine = make.customer("rep")
    for n in range(3):
        planned(make, mine, "rep", days=-2 - n, subject=f"逾期{n}")
    make.opportunity(mine, owner="rep", name="二期产线")
    boss = sign_in("manager_east")
    turn(boss, once, "department")
    card = boss.get("/").content.decode().split('id="card-team"')[1].split("</table>")[0]
    row = next(part for part in card.split("<tr") if str(people["rep"]) in part)
    found = re.findall(r'href="([^"]+)">([^<]+)<', row)
    assert found[0][1] == "3"
    for url, _n in found:
        assert boss.get(url.replace("&amp;", "&")).status_code == 200
    listed = boss.get(found[0][0].replace("&amp;", "&")).content.decode()
    assert all(f"逾期{n}" in listed for n in range(3))


def test_a_rep_has_no_switch_and_cannot_force_it(make, sign_in, once, people):
    planned(make, make.customer("rep_east2"), "rep_east2", days=-2, subject="同事的事")
    rep = sign_in("rep")
    assert 'name="workbench"' not in rep.get("/").content.decode()
    turn(rep, once, "department")
    page = rep.get("/").content.decode()
    assert "同事的事" not in page and 'id="card-team"' not in page


def test_nonsense_is_refused_and_other_preferences_stay(sign_in, once, people):
    boss = sign_in("manager_east")
    User.objects.filter(pk=people["manager_east"].pk).update(preferences={"other": 1})
    assert turn(boss, once, "everybody").status_code == 422
    turn(boss, once, "department")
    assert User.objects.get(pk=people["manager_east"].pk).preferences == {"other": 1, "workbench": "department"}


def test_as_many_questions_for_many_rows_as_for_few(make, sign_in, once):
    boss, mine = sign_in("manager_east"), make.customer("rep")
    turn(boss, once, "department")

    def more(n):
        for _i in range(n):
            planned(make, mine, "rep", days=-2)
            planned(make, mine, "rep", days=0)
            make.task("rep", "rep_east2")
            make.opportunity(mine, owner="rep")

    def asked():
        boss.get("/")
        with CaptureQueriesContext(connection) as found:
            assert boss.get("/").status_code == 200
        return len(found)

    more(1)
    few = asked()
    more(8)
    assert asked() == few


def test_a_circle_of_managers_ends_and_a_head_of_department_leads_all_below(people):
    first, second = people["manager_east"], people["rep"]
    User.objects.filter(pk=first.pk).update(manager=second)  # they lead each other
    assert team_of(people["rep"]).people >= {first.pk}
    assert second.pk in team_of(people["manager_east"]).people and first.pk not in team_of(people["manager_east"]).people
    everybody = team_of(people["gm"]).people
    assert people["engineer2"].pk in everybody and people["gm"].pk not in everybody
    assert team_of(people["rep_south"]) is None
