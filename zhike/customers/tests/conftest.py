"""A pool of the eastern sales department, as an administrator sets it up."""

from __future__ import annotations

import pytest

from zhike.customers import actions
from zhike.customers.models import Pool, PoolMember, PoolRule
from zhike.org.models import Department


@pytest.fixture
def make_pool(people):
    """`make_pool(rules=[("follow_up", 30, ["A"])], pick_mode="apply")`: enabled, kept by the eastern manager."""

    def made(name="华东公海", department="EAST", rules=(("follow_up", 30, []),), **values):
        admin = people["admin"]
        row = actions.create_pools([Pool(name=name, **values)], by=admin)[0]
        actions.set_members(row, PoolMember.ADMIN, users=[people["manager_east"]], by=admin)
        actions.set_members(row, PoolMember.MEMBER, departments=[Department.objects.get(code=department)], by=admin)
        actions.set_rules(row, [PoolRule(criterion=what, days=days, levels=levels) for what, days, levels in rules], by=admin)
        return actions.switch_pool(Pool.objects.get(pk=row.pk), enabled=True, by=admin)

    return made


@pytest.fixture
def in_pool(make, people):
    """`in_pool(pool, n)`: customers of "rep" that have been given back to it."""

    def given(pool, n=1, owner="rep", **values):
        rows = [make.customer(owner, **values) for _i in range(n)]
        actions.return_to_pool(rows, pool, reason="联系不上", by=people[owner])
        for row in rows:
            row.refresh_from_db()
        return rows

    return given
