"""One plan with everything in it, the same on SQLite and PostgreSQL."""

import pytest

from zhike.customers.models import Address, Contact, Customer
from zhike.opportunities.models import Opportunity, StageChange
from zhike.records import search

from .conftest import lines, outcome

PLAN = """
name = "parity"
[files.firms]
path = "firms.csv"
[files.deals]
path = "deals.tsv"
[bands.scale]
small = 100
huge = "above"
[[section]]
name = "process"
kind = "process"
key = "{code}"
rows = [{ code = "aparity" }]
[section.fields]
code = "{code}"
name_zh = "流程"
name_en = "process"
[[section]]
name = "stages"
kind = "stage"
key = "{code}"
rows = [{ code = "one", order = 1 }, { code = "two", order = 2 }]
[section.fields]
process = "aparity"
order = "{order}"
code = "{code}"
name_zh = "{code}"
name_en = "{code}"
win_rate = "0.5"
[[section]]
name = "customers"
kind = "customer"
file = "firms"
key = "{id}"
[section.fields]
name = "{名称}"
parent = "{上级}"
region = { from = ["{省}", "{市}"], unknown = "warn" }
scale = { from = "{人数}", bands = "scale" }
phone = "{电话}"
owner = "rep"
[[section]]
name = "addresses"
kind = "address"
file = "firms"
key = "{id}"
where = [{ column = "市", missing = false }]
[section.fields]
customer = { from = "{id}", by = "key" }
text = "{省}{市}"
[[section]]
name = "contacts"
kind = "contact"
file = "firms"
key = "{id}"
[section.fields]
name = "林示例"
customer = { from = "{id}", by = "key" }
mobile = "{电话}"
[[section]]
name = "deals"
kind = "opportunity"
file = "deals"
key = "{id}"
[section.fields]
name = "商机 {id}"
customer = { from = "{firm}", by = "key" }
stage = "two"
status = "{status}"
amount = "{amount}"
won_at = { from = "{closed}", when = { column = "status", equals = "won" } }
won_amount = { from = "{amount}", when = { column = "status", equals = "won" } }
lost_at = { from = "{closed}", when = { column = "status", equals = "lost" } }
history = [{ stage = "one", at = "{opened}" }, { stage = "two", at = "{moved}" }]
"""
FIRMS = ("id,名称,上级,省,市,人数,电话\n"
         "B,苏州平行机械有限公司,A,江苏,苏州市,99,13812345678\n"
         "A,平行集团有限公司,,,,5000,021-12345678\n"
         "C,\x00坏\u202e公司,A,火星,奥林帕斯,1,138\n"
         f"D,{'长' * 201},,,,1,\n")
DEALS = ("id\tfirm\tstatus\tamount\topened\tmoved\tclosed\n"
         "1\tA\twon\t1,000.50\t2026-01-05\t2026-02-01\t2026-03-01\n"
         "2\tB\tlost\t10\t2026-01-05\t\t2026-03-01\n"
         "3\tB\topen\t0\t2026-01-05\t2026-01-06\t\n"
         "4\tZ\topen\t1\t\t\t\n"
         "5\tA\twon\t99999999999999999999\t\t\t2026-03-01\n"
         "6\tA\twon\t1\t2026-05-01\t\t2026-03-01\n")
WANTED = {
    "process": {"created": 1}, "stages": {"created": 2}, "customers": {"created": 3, "failed": 1},
    "addresses": {"created": 2, "skipped": 2}, "contacts": {"created": 2, "failed": 2},
    "deals": {"created": 3, "failed": 3},
}


@pytest.mark.both
def test_a_plan_gives_the_same_on_both_databases(folder):
    folder.write("firms.csv", FIRMS, "gb18030").write("deals.tsv", DEALS).plan(PLAN)
    dry = folder.run(dry_run=True)
    assert {done.name: outcome(done) for done in dry.sections} == WANTED
    report = folder.run()
    assert {done.name: outcome(done) for done in report.sections} == WANTED
    child, parent = Customer.objects.get(name="苏州平行机械有限公司"), Customer.objects.get(name="平行集团有限公司")
    assert child.parent == parent and child.region.code == "320500" and (child.scale, parent.scale) == ("small", "huge")
    assert child.owner == folder.people["rep"] and Customer.objects.filter(name="坏公司").exists()
    reasons = {row["id"]: row["_reason"] for row in lines(report.sections[2].result_file)}
    assert "火星" in reasons["C"] and "200" in reasons["D"]
    assert Address.objects.get(customer=child).text == "江苏苏州市"
    assert Contact.objects.filter(customer__in=[child, parent], primary=True).count() == 2
    found = search.matching("customer", "平行").values_list("row_id", flat=True)
    assert set(found) == {child.pk, parent.pk}
    deals = {row.name: row for row in Opportunity.objects.filter(restated=True)}
    assert {name: (row.status, str(row.amount)) for name, row in deals.items()} == {
        "商机 1": ("won", "1000.50"), "商机 2": ("lost", "10.00"), "商机 3": ("open", "0.00")}
    parent.refresh_from_db()
    assert parent.lifecycle == "deal"
    steps = StageChange.objects.filter(opportunity=deals["商机 1"]).order_by("at")
    assert list(steps.values_list("status", "days")) == [("open", 0), ("open", 27), ("won", 28)]
    again = folder.run()
    assert all(not {"created", "updated"} & outcome(done).keys() for done in again.sections)
