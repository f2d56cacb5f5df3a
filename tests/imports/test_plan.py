"""A plan that is wrong says where and what would be right, before anything is read."""

import pytest

from zhike.records.imports.plan import read_plan
from zhike.records.imports.problems import PlanError
from zhike.records.imports.templates import Template

GOOD = """
name = "test"
[files.rows]
path = "rows.csv"
[[section]]
name = "customers"
kind = "customer"
file = "rows"
key = "{id}"
[section.fields]
name = "{name}"
"""

WRONG = [
    # what is replaced, by what, words the message must hold
    ('name = "test"', 'name = "Test Plan"', ["name", "small letters"]),
    ('name = "test"', 'name = "test"\nfiels = 1', ["fiels", "not known"]),
    ('path = "rows.csv"', 'path = "../rows.csv"', ["files.rows.path", "below --source"]),
    ('path = "rows.csv"', 'path = "/etc/passwd"', ["files.rows.path", "below --source"]),
    ('path = "rows.csv"', 'path = "rows.csv"\nencoding = "utf-9"', ["encoding", "utf-9", "utf-8"]),
    ('path = "rows.csv"', 'path = "rows.csv"\ndelimiter = "#"', ["delimiter", "tab"]),
    ('path = "rows.csv"', 'path = "rows.csv"\nheader = 0', ["header", "1 to 100"]),
    ('path = "rows.csv"', 'path = 3', ["files.rows.path", "text"]),
    ('kind = "customer"', 'kind = "custmer"', ["customers", "custmer", "Did you mean “customer”"]),
    ('kind = "customer"', "", ["customers", "kind", "missing"]),
    ('file = "rows"', 'file = "row"', ["customers", "file", "rows"]),
    ('file = "rows"', 'file = "rows"\nrows = [{a = 1}]', ["either"]),
    ('key = "{id}"', "", ["key", "match"]),
    ('key = "{id}"', 'match = "nam"', ["match", "nam", "name"]),
    ('key = "{id}"', 'key = "{id"', ["key", "not closed"]),
    ('key = "{id}"', 'key = "{id|shout}"', ["key", "shout", "upper"]),
    ('key = "{id}"', 'key = "{id|left:x}"', ["left", "left:n"]),
    ('key = "{id}"', 'key = "{id}"\nmode = "replace"', ["mode", "upsert"]),
    ('name = "{name}"', 'nam = "{name}"', ["fields", "nam", "Did you mean “name”"]),
    ('name = "{name}"', 'short_name = "{name}"', ["name", "needs this field"]),
    ('name = "{name}"', 'name = { from = "{name}", map = "sector" }', ["map", "sector"]),
    ('name = "{name}"', 'name = { frm = "{name}" }', ["frm", "Did you mean “from”"]),
    ('name = "{name}"', 'name = { from = "{name}", otherwise = "x" }', ["otherwise", "map"]),
    ('name = "{name}"', 'name = "{name}"\nowner = { from = "{o}", by = "nick" }', ["owner.by", "nick", "username"]),
    ('name = "{name}"', 'name = "{name}"\nname_en = { from = "{n}", round = 99 }', ["round", "0 to 8"]),
    ("[section.fields]", '[[section.rule]]\nname = "r"\nwhen = { column = "a" }\nthen = "warn"\n[section.fields]',
     ["rule “r”", "exactly one condition"]),
    ("[section.fields]", '[[section.rule]]\nname = "r"\nwhen = { column = "a", missing = true }\nthen = "drop"\n'
     "[section.fields]", ["rule “r”", "drop", "reject"]),
    ("[section.fields]", '[[section.rule]]\nname = "r"\nwhen = { column = "a", matches = "(" }\nthen = "warn"\n'
     "[section.fields]", ["matches", "pattern"]),
    ("[section.fields]", '[[section.rule]]\nname = "r"\nwhen = { column = "a", missing = true }\nthen = "replace"\n'
     "[section.fields]", ["replace", "with"]),
    ("[section.fields]", '[[section.join]]\nfile = "other"\non = "{a}"\nto = "{b}"\n[section.fields]',
     ["join", "other", "rows"]),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG, ids=[f"{i}" for i in range(len(WRONG))])
def test_a_wrong_plan_names_the_place_and_what_is_allowed(tmp_path, old, new, words):
    assert old in GOOD
    path = tmp_path / "plan.toml"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    from django.utils import translation

    with translation.override("en"), pytest.raises(PlanError) as caught:
        read_plan(path)
    text = str(caught.value)
    assert text.startswith("plan.toml")
    for word in words:
        assert word in text


def test_the_good_plan_is_good_and_a_folder_stands_for_its_plan(tmp_path):
    (tmp_path / "plan.toml").write_text(GOOD, encoding="utf-8-sig")
    plan = read_plan(tmp_path)
    assert (plan.name, plan.system, [section.name for section in plan.sections]) == ("test", "test", ["customers"])


@pytest.mark.parametrize("content", [b"name = ", b"\xff\xfe\x00", b"a = " + b"[" * 5000, b""])
def test_what_is_no_toml_is_refused_with_the_file_name(tmp_path, content):
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(PlanError, match="odd.toml"):
        read_plan(path)


def test_a_missing_plan_and_a_huge_plan_are_refused(tmp_path):
    with pytest.raises(PlanError, match="none.toml"):
        read_plan(tmp_path / "none.toml")
    (tmp_path / "big.toml").write_bytes(b"#" * 1_000_001)
    with pytest.raises(PlanError, match="1 MB"):
        read_plan(tmp_path / "big.toml")


@pytest.mark.parametrize(
    ("template", "row", "value"),
    [
        ("{a} {b}", {"a": " x ", "b": "y"}, "x y"),
        ("{a}-{b}", {"a": "", "b": None}, ""),
        ("plain", {}, "plain"),
        ("{{x}}", {}, "{x}"),
        ("{code|after:.}.{code|before:.|upper}", {"code": "sh.600000"}, "600000.SH"),
        ("{a|digits|right:4}", {"a": "+86 138-1234-5678"}, "5678"),
        ("{a|slug}", {"a": "Anna  Snelling"}, "anna.snelling"),
        ("n {a}", {"a": 13800000000.0}, "n 13800000000"),
        ("n {a}", {"a": 0.1}, "n 0.1"),
        ("{公司 名称}", {"公司 名称": "重庆川仪"}, "重庆川仪"),
    ],
)
def test_templates(template, row, value):
    assert Template(template).value(row) == value
