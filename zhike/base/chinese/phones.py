"""Telephone numbers as people in China write them: one form to store, compare, search and mask."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext as _

from zhike.base.text import half_width

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SERVICE = re.compile(r"(?:400|800)[0-9]{7}")
_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))([1-9][0-9]{6,7})")
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")
_EXTENSION = re.compile(r"\s*(?:转|分机|ext\.?|x|#|,)\s*:?\s*([0-9]{1,6})$", re.IGNORECASE)
_DASHED_EXTENSION = re.compile(r"(\(?0[0-9]{2,3}\)?[-\s]?[0-9]{7,8}|(?:400|800)[-\s]?[0-9]{3,4}[-\s]?[0-9]{3,4})-([0-9]{1,6})")
_COUNTRY = re.compile(r"^(?:\+|00)\s*86[\s-]*|^86[\s-]*(?=1[3-9][0-9]{9}$|1[3-9][0-9]-?[0-9]{4}-?[0-9]{4}$)|^86-(?=[0-9]{2,3}-?[0-9]{7,8}$)")
_SEVERAL = re.compile(r"[、,;/|\n，；]+|\s{2,}|\s+(?=1[3-9][0-9]{9}\b)|(?<=[0-9]{7})\s+(?=(?:0[0-9]{2,3}-|1[3-9]|\+|400|800))")
_NOT_DIGITS = re.compile(r"[^0-9]")
_NOISE = re.compile(r"[\s().\-·]+")


def normalise(text: str) -> str:
    """The one way a number is stored and compared; several numbers in a cell are joined with " / ".

    Mobile 13812345678, landline 021-12345678 (-extension), service 400-123-4567, abroad +4915123…;
    what is none of these stays as typed, half-width, so that nothing imported is lost.
    """
    return " / ".join(_split(text or ""))


def split(text: str) -> list[str]:
    """The numbers of one cell (、 , / ; or blanks between them), each in its stored form, each once."""
    return list(_split(text or ""))


# One number is asked for several times on its way into the house: cleaned, compared, keyed, searched.
@lru_cache(maxsize=20_000)
def _split(text: str) -> tuple[str, ...]:
    typed = half_width(re.sub(r"[\r\n\u3001\uff0c\uff1b\u3000]+", ";", text)).strip(" ;,/|")
    if not typed:
        return ()
    whole = _one(typed)
    if _is_known(whole):
        return (whole,)
    found = [_one(part.strip(" :-")) for part in _SEVERAL.split(typed) if _NOT_DIGITS.sub("", part)]
    if len(found) < 2 or not all(len(digits(one)) >= 5 for one in found):
        return (whole,)
    return tuple(dict.fromkeys(found))


def _one(typed: str) -> str:
    extension = ""
    if match := _EXTENSION.search(typed):
        typed, extension = typed[: match.start()], match[1]
    elif match := _DASHED_EXTENSION.fullmatch(typed):
        typed, extension = match[1], match[2]
    bare = _COUNTRY.sub("", typed.strip())
    plus = bare.startswith(("+", "00")) and len(_NOT_DIGITS.sub("", bare)) >= 8
    compact = _NOISE.sub("", bare)
    if plus and re.fullmatch(r"(?:\+|00)[0-9]+", compact):
        tail = compact.removeprefix("+")
        number = "+" + (tail.removeprefix("00") if not compact.startswith("+") else tail)
        return number + (f"-{extension}" if extension else "")
    if bare != typed.strip() and _LANDLINE.fullmatch("0" + compact):
        compact = "0" + compact  # +86 21 ... is written without the nought
    if _MOBILE.fullmatch(compact):
        shown = compact
    elif _SERVICE.fullmatch(compact):
        shown = f"{compact[:3]}-{compact[3:6]}-{compact[6:]}"
    elif match := _LANDLINE.fullmatch(compact):
        shown = f"{match[1]}-{match[2]}"
    elif _LOCAL.fullmatch(compact):
        shown = compact
    else:
        shown = typed
    return shown + (f"-{extension}" if extension and shown is not typed else f" x{extension}" if extension else "")


def _is_known(number: str) -> bool:
    body = re.sub(r"(?<=[0-9]{7})-[0-9]{1,6}$", "", number)
    compact = body.replace("-", "")
    return bool(
        _MOBILE.fullmatch(compact)
        or _SERVICE.fullmatch(compact)
        or _LANDLINE.fullmatch(compact)
        or _LOCAL.fullmatch(compact)
        or re.fullmatch(r"\+[0-9]{8,17}", compact)
    )


def digits(text: str) -> str:
    """The digits of one number without its extension, as two numbers are compared."""
    return _NOT_DIGITS.sub("", re.sub(r"(?<=[0-9]{7})-[0-9]{1,6}$| x[0-9]{1,6}$", "", text))


def dial(number: str) -> str:
    """What a telephone dials for one number, the extension after a pause; empty for what is no number."""
    body, extension = number.strip(), ""
    if match := re.search(r"(?<=[0-9]{7})-([0-9]{1,6})$| x([0-9]{1,6})$", body):
        body, extension = body[: match.start()], match[1] or match[2]
    bare = re.sub(r"[^0-9+\-]", "", body)
    if len(_NOT_DIGITS.sub("", bare)) < 3 or re.search(r"[^\W\d_]", body):
        return ""
    return f"{bare},{extension}" if extension else bare


def display(text: str) -> str:
    """A number in groups that can be read out: 138 1234 5678."""
    shown = []
    for number in split(text):
        if _MOBILE.fullmatch(number):
            number = f"{number[:3]} {number[3:7]} {number[7:]}"
        shown.append(number)
    return " / ".join(shown)


def mask(text: str) -> str:
    """A number that tells whose it may be and no more: 138****5678, 021-****1234."""
    return " / ".join(_mask_one(number) for number in split(text))


def _mask_one(number: str) -> str:
    if _MOBILE.fullmatch(number):
        return f"{number[:3]}****{number[7:]}"
    if match := re.fullmatch(r"(0[0-9]{2,3})-([0-9]{7,8})(?:-[0-9]+)?", number):
        return f"{match[1]}-****{match[2][-4:]}"
    if _SERVICE.fullmatch(number.replace("-", "")):
        return f"{number[:4]}****"
    count, hidden = len(_NOT_DIGITS.sub("", number)), 0
    keep = 4 if count >= 8 else 2 if count >= 5 else 0
    shown = ""
    for sign in reversed(number):
        if sign.isdigit():
            hidden += 1
            sign = sign if hidden <= keep else "*"
        shown = sign + shown
    return shown


def problem(text: str) -> str | None:
    """What is wrong with a Chinese number, with the right form; None when it is fine or foreign."""
    for number in split(text):
        if _is_known(number):
            continue
        bare = _NOT_DIGITS.sub("", number)
        if not bare:
            return _("“%(number)s” is not a telephone number.") % {"number": number[:40]}
        if number.startswith("1") and not re.search(r"[^0-9\s\-]", number):
            return _("A mobile number has 11 digits and begins with 13 to 19; this one has %(length)s.") % {
                "length": len(bare)
            }
        if number.startswith("0") and not re.search(r"[^0-9\s\-()]", number):
            return _("A landline number is the area code, a hyphen and 7 or 8 digits, such as 021-12345678.")
        if len(bare) < 5 or len(bare) > 20:
            return _("“%(number)s” is not a telephone number.") % {"number": number[:40]}
    return None


def no_number(text: str) -> str | None:
    """What is wrong with an office number of anywhere in the world; None where it may be one."""
    for number in split(text):
        if not 5 <= len(_NOT_DIGITS.sub("", number)) <= 20:
            return _("“%(number)s” is not a telephone number.") % {"number": number[:40]}
    return None


def tokens(text: str) -> list[str]:
    """What the search finds the numbers by: the digits forward, and backward behind a "^" for tails."""
    found: dict[str, None] = {}
    for number in split(text):
        bare = digits(number)
        if len(bare) >= 4:
            bare = bare[-20:]
            found[bare] = None
            found["^" + bare[::-1]] = None
    return list(found)
