"""Both databases find the same records by the same text."""

from __future__ import annotations

import pytest

from zhike.customers.models import Customer
from zhike.records import listing, registry, save, search

pytestmark = [pytest.mark.both, pytest.mark.django_db]

NAMES = {
    "chuan": "重庆川仪示例仪表有限公司",
    "su": "苏州示例机械有限公司",
    "latin": "ＡＢＣ Example Machines",
    "percent": "百分百100%示例_下划线公司",
    "short": "沪江",
    "many1": "示例有限公司甲",
    "many2": "示例有限公司乙",
    "emoji": "𠮷野示例工业",
}


@pytest.fixture
def found(make, people):
    rows = {key: make.customer("rep", name=name, phone="13912345678" if key == "su" else "") for key, name in NAMES.items()}
    keys = {row.pk: key for key, row in rows.items()}
    user, kind = people["rep"], registry.kind("customer")

    def look(q):
        page = listing.page(listing.read(kind, {"q": [q]}, user), limit=100)
        return {keys[row.pk] for row in page.items if row.pk in keys}

    look.rows = rows
    return look


WANTED = [
    ("川仪", {"chuan"}), ("沪江", {"short"}), ("机械", {"su"}), ("cqcy", {"chuan"}), ("CQCY", {"chuan"}), ("chongqing", {"chuan"}),
    ("szsl", {"su"}), ("川", {"chuan"}), ("沪", {"short"}), ("abc", {"latin"}), ("ABC", {"latin"}), ("ａｂｃ", {"latin"}),
    ("example machines", {"latin"}), ("EXAMPLE", {"latin"}), ("分百100%", {"percent"}), ("𠮷野", {"emoji"}), ("示例有限公司", {"many1", "many2"}),
    ("没有这个", set()), ("仪川", set()), ("5678", {"su"}), ("13912345678", {"su"}), ("139 1234 5678", {"su"}),
]
SIGNS = ["%", "_", "%%", "*", '"', "'", "\\", "()", ":", "^", "-", "AND", "NEAR(", "; DROP", "\u200b", "川*仪", "川 OR 仪"]


def test_what_is_found(found):
    """Two characters, initials, full pinyin, case, width, wildcards as plain text, phone tails."""
    assert [(q, got) for q, want in WANTED if (got := found(q)) != want] == []


def test_signs_mean_nothing_special(found):
    """Wildcards and the query languages of the databases are plain text, or nothing."""
    assert [(q, got) for q in SIGNS if len(got := found(q)) > 2] == []
    assert found('"川仪') == found("川仪*") == {"chuan"}


def test_common_words_find_everything_that_holds_them(found):
    for q in ("示例", "有限公司", "示", "公"):
        assert {key for key, name in NAMES.items() if q in name} <= found(q), q


def test_the_index_follows_bulk_changes(found, people):
    rows, kind = found.rows, registry.kind("customer")
    save.change_row(rows["short"], {"name": "临江示例泵业"}, by=people["rep"], version=None)
    assert found("沪江") == set() and found("临江") == {"short"}
    Customer.objects.filter(pk=rows["emoji"].pk).update(name="无关紧要")
    fresh = list(Customer.objects.filter(pk=rows["emoji"].pk))
    save.index(kind, fresh)
    assert found("𠮷野") == set() and found("无关紧要") == {"emoji"}
    search.remove_rows("customer", [rows["chuan"].pk])
    assert found("川仪") == set()
    save.index(kind, [rows["chuan"]] * 1 + [rows["su"]])
    assert found("川仪") == {"chuan"}


def test_indexing_twice_changes_nothing(found):
    kind = registry.kind("customer")
    rows = list(Customer.objects.filter(pk__in=[row.pk for row in found.rows.values()]))
    save.index(kind, rows)
    save.index(kind, rows)
    assert found("机械") == {"su"}
