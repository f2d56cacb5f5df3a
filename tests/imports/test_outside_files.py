"""Files other programs wrote: all are read or refused with a reason, none breaks the reader."""

import json

import pytest

from zhike.records.imports import readers
from zhike.records.imports.plan import FileSpec
from zhike.records.imports.problems import SourceError

from .conftest import ROOT, outcome, shared_data

pytestmark = pytest.mark.long

SPEC = FileSpec("x", ["x"])


def test_workbooks_and_odd_tables():
    read, refused = 0, {}
    for folder in ("xlsx", "tabular-special"):
        for path in sorted(shared_data("interchange", folder).rglob("*")):
            if path.suffix.lower() in (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".csv", ".tsv"):
                try:
                    for found in readers.records(path, SPEC):
                        assert found
                    read += 1
                except SourceError as wrong:
                    assert path.name in str(wrong)
                    refused[path.name] = str(wrong)
    assert read >= 130
    for name in ("pass_protected.xlsx", "pass_protected.ods", "vba.xlsm", "too_small.xls", "issue252.xlsx", "latin1.csv"):
        assert name in refused


def test_csv_spectrum_is_read_to_the_letter():
    folder = shared_data("interchange", "csv-spectrum")
    seen = 0
    for path in sorted(folder.rglob("*.csv")):
        answer = next(folder.rglob(f"{path.stem}.json"), None)
        if answer is None:
            continue
        lines = readers.records(path, SPEC)
        columns = next(lines).columns
        found = [dict(zip(columns, cells, strict=False)) for _number, cells in lines]
        wanted = json.loads(answer.read_text(encoding="utf-8"))
        wanted = [wanted] if isinstance(wanted, dict) else wanted
        # Empty rows are no rows here; line ends inside cells are kept as they are.
        wanted = [row for row in wanted if any(row.values())]
        if path.stem == "location_coordinates":  # its answer gives another number than the file itself
            assert found[0].pop("Contact Phone Number") != wanted[0].pop("Contact Phone Number")
        assert found == wanted, path.name
        seen += 1
    assert seen == 12


def test_the_plan_of_the_handbook_works(folder):
    text = (ROOT / "docs" / "howto" / "import-plan.md").read_text(encoding="utf-8")
    plan = text.split("```toml\n")[1].split("```")[0]
    firms = text.split("itself)\n\n```\n")[1].split("```")[0]
    folder.write("firms.csv", firms, "gb18030").plan(plan)
    from .test_readers import workbook

    folder.write("people.xlsx", workbook([["firm", "name", "role", "mobile"], [101, "林示例", "采购经理", 13800000001]]))
    report = folder.run()
    assert [outcome(done) for done in report.sections] == [{"created": 2, "skipped": 1}, {"created": 1}]
