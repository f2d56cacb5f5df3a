"""Opening a customer formally: the rep applies, finance checks, and only then there is a formal code."""

from decimal import Decimal

import pytest
from django.urls import reverse

from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.customers import actions
from zhike.customers.models import Customer, InvoiceTitle, Opening
from zhike.customers.status import OPENING
from zhike.notices.models import Message
from zhike.org.models import RolePermission
from zhike.records.models import HistoryEntry

CODE = "91350100M000100Y43"
GOOD = {"category": "oem", "uscc": CODE, "title": "测试抬头有限公司", "tax_no": CODE, "bank": "示例银行", "account": "0012 3456",
        "payment_term": "month30", "currency": "CNY", "credit_limit": "200000"}


@pytest.fixture
def customer(make):
    row = make.customer()
    make.opportunity(row)  # now it has business
    row.refresh_from_db()
    return row


@pytest.fixture
def applied(customer, people):
    return actions.apply_opening(customer, {**GOOD, "credit_limit": Decimal("200000")}, by=people["rep"])


def test_from_the_application_to_the_formal_code(customer, sign_in, people):
    rep, finance = sign_in("rep"), sign_in("finance")
    page = rep.get(f"/customers/{customer.pk}/").content.decode()
    assert f"/customers/{customer.pk}/opening/" in page
    form = rep.get(f"/customers/{customer.pk}/opening/").content.decode()
    assert customer.name in form
    got = rep.post(f"/customers/{customer.pk}/opening/", {**GOOD, "_once": "a" * 32})
    row = Opening.objects.get()
    assert got["Location"] == f"/openings/{row.pk}/" and row.credit_limit == Decimal("200000.00")
    assert Customer.objects.get(pk=customer.pk).formal_code == ""
    assert Message.objects.filter(receiver=people["finance"], kind="opening", row_id=row.pk).exists()
    home = finance.get("/").content.decode()
    assert f"/openings/{row.pk}/" in home
    page = finance.get(f"/openings/{row.pk}/").content.decode()
    assert f"/openings/{row.pk}/accept/" in page and "0012 3456" in page
    assert finance.post(f"/openings/{row.pk}/return/", {"reason": "", "_once": "b" * 32, "_version": row.version}).status_code == 422
    assert finance.post(f"/openings/{row.pk}/return/", {"reason": "账号缺一位", "_once": "c" * 32, "_version": row.version}).status_code == 303
    assert "账号缺一位" in rep.get(f"/openings/{row.pk}/").content.decode() and "账号缺一位" in rep.get("/").content.decode()
    row.refresh_from_db()
    assert rep.post(f"/openings/{row.pk}/resubmit/", {**GOOD, "account": "0012 34567", "_once": "d" * 32, "_version": row.version}).status_code == 303
    row.refresh_from_db()
    stale = finance.post(f"/openings/{row.pk}/accept/", {"_once": "e" * 32, "_version": row.version - 1})
    assert stale.status_code == 409 and Customer.objects.get(pk=customer.pk).formal_code == ""
    assert finance.post(f"/openings/{row.pk}/accept/", {"_once": "f" * 32, "_version": row.version}).status_code == 303
    customer.refresh_from_db()
    assert (customer.formal_code, customer.uscc, customer.category, customer.payment_term) == ("OEM-00001", CODE, "oem", "month30")
    title = InvoiceTitle.objects.get(customer=customer)
    assert (title.title, title.account, title.default) == ("测试抬头有限公司", "0012 34567", True)
    page = rep.get(f"/customers/{customer.pk}/").content.decode()
    assert "OEM-00001" in page and f"/customers/{customer.pk}/opening/" not in page
    assert "OEM-00001" in rep.get("/customers/?view=all&q=OEM-00001").content.decode()
    assert 'id="pending-k' in home and 'id="pending-k' not in finance.get("/").content.decode()


@pytest.mark.parametrize("state", list(OPENING.states))
@pytest.mark.parametrize("move", list(OPENING.moves))
def test_every_move_from_every_state(applied, people, state, move):
    act = {"accept": lambda row: actions.accept_opening(row, by=people["finance"]),
           "return": lambda row: actions.return_opening(row, reason="缺账号", by=people["finance"]),
           "resubmit": lambda row: actions.resubmit_opening(row, by=people["rep"]),
           "withdraw": lambda row: actions.withdraw_opening(row, by=people["rep"])}[move]
    Opening.objects.update(status=state)
    row, lines = Opening.objects.get(), HistoryEntry.objects.count()
    if state in OPENING.moves[move].sources:
        act(row)
        assert Opening.objects.get().status == OPENING.moves[move].target
    else:
        with pytest.raises(Refused):
            act(row)
        assert (Opening.objects.get().status, HistoryEntry.objects.count(), Customer.objects.get(pk=row.customer_id).formal_code) == (state, lines, "")


def test_enterer_and_checker_differ(applied, people):
    with pytest.raises(Forbidden):
        actions.accept_opening(applied, by=people["rep"])  # has no right either
    admin = people["admin"]
    Opening.objects.update(applicant=admin, created_by=admin)
    for act in (lambda row: actions.accept_opening(row, by=admin), lambda row: actions.return_opening(row, reason="x", by=admin)):
        with pytest.raises(Forbidden) as no:
            act(Opening.objects.get())
        assert no.value.code == "opening.self"


def test_who_may_check_only_checks(applied, people, sign_in):
    with pytest.raises(Forbidden):
        actions.withdraw_opening(applied, by=people["finance"])
    assert sign_in("rep").post(f"/openings/{applied.pk}/accept/", {"_once": "a" * 32}).status_code == 403
    for address in (f"/openings/{applied.pk}/", f"/customers/{applied.customer_id}/opening/"):
        assert sign_in("rep_south").get(address).status_code == 404
    assert sign_in("marketing").get(f"/customers/{applied.customer_id}/opening/").status_code == 403  # edits customers, applies for none


def test_with_nobody_to_check_it_stops_and_says_so(customer, people, sign_in):
    RolePermission.objects.filter(kind="opening", action="check").delete()
    rep = sign_in("rep")
    assert 'class="nt bad"' in rep.get(f"/customers/{customer.pk}/opening/").content.decode()
    got = rep.post(f"/customers/{customer.pk}/opening/", {**GOOD, "_once": "a" * 32})
    assert got.status_code == 422 and not Opening.objects.exists()
    with pytest.raises(Refused) as no:
        actions.apply_opening(customer, {**GOOD, "credit_limit": None}, by=people["rep"])
    assert no.value.code == "opening.nobody"


@pytest.mark.parametrize(("values", "field"), [
    ({"uscc": ""}, "uscc"), ({"uscc": "91350100M000100Y44"}, "uscc"), ({"tax_no": "12"}, "tax_no"), ({"title": ""}, "title"), ({"bank": ""}, "bank"),
    ({"account": ""}, "account"), ({"account": "12;3"}, "account"), ({"category": ""}, "category"), ({"payment_term": ""}, "payment_term"),
    ({"credit_limit": Decimal(-1)}, "credit_limit"), ({"phone": "1380000"}, "phone"),
])
def test_what_finance_needs_is_asked_for(customer, people, values, field):
    with pytest.raises(Refused) as no:
        actions.apply_opening(customer, {**GOOD, "credit_limit": None, **values}, by=people["rep"])
    assert no.value.field == field


def test_only_a_customer_with_business_and_only_once(make, customer, people):
    rep, good = people["rep"], {**GOOD, "credit_limit": None}
    with pytest.raises(Refused):
        actions.apply_opening(make.customer(), good, by=rep)
    actions.apply_opening(customer, good, by=rep)
    with pytest.raises(Refused) as no:
        actions.apply_opening(customer, good, by=rep)
    assert no.value.code == "opening.twice"


def test_a_code_that_went_to_a_stranger_meanwhile_stops_it(make, applied, people):
    make.customer(uscc=CODE)
    with pytest.raises(Refused) as no:
        actions.accept_opening(applied, by=people["finance"])
    assert no.value.field == "uscc" and Opening.objects.get().status == "waiting"


def test_somebody_was_faster(applied, people):
    with pytest.raises(Conflict):
        actions.accept_opening(applied, by=people["finance"], version=applied.version + 3)


def test_codes_count_on_over_the_categories_and_follow_the_rule(make, people, sign_in):
    codes = []
    for i, category in enumerate(("oem", "dealer")):
        row = make.customer()
        make.opportunity(row)
        made = actions.apply_opening(Customer.objects.get(pk=row.pk), {**GOOD, "uscc": (CODE, "91110108551385082Q")[i], "category": category, "credit_limit": None},
                                     by=people["rep"])
        actions.accept_opening(made, by=people["finance"])
        codes.append(Customer.objects.get(pk=row.pk).formal_code)
    assert codes == ["OEM-00001", "DEALER-00002"]
    admin = sign_in("admin")
    assert "formal-customers" in admin.get(reverse("number_rule-list")).content.decode()
    page = admin.get(reverse("number_rule-edit", args=["formal-customers"])).content.decode()
    assert "{SEQ}" in page


def test_openings_leave_and_come_in_files(make, people, sign_in, applied):
    from zhike.records.imports.importer import importer

    finance = sign_in("finance")
    assert finance.get("/openings/export/?format=csv").status_code in (200, 303) and sign_in("rep").get("/openings/export/").status_code == 403
    second = make.customer("rep_east2", name="示例批量建档机械有限公司")
    make.opportunity(second, "rep_east2")
    found, boss = importer("opening"), people["manager_east"]
    found.check_right(boss)
    with pytest.raises(Forbidden):
        found.check_right(people["rep"])
    values = {**GOOD, "uscc": "91310000MA1K000006", "tax_no": "91310000MA1K000006", "credit_limit": Decimal("10000"), "credit_days": 60, "customer": second}
    made = found.create([Opening(**values)], by=boss, batch="")
    assert made[0].status == "waiting" and made[0].applicant == boss and made[0].credit_days == 60
    with pytest.raises(Refused):
        found.change(made[0], {"bank": "x"}, by=boss)


def test_credit_terms_have_limits(customer, people):
    with pytest.raises(Refused) as no:
        actions.apply_opening(customer, {**GOOD, "credit_limit": Decimal(1), "credit_days": 9_999}, by=people["rep"])
    assert no.value.field == "credit_days"


def test_a_line_of_the_list_leads_to_the_application(applied, sign_in):
    page = sign_in("finance").get("/openings/?view=waiting").content.decode()
    assert f'<a class="lk" href="/openings/{applied.pk}/">{applied.customer.name}</a>' in page


def test_who_applies_again_is_led_to_the_application_instead_of_a_form_that_is_refused(applied, sign_in):
    rep = sign_in("rep")
    answer = rep.get(f"/customers/{applied.customer_id}/opening/")
    assert (answer.status_code, answer["Location"]) == (303, f"/openings/{applied.pk}/")
    page = rep.get(f"/customers/{applied.customer_id}/").content.decode()
    assert f"/openings/{applied.pk}/" in page and f"/customers/{applied.customer_id}/opening/" not in page


def test_what_is_not_known_yet_waits_behind_more(applied, sign_in):
    shown = sign_in("finance").get(f"/openings/{applied.pk}/").content.decode()
    assert "<dd>—</dd>" not in shown.split("<details", 1)[0]


def test_a_step_of_the_life_cycle_names_what_caused_it(make, sign_in, people):
    customer = make.customer()
    made = make.opportunity(customer, name="起因示例线")
    rep, told = sign_in("rep"), f'<a class="code" href="/opportunities/{made.pk}/">起因示例线</a>'
    page = rep.get(f"/customers/{customer.pk}/?timeline=deal").content.decode()
    step = page.split("进入机会客户", 1)[1].split("</li>", 1)[0]
    assert told in step
    # Whoever does not see opportunities is led to the changes.
    RolePermission.objects.filter(role__in=people["rep"].roles.all(), kind="opportunity", action="view").delete()
    page = sign_in("rep").get(f"/customers/{customer.pk}/?timeline=all").content.decode()
    assert "起因示例线" not in page and f"/customers/{customer.pk}/history/" in page.split("进入机会客户", 1)[1].split("</li>", 1)[0]
