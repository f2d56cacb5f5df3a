"""Many choices of an option list at once, from lines that are typed or pasted from a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import clean_line
from zhike.records.models.custom import read_choice

from . import choices
from .models import Dictionary, DictionaryOption

MOST_CHARACTERS = 100_000
FAULTS = 20  # lines named with their reason; the rest are counted
_OFF = frozenset(("0", "no", "n", "false", "off", "retired", "否", "停用", "停", "已停用", "不启用"))
_HEADS = frozenset(("code", "编码", "代码"))


@dataclass(slots=True)
class Line:
    number: int
    code: str
    name_zh: str
    name_en: str
    on: bool = True


def read(text: str) -> list[Line]:
    """Lines "code = 中文 | English", one out of use with - before it; or the columns code, Chinese, English, in use."""
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("At most %(n)s characters at once.") % {"n": f"{MOST_CHARACTERS:,}"}, field="text")
    found: list[Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        if "\t" in raw:
            code, zh, en, on, *_more = [*(clean_line(part) for part in raw.split("\t")), "", "", ""]
            if not found and code.casefold() in _HEADS:
                continue
            found.append(Line(number, code, zh, en, on.casefold() not in _OFF))
            continue
        off = line.startswith("-")
        parsed = read_choice(line.removeprefix("-"))
        if parsed is not None:
            code, zh, en = parsed
            found.append(Line(number, code if "=" in line else "", zh, "" if en == zh else en, not off))
    if not found:
        raise Refused(_("Write or paste at least one line."), field="text")
    if len(found) > choices.MOST:
        raise Refused(_("At most %(n)s choices.") % {"n": choices.MOST}, field="text")
    return found


@transaction.atomic
def take_in(row: Dictionary, text: str, *, by: Any) -> tuple[int, int, int]:
    """Add what is new, rename what has another name and retire or restore as the lines say; (added, changed, the same).

    A choice is found by its code, without one by its Chinese name; what no line names stays. All or nothing: raises
    `Refused` with every line at fault and why.
    """
    added = changed = same = 0
    faults: list[str] = []
    seen: dict[str, int] = {}
    for line in read(text):
        there = {found.code.lower(): found for found in DictionaryOption.objects.filter(dictionary=row.code)}
        by_name = {found.name_zh.casefold(): found for found in there.values()}
        option = there.get(line.code.lower()) if line.code else by_name.get(line.name_zh.casefold())
        mark = option.code if option is not None else line.code or line.name_zh
        if mark in seen:
            faults.append(_("Line %(n)s: %(why)s") % {"n": line.number, "why": _("the same choice as line %(other)s") % {"other": seen[mark]}})
            continue
        seen[mark] = line.number
        try:
            with transaction.atomic():
                if option is None:
                    option = choices.add_choice(row, name_zh=line.name_zh, name_en=line.name_en, code=line.code, by=by)
                    seen[option.code] = line.number
                    added += 1
                    if not line.on:
                        choices.switch_choice(option, enabled=False, by=by)
                    continue
                before = (option.name_zh, option.name_en, option.enabled)
                choices.rename_choice(option, name_zh=line.name_zh, name_en=line.name_en or option.name_en, by=by)
                choices.switch_choice(option, enabled=line.on, by=by)
                option.refresh_from_db()
                if (option.name_zh, option.name_en, option.enabled) == before:
                    same += 1
                else:
                    changed += 1
        except Refused as no:
            faults.append(_("Line %(n)s: %(why)s") % {"n": line.number, "why": no.message})
    if faults:
        rest = len(faults) - FAULTS
        more = [_("%(n)s more") % {"n": rest}] if rest > 0 else []
        raise Refused(_("Nothing was taken in. Mend these lines:"), items=[*faults[:FAULTS], *more], code="choices.lines")
    return added, changed, same
