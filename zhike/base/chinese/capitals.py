"""人民币大写: an amount of money in the characters that cannot be altered with a stroke of the pen.

One function, one place to change. Rules: 元 and 角 end with 整, 分 does not; one 零 for a gap,
also after 元 when its last figure is nought and 角 follows, or when 角 is nought and 分 follows.
"""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

_FIGURES = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_GROUPS = ("亿", "万", "")
LIMIT = Decimal(10) ** 12


def in_capitals(amount: Decimal | int) -> str:
    """The amount as 人民币… in capitals; at most two decimals, below one trillion (9999 亿), exact numbers only."""
    if isinstance(amount, bool) or not isinstance(amount, (Decimal, int)):
        raise TypeError(f"an exact amount is needed, not {type(amount).__name__}")
    amount = Decimal(amount)
    if not amount.is_finite() or abs(amount) >= LIMIT:
        raise ValueError(_("Only amounts below one trillion can be written in capitals."))
    cents = int(amount.scaleb(2))
    if cents != amount.scaleb(2):
        raise ValueError(_("An amount with more than two decimals cannot be written in capitals."))
    sign, cents = ("负" if cents < 0 else ""), abs(cents)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    if not cents:
        return "人民币零元整"
    words = _whole(yuan) + "元" if yuan else ""
    if jiao:
        gap = "零" if yuan and yuan % 10 == 0 else ""
        words += f"{gap}{_FIGURES[jiao]}角"
    elif fen and yuan:
        words += "零"
    words += f"{_FIGURES[fen]}分" if fen else "整"
    return f"人民币{sign}{words}"


def _whole(number: int) -> str:
    words, gap = "", False
    digits = f"{number:012d}"
    for start, group in zip((0, 4, 8), _GROUPS, strict=True):
        part = digits[start : start + 4]
        if part == "0000":
            gap = bool(words)
            continue
        for figure, place in zip(part, _PLACES, strict=True):
            if figure == "0":
                gap = bool(words)
                continue
            words += ("零" if gap else "") + _FIGURES[int(figure)] + place
            gap = False
        words += group
        gap = False  # noughts at the end of a group are not spoken
    return words
