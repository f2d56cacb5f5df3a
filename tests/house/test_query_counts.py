"""The same number of queries for few rows and for many, page by page, person by person (R15).

The numbers stand in query_counts.json and are reviewed as a diff: a page that asks more than before
turns this red. ZHIKE_WRITE_COUNTS=1 writes them anew.
"""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from zhike.org import sessions

pytestmark = pytest.mark.long

REVIEWED = Path(__file__).with_name("query_counts.json")
MOST = 40
PEOPLE = ("rep", "manager_east", "gm", "admin")


def pages(customer, contact, opportunity, activity, task):
    """Name → address of everything that lists, shows or sums records."""
    return {
        "workbench": "/",
        "customers": "/customers/?view=all",
        "customers, filtered": "/customers/?level=A&order=sort_name",
        "customers, searched": "/customers/?view=all&q=测试",
        "customers, by last contact": "/customers/?view=quiet",
        "contacts": "/contacts/?view=all",
        "opportunities": "/opportunities/?view=all",
        "activities": "/activities/?view=all",
        "tasks": "/tasks/?view=all",
        "products": "/products/",
        "board": "/opportunities/board/",
        "funnel": "/reports/funnel/",
        "won": "/reports/won/",
        "messages": "/messages/",
        "palette": "/palette/?q=测试",
        "look-up": "/lookup/customer/?q=测试",
        "customer": f"/customers/{customer.pk}/",
        "customer, contacts": f"/customers/{customer.pk}/contacts/",
        "customer, opportunities": f"/customers/{customer.pk}/opportunities/",
        "customer, activities": f"/customers/{customer.pk}/activities/",
        "customer, history": f"/customers/{customer.pk}/history/",
        "customer, peek": f"/customers/?view=all&peek={customer.pk}",
        "customer, edit": f"/customers/{customer.pk}/edit/",
        "contact": f"/contacts/{contact.pk}/",
        "opportunity": f"/opportunities/{opportunity.pk}/",
        "activity": f"/activities/{activity.pk}/",
        "task": f"/tasks/{task.pk}/",
    }


def counted(sign_in, addresses):
    """Queries of each page for each person who may open it; option lists and hints are warm."""
    found = {}
    for person in PEOPLE:
        client = sign_in(person)
        for name, address in addresses.items():
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address)
            if answer.status_code == 200:
                found.setdefault(name, {})[person] = len(asked)
    return found


@pytest.fixture
def little(make):
    customer = make.customer(level="A")
    contact = make.contact(customer)
    opportunity = make.opportunity(customer, contact=contact)
    make.product()  # of every kind one: an empty list asks for no rows
    make.activity(days=0)  # one of today's as well, for the schedule of the workbench
    return customer, contact, opportunity, make.activity(customer, contact=contact, opportunity=opportunity), make.task(customer=customer)


@pytest.fixture
def nothing_expires(monkeypatch):
    """What is kept for half a minute, and when a session was last used: on a slow machine it would be asked for in between."""
    kept = caches["default"]
    store = kept.set
    monkeypatch.setattr(kept, "set", lambda key, value, timeout=None, version=None: store(key, value, None, version))
    monkeypatch.setattr("zhike.base.kept.time", SimpleNamespace(monotonic=lambda: 0.0, monotonic_ns=time.monotonic_ns))
    monkeypatch.setattr(sessions, "NOTE_EVERY", timedelta(days=1))


def much_more(make, customer, opportunity):
    """Sixty customers beside it and dozens of rows under it."""
    for i in range(60):
        other = make.customer(level="A", parent=customer if i < 12 else None)
        if i < 25:
            make.opportunity(other)
            make.contact(other)
            make.activity(other)
            make.task(customer=other)
    for i in range(25):
        contact = make.contact(customer, name=f"联系{'甲乙丙丁戊'[i % 5]}")
        make.activity(customer, days=-i, contact=contact, opportunity=opportunity)
        make.product()
        if i < 8:
            make.opportunity(customer, contact=contact)


def test_rows_do_not_cost_queries(little, make, sign_in, nothing_expires):
    addresses = pages(*little)
    few = counted(sign_in, addresses)
    much_more(make, little[0], little[2])
    many = counted(sign_in, addresses)
    assert set(many) == set(addresses), "a page of this list answered nobody"
    grown = {
        f"{name} ({person})": (n, many[name][person])
        for name, people in few.items() for person, n in people.items() if many[name].get(person) != n
    }
    assert not grown, f"queries for few and for many rows differ: {grown}"
    if os.environ.get("ZHIKE_WRITE_COUNTS"):
        REVIEWED.write_text(json.dumps(many, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    over = {f"{name} ({person})": n for name, people in many.items() for person, n in people.items() if n > MOST}
    assert not over, f"more than {MOST} queries: {over}"
    if connection.vendor == "sqlite":
        assert many == json.loads(REVIEWED.read_text(encoding="utf-8")), "run with ZHIKE_WRITE_COUNTS=1 and review the diff"
