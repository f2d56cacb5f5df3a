"""Capitals, credit codes, phones, readings and company names, by the vectors of the rules themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zhike.base.chinese import capitals, grams, names, phones, pinyin, uscc


@pytest.mark.parametrize(("amount", "words"), [
    ("0", "人民币零元整"),
    ("0.5", "人民币伍角整"),
    ("0.05", "人民币伍分"),
    ("10", "人民币壹拾元整"),
    ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
    ("6007.14", "人民币陆仟零柒元壹角肆分"),
    ("1680.32", "人民币壹仟陆佰捌拾元零叁角贰分"),
    ("107000.53", "人民币壹拾万柒仟元零伍角叁分"),
    ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "人民币叁佰贰拾伍元零肆分"),
    ("10010001", "人民币壹仟零壹万零壹元整"),
    ("100010000", "人民币壹亿零壹万元整"),
    ("2050000000", "人民币贰拾亿伍仟万元整"),
    ("-88.80", "人民币负捌拾捌元捌角整"),
])
def test_amounts_in_capitals(amount, words):
    assert capitals.in_capitals(Decimal(amount)) == words


@pytest.mark.parametrize("wrong", [Decimal("12.345"), Decimal("1e12"), Decimal("NaN"), Decimal("Infinity")])
def test_capitals_refuse_what_they_cannot_write(wrong):
    with pytest.raises(ValueError):
        capitals.in_capitals(wrong)


@pytest.mark.parametrize("wrong", [1.5, True, "1"])
def test_capitals_take_exact_numbers_only(wrong):
    with pytest.raises(TypeError):
        capitals.in_capitals(wrong)


FIGURES = {sign: i for i, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def _read_group(words):
    total = figure = 0
    for sign in words:
        if sign in FIGURES:
            figure = FIGURES[sign]
        else:
            total, figure = total + figure * UNITS[sign], 0
    return total + figure


def _read_back(words):
    """An independent reader of capitals, for amounts below a trillion."""
    words = words.removeprefix("人民币").removesuffix("整")
    yuan, rest = words.split("元") if "元" in words else ("", words)
    high, low = yuan.split("亿") if "亿" in yuan else ("", yuan)
    middle, low = low.split("万") if "万" in low else ("", low)
    cents = sum(FIGURES[sign] * 10 for sign, mark in zip(rest, rest[1:], strict=False) if mark == "角")
    cents += sum(FIGURES[sign] for sign, mark in zip(rest, rest[1:], strict=False) if mark == "分")
    return Decimal(_read_group(high) * 10**8 + _read_group(middle) * 10**4 + _read_group(low)) + Decimal(cents) / 100


def test_capitals_can_be_read_back():
    step = 98_765_431
    for i in range(3000):
        amount = Decimal(i * i * step % 10**14) / 100
        assert _read_back(capitals.in_capitals(amount)) == amount, amount


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110108551385082Q", "91350100394AB75R30"])
def test_valid_credit_codes(code):
    assert uscc.problem(code) is None


@pytest.mark.parametrize(("code", "hint"), [
    ("91350100M000100Y44", ""),  # wrong check character
    ("91350100M0001O0Y43", "0"),  # O for nought is pointed out
    ("91350100M000100Y4", "18"),
    ("91350100M000100Y433", "18"),
])
def test_wrong_credit_codes_say_what_is_wrong(code, hint):
    problem = uscc.problem(code)
    assert problem and hint in str(problem)


@pytest.mark.parametrize(("typed", "stored"), [
    ("13812345678", "13812345678"),
    ("138 1234 5678", "13812345678"),
    ("138-1234-5678", "13812345678"),
    ("+86 138 1234 5678", "13812345678"),
    ("0086-13812345678", "13812345678"),
    ("８６13812345678", "13812345678"),
    ("１３８１２３４５６７８", "13812345678"),
    ("021 12345678", "021-12345678"),
    ("(021)12345678", "021-12345678"),
    ("（0512）1234567", "0512-1234567"),
    ("4001234567", "400-123-4567"),
    ("+49 151 23456789", "+4915123456789"),
    ("13812345678、021-87654321", "13812345678 / 021-87654321"),
])
def test_phones_have_one_form(typed, stored):
    assert phones.normalise(typed) == stored


@pytest.mark.parametrize(("number", "masked"), [
    ("13812345678", "138****5678"), ("021-62345678", "021-****5678"), ("400-123-4567", "400-****"),
])
def test_masks_hide_the_middle(number, masked):
    assert phones.mask(number) == masked


@pytest.mark.parametrize("number", ["1381234567", "138123456789", "12812345678"])
def test_a_wrong_mobile_is_explained(number):
    assert "11" in str(phones.problem(number))


@pytest.mark.parametrize("number", ["13812345678", "021-62345678", "400-123-4567", "+4915123456789", ""])
def test_right_numbers_pass(number):
    assert phones.problem(number) is None


@pytest.mark.parametrize(("text", "letters"), [
    ("重庆川仪", "cqcy"), ("长沙", "cs"), ("会计", "kj"), ("厦门", "xm"), ("乐清", "yq"),
])
def test_initials_of_phrases(text, letters):
    assert letters in pinyin.initials(text)
    assert len(pinyin.initials(text)) <= pinyin.LIMIT


def test_surnames_sort_by_their_own_reading():
    assert pinyin.sort_key("单示例", person=True).startswith("shan ")
    assert pinyin.sort_key("曾示例", person=True).startswith("zeng ")
    assert pinyin.sort_key("单县机械").startswith("dan")


def test_polyphones_are_found_by_every_reading_up_to_a_limit():
    assert {"zy", "cy"} <= set(pinyin.initials("曾一")) | set(pinyin.initials("重一"))
    assert len(pinyin.initials("行行行行行行行行")) <= 16


@pytest.mark.parametrize(("one", "other"), [
    ("苏州示例机械有限公司", "示例机械有限责任公司"),
    ("示例机械（苏州）有限公司", "示例机械(苏州)有限公司"),
    ("江苏示例机械股份有限公司", "示例机械"),
    ("ＡＢＣ机械有限公司", "abc机械"),
    ("Example Machines Co., Ltd.", "EXAMPLE MACHINES LIMITED"),
    ("示例 机械 有限公司", "示例机械有限公司"),
])
def test_the_same_firm_has_the_same_core(one, other):
    assert names.core(one) == names.core(other)


@pytest.mark.parametrize(("one", "other"), [("示例机械", "示例电气"), ("甲示例机械", "乙示例机械"), ("公司", "示例公司")])
def test_other_firms_have_other_cores(one, other):
    assert names.core(one) != names.core(other)


def test_regions_that_contradict_each_other_are_seen():
    assert not names.same_region("示例机械（苏州）有限公司", "示例机械（重庆）有限公司")
    assert names.same_region("示例机械有限公司", "示例机械（重庆）有限公司")


@pytest.mark.parametrize(("text", "folded"), [("ＡＢｃ１２３", "abc123"), ("（示例）机械", "示例机械"), ("  a_b  ", "ab"), ("", "")])
def test_folding_for_search(text, folded):
    assert grams.fold(text) == folded


def test_search_tokens_never_hold_query_syntax():
    nasty = '"*:^()-OR NEAR\x00\ud800 %_\\ 示例'
    for token in [*grams.index_tokens([nasty]).split(), *(t for phrase in grams.query_phrases(nasty) for t in phrase)]:
        assert token.rstrip("*").isalnum() and token.isascii(), token
