"""The unified social credit code (统一社会信用代码, GB 32100-2015) of a Chinese legal person.

The arithmetic is python-stdnum's; here are the words for the person who mistyped one.
"""

from __future__ import annotations

import contextlib
import re
from itertools import product

from django.utils.translation import gettext as _
from stdnum.cn import ric
from stdnum.cn import uscc as rule
from stdnum.exceptions import ValidationError as Wrong

from zhike.base.text import half_width

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Letters the standard leaves out because they are read for another character.
_MISREAD = {"O": "0", "I": "1", "S": "5", "Z": "2", "V": "U"}
_OLD = re.compile(r"[0-9]{15}")
_SPACING = re.compile(r"[\s\-.]")


def normalise(text: str) -> str:
    """The code as it is stored: half-width capitals without spaces or hyphens."""
    return _SPACING.sub("", half_width(text)).upper()


def is_valid(text: str) -> bool:
    """Whether all 18 characters and the check character are right."""
    return bool(rule.is_valid(normalise(text)))


def suggestion(text: str) -> str:
    """A valid code that the mistyped one was probably meant to be, or "" when there is no single one."""
    code = normalise(text)
    if len(code) != 18 or sum(sign in _MISREAD for sign in code) > 6:
        return ""
    fixed = "".join(_MISREAD.get(sign, sign) for sign in code)
    if fixed != code and rule.is_valid(fixed):
        return fixed
    # The look-alikes inside the alphabet: 8 and B, 2 and ... only when exactly one reading is valid.
    twins = {"8": "8B", "B": "B8", "0": "0DQ", "D": "D0", "Q": "Q0", "5": "5", "6": "6G", "G": "G6"}
    spots = [twins.get(sign, sign) for sign in fixed]
    if sum(len(spot) > 1 for spot in spots) > 4:
        return ""
    found = {word for word in map("".join, product(*spots)) if word != code and rule.is_valid(word)}
    return found.pop() if len(found) == 1 and fixed != code else ""


def problem(text: str, *, person: bool = False) -> str | None:
    """What is wrong with a code, with a way out; None when it may be stored.

    The 15-digit tax number from before 2015 is accepted (see `warning`). For a sole trader
    (`person`) the 18-digit citizen number is accepted as well.
    """
    code = normalise(text)
    if not code or rule.is_valid(code) or _OLD.fullmatch(code):
        return None
    if person and ric.is_valid(code):
        return None
    if len(code) != 18:
        return _("A unified social credit code has 18 characters; this one has %(length)s.") % {
            "length": len(code)
        }
    wrong = next(((place, sign) for place, sign in enumerate(code, 1) if sign not in ALPHABET), None)
    meant = suggestion(code)
    if wrong is not None:
        said = _("Character %(place)s, “%(sign)s”, does not occur in unified social credit codes.") % {
            "place": wrong[0],
            "sign": wrong[1],
        }
    else:
        with contextlib.suppress(Wrong):
            rule.validate(code)
        said = _("The check character does not fit: please compare the unified social credit code again.")
    if meant:
        said += " " + _("Did you mean %(code)s?") % {"code": meant}
    return said


def warning(text: str) -> str | None:
    """What should be asked about although the code may be stored."""
    if _OLD.fullmatch(normalise(text)):
        return _("This is a 15-digit tax number from before 2015; please ask for the 18-character code.")
    return None


def region_code(text: str) -> str:
    """The GB/T 2260 code of the place of registration, or "" where the code has none."""
    code = normalise(text)
    return code[2:8] if len(code) == 18 and code[2:8].isdigit() else code[:6] if _OLD.fullmatch(code) else ""
