"""Two saves of one firm at the same moment, and two merges of one pair: never two silent ones."""

from __future__ import annotations

import pytest

from zhike.base.refused import Conflict, Refused
from zhike.customers import actions
from zhike.customers.models import Contact, Customer, Merge
from zhike.records.visibility import owner_fields

from .test_concurrency import at_once

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]
SPELLINGS = ["苏州示例精工机械有限公司", "示例精工机械（苏州）有限公司", "苏州 示例精工机械有限责任公司", "江苏省苏州市示例精工机械有限公司"]


def test_one_firm_saved_by_many_at_once(people):
    """Six people, one firm in four spellings: one record, and everybody else is told by name."""
    rep = people["rep"]
    answers = at_once(6, lambda i: actions.create_customer(Customer(name=SPELLINGS[i % 4], **owner_fields(rep)), by=rep))
    made = [answer for answer in answers if isinstance(answer, Customer)]
    told = [answer for answer in answers if isinstance(answer, Refused) and answer.code == "duplicate"]
    assert (len(made), len(told)) == (1, 5), answers
    assert Customer.objects.filter(match_name="示例精工机械").count() == 1


def test_one_mobile_number_entered_by_many_at_once(make, people):
    rep, customer = people["rep"], make.customer("rep")
    answers = at_once(5, lambda i: actions.create_contact(
        Contact(customer=customer, name=f"林示例{i}", mobile="13900000099", **owner_fields(rep)), by=rep))
    assert Contact.objects.filter(mobile="13900000099").count() == 1, answers
    assert sum(isinstance(answer, Refused) for answer in answers) == 4, answers


def test_one_pair_merged_by_many_at_once(make, people):
    """Four merges of one pair, half of them the other way round: one wins, the others are told who was faster."""
    one, other = make.customer("rep", name="示例精工机械有限公司"), make.customer("rep", name="示例精工机械股份有限公司")
    for row in (one, other):
        make.contact(row, "rep", mobile="")
    boss = people["manager_east"]

    def work(i):
        kept, lost = (one, other) if i % 2 else (other, one)
        return actions.merge_rows(Customer.objects.get(pk=kept.pk), [Customer.objects.get(pk=lost.pk)], by=boss)

    answers = at_once(4, work)
    assert sum(isinstance(answer, Merge) for answer in answers) == 1, answers
    assert all(isinstance(answer, (Merge, Conflict, Customer.DoesNotExist)) for answer in answers), answers
    left = Customer.objects.filter(name__startswith="示例精工机械").get()
    assert Contact.objects.filter(customer=left).count() == 2 and Contact.objects.filter(customer=left, primary=True).count() == 1
