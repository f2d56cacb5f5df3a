"""The box for follow-ups on a record's page: what is refused stays as it was typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from zhike.activities.models import Activity, Task
from zhike.base import clock

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def said(page):
    """What stands in the box."""
    return re.search(r'<textarea id="say-log"[^>]*>([^<]*)</textarea>', page)[1]


def test_a_refused_follow_up_keeps_every_word(make, people, sign_in, once):
    mine = make.customer("rep")
    person, rep = make.contact(mine), sign_in("rep")
    late = (clock.today() - timedelta(days=3)).isoformat()
    typed = {"type": "visit", "content": "看了二期场地，很长的一段话", "contact": person.pk, "result": "has_demand", "next_on": late,
             "purpose": "方案讲解", "place": "二号厂房"}
    for part in (PART, {}):
        got = rep.post(f"/customers/{mine.pk}/log/", {"_once": once(), **typed}, headers=part)
        page = got.content.decode()
        assert got.status_code == 422
        assert said(page) == typed["content"]
        assert re.search(r'value="visit" checked', page) and f'value="{person.pk}" selected' in page and 'value="has_demand" selected' in page
        assert f'name="next_on" value="{late}"' in page and 'value="方案讲解"' in page and 'value="二号厂房"' in page
        assert "下次联系" in page and 'role="alert"' in page
        assert ("<html" in page) is not bool(part)
    assert not Activity.objects.exists()
    # Put right, it is saved, and leads back to the customer.
    got = rep.post(f"/customers/{mine.pk}/log/", {"_once": once(), **typed, "next_on": ""}, headers=PART)
    assert (got.status_code, got["HX-Redirect"]) == (204, f"/customers/{mine.pk}/")
    assert Activity.objects.get().content == typed["content"]


def test_a_refused_task_keeps_whom_it_is_for(make, people, sign_in, once):
    mine, other, rep = make.customer("rep"), people["presales"], sign_in("rep")
    page = rep.get(f"/customers/{mine.pk}/").content.decode()
    assert re.search(r'name="due_on" value="\d{4}-\d\d-\d\d"', page)  # a day is proposed
    typed = {"type": "task", "content": "画一张夹具图", "assignee": other.pk, "due_on": (clock.today() - timedelta(days=1)).isoformat()}
    got = rep.post(f"/customers/{mine.pk}/log/", {"_once": once(), **typed}, headers=PART)
    page = got.content.decode()
    assert got.status_code == 422 and said(page) == "画一张夹具图"
    assert f'<option value="{other.pk}" selected>' in page and 'value="task" checked' in page
    assert not Task.objects.exists()
    # A colleague that there is not, or nonsense, answers in words too.
    for wrong in ("999999999", "x", "9" * 30):
        got = rep.post(f"/customers/{mine.pk}/log/", {"_once": once(), **typed, "assignee": wrong}, headers=PART)
        assert got.status_code == 422 and said(got.content.decode()) == "画一张夹具图"


def test_on_an_opportunitys_and_a_leads_page_too(make, people, sign_in, once):
    mine, rep = make.customer("rep"), sign_in("rep")
    chance, lead = make.opportunity(mine), make.lead("rep")
    late = (clock.today() - timedelta(days=3)).isoformat()
    for address, more in ((f"/customers/{mine.pk}/log/", {"opportunity": chance.pk, "back": "opportunity"}), (f"/leads/{lead.pk}/log/", {})):
        for part in (PART, {}):
            got = rep.post(address, {"_once": once(), "type": "phone", "content": "谈到一半", "next_on": late, **more}, headers=part)
            assert got.status_code == 422 and said(got.content.decode()) == "谈到一半", (address, part)
    got = rep.post(f"/customers/{mine.pk}/log/", {"_once": once(), "type": "phone", "content": "谈", "next_on": late, "back": "opportunity",
                                                  "opportunity": "x"}, headers=PART)
    assert got.status_code == 422 and said(got.content.decode()) == "谈"
