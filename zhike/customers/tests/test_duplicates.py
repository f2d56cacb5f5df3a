"""The duplicate check as people and programs meet it: at every door, across rights, by the rules of the house."""

from __future__ import annotations

import secrets

import pytest

from zhike.base.refused import Refused
from zhike.collab.actions.trash import trash_row
from zhike.customers import actions, duplicates
from zhike.customers.duplicates import keys, pairs, policy
from zhike.customers.models import Address, Contact, Customer, NameKey, SuspectedPair
from zhike.records.visibility import owner_fields

CODE = "91350100M000100Y43"


def post(client, url, **values):
    values.setdefault("_once", secrets.token_urlsafe(24))
    return client.post(url, values)


@pytest.fixture
def here(make):
    return make.customer("rep_south", name="苏州示例精工机械有限公司", phone="0512-55550001", email="info@shili-jinggong.cn", uscc=CODE)


@pytest.mark.parametrize(("asked", "verdict", "reason"), [
    ({"name": "示例精工机械"}, "likely", "no_region"),
    ({"name": "示例精工机械（苏州）有限责任公司"}, "certain", "name"),
    ({"name": "无锡示例精工机械有限公司"}, "possible", "region"),
    ({"name": "苏州示例经工机械有限公司"}, "possible", "sound"),
    ({"name": "苏州示例精工机槭有限公司"}, "possible", "typing"),
    ({"uscc": CODE}, "certain", "uscc"),
    ({"phone": "（0512）5555 0001 转 8"}, "likely", "phone"),
    ({"phone": "13900000077"}, "likely", "phone_contact"),
    ({"phone": "0512-55550002"}, "likely", "phone_address"),
    ({"email": "sales@mail.shili-jinggong.cn"}, "likely", "domain"),
    ({"website": "https://www.shili-jinggong.cn/about"}, "likely", "domain"),
])
@pytest.mark.both
def test_a_customer_is_found_by(here, make, people, asked, verdict, reason):
    make.contact(here, "rep_south", mobile="13900000077")
    actions.create_addresses([Address(customer=here, text="示例路 1 号", phone="0512-55550002")], by=people["admin"])
    hit = duplicates.matches(people["rep"], **asked)[0]
    assert (hit.pk, hit.verdict, hit.reasons[0].code) == (here.pk, verdict, reason)
    # Another's customer: whose it is, and no more.
    assert hit.row is None and hit.name != here.name and hit.owner == str(here.owner) and hit.plain()["id"] is None
    assert duplicates.matches(people["rep_south"], **asked)[0].row == here


@pytest.mark.parametrize("asked", [
    {"name": "苏州示例精工电子有限公司"}, {"name": "公司"}, {"email": "x@qq.com"}, {"website": "https://shop1.1688.com"}, {"phone": "110"}, {"phone": "未知"},
    {"website": "http://[::1"}, {"email": "@"}, {"name": "（）"},
])
def test_what_says_nothing_finds_nothing(here, make, people, asked):
    make.customer("rep", email="y@qq.com", website="https://shop2.1688.com", phone="110")
    assert [hit for hit in duplicates.matches(people["rep"], **asked) if hit.verdict != "possible"] == []


def test_old_short_and_english_names_lead_there_too(make, people):
    row = make.customer("rep", name="海琅制冷设备有限公司", short_name="海琅", name_en="Hailang Cooling Co., Ltd.")
    actions.change_customer(row, {"name": "楚衡制冷设备有限公司"}, by=people["rep"], version=None)
    for asked, code in (("海琅制冷设备股份有限公司", "former"), ("海琅", "short"), ("HAILANG COOLING LIMITED", "english"), ("楚衡制冷设备", "name")):
        hit = duplicates.matches(people["rep"], name=asked)[0]
        assert hit.pk == row.pk and hit.reasons[0].code == code, (asked, hit.reasons)
        assert code == "name" or not hit.certain


def test_contacts_in_the_trash_and_disabled_customers_are_found(here, make, people, sign_in):
    contact = make.contact(here, "rep_south", mobile="13900000088")
    trash_row(contact, by=people["admin"])
    actions.disable_customer(here, by=people["admin"])
    hit = duplicates.matches(people["rep"], phone="13900000088")[0]
    assert hit.pk == here.pk and hit.reasons[0].trashed and not hit.enabled
    got = post(sign_in("rep"), "/contacts/new/", name="林示例", customer=make.customer("rep").pk, mobile="139 0000 0088")
    assert got.status_code == 422 and "回收站" in got.content.decode() or "trash" in got.content.decode()
    assert Contact.objects.filter(mobile="13900000088").count() == 0


@pytest.mark.both
def test_a_form_asks_once_and_goes_on_when_told(here, sign_in):
    client = sign_in("rep")
    got = post(client, "/customers/new/", name="示例精工机械（苏州）有限责任公司", level="A")
    page = got.content.decode()
    assert got.status_code == 422 and 'name="despite"' in page and here.name not in page and str(here.owner) in page
    got = post(client, "/customers/new/", name="示例精工机械（苏州）有限责任公司", level="A", despite="on")
    assert got.status_code == 303, got.content.decode()[-800:]
    assert Customer.objects.filter(match_name="示例精工机械").count() == 2


def test_a_changed_name_is_asked_about_as_well(here, make, sign_in):
    row = make.customer("rep", name="另一示例有限公司")
    client = sign_in("rep")
    page = client.get(f"/customers/{row.pk}/edit/")
    start = {name: value for name, value in page.context["page"].form.initial.items() if isinstance(value, (str, int)) and value != ""} if page.context else {}
    values = {**start, "name": "苏州示例精工机械有限公司", "kind": "company", "_version": row.version}
    assert post(client, f"/customers/{row.pk}/edit/", **values).status_code == 422
    got = post(client, f"/customers/{row.pk}/edit/", **values, despite="on")
    assert got.status_code == 303, got.content.decode()[-800:]
    row.refresh_from_db()
    assert row.name == "苏州示例精工机械有限公司" and NameKey.objects.filter(customer=row, source="name").get().core == "示例精工机械"


def test_what_is_forbidden_stays_forbidden_at_every_door(here, people, sign_in):
    """The same credit code: neither the tick nor a set gets past it; a branch of the group may share it."""
    admin = people["admin"]
    got = post(sign_in("rep"), "/customers/new/", name="另一示例有限公司", level="A", uscc=CODE, despite="on")
    assert got.status_code == 422 and 'name="despite"' not in got.content.decode()
    with pytest.raises(Refused) as no:
        actions.create_customers([Customer(name="另一示例有限公司", uscc=CODE, **owner_fields(admin))], by=admin)
    assert no.value.code == "duplicate"
    actions.create_customer(Customer(name="示例精工配件厂", uscc=CODE, parent=here, **owner_fields(admin)), by=admin)


def test_the_rules_are_the_houses(here, people, sign_in):
    admin, client = people["admin"], sign_in("rep")
    assert client.get("/settings/duplicates/").status_code == 404
    boss = sign_in("admin")
    rules = policy.current()
    assert post(boss, "/settings/duplicates/", **{**rules, "name": "nonsense"}).status_code == 422
    assert post(boss, "/settings/duplicates/", **{**rules, "name": "forbid"}).status_code == 303
    with pytest.raises(Refused):
        actions.create_customer(Customer(name=here.name, **owner_fields(admin)), by=admin, despite_duplicates=True)
    assert post(boss, "/settings/duplicates/", **{**rules, "name": "allow"}).status_code == 303
    actions.create_customer(Customer(name=here.name, **owner_fields(admin)), by=admin)


def test_a_probe_asks_the_same_few_queries_however_much_is_there(make, people, django_assert_max_num_queries):
    for i in range(40):
        make.customer("rep_south", name=f"苏州示例精工{'甲乙丙丁'[i % 4]}机械有限公司", phone="0512-55550001")
    with django_assert_max_num_queries(18):  # leads included
        found = duplicates.matches(people["rep"], name="苏州示例精工甲机械有限公司", phone="0512-55550001", uscc=CODE, email="a@shili.cn")
    assert len(found) == 5


def test_customers_loaded_past_the_actions_get_their_keys(make, people):
    row = make.customer("rep", name="苏州示例精工机械有限公司")
    NameKey.objects.all().delete()
    assert keys.catch_up() >= 1 and keys.catch_up() == 0
    assert duplicates.matches(people["rep"], name="示例精工机械")[0].pk == row.pk


@pytest.mark.both
def test_pairs_are_found_shown_and_told_apart(here, make, people, sign_in):
    twin = make.customer("rep_south", name="示例精工机械股份有限公司")
    make.customer("rep_south", name="示例精工配件厂", parent=here, phone="0512-55550001")
    make.customer("rep", name="无关示例有限公司")
    assert pairs.find_pairs() == 1
    pair = SuspectedPair.objects.get()
    assert (pair.low_id, pair.high_id, pair.verdict) == (here.pk, twin.pk, "likely")
    boss, stranger, rep = sign_in("manager_south"), sign_in("manager_east"), sign_in("rep_south")
    assert rep.get("/customers/duplicates/").status_code == 403
    assert here.name in boss.get("/customers/duplicates/").content.decode()
    assert here.name not in stranger.get("/customers/duplicates/").content.decode()
    assert post(stranger, f"/customers/duplicates/{pair.pk}/", different="1").status_code == 404
    assert post(boss, f"/customers/duplicates/{pair.pk}/", different="1").status_code == 303
    assert pairs.find_pairs() == 0 and here.name not in boss.get("/customers/duplicates/").content.decode()
    assert here.name in boss.get("/customers/duplicates/?show=different").content.decode()


def test_merging_through_pages(here, make, sign_in):
    twin = make.customer("rep_south", name="示例精工机械股份有限公司", level="A")
    boss = sign_in("manager_south")
    url = f"/customers/merge/?ids={here.pk},{twin.pk}"
    page = boss.get(url).content.decode()
    assert here.name in page and twin.name in page and 'name="f-name"' in page
    form = {"ids": [here.pk, twin.pk], "kept": here.pk, f"v-{here.pk}": here.version, f"v-{twin.pk}": twin.version, "f-name": twin.pk}
    stale = post(boss, "/customers/merge/", **{**form, f"v-{twin.pk}": twin.version + 5})
    assert stale.status_code == 409 and Customer.objects.filter(pk=twin.pk).exists()
    got = post(boss, "/customers/merge/", **form)
    assert got.status_code == 303 and got["Location"] == f"/customers/{here.pk}/"
    here.refresh_from_db()
    assert here.name == "示例精工机械股份有限公司" and here.level == "A" and here.former_names == "苏州示例精工机械有限公司"
    again = post(boss, "/customers/merge/", **form)
    assert again.status_code == 303 and again["Location"].startswith(f"/customers/{here.pk}/"), "on to what stayed"
    assert f"/customers/{here.pk}/unmerge/" in boss.get(f"/customers/{here.pk}/").content.decode()
    assert post(boss, f"/customers/{here.pk}/unmerge/").status_code == 303
    assert Customer.objects.get(pk=twin.pk).name == "示例精工机械股份有限公司"
    for bad in ("", "ids=1", f"ids={here.pk}", f"ids={here.pk},999999", "ids=x,y", "ids=" + ",".join(str(i) for i in range(1, 8))):
        assert boss.get(f"/customers/merge/?{bad}").status_code in (400, 404, 422), bad


def test_fax_and_invoicing_details_lead_to_their_customer(here, make, people):
    from zhike.customers.models import InvoiceTitle

    admin, rep = people["admin"], people["rep"]
    actions.change_customer(here, {"fax": "0512-55550009"}, by=admin, version=None)
    title = actions.create_invoice_titles([InvoiceTitle(customer=here, title="示例开票", tax_no="91310000MA1K000006", phone="0512-55550010")], by=admin)[0]

    def why(**asked):
        return {reason.code for hit in duplicates.look([Customer(**asked)], rep)[0] for reason in hit.reasons}

    assert why(phone="0512-55550009") == {"phone"} and why(fax="0512-55550009") == {"phone"}
    assert why(phone="0512-55550010") == {"phone_title"}
    assert why(uscc="91310000MA1K000006") == {"tax_title"}
    assert why(uscc=CODE) == {"uscc"}
    with pytest.raises(Refused):
        actions.create_customer(Customer(name="完全不同的示例公司", fax="0512-55550009", **owner_fields(rep)), by=rep)
    actions.change_invoice_title(title, {"phone": "0512-55550011"}, by=admin)
    assert why(phone="0512-55550010") == set() and why(phone="0512-55550011") == {"phone_title"}
    keys.rebuild([here.pk])
    assert why(phone="0512-55550011") == {"phone_title"} and why(phone="0512-55550009") == {"phone"}
    actions.remove_invoice_title(here, title, by=admin)
    assert why(phone="0512-55550011") == set() and why(uscc="91310000MA1K000006") == set()


@pytest.mark.both
def test_a_short_name_of_very_many_does_not_hide_the_same_full_name(here, make, people):
    crowd = make.customer("rep_south", name="一号示例研究所")
    # Sorted before the full name, and held by more than all hits that are asked for together.
    NameKey.objects.bulk_create([NameKey(customer=crowd, source="short", text="丁示", core="丁示") for _i in range(100)])
    hit = Customer(name=here.name, short_name="丁示", former_names="丁示")
    found = duplicates.look([hit], people["rep"])[0]
    assert (found[0].pk, found[0].verdict) == (here.pk, "certain")
    assert duplicates.look([hit], people["rep"], points={"name"})[0][0].pk == here.pk
    assert duplicates.look([hit], people["rep"], points={"phone"})[0] == []
