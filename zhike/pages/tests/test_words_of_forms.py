"""How forms and dialogs read: the colon of the language, one title, a fold that opens only for what is wrong in it."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from zhike.pages import formats

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def test_the_colon_and_the_comma_are_those_of_the_language():
    with translation.override("zh-hans"):
        assert formats.labelled("客户名称", "太短") == "客户名称：太短"
        assert formats.listed(["一", "二"]) == "一、二"
    with translation.override("en"):
        assert formats.labelled("Name", "too short") == "Name: too short"
        assert formats.listed(["a", "b"]) == "a, b"


def test_no_title_or_refusal_in_chinese_has_a_half_width_colon(make, sign_in, once):
    row, rep = make.customer("rep", name="示例铸造有限公司"), sign_in("rep")
    dialog = rep.get(f"/customers/{row.pk}/transfer/", headers=PART).content.decode()
    assert re.search(r"<h\d[^>]*>转移：示例铸造有限公司", dialog)
    refused = rep.post("/customers/new/", {"_once": once(), "name": ""}, headers=PART).content.decode()
    assert re.search(r"客户名称：", refused) and "客户名称: " not in refused


def test_more_fields_open_only_where_one_of_them_is_wrong(make, sign_in, once):
    rep = sign_in("rep")
    refused = rep.post("/customers/new/", {"_once": once(), "name": ""}, headers=PART).content.decode()
    assert '<details class="morefields">' in refused
    refused = rep.post("/customers/new/", {"_once": once(), "name": "示例铸造有限公司", "uscc": "123"}, headers=PART).content.decode()
    assert '<details class="morefields" open>' in refused
