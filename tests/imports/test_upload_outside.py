"""Files other programs wrote, through the upload's own reader: each comes in or is refused for the right reason."""

import json

import pytest
from django.utils import translation

from zhike.records.imports.uploads import sandbox

from .batch import look_many
from .conftest import shared_data
from .outside_expected import CARDS, TABLES, WORKBOOKS
from .uploads import cells_of, look_here

pytestmark = pytest.mark.long


@pytest.mark.parametrize(("folder", "expected", "count"), [
    ("xlsx", WORKBOOKS, 132), ("tabular-special", TABLES, 41), ("vcf", CARDS, 20)])
def test_every_file_is_read_or_refused_as_expected(tmp_path, folder, expected, count):
    home = shared_data("interchange", folder)
    paths = [path for path in sorted(home.rglob("*")) if path.is_file() and not path.name.startswith("LICENSE")]
    assert len(paths) == count
    wanted = dict(line.split(" ", 1) for line in expected.strip().splitlines())
    found = look_many([(path.name, path.read_bytes()) for path in paths], tmp_path)
    wrong = []
    for path, (_name, data) in zip(paths, found, strict=True):
        want = wanted[str(path.relative_to(home))]
        if want.startswith("!"):
            good = want[2:] in data.get("refused", "")
        else:
            good = f"= {data.get('rows')} rows, {data.get('header')}×{data.get('header_lines')}" == want
        if not good:
            wrong.append((path.name, want, {name: data.get(name) for name in ("refused", "rows", "header")}))
    assert not wrong


def test_csv_spectrum_is_read_to_the_letter(tmp_path):
    folder, seen = shared_data("interchange", "csv-spectrum"), 0
    for path in sorted(folder.rglob("*.csv")):
        answer = json.loads(next(folder.rglob(f"{path.stem}.json")).read_text(encoding="utf-8"))
        wanted = [row for row in ([answer] if isinstance(answer, dict) else answer) if any(row.values())]
        with translation.override("en"):
            shape = look_here(tmp_path, path.name, path.read_bytes())
        found = [{name: cell or "" for name, cell in row.items()} for row in cells_of(tmp_path, shape)]
        if path.stem == "location_coordinates":  # its answer gives another number than the file itself
            assert found[0].pop("Contact Phone Number") != wanted[0].pop("Contact Phone Number")
        assert found == wanted, path.name
        seen += 1
    assert seen == 12


def test_a_file_that_makes_its_reader_ask_for_gigabytes_only_ends_the_child(tmp_path):
    path = shared_data("odoo12-demo", "base_import", "static", "csv") / "products.xls"
    with translation.override("en"):
        (_name, data), = look_many([(path.name, path.read_bytes())], tmp_path)
    assert data.get("alone") and "damaged, or takes too much memory" in data["refused"]


def test_the_gbk_file_of_a_chinese_excel(tmp_path):
    path = next(shared_data("china", "gbk-csv").glob("*.csv"))
    shape = look_here(tmp_path, path.name, path.read_bytes())
    assert shape.encoding == "gb18030" and shape.rows == 4732
    assert sandbox.stored_file(tmp_path).exists()
