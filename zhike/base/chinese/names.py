"""Company names made comparable: the same firm written in two ways gets the same core."""

from __future__ import annotations

import re
import unicodedata

# Longest first: 有限责任公司 must go as one word.
_LEGAL = ("股份有限公司", "有限责任公司", "集团有限公司", "集团公司", "有限公司", "股份公司", "总公司", "公司", "集团", "股份")
_LATIN_LEGAL = re.compile(r"\b(co|ltd|limited|inc|corp|corporation|company|gmbh|llc)\b\.?", re.IGNORECASE)
_BRACKETS = re.compile(r"[（(\[【〔{]([^）)\]】〕}]*)[）)\]】〕}]")
_JUNK = re.compile(r"[\W_]+")
_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 "
    "云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门"
).split()
_CITIES = (
    "苏州 无锡 常州 南京 南通 扬州 镇江 徐州 杭州 宁波 温州 嘉兴 绍兴 台州 合肥 芜湖 福州 厦门 泉州 南昌 济南 青岛 烟台 "
    "潍坊 郑州 洛阳 武汉 长沙 株洲 广州 深圳 东莞 佛山 珠海 中山 惠州 成都 绵阳 贵阳 昆明 西安 兰州 太原 石家庄 沈阳 "
    "大连 长春 哈尔滨 南宁 柳州 海口"
).split()
_REGIONS = sorted([*_PROVINCES, *_CITIES], key=len, reverse=True)


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def split(name: str) -> tuple[str, frozenset[str]]:
    """(core, region words): region words are taken out of the core but kept for comparing."""
    text = _fold(name)
    regions: set[str] = set()

    def bracket(found: re.Match[str]) -> str:
        inside = found[1].removesuffix("市").removesuffix("省")
        if inside in _REGIONS:
            regions.add(inside)
            return ""
        return inside

    text = _LATIN_LEGAL.sub(" ", _BRACKETS.sub(bracket, text))
    text = _JUNK.sub("", text)
    for word in _REGIONS:
        if text.startswith(word) and len(text) > len(word) + 1:
            regions.add(word)
            text = text[len(word) :]
            for tail in ("省", "市", "自治区"):
                if text.startswith(tail) and len(text) > len(tail) + 1:
                    text = text[len(tail) :]
            break
    changed = True
    while changed:
        changed = False
        for word in _LEGAL:
            if text.endswith(word) and len(text) > len(word):
                text, changed = text[: -len(word)], True
    return text, frozenset(regions)


def core(name: str) -> str:
    """The name without legal form, brackets, spaces and leading region: 川仪自动化."""
    return split(name)[0]


def same_region(one: str, other: str) -> bool:
    """Whether the region words of two names do not contradict each other."""
    mine, theirs = split(one)[1], split(other)[1]
    return mine == theirs or not mine or not theirs
