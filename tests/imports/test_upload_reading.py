"""Uploads are understood: encoding, separator, sheet, heading, cells; or refused with what to do."""

from datetime import date

import pytest
from django.utils import translation

from zhike.records.imports.problems import SourceError
from zhike.records.imports.uploads import headings, limits, sandbox

from .uploads import cells_of, look_here, rows_of, store, workbook

pytestmark = pytest.mark.long

TEXT = "编号,客户名称,电话\n1,重庆示例机械有限公司,13800000001\n2,上海示例电气（集团）总公司,021-12345678\n"


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_of_a_text_is_found(tmp_path, encoding):
    shape = look_here(tmp_path, "a.csv", TEXT, encoding)
    assert shape.names() == ["编号", "客户名称", "电话"] and shape.rows == 2
    assert cells_of(tmp_path, shape)[0]["客户名称"] == "重庆示例机械有限公司"


def test_big5_is_taken_for_big5(tmp_path):
    text = "編號,名稱\n1,臺灣示例積體電路股份有限公司\n2,鴻海示例精密工業股份有限公司\n3,廣達示例電腦股份有限公司\n"
    shape = look_here(tmp_path, "a.csv", text, "big5")
    assert shape.encoding == "big5"
    assert cells_of(tmp_path, shape)[1]["名稱"] == "鴻海示例精密工業股份有限公司"


def test_an_encoding_that_is_not_found_can_be_chosen(tmp_path):
    text = "id,name\n1,Good Company\n2,Saraíva Exemplo\n".encode("cp1252")
    with pytest.raises(SourceError, match=r"a\.csv.*line 3.*Choose the encoding"):
        look_here(tmp_path, "a.csv", text)
    shape = look_here(tmp_path, "a.csv", text, encoding="cp1252")
    assert cells_of(tmp_path, shape)[1]["name"] == "Saraíva Exemplo"
    with pytest.raises(SourceError, match="is not utf-8"):
        look_here(tmp_path, "a.csv", text, encoding="utf-8")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.xls"])
def test_the_separator_is_found_whatever_the_name(tmp_path, mark, name):
    shape = look_here(tmp_path, name, TEXT.replace(",", mark), "gb18030")
    assert shape.names() == ["编号", "客户名称", "电话"] and shape.delimiter == mark


def test_a_comma_in_a_title_does_not_mislead(tmp_path):
    shape = look_here(tmp_path, "a.csv", "客户清单,2026年,内部\n\n编号;名称;金额\n1;甲;1,5\n2;乙;2,5\n3;丙;3,0\n")
    assert shape.delimiter == ";" and shape.names() == ["编号", "名称", "金额"]


def test_merged_titles_above_the_heading_are_passed_over(tmp_path):
    data = workbook([[], ["制表：张示例", None, None], ["名称", "电话", "日期"], ["甲公司", 13800000001, date(2026, 3, 1)]],
                    merges=[(0, 0, 0, 2, "客户清单")])
    shape = look_here(tmp_path, "a.xlsx", data)
    assert (shape.header, shape.header_lines, shape.names()) == (3, 1, ["名称", "电话", "日期"])
    assert cells_of(tmp_path, shape) == [{"名称": "甲公司", "电话": 13800000001.0, "日期": date(2026, 3, 1)}]


def test_two_line_headings_with_merged_groups(tmp_path):
    data = workbook([[], ["", "电话", "邮箱", None], ["甲公司", "021-1", "a@b.example", "021-2"]],
                    merges=[(0, 0, 1, 0, "名称"), (0, 1, 0, 2, "采购"), (0, 3, 1, 3, "仓库电话")])
    shape = look_here(tmp_path, "a.xlsx", data)
    assert shape.header_lines == 2
    assert shape.names() == ["名称", "采购 / 电话", "采购 / 邮箱", "仓库电话"]


def test_two_line_headings_without_merged_cells(tmp_path):
    text = "名称,联系方式,,规模\n,电话,邮箱,\n甲公司,13800000001,a@b.example,30\n乙公司,13800000002,b@b.example,40\n"
    shape = look_here(tmp_path, "a.csv", text)
    assert shape.header_lines == 2
    assert shape.names() == ["名称", "联系方式 / 电话", "联系方式 / 邮箱", "规模"]
    assert shape.rows == 2


def test_a_first_row_of_words_is_not_taken_for_a_second_heading(tmp_path):
    shape = look_here(tmp_path, "a.csv", "名称,,城市\n甲公司,重要,苏州\n乙公司,,无锡\n")
    assert (shape.header_lines, shape.rows) == (1, 2) and shape.names() == ["名称", "B", "城市"]


def test_the_heading_can_be_chosen_or_denied(tmp_path):
    text = "a,b\nc,d\n1,2\n"
    assert look_here(tmp_path, "a.csv", text, header=2).names() == ["c", "d"]
    shape = look_here(tmp_path, "a.csv", text, header=1, header_lines=2)
    assert shape.names() == ["a / c", "b / d"] and shape.rows == 1
    shape = look_here(tmp_path, "a.csv", text, header=0)
    assert shape.names() == ["A", "B"] and shape.rows == 3
    with pytest.raises(SourceError, match="holds no heading"):
        look_here(tmp_path, "a.csv", text, header=17)


def test_rows_without_a_heading_get_the_letters_of_their_columns(tmp_path):
    shape = look_here(tmp_path, "a.csv", "1,13800000001,2026-01-01\n2,13800000002,2026-01-02\n")
    assert shape.header == 0 and shape.names() == ["A", "B", "C"] and shape.rows == 2


def test_the_fullest_visible_sheet_is_read_unless_one_is_chosen(tmp_path):
    data = workbook([["说明"]], sheets=[("Data", [["名称", "电话"], *[[f"公司{i}", i] for i in range(5)]], False),
                                      ("Secret", [["x", "y"], *[[i, i] for i in range(50)]], True)])
    shape = look_here(tmp_path, "a.xlsx", data)
    assert shape.sheet == "Data" and [sheet["name"] for sheet in shape.sheets] == ["First", "Data"]
    assert look_here(tmp_path, "a.xlsx", data, sheet="First").names() == ["说明"]
    with pytest.raises(SourceError, match="First, Data"):
        look_here(tmp_path, "a.xlsx", data, sheet="Nope")


def test_empty_rows_and_columns_are_dropped_and_names_made_unique(tmp_path):
    text = "名称,,名称,备注\n,,,\n甲,,乙,\n,,,\n丙,,丁,\n"
    shape = look_here(tmp_path, "a.csv", text)
    assert shape.names() == ["名称", "名称 (2)", "备注"] and shape.rows == 2
    assert [line.number for line in rows_of(tmp_path)] == [3, 5]


def test_totals_and_repeated_headings_are_passed_over_with_the_reason(tmp_path):
    look_here(tmp_path, "a.csv", "名称,金额\n甲,1\n名称,金额\n乙,2\n合计,3\n合计,\n")
    assert [line.skip for line in rows_of(tmp_path)] == ["", "repeats the heading", "", "a row of totals", "a row of totals"]


def test_a_row_with_too_many_cells_is_broken_in_a_text(tmp_path):
    look_here(tmp_path, "a.csv", "id,name\n1,Test Company\n2,Second, Company\n")
    assert ["more cells" in line.fault for line in rows_of(tmp_path)] == [False, True]


def test_long_numbers_that_a_program_shortened_are_faults_not_values(tmp_path):
    from zhike.records.imports.problems import CellError
    from zhike.records.imports.templates import as_text

    shape = look_here(tmp_path, "a.csv", "name,phone\nA,1.38E+10\nB,13800000001\n")
    cells = [row["phone"] for row in cells_of(tmp_path, shape)]
    assert cells[1] == "13800000001"
    with pytest.raises(CellError, match="digits are lost"):
        as_text(cells[0])
    shape = look_here(tmp_path, "a.xlsx", workbook([["name", "code"], ["A", 9.135010039476583e17], ["B", "91350100394765830X"]]))
    with pytest.raises(CellError, match="15 digits"):
        as_text(cells_of(tmp_path, shape)[0]["code"])


def test_address_cards_become_rows(tmp_path):
    cards = ("BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E7=A4=BA=E4=BE=8B;;;\r\n"
             "TEL;CELL:13800000001\r\nTEL;WORK:021-12345678\r\nORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=94=B2=\r\n"
             "=E5=85=AC=E5=8F=B8\r\nEMAIL:a@b.example\r\nPHOTO;ENCODING=BASE64:not base64\r\n  at all\r\nEND:VCARD\r\n")
    shape = look_here(tmp_path, "a.vcf", cards)
    row = cells_of(tmp_path, shape)[0]
    assert (row["name"], row["company"], row["mobile"], row["phone"], row["e-mail"]) == (
        "张示例", "甲公司", "13800000001", "021-12345678", "a@b.example")
    with pytest.raises(SourceError, match="has no end"):
        look_here(tmp_path, "a.vcf", cards[:200])


@pytest.mark.parametrize(("name", "content", "why"), [
    ("a.csv", b"", "empty"), ("a.csv", b"\n\n,,\n", "no rows"), ("a.xlsx", b"%PDF-1.7 x", "a PDF"),
    ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web page"), ("a.png", b"\x89PNG\r\n\x1a\n00", "picture"),
    ("a.json", b'{"a": 1}', "JSON"), ("a.csv.gz", b"\x1f\x8b\x08\x00", "packed"), ("a.xls", b"just some words", "damaged"),
    ("a.xlsx", b"PK\x03\x04 broken", "damaged"), ("a.csv", b'id,name\n1,"open\n2,b\n', "line 2"),
    ("a.bin", bytes(range(256)) * 8, "a.bin"),
])
def test_what_is_no_table_is_refused_with_the_reason(tmp_path, name, content, why):
    with pytest.raises(SourceError, match=why):
        look_here(tmp_path, name, content)


def test_too_many_rows_and_columns_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 10)
    monkeypatch.setattr(limits, "MAX_COLUMNS", 5)
    with pytest.raises(SourceError, match="more than 10 rows"):
        look_here(tmp_path, "a.csv", "id\n" + "x\n" * 11)
    with pytest.raises(SourceError, match="6 columns"):
        look_here(tmp_path, "a.csv", "a,b,c,d,e,f\n1,2,3,4,5,6\n")
    with pytest.raises(SourceError, match="30 columns"):
        look_here(tmp_path, "a.csv", ",".join("x" * 30) + "\n")


def test_letters():
    assert [headings.letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


# The child process


def test_the_child_answers_in_the_persons_language(tmp_path):
    store(tmp_path, "客户.csv", TEXT, "gb18030")
    shape = sandbox.look(tmp_path, "客户.csv")
    assert shape.names() == ["编号", "客户名称", "电话"] and shape.columns[2]["shapes"]["mobile"] == 0.5
    store(tmp_path, "客户.xlsx", b"PK\x03\x04 broken")
    with pytest.raises(SourceError, match=r"^客户\.xlsx: the workbook is damaged"):
        sandbox.look(tmp_path, "客户.xlsx")
    with translation.override("zh-hans"), pytest.raises(SourceError, match=r"^客户\.xlsx.*损坏"):
        sandbox.look(tmp_path, "客户.xlsx")


def test_a_child_that_needs_too_much_memory_or_time_is_a_refusal(tmp_path, monkeypatch):
    store(tmp_path, "a.csv", "id,name\n" + "1,x\n" * 50_000)
    monkeypatch.setattr(limits, "WALL_SECONDS", 0.05)
    with pytest.raises(SourceError, match="takes too long"):
        sandbox.look(tmp_path, "a.csv")
    monkeypatch.setattr(limits, "WALL_SECONDS", 60)
    monkeypatch.setattr(limits, "MEMORY", 100 * 1024 * 1024)
    store(tmp_path, "a.vcf", "BEGIN:VCARD\nFN:" + "x y" * 16_000_000 + "\nEND:VCARD\n")
    with pytest.raises(SourceError, match="memory"):
        sandbox.look(tmp_path, "a.vcf")


def test_two_children_at_once_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "PATIENCE", 0.0)
    store(tmp_path / "a", "a.csv", TEXT)
    with sandbox._turn(tmp_path):
        assert sandbox.look(tmp_path / "a", "a.csv").rows == 2
        with sandbox._turn(tmp_path), pytest.raises(SourceError, match="Try again"):
            sandbox.look(tmp_path / "a", "a.csv")
    assert sandbox.look(tmp_path / "a", "a.csv").rows == 2


def test_a_child_that_dies_is_a_refusal(tmp_path, monkeypatch):
    store(tmp_path, "a.csv", TEXT)
    monkeypatch.setattr(sandbox, "CHILD", "tests.imports.dying_child")
    with pytest.raises(SourceError, match=r"a\.csv: the file breaks the reader \(-11\)"):
        sandbox.look(tmp_path, "a.csv")
