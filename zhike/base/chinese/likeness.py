"""How alike two company names are: certain, likely, possible or different, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from . import firm_words, regions
from .names import Name, parse

CERTAIN, LIKELY, POSSIBLE, DIFFERENT = "certain", "likely", "possible", ""
RANK = {CERTAIN: 3, LIKELY: 2, POSSIBLE: 1, DIFFERENT: 0}
DICE = 0.75  # from so many shared pairs of characters on two long cores are worth a look


@dataclass(frozen=True, slots=True)
class Likeness:
    """A verdict, the reason for it (a code), and how much of the two cores is the same (0 to 100)."""

    verdict: str
    why: str = ""
    score: int = 0

    def __bool__(self) -> bool:
        return bool(self.verdict)


def compare(one: str, other: str) -> Likeness:
    """How alike two names are as they are typed; former names in brackets are looked at too."""
    first, second = parse(one), parse(other)
    best = judge(first, second)
    for mine, theirs in ((first, second), (second, first)):
        for old in mine.former:
            found = judge(parse(old), theirs)
            if RANK[found.verdict] >= RANK[LIKELY] and RANK[best.verdict] < RANK[LIKELY]:
                best = Likeness(LIKELY, "former", found.score)
    return best


def judge(one: Name, other: Name) -> Likeness:
    """The same for names that are taken apart already."""
    if not one.core or not other.core or one.latin != other.latin:
        return Likeness(DIFFERENT)
    if one.core == other.core:
        return _same_core(one, other)
    score = round(100 * similarity(one.core, other.core))
    if not _may_agree(one, other):
        return Likeness(DIFFERENT, score=score)
    if one.latin:
        close = min(len(one.core), len(other.core)) >= 8 and typed_wrong(one.core, other.core)
        return Likeness(POSSIBLE, "typing", score) if close else Likeness(DIFFERENT, score=score)
    if one.sound and one.sound == other.sound:
        return Likeness(POSSIBLE, "sound", score)
    if typed_wrong(one.core, other.core) and _broken(one, other):
        return Likeness(POSSIBLE, "typing", score)
    if _extends(one, other):
        return Likeness(POSSIBLE, "part", score)
    if one.brand and one.brand == other.brand and (score >= 100 * DICE or (one.regions and other.regions)):
        return Likeness(POSSIBLE, "brand", score)
    return Likeness(DIFFERENT, score=score)


def _same_core(one: Name, other: Name) -> Likeness:
    if one.regions and other.regions and not regions.agree(one.regions, other.regions):
        return Likeness(POSSIBLE, "region", 100)
    if one.branch != other.branch:
        return Likeness(POSSIBLE, "branch", 100)
    if bool(one.regions) != bool(other.regions):
        # 上海电气 and 电气: the region is all there is.
        return Likeness(POSSIBLE if one.weak and not one.latin else LIKELY, "no_region", 100)
    if one.group != other.group:
        return Likeness(LIKELY, "group", 100)
    if {one.form, other.form} == {"shares", "limited"}:
        return Likeness(LIKELY, "form", 100)
    return Likeness(CERTAIN, "name", 100)


def _may_agree(one: Name, other: Name) -> bool:
    return not one.regions or not other.regions or regions.agree(one.regions, other.regions)


def _extends(one: Name, other: Name) -> bool:
    """Whether one core is the other's with a trade behind it: 川仪, 川仪自动化."""
    short, long = sorted((one, other), key=lambda name: len(name.core))
    if not short.brand or not long.core.startswith(short.core):
        return False
    return long.brand == short.brand and (len(short.core) / len(long.core) >= 0.5 or short.core == short.brand)


def _broken(one: Name, other: Name) -> bool:
    """Whether the difference looks like a slip: two words of the language in its place are two firms."""
    a, b = one.core, other.core
    if min(len(a), len(b)) < 4:
        return False
    if len(a) != len(b) or Counter(a) == Counter(b):
        # A character too many, too few or in the wrong place; a trade more or less is `_extends`.
        return bool(one.brand and other.brand)
    place = next(i for i, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
    if place < 2 or len(a) < 5:
        return False
    return _has_trade(one) != _has_trade(other)


def _has_trade(name: Name) -> bool:
    return any(name.core.endswith(trade) for trade in firm_words.TRADES if len(trade) > 1)


def similarity(one: str, other: str) -> float:
    """The greater of how much of the longer text the shorter one is, and the share of common character pairs."""
    if not one or not other:
        return 0.0
    short, long = sorted((one, other), key=len)
    contained = len(short) / len(long) if short in long else 0.0
    return max(contained, dice(one, other))


def dice(one: str, other: str) -> float:
    """Twice the common pairs of neighbouring characters over all pairs (0 to 1)."""
    mine = Counter(one[i : i + 2] for i in range(len(one) - 1))
    theirs = Counter(other[i : i + 2] for i in range(len(other) - 1))
    total = mine.total() + theirs.total()
    return 2 * (mine & theirs).total() / total if total else float(one == other)


def typed_wrong(one: str, other: str) -> bool:
    """Whether one slip (another, a missing, a doubled or two swapped characters) turns one into the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        places = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        if len(places) == 1:
            return True
        return len(places) == 2 and places[1] == places[0] + 1 and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]]
    short, long = sorted((one, other), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
