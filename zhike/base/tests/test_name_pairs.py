"""More than 300 pairs of company names made up by hand, and what the house says of them: docs/quality.md has the figures.

The words are same (one firm), possible (a person has to look) and different. The pairs the house misses are in
the file too: it is a measure, not a list of what works.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from zhike.base.chinese import likeness

SAID = {"certain": "same", "likely": "same", "possible": "possible", "": "different"}


def pairs():
    lines = (Path(__file__).parent / "name_pairs.tsv").read_text("utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


@pytest.fixture(scope="module")
def judged():
    return [(expected, SAID[likeness.compare(one, other).verdict], one, other) for expected, _what, one, other in pairs()]


def test_the_list_is_long_and_mixed():
    counted = Counter(expected for expected, *_rest in pairs())
    assert sum(counted.values()) >= 300 and min(counted.values()) >= 70, counted


def test_one_firm_is_recognised(judged):
    """Of what the house calls the same, all is; of what is the same, at least 97 of 100 are called so."""
    said = [(expected, one, other) for expected, got, one, other in judged if got == "same"]
    assert [pair for pair in said if pair[0] != "same"] == []
    same = [got for expected, got, _one, _other in judged if expected == "same"]
    assert same.count("same") / len(same) >= 0.97


def test_what_is_worth_a_look_is_shown(judged):
    """Of all hits at least 98 of 100 are worth a look; of what is worth one at least 96 of 100 are hits."""
    hits = [expected for expected, got, _one, _other in judged if got != "different"]
    assert hits.count("different") / len(hits) <= 0.02
    worth = [got for expected, got, _one, _other in judged if expected != "different"]
    assert worth.count("different") / len(worth) <= 0.04


def test_both_sides_are_asked_alike():
    for _expected, _what, one, other in pairs():
        assert likeness.compare(one, other) == likeness.compare(other, one), (one, other)
        assert likeness.compare(one, one).verdict == "certain", one


@pytest.mark.parametrize(("one", "other", "verdict"), [
    ("重庆川仪自动化股份有限公司", "川仪自动化", "likely"), ("上海电气", "上海电气集团股份有限公司", "likely"),
    ("华东电机", "华东电器", ""), ("博世（苏州）", "博世（无锡）", "possible"), ("上海电气", "南京电气", "possible"),
])
def test_the_planted_pairs(one, other, verdict):
    assert likeness.compare(one, other).verdict == verdict


@pytest.mark.parametrize("text", ["", "  ", "（）", "有限公司", "（苏州）", "\x00", "公司" * 200, "(" * 300, "市", "中国", "江苏省苏州市", "㈱", "🏭🏭"])
def test_odd_names_are_no_fault_and_nobodys_twin(text):
    assert likeness.compare(text, "示例机械有限公司").verdict == ""
