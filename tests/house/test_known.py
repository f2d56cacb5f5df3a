"""What is known in memory is gone with the next request once the database says that the set-up changed, however it was written."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from zhike.customers.models import Pool, PoolMember
from zhike.opportunities.models import Criterion, Process, Stage
from zhike.ops.checks.database import rights_are_fresh
from zhike.ops.doctor import BROKEN, OK
from zhike.org import known
from zhike.org.access import access_of, forget_access
from zhike.org.backends import Colleagues
from zhike.org.models import Department, Role, RolePermission, Scope, User

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def as_asked(people, username):
    """The person as a request of theirs finds them."""
    return Colleagues().get_user(people[username].pk)


def plain(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_a_right_taken_away_is_gone_with_the_next_request(people, sign_in):
    rep = sign_in("rep")
    assert rep.get("/customers/").status_code == 200 == rep.get("/customers/").status_code
    # As nobody should do it: past every model, signal and action.
    plain("DELETE FROM org_rolepermission WHERE kind = 'customer' AND role_id IN (SELECT role_id FROM org_user_roles WHERE user_id = %s)", people["rep"].pk)
    assert rep.get("/customers/").status_code in (403, 404)


def test_known_rights_ask_nothing(people, django_assert_num_queries):
    rep = people["rep"]
    access_of(as_asked(people, "rep"))
    with django_assert_num_queries(1):  # the person, and with them the mark
        access = access_of(Colleagues().get_user(rep.pk))
    assert access.may("customer", "view") and access.user == rep
    forget_access(access.user)
    assert getattr(access.user, "set_up_mark", None) is None  # who forgets reads from the tables


@pytest.mark.parametrize("change", [
    lambda p: Role.objects.filter(code="X").update(name_zh="另一个"),
    lambda p: Role.objects.get(code="X").delete(),
    lambda p: RolePermission.objects.create(role=Role.objects.get(code="X"), kind="customer", action="view"),
    lambda p: RolePermission.objects.bulk_create([RolePermission(role=Role.objects.get(code="X"), kind="task", action="view")]),
    lambda p: Scope.objects.filter(role__code="X").update(level="all"),
    lambda p: Scope.objects.get(role__code="X").departments.add(Department.objects.get(code="EAST")),
    lambda p: p["rep"].roles.add(Role.objects.get(code="X")),
    lambda p: p["rep"].roles.clear(),
    lambda p: User.objects.filter(username="rep").update(department=Department.objects.get(code="DESK")),
    lambda p: User.objects.filter(username="rep").update(manager=p["gm"]),
    lambda p: User.objects.filter(username="rep").update(is_active=False),
    lambda p: User.objects.create_user("new_one", name="新人", manager=p["rep"]),
    lambda p: Department.objects.create(name="新部门", code="NEW", parent=Department.objects.get(code="EAST")),
    lambda p: Department.objects.filter(code="EAST").update(path="/1/99/"),
    lambda p: PoolMember.objects.create(pool=Pool.objects.get(name="公海"), user=p["rep"], part="member"),
    lambda p: Pool.objects.filter(name="公海").update(enabled=False),
    lambda p: Process.objects.update(name_zh="另一个"),
    lambda p: Stage.objects.order_by("pk")[:1].get().criteria.create(code="more", name_zh="再一项", name_en="One more", kind="tick"),
    lambda p: Criterion.objects.update(required=False),
])
def test_each_change_gives_another_mark(people, change):
    role = Role.objects.create(code="X", name_zh="某", name_en="Some")
    Scope.objects.create(role=role, kind="customer", level="self", edit_level="self")
    Pool.objects.create(name="公海", enabled=True)
    assert Process.objects.exists() and Criterion.objects.exists()
    before = known.current_mark()
    assert before
    change(people)
    assert known.current_mark() not in (None, before)


def test_what_changes_nothing_about_rights_leaves_the_mark(people):
    before = known.current_mark()
    person = people["rep"]
    person.theme, person.preferences = "dark", {"x": 1}
    person.save()  # every column is written, none that counts is another
    assert known.current_mark() == before


def test_what_was_read_of_a_transaction_taken_back_is_not_kept(people):
    mine, said = known.Known[str](most=2), ["first"]
    person = as_asked(people, "rep")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Role.objects.create(code="Y", name_zh="某", name_en="Some")
        assert mine.get(person, "a", lambda: "never to be") == "never to be"
        1 / 0  # noqa: B018
    assert mine.get(as_asked(people, "rep"), "a", lambda: said[0]) == "first"
    said[0] = "second"
    assert mine.get(as_asked(people, "rep"), "a", lambda: said[0]) == "first"  # known
    assert mine.get(people["rep"], "a", lambda: said[0]) == "second"  # who came without a mark
    assert [mine.get(as_asked(people, "rep"), key, key.upper) for key in "bca"] == ["B", "C", "A"]  # two at most, the oldest is gone
    assert len(mine._kept) == 2


def test_triggers_that_are_missing_come_back(people):
    name = "org_rolepermission_set_up_delete" if connection.vendor == "sqlite" else "org_rolepermission_set_up ON org_rolepermission"
    plain(f"DROP TRIGGER {name}")
    assert known.silent_tables() == ["org_rolepermission"]
    [said] = rights_are_fresh(None)
    assert said.state == BROKEN and "org_rolepermission" in said.text
    known.put_triggers()
    assert known.silent_tables() == [] and [said.state for said in rights_are_fresh(None)] == [OK]
    before = known.current_mark()
    RolePermission.objects.all()._raw_delete("default")
    assert known.current_mark() != before
