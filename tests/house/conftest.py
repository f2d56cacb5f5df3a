"""Rows of several owners that the house tests look at; made once a module, every test rolled back to them."""

from __future__ import annotations

import pytest
from django.db import transaction

from zhike.records import registry

from . import oracle

OWNERS = ("rep", "rep_south", "manager_east", "desk")
KINDS = ("campaign", "lead", "customer", "contact", "opportunity", "activity", "task", "worklog", "discussion_group", "product")


@pytest.fixture(scope="module")
def module_rows(django_db_setup, django_db_blocker):
    """Keep what a module makes in an open transaction; the tests inside it are savepoints."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_rows(make):
    """kind → ids of rows of several owners; children of another's customer are among them."""
    found = {kind: [] for kind in KINDS}
    for owner in OWNERS:
        customer = make.customer(owner)
        found["customer"].append(customer)
        found["campaign"].append(make.campaign(owner))
        found["lead"].append(make.lead(owner, campaign=found["campaign"][0]))
        found["contact"].append(make.contact(customer, owner))
        found["opportunity"].append(make.opportunity(customer, owner))
        found["activity"].append(make.activity(customer, owner))
        found["task"].append(make.task("sales_head", owner, customer=customer))
        found["worklog"].append(make.worklog(owner))
        found["discussion_group"].append(make.discussion_group(owner))
    found["contact"].append(make.contact(found["customer"][0], "rep_south", name="跨区联系人"))
    found["opportunity"].append(make.opportunity(found["customer"][1], "rep_east2", name="跨区商机"))
    oracle.TEAMS.clear()
    of_south, deal = found["customer"][1], found["opportunity"][1]
    found["activity"].append(make.activity(of_south, "rep_south", opportunity=deal, subject="商机内拜访"))
    found["activity"].append(make.activity(owner="rep_south", of_lead=found["lead"][1], subject="线索内电话"))
    for row, username, level in ((found["lead"][1], "presales", "write"), (of_south, "rep", "write"), (of_south, "presales", "read"), (deal, "engineer", "read"),
                                 (deal, "presales", "write"), (found["activity"][0], "presales", "write"),
                                 (found["discussion_group"][0], "engineer", "read")):
        oracle.share(row, username, level)
    found["product"].append(make.product())
    found["custom_field"] = [make.custom_field()]
    found["price_list"] = [make.price_list()]
    found["pool"] = [make.pool()]
    found["lead_form"], found["assign_rule"] = [make.lead_form()], [make.assign_rule()]
    kept = {"user": ("rep", "gm"), "department": ("EAST", "HQ"), "role": ("SR", "GM"), "dictionary": ("industry", "scale")}
    ids = {kind: [row.pk for row in made] for kind, made in found.items()}
    for kind, names in kept.items():
        key = "username" if kind == "user" else "code"
        ids[kind] = list(registry.kind(kind).model.objects.filter(**{f"{key}__in": names}).values_list("pk", flat=True))
    return ids


def fetch(ids):
    """The rows of these ids as objects of one's own."""
    found = {}
    for kind, pks in ids.items():
        links = ("owner", "owner_dept", *oracle.PARENTS.get(kind, ())) if registry.kind(kind).owned else ()
        found[kind] = list(registry.kind(kind).model.objects.filter(pk__in=pks).order_by("pk").select_related(*links))
    return found


@pytest.fixture(scope="module")
def row_ids(module_rows, django_db_blocker):
    from tests.fixtures import Maker, People, furnish

    with django_db_blocker.unblock():
        furnish()
        return make_rows(Maker(People()))


@pytest.fixture
def rows(row_ids, people):
    return fetch(row_ids)
