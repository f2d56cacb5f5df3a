"""The administrators' pages ask the same number of queries for few people and for many; and a post carries no more than its form."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhike.org.models import Department, Role, User

pytestmark = pytest.mark.django_db
MOST = 40


def counted(client, addresses):
    found = {}
    for name, address in addresses.items():
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200, name
        found[name] = len(asked)
    return found


def test_people_do_not_cost_queries(sign_in, make, people):
    role, east = Role.objects.get(code="SR"), Department.objects.get(code="EAST")
    make.customer("rep")
    addresses = {
        "users": reverse("user-list"), "user": reverse("user-detail", args=[people["rep"].pk]), "user, edit": reverse("user-edit", args=[people["rep"].pk]),
        "user, sees": reverse("user-sees", args=[people["rep"].pk]), "departments": reverse("department-list"),
        "department": reverse("department-detail", args=[east.pk]), "roles": reverse("role-list"), "role": reverse("role-detail", args=[role.pk]),
        "role, people": reverse("role-tab", args=[role.pk, "people"]), "role, rights": reverse("role-rights", args=[role.pk]),
        "account": reverse("account"),
    }
    client = sign_in("admin")
    few = counted(client, addresses)
    more = User.objects.bulk_create(User(username=f"more{i}", name=f"多{i}", password="!", department=east) for i in range(40))
    for user in more:
        user.roles.set([role, Role.objects.get(code="SM")])
    for i in range(12):
        Department.objects.create(code=f"M{i}", name=f"小组{i}", parent=east, manager=more[i])
        Role.objects.create(code=f"R{i}", name_zh=f"角色{i}", name_en=f"role {i}", order=50 + i)
    many = counted(client, addresses)
    assert few == many
    assert max(many.values()) <= MOST, many


def test_a_post_changes_what_its_form_holds(sign_in, once, people):
    """Fields of the table that the form does not offer stay as they are, whatever is posted."""
    user = people["rep"]
    before = User.objects.filter(pk=user.pk).values().get()
    poison = {"is_active": "", "password": "x", "last_login": "2001-01-01", "id": "1", "pk": "1", "version": "77", "theme": "dark",
              "preferences": '{"a": 1}', "password_asked_at": "2001-01-01", "created_at": "2001-01-01", "role_names": "x", "is_superuser": "1"}
    form = {"name": user.name, "username": user.username, "language": user.language, "department": user.department_id, "manager": user.manager_id,
            "job_title": user.job_title, "employee_no": user.employee_no, "email": user.email, "mobile": user.mobile, "roles": ["SR"]}
    got = sign_in("admin").post(reverse("user-edit", args=[user.pk]), {**poison, **form, "_once": once(), "_version": user.version})
    assert got.status_code == 303
    assert User.objects.filter(pk=user.pk).values().get() == before
    role = Role.objects.get(code="SR")
    stored = Role.objects.filter(pk=role.pk).values().get()
    got = sign_in("admin").post(reverse("role-edit", args=[role.pk]), {
        "_once": once(), "_version": role.version, "name_zh": role.name_zh, "name_en": role.name_en, "code": role.code, "order": role.order,
        "permissions": "1", "users": "1", "version": "9", "id": "5",
    })
    assert got.status_code == 303 and Role.objects.filter(pk=role.pk).values().get() == stored
