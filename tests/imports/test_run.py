"""What becomes of rows: found again, changed, refused with a reason; never twice, never half."""

import pytest

from zhike.base.refused import Forbidden
from zhike.customers.models import Contact, Customer, CustomerFacts, LifecycleChange
from zhike.org.models import Department, User
from zhike.records import search
from zhike.records.imports.lock import only_one
from zhike.records.imports.problems import Busy, SourceError
from zhike.records.models import ExternalKey, HistoryEntry, SearchEntry

from .conftest import lines, outcome

TWO = "id,name,phone,remark\n1,Test Company,021-12345678,old\n2,Second Company,,\n"
FIELDS = 'phone = "{phone}"\nremark = "{remark}"'


def everything():
    """What a run that writes nothing must leave as it was."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Customer, Contact, CustomerFacts, LifecycleChange, HistoryEntry, ExternalKey, SearchEntry, User)
    }


def both_companies(folder):
    return folder.write("rows.csv", TWO).plan(folder.customers(fields=FIELDS))


def test_rows_become_customers_as_people_would_have_made_them(folder):
    done, rows = both_companies(folder).one()
    assert outcome(done) == {"created": 2}
    made = Customer.objects.get(name="Test Company")
    assert made.code.startswith("KH-") and made.version == 1 and made.lifecycle == "target"
    assert made.owner == folder.people["admin"] and made.owner_dept == folder.people["admin"].department
    assert CustomerFacts.objects.filter(customer=made).exists()
    entry = HistoryEntry.objects.get(kind="customer", row_id=made.pk)
    assert (entry.channel, entry.action, entry.by) == ("import", "import", folder.people["admin"])
    assert made.pk in search.matching("customer", "12345678").values_list("row_id", flat=True)
    assert made.code in rows[0]["_record"] and rows[0]["name"] == "Test Company"


def test_a_second_run_writes_nothing_at_all(folder):
    both_companies(folder).run()
    before = everything()
    done, _rows = folder.one()
    assert outcome(done) == {"unchanged": 2}
    assert everything() == before


def test_a_changed_row_is_updated_with_the_difference_in_history(folder):
    both_companies(folder).run()
    done, rows = folder.write("rows.csv", TWO.replace("old", "new")).one()
    assert outcome(done) == {"updated": 1, "unchanged": 1} and "remark" in rows[0]["_reason"]
    made = Customer.objects.get(name="Test Company")
    assert (made.remark, made.version) == ("new", 2)
    entry = HistoryEntry.objects.filter(kind="customer", row_id=made.pk).latest("pk")
    assert entry.diff == {"remark": ["old", "new"]} and entry.channel == "import"


def test_what_people_changed_here_stays_unless_the_source_changes_it_too(folder):
    from zhike.customers.actions import change_customer

    both_companies(folder).run()
    made = Customer.objects.get(name="Test Company")
    change_customer(made, {"phone": "021-87654321", "remark": "ours"}, by=folder.people["admin"], version=None)
    assert outcome(folder.one()[0]) == {"unchanged": 2}
    folder.write("rows.csv", TWO.replace("old", "new")).run()
    made.refresh_from_db()
    assert (made.phone, made.remark) == ("021-87654321", "new")


def test_an_emptied_cell_empties_the_field(folder):
    both_companies(folder).run()
    folder.write("rows.csv", TWO.replace("021-12345678", "")).run()
    assert Customer.objects.get(name="Test Company").phone == ""


def test_a_dry_run_counts_everything_and_writes_only_the_result_file(folder):
    before = everything()
    done, rows = both_companies(folder).one(dry_run=True)
    assert outcome(done) == {"created": 2} and len(rows) == 2 and done.result_file.is_file()
    assert everything() == before
    folder.run()
    before = everything()
    done, _rows = folder.write("rows.csv", TWO.replace("old", "new")).one(dry_run=True)
    assert outcome(done) == {"updated": 1, "unchanged": 1}
    assert everything() == before


def test_duplicate_and_empty_keys_in_the_file(folder):
    folder.write("rows.csv", "id,name\n1,Test Company\n1,Again Company\n,Third Company\n  ,Fourth Company\n")
    done, rows = folder.one()
    assert outcome(done) == {"created": 1, "failed": 3}
    assert "row 2" in rows[1]["_reason"] and "no key" in rows[2]["_reason"]


def test_every_bad_row_has_its_reason_and_the_good_ones_come_in(folder):
    folder.plan(folder.customers(fields='level = "{level}"\nuscc = "{uscc}"\nemail = "{email}"\nowner = "{owner}"'))
    folder.write("rows.csv", "id,name,level,uscc,email,owner\n"
                 "1,Test Company,A,,,rep\n2,X,A,,,rep\n3,12345,A,,,rep\n4,,A,,,rep\n5,Five Company,Z,,,rep\n"
                 "6,Six Company,A,91350100M000100Y44,,rep\n7,Seven Company,A,,nomail,rep\n"
                 f"8,Eight Company,A,,,nobody\n9,{'x' * 201},A,,,rep\n10,Ten Company,A 重点,,,\n")
    done, rows = folder.one()
    assert outcome(done) == {"created": 2, "failed": 8}
    reasons = {row["id"]: row["_reason"] for row in rows if row["_result"] == "failed"}
    for key, words in {"2": "name", "3": "name", "4": "name", "5": "“Z”", "6": "uscc", "7": "email", "8": "nobody",
                       "9": "201"}.items():
        assert words in reasons[key], reasons[key]
    assert "A, B, C" in reasons["5"]
    assert Customer.objects.get(name="Test Company").owner == folder.people["rep"]


def test_rules_reject_warn_and_replace_and_are_counted(folder):
    folder.plan(folder.customers(section="""
[[section.rule]]
name = "test-data"
when = { column = "name", starts = "TEST" }
then = "reject"
[[section.rule]]
name = "typo"
text = { zh = "拼写", en = "misspelt" }
when = { column = "name", equals = "Secnd Company" }
then = "replace"
with = "Second Company"
[[section.rule]]
name = "short"
when = { column = "note", missing = true }
then = "warn"
[[section.rule]]
name = "same"
when = { column = "note", duplicate = true }
then = "warn"
""", fields='remark = "{note}"'))
    folder.write("rows.csv", "id,name,note\n1,TEST 1,\n2,Secnd Company,a\n3,Third Company,\n4,Fourth Company,a\n")
    done, rows = folder.one()
    assert outcome(done) == {"skipped": 1, "created": 3} and done.doubtful == 3
    assert {rule["rule"]: rule["count"] for rule in done.rules} == {"test-data": 1, "typo": 1, "short": 1, "same": 1}
    assert Customer.objects.filter(name="Second Company").exists()
    assert rows[1]["name"] == "Secnd Company" and "misspelt" in rows[1]["_reason"]
    assert "row 3" in rows[3]["_reason"]


def test_parents_may_come_after_their_children(folder):
    folder.plan(folder.customers(fields='parent = "{parent}"'))
    folder.write("rows.csv", "id,name,parent\n1,Grandchild Ltd,2\n2,Child Ltd,3\n3,Parent Ltd,\n4,Other Child,3\n")
    done, rows = folder.one()
    assert outcome(done) == {"created": 4} and len(rows) == 4
    assert Customer.objects.get(name="Grandchild Ltd").parent.parent.name == "Parent Ltd"
    assert set(Customer.objects.filter(name__contains="Child").values_list("version", flat=True)) == {1}
    before = everything()
    assert outcome(folder.one()[0]) == {"unchanged": 4}
    assert everything() == before
    assert outcome(folder.one(dry_run=True)[0]) == {"unchanged": 4}


def test_a_dry_run_knows_parents_that_would_be_there(folder):
    folder.plan(folder.customers(fields='parent = "{parent}"'))
    folder.write("rows.csv", "id,name,parent\n1,Grandchild Ltd,2\n2,Child Ltd,3\n3,Parent Ltd,\n")
    assert outcome(folder.one(dry_run=True)[0]) == {"created": 3}


def test_cycles_and_missing_parents_fail_alone(folder):
    folder.plan(folder.customers(fields='parent = "{parent}"'))
    folder.write("rows.csv", "id,name,parent\n1,One Company,2\n2,Two Company,1\n3,Three Company,3\n4,Four Company,99\n"
                 "5,Five Company,\n6,Six Company,1\n")
    done, rows = folder.one()
    assert outcome(done) == {"created": 1, "failed": 5}
    reasons = {row["id"]: row["_reason"] for row in rows}
    assert "each other" in reasons["1"] and "each other" in reasons["2"] and "each other" in reasons["3"]
    assert "99" in reasons["4"] and "“1”" in reasons["6"]


def test_a_cycle_made_by_a_later_file_is_refused(folder):
    folder.plan(folder.customers(fields='parent = "{parent}"'))
    folder.write("rows.csv", "id,name,parent\n1,One Company,\n2,Two Company,1\n").run()
    done, rows = folder.write("rows.csv", "id,name,parent\n1,One Company,2\n").one()
    assert outcome(done) == {"failed": 1} and rows[0]["_reason"].startswith("parent")


def test_a_record_of_the_house_is_found_by_match_and_remembered(folder, make):
    known = make.customer(name="Known Company", erp_code="E-1")
    folder.plan(folder.customers(section='match = "erp_code"', fields='erp_code = "{id}"'))
    done, _rows = folder.write("rows.csv", "id,name\nE-1,Known Company\nE-2,New Company\n").one()
    assert outcome(done) == {"created": 1, "unchanged": 1}
    done, _rows = folder.write("rows.csv", "id,name\nE-1,Renamed Company\n").one()
    known.refresh_from_db()
    assert outcome(done) == {"updated": 1} and known.name == "Renamed Company" and known.former_names == "Known Company"


def test_several_matches_are_not_guessed(folder, make):
    make.customer(name="Twin Company")
    make.customer(name="Twin Company")
    folder.plan(folder.customers(section='match = "name"'))
    done, rows = folder.write("rows.csv", "id,name\n1,Twin Company\n").one()
    assert outcome(done) == {"failed": 1} and "several" in rows[0]["_reason"]


@pytest.mark.parametrize(("mode", "first", "second"), [
    ("add", {"created": 2}, {"skipped": 1, "unchanged": 1}),
    ("update", {"skipped": 2}, {"skipped": 2}),
])
def test_modes(folder, mode, first, second):
    folder.plan(folder.customers(section=f'mode = "{mode}"')).write("rows.csv", TWO)
    assert outcome(folder.one()[0]) == first
    assert outcome(folder.write("rows.csv", TWO.replace("Test Company", "Other Name")).one()[0]) == second


def test_a_look_alike_is_named_with_its_code(folder, make):
    known = make.customer(name="重庆川仪自动化股份有限公司")
    done, rows = folder.write("rows.csv", "id,name\n1,川仪自动化\n2,华东电机\n").one()
    assert outcome(done) == {"created": 2}
    assert known.code in rows[0]["_reason"] and rows[1]["_reason"] == ""


def test_a_code_that_is_taken_fails_its_row_only(folder, make):
    known = make.customer()
    folder.plan(folder.customers(fields='code = "{code}"'))
    folder.write("rows.csv", f"id,name,code\n1,One Company,{known.code}\n2,Two Company,X-2\n3,Three Company,X-2\n")
    done, rows = folder.one()
    assert outcome(done) == {"created": 1, "failed": 2}
    assert known.code in rows[0]["_reason"] and "X-2" in rows[2]["_reason"]


def test_a_set_the_action_refuses_is_split_until_the_row_at_fault_is_found(folder, make, monkeypatch):
    from zhike.base.refused import Refused
    from zhike.customers import actions

    real = actions.create_customers

    def picky(rows, **how):
        made = real(rows, **how)  # it has written already when it refuses
        if any(row.name == "Bad Company" for row in rows):
            raise Refused("not this one")
        return made

    monkeypatch.setattr(actions, "create_customers", picky)
    names = [f"Good Company {i}" for i in range(9)]
    names.insert(5, "Bad Company")
    done, rows = folder.write("rows.csv", "id,name\n" + "".join(f"{i},{n}\n" for i, n in enumerate(names))).one()
    assert outcome(done) == {"created": 9, "failed": 1}
    assert rows[5]["_reason"] == "not this one"
    made = Customer.objects.filter(name__startswith="Good Company")
    assert made.count() == 9 and len(set(made.values_list("code", flat=True))) == 9
    assert not Customer.objects.filter(name="Bad Company").exists()
    monkeypatch.undo()
    assert make.customer().code not in set(made.values_list("code", flat=True))  # numbers were taken, not kept


def test_result_cells_are_no_formulas_and_the_mended_file_comes_back(folder):
    folder.plan(folder.customers(fields='remark = "{note}"\nlevel = "{level}"'))
    text = 'id,name,note,level\n1,Test Company,=1+1,A\n2,Second Company,＝1+1,A\n3,@SUM Company,-5,Z\n4,Fourth Company,"\t=1",A\n'
    done, _rows = folder.write("rows.csv", text).one()
    raw = done.result_file.read_text(encoding="utf-8-sig")
    for cell in ("'=1+1", "'＝1+1", "'@SUM Company", "'-5"):
        assert cell in raw
    for line in raw.splitlines()[1:]:
        assert not any(cell.startswith(("=", "@", "＝", "\t", "-")) for cell in line.replace('"', "").split(","))
    (folder.path / "rows.csv").write_text(raw.replace(",Z,", ",B,"), encoding="utf-8-sig")
    again, rows = folder.one()
    assert outcome(again) == {"unchanged": 3, "created": 1}
    assert Customer.objects.get(name="@SUM Company").remark == "-5"
    assert "_result" in rows[0] and list(rows[0]).count("_reason") == 1


def test_a_changed_owner_is_a_transfer(folder):
    folder.plan(folder.customers(fields='owner = "{owner}"'))
    folder.write("rows.csv", "id,name,owner\n1,Test Company,rep\n").run()
    folder.write("rows.csv", "id,name,owner\n1,Test Company,rep_south\n").run()
    made = Customer.objects.get(name="Test Company")
    south = folder.people["rep_south"]
    assert (made.owner, made.owner_dept) == (south, south.department)
    assert HistoryEntry.objects.filter(kind="customer", row_id=made.pk, action="transfer").count() == 1


HOUSE = """
name = "house"
[[section]]
name = "departments"
kind = "department"
match = "code"
rows = [{ code = "Z2", name = "Below", parent = "Z1" }, { code = "Z1", name = "Above", parent = "" }]
[section.fields]
code = "{code}"
name = "{name}"
parent = "{parent}"
[[section]]
name = "users"
kind = "user"
match = "username"
rows = [
  { user = "z.two", name = "Z Two", boss = "z.one", role = ["SR"] },
  { user = "z.one", name = "Z One", boss = "", role = ["SM", "SR"] },
]
[section.fields]
username = "{user}"
name = "{name}"
department = "Z2"
manager = "{boss}"
roles = "{role}"
[[section]]
name = "industries"
kind = "option"
match = ["dictionary", "code"]
rows = [{ code = "toys" }]
[section.fields]
dictionary = "industry"
code = "{code}"
name_zh = "玩具"
name_en = "toys"
[[section]]
name = "customers"
kind = "customer"
key = "{name}"
rows = [{ name = "Toy Company" }]
[section.fields]
name = "{name}"
industry = "toys"
owner = "z.two"
region = ["江苏", "苏州"]
"""


@pytest.mark.parametrize("dry_run", [True, False])
def test_departments_users_and_lists_come_first(folder, dry_run):
    report = folder.plan(HOUSE).run(dry_run=dry_run)
    assert [outcome(done) for done in report.sections] == [{"created": 2}, {"created": 2}, {"created": 1}, {"created": 1}]
    assert User.objects.filter(username="z.two").exists() is not dry_run
    if dry_run:
        assert not Department.objects.filter(code="Z1").exists()
        return
    two = User.objects.get(username="z.two")
    assert two.manager.username == "z.one" and not two.has_usable_password() and two.is_active and not two.is_admin
    assert two.department.path.startswith(Department.objects.get(code="Z1").path)
    assert set(two.manager.roles.values_list("code", flat=True)) == {"SM", "SR"}
    made = Customer.objects.get(name="Toy Company")
    assert (made.industry, made.owner, made.region.code) == ("toys", two, "320500")
    before = everything()
    assert [outcome(done) for done in folder.run().sections] == [
        {"unchanged": 2}, {"unchanged": 2}, {"unchanged": 1}, {"unchanged": 1}]
    assert everything() == before


def test_rights_bind_the_importer_too(folder, make):
    both_companies(folder)
    before = everything()
    with pytest.raises(Forbidden):
        folder.run(by="rep")
    with pytest.raises(Forbidden):
        folder.plan(HOUSE).run(by="manager_east")
    assert everything() == before
    assert outcome(both_companies(folder).one(by="manager_east")[0]) == {"created": 2}


def test_keys_never_lead_to_records_one_may_not_see(folder, make):
    hidden = make.customer(name="Hidden Company", owner="rep_south", erp_code="H-1")
    folder.plan(folder.customers(fields='parent = { from = "{parent}", by = "erp_code" }'))
    done, rows = folder.write("rows.csv", "id,name,parent\n1,Child Company,H-1\n2,Other Company,H-2\n").one(by="manager_east")
    assert outcome(done) == {"failed": 2}
    assert rows[0]["_reason"].replace("H-1", "") == rows[1]["_reason"].replace("H-2", "")
    folder.plan(folder.customers(section='match = "erp_code"', fields='erp_code = "{id}"'))
    folder.write("rows.csv", "id,name\nH-1,Renamed Company\n").run(by="manager_east")
    hidden.refresh_from_db()
    assert hidden.name == "Hidden Company"


def test_two_imports_at_once_the_second_refuses(folder):
    from django.conf import settings
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("one connection may take its own advisory lock twice")
    from pathlib import Path

    with only_one(Path(settings.DATA_DIR) / "imports"), pytest.raises(Busy):
        both_companies(folder).run()
    assert outcome(folder.one()[0]) == {"created": 2}


def test_a_broken_file_further_down_leaves_nothing_behind(folder):
    folder.plan(folder.customers() + """
[[section]]
name = "contacts"
kind = "contact"
file = "rows"
key = "{mail}"
[section.fields]
name = "{name}"
customer = "{id}"
""").write("rows.csv", TWO)
    with pytest.raises(SourceError, match="mail"):
        folder.run()
    assert not Customer.objects.filter(name="Test Company").exists()


def test_all_rows_are_accounted_for(folder):
    folder.write("rows.csv", "id,name\n" + "".join(f"{i % 40},{'X' if i % 7 == 0 else f'Company {i}'}\n" for i in range(60)))
    done, rows = folder.one()
    assert done.rows == len(rows) == 60
    assert lines(done.result_file)[0]["_row"] == "2"


STAGES = "id,name,stage,remark\n1,Old Customer Works,deal,\n2,Old Service Works,服务客户,\n3,New Works,,\n4,Odd Works,king,\n"


def test_customers_keep_the_stage_they_had_elsewhere(folder):
    folder.write("rows.csv", STAGES).plan(folder.customers(fields='lifecycle = "{stage}"\nremark = "{remark}"'))
    done, rows = folder.one()
    assert outcome(done) == {"created": 3, "failed": 1} and "king" in rows[3]["_reason"]
    made = {row.name: row for row in Customer.objects.all()}
    assert {name: row.lifecycle for name, row in made.items()} == {"Old Customer Works": "deal", "Old Service Works": "service", "New Works": "target"}
    assert [step.target for step in made["Old Service Works"].lifecycle_changes.all()] == ["service"]
    # A later file takes them on, with a step of its own, and never back.
    later = STAGES.replace("1,Old Customer Works,deal", "1,Old Customer Works,service").replace("服务客户,", "potential,new")
    done, rows = folder.write("rows.csv", later).one()
    assert outcome(done) == {"updated": 1, "failed": 2, "unchanged": 1} and "does not take it back" in rows[1]["_reason"]
    first, second = (Customer.objects.get(pk=made[name].pk) for name in ("Old Customer Works", "Old Service Works"))
    assert (first.lifecycle, second.lifecycle, second.remark) == ("service", "service", "")
    assert list(first.lifecycle_changes.values_list("source", "target", "cause_kind")) == [("", "deal", ""), ("deal", "service", "import")]


def test_stages_need_the_right_to_restate(folder, people):
    from zhike.org.models import RolePermission

    RolePermission.objects.create(role=people["rep"].roles.first(), kind="customer", action="import")
    folder.write("rows.csv", STAGES).plan(folder.customers(fields='lifecycle = "{stage}"'))
    done, rows = folder.one(by="rep")
    assert outcome(done) == {"created": 1, "failed": 3} and "restating history" in rows[0]["_reason"]
