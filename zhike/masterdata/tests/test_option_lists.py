"""Option lists as an administrator keeps them: in order, in two languages, and never away under a record."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.customers.models import Customer
from zhike.masterdata import choices, dictionaries, usage
from zhike.masterdata.models import Dictionary, DictionaryOption
from zhike.org.models import Role, RolePermission
from zhike.org.tokens import create_token
from zhike.records import registry
from zhike.records.models import HistoryEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def industry(people):
    return Dictionary.objects.get(code="industry")


def option(code, dictionary="industry"):
    return DictionaryOption.objects.get(dictionary=dictionary, code=code)


def codes(dictionary="industry"):
    return list(DictionaryOption.objects.filter(dictionary=dictionary).order_by("order", "code").values_list("code", flat=True))


def hidden(page):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("_once", "_version") if f'name="{name}"' in page}


def press(client, name, pk, **values):
    """Open the dialog, fill it in, press its button."""
    page = client.get(reverse(name, args=[pk])).content.decode()
    return client.post(reverse(name, args=[pk]), {**hidden(page), **values})


def test_a_new_choice_is_offered_everywhere_at_once(sign_in, industry, make, people, client):
    rep = sign_in("rep")
    assert "氢能装备" not in rep.get("/customers/new/").content.decode()
    admin = sign_in("admin")
    assert press(admin, "dictionary-add", industry.pk, name_zh="氢能装备", name_en="Hydrogen equipment").status_code == 303
    assert "氢能装备" in admin.get(reverse("dictionary-detail", args=[industry.pk])).content.decode()
    made = option("hydrogen_equipme")
    rep = sign_in("rep")
    form = rep.get("/customers/new/").content.decode()
    assert f'value="{made.code}"' in form
    got = rep.post("/customers/new/", {**hidden(form), "name": "氢能测试有限公司", "kind": "company", "industry": made.code})
    assert got.status_code == 303
    listed = rep.get(f"/customers/?view=all&industry={made.code}").content.decode()
    assert "氢能测试有限公司" in listed and "氢能装备" in listed
    headers = {"Authorization": f"Bearer {create_token(people['rep'], scope='write')}"}
    schema = client.get("/api/v1/openapi.json", headers=headers).json()["components"]["schemas"]["NewCustomer"]
    assert made.code in schema["properties"]["industry"]["enum"]
    from zhike.records.imports.importer import importer
    from zhike.records.imports.values import Converter

    assert Converter().convert("氢能装备", importer("customer").targets()["industry"]) == made.code


def test_the_list_says_where_it_is_used_and_by_how_many(sign_in, industry, make):
    make.customer("rep", industry="metal")
    make.customer("gm", industry="metal")
    admin = sign_in("admin")
    page = admin.get(reverse("dictionary-list")).content.decode()
    assert "industry" in page and str(registry.kind("customer").plural) in page
    page = admin.get(reverse("dictionary-detail", args=[industry.pk])).content.decode()
    row = re.search(rf'<tr id="choice-{option("metal").pk}">.*?</tr>', page, re.S)[0]
    assert re.search(r'<td class="num c-n">2</td>', row)
    assert usage.counts("industry") == {"metal": 2} and usage.used("industry", "metal") == 2
    source = {(kind.name, attr.name) for kind, attr in usage.fields_of("customer_source")}
    assert source == {("customer", "source"), ("lead", "source"), ("lead_form", "source"), ("opportunity", "source")}


def test_a_retired_choice_stays_on_its_records(sign_in, industry, make):
    row = make.customer("rep", industry="metal")
    admin = sign_in("admin")
    assert "1" in admin.get(reverse("choice-switch", args=[option("metal").pk])).content.decode()
    assert press(admin, "choice-switch", option("metal").pk).status_code == 303
    rep = sign_in("rep")
    assert 'value="metal"' not in rep.get("/customers/new/").content.decode()
    assert option("metal").name_zh in rep.get("/customers/?view=all&industry=metal").content.decode()
    page = rep.get(f"/customers/{row.pk}/edit/").content.decode()
    assert '<option value="metal" selected>' in page
    got = rep.post(f"/customers/{row.pk}/edit/", {**hidden(page), "name": "改了名字有限公司", "kind": row.kind, "industry": "metal"})
    row.refresh_from_db()
    assert got.status_code == 303 and (row.name, row.industry) == ("改了名字有限公司", "metal")
    other = make.customer("rep", industry="food")
    page = rep.get(f"/customers/{other.pk}/edit/").content.decode()
    assert rep.post(f"/customers/{other.pk}/edit/", {**hidden(page), "name": other.name, "kind": other.kind, "industry": "metal"}).status_code == 422
    assert press(sign_in("admin"), "choice-switch", option("metal").pk).status_code == 303
    assert 'value="metal"' in sign_in("rep").get("/customers/new/").content.decode()


def test_renaming_is_seen_on_old_records_in_both_languages(sign_in, people, make, industry):
    make.customer("rep", industry="metal")
    assert press(sign_in("admin"), "choice-rename", option("metal").pk, name_zh="金属成形", name_en="").status_code == 303
    rep = sign_in("rep")
    assert "金属成形" in rep.get("/customers/?view=all&industry=metal").content.decode()
    user = people["rep"]
    user.language = "en"
    user.save()
    assert "金属成形" in sign_in("rep").get("/customers/?view=all&industry=metal").content.decode()


def test_moving_keeps_the_place_of_all_others(sign_in, industry, once, people):
    before = codes()
    third = option(before[2])
    admin = sign_in("admin")
    move = reverse("choice-move", args=[third.pk])
    assert admin.post(move, {"_once": once(), "to": "up"}).status_code == 303
    assert codes() == [before[0], before[2], before[1], *before[3:]]
    token = once()
    part = admin.post(move, {"_once": token, "to": "down"}, headers={"HX-Request": "true"})
    assert part.status_code == 200 and f'id="down-{third.pk}"' in part.content.decode() and "<html" not in part.content.decode()
    admin.post(move, {"_once": token, "to": "down"}, headers={"HX-Request": "true"})  # a double click
    assert codes() == before and list(dictionaries.labels("industry", "en")) == before
    choices.move_choice(option(before[0]), up=True, by=people["admin"])
    choices.move_choice(option(before[-1]), up=False, by=people["admin"])
    assert codes() == before
    assert admin.get(move).status_code == 405


def test_what_happened_is_told_in_the_list_s_history(sign_in, industry, people):
    made = choices.add_choice(industry, name_zh="氢能", code="h2", by=people["admin"])
    choices.rename_choice(made, name_zh="氢能装备", name_en="hydrogen", by=people["admin"])
    choices.move_choice(made, up=True, by=people["admin"])
    choices.switch_choice(made, enabled=False, by=people["admin"])
    choices.remove_choice(made, by=people["admin"])
    told = list(HistoryEntry.objects.filter(kind="dictionary", row_id=industry.pk).order_by("pk"))
    assert [line.action for line in told] == ["choice-add", "edit", "choice-move", "choice-retire", "choice-remove"]
    assert told[1].diff == {"h2": ["氢能", "氢能装备 | hydrogen"]} and told[3].diff == {"h2": [True, False]}
    industry.refresh_from_db()
    assert industry.version == 6
    page = sign_in("admin").get(reverse("dictionary-tab", args=[industry.pk, "history"])).content.decode()
    assert "氢能装备 | hydrogen" in page


@pytest.mark.parametrize(("values", "field"), [
    ({"name_zh": "新", "code": "METAL"}, "code"), ({"name_zh": "新", "code": "a b"}, "code"), ({"name_zh": "新", "code": "é"}, "code"),
    ({"name_zh": "新", "code": "x" * 21}, "code"), ({"name_zh": "金属加工"}, "name_zh"), ({"name_zh": " 金属加工 "}, "name_zh"),
    ({"name_zh": "新", "name_en": "METALWORKING"}, "name_en"), ({"name_zh": "\u200b"}, "name_zh"), ({"name_zh": "长" * 61}, "name_zh"),
])
def test_a_code_or_name_that_will_not_do_is_refused(industry, people, values, field):
    with pytest.raises(Refused) as no:
        choices.add_choice(industry, by=people["admin"], **values)
    assert no.value.field == field and not HistoryEntry.objects.filter(kind="dictionary").exists()


def test_names_without_letters_still_get_a_code(industry, people):
    assert [choices.add_choice(industry, name_zh=name, by=people["admin"]).code for name in ("氢能", "氫能 ", "★", "☆")][2:] == ["choice", "choice_2"]


def test_there_is_an_end_to_them(industry, people, monkeypatch):
    monkeypatch.setattr(choices, "MOST", len(codes()) + 1)
    choices.add_choice(industry, name_zh="还有一个", by=people["admin"])
    with pytest.raises(Refused):
        choices.add_choice(industry, name_zh="太多了", by=people["admin"])


def test_what_is_used_or_needed_does_not_go(industry, people, make):
    admin = people["admin"]
    made = choices.add_choice(industry, name_zh="氢能", code="h2", by=admin)
    for gone in (option("metal"), made):  # one that came along, one in use
        with pytest.raises(Refused):
            choices.remove_choice(gone, by=admin)
    row = make.customer("rep", industry="h2")
    choices.switch_choice(made, enabled=False, by=admin)
    with pytest.raises(Refused) as no:
        choices.remove_choice(made, by=admin)
    assert "1" in str(no.value.message)
    Customer.objects.filter(pk=row.pk).update(industry="")
    choices.remove_choice(made, by=admin)
    assert "h2" not in codes()
    with pytest.raises(Refused):
        choices.rename_choice(made, name_zh="晚了", by=admin)
    for code in ("A", "B"):
        choices.switch_choice(option(code, "customer_level"), enabled=False, by=admin)
    for dictionary, code in (("customer_level", "C"), ("opportunity_type", "new_project")):  # the last one; what new ones begin with
        with pytest.raises(Refused):
            choices.switch_choice(option(code, dictionary), enabled=False, by=admin)


def test_two_people_at_once(sign_in, industry, people):
    choice = option("metal")
    admin = sign_in("admin")
    page = admin.get(reverse("choice-rename", args=[choice.pk])).content.decode()
    choices.rename_choice(choice, name_zh="先到的", by=people["admin"])
    late = admin.post(reverse("choice-rename", args=[choice.pk]), {**hidden(page), "name_zh": "后到的"})
    assert late.status_code == 409 and "后到的" in late.content.decode()
    again = admin.post(reverse("choice-rename", args=[choice.pk]), {**hidden(late.content.decode()), "name_zh": "后到的"})
    assert again.status_code == 303 and option("metal").name_zh == "后到的"
    with pytest.raises(Conflict):
        choices.rename_choice(choice, name_zh="再晚", by=people["admin"], version=1)


def test_only_who_keeps_them_gets_there(sign_in, industry, people, once):
    addresses = [("dictionary-list", []), ("dictionary-detail", [industry.pk]), ("dictionary-add", [industry.pk])]
    addresses += [(name, [option("metal").pk]) for name in ("choice-rename", "choice-switch", "choice-remove")]
    rep = sign_in("rep")
    for name, args in addresses:
        assert rep.get(reverse(name, args=args)).status_code == 404, name
    move = reverse("choice-move", args=[option("food").pk])
    assert rep.post(move, {"_once": once(), "to": "up"}).status_code == 404
    with pytest.raises(Forbidden):
        choices.rename_choice(option("metal"), name_zh="别的", by=people["rep"])
    RolePermission.objects.create(role=Role.objects.get(code="SR"), kind="dictionary", action="view")
    rep = sign_in("rep")
    assert rep.get(reverse("dictionary-detail", args=[industry.pk])).status_code == 200
    assert rep.get(reverse("choice-rename", args=[option("metal").pk])).status_code == 403
    before = codes()
    assert rep.post(move, {"_once": once(), "to": "up"}).status_code == 403
    assert codes() == before and option("metal").name_zh != "别的"


def test_an_import_plan_keeps_them_too(people):
    from zhike.masterdata.imports import OptionImporter

    rows = OptionImporter().create([DictionaryOption(dictionary="industry", code="h2", name_zh="氢能")], by=people["admin"], batch="b")
    assert dictionaries.labels("industry", "zh-hans")["h2"] == "氢能"
    OptionImporter().change(rows[0], {"name_zh": "氢能装备"}, by=people["admin"])
    assert dictionaries.labels("industry", "zh-hans")["h2"] == "氢能装备"
    assert HistoryEntry.objects.filter(kind="dictionary", action="import").count() == 2


def test_many_choices_come_in_at_once_with_both_names_and_what_is_retired(sign_in, industry):
    admin = sign_in("admin")
    known = option(codes()[0])
    lines = "\n".join(["编码\t中文名\t英文名\t启用", *(f"ind{n}\t行业{n}\tIndustry {n}\t{'否' if n % 100 == 0 else '是'}" for n in range(1, 251)),
                       f"{known.code}\t{known.name_zh}新名\t\t"])
    got = press(admin, "dictionary-many", industry.pk, text=lines)
    assert got.status_code == 303, got.content.decode()[-600:]
    made = DictionaryOption.objects.filter(dictionary="industry", code__startswith="ind", code__regex=r"^ind\d+$")
    assert made.count() == 250 and set(made.filter(enabled=False).values_list("code", flat=True)) == {"ind100", "ind200"}
    assert option("ind7").name_en == "Industry 7" and option(known.code).name_zh == f"{known.name_zh}新名" and option(known.code).name_en == known.name_en
    before = Dictionary.objects.get(code="industry").version
    assert press(admin, "dictionary-many", industry.pk, text="ind7 = 行业7 | Industry 7\n- ind8 = 行业8 | Industry 8\n新行业").status_code == 303
    assert not option("ind8").enabled and DictionaryOption.objects.filter(dictionary="industry", name_zh="新行业").exists() and Dictionary.objects.get(code="industry").version == before + 2
    assert "行业7" in dictionaries.labels("industry", "zh-hans").values() and "ind8" not in dictionaries.labels("industry", "zh-hans", True)


@pytest.mark.parametrize(("text", "says"), [
    ("", "text"), ("\n \n", "text"), ("a b = 空格", "第 1 行"), ("x = 甲\nx = 乙", "第 2 行"), ("ok = 好\nbad = " + "长" * 61, "第 2 行"),
    ("\n".join(f"n{n} = 名{n}" for n in range(501)), "500"), ("z" * 100_001, "100"),
])
def test_wrong_lines_are_named_and_change_nothing(sign_in, industry, text, says):
    admin, before = sign_in("admin"), codes()
    got = press(admin, "dictionary-many", industry.pk, text=text)
    assert got.status_code == 422 and codes() == before and says in got.content.decode()
    assert sign_in("rep").get(reverse("dictionary-many", args=[industry.pk])).status_code == 404


def test_a_plan_retires_as_a_person_may(people):
    from zhike.masterdata.imports import OptionImporter

    importer = OptionImporter()
    default = next(iter(usage.defaults("opportunity_type")), None) or next(iter(usage.defaults("currency")))
    held = DictionaryOption.objects.filter(code=default).first()
    with pytest.raises(Refused):
        importer.change(held, {"enabled": False}, by=people["admin"])
    other = option(codes()[0])
    importer.change(other, {"enabled": False, "name_en": "Renamed"}, by=people["admin"])
    assert not option(other.code).enabled and option(other.code).name_en == "Renamed"
    with pytest.raises(Refused):
        importer.create([DictionaryOption(dictionary="industry", code=f"many{n}", name_zh=f"多{n}") for n in range(501)], by=people["admin"], batch="")
