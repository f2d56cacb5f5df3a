"""Choosing a colleague: one's own department comes first, and everybody's is told."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db


def test_ones_own_department_comes_first(sign_in, people):
    items = sign_in("rep_south").get("/lookup/user/?active=1").json()["items"]
    south = str(people["rep_south"].department)
    assert [item["sub"] for item in items[:4]] == [south] * 4 and any(item["sub"] != south for item in items)
    assert all(item["sub"] for item in items)


def test_what_goes_along_is_named_in_chinese(make, sign_in):
    mine = make.customer("rep")
    make.contact(mine, "rep")
    make.opportunity(mine, owner="rep")
    won = make.opportunity(mine, owner="rep")
    type(won).objects.filter(pk=won.pk).update(status="lost")
    page = sign_in("rep").get(f"/customers/{mine.pk}/transfer/").content.decode()
    assert "进行中商机（1）" in page and "已结束商机（1）" in page
