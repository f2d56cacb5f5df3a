"""Two people at one customer of a pool: one gets it, the other is told who was faster."""

from __future__ import annotations

import pytest

from zhike.base.refused import Refused
from zhike.customers import actions
from zhike.customers.models import Customer, HoldingLimit, Pool, PoolMember, PoolMove, PoolRule
from zhike.org.models import Department, User

from .test_concurrency import at_once

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def pool(people):
    admin = people["admin"]
    row = actions.create_pools([Pool(name="并发公海", pick_limit=2)], by=admin)[0]
    actions.set_members(row, PoolMember.ADMIN, users=[people["manager_east"]], by=admin)
    actions.set_members(row, PoolMember.MEMBER, departments=[Department.objects.get(code="EAST")], by=admin)
    actions.set_rules(row, [PoolRule(criterion="follow_up", days=30)], by=admin)
    return actions.switch_pool(row, enabled=True, by=admin)


def given(make, people, pool, n):
    rows = [make.customer("rep") for _i in range(n)]
    actions.return_to_pool(rows, pool, reason="x", by=people["rep"])
    return rows


def pick(pool, row, username):
    return actions.pick_customers(Pool.objects.get(pk=pool.pk), [row.pk], by=User.objects.select_related("department").get(username=username))


def test_one_customer_goes_to_one_of_many(make, people, pool):
    row = given(make, people, pool, 1)[0]
    reps = ("rep_east2", "rep_east3", "rep_east4", "rep_east2")
    found = at_once(4, lambda i: pick(pool, row, reps[i]))
    won = [result for result in found if isinstance(result, list)]
    lost = [result for result in found if isinstance(result, Refused)]
    assert len(won) == 1 and len(lost) == 3, found
    owner = Customer.objects.get(pk=row.pk).owner
    assert {no.code for no in lost} == {"taken"} and all(str(owner) in str(no) for no in lost)
    assert PoolMove.objects.filter(customer=row, way="pick").count() == 1


def test_the_pick_limit_and_the_customer_limit_hold_when_one_person_clicks_in_many_windows(make, people, pool):
    rows = given(make, people, pool, 4)
    found = at_once(4, lambda i: pick(pool, rows[i], "rep_east2"))
    assert sum(isinstance(result, list) for result in found) == 2 == Customer.objects.filter(owner=people["rep_east2"]).count(), found
    actions.set_limits([HoldingLimit(user=people["rep_east3"], most_owned=1)], by=people["admin"])
    left = list(Customer.objects.filter(pool=pool))
    found = at_once(2, lambda i: pick(pool, left[i], "rep_east3"))
    assert Customer.objects.filter(owner=people["rep_east3"]).count() == 1, found
