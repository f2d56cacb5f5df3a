"""The example plans on real data, with the figures of the sets."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import translation

from .conftest import ROOT, lines, outcome, shared_data

pytestmark = pytest.mark.long


def loaded(people, plan, source):
    """Load an example once for all checks on it: the report, and a function that runs it again."""
    from zhike.records.imports.plan import read_plan
    from zhike.records.imports.run import run_plan

    def run(**how):
        with translation.override("en"):
            return run_plan(read_plan(ROOT / "examples" / plan), source, by=people["admin"], **how)

    return run(), run


@pytest.fixture
def maven(people):
    return loaded(people, "maven", shared_data("crm-sales-opportunities"))


@pytest.fixture
def adventureworks(people):
    return loaded(people, "adventureworks", shared_data("adventureworks"))


@pytest.fixture
def listed(people):
    return loaded(people, "listed-companies", shared_data("china"))


def section(report, name):
    return next(done for done in report.sections if done.name == name)


def rules(report, name):
    return {rule["rule"]: rule["count"] for rule in section(report, name).rules}


def api(path):
    from zhike.org.models import User
    from zhike.org.tokens import create_token

    token = create_token(User.objects.get(username="admin"), scope="read")
    answer = Client().get(path, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return answer.json()


# Maven ----------------------------------------------------------------------------------------------


def maven_rows_and_known_faults(maven):
    report, _run = maven
    assert all(done.counts["failed"] == 0 for done in report.sections)
    assert outcome(section(report, "opportunities")) == {"created": 8800}
    assert outcome(section(report, "accounts")) == {"created": 85}
    assert outcome(section(report, "agents")) == {"created": 35}
    assert outcome(section(report, "process")) == {"created": 1} and outcome(section(report, "stages")) == {"created": 2}
    assert rules(report, "opportunities") == {"no-account": 1425, "gtxpro": 1480, "no-engage-date": 500}
    assert rules(report, "accounts")["technolgy"] == 12
    rows = lines(section(report, "opportunities").result_file)
    assert len(rows) == 8800
    assert sum("no-account" in row["_reason"] for row in rows) == sum(not row["account"] for row in rows) == 1425


def maven_won_per_quarter_through_the_api(maven):
    found = api("/api/v1/reports/won?by=quarter")
    amounts = {row["period"]: (row["count"], Decimal(row["amount"])) for row in found["rows"]}
    assert {key: amount for key, (_n, amount) in amounts.items()} == {
        "2017-Q1": 1_134_672, "2017-Q2": 3_086_111, "2017-Q3": 2_982_255, "2017-Q4": 2_802_496}
    assert Decimal(found["total"]) == 10_005_534 and found["count"] == 4238


def maven_open_funnel_by_count(maven):
    from zhike.opportunities.models import Process

    process = Process.objects.get(code="maven")
    found = api(f"/api/v1/reports/funnel?measure=count&process={process.pk}")
    assert {stage["code"]: stage["count"] for stage in found["stages"]} == {"prospecting": 500, "engaging": 1589}


def maven_history_parents_and_placeholder(maven):
    from zhike.customers.models import Customer
    from zhike.opportunities.models import Opportunity, StageChange

    deal = Opportunity.objects.get(name__endswith=" 1C1I7A6R")
    assert (deal.status, str(deal.won_at), deal.won_amount, deal.restated) == ("won", "2017-03-01", Decimal(1054), True)
    assert deal.owner.name == "Moses Frase" and deal.customer.name == "Cancity"
    assert deal.lines.get().product.name == "GTX Plus Basic"
    steps = list(StageChange.objects.filter(opportunity=deal).order_by("at").values_list("status", "days"))
    assert steps == [("open", 0), ("won", 132)]
    assert Opportunity.objects.filter(status="lost", restated=True).count() == 2473
    assert Customer.objects.filter(parent__name="Acme Corporation").count() == 4
    placeholder = Customer.objects.get(name__contains="no account given")
    assert Opportunity.objects.filter(customer=placeholder).count() == 1425 and "1,425" in placeholder.remark
    assert Customer.objects.filter(industry="software", source="import").count() == 12 + 7


def maven_again_changes_nothing(maven):
    from zhike.opportunities.models import Opportunity
    from zhike.records.models import HistoryEntry

    before = (Opportunity.objects.count(), HistoryEntry.objects.count())
    _report, run = maven
    report = run()
    assert all(not (done.counts["created"] or done.counts["updated"] or done.counts["failed"]) for done in report.sections)
    assert section(report, "opportunities").counts["unchanged"] == 8800
    assert (Opportunity.objects.count(), HistoryEntry.objects.count()) == before


def maven_later(maven, tmp_path):
    """The same plan on a later export: the open deal is won now, with history and life cycle."""
    import shutil

    from django.db import transaction

    from zhike.opportunities.models import Opportunity, StageChange
    from zhike.org.models import User
    from zhike.records.imports.plan import read_plan
    from zhike.records.imports.run import run_plan

    shutil.copytree(shared_data("crm-sales-opportunities"), tmp_path / "later")
    path = tmp_path / "later" / "sales_pipeline.csv"
    path.chmod(0o600)
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    at = next(i for i, row in enumerate(rows) if ",Engaging," in row)
    key = rows[at].split(",")[0]
    rows[at] = ",".join([*rows[at].split(",")[:4], "Won", rows[at].split(",")[5], "2018-01-15", "4321"])
    path.write_text("\n".join([head, rows[at]]) + "\n", encoding="utf-8")
    with transaction.atomic():
        report = run_plan(read_plan(ROOT / "examples" / "maven"), tmp_path / "later", by=User.objects.get(username="admin"))
        deal = Opportunity.objects.get(name__endswith=f" {key}")
        assert outcome(section(report, "opportunities")) == {"updated": 1}
        assert (deal.status, deal.won_amount, str(deal.won_at), deal.win_rate) == ("won", 4321, "2018-01-15", 1)
        assert deal.version == 2
        assert list(StageChange.objects.filter(opportunity=deal).order_by("at").values_list("status", flat=True)) == ["open", "won"]
        transaction.set_rollback(True)


# AdventureWorks -------------------------------------------------------------------------------------


def adventureworks_counts(adventureworks):
    report, _run = adventureworks
    assert {done.name: outcome(done) for done in report.sections} == {
        "territories": {"created": 10}, "head-office": {"created": 1}, "departments": {"created": 10},
        "salespeople": {"created": 17}, "product-lines": {"created": 4}, "products": {"created": 504},
        "stores": {"created": 701}, "addresses": {"created": 712}, "contacts": {"created": 753},
    }


def adventureworks_doubtful_rows_are_named(adventureworks):
    report, _run = adventureworks
    assert rules(report, "products") == {"no-price": 200, "no-category": 209, "no-longer-sold": 98}
    assert rules(report, "stores") == {"same-name": 2, "no-account": 0}
    assert rules(report, "salespeople") == {"no-territory": 3, "mail-not-ascii": 1}
    named = [row["Name"] for row in lines(section(report, "stores").result_file) if "same-name" in row["_reason"]]
    assert sorted(named) == ["Friendly Bike Shop", "Sports Products Store"]
    assert [row["FirstName"] for row in lines(section(report, "salespeople").result_file)
            if "mail-not-ascii" in row["_reason"]] == ["José"]


def adventureworks_stores_contacts_products(adventureworks):
    from django.db.models import Count

    from zhike.customers.models import Address, Contact, Customer
    from zhike.products.models import Product

    stores = Customer.objects.filter(territory__startswith="aw-")
    assert stores.count() == 701 and stores.exclude(address="").exclude(erp_code="").count() == 701
    store = Customer.objects.get(name="Next-Door Bike Store")
    assert store.owner.name == "Tsvi Reiter" and store.owner_dept.name == "Southeast" and store.scale == "small"
    assert store.category == "dealer" and "United Security" in store.remark
    by_owner = dict(stores.values_list("owner__employee_no").annotate(n=Count("pk")))
    assert by_owner["AW279"] == 80 and sum(by_owner.values()) == 701
    assert Address.objects.filter(customer__in=stores).count() == 712
    contacts = Contact.objects.filter(customer__in=stores)
    assert contacts.count() == 753 and contacts.exclude(phone="").exclude(job_title="").count() == 753
    assert contacts.filter(email="").count() == 2 and contacts.filter(primary=True).count() == 701
    assert contacts.filter(decision_role="decider").count() == 266
    products = Product.objects.filter(code__in=[row["ProductNumber"] for row in lines(
        section(adventureworks[0], "products").result_file)])
    assert products.count() == 504 and products.filter(list_price=None).count() == 200
    assert products.filter(enabled=False).count() == 98
    assert products.get(code="BB-7421").description and products.get(code="BK-R93R-62").list_price == Decimal("3578.27")


def adventureworks_again_changes_nothing(adventureworks):
    from zhike.records.models import HistoryEntry

    before = HistoryEntry.objects.count()
    report = adventureworks[1]()
    assert all(outcome(done).keys() == {"unchanged"} for done in report.sections)
    assert HistoryEntry.objects.count() == before


# Listed companies -----------------------------------------------------------------------------------


def listed_and_the_gbk_file(listed):
    report, _run = listed
    assert outcome(section(report, "companies")) == {"created": 6194}
    securities = section(report, "securities")
    assert securities.rows == 4732 and securities.counts["failed"] == 0
    assert rules(report, "securities")["index"] == 596
    assert rules(report, "companies") == {"no-name": 3, "no-place": 6}


def listed_have_the_right_characters_and_places(listed):
    from zhike.customers.models import Customer

    found = Customer.objects.get(erp_code="600000.SH")
    assert (found.name, found.short_name) == ("上海浦东发展银行股份有限公司", "浦发银行")
    assert found.region.full_name.startswith("上海")
    assert Customer.objects.filter(source="import").exclude(erp_code="").filter(name__contains="�").count() == 0
    listed_ = Customer.objects.filter(erp_code__regex=r"^[0-9]{6}\.(SH|SZ|BJ)$", source="import")
    assert listed_.filter(region=None).exclude(remark="").count() <= 12


FOUND = [
    ("cqcy", "重庆川仪自动化股份有限公司"), ("川仪", "重庆川仪自动化股份有限公司"), ("浦发", "上海浦东发展银行股份有限公司"),
    ("gzmt", "贵州茅台酒股份有限公司"), ("600000.SH", "上海浦东发展银行股份有限公司"),
]


def listed_are_found(listed):
    from zhike.customers.models import Customer
    from zhike.records import search

    for query, name in FOUND:
        found = Customer.objects.filter(pk__in=search.matching("customer", query))
        assert name in set(found.values_list("name", flat=True)), query


def listed_again(listed):
    report = listed[1]()
    assert outcome(section(report, "companies")) == {"unchanged": 6194}
    assert not {"created", "updated", "failed"} & outcome(section(report, "securities")).keys()


# One test for each set, so that it is loaded once whatever runs the tests in parallel.


def test_maven(maven, subtests, tmp_path):
    for check in (maven_rows_and_known_faults, maven_won_per_quarter_through_the_api, maven_open_funnel_by_count,
                  maven_history_parents_and_placeholder, maven_again_changes_nothing):
        with subtests.test(check.__name__):
            check(maven)
    with subtests.test("maven_later"):
        maven_later(maven, tmp_path)


def test_adventureworks(adventureworks, subtests):
    for check in (adventureworks_counts, adventureworks_doubtful_rows_are_named,
                  adventureworks_stores_contacts_products, adventureworks_again_changes_nothing):
        with subtests.test(check.__name__):
            check(adventureworks)


def test_listed_companies(listed, subtests):
    for check in (listed_and_the_gbk_file, listed_have_the_right_characters_and_places, listed_are_found, listed_again):
        with subtests.test(check.__name__):
            check(listed)


def test_one_folder_alone_will_do(people):
    from zhike.customers.models import Customer

    report, _run = loaded(people, "listed-companies", shared_data("china", "gbk-csv"))
    assert section(report, "companies").absent and section(report, "companies").rows == 0
    assert outcome(section(report, "securities")) == {"created": 4136, "skipped": 596}
    assert Customer.objects.get(erp_code="600000.SH").name == "浦发银行"
