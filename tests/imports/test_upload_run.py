"""An uploaded table through the engine: mapping suggested, rows added, found again, changed, refused, resumed."""

from contextlib import contextmanager

import pytest
from django.utils import translation

from zhike.base.refused import Refused
from zhike.customers.models import Contact, Customer
from zhike.opportunities.models import Opportunity
from zhike.org.access import access_of, forget_access
from zhike.org.models import FieldRule, Role, RolePermission
from zhike.products.models import Product
from zhike.records.imports.importer import importer
from zhike.records.imports.uploads import back, mapping, presets, run
from zhike.records.imports.uploads.settings import Settings
from zhike.records.imports.uploads.tally import Tally
from zhike.records.imports.uploads.targets import ID, KEY, VERSION, fillable, marks
from zhike.records.models import HistoryEntry

from .conftest import lines, shared_data
from .uploads import look_here, workbook


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


class Upload:
    """A file looked at, mapped as suggested, and run."""

    def __init__(self, path, by):
        self.path, self.by = path, by

    def read(self, kind, name, content, **choices):
        self.kind, self.shape = kind, look_here(self.path, name, content, **choices)
        allowed = fillable(importer(kind), access_of(self.by))
        self.preset = presets.recognise(kind, self.shape.names())
        found = mapping.suggest(kind, self.shape.columns, {**allowed, **marks()}, preset=self.preset)
        self.settings = Settings({hit.place: hit.target for hit in found}, preset=self.preset.name if self.preset else "",
                                 system=self.preset.system if self.preset else "file")
        self.why = {hit.target: (hit.why, hit.confidence) for hit in found}
        self.settings.by = next((name for name in (ID, KEY) if name in self.settings.columns.values()), "")
        return self

    def mapped(self):
        names = {column["place"]: column["name"] for column in self.shape.columns}
        return {names[place]: target for place, target in self.settings.columns.items()}

    def set(self, **how):
        for name, value in how.items():
            setattr(self.settings, name, value)
        return self

    def take(self, *, dry_run=False, **how):
        return run.take(self.kind, self.path, self.shape, self.settings, by=self.by, dry_run=dry_run, **how)

    def results(self):
        return lines(self.path / "result.csv")


@pytest.fixture
def upload(tmp_path, people):
    return Upload(tmp_path, people["admin"])


def counts(tally):
    return {name: n for name, n in tally.counts.items() if n}


CSV = """客户名称（必填）,简称,联系电话,统一社会信用代码,省,市,客户级别,归属人,我的备注
苏州样例机床有限公司,样例机床,0512-61234567,91320500MA1MYE9U55,江苏,苏州市,A 重点,,第一
无锡样例阀门有限公司,,13800000002,,江苏省,无锡市,B,,
,没有名称,,,,,,,
南京样例泵业有限公司,,,,,,X,,
"""


def test_columns_are_matched_by_name_and_value(upload):
    upload.read("customer", "a.csv", CSV)
    assert upload.mapped() == {
        "客户名称（必填）": "name", "简称": "short_name", "联系电话": "phone", "统一社会信用代码": "uscc", "省": "region@1",
        "市": "region@2", "客户级别": "level", "归属人": "owner", "我的备注": "remark",
    }
    assert upload.why["name"][0] == "name" and upload.why["remark"][0] == "similar"


def test_columns_without_a_telling_name_are_matched_by_their_values(upload):
    upload.read("contact", "a.csv", "甲,乙,丙\n张示例,13800000001,a@b.example\n李示例,13800000002,c@d.example\n")
    assert upload.mapped() == {"乙": "mobile", "丙": "email"}
    assert upload.why["mobile"] == ("values", 0.7)


def test_a_name_that_its_values_contradict_is_not_believed(upload):
    upload.read("contact", "a.csv", "姓名,手机\n张示例,a@b.example\n李示例,c@d.example\n")
    assert upload.mapped()["手机"] == "email"


def test_rows_come_in_fail_and_are_counted(upload):
    upload.read("customer", "a.csv", CSV)
    dry = upload.take(dry_run=True)
    before = Customer.objects.count()
    done = upload.take()
    assert counts(dry) == counts(done) == {"created": 2, "failed": 2}
    assert Customer.objects.count() == before + 2
    made = Customer.objects.get(name="苏州样例机床有限公司")
    assert (made.short_name, made.phone, made.level, str(made.region.name)) == ("样例机床", "0512-61234567", "A", "苏州市")
    rows = upload.results()
    assert [row["_row"] for row in rows] == ["2", "3", "4", "5"] and rows[2]["_reason"].startswith("Customer name:")
    assert "customer_level" not in rows[3]["_reason"] and "A key, B regular" in rows[3]["_reason"]
    assert len(done.problems) == 2 and sum(done.reasons.values()) == 2


def test_cells_that_do_not_fit_may_be_left_out_instead(upload):
    done = upload.read("customer", "a.csv", CSV).set(cells="warn").take()
    assert counts(done) == {"created": 3, "failed": 1} and done.doubtful == 1
    assert Customer.objects.get(name="南京样例泵业有限公司").level == ""


def test_the_mended_result_file_comes_back(upload):
    upload.read("customer", "a.csv", CSV).take()
    text = (upload.path / "result.csv").read_text(encoding="utf-8-sig").replace(",没有名称,", "常州样例电机有限公司,没有名称,")
    text = text.replace(",X,", ",C,")
    upload.read("customer", "a.csv", text)
    assert upload.shape.again and "_result" not in upload.shape.names()
    done = upload.set(mode="upsert", by="name").take()
    assert counts(done) == {"created": 2, "unchanged": 2}


def test_add_update_and_both_by_a_key(upload):
    def file(phone):
        return f"名称,电话\n苏州样例机床有限公司,{phone}\n新来样例有限公司,13800000009\n"

    upload.read("customer", "a.csv", "名称,电话\n苏州样例机床有限公司,13800000001\n").take()
    done = upload.read("customer", "a.csv", file("13800000002")).set(mode="update", by="name").take()
    assert counts(done) == {"updated": 1, "skipped": 1}
    assert Customer.objects.get(name="苏州样例机床有限公司").phone == "13800000002"
    done = upload.read("customer", "a.csv", file("13800000003")).set(mode="add", by="name").take()
    assert counts(done) == {"created": 1, "skipped": 1}
    done = upload.read("customer", "a.csv", file("13800000004")).set(mode="upsert", by="name").take()
    assert counts(done) == {"updated": 1, "unchanged": 1}
    upload.read("customer", "a.csv", "名称,电话\n苏州样例机床有限公司,\n").set(by="name").take()
    assert Customer.objects.get(name="苏州样例机床有限公司").phone == "13800000004"  # an empty cell says nothing
    upload.set(empties=True).take()
    assert Customer.objects.get(name="苏州样例机床有限公司").phone == ""


def test_duplicates_are_named_with_the_record_they_hit(upload):
    upload.read("customer", "a.csv", "名称\n苏州样例机床有限公司\n").take()
    code = Customer.objects.get(name="苏州样例机床有限公司").code
    text = "名称\n样例机床（苏州）有限公司\n苏州样例机床有限公司\n常州样例电机有限公司\n常州样例电机有限公司\n"
    for policy, wanted in (("fail", {"failed": 2, "created": 2}), ("skip", {"skipped": 2, "created": 2}),
                           ("warn", {"created": 4})):
        done = upload.read("customer", "a.csv", text).set(duplicates=policy).take(dry_run=True)
        assert sum(counts(done).values()) == 4
        assert any(code in reason for reason in done.reasons), done.reasons
        assert any("row 4 of the file" in reason for reason in done.reasons), done.reasons
        assert counts(done).get("created", 0) <= wanted["created"]


def test_contacts_of_the_same_customer_with_the_same_mobile(upload):
    upload.read("customer", "a.csv", "名称\n苏州样例机床有限公司\n").take()
    text = "姓名,公司,手机\n张示例,苏州样例机床有限公司,13800000001\n"
    assert counts(upload.read("contact", "a.csv", text).take()) == {"created": 1}
    done = upload.read("contact", "a.csv", text).take()
    assert counts(done) == {"skipped": 1} and "张示例" in next(iter(done.reasons))


def test_external_ids_are_remembered_by_system(upload):
    text = "旧编号,名称,电话\nA1,苏州样例机床有限公司,13800000001\n"
    upload.read("customer", "a.csv", text)
    upload.settings.columns[0] = KEY
    upload.set(by=KEY, system="old-crm").take()
    upload.read("customer", "a.csv", text.replace("苏州样例机床", "苏州样例数控"))
    upload.settings.columns[0] = KEY
    assert counts(upload.set(by=KEY, system="old-crm").take()) == {"updated": 1}
    assert Customer.objects.filter(name="苏州样例数控有限公司").exists()


# Downloaded, changed, uploaded


def downloaded(row, **cells):
    return workbook([["Zhike id", "Zhike version", "名称", "电话", "级别"],
                     [row.pk, cells.pop("version", row.version), row.name, cells.pop("phone", row.phone), cells.pop("level", row.level)]])


def test_a_downloaded_row_comes_back_with_its_changes_and_nothing_else(upload):
    upload.read("customer", "a.csv", "名称,电话,级别\n苏州样例机床有限公司,13800000001,A\n").take()
    row = Customer.objects.get(name="苏州样例机床有限公司")
    upload.read("customer", "a.xlsx", downloaded(row, phone="13800000002")).set(by=ID, empties=True)
    assert upload.settings.columns == {0: ID, 1: VERSION, 2: "name", 3: "phone", 4: "level"}
    dry = upload.take(dry_run=True)
    assert counts(dry) == {"updated": 1}
    assert dry.changes == [[2, "苏州样例机床有限公司", [["Phone", "13800000001", "13800000002"]]]] and dry.fields == {"Phone": 1}
    assert Customer.objects.get(pk=row.pk).phone == "13800000001"
    upload.take(batch="b1")
    assert Customer.objects.get(pk=row.pk).phone == "13800000002"
    assert HistoryEntry.objects.filter(batch="b1", row_id=row.pk, kind="customer").count() == 1
    assert counts(upload.read("customer", "a.xlsx", downloaded(row, phone="13800000002")).set(
        by=ID, columns={0: ID, 1: VERSION, 2: "name", 3: "phone"}).take()) == {"failed": 1}  # its version is older now


def test_an_id_that_is_not_ones_own_to_see_is_not_found(upload, people):
    upload.read("customer", "a.csv", "名称,电话\n苏州样例机床有限公司,13800000001\n").take()
    row = Customer.objects.get(name="苏州样例机床有限公司")
    rep = people["rep"]
    RolePermission.objects.create(role=rep.roles.first(), kind="customer", action="import")
    forget_access(rep)
    assert not Customer.objects.visible_to(rep).filter(pk=row.pk).exists()
    upload.by = rep
    upload.read("customer", "a.xlsx", downloaded(row, phone="13899999999")).set(by=ID, columns={0: ID, 2: "name", 3: "phone"})
    done = upload.take()
    assert counts(done) == {"failed": 1} and "not yours to see" in next(iter(done.reasons))
    assert Customer.objects.get(pk=row.pk).phone == "13800000001"


# Rights


def test_only_who_may_import_and_only_fields_that_are_open(upload, people):
    upload.by = rep = people["rep"]
    upload.read("customer", "a.csv", CSV)
    with pytest.raises(Refused, match="do not allow"):
        upload.take()
    role = rep.roles.first()
    RolePermission.objects.create(role=role, kind="customer", action="import")
    FieldRule.objects.create(role=role, kind="customer", field="phone", mode=FieldRule.MASK)
    FieldRule.objects.create(role=role, kind="customer", field="uscc", mode=FieldRule.HIDE)
    FieldRule.objects.create(role=role, kind="customer", field="level", mode=FieldRule.READ)
    RolePermission.objects.filter(role=role, kind="customer", action="transfer").delete()
    forget_access(rep)
    upload.read("customer", "a.csv", CSV)
    assert not {"phone", "uscc", "level", "owner", "created_at"} & set(upload.settings.columns.values())
    for name in ("phone", "uscc", "level", "owner", "created_at", "updated_by", "version"):
        with pytest.raises(Refused, match="may not fill"):
            upload.set(columns={0: "name", 2: name}).take()
    assert Role.objects.filter(pk=role.pk).exists()


@pytest.mark.parametrize(("how", "why"), [
    ({"columns": {}}, "every record needs"), ({"columns": {0: "name", 1: "name"}}, "Two columns"),
    ({"columns": {0: "name"}, "by": "uscc"}, "no column fills it"), ({"columns": {0: "name"}, "mode": "update"}, "found by"),
    ({"columns": {0: "name"}, "mode": "erase"}, "offered"), ({"columns": {0: "name", 1: "remark"}, "by": "remark"}, "offered"),
])
def test_settings_that_cannot_work_are_refused(upload, how, why):
    upload.read("customer", "a.csv", CSV).set(**how)
    with pytest.raises(Refused, match=why):
        upload.take()


# Stopped and gone on with


def test_a_run_that_is_killed_goes_on_without_doubling(upload, monkeypatch):
    monkeypatch.setattr(run, "SIZE", 10)
    upload.read("customer", "a.csv", "名称\n" + "".join(f"样例{i}号机械有限公司\n" for i in range(55)))
    kept = {}

    def killed(tally):
        kept.update(tally.as_json())
        if tally.rows == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload.take(progress=killed)
    with (upload.path / "result.csv").open("a") as file:  # written by a batch whose transaction was lost
        file.write("half a line of a batch that never ")
    assert Customer.objects.filter(name__startswith="样例").count() == 30
    done = upload.take(tally=Tally.from_json(kept))
    assert counts(done) == {"created": 55} and done.rows == 55
    assert Customer.objects.filter(name__startswith="样例").count() == 55
    rows = upload.results()
    assert [row["_row"] for row in rows] == [str(n) for n in range(2, 57)] and {row["_result"] for row in rows} == {"created"}


def test_every_batch_is_inside_its_step(upload, monkeypatch):
    monkeypatch.setattr(run, "SIZE", 2)
    entered = []

    @contextmanager
    def step():
        entered.append(Customer.objects.filter(name__startswith="样例").count())
        yield

    upload.read("customer", "a.csv", "名称\n" + "".join(f"样例{i}号机械有限公司\n" for i in range(5))).take(around=step)
    assert entered == [0, 2, 4]


# Exports of other programs


def test_the_salesforce_export_comes_in_through_its_presets(upload):
    home = shared_data("salesforce-export")

    def take(kind, name):
        upload.read(kind, name, (home / name).read_bytes())
        assert upload.preset is not None and upload.preset.system == "salesforce"
        return upload.set(cells="warn", duplicates="warn").take()

    assert counts(take("customer", "Account.csv")) == {"created": 22}
    bank = Customer.objects.get(name="Walker Henson and Compton")
    assert (bank.phone, bank.industry, bank.postcode) == ("3456588094", "service", "74929")
    assert str(bank.created_at.date()) == "2024-01-23" or bank.created_at.year == 2024
    done = take("contact", "Contact.csv")
    assert counts(done) == {"created": 18, "failed": 84}  # 84 of the 102 belong to no account there
    assert Contact.objects.filter(email="patricia.ryan@example.com").count() <= 1
    assert counts(take("opportunity", "Opportunity.csv")) == {"created": 50}
    assert Opportunity.objects.filter(status="won").count() >= 12 and Opportunity.objects.filter(status="lost").count() >= 3
    assert counts(take("customer", "Account.csv")) == {"unchanged": 22}
    assert counts(take("opportunity", "Opportunity.csv")) == {"unchanged": 50}


def test_the_odoo_files_come_in_through_their_presets(upload):
    home = shared_data("odoo12-demo", "base_import", "static", "csv")

    def take(kind, name, **how):
        upload.read(kind, name, (home / name).read_bytes())
        assert upload.preset is not None and upload.preset.system == "odoo", name
        return upload.set(duplicates="warn", **how).take()

    assert counts(take("product", "External_id_3rd_party_application_products.csv")) == {"created": 5}
    assert Product.objects.filter(list_price__gt=0).count() >= 4
    companies = take("customer", "o2m_customers_contacts.csv")
    assert companies.counts["created"] and companies.counts["skipped"] and not companies.counts["failed"]
    people = take("contact", "o2m_customers_contacts.csv")
    assert people.counts["created"] and people.counts["skipped"] == companies.counts["created"]
    assert counts(take("customer", "m2m_customers_tags.csv")) == {"created": 5}


def test_an_export_of_another_kind_is_told():
    assert presets.elsewhere("contact", ["Id", "BillingStreet", "SystemModstamp", "Name"]) == "customer"
    assert presets.elsewhere("customer", ["名称"]) == ""


def test_the_stage_of_old_customers_comes_in_and_goes_back(upload, people):
    text = "名称,客户阶段,级别\n苏州样例机床有限公司,{},{}\n"
    upload.read("customer", "a.csv", text.format("交易客户", "A"))
    assert "lifecycle" in upload.settings.columns.values()
    assert counts(upload.take()) == {"created": 1} and Customer.objects.get().lifecycle == "deal"
    upload.read("customer", "a.csv", text.format("服务客户", "B")).set(by="name")
    assert counts(upload.take(batch="b2")) == {"updated": 1}
    row = Customer.objects.get()
    assert (row.lifecycle, row.level) == ("service", "B")
    found = back.entries("customer", "b2", by=people["admin"])
    back.take_back(importer("customer"), found, by=people["admin"], refuse=lambda row, why: pytest.fail(why))
    row = Customer.objects.get()
    assert (row.lifecycle, row.level) == ("deal", "A")
    upload.by = rep = people["rep"]
    RolePermission.objects.create(role=rep.roles.first(), kind="customer", action="import")
    forget_access(rep)
    upload.read("customer", "a.csv", text.format("交易客户", "A"))
    assert "lifecycle" not in upload.settings.columns.values()
