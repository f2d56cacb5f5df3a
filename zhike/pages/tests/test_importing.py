"""A file on its way into the house, through the pages: every step, every right, every way back."""

import io
import re
import secrets
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from zhike.base import clock
from zhike.customers.models import Contact, Customer
from zhike.org.models import FieldRule, RolePermission
from zhike.records import crud, jobs
from zhike.records.imports.uploads import limits, run, store, work
from zhike.records.models import HistoryEntry, ImportMemory, ImportUpload, Job, SearchEntry
from zhike.records.save import change_row

pytestmark = [pytest.mark.long, pytest.mark.django_db]

CSV = "客户名称,电话,级别\n苏州样例机床有限公司,13800000001,A\n无锡样例阀门有限公司,0510-81234567,\n,021-1,\n"


class Way:
    """One person taking one file in by the buttons of the pages."""

    def __init__(self, client, user):
        self.client, self.user = client, user

    def post(self, url, data=None, **how):
        return self.client.post(url, {"_once": secrets.token_urlsafe(24), **(data or {})}, **how)

    def send(self, content=CSV, name="客户.csv", kind="customer", code=303):
        data = content if isinstance(content, bytes) else content.encode()
        self.got = self.post(f"/imports/new/{kind}/", {"file": SimpleUploadedFile(name, data)})
        assert self.got.status_code == code, self.got.content.decode()[-800:]
        if code == 303:
            self.pk = ImportUpload.objects.latest("pk").pk
        return self

    @property
    def upload(self):
        return ImportUpload.objects.get(pk=self.pk)

    def url(self, step=""):
        return f"/imports/{self.pk}/{step + '/' if step else ''}"

    def page(self, step):
        got = self.client.get(self.url(step))
        assert got.status_code == 200, (got.status_code, got.headers)
        return got.content.decode()

    def chosen(self):
        """What the form of the columns would send, as a browser would."""
        page, data = self.page("columns"), {}
        for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
            hit = re.search(r'<option value="([^"]*)" selected', options)
            data[name] = hit[1] if hit else ""
        data["system"] = (re.search(r'name="system" value="([^"]*)"', page) or ["", ""])[1]
        if re.search(r'name="empties"[^>]* checked', page):
            data["empties"] = "on"
        return data

    def check(self, code=303, **how):
        self.got = self.post(self.url("columns"), {**self.chosen(), **how})
        assert self.got.status_code == code, self.got.content.decode()[-800:]
        return self

    def take(self):
        self.got = self.post(self.url("check"))
        assert self.got.status_code == 303
        self.work()
        return self

    def work(self):
        for job in Job.objects.filter(state__in=Job.OPEN).order_by("pk"):
            jobs.run(job.pk)

    def counts(self):
        return {name: n for name, n in self.upload.outcome.get("counts", {}).items() if n}


@pytest.fixture
def way(sign_in, people):
    return Way(sign_in("manager_east"), people["manager_east"])


def names(like="样例"):
    return sorted(Customer.objects.filter(name__contains=like).values_list("name", flat=True))


def test_from_the_list_to_the_result_and_back(way):
    page = way.client.get("/customers/?view=all").content.decode()
    assert 'href="/imports/new/customer/"' in page and "/customers/template/?view=all" in page
    way.send()
    assert way.got["Location"] == way.url("columns")
    chosen = way.chosen()
    assert (chosen["c0"], chosen["c1"], chosen["c2"]) == ("name", "phone", "level")
    way.check()
    assert way.got["Location"] == way.url("check") and not names()
    page = way.page("check")
    assert "客户名称" in page and re.search(r"<dd[^>]*>2</dd>", page)
    way.take()
    assert len(names()) == 2 and way.counts() == {"created": 2, "failed": 1}
    told = HistoryEntry.objects.get(kind="customer", action="import", row_id=0)
    assert (told.by, told.args["file"], told.args["created"]) == (way.user, "客户.csv", 2)
    page = way.page("result")
    assert f"{way.url('undo')}" in page and "only=left" in page
    assert Customer.objects.get(name="苏州样例机床有限公司").owner == way.user
    assert HistoryEntry.objects.filter(batch=way.upload.batch, action="import").count() == 2
    way.post(way.url("undo"))
    way.work()
    assert not names() and way.upload.state == "undone"
    assert not SearchEntry.objects.filter(kind="customer", names__contains="样例").exists()
    assert "撤回" in way.page("result") or "Taken back" in way.page("result")


def test_ones_imports_lead_to_what_one_may_take_in(sign_in):
    page = sign_in("manager_east").get("/imports/").content.decode()
    assert 'href="/imports/new/customer/"' in page and 'href="/imports/new/contact/"' in page
    finance = sign_in("finance").get("/imports/").content.decode().split("<main")[1]
    assert "/imports/new/customer/" not in finance


def test_everything_that_is_wrong_with_a_row_is_said_at_once(way):
    way.send("客户名称,级别,行业,省市区,负责人\n苏州样例机床有限公司,Z,没有的行业,火星,不存在\n无锡样例阀门有限公司,Z,,,\n,A,,,\n").check()
    way.work()
    tally = ImportUpload.objects.get(pk=way.pk).check_tally
    (first, second, third) = (problem[3].split("; ") for problem in tally["problems"])
    assert len(first) == 4 and len(second) == 1 and len(third) == 1
    assert tally["reasons"][second[0]] == 2  # each reason counts by itself, however many a row has
    page = way.page("check")
    assert "苏州样例机床有限公司" in page and page.count("火星") == 2
    assert "行业：" in first[1] and "火星" in first[2] and "不存在" in first[3]
    # A file that was looked at before rows had names is still shown.
    ImportUpload.objects.filter(pk=way.pk).update(check_tally={**tally, "problems": [problem[:4] for problem in tally["problems"]]})
    assert "火星" in way.page("check")


def test_the_file_with_reasons_is_mended_and_taken_in(way):
    way.send().check().take()
    got = way.client.get(f"{way.url('rows')}?which=run&only=left&format=xlsx")
    data = b"".join(got.streaming_content)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["客户名称", "电话", "级别", "_行号", "_结果", "_记录", "_原因"] and len(sheet) == 2
    assert sheet[1][3] == "4" and "客户名称" in sheet[1][6]
    assert got["Content-Disposition"].startswith("attachment") and got["Cache-Control"] == "no-store"
    text = b"".join(way.client.get(f"{way.url('rows')}?only=left&format=csv").streaming_content).decode("utf-8-sig")
    way.send(text.replace("\n,021-1", "\n常州样例电机有限公司,021-55512345"), "again.csv")
    assert way.chosen()["c0"] == "name" and "_原因" not in way.page("columns")
    way.check().take()
    assert way.counts() == {"created": 1} and len(names()) == 3


def test_the_mapping_is_remembered_for_the_same_headings(way):
    text = "甲,乙\n苏州样例机床有限公司,x\n"
    way.send(text)
    assert way.chosen()["c1"] == ""
    way.check(c0="name", c1="remark", duplicates="fail")
    assert ImportMemory.objects.filter(user=way.user, kind="customer").count() == 1
    way.send("乙,甲\ny,无锡样例阀门有限公司\n")  # another order, the same headings
    chosen = way.chosen()
    assert (chosen["c0"], chosen["c1"], chosen["duplicates"]) == ("remark", "name", "fail")
    assert "上次" in way.page("columns") or "last time" in way.page("columns")


def test_a_file_that_cannot_be_read_says_why_and_may_be_read_otherwise(way):
    way.send("id,name\n1,Good Company\n2,Saraíva Exemplo\n".encode("cp1252"))
    assert way.got["Location"] == way.url("file")
    page = way.page("file")
    assert "GB18030" in page and 'role="alert"' not in page
    got = way.post(way.url("file"), {"encoding": "cp1252"})
    assert got.status_code == 303 and way.upload.shape["encoding"] == "cp1252"
    way.send(b"%PDF-1.7", "a.pdf")
    assert "PDF" in way.page("file")
    assert way.client.get(way.url("columns")).status_code in (302, 303)


def test_another_heading_is_chosen(way):
    way.send("a,b\n名称,电话\n苏州样例机床有限公司,13800000001\n")
    assert way.upload.shape["header"] == 1
    assert "a" in way.page("file") and way.page("file").count("<tr") == 3
    way.post(way.url("file"), {"header": "2", "header_lines": "1"})
    assert way.chosen()["c0"] == "name" and way.upload.shape["rows"] == 1
    got = way.post(way.url("file"), {"header": "99"})
    assert got.status_code == 303 and got["Location"] == way.url("file")
    assert "99" in way.page("file")


@pytest.mark.parametrize(("change", "text"), [
    ({"c1": "name"}, "name"), ({"c0": ""}, "客户名称"), ({"by": "uscc"}, "uscc"), ({"mode": "update", "by": ""}, "by"),
    ({"c0": "owner_password"}, "owner_password"), ({"mode": "x"}, "x"),
])
def test_a_mapping_that_cannot_work_is_said_in_place(way, change, text):
    way.send().check(code=422, **change)
    page = way.got.content.decode()
    assert 'role="alert"' in page and not way.upload.check_done
    assert way.client.get(way.url("check")).status_code == 303


def test_without_a_dry_run_nothing_is_taken_in(way):
    way.send()
    way.post(way.url("check"))
    way.work()
    assert not names() and way.upload.state == "open"
    way.check()
    way.post(way.url("file"), {"header": "1"})  # read anew: what was checked is no longer true
    way.post(way.url("check"))
    way.work()
    assert not names()


def test_a_double_click_takes_a_file_in_once(way):
    way.send().check()
    token = secrets.token_urlsafe(24)
    for _i in range(2):
        assert way.client.post(way.url("check"), {"_once": token}).status_code == 303
    way.post(way.url("check"))
    way.work()
    assert len(names()) == 2 and Job.objects.filter(name="records.import").count() == 1


def test_what_somebody_has_used_since_stays(way, people):
    way.send().check().take()
    used = Customer.objects.get(name="苏州样例机床有限公司")
    change_row(used, {"remark": "benutzt"}, by=people["manager_east"], version=used.version)
    way.post(way.url("undo"))
    way.work()
    assert names() == ["苏州样例机床有限公司"]
    assert "1" in re.search(r"class=\"nt info\".*?</div>", way.page("result"), re.DOTALL)[0]


def test_undo_gives_changed_fields_what_they_had(way):
    way.send().check().take()
    way.send(CSV.replace("13800000001", "13800000009")).check(by="name").take()
    assert way.counts() == {"updated": 1, "unchanged": 1, "failed": 1}
    assert Customer.objects.get(name="苏州样例机床有限公司").phone == "13800000009"
    way.post(way.url("undo"))
    way.work()
    assert Customer.objects.get(name="苏州样例机床有限公司").phone == "13800000001" and len(names()) == 2


def test_undo_removes_groups_with_their_parents(way):
    way.send("客户名称,上级客户\n样例子公司有限公司,样例集团有限公司\n样例集团有限公司,\n样例孙公司有限公司,样例子公司有限公司\n")
    way.check(by="name").take()
    assert Customer.objects.get(name="样例孙公司有限公司").parent.parent.name == "样例集团有限公司"
    way.post(way.url("undo"))
    way.work()
    assert not names() and way.upload.undo_job.refused == 0


def test_undo_leaves_a_customer_that_has_contacts_by_now(way, make):
    way.send().check().take()
    customer = Customer.objects.get(name="无锡样例阀门有限公司")
    make.contact(owner="manager_east", customer=customer)
    way.post(way.url("undo"))
    way.work()
    assert names() == ["无锡样例阀门有限公司"] and Contact.objects.filter(customer=customer).exists()


# Rights


def test_nobody_else_meets_the_upload(way, sign_in):
    way.send().check().take()
    for name in ("admin", "sales_head", "rep", "marketing"):
        client = sign_in(name)
        for step in ("", "file", "columns", "check", "result", "rows"):
            assert client.get(way.url(step)).status_code == 404, (name, step)
        for step in ("file", "columns", "check", "undo", "delete", "cancel", "retry"):
            assert client.post(way.url(step), {"_once": secrets.token_urlsafe(24)}).status_code == 404, (name, step)
        assert f"/imports/{way.pk}/" not in client.get("/imports/").content.decode()
    assert len(names()) == 2 and f"/imports/{way.pk}/" in way.client.get("/imports/").content.decode()


@pytest.mark.parametrize(("username", "kind", "code"), [
    ("rep", "customer", 404), ("auditor", "customer", 404), ("warehouse", "product", 404), ("manager_east", "user", 404),
    ("manager_east", "activity", 404), ("manager_east", "nonsense", 404), ("marketing", "contact", 200), ("finance", "product", 200),
])
def test_only_kinds_one_may_import(sign_in, username, kind, code):
    client = sign_in(username)
    assert client.get(f"/imports/new/{kind}/").status_code == code
    if kind in ("customer", "contact", "product"):
        page = client.get(f"/{kind}s/").content.decode()
        assert (f"/imports/new/{kind}/" in page) == (code == 200)


def test_closed_fields_are_neither_offered_nor_taken(way, sign_in):
    role = way.user.roles.first()
    for name, mode in (("phone", FieldRule.MASK), ("level", FieldRule.READ), ("email", FieldRule.HIDE)):
        FieldRule.objects.create(role=role, kind="customer", field=name, mode=mode)
    way.send()
    page = way.page("columns")
    for name in ("phone", "level", "email"):
        assert f'<option value="{name}"' not in page
    way.check(code=422, c1="phone")
    way.check()
    FieldRule.objects.create(role=role, kind="customer", field="name", mode=FieldRule.READ)
    way.take()  # between the check and the run the right went away
    assert not names() and way.upload.state == "stopped" and way.upload.run_job.state == "failed"


def test_rows_one_may_see_but_not_change_are_refused_one_by_one(sign_in, people, make):
    """The marketing colleague sees all customers; here the right to change them is taken down to their own."""
    from zhike.org.models import Scope

    make.customer(owner="rep", name="别人样例有限公司", phone="13800000001")
    Scope.objects.filter(role__in=people["marketing"].roles.all(), kind="customer").update(edit_level="self")
    way = Way(sign_in("marketing"), people["marketing"])
    way.send("客户名称,电话\n别人样例有限公司,13900000009\n自己样例有限公司,13900000001\n").check(by="name").take()
    assert way.counts() == {"created": 1, "failed": 1}
    assert Customer.objects.get(name="别人样例有限公司").phone == "13800000001"


def test_owners_are_set_only_by_those_who_may_give_records_away(way, people):
    text = "客户名称,负责人\n苏州样例机床有限公司,rep\n"
    way.send(text).check().take()
    assert Customer.objects.get(name="苏州样例机床有限公司").owner == people["rep"]
    RolePermission.objects.filter(role__in=way.user.roles.all(), kind="customer", action="transfer").delete()
    way.send(text.replace("机床", "泵业"))
    assert way.chosen()["c1"] == ""
    way.check(code=422, c1="owner")


# In the background


def test_large_files_are_checked_and_run_in_the_background(way, monkeypatch):
    monkeypatch.setattr(work, "AT_ONCE", 2)
    way.send().check()
    page = way.page("check")
    assert "every 2s" in page and "/check/" in page
    fragment = way.client.get(way.url("check"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment and 'id="imp"' in fragment
    way.work()
    assert "every 2s" not in way.page("check")
    way.post(way.url("check"))
    page = way.page("result")
    assert "every 2s" in page and way.url("cancel") in page
    assert way.client.get(way.url("columns")).status_code == 303
    way.work()
    assert way.counts() == {"created": 2, "failed": 1}


def test_a_check_is_cancelled_and_started_anew(way, monkeypatch):
    monkeypatch.setattr(work, "AT_ONCE", 2)
    way.send().check()
    assert way.url("cancel") in way.page("check")
    assert way.post(way.url("cancel"))["Location"] == way.url("check")
    way.work()
    assert not way.upload.check_done and "every 2s" not in way.page("check")
    way.post(way.url("check"))
    assert way.upload.state == "open"
    way.check()
    way.work()
    assert way.upload.check_done


def test_cancelled_half_way_it_stops_and_goes_on_where_it_stopped(way, monkeypatch):
    monkeypatch.setattr(run, "SIZE", 10)
    way.send("客户名称\n" + "".join(f"样例{i}号机械有限公司\n" for i in range(45))).check()
    way.post(way.url("check"))
    true_take = run.UploadRun._take

    def slow(self, items):
        true_take(self, items)
        if self.out.tally.rows == 20:
            way.post(way.url("cancel"))

    monkeypatch.setattr(run.UploadRun, "_take", slow)
    way.work()
    assert len(names()) == 20 and way.upload.state == "stopped" and way.counts() == {"created": 20}
    assert way.url("retry") in way.page("result") and way.url("undo") in way.page("result")
    monkeypatch.setattr(run.UploadRun, "_take", true_take)
    assert way.post(way.url("retry"))["Location"] == way.url("result") and way.upload.state == "running"
    way.work()
    assert len(names()) == 45 and way.upload.state == "done" and way.counts() == {"created": 45}
    text = b"".join(way.client.get(f"{way.url('rows')}?format=csv").streaming_content).decode("utf-8-sig")
    assert text.count("\n") == 46


def test_it_makes_room_for_others_and_goes_on(way, monkeypatch):
    from zhike.records import job_context

    monkeypatch.setattr(run, "SIZE", 10)
    way.send("客户名称\n" + "".join(f"样例{i}号机械有限公司\n" for i in range(35))).check()
    way.post(way.url("check"))
    monkeypatch.setattr(job_context, "SLICE", -1.0)
    turns = iter([False, True] * 20)
    monkeypatch.setattr(job_context.Turn, "others_wait", staticmethod(lambda: next(turns)))
    rounds = 0
    while way.upload.state == "running":
        way.work()
        rounds += 1
        assert rounds < 10
    assert rounds == 4 and way.counts() == {"created": 35} and len(names()) == 35


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_killed_worker_goes_on_without_doubling(way, monkeypatch, where):
    """The worker dies in the middle of a batch, before or after it wrote the result file."""
    monkeypatch.setattr(run, "SIZE", 10)
    way.send("客户名称\n" + "".join(f"样例{i}号机械有限公司\n" for i in range(35))).check()
    way.post(way.url("check"))
    job = way.upload.run_job
    true_take, killed = run.UploadRun._take, []

    class Killed(BaseException):
        pass

    def dying(self, items):
        if where == "after":
            true_take(self, items)
        if self.out.tally.rows >= 20 and not killed:
            killed.append(1)
            raise Killed
        if where == "before":
            true_take(self, items)

    monkeypatch.setattr(run.UploadRun, "_take", dying)
    with pytest.raises(Killed):
        jobs.run(job.pk)
    assert Job.objects.get(pk=job.pk).state == "running" and len(names()) == (20 if where == "before" else 10)
    jobs.run(job.pk)  # what the reaper does
    assert len(names()) == 35 and way.counts() == {"created": 35}
    text = b"".join(way.client.get(f"{way.url('rows')}?format=csv").streaming_content).decode("utf-8-sig")
    assert [line.split(",")[1] for line in text.splitlines()[1:]] == [str(n) for n in range(2, 37)]


def test_a_run_whose_worker_is_gone_for_good_has_stopped(way):
    way.send().check()
    way.post(way.url("check"))
    Job.objects.filter(pk=way.upload.run_job_id).update(state="failed", message="weg")
    assert "weg" in way.page("result") and way.upload.state == "stopped"


# A list edited in Excel


def template(client, query="view=all"):
    got = client.get(f"/customers/template/?{query}")
    assert got.status_code == 200
    return b"".join(got.streaming_content)


def edited(data, change):
    """The workbook after somebody changed it in a spreadsheet program."""
    import xlsxwriter

    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    change(rows)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if cell != "":
                sheet.write(y, x, cell)
    book.close()
    return out.getvalue(), rows


def test_a_list_comes_back_from_excel_with_nothing_but_the_changes(way, make):
    a = make.customer(owner="manager_east", name="甲样例机床有限公司", phone="13800000001", level="A")
    b = make.customer(owner="manager_east", name="乙样例机床有限公司", phone="13800000002", level="B")
    c = make.customer(owner="manager_east", name="丙样例机床有限公司", phone="13800000003", level="B")
    data = template(way.client, "q=样例机床")

    def change(rows):
        head = rows[0]
        assert len(rows) == 4 and head[:2] == ["知客编号", "知客版本"]
        by_id = {int(row[0]): row for row in rows[1:]}
        by_id[a.pk][head.index("电话")] = "13900000001"
        by_id[a.pk][head.index("客户级别")] = ""
        by_id[c.pk][head.index("电话")] = "13900000003"

    content, _rows = edited(data, change)
    change_row(c, {"remark": "inzwischen"}, by=way.user, version=c.version)  # somebody was faster
    way.send(content, "list.xlsx")
    chosen = way.chosen()
    assert chosen["c0"] == "@id" and chosen["c1"] == "@version" and chosen["by"] == "@id" and chosen["empties"] == "on"
    way.check()
    tally = way.upload.check_tally
    assert {name: n for name, n in tally["counts"].items() if n} == {"updated": 1, "unchanged": 1, "failed": 1}
    page = way.page("check")
    assert "13800000001" in page and "13900000001" in page and "差异" in page or "Differences" in page
    way.take()
    a.refresh_from_db(), b.refresh_from_db(), c.refresh_from_db()
    assert (a.phone, a.level, b.phone, c.phone) == ("13900000001", "", "13800000002", "13800000003")
    way.post(way.url("undo"))
    way.work()
    a.refresh_from_db()
    assert (a.phone, a.level) == ("13800000001", "A")


def test_fields_of_the_houses_own_go_to_excel_and_come_back_as_they_are(way, make, people):
    other = make.customer(owner="manager_east", name="介绍样例有限公司")
    given = {"text": "备注甲", "int": 7, "quantity": Decimal("2.5"), "date": date(2026, 3, 18), "bool": True, "choice": "b", "multi": ["a", "b"],
             "user": people["rep"].pk, "ref": other.pk, "phone": "0510-81234567", "email": "t@example.com", "percent": Decimal("0.125")}
    names = {}
    for i, kind in enumerate(given):
        more = {"choices_text": "a = 甲类 | First\nb = 乙类 | Second"} if kind in ("choice", "multi") else {"to": "customer"} if kind == "ref" else {}
        names[kind] = make.custom_field(on="customer", type=kind, label_zh=f"自定{'甲乙丙丁戊己庚辛壬癸子丑'[i]}", label_en=f"Own {i}", **more).name
    row = make.customer(owner="manager_east", name="甲样例机床有限公司")
    crud.change(row, {names[kind]: value for kind, value in given.items()}, by=people["admin"], version=None)
    data = template(way.client, "q=甲样例机床")
    head, cells = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    told = dict(zip(head, cells, strict=True))
    assert [told[f"自定{text}"] for text in "己庚辛壬"] == ["乙类", "甲类, 乙类", str(people["rep"]), "介绍样例有限公司"]
    bare = make.customer(owner="manager_east", name="乙样例机床有限公司")
    data = template(way.client, "q=样例机床")  # an empty cell stays what it is, too
    way.send(data, "list.xlsx").check()
    way.work()
    assert {name: n for name, n in way.upload.check_tally["counts"].items() if n} == {"unchanged": 2}, way.upload.check_tally

    def change(rows):
        head = rows[0]
        for line in rows[1:]:
            line[head.index("自定庚")] = "" if int(line[0]) == row.pk else "乙类"
            line[head.index("自定戊")] = "是"
            line[head.index("自定丁")] = ""

    content, _rows = edited(data, change)
    way.send(content, "list.xlsx").check()
    way.work()
    page = way.page("check")
    assert "甲类, 乙类" in page and way.upload.check_tally["counts"]["updated"] == 2, way.upload.check_tally
    way.take()
    row.refresh_from_db(), bare.refresh_from_db()
    assert getattr(row, names["multi"]) == [] and getattr(bare, names["multi"]) == ["b"] and getattr(bare, names["bool"]) is True
    before = row.custom[names["ref"]]
    for field, text in (("自定辛", ""), ("自定壬", "")):  # links are emptied by a second file, and all of it is taken back
        content, _rows = edited(template(way.client, "q=甲样例机床"), lambda rows, field=field, text=text: rows[1].__setitem__(rows[0].index(field), text))
        way.send(content, "again.xlsx").check()
        way.work()
        way.take()
        row.refresh_from_db()
        assert names["user" if field == "自定辛" else "ref"] not in row.custom, way.upload.outcome
        way.post(way.url("undo"))
        way.work()
        row.refresh_from_db()
        assert way.upload.state == "undone" and row.custom[names["ref"]] == before and row.custom[names["user"]] == given["user"]
    ImportUpload.objects.filter(state="undone").delete()
    way.pk = ImportUpload.objects.latest("pk").pk
    way.post(way.url("undo"))
    way.work()
    row.refresh_from_db(), bare.refresh_from_db()
    assert way.upload.state == "undone" and not way.upload.undo_job.refused
    assert getattr(row, names["multi"]) == ["a", "b"] and getattr(row, names["date"]) == given["date"] and names["multi"] not in bare.custom


def test_the_template_hides_what_the_person_may_not_fill_and_offers_choices(way, make):
    make.customer(owner="manager_east", name="=样例机床有限公司", phone="13800000001")
    FieldRule.objects.create(role=way.user.roles.first(), kind="customer", field="phone", mode=FieldRule.MASK)
    data = template(way.client, "q=样例机床")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert "电话" not in rows[0] and "13800000001" not in str(rows) and "=样例机床有限公司" in rows[1]
    book = CalamineWorkbook.from_filelike(io.BytesIO(template(way.client, "rows=0")))
    assert len(book.get_sheet_by_index(0).to_python()) == 1 and "知客编号" not in str(book.get_sheet_by_index(0).to_python())
    assert "A 重点" in str(book.get_sheet_by_name("_").to_python())
    assert HistoryEntry.objects.filter(kind="customer", action="export").count() == 1


def test_the_template_asks_for_both_rights(sign_in):
    assert sign_in("rep").get("/customers/template/?rows=0").status_code == 403
    assert sign_in("marketing").get("/customers/template/?rows=0").status_code == 200
    assert sign_in("marketing").get("/customers/template/").status_code == 403  # may import, may not export


# Limits and ends


def test_too_large_and_too_many(way, monkeypatch):
    before = len(list(store.home().glob("upload-*")))
    monkeypatch.setattr(limits, "MAX_BYTES", 20)
    way.send(code=422)
    assert 'role="alert"' in way.got.content.decode() and len(list(store.home().glob("upload-*"))) == before
    monkeypatch.setattr(limits, "MAX_BYTES", 2_000)
    monkeypatch.setattr(store, "MOST", 1)
    way.send()
    way.send(code=422)
    monkeypatch.setattr(store, "RESERVE", 10**18)
    way.send(code=422)
    assert ImportUpload.objects.count() == 1 and len(list(store.home().glob("upload-*"))) == before + 1


def test_files_are_private_and_go_after_thirty_days(way):
    way.send().check().take()
    folder = store.folder_of(way.upload)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o007 == 0 for path in folder.glob("upload.*"))
    store.prune()
    assert folder.exists()
    ImportUpload.objects.update(created_at=clock.now() - timedelta(days=31))
    import os

    os.utime(folder, (0, 0))
    store.prune()
    assert not folder.exists() and not ImportUpload.objects.exists() and len(names()) == 2


def test_delete_takes_the_file_and_leaves_the_records(way, django_capture_on_commit_callbacks):
    way.send().check().take()
    folder = store.folder_of(way.upload)
    with django_capture_on_commit_callbacks(execute=True):
        way.post(way.url("delete"))
    assert not folder.exists() and len(names()) == 2 and not ImportUpload.objects.exists()


def test_a_double_click_on_delete_leads_where_the_first_click_led(way):
    way.send()
    form = {"_once": secrets.token_urlsafe(24)}
    answers = [way.client.post(way.url("delete"), form) for _click in range(2)]
    assert [(got.status_code, got.headers.get("Location")) for got in answers] == [(303, "/imports/")] * 2
    assert way.post(way.url("delete")).status_code == 404  # another wish about what is gone


def test_a_nasty_file_name_stays_a_text(way):
    way.send(name="../../<b>x</b>\u202e.csv")
    page = way.page("columns")
    assert "<b>x" not in page and "\u202e" not in page and store.folder_of(way.upload).parent == store.home()


def test_address_cards_fill_contacts(way, make):
    make.customer(owner="manager_east", name="甲样例机床有限公司")
    way.send("BEGIN:VCARD\nVERSION:3.0\nFN:张示例\nORG:甲样例机床有限公司\nTEL;TYPE=CELL:13800000001\nEMAIL:a@b.example\nEND:VCARD\n",
             "a.vcf", kind="contact")
    chosen = way.chosen()
    assert [chosen[name] for name in ("c0", "c1", "c4", "c7")] == ["name", "customer", "mobile", "email"]
    way.check().take()
    assert Contact.objects.get(name="张示例").mobile == "13800000001"
