"""R14: a post changes the form's own fields and nothing else, whatever else it carries."""

from __future__ import annotations

import pytest
from django.db import models

from zhike.base import clock
from zhike.org.models import User
from zhike.records import registry
from zhike.records.models import TeamGrant

KINDS = ("customer", "contact", "opportunity", "activity", "task", "product")
# What follows from a change by rule, not by the post.
FOLLOWS = {"version", "updated_at", "updated_by", "sort_name", "pinyin_abbr", "match_name", "weighted_amount", "sign_key", "former_names"}


def poison(model, rows):
    """A value for every column and some that people try."""
    found = {"is_admin": "1", "is_staff": "1", "is_superuser": "1", "roles": "1", "password": "x", "id": "999", "pk": "999", "KIND": "user",
             "owner_id": "1", "user": "1", "_state": "x", "custom": '{"a": 1}', "tags": "x", "team": "1"}
    for column in model._meta.concrete_fields:
        if isinstance(column, models.ForeignKey):
            found[column.name] = found[column.attname] = str(column.related_model._default_manager.order_by("-pk").values_list("pk", flat=True).first())
        elif isinstance(column, models.BooleanField):
            found[column.name] = "on"
        elif isinstance(column, models.DateTimeField):
            found[column.name] = "2001-01-01T00:00"
        elif isinstance(column, models.DateField):
            found[column.name] = "2001-01-01"
        elif column.choices:
            found[column.name] = str(list(column.flatchoices)[-1][0])
        elif isinstance(column, (models.CharField, models.TextField)):
            found[column.name] = "POISON"
        else:
            found[column.name] = "77"
    return found


def good(kind, rows):
    """The least a valid form of the kind holds."""
    customer = str(rows["customer"][0].pk)
    return {
        "customer": {"name": "示例新客户机械", "kind": "company"},
        "contact": {"name": "林新", "customer": customer, "attitude": "unknown"},
        "opportunity": {"name": "新商机", "customer": customer, "type": "new_project", "amount": "5.00"},
        "activity": {"subject": "新拜访", "type": "visit", "customer": customer, "at": "2999-01-01T09:00"},
        "task": {"title": "新任务", "owner": str(rows["customer"][0].owner_id), "due_at": "2999-01-01T09:00", "priority": "normal"},
        "product": {"code": "NEW-1", "name": "新车床", "unit": "台"},
    }[kind]


def stored(kind, pk):
    return registry.kind(kind).model.objects.filter(pk=pk).values(*[f.attname for f in registry.kind(kind).model._meta.concrete_fields]).get()


def people_rows():
    return list(User.objects.order_by("pk").values("pk", "is_admin", "is_active", "password", "version", "department")), TeamGrant.objects.count()


@pytest.mark.parametrize("kind", KINDS)
def test_new_records(kind, rows, sign_in, once, people):
    declared = registry.kind(kind)
    username = "admin" if kind == "product" else "rep"
    own = set(declared.create) | set(declared.more)
    plain, poisoned = sign_in(username), sign_in(username)
    before = people_rows()
    clean = good(kind, rows)
    got = plain.post(f"{declared.list_url()}new/", {"_once": once(), **clean})
    assert got.status_code == 303, got.content.decode()[-2000:]
    first = declared.model.objects.order_by("-pk").first()
    bad = {key: value for key, value in poison(declared.model, rows).items() if key not in own}
    unique = {"code": "NEW-2"} if kind == "product" else {"name": clean["name"] + "二"} if kind == "customer" else {}
    got = poisoned.post(f"{declared.list_url()}new/", {**bad, "_once": once(), **clean, **unique})
    assert got.status_code == 303
    second = declared.model.objects.order_by("-pk").first()
    assert second.pk != first.pk
    differs = {name for name, value in stored(kind, first.pk).items() if value != stored(kind, second.pk)[name]}
    assert differs <= {"id", "code", "created_at", "updated_at", "stage_started_at", "primary", "lifecycle", *unique, "sort_name", "pinyin_abbr", "match_name", "at"}
    assert people_rows() == before
    assert "POISON" not in str(stored(kind, second.pk))


@pytest.mark.parametrize("kind", KINDS)
def test_edits(kind, rows, sign_in, once):
    declared, row = registry.kind(kind), rows[kind][0]
    username = "admin" if kind == "product" else "rep"
    client, url = sign_in(username), f"{declared.url(row)}edit/"
    page = client.get(url)
    own = {name for section in declared.sections for name in section.fields
           if not declared.attr(name).readonly} - {"primary"}
    bad = {key: value for key, value in poison(declared.model, rows).items() if key not in own}
    before, others = stored(kind, row.pk), people_rows()
    data = {}
    for name in own:  # the form as it stands
        value = declared.attr(name).value(row)
        if isinstance(value, models.Model):
            value = value.pk
        if value not in (None, "", False):
            data[name] = clock.local(value).strftime("%Y-%m-%dT%H:%M:%S") if hasattr(value, "hour") else str(value)
    assert page.status_code == 200
    got = client.post(url, {**bad, **data, "_once": once(), "_version": str(row.version)})
    assert got.status_code == 303, got.content.decode()[-3000:]
    after = stored(kind, row.pk)
    changed = {name.removesuffix("_id") for name in before if before[name] != after[name]} - FOLLOWS - own
    assert not changed
    assert "POISON" not in str(after)
    assert people_rows() == others


def test_links_go_only_to_what_one_sees(rows, sign_in, once):
    """Ids of foreign parents are refused like ids that do not exist, in every form that takes a link."""
    foreign = rows["customer"][3]  # the desk's
    client = sign_in("rep")
    mine, opportunity = rows["customer"][0], rows["opportunity"][3]
    forms = [
        ("/contacts/new/", {"name": "林新"}, "customer", foreign.pk), ("/customers/new/", {"name": "示例新客户乙"}, "parent", foreign.pk),
        ("/opportunities/new/", {"name": "x商机", "type": "new_project", "amount": "1"}, "customer", foreign.pk),
        ("/activities/new/", {"subject": "x", "type": "visit", "customer": str(mine.pk), "at": "2999-01-01T09:00"}, "opportunity", opportunity.pk),
        ("/tasks/new/", {"title": "x", "owner": str(mine.owner_id), "due_at": "2999-01-01T09:00", "priority": "normal"}, "customer", foreign.pk),
    ]
    for url, data, name, pk in forms:
        answers = []
        for value in (pk, 987654321):
            got = client.post(url, {**data, name: str(value), "_once": once()})
            assert got.status_code == 422, (url, name, got.status_code)
            answers.append(got.content.decode().count(str(foreign.name)))
        assert answers == [0, 0]
    for url, data in ((f"/customers/{mine.pk}/log/", {"type": "phone", "content": "x", "contact": rows["contact"][3].pk}),
                      (f"/customers/{mine.pk}/log/", {"type": "phone", "content": "x", "opportunity": opportunity.pk})):
        assert client.post(url, {**data, "_once": once()}).status_code == 422


def test_hidden_fields_of_a_role_cannot_be_written(rows, sign_in, once):
    from decimal import Decimal

    from zhike.products.models import Product

    row = rows["product"][0]
    Product.objects.filter(pk=row.pk).update(standard_cost=Decimal("500.00"))
    from zhike.org.models import FieldRule, Role, RolePermission

    RolePermission.objects.create(role=Role.objects.get(code="SR"), kind="product", action="edit")
    assert FieldRule.objects.filter(role__code="SR", field="standard_cost").exists()
    client = sign_in("rep")
    page = client.get(f"/products/{row.pk}/edit/")
    assert page.status_code == 200 and "standard_cost" not in page.content.decode()
    got = client.post(f"/products/{row.pk}/edit/", {"_once": once(), "_version": str(row.version), "name": "改名", "code": row.code,
                                                    "unit": "台", "standard_cost": "1"})
    assert got.status_code == 303
    row.refresh_from_db()
    assert row.name == "改名" and row.standard_cost == Decimal("500.00")


def test_a_forgotten_fence_is_found(rows, sign_in, once, monkeypatch, people):
    """A form over every column of the table turns these tests red."""
    from zhike.records.kinds import Kind

    def everything(self, names, access):
        return [self.attr(field.name) for field in self.model._meta.concrete_fields
                if field.name in {*names, "remark", "owner", "erp_code", "name_en"}]

    monkeypatch.setattr(Kind, "writable", everything)
    with pytest.raises(AssertionError):
        test_new_records("customer", rows, sign_in, once, people)
