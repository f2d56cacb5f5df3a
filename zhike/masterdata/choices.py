"""What administrators do with the choices of an option list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.chinese import pinyin
from zhike.base.refused import Conflict, Refused
from zhike.base.text import clean_line
from zhike.records import guard, save

from . import dictionaries, usage
from .models import Dictionary, DictionaryOption
from .seed import LISTS as SEEDED

MOST = 500
LONGEST = 60  # signs of a name
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
_NOT_CODE = re.compile(r"[^a-z0-9]+")


@transaction.atomic
def add_choice(row: Dictionary, *, name_zh: str, name_en: str = "", code: str = "", by: Any) -> DictionaryOption:
    """Put a choice at the end of the list; without a code one is made from its name.

    Raises `Refused` for a code or name that is taken, and where the list is full.
    """
    row, there = _held(row, by)
    if len(there) >= MOST:
        raise Refused(_("At most %(n)s choices.") % {"n": MOST})
    code = clean_line(code) or _free_code(name_en or name_zh, there)
    if not _CODE.fullmatch(code):
        raise Refused(_("A code has up to 20 letters without accents, digits, _ and -."), field="code")
    if any(other.code.lower() == code.lower() for other in there):
        raise Refused(_("There is a choice with this code already."), field="code")
    made = DictionaryOption(dictionary=row.code, code=code, order=len(there))
    made.name_zh, made.name_en = _names(name_zh, name_en, there)
    made.save()
    _noted(row, "choice-add", {code: (None, _both(made))}, by)
    return made


@transaction.atomic
def rename_choice(option: DictionaryOption, *, name_zh: str, name_en: str = "", by: Any, version: int | None = None) -> None:
    """Call a choice otherwise, on old records too. `version` is that of the list the person saw."""
    row, there = _held(_list_of(option), by)
    if version is not None and version != row.version:
        raise Conflict(_("Somebody changed “%(row)s” in the meantime. Your input is still here: compare and save again.") % {"row": row})
    option = _one(there, option)
    before = _both(option)
    option.name_zh, option.name_en = _names(name_zh, name_en, [other for other in there if other.pk != option.pk])
    if _both(option) != before:
        option.save(update_fields=["name_zh", "name_en"])
        _noted(row, "edit", {option.code: (before, _both(option))}, by)


@transaction.atomic
def move_choice(option: DictionaryOption, *, up: bool, by: Any) -> None:
    """Move a choice one place; at the end of the list nothing happens."""
    row, there = _held(_list_of(option), by)
    option = _one(there, option)
    place = there.index(option)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(there):
        return
    there[place], there[other] = there[other], there[place]
    for order, found in enumerate(there):
        found.order = order
    DictionaryOption.objects.bulk_update(there, ["order"])
    _noted(row, "choice-move", {option.code: (place + 1, other + 1)}, by)


@transaction.atomic
def switch_choice(option: DictionaryOption, *, enabled: bool, by: Any) -> None:
    """Retire a choice, or offer it again. Records that hold it keep it.

    Raises `Refused` for the last choice offered and for one that new records begin with.
    """
    row, there = _held(_list_of(option), by)
    option = _one(there, option)
    if option.enabled == enabled:
        return
    if not enabled:
        require_retirable(option, there)
    option.enabled = enabled
    option.save(update_fields=["enabled"])
    _noted(row, "choice-restore" if enabled else "choice-retire", {option.code: (not enabled, enabled)}, by)


def require_retirable(option: DictionaryOption, there: Sequence[DictionaryOption]) -> None:
    """Refuse for the last choice of a list in use and for one that new records begin with."""
    if option.code in usage.defaults(option.dictionary):
        raise Refused(_("New records begin with this choice; it stays in use."))
    if not any(other.enabled for other in there if other.pk != option.pk):
        raise Refused(_("This is the last choice in use. Add or restore another one first."))


@transaction.atomic
def remove_choice(option: DictionaryOption, *, by: Any) -> None:
    """Delete a retired choice that no record holds; one that came with the program only retires."""
    row, there = _held(_list_of(option), by)
    option = _one(there, option)
    if came_along(option):
        raise Refused(_("This choice came with the program. It can be retired, not deleted."))
    if option.enabled:
        raise Refused(_("Retire the choice first, so that nobody chooses it meanwhile."))
    n = usage.used(row.code, option.code)
    if n:
        raise Refused(_("%(n)s records hold this choice. It stays retired, so that they keep its name.") % {"n": n})
    option.delete()
    _noted(row, "choice-remove", {option.code: (_both(option), None)}, by)


def came_along(option: DictionaryOption) -> bool:
    """Whether the program brings the choice along, and would bring it again at the next upgrade."""
    return f"|{option.code}:" in f"|{SEEDED.get(option.dictionary, '')}"


def _list_of(option: DictionaryOption) -> Dictionary:
    return Dictionary.objects.get(code=option.dictionary)


def _held(row: Dictionary, by: Any) -> tuple[Dictionary, list[DictionaryOption]]:
    """The list as it is stored, held until the transaction ends, and its choices in order."""
    guard.require_rows(by, [row], "edit")
    row = save.locked(row)
    return row, list(DictionaryOption.objects.filter(dictionary=row.code).order_by("order", "code"))


def _one(there: list[DictionaryOption], option: DictionaryOption) -> DictionaryOption:
    found = next((other for other in there if other.pk == option.pk), None)
    if found is None:
        raise Refused(_("This choice has been deleted in the meantime."))
    return found


def _names(name_zh: str, name_en: str, others: list[DictionaryOption]) -> tuple[str, str]:
    zh, en = clean_line(name_zh), clean_line(name_en)
    if not zh:
        raise Refused(_("Give the Chinese name."), field="name_zh")
    for field, name in (("name_zh", zh), ("name_en", en)):
        if len(name) > LONGEST:
            raise Refused(_("A name has at most %(n)s signs.") % {"n": LONGEST}, field=field)
        if name and any(getattr(other, field).casefold() == name.casefold() for other in others):
            raise Refused(_("There is a choice with this name already."), field=field)
    return zh, en


def _free_code(name: str, there: list[DictionaryOption]) -> str:
    words = name.lower() if name.isascii() else pinyin.full(name).lower()
    base = _NOT_CODE.sub("_", words).strip("_")[:16].strip("_") or "choice"
    taken = {other.code.lower() for other in there}
    return base if base not in taken else next(made for n in range(2, 1000) if (made := f"{base}_{n}") not in taken)


def _both(option: DictionaryOption) -> str:
    return f"{option.name_zh} | {option.name_en}" if option.name_en else option.name_zh


def _noted(row: Dictionary, action: str, diff: dict[str, tuple[Any, Any]], by: Any) -> None:
    save.touch_row(row, by=by, action=action, diff=diff)
    dictionaries.kept.changed()
