"""The customer master in full: groups, shared credit codes, invoicing details, what is missing or wrong."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from zhike.base.refused import Forbidden, Refused
from zhike.customers import actions, groups, quality
from zhike.customers.models import Customer, CustomerFacts, InvoiceTitle
from zhike.pages import formats
from zhike.records import search

CODE, OTHER = "91350100M000100Y43", "91110108551385082Q"


@pytest.fixture
def by(people):
    return people["rep"]


def test_a_group_is_a_tree_without_loops(make, by):
    head, plant, office = make.customer(), make.customer(), make.customer()
    actions.change_customer(plant, {"parent": head, "relation": "branch"}, by=by, version=None)
    actions.change_customer(office, {"parent": plant}, by=by, version=None)
    with pytest.raises(Refused) as no:
        actions.change_customer(head, {"parent": office}, by=by, version=None)
    assert no.value.field == "parent"
    with pytest.raises(Refused):
        actions.change_customer(head, {"parent": head}, by=by, version=None)
    found = groups.members(Customer.objects.get(pk=office.pk), by)
    assert [(member.row.pk, member.level) for member in found] == [(head.pk, 0), (plant.pk, 1), (office.pk, 2)]


def test_a_group_has_bounded_depth_and_a_circle_in_the_data_ends(make, by, django_assert_num_queries):
    rows = [make.customer() for _i in range(groups.DEPTH + 1)]
    for above, below in zip(rows, rows[1:-1], strict=False):
        actions.change_customer(below, {"parent": above}, by=by, version=None)
    with pytest.raises(Refused, match=str(groups.DEPTH)):
        actions.change_customer(rows[-1], {"parent": rows[-2]}, by=by, version=None)
    with pytest.raises(Refused, match=str(groups.DEPTH)):  # what hangs below counts too
        actions.change_customer(rows[0], {"parent": rows[-1]}, by=by, version=None)
    Customer.objects.filter(pk=rows[0].pk).update(parent=rows[2])
    groups.members(rows[1], by)  # the rights are known now
    with django_assert_num_queries(1):
        assert {member.row.pk for member in groups.members(rows[1], by)} >= {rows[0].pk, rows[1].pk, rows[2].pk}


def test_the_group_page_shows_figures_and_only_what_one_may_see(make, sign_in, people):
    head = make.customer(owner="rep", name="测试甲集团有限公司", relation="group")
    mine = make.customer(owner="rep", name="测试乙机械有限公司")
    theirs = make.customer(owner="rep_south", name="测试丙机械有限公司")
    for row in (mine, theirs):
        actions.change_customer(row, {"parent": head}, by=people["admin"], version=None)
    make.opportunity(mine, amount="350000")
    page = sign_in("rep").get(f"/customers/{mine.pk}/group/").content.decode()
    assert "测试甲集团" in page and "测试乙机械" in page and "测试丙机械" not in page
    assert formats.wan(Decimal("350000")) in page
    assert f"customer={head.pk}&amp;customer={mine.pk}" in page
    # Who stands alone has no such tab.
    alone = make.customer()
    assert f'"/customers/{alone.pk}/group/' not in sign_in("rep").get(f"/customers/{alone.pk}/").content.decode()


def test_plants_share_a_credit_code_strangers_do_not(make, by):
    head = make.customer(uscc=CODE)
    plant, stranger = make.customer(), make.customer()
    with pytest.raises(Refused) as no:
        actions.change_customer(stranger, {"uscc": CODE}, by=by, version=None)
    assert no.value.field == "uscc"
    actions.change_customer(plant, {"parent": head, "uscc": CODE}, by=by, version=None)
    for row in (head, plant):
        assert CustomerFacts.objects.get(customer=row).gaps & quality.BITS["uscc_shared"]


def test_a_new_plant_with_the_groups_code_is_made_and_a_strangers_is_not(make, by, people):
    head = make.customer(uscc=CODE)
    new = {"name": "测试丁分厂", "uscc": CODE, "parent": head, "relation": "branch", "owner": by, "owner_dept": by.department}
    made = actions.create_customer(Customer(**new), by=by)
    assert made.pk and made.uscc == CODE and CustomerFacts.objects.get(customer=made).gaps & quality.BITS["uscc_shared"]
    with pytest.raises(Refused):
        actions.create_customer(Customer(**{**new, "parent": None, "name": "测试戊厂"}), by=by, despite_duplicates=True)


def test_former_names_are_shown(make, sign_in, by):
    row = make.customer(name="测试旧名机械厂")
    actions.change_customer(row, {"name": "测试新名机械有限公司"}, by=by, version=None)
    head = sign_in("rep").get(f"/customers/{row.pk}/").content.decode().split('<nav class="tabs"')[0]
    assert "测试旧名机械厂" in head and "测试新名机械有限公司" in head


def test_several_phones_are_one_field_and_each_is_called(make, sign_in):
    row = make.customer(phone="021-55551234、13900000001;0512-55550002转801")
    row.refresh_from_db()
    assert row.phone == "021-55551234 / 13900000001 / 0512-55550002-801"
    page = sign_in("rep").get(f"/customers/{row.pk}/").content.decode()
    assert 'href="tel:021-55551234"' in page
    found = sign_in("rep").get("/customers/?view=all&q=13900000001").content.decode()
    assert row.name in found


# Invoicing details


def titles(row):
    return [(title.title, title.default) for title in InvoiceTitle.objects.filter(customer=row).order_by("pk")]


def test_one_set_of_invoicing_details_is_the_default(make, by):
    row = make.customer()
    first = actions.add_invoice_title(row, title="测试甲公司", account="0012 3456", by=by)
    actions.add_invoice_title(row, title="测试甲二公司", by=by)
    assert titles(row) == [("测试甲公司", True), ("测试甲二公司", False)]
    first.refresh_from_db()
    assert first.account == "0012 3456"
    with pytest.raises(Refused) as no:
        actions.add_invoice_title(row, title="测试甲三公司", default=True, by=by)
    assert no.value.field == "default"
    actions.make_default_title(InvoiceTitle.objects.get(title="测试甲二公司"), by=by)
    assert titles(row) == [("测试甲公司", False), ("测试甲二公司", True)]
    with pytest.raises(IntegrityError), transaction.atomic():
        InvoiceTitle.objects.filter(pk=first.pk).update(default=True)
    actions.remove_invoice_title(row, InvoiceTitle.objects.get(title="测试甲二公司"), by=by)
    assert titles(row) == [("测试甲公司", True)]


@pytest.mark.parametrize(("values", "field"), [
    ({"tax_no": "91350100M000100Y44"}, "tax_no"), ({"tax_no": "123"}, "tax_no"), ({"title": "甲"}, "title"),
    ({"account": "123；456"}, "account"), ({"phone": "1380000"}, "phone"),
])
def test_wrong_invoicing_details_name_their_field(make, by, values, field):
    with pytest.raises(Refused) as no:
        actions.add_invoice_title(make.customer(), **{"title": "测试公司", **values}, by=by)
    assert no.value.field == field


def test_invoicing_details_by_page(make, sign_in):
    row = make.customer(uscc=CODE)
    rep = sign_in("rep")
    form = rep.get(f"/customers/{row.pk}/invoicing/new/").content.decode()
    assert CODE in form and row.name in form
    data = {"title_kind": "unit", "title": "测试抬头", "tax_no": CODE.lower(), "bank": "示例银行", "account": "00120034", "_once": "a" * 32}
    assert rep.post(f"/customers/{row.pk}/invoicing/new/", data).status_code == 303
    title = InvoiceTitle.objects.get(customer=row)
    assert (title.tax_no, title.account, title.default) == (CODE, "00120034", True)
    here = f"/customers/{row.pk}/invoicing/{title.pk}"
    page = rep.get(f"/customers/{row.pk}/").content.decode()
    assert "00120034" in page and f"{here}/remove/" in page
    stale = rep.post(f"{here}/", {**data, "bank": "第二银行", "_version": "0", "_once": "b" * 32})
    assert stale.status_code == 409
    assert rep.post(f"{here}/", {**data, "bank": "第二银行", "_version": "1", "_once": "c" * 32}).status_code == 303
    title.refresh_from_db()
    assert (title.bank, title.default) == ("第二银行", True)
    assert "第二银行" in rep.get(f"/customers/{row.pk}/history/").content.decode()
    assert rep.post(f"{here}/remove/", {"_once": "d" * 32}).status_code == 303
    assert not InvoiceTitle.objects.exists()


def test_others_invoicing_details_are_not_there(make, sign_in, people):
    row = make.customer(owner="rep_south")
    title = actions.add_invoice_title(row, title="测试公司", by=people["admin"])
    mine = make.customer()
    rep = sign_in("rep")
    for address in (f"/customers/{row.pk}/invoicing/{title.pk}/", f"/customers/{mine.pk}/invoicing/{title.pk}/",
                    f"/customers/{row.pk}/invoicing/new/"):
        assert rep.get(address).status_code == 404
    with pytest.raises(Forbidden):
        actions.add_invoice_title(row, title="测试公司", by=people["finance"])


# What is missing or wrong


def gaps(row):
    return {gap.code for gap in quality.gaps_of(CustomerFacts.objects.get(customer=row).gaps)}


def score(row):
    return CustomerFacts.objects.get(customer=row).completeness


def test_the_score_follows_what_is_known(make, by, people):
    from zhike.masterdata.models import Region

    row = make.customer()
    assert {"uscc", "phone", "region", "contact", "invoicing"} <= gaps(row)
    before = score(row)
    fujian = Region.objects.get(pk=350100)
    actions.change_customer(row, {"uscc": CODE, "phone": "021-55551234", "region": fujian, "address": "示例路 1 号", "industry": "machinery",
                                  "level": "A", "category": "direct", "source": "web", "scale": "small"}, by=by, version=None)
    assert gaps(row) == {"contact", "decider", "invoicing"} and before < score(row) == 75
    make.contact(row, decision_role="decider")
    actions.add_invoice_title(row, title="测试公司", by=by)
    assert gaps(row) == set() and score(row) == 100
    actions.change_customer(row, {"region": Region.objects.get(pk=310000)}, by=by, version=None)
    assert gaps(row) == {"uscc_region"} and score(row) == 100  # a warning costs nothing


def test_people_are_not_asked_for_a_credit_code(make):
    assert not {"uscc", "industry", "scale"} & gaps(make.customer(name="林示例", kind="individual"))


def test_rows_of_the_past_are_judged_by_the_rebuild(make, by, django_assert_max_num_queries):
    rows = [make.customer() for _i in range(12)]
    Customer.objects.filter(pk=rows[0].pk).update(uscc="91350100M000100Y44", phone="1380000")
    CustomerFacts.objects.all().update(completeness=0, gaps=0)
    with django_assert_max_num_queries(10):
        quality.refresh_quality(row.pk for row in rows)
    assert {"uscc_wrong", "phone_wrong"} <= gaps(rows[0]) and score(rows[0]) == score(rows[1])


def test_lists_filter_by_what_is_missing(make, sign_in):
    bare = make.customer(name="测试缺号机械有限公司")
    full = make.customer(name="测试有号机械有限公司", phone="021-55551234")
    page = sign_in("rep").get("/customers/?gap=phone").content.decode()
    assert bare.name in page and full.name not in page
    page = sign_in("rep").get("/customers/?gap=phone&gap=region&order=-completeness").content.decode()
    assert bare.name in page and full.name in page
    assert sign_in("rep").get("/customers/?gap=nonsense").status_code == 400
    own = sign_in("rep").get(f"/customers/{bare.pk}/").content.decode()
    assert "gap=phone" in own and "card-quality" in own


def test_the_api_has_it_all(make, people, client):
    from zhike.org.tokens import create_token

    row = make.customer(nature="private", payment_term="month30", currency="CNY")
    actions.add_invoice_title(row, title="测试公司", account="0012", by=people["rep"])
    text = create_token(people["rep"])
    got = client.get(f"/api/v1/customers/{row.pk}?expand=invoice_titles", headers={"Authorization": f"Bearer {text}"})
    assert got.status_code == 200, got.content
    said = got.json()
    assert said["nature"] and said["invoice_titles"][0]["account"] == "0012"


def found_by(text):
    return set(search.matching("customer", text).values_list("row_id", flat=True))


def test_the_abbreviation_follows_the_name_until_somebody_writes_another(make, by):
    row = make.customer(name="单县机械厂")
    assert row.pinyin_abbr == Customer.abbreviated("单县机械厂") and row.pinyin_abbr.endswith("xjxc")
    actions.change_customer(row, {"name": "重庆川仪示例厂"}, by=by, version=None)
    assert row.pinyin_abbr == "cqcyslc"
    actions.change_customer(row, {"pinyin_abbr": "ZDY88"}, by=by, version=None)  # the one the house says
    assert row.pinyin_abbr == "zdy88" and row.pk in found_by("zdy88") and row.pk in found_by("cqcy")
    actions.change_customer(row, {"name": "长沙示例机床"}, by=by, version=None)
    assert row.pinyin_abbr == "zdy88" and row.pk in found_by("zdy") and row.pk in found_by("cssl")
    actions.change_customer(row, {"pinyin_abbr": ""}, by=by, version=None)
    assert row.pinyin_abbr == "csslJC".lower() and row.pk not in found_by("zdy88")
    row.refresh_from_db()
    assert row.pinyin_abbr == "cssljc"


@pytest.mark.parametrize(("name", "abbreviated"), [
    ("ACME 机械", "acmejx"), ("Ёлка 机械", "jx"), ("株式会社", "zshs"), ("示例" * 100, "sl" * 30), ("上海 A1 号设备", "sh"),
])
def test_abbreviations_of_odd_names_are_letters_and_digits(make, name, abbreviated):
    row = make.customer(name=name)
    assert row.pinyin_abbr.startswith(abbreviated) and (row.pinyin_abbr.isascii() and row.pinyin_abbr.isalnum()) and len(row.pinyin_abbr) <= 60


@pytest.mark.parametrize("wrong", ["重庆", "c q", "c-q", "a" * 61, "<b>", "ｃｑ！"])
def test_an_abbreviation_of_anything_else_is_refused(make, by, wrong):
    row = make.customer(name="单县机械厂")
    with pytest.raises(Refused) as no:
        actions.change_customer(row, {"pinyin_abbr": wrong}, by=by, version=None)
    assert no.value.field == "pinyin_abbr"
    row.refresh_from_db()
    assert row.pinyin_abbr == Customer.abbreviated("单县机械厂")
