"""Names nobody here wrote: 267,397 short names and the listed companies, for the duplicate search."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from zhike.base.chinese import likeness, names
from zhike.customers import duplicates
from zhike.customers.actions import create_customers
from zhike.customers.models import Customer
from zhike.records.visibility import owner_fields

from .conftest import shared_data

pytestmark = pytest.mark.long
PLANTED = [("重庆川仪自动化股份有限公司", "川仪自动化"), ("上海电气", "上海电气集团股份有限公司")]


@pytest.fixture(scope="module")
def short_names():
    folder = shared_data("china", "company-short-names")
    text = next(folder.glob("*.txt")).read_text("utf-8-sig")
    found = [line.strip() for line in text.splitlines()[3:] if line.strip()]
    assert len(found) == 267_397
    return found


@pytest.fixture(scope="module")
def listed():
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(next(shared_data("china", "listed-companies").glob("*.xlsx")))
    head, *rows = book.get_sheet_by_index(0).to_python()
    place = head.index("公司名称")
    found = [str(row[place]).strip() for row in rows if row[place]]
    assert len(found) > 6_000
    return list(dict.fromkeys(found))


class Similar:
    """The most similar short names by shared character pairs."""

    def __init__(self, found):
        self.names = found
        self.by_pair = defaultdict(list)
        for i, name in enumerate(found):
            for pair in {name[k : k + 2] for k in range(len(name) - 1)}:
                self.by_pair[pair].append(i)

    def __call__(self, name, n):
        core = names.core(name)
        counted = Counter(i for k in range(len(core) - 1) for i in self.by_pair.get(core[k : k + 2], ()))
        best = sorted(counted, key=lambda i: (-likeness.similarity(core, self.names[i]), i))
        return [self.names[i] for i in best[: 3 * n]]


def test_no_false_certainty_among_the_most_similar_names(short_names, listed):
    """For the planted names and 200 listed companies: none of the 50 most similar names with another core is certain or likely."""
    similar = Similar(short_names)
    looked = 0
    for name in [text for pair in PLANTED for text in pair] + listed[:: max(1, len(listed) // 200)]:
        core = names.core(name)
        others = [other for other in similar(name, 50) if names.core(other) != core][:50]
        wrong = [other for other in others if likeness.compare(name, other).verdict in ("certain", "likely")]
        assert wrong == [], (name, wrong)
        looked += len(others)
    assert looked > 5_000


def test_listed_companies_are_hardly_ever_taken_for_each_other(listed):
    """Different listed companies: certain only where the list names one twice or in two ways."""
    groups = defaultdict(list)
    for name in listed:
        groups[names.core(name)].append(name)
    wrong = [(a, b) for found in groups.values() for i, a in enumerate(found) for b in found[i + 1 :]
             if likeness.compare(a, b).verdict == "certain"]
    assert len(wrong) <= 5, wrong


@pytest.mark.both
def test_planted_pairs_are_found_among_many(short_names, people):
    """Among 5,000 short names and half of each planted pair, the other half finds its twin first."""
    by = people["admin"]
    rows = [Customer(name=name, **owner_fields(by)) for name in [*short_names[::53], *(one for one, _other in PLANTED)] if len(name) > 1 and not name.isdigit()]
    create_customers(rows, by=by)
    for one, other in PLANTED:
        hits = duplicates.matches(people["rep"], name=other)
        assert hits and Customer.objects.get(pk=hits[0].pk).name == one and hits[0].verdict == "likely"
        assert hits[0].row is None and hits[0].name != one  # another's customer: masked
    make = Customer(name="华东电机", **owner_fields(by))
    create_customers([make], by=by)
    assert all(Customer.objects.get(pk=hit.pk).name != "华东电机" for hit in duplicates.matches(by, name="华东电器"))
