"""Merging by a program, and where an old number leads it."""

from __future__ import annotations

import pytest


@pytest.mark.both
def test_a_program_merges_and_is_led_on(program, make):
    kept = make.customer("rep", name="示例精工机械有限公司")
    other = make.customer("rep", name="示例精工机械股份有限公司")
    boss, rep, stranger = program("manager_east"), program("rep"), program("rep_south")
    no = rep("POST", f"customers/{kept.pk}/merge", {"other": other.pk}, code=403)
    assert no["code"] == "forbidden"
    done = boss("POST", f"customers/{kept.pk}/merge", {"other": other.pk})
    assert done["id"] == kept.pk
    told = rep("GET", f"customers/{other.pk}", code=301)
    assert told["merged_into"] == kept.pk and rep.last["Location"] == f"/api/v1/customers/{kept.pk}"
    assert rep("PATCH", f"customers/{other.pk}", {"level": "A"}, code=410, if_match="*")["merged_into"] == kept.pk
    stranger("GET", f"customers/{other.pk}", code=404)
    boss("POST", f"customers/{kept.pk}/merge", {"other": other.pk}, code=422)
    boss("POST", f"customers/{kept.pk}/undo-merge", {})
    assert rep("GET", f"customers/{other.pk}")["name"] == "示例精工机械股份有限公司"
    boss("POST", f"customers/{kept.pk}/undo-merge", {}, code=422)


def test_a_program_is_told_of_duplicates_with_the_verdict(program, make):
    make.customer("rep_south", name="苏州示例精工机械有限公司")
    no = program("rep")("POST", "customers", {"name": "示例精工机械（苏州）有限公司", "level": "A"}, code=422)
    assert no["code"] == "duplicate" and no["items"][0]["verdict"] == "certain" and no["items"][0]["id"] is None
    made = program("rep")("POST", "customers", {"name": "示例精工机械（苏州）有限公司", "level": "A", "despite_duplicates": True}, code=201)
    assert made["id"]
