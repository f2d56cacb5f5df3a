"""A list taken away as a file: what the person sees, typed, harmless, and written down."""

import csv
import io
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from zhike.org.models import FieldRule
from zhike.pages import exports
from zhike.records.models import HistoryEntry

pytestmark = pytest.mark.django_db


def fetch(client, query, slug="customers", code=200):
    got = client.get(f"/{slug}/export/?{query}")
    assert got.status_code == code, got.content.decode()[-600:]
    return b"".join(got.streaming_content) if got.streaming else got.content


def sheet(data):
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


@pytest.mark.both
def test_the_file_holds_what_the_list_shows(sign_in, make):
    make.customer(owner="rep", name="甲级导出机床有限公司", level="A", phone="021-55512345")
    make.customer(owner="rep", name="丙级导出机床有限公司", level="C")
    make.customer(owner="rep_south", name="南区导出机床有限公司", level="A")
    client = sign_in("manager_east")
    rows = sheet(fetch(client, "q=导出机床&level=A&columns=level,created_at,phone&format=xlsx"))
    assert rows[0] == ["客户名称", "客户级别", "创建时间", "电话"] and len(rows) == 2
    assert rows[1][0] == "甲级导出机床有限公司" and rows[1][1].startswith("A")
    assert rows[1][2].year >= 2024 and "021" in rows[1][3]  # a date is a date
    line = HistoryEntry.objects.filter(kind="customer", action="export").get()
    assert line.by.username == "manager_east" and line.args["rows"] == 1 and line.args["conditions"]["level"] == ["A"]


def test_the_sheet_is_called_after_the_list_and_its_heading_stays(sign_in, make):
    make.customer(owner="rep", name="表名导出机床有限公司")
    data = fetch(sign_in("manager_east"), "q=表名导出")
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).sheet_names == ["客户"]
    inside = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert 'topLeftCell="B2" activePane="bottomRight" state="frozen"' in inside


@pytest.mark.parametrize(("text", "name"), [
    ("客户", "客户"), ("a/b\\c[d]:e*f?g", "a b c d e f g"), ("长" * 40, "长" * 31), ("'quoted'", "quoted"), ("", "1"), ("History", "History 1"), ("[]", "1"),
])
def test_any_list_has_a_name_that_a_spreadsheet_takes(text, name):
    assert exports.sheet_name(text) == name


def test_the_list_offers_it_with_its_conditions(sign_in):
    page = sign_in("manager_east").get("/customers/?level=A&columns=phone").content.decode()
    assert "/customers/export/?level=A&amp;columns=phone&amp;format=xlsx" in page and "导出 Excel" in page


def test_money_is_a_number_and_dates_are_dates(sign_in, make):
    make.opportunity(owner="rep", amount="1234567.89")
    rows = sheet(fetch(sign_in("manager_east"), "view=all&columns=amount", "opportunities"))
    assert 1234567.89 in rows[1]


NASTY = ["=1+1", "+1", "-1", "@SUM(1)", "＝1+1", "http://example.com/", "00123456789012345678"]


def test_text_never_becomes_a_formula_a_link_or_a_number(sign_in, make):
    for n, text in enumerate(NASTY):
        make.customer(owner="rep", name=f"危险字符{n}有限公司", short_name=text)
    client = sign_in("manager_east")
    data = fetch(client, "q=危险字符&columns=short_name&order=sort_name")
    book = zipfile.ZipFile(io.BytesIO(data))
    inside = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in inside and "hyperlink" not in inside
    assert [row[1] for row in sheet(data)[1:]] == NASTY
    text = fetch(client, "q=危险字符&columns=short_name&order=sort_name&format=csv").decode("utf-8-sig")
    cells = [row[1] for row in csv.reader(io.StringIO(text))][1:]
    assert cells == [f"'{text}" if text[0] in "=+-@＝" else text for text in NASTY]


def test_gb18030_for_old_programs(sign_in, make):
    make.customer(owner="rep", name="𠮷利导出机床有限公司")
    data = fetch(sign_in("manager_east"), "q=利导出机床&format=csv&encoding=gb18030")
    assert "𠮷利导出机床有限公司" in data.decode("gb18030")


def test_masked_stays_masked_and_hidden_stays_away(sign_in, make, people):
    make.customer(owner="rep", name="遮盖导出机床有限公司", phone="13800005678", industry="")
    for role in people["manager_east"].roles.all():
        FieldRule.objects.create(role=role, kind="customer", field="phone", mode=FieldRule.MASK)
        FieldRule.objects.create(role=role, kind="customer", field="industry", mode=FieldRule.HIDE)
    client = sign_in("manager_east")
    rows = sheet(fetch(client, "q=遮盖导出&columns=phone,industry"))
    assert rows[0] == ["客户名称", "电话"] and "5678" in rows[1][1] and "13800005678" not in rows[1][1]
    assert b"13800005678" not in fetch(client, "q=遮盖导出&columns=phone,industry&format=csv")
    fetch(client, "phone=13800005678", code=400)  # and one cannot ask for it either


def test_without_the_right_there_is_no_file_and_no_line(sign_in):
    client = sign_in("rep")
    assert "/customers/export/" not in client.get("/customers/").content.decode()
    fetch(client, "view=mine", code=403)
    assert not HistoryEntry.objects.filter(action="export").exists()


@pytest.mark.parametrize("query", ["format=exe", "nosuch=1", "owner__password=x", "format=csv&encoding=latin-1", "order=owner__password"])
def test_bad_input(sign_in, query):
    fetch(sign_in("manager_east"), query, code=400)
    assert not HistoryEntry.objects.filter(action="export").exists()


def test_a_list_too_long_is_refused_in_words(sign_in, make, monkeypatch):
    from zhike.pages import exports

    monkeypatch.setattr(exports, "MOST_LATER", 1)
    make.customer(owner="rep", name="过长导出一有限公司"), make.customer(owner="rep", name="过长导出二有限公司")
    assert "超过 1 行" in fetch(sign_in("manager_east"), "q=过长导出", code=400).decode()


def test_as_many_queries_for_many_rows_as_for_few(sign_in, make, django_assert_max_num_queries):
    client = sign_in("manager_east")
    for n in range(30):
        make.customer(owner="rep", name=f"数量导出{n}有限公司")
    fetch(client, "q=数量导出&columns=owner,parent,region")
    with django_assert_max_num_queries(20):
        fetch(client, "q=数量导出&columns=owner,parent,region")


def test_chosen_rows_are_taken_away_whatever_the_list_is_narrowed_to(make, sign_in):
    rows = [make.customer("rep", name=f"示例{text}泵业有限公司") for text in "甲乙丙"]
    unseen = make.customer("rep_south", name="示例丁泵业有限公司")
    client = sign_in("manager_east")
    bar = client.get("/customers/?view=all&columns=level").content.decode().split("data-bulk aria-label")[1]
    assert "/customers/export/?format=xlsx&amp;columns=level" in bar
    ids = ",".join(str(row.pk) for row in (rows[2], rows[0], unseen))
    text = fetch(client, f"format=csv&columns=level&view=new&level=A&ids={ids}").decode("utf-8-sig")
    assert len(text.splitlines()) == 3 and "示例乙" not in text and "示例丁" not in text and text.splitlines()[0].count(",") == 1
    line = HistoryEntry.objects.filter(kind="customer", action="export").get()
    assert line.args["rows"] == 2 and sorted(line.args["conditions"]["ids"]) == sorted(str(row.pk) for row in (rows[0], rows[2]))
    for bad in ("x", "1,-2", "1" * 19, ",".join(map(str, range(1, 502)))):
        assert client.get(f"/customers/export/?format=csv&ids={bad}").status_code == 400, bad
    assert "/customers/export/" not in sign_in("rep").get("/customers/?view=all").content.decode()
