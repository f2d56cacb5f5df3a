"""The form of a new custom field asks what its type needs, and says so to the browser."""

import re

import pytest

from zhike.records.models import CustomField

pytestmark = pytest.mark.django_db


def test_fields_say_with_which_type_they_are_of_use(sign_in):
    page = sign_in("admin").get("/custom-fields/new/").content.decode()
    first = page.split("<details")[0]  # before what is folded as "more"
    for name, types in (("choices_text", "choice multi"), ("to", "ref"), ("formula", "formula"), ("unit", "int quantity money percent formula"),
                        ("searchable", "text email phone url int choice multi")):
        control = re.search(rf'<(?:select|textarea|input)[^>]*name="{name}"[^>]*>', page)[0]
        assert f'data-when="type={types}"' in control, name
    filtered = re.search(r'name="filterable"[^>]*data-when="type=([^"]*)"', page)[1].split()
    assert "text" in filtered and not {"long", "url", "file"} & set(filtered)
    assert 'name="to"' in page and first


def test_what_is_folded_away_is_judged_as_ever(sign_in, once):
    client = sign_in("admin")
    got = client.post("/custom-fields/new/", {"_once": once(), "on": "customer", "label_zh": "来源客户", "type": "ref", "order": "100"})
    assert got.status_code == 422 and not CustomField.objects.exists()  # a record needs what it points to
    got = client.post("/custom-fields/new/", {"_once": once(), "on": "customer", "label_zh": "来源客户", "type": "ref", "to": "customer", "order": "100"})
    assert got.status_code == 303 and CustomField.objects.get().to == "customer"


def test_records_stand_in_the_order_of_what_people_link_to(sign_in):
    page = sign_in("admin").get("/custom-fields/new/").content.decode()
    for name in ("on", "to"):
        choices = re.findall(r'value="(\w+)"', page.split(f'name="{name}"')[1].split("</select>")[0])
        assert choices[0] == "customer" and choices.index("opportunity") < choices.index("discussion_group"), (name, choices)
