"""Rights add up: the widest scope, any permission, and the mildest field rule of the roles that show the kind."""

from __future__ import annotations

import pytest

from zhike.org.access import access_of
from zhike.org.models import Department, FieldRule, Role, RolePermission, Scope, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def role(people):
    def make(code, level="self", edit="self", actions="view", kind="customer", **rules):
        made = Role.objects.create(code=code, name_zh=code, name_en=code)
        Scope.objects.create(role=made, kind=kind, level=level, edit_level=edit)
        RolePermission.objects.bulk_create(RolePermission(role=made, kind=kind, action=action) for action in actions.split())
        FieldRule.objects.bulk_create(FieldRule(role=made, kind=kind, field=field, mode=mode) for field, mode in rules.items())
        return made

    return make


def given(people, *roles, username="rep"):
    people[username].roles.set(roles)
    return access_of(people[username])


def test_scopes_add_up(people, role):
    own, below = role("OWN"), role("BELOW", "below", "department", "view edit")
    assert given(people, own).reach("customer").departments == frozenset()
    both = given(people, own, below, username="sales_head")
    assert both.may("customer", "edit") and not both.may("customer", "delete")
    east = Department.objects.get(code="EAST").pk
    assert east in both.reach("customer").departments and east not in both.reach("customer", edit=True).departments


def test_the_mildest_rule_of_roles_that_show_the_kind_binds(people, role):
    hide, mask, none = role("HIDE", phone="hide"), role("MASK", phone="mask"), role("OPEN")
    elsewhere = role("ELSE", kind="task")
    assert given(people, hide).field_mode("customer", "phone") == "hide"
    assert given(people, hide, mask).field_mode("customer", "phone") == "mask"
    assert given(people, hide, none).field_mode("customer", "phone") == ""
    assert given(people, hide, elsewhere).field_mode("customer", "phone") == "hide"


def test_subordinates_and_chosen_departments(people, role):
    reach = given(people, role("SUB", "subordinates"), username="sales_head").reach("customer")
    assert {people["manager_east"].pk, people["rep"].pk} <= reach.owners and people["desk"].pk not in reach.owners
    User.objects.filter(username="gm").update(manager=people["rep"])  # a circle of managers ends
    assert given(people, Role.objects.get(code="SUB"), username="gm").reach("customer").owners
    chosen = role("CHOSEN", "chosen")
    chosen.scopes.get().departments.add(Department.objects.get(code="DESK"))
    assert given(people, chosen).reach("customer").departments == {Department.objects.get(code="DESK").pk}


def test_without_roles_nothing(people):
    access = given(people)
    assert not access.may("customer", "view") and not access.permissions


def test_a_moved_department_takes_its_tree_along(people):
    east, tech = Department.objects.get(code="EAST"), Department.objects.get(code="TECH")
    inner = Department.objects.create(code="EAST1", name="苏州组", parent=east)
    east.parent = tech
    east.save()
    inner.refresh_from_db()
    assert inner.path.startswith(Department.objects.get(pk=tech.pk).path)
    assert inner in Department.objects.get(code="TECH").with_below() and inner not in Department.objects.get(code="SALES").with_below()


def test_seeding_leaves_what_an_administrator_changed(people):
    from zhike.org.roles import seed_roles

    RolePermission.objects.filter(role__code="SR", kind="customer", action="add").delete()
    before = RolePermission.objects.count()
    seed_roles()
    assert RolePermission.objects.count() == before
