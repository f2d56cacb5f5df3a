"""Conversion rates over very many moves are kept for some minutes; a person's rights are not."""

import pytest
from django.core.cache import cache

from zhike.analytics import funnel
from zhike.opportunities.actions import move_stage
from zhike.opportunities.models import Criterion, Stage
from zhike.org.models import Scope


@pytest.fixture
def moved(make, people):
    cache.clear()
    row = make.opportunity()
    following = Stage.objects.get(process=row.process, order=row.stage.order + 1)
    Criterion.objects.update(required=False)
    move_stage(row, following, by=people["rep"])
    yield row
    cache.clear()


def _left(user):
    return [layer.onward for layer in funnel.funnel(user, "count", {}).layers if layer.onward is not None]


def test_few_moves_are_counted_at_once(make, people, moved):
    assert len(_left(people["rep"])) == 1
    further = Stage.objects.get(process=moved.process, order=moved.stage.order + 2)
    moved.refresh_from_db()
    move_stage(moved, further, by=people["admin"], reason="跳过")
    assert len(_left(people["rep"])) == 2


def test_many_moves_are_kept_for_the_same_rights_alone(make, people, moved, monkeypatch):
    monkeypatch.setattr(funnel, "MANY", 0)
    assert len(_left(people["manager_east"])) == 1
    Scope.objects.filter(role__users=people["manager_east"], kind="opportunity").update(level="self")
    assert _left(people["manager_east"]) == []
