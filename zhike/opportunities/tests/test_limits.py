"""What the table refuses is told at its field, and a program that wants nothing back learns the version it left."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection, transaction

from zhike.base.refused import Refused
from zhike.opportunities.models import Criterion, Opportunity
from zhike.opportunities.processes import course_of
from zhike.records import checks, numbering

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.mark.parametrize(("field", "value"), [("win_rate", Decimal(2)), ("amount", Decimal(-1))])
def test_a_check_names_its_field_without_a_savepoint(make, field, value):
    row = make.opportunity(customer=make.customer(owner="rep"), owner="rep")
    with pytest.raises(Refused) as no, transaction.atomic():
        checks.within_limits(row, lambda: Opportunity.objects.filter(pk=row.pk).update(**{field: value}))
    assert no.value.field == field and no.value.code == "invalid"


def test_a_size_names_its_field_too(make):
    row = make.opportunity(customer=make.customer(owner="rep"), owner="rep")

    def by_hand():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE opportunities_opportunity SET budget = %s WHERE id = %s", [10**16, row.pk])

    with pytest.raises(Refused) as no, transaction.atomic():
        checks.within_limits(row, by_hand)
    assert no.value.field == "budget"


def test_a_number_somebody_writes_meanwhile_is_told(make, monkeypatch):
    taken = make.opportunity(customer=make.customer(owner="rep"), owner="rep")
    monkeypatch.setattr(numbering, "issue", lambda kind, count, **more: [taken.code] * count)
    with pytest.raises(Refused) as no, transaction.atomic():
        make.opportunity(customer=taken.customer, owner="rep")
    assert no.value.field == "code" and no.value.code == "number.taken"


def test_the_version_told_is_the_one_stored(make, people, sign_in):
    from zhike.org.tokens import create_token

    row = make.opportunity(customer=make.customer(owner="rep"), owner="rep")
    Criterion.objects.update(required=False)
    token = create_token(people["rep"], scope="write")
    client = sign_in("rep")
    second = course_of(row.process_id, by=people["rep"]).stages[1]
    answer = client.post(f"/api/v1/opportunities/{row.pk}/move", {"to": second.pk, "reason": "试"}, "application/json",
                         HTTP_AUTHORIZATION=f"Bearer {token}", HTTP_PREFER="return=minimal")
    assert answer.status_code == 204, answer.content
    row.refresh_from_db()
    assert answer["ETag"] == f'"{row.version}"' and row.stage_id == second.pk
