"""People at a customer: who reports to whom, where they stand, and where they went."""

from datetime import timedelta

import pytest

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers import actions, decisions
from zhike.customers.models import Contact, CustomerFacts


@pytest.fixture
def by(people):
    return people["rep"]


@pytest.fixture
def three(make):
    """A head, a middle and a worker at one customer, not yet hung."""
    customer = make.customer()
    return customer, [make.contact(customer, name=name) for name in ("钱示例", "孙示例", "李示例")]


def shape(people):
    return [(person.row.name, shape(person.below)) for person in people]


def test_hanging_makes_a_tree_and_refuses_a_circle(three, by):
    customer, (head, middle, worker) = three
    actions.hang_contact(middle, to=head, by=by)
    actions.hang_contact(worker, to=middle, by=by)
    assert shape(decisions.people(customer.pk, by)) == [("钱示例", [("孙示例", [("李示例", [])])])]
    for wrong in (worker, head):
        with pytest.raises(Refused) as no:
            actions.hang_contact(head, to=wrong, by=by)
        assert no.value.field == "reports_to"
    actions.hang_contact(middle, to=None, by=by)
    assert {name for name, _below in shape(decisions.people(customer.pk, by))} == {"钱示例", "孙示例"}


def test_a_circle_in_the_data_loses_nobody(three, by):
    customer, (head, middle, worker) = three
    for row, boss in ((head, worker), (middle, head), (worker, middle)):
        Contact.objects.filter(pk=row.pk).update(reports_to=boss)
    assert shape(decisions.people(customer.pk, by)) == [("钱示例", [("孙示例", [("李示例", [])])])]


def test_nobody_reports_to_another_firm(make, three, by):
    _customer, (head, _middle, _worker) = three
    stranger = make.contact(name="周示例")
    with pytest.raises(Refused) as no:
        actions.change_contact(head, {"reports_to": stranger}, by=by, version=None)
    assert no.value.field == "reports_to"


def test_the_map_on_the_page(three, sign_in, by):
    customer, (head, middle, _worker) = three
    actions.change_contact(head, {"attitude": "oppose", "influence": 5, "decision_role": "decider"}, by=by, version=None)
    rep = sign_in("rep")
    got = rep.post(f"/contacts/{middle.pk}/hang/", {"to": head.pk, "_version": middle.version, "_once": "a" * 32},
                   headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/customers/{customer.pk}/map/"})
    assert got.status_code == 204 and got["HX-Redirect"] == f"/customers/{customer.pk}/map/"
    page = rep.get(f"/customers/{customer.pk}/map/").content.decode()
    assert "dmn oppose inf5" in page and f'data-hang="/contacts/{head.pk}/hang/"' in page and "决策者" in page
    # A circle by dragging is said in words, the map stays.
    head.refresh_from_db()
    got = rep.post(f"/contacts/{head.pk}/hang/", {"to": middle.pk, "_version": head.version, "_once": "b" * 32}, headers={"HX-Request": "true"})
    assert got.status_code == 422 and "孙示例" in got.content.decode()
    # Somebody else was faster.
    got = rep.post(f"/contacts/{head.pk}/hang/", {"to": "", "_version": "0", "_once": "c" * 32}, headers={"HX-Request": "true"})
    assert got.status_code == 409
    form = rep.get(f"/contacts/{middle.pk}/part/").content.decode()
    assert f"/lookup/contact/?customer={customer.pk}" in form.replace("&amp;", "&")
    got = rep.post(f"/contacts/{middle.pk}/part/", {"attitude": "support", "influence": "9", "_once": "d" * 32})
    assert got.status_code == 422
    got = rep.post(f"/contacts/{middle.pk}/part/", {"attitude": "support", "influence": "3", "reports_to": head.pk, "_once": "e" * 32})
    assert got.status_code == 303
    middle.refresh_from_db()
    assert (middle.attitude, middle.influence, middle.reports_to_id) == ("support", 3, head.pk)


def test_who_may_not_edit_reads_the_map(three, sign_in, people):
    customer, (head, _middle, _worker) = three
    page = sign_in("finance").get(f"/customers/{customer.pk}/map/").content.decode()
    assert "钱示例" in page and "data-hang" not in page and "/part/" not in page
    assert sign_in("finance").post(f"/contacts/{head.pk}/hang/", {"to": "", "_once": "a" * 32}).status_code == 403
    assert sign_in("rep_south").get(f"/customers/{customer.pk}/map/").status_code == 404


def test_the_map_of_an_opportunity_marks_its_contact(make, three, sign_in):
    customer, (head, _middle, _worker) = three
    row = make.opportunity(customer, contact=head)
    page = sign_in("rep").get(f"/opportunities/{row.pk}/map/").content.decode()
    assert page.count(" mark\"") == 1 and "孙示例" in page


def test_the_map_asks_the_same_number_of_queries_for_many(make, by, django_assert_num_queries):
    customer = make.customer()
    boss = make.contact(customer)
    decisions.people(customer.pk, by)
    with django_assert_num_queries(2):
        decisions.people(customer.pk, by)
    for i in range(12):
        make.contact(customer, name=f"林示例{i}", reports_to=boss)
    with django_assert_num_queries(2):
        assert len(decisions.people(customer.pk, by)[0].below) == 12


# Elsewhere now


def test_who_works_elsewhere_keeps_the_history(make, sign_in, people, by):
    old, new = make.customer(), make.customer()
    row = make.contact(old, mobile="13900000001", wechat="lin-shili", email="lin@old.example")
    make.activity(old, contact=row, days=-1)
    with pytest.raises(Refused) as no:
        actions.change_contact(row, {"customer": new}, by=by, version=None)
    assert no.value.field == "customer" and no.value.items
    rep = sign_in("rep")
    got = rep.post(f"/contacts/{row.pk}/move/", {"to": new.pk, "job_title": "厂长", "_once": "a" * 32})
    made = Contact.objects.get(customer=new)
    assert got["Location"] == f"/contacts/{made.pk}/"
    row.refresh_from_db()
    assert (row.left, row.primary, made.primary, made.moved_from_id) == (True, False, True, row.pk)
    assert (made.mobile, made.wechat, made.email, made.job_title) == ("13900000001", "lin-shili", "", "厂长")
    assert old.name in rep.get(f"/contacts/{made.pk}/").content.decode()
    assert new.name in rep.get(f"/contacts/{row.pk}/").content.decode()
    assert "测试拜访" in rep.get(f"/customers/{old.pk}/").content.decode()
    again = rep.post(f"/contacts/{row.pk}/move/", {"to": new.pk, "_once": "b" * 32})
    assert again.status_code == 422
    theirs = make.customer(owner="rep_south")
    other = make.contact(old, name="吴示例")
    assert rep.post(f"/contacts/{other.pk}/move/", {"to": theirs.pk, "_once": "c" * 32}).status_code == 422


def test_an_untouched_contact_may_be_given_to_the_right_customer(make, by):
    wrong, right = make.customer(), make.customer()
    row = make.contact(wrong)
    actions.change_contact(row, {"customer": right}, by=by, version=None)
    assert row.customer_id == right.pk and row.primary


def test_a_used_contact_is_not_deleted(make, sign_in):
    row = make.contact()
    make.opportunity(row.customer, contact=row)
    got = sign_in("rep").post(f"/about/contacts/{row.pk}/delete/", {"_once": "a" * 32})
    assert got.status_code == 422 and Contact.objects.filter(pk=row.pk).exists()


def test_the_completeness_of_the_customer_follows_its_people(make, sign_in):
    row = make.contact(decision_role="decider")
    before = CustomerFacts.objects.get(customer=row.customer).completeness
    assert sign_in("rep").post(f"/about/contacts/{row.pk}/delete/", {"_once": "a" * 32}).status_code == 303
    assert CustomerFacts.objects.get(customer=row.customer).completeness < before


# Birthdays


@pytest.mark.parametrize(("values", "field"), [
    ({"lunar_month": 13, "lunar_day": 1}, "lunar_month"), ({"lunar_month": 1, "lunar_day": 31}, "lunar_day"),
    ({"lunar_month": 8}, "lunar_day"), ({"lunar_day": 8}, "lunar_month"), ({"lunar_leap": True}, "lunar_leap"),
    ({"birthday": clock.today() + timedelta(days=2)}, "birthday"), ({"phone": "12"}, "phone"),
])
def test_a_wrong_birthday_names_its_field(make, by, values, field):
    with pytest.raises(Refused) as no:
        actions.change_contact(make.contact(), values, by=by, version=None)
    assert no.value.field == field


def test_birthdays_that_are_rare_are_birthdays(make, by):
    from datetime import date

    row = make.contact()
    actions.change_contact(row, {"birthday": date(2000, 2, 29), "lunar_month": 2, "lunar_day": 30, "lunar_leap": True}, by=by, version=None)
    row.refresh_from_db()
    assert (row.birthday.day, row.lunar_day, row.lunar_leap) == (29, 30, True)
