"""Numbering rules as an administrator keeps them: previewed, never a number twice, old numbers untouched."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime

import pytest
from django.db import connections, transaction
from django.urls import reverse

from zhike.base import clock
from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.customers.models import Customer
from zhike.masterdata import numbering as rules
from zhike.org.models import Department, Role, RolePermission
from zhike.records import numbering, registry
from zhike.records.models import HistoryEntry, NumberCounter, NumberRule

pytestmark = pytest.mark.django_db
DAY = "2026-11-25"


@pytest.fixture
def kind(people):
    return registry.kind("customer")


@pytest.fixture
def rule(kind, people):
    def change(**values):
        return rules.change_number_rule(kind, values, by=people["admin"], version=None)

    with clock.freeze(DAY):
        yield change


def issue(kind, count=1):
    with transaction.atomic():
        return numbering.issue(kind, count)


def hidden(page):
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1] for name in ("_once", "_version")}


def test_the_rule_is_changed_by_hand_and_counts_for_new_records(sign_in, make):
    address = reverse("number_rule-edit", args=["customers"])
    with clock.freeze(DAY):
        old = make.customer("rep")
        admin = sign_in("admin")
        listed = admin.get(reverse("number_rule-list")).content.decode()
        assert "KH-202611-0002" in listed and "{YYYYMM}" in listed
        page = admin.get(address).content.decode()
        assert "KH-202611-0004" in page
        form = {"pattern": "C{YYYY}/{SEQ}", "width": "5", "start": "100", "step": "10", "reset": "year"}
        shown = admin.get(reverse("number_rule-preview", args=["customers"]), form).content.decode()
        assert [f"C2026/00{n}" in shown for n in (100, 110, 120, 130)] == [True, True, True, False]
        assert NumberRule.objects.get().pattern == "KH-{YYYYMM}-{SEQ}"
        got = admin.post(address, {**hidden(page), **form})
        assert got.status_code == 303, got.content.decode()[-500:]
        assert make.customer("rep").code == "C2026/00100" and make.customer("rep").code == "C2026/00110"
        assert Customer.objects.get(pk=old.pk).code == "KH-202611-0001"
        page = admin.get(address).content.decode()
        assert "C2026/00120" in page and "KH-{YYYYMM}-{SEQ}" in page  # the history tells what it was
    entry = HistoryEntry.objects.get(kind="number_rule")
    assert entry.diff["pattern"] == ["KH-{YYYYMM}-{SEQ}", "C{YYYY}/{SEQ}"] and entry.diff["reset"] == ["month", "year"]


def test_two_people_at_once(sign_in, kind, people):
    address = reverse("number_rule-edit", args=["customers"])
    admin = sign_in("admin")
    page = admin.get(address).content.decode()
    rules.change_number_rule(kind, {"width": 6}, by=people["admin"], version=None)
    form = {"pattern": "KH-{YYYYMM}-{SEQ}", "width": "5", "start": "1", "step": "1", "reset": "month"}
    late = admin.post(address, {**hidden(page), **form})
    assert late.status_code == 409 and 'value="5"' in late.content.decode()
    assert admin.post(address, {**hidden(late.content.decode()), **form}).status_code == 303
    assert NumberRule.objects.get().width == 5
    with pytest.raises(Conflict):
        rules.change_number_rule(kind, {"width": 7}, by=people["admin"], version=1)


def test_only_who_keeps_them_gets_there(sign_in, kind, people, once):
    names = [("number_rule-list", []), ("number_rule-edit", ["customers"]), ("number_rule-preview", ["customers"])]
    rep = sign_in("rep")
    for name, args in names:
        assert rep.get(reverse(name, args=args)).status_code == 404, name
    assert rep.post(reverse("number_rule-edit", args=["customers"]), {"_once": once(), "pattern": "X{SEQ}"}).status_code == 404
    with pytest.raises(Forbidden):
        rules.change_number_rule(kind, {"width": 5}, by=people["rep"], version=None)
    RolePermission.objects.create(role=Role.objects.get(code="SR"), kind="number_rule", action="view")
    rep = sign_in("rep")
    assert [rep.get(reverse(name, args=args)).status_code for name, args in names] == [200, 403, 403]
    assert not NumberRule.objects.exists()
    assert sign_in("admin").get(reverse("number_rule-edit", args=["contacts"])).status_code == 404


@pytest.mark.parametrize(("values", "field"), [
    ({"pattern": "KH"}, "pattern"), ({"pattern": "{SEQ}{SEQ}"}, "pattern"), ({"pattern": "KH-{YEAR}-{SEQ}"}, "pattern"),
    ({"pattern": "{YYYY}{YYYYMM}-{SEQ}"}, "pattern"), ({"pattern": "K H-{YYYYMM}-{SEQ}"}, "pattern"), ({"pattern": "KH:{YYYYMM}-{SEQ}"}, "pattern"),
    ({"pattern": "{YYYYMM}{SEQ"}, "pattern"), ({"pattern": "X" * 21 + "{YYYYMM}{SEQ}"}, "pattern"), ({"pattern": "{DEPT}{YYYYMM}{SEQ}"}, "pattern"),
    ({"pattern": "{YYYYMM}{DEPT}{SEQ}"}, "pattern"), ({"pattern": "{YYYYMM}-{DEPT}1{SEQ}"}, "pattern"), ({"pattern": "{YYYYMM}-{SEQ}{DEPT}"}, "pattern"),
    ({"pattern": "KH-{SEQ}"}, "reset"), ({"pattern": "KH-{YYYY}-{SEQ}"}, "reset"), ({"reset": "day"}, "reset"), ({"reset": "hour"}, "reset"),
    ({"width": 0}, "width"), ({"width": 11}, "width"), ({"step": 0}, "step"), ({"step": 1001}, "step"), ({"start": 100_000_000}, "start"),
])
def test_a_rule_that_will_not_do_is_refused(rule, kind, values, field):
    with pytest.raises(Refused) as no:
        rule(**values)
    assert no.value.field == field
    assert issue(kind) == ["KH-202611-0001"]


def test_a_rule_with_too_long_numbers_is_refused(rule, people):
    Department.objects.filter(code="EAST").update(code="E" * 30)
    with pytest.raises(Refused) as no:
        rule(pattern="{DEPT}-{YYYYMM}-{SEQ}")
    assert no.value.field == "pattern"


def test_the_department_is_that_of_each_record(rule, make, people, kind):
    rule(pattern="{DEPT}-{YYYYMM}-{SEQ}")
    east, south = make.customer("rep"), make.customer("rep_south")
    codes = [people[name].department.code for name in ("rep", "rep_south")]
    assert codes[0] != codes[1]
    assert [east.code, south.code] == [f"{codes[0]}-202611-0001", f"{codes[1]}-202611-0002"]
    rule(pattern="KH{SEQ}-{YYYYMM}")
    assert issue(kind) == ["KH0001-202611"]


def test_a_number_that_exists_is_passed_over(rule, make, kind, sign_in):
    """An imported record keeps its number; before this the count stood still in front of it for ever."""
    make.customer("rep", code="KH-202611-0002")
    for n in range(4, 60):
        make.customer("rep", code=f"KH-202611-{n:04d}")
    assert "KH-202611-0003" in sign_in("admin").get(reverse("number_rule-edit", args=["customers"])).content.decode()
    assert [make.customer("rep").code for _ in range(3)] == ["KH-202611-0001", "KH-202611-0003", "KH-202611-0060"]
    make.customer("rep", code="VIP-202611-0002")
    rule(pattern="VIP-{YYYYMM}-{SEQ}")
    assert issue(kind, 3) == ["VIP-202611-0001", "VIP-202611-0003", "VIP-202611-0004"]


def test_the_count_goes_on_when_only_its_rhythm_changes(rule, kind):
    assert issue(kind, 7)[-1] == "KH-202611-0007"
    rule(reset="year")
    assert issue(kind) == ["KH-202611-0008"]  # 0001 to 0007 are not there as records, and are not used again
    with clock.freeze("2026-12-01"):
        assert issue(kind) == ["KH-202612-0009"]
    rule(reset="month")
    assert issue(kind) == ["KH-202611-0010"]
    rule(width=6, step=5)
    assert issue(kind, 2) == ["KH-202611-000015", "KH-202611-000020"]
    rule(start=500, step=1)
    assert issue(kind, 2) == ["KH-202611-000500", "KH-202611-000501"]
    rule(pattern="CU-{YYYYMM}-{SEQ}", start=1)
    assert issue(kind) == ["CU-202611-000001"]
    rule(pattern="KH-{YYYYMM}-{SEQ}")
    assert issue(kind) == ["KH-202611-000502"]


def test_the_day_is_the_local_one(rule, kind):
    rule(pattern="KH{YYYYMMDD}-{SEQ}", reset="day")
    with clock.freeze(datetime(2026, 11, 30, 16, 30, tzinfo=UTC)):
        assert issue(kind, 2) == ["KH20261201-0001", "KH20261201-0002"]
    with clock.freeze(datetime(2026, 11, 30, 15, 59, tzinfo=UTC)):
        assert issue(kind) == ["KH20261130-0001"]


def test_many_rows_ask_for_as_many_queries_as_one(rule, kind, django_assert_num_queries):
    rule(pattern="KH-{YYYYMM}-{SEQ}", width=5)
    issue(kind)
    for count in (1, 400):
        with django_assert_num_queries(5), transaction.atomic():  # with the savepoint around it
            assert len(numbering.issue(kind, count)) == count


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_nothing_is_issued_twice_while_the_rule_changes(people):
    kind, admin = registry.kind("customer"), people["admin"]
    found, wrong, barrier = [], [], threading.Barrier(5)

    def take():
        try:
            barrier.wait(30)
            for _ in range(15):
                with transaction.atomic():
                    numbers = numbering.issue(kind, 2)
                found.extend(numbers)
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    def change():
        try:
            barrier.wait(30)
            for i in range(12):
                rules.change_number_rule(kind, {"reset": ("year", "never", "month")[i % 3]}, by=admin, version=None)
        except Exception as error:
            wrong.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take) for _ in range(4)] + [threading.Thread(target=change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong
    assert len(found) == 120 and len(set(found)) == 120
    assert NumberCounter.objects.count() == 3
