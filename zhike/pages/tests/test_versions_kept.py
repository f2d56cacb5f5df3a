"""A form that comes back with something to mend keeps the version it was opened with: what somebody saved meanwhile is not lost."""

import re

import pytest

from zhike.customers import actions

pytestmark = pytest.mark.django_db


def version(page):
    return re.search(r'name="_version" value="(\d+)"', page)[1]


def fields(page):
    found = dict(re.findall(r'<input[^>]*name="([\w]+)" value="([^"]*)"', page))
    for name, select in re.findall(r'<select name="(\w+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', select)
        found[name] = chosen[1] if chosen else ""
    return found


def test_of_a_record(make, sign_in, people, once):
    row = make.customer("rep", name="版本试验机床有限公司")
    client, url = sign_in("rep"), f"/customers/{row.pk}/edit/"
    opened = client.get(url).content.decode()
    actions.change_customer(row, {"short_name": "别人改的"}, by=people["rep"], version=None)
    wrong = client.post(url, {**fields(opened), "name": "", "_once": once()})
    assert wrong.status_code == 422 and version(wrong.content.decode()) == version(opened)
    again = client.post(url, {**fields(opened), "name": "版本试验改名有限公司", "short_name": "我改的", "_version": version(opened), "_once": once()})
    assert again.status_code == 409
    newer = version(again.content.decode())
    assert int(newer) == int(version(opened)) + 1  # both have been shown: now it may be saved over
    row.refresh_from_db()
    assert row.short_name == "别人改的"


def test_of_the_lines_of_a_document(make, sign_in, people, once):
    from zhike.opportunities.actions import change_opportunity

    row = make.opportunity(owner="rep")
    client, url = sign_in("rep"), f"/opportunities/{row.pk}/lines/"
    before = version(client.get(url).content.decode())
    change_opportunity(row, {"demand": "别人改的"}, by=people["rep"], version=None)
    wrong = client.post(url, {"row": ["0"], "line-0-product": "999999", "line-0-quantity": "1", "_version": before, "_once": once()})
    assert wrong.status_code == 422 and version(wrong.content.decode()) == before
    assert "line 1" not in wrong.content.decode()  # which line it is about is said in Chinese
