"""Who can see a record and why: the same people as every other reading of the rights, with true reasons."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhike.base import clock
from zhike.org.access import access_of
from zhike.org.many import resolve_many
from zhike.org.models import Department, Role, RolePermission, Scope, User
from zhike.people.views.insight import FIRST
from zhike.records import explain, history, registry, teams
from zhike.records.models import TeamGrant

from . import oracle
from .test_matrix import ROLES

pytestmark = pytest.mark.long

OWNED = ("customer", "contact", "opportunity", "activity", "task")


@pytest.fixture
def mixed(rows, people):
    """Teams on rows and on what they hang on, some of them over; a scope over chosen departments; subordinates."""
    customer, opportunity = rows["customer"][0], rows["opportunity"][1]
    teams.share_row(customer, [people["rep_south"]], by=people["rep"])
    teams.share_row(customer, [people["rep_west"]], by=people["rep"], expires_at=clock.now() - timedelta(seconds=1))
    teams.share_row(opportunity, [people["engineer"], people["rep_west"]], level=TeamGrant.WRITE, by=people["rep"])
    role = Role.objects.create(code="MIX", name_zh="混合", name_en="mixed", order=99)
    RolePermission.objects.bulk_create(RolePermission(role=role, kind=kind, action=action) for kind in OWNED for action in ("view", "edit"))
    for kind in OWNED:
        scope = Scope.objects.create(role=role, kind=kind, level="chosen", edit_level="subordinates")
        scope.departments.set(Department.objects.filter(code__in=("SOUTH", "DESK")))
    people["warehouse"].roles.add(role)
    people["dispatcher"].roles.add(role)
    people["rep_west3"].roles.clear()
    User.objects.filter(username="rep_east4").update(is_active=False)
    return rows


def test_the_answer_is_that_of_the_lists(mixed):
    checked = 0
    for kind in OWNED:
        for row in mixed[kind]:
            told = {seer.user.pk: seer for seer in explain.who_sees(row)}
            model = registry.kind(kind).model.objects
            seen = {user.pk for user in User.objects.all() if model.visible_to(user).filter(pk=row.pk).exists()}
            may = {user.pk for user in User.objects.all() if model.editable_by(user).filter(pk=row.pk).exists()}
            assert set(told) == seen and {pk for pk, seer in told.items() if seer.changes} == may & seen, (kind, row)
            assert all(seer.reasons for seer in told.values())
            checked += len(seen)
    assert checked > 150


def test_the_answer_is_that_of_the_written_tables(rows):
    users = list(User.objects.filter(username__in=ROLES))
    for kind in OWNED:
        for row in rows[kind]:
            told = {seer.user.username for seer in explain.who_sees(row, users)}
            assert told == {name for name in ROLES if oracle.sees(name, row)}, (kind, row)


def test_many_rights_are_those_of_one(people, mixed):
    users = list(User.objects.all())
    many = resolve_many(users)
    for user in User.objects.all():
        one, other = access_of(user), many[user.pk]
        assert (one.permissions, one.view, one.edit, one.fields) == (other.permissions, other.view, other.edit, other.fields), user
        assert one.may("customer", "view") == other.may("customer", "view")


def why(row, user):
    return {reason.why for seer in explain.who_sees(row, [user]) for reason in seer.reasons}


def test_the_reasons_are_true(mixed, people):
    customer, contact = mixed["customer"][0], mixed["contact"][0]
    foreign = mixed["contact"][-1]  # rep_south's contact of rep's customer
    assert why(customer, people["admin"]) == {"admin"}
    assert why(customer, people["rep"]) == {"owner"}
    assert why(customer, people["rep_south"]) == {"team"}
    assert why(customer, people["rep_west"]) == set()
    assert why(customer, people["manager_east"]) == why(customer, people["gm"]) == {"role"}
    assert why(contact, people["rep_south"]) == {"team"}
    assert why(foreign, people["rep"]) == {"owner"} and why(foreign, people["rep_south"]) >= {"owner"}
    seer = explain.who_sees(foreign, [people["rep"]])[0]
    assert seer.reasons[0].parent == customer and not seer.changes
    assert why(mixed["customer"][3], people["dispatcher"]) == {"role"}


def test_few_queries_for_many_people(rows, people):
    row = rows["contact"][0]

    def asked():
        with CaptureQueriesContext(connection) as found:
            explain.who_sees(row)
        return len(found)

    before = asked()
    User.objects.bulk_create(User(username=f"more{i}", name=f"多{i}", password="!") for i in range(300))
    for user in User.objects.filter(username__startswith="more"):
        user.roles.set(Role.objects.filter(code="SR"))
    assert asked() <= before + 2 * (300 // explain.AT_ONCE + 1) and before <= 16


def test_a_planted_difference_is_found(mixed, monkeypatch):
    real = explain._asked

    def forgets(*args, **more):
        return {pk: names for pk, names in real(*args, **more).items() if names != ["team"]}

    monkeypatch.setattr(explain, "_asked", forgets)
    with pytest.raises(AssertionError):
        test_the_answer_is_that_of_the_lists(mixed)


@pytest.mark.parametrize("kind", OWNED)
def test_the_page_is_for_those_who_see_the_record(kind, mixed, sign_in):
    for username in ROLES:
        client = sign_in(username)
        for row in mixed[kind][:2]:
            sees = registry.kind(kind).model.objects.visible_to(User.objects.get(username=username)).filter(pk=row.pk).exists()
            got = client.get(reverse("who-sees", args=[kind, row.pk]))
            assert got.status_code == (200 if sees else 404), (username, row)
    for wrong in ("product", "user", "nonsense"):
        assert sign_in("admin").get(reverse("who-sees", args=[wrong, 1])).status_code == 404


def test_the_page_says_it_in_words(mixed, sign_in, people):
    row = mixed["customer"][0]
    text = sign_in("rep_south").get(reverse("who-sees", args=["customer", row.pk]), headers={"HX-Request": "true"}).content.decode()
    for name in ("rep", "manager_east", "gm", "admin"):
        assert people[name].name in text
    assert people["rep_west"].name not in text
    assert "who-sees" in sign_in("rep").get(registry.kind("customer").url(row)).content.decode()


def test_what_a_person_would_see_is_what_they_see(mixed, sign_in, people):
    admin = sign_in("admin")
    for username in ("rep", "manager_east", "warehouse", "finance"):
        user = people[username]
        text = admin.get(reverse("user-sees", args=[user.pk])).content.decode()
        for kind in OWNED:
            declared = registry.kind(kind)
            rows = declared.model.objects.visible_to(people[username])
            links = set(re.findall(rf'href="{declared.list_url()}(\d+)/"', text))
            first = {str(pk) for pk in rows.order_by("-pk").values_list("pk", flat=True)[:FIRST]}
            assert links == (first if access_of(user).may(kind, "view") else set()), (username, kind)
        line = history.of(user).first()
        assert line.action == "looked" and line.by == people["admin"]
    assert people["admin"].name in admin.get("/").content.decode()  # one stays oneself


def test_only_administrators_look(mixed, sign_in, people):
    role = Role.objects.create(code="KEEP", name_zh="账号管理", name_en="account keeper", order=90)
    RolePermission.objects.bulk_create(RolePermission(role=role, kind="user", action=action) for action in ("view", "edit"))
    people["manager_east"].roles.add(role)
    before = history.of(people["gm"]).count()
    assert sign_in("manager_east").get(reverse("user-sees", args=[people["gm"].pk])).status_code == 403
    assert sign_in("rep").get(reverse("user-sees", args=[people["gm"].pk])).status_code == 403
    assert history.of(people["gm"]).count() == before
