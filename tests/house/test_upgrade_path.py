"""A new house makes its tables in one step; a house of any former day finds its way to the same tables."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

pytestmark = pytest.mark.long


def former(chance):
    """The single steps in an order in which a house may have gone them, without those that stand for several."""
    class Steps(MigrationLoader):
        def load_disk(self):
            super().load_disk()
            self.disk_migrations = {key: found for key, found in self.disk_migrations.items() if not found.replaces}

    graph = Steps(None).graph
    plan = []
    while ready := sorted(key for key in graph.nodes if key not in plan and {one.key for one in graph.node_map[key].parents} <= set(plan)):
        plan.append(chance.choice(ready))
    assert len(plan) == len(graph.nodes)
    return plan


@pytest.fixture
def remembered(monkeypatch):
    """`remembered(steps)` gives the loader of a house that went these steps."""

    def of(steps):
        from django.db.migrations import loader

        class Recorder:
            def __init__(self, _connection):
                pass

            def applied_migrations(self):
                return dict.fromkeys(steps)

        with monkeypatch.context() as patched:
            patched.setattr(loader, "MigrationRecorder", Recorder)
            return MigrationLoader(connection)

    return of


@pytest.mark.parametrize("seed", range(6))
def test_a_house_of_any_day_finds_its_way(remembered, seed):
    steps = former(random.Random(seed))
    for n in range(len(steps) + 1):
        found = remembered(steps[:n])
        plan = []
        for leaf in found.graph.leaf_nodes():
            plan += [key for key in found.graph.forwards_plan(leaf) if key not in plan]
        gone = {key for key in plan if key in found.applied_migrations}
        went = {old for key in gone for old in (found.disk_migrations[key].replaces or [key])}
        assert went == set(steps[:n]), n
        left = {old for key in plan if key not in gone for old in (found.disk_migrations[key].replaces or [key])}
        assert left == set(steps[n:]), n


def test_a_new_house_goes_one_step_for_each_part(remembered):
    found = remembered([])
    steps = [key for leaf in found.graph.leaf_nodes() for key in found.graph.forwards_plan(leaf)]
    assert not [key for key in steps if key[0] != "contenttypes" and any(key in other.replaces for other in found.disk_migrations.values())]
