"""Files as they come: every encoding and format is read right or refused with the reason."""

import io
import zipfile

import pytest
import xlsxwriter

from zhike.customers.models import Customer
from zhike.records.imports.problems import SourceError

from .conftest import outcome

NAMES = "id,name,phone\n1,重庆川仪自动化股份有限公司,\n2,上海电气（集团）总公司,021-12345678\n"


def names():
    return sorted(Customer.objects.filter(name__contains="公司").values_list("name", flat=True))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_the_encoding_is_found(folder, encoding):
    before = set(names())
    done, _rows = folder.write("rows.csv", NAMES, encoding).one()
    assert outcome(done) == {"created": 2}
    assert set(names()) - before == {"重庆川仪自动化股份有限公司", "上海电气（集团）总公司"}


def test_rare_characters_of_gb18030(folder):
    done, _rows = folder.write("rows.csv", "id,name\n1,𠮷祥䶮镕机械有限公司\n2,上海测试机械有限公司\n", "gb18030").one()
    assert outcome(done) == {"created": 2}
    assert Customer.objects.filter(name="𠮷祥䶮镕机械有限公司").exists()


def test_big5_is_not_read_as_something_else(folder):
    text = "id,name\n1,臺灣積體電路製造股份有限公司\n2,鴻海精密工業股份有限公司\n3,廣達電腦股份有限公司\n"
    with pytest.raises(SourceError, match="Big5"):
        folder.write("rows.csv", text, "big5").run()
    assert not Customer.objects.filter(name__contains="股份有限公司", source="import").exists()
    folder.plan(folder.customers(file='encoding = "big5"'))
    assert outcome(folder.one()[0]) == {"created": 3}
    assert Customer.objects.filter(name="鴻海精密工業股份有限公司").exists()


def test_what_is_neither_utf8_nor_gb_is_refused_with_the_line(folder):
    with pytest.raises(SourceError, match="line 3"):
        folder.write("rows.csv", "id,name\n1,Good Company\n2,Saraíva \n".encode("latin-1")).run()
    folder.plan(folder.customers(file='encoding = "utf-8"'))
    with pytest.raises(SourceError, match="line 3 is not utf-8"):
        folder.run()


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found(folder, mark):
    done, _rows = folder.write("rows.csv", NAMES.replace(",", mark)).one()
    assert outcome(done) == {"created": 2}


@pytest.mark.parametrize("content", ["id,name,phone\n", "id,name,phone", "id,name,phone\n\n ,,\n,,\n".replace(" ,", ",")])
def test_no_rows_is_no_fault(folder, content):
    done, rows = folder.write("rows.csv", content).one()
    assert outcome(done) == {} and rows == []


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_no_heading_is_refused(folder, content):
    with pytest.raises(SourceError, match="heading"):
        folder.write("rows.csv", content).run()


def test_a_missing_column_is_refused_before_anything_is_written(folder):
    with pytest.raises(SourceError) as caught:
        folder.write("rows.csv", "id,nmae\n1,Test Company\n").run()
    assert "rows.csv" in str(caught.value) and "“name”" in str(caught.value) and "Did you mean “nmae”" in str(caught.value)


def test_headings_match_despite_case_width_and_blanks(folder):
    done, _rows = folder.write("rows.csv", " ID ,Ｎａｍｅ\n1,Test Company\n").one()
    assert outcome(done) == {"created": 1}


def test_a_heading_that_is_there_twice_is_refused_when_it_is_used(folder):
    with pytest.raises(SourceError, match="twice"):
        folder.write("rows.csv", "id,name,name\n1,Test Company,Other\n").run()
    done, _rows = folder.write("rows.csv", "id,name,x,x\n1,Test Company,1,2\n").one()
    assert outcome(done) == {"created": 1}


def test_a_heading_repeated_among_the_rows_is_passed_over(folder):
    done, rows = folder.write("rows.csv", "id,name\n1,Test Company\nid,name\n2,Second Company\n").one()
    assert outcome(done) == {"created": 2, "skipped": 1}
    assert rows[1]["_reason"] == "repeats the heading"


def test_titles_above_the_heading(folder):
    folder.plan(folder.customers(file="header = 3"))
    done, rows = folder.write("rows.csv", "Customers of ACME\n\nid,name\n1,Test Company\n").one()
    assert outcome(done) == {"created": 1} and rows[0]["_row"] == "4"


def test_an_open_quote_is_refused_with_its_line(folder):
    with pytest.raises(SourceError, match="line 3"):
        folder.write("rows.csv", 'id,name\n1,Good Company\n2,"Bad Company\n3,Third\n').run()


def test_a_row_with_too_many_cells_fails_alone(folder):
    done, rows = folder.write("rows.csv", "id,name\n1,Test Company\n2,Second, Company\n").one()
    assert outcome(done) == {"created": 1, "failed": 1}
    assert "more cells" in rows[1]["_reason"]


def test_too_many_columns_and_too_long_cells(folder):
    with pytest.raises(SourceError, match="16,385|16385"):
        folder.write("rows.csv", ",".join(f"c{i}" for i in range(16_385)) + "\n").run()
    done, rows = folder.write("rows.csv", f"id,name\n1,{'长' * 40_000}\n2,{'长' * 201}\n3,Test Company\n").one()
    assert outcome(done) == {"created": 1, "failed": 2}
    assert "32767" in rows[0]["_reason"] and "200" in rows[1]["_reason"] and "201" in rows[1]["_reason"]


def test_null_bytes_and_invisible_characters_do_not_get_in(folder):
    done, _rows = folder.write("rows.csv", "id,name\n1,Te\u200bst\x00 Com\u202epany\n").one()
    assert outcome(done) == {"created": 1}
    assert Customer.objects.filter(name="Test Company").exists()


# Workbooks ----------------------------------------------------------------------------------------


def workbook(rows, **sheets):
    """An xlsx file: cells by type; a float stays a number."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("First")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str) and cell.startswith("="):
                sheet.write_formula(r, c, cell, None, sheets.get("cached", ""))
            else:
                sheet.write(r, c, cell)
    for name in sheets.get("more", ()):
        book.add_worksheet(name)
    book.close()
    return out.getvalue()


def sheet_plan(folder, fields="", file=""):
    return folder.plan(folder.customers(fields=fields, file=file).replace("rows.csv", "rows.xlsx"))


def test_numbers_keep_all_their_digits(folder):
    sheet_plan(folder, fields='phone = "{phone}"\nerp_code = "{code}"')
    folder.write("rows.xlsx", workbook([
        ["id", "name", "phone", "code"], [1.0, "Test Company", 1.38e10, 100200300400.0],
        [2.0, "Second Company", 13812345678, 9.135010039476583e17],
    ]))
    done, rows = folder.one()
    assert outcome(done) == {"created": 1, "failed": 1}
    made = Customer.objects.get(name="Test Company")
    assert (made.phone, made.erp_code) == ("13800000000", "100200300400")
    assert "15 digits" in rows[1]["_reason"]


def test_error_cells_fail_only_the_rows_that_need_them(folder):
    sheet_plan(folder, fields='remark = "{note}"')
    data = workbook([["id", "name", "note", "other"], [1, "Test Company", "ok", "x"], [2, "Second Company", "=1/0", "x"],
                     [3, "Third Company", "ok", "=1/0"]], cached="#DIV/0!")
    done, rows = folder.write("rows.xlsx", data).one()
    assert outcome(done) == {"created": 2, "failed": 1}
    assert "#DIV/0!" in rows[1]["_reason"]


def test_formulas_are_never_worked_out(folder):
    sheet_plan(folder, fields='remark = "{note}"')
    folder.write("rows.xlsx", workbook([["id", "name", "note"], [1, "Test Company", "=1+1"]], cached="41"))
    folder.run()
    assert Customer.objects.get(name="Test Company").remark == "41"


def test_a_sheet_by_name(folder):
    sheet_plan(folder, file='sheet = "Nope"')
    folder.write("rows.xlsx", workbook([["id", "name"], [1, "Test Company"]], more=["Second"]))
    with pytest.raises(SourceError, match="First, Second"):
        folder.run()


def test_a_csv_named_xlsx_and_an_xlsx_named_csv(folder):
    sheet_plan(folder)
    with pytest.raises(SourceError, match="not a workbook"):
        folder.write("rows.xlsx", "id,name\n1,Test Company\n").run()
    sheet_plan(folder, file='format = "csv"')
    assert outcome(folder.one()[0]) == {"created": 1}
    folder.plan(folder.customers())
    with pytest.raises(SourceError, match="xlsx"):
        folder.write("rows.csv", workbook([["id", "name"], [2, "Second Company"]])).run()


def test_a_truncated_workbook(folder):
    sheet_plan(folder)
    data = workbook([["id", "name"]] + [[i, f"Test Company {i}"] for i in range(500)])
    for cut in (len(data) // 2, len(data) - 30, 100):
        with pytest.raises(SourceError, match="damaged"):
            folder.write("rows.xlsx", data[:cut]).run()


def repack(data, change):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, change(member.filename, old.read(member)))
    return out.getvalue()


def test_entities_macros_and_bombs_are_refused(folder, monkeypatch):
    from zhike.records.imports.readers import limits

    sheet_plan(folder)
    data = workbook([["id", "name"], [1, "Test Company"]])

    def entity(name, text):
        if name != "xl/workbook.xml":
            return text
        return text.replace(b"<workbook", b'<!DOCTYPE x [<!ENTITY a "b">]><workbook', 1)

    with pytest.raises(SourceError, match="entities"):
        folder.write("rows.xlsx", repack(data, entity)).run()

    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(SourceError, match="macros"):
        folder.write("rows.xlsx", out.getvalue()).run()

    monkeypatch.setattr(limits, "RATIO_FROM", 1024 * 1024)
    bomb = repack(data, lambda name, text: text + b" " * 40_000_000 if name.endswith("sheet1.xml") else text)
    assert len(bomb) < 200_000
    with pytest.raises(SourceError, match="unpacks"):
        folder.write("rows.xlsx", bomb).run()


def test_a_few_cells_far_apart_are_refused_before_they_take_memory(folder):
    sheet_plan(folder)
    far = [["id", "name"], [1, "Test Company"]] + [[]] * 4_997 + [[None] * 16_383 + ["x"]]
    data = workbook(far)
    assert len(data) < 100_000
    with pytest.raises(SourceError, match="5,000 rows and 16,384 columns"):
        folder.write("rows.xlsx", data).run()


def test_a_workbook_with_a_password():
    from pathlib import Path

    from zhike.records.imports import readers
    from zhike.records.imports.plan import FileSpec

    from .conftest import shared_data

    path = Path(shared_data("interchange", "xlsx")) / "pass_protected.xlsx"
    with pytest.raises(SourceError, match="password|密码"):
        next(readers.records(path, FileSpec("x", ["x"])))


def test_parquet(folder):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    from decimal import Decimal

    table = pyarrow.table({"id": [1, 2], "name": ["重庆川仪", None], "code": [Decimal("12.50"), None]})
    parquet.write_table(table, folder.path / "rows.parquet")
    folder.plan(folder.customers(fields='erp_code = "{code}"').replace("rows.csv", "rows.parquet"))
    done, rows = folder.one()
    assert outcome(done) == {"created": 1, "failed": 1}
    assert Customer.objects.get(name="重庆川仪").erp_code == "12.50"
    (folder.path / "rows.parquet").write_bytes(b"PAR1 nothing else")
    with pytest.raises(SourceError, match="Parquet"):
        folder.run()


def test_parquet_without_the_library_says_how_to_get_it(folder, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    folder.write("rows.parquet", b"PAR1").plan(folder.customers().replace("rows.csv", "rows.parquet"))
    with pytest.raises(SourceError, match=r"zhike\[parquet\]"):
        folder.run()


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path_factory):
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.csv"
    secret.write_text("id,name\n1,Secret Company\n")
    (folder.path / "rows.csv").symlink_to(secret)
    with pytest.raises(SourceError, match="out of the source folder"):
        folder.run()
