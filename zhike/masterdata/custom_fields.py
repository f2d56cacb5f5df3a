"""What administrators do with custom fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.chinese import pinyin
from zhike.base.refused import Refused
from zhike.org.models import Role
from zhike.records import customs, formulas, guard, registry, save
from zhike.records.models import CustomField, CustomValue
from zhike.records.models.custom import read_choice

from . import searching

MAX_CHOICES = 500
UNFILTERED = ("long", "url", "file")
_CODE = re.compile(r"c_[a-z][a-z0-9_]{0,36}")
_CHOICE = re.compile(r"[^\s=|,]{1,40}")
_NOT_CODE = re.compile(r"[^a-z0-9]+")


@transaction.atomic
def create_custom_fields(rows: Sequence[CustomField], *, by: Any) -> Sequence[CustomField]:
    """Add fields to kinds of records; every form, list, filter, file and program meets them at once.

    Raises `Refused` for a code that is taken, a type that lacks what it needs, or too many fields.
    """
    kind = registry.kind("custom_field")
    guard.require(by, kind, "add")
    for row in rows:
        row.name = row.name or _free_name(row)
        if not _CODE.fullmatch(row.name):
            raise Refused(_("A field code begins with c_ and has small letters, digits and _."), field="name")
        if CustomField.objects.filter(on=row.on, name=row.name).exists():
            raise Refused(_("There is a field with this code already."), field="name")
        _check(row)
    made = save.create_rows(kind, rows, by=by)
    customs.definitions.changed()
    for row in made:
        if row.type == "formula":
            _work_out(row)
    return made


@transaction.atomic
def change_custom_field(row: CustomField, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a custom field. What is kept under it stays; its records, code and type are fixed.

    A choice that is taken off the list is no longer offered and keeps its name on old records.
    """
    guard.require_rows(by, [row], "edit")
    for name in ("on", "name", "type", "to"):
        if name in values and values[name] != getattr(row, name):
            raise Refused(_("This cannot be changed any more. Make a new field and retire this one."), field=name)
    before = save.locked(row)
    would = save.locked(row)
    for name, value in values.items():
        setattr(would, name, value)
    _check(would)
    values = dict(values)
    if "choices_text" in values:
        values["retired"] = _retired(before, would)
    diff = save.change_row(row, values, by=by, version=version)
    customs.definitions.changed()
    if "formula" in diff:
        _work_out(row)
    elif "filterable" in diff or "enabled" in diff:
        reindex(row)
    if "searchable" in diff or (row.searchable and not diff.keys().isdisjoint(("enabled", "choices_text"))):
        searching.index_anew(row, by=by)
    return diff


def _free_name(row: CustomField) -> str:
    words = row.label_en.lower() or pinyin.full(row.label_zh).lower()
    base = customs.PREFIX + (_NOT_CODE.sub("_", words).strip("_") or "field")
    base = (base if base[2].isalpha() else f"c_f{base[2:]}")[:34]
    taken = set(CustomField.objects.filter(on=row.on, name__startswith=base).values_list("name", flat=True))
    return base if base not in taken else next(name for n in range(2, 1000) if (name := f"{base}_{n}") not in taken)


def _check(row: CustomField) -> None:
    """The rules of a definition as it would be."""
    known = {kind.name for kind in registry.kinds() if kind.pages and kind.create}
    if row.on not in known or row.on == CustomField.KIND:
        raise Refused(_("Choose the records the field is for."), field="on")
    others = CustomField.objects.filter(on=row.on, enabled=True).exclude(pk=row.pk)
    if row.enabled and others.count() >= customs.MOST:
        raise Refused(_("At most %(n)s fields. Retire one first.") % {"n": customs.MOST})
    if row.filterable and row.enabled and others.filter(filterable=True).count() >= customs.MOST_FILTERS:
        raise Refused(_("At most %(n)s fields to filter by.") % {"n": customs.MOST_FILTERS}, field="filterable")
    if row.filterable and row.type in UNFILTERED:
        raise Refused(_("Long texts, web addresses and files are not filtered by."), field="filterable")
    if row.searchable:
        if row.type not in customs.SEARCHED:
            raise Refused(_("Only short texts, whole numbers, addresses and choices are searched."), field="searchable")
        if row.enabled and others.filter(searchable=True).count() >= customs.MOST_SEARCHED:
            raise Refused(_("At most %(n)s fields to search by.") % {"n": customs.MOST_SEARCHED}, field="searchable")
    if row.required_roles and Role.objects.filter(code__in=row.required_roles).count() != len(set(row.required_roles)):
        raise Refused(_("Choose roles of this house."), field="required_roles")
    if row.type in ("choice", "multi"):
        _check_choices(row)
    if row.type == "ref" and (not registry.has(row.to) or not registry.kind(row.to).pages):
        raise Refused(_("Choose the records the field points to."), field="to")
    if row.type == "file" and not registry.kind(row.on).words:
        raise Refused(_("Files do not belong to these records."), field="type")
    if row.type == "formula":
        _check_formula(row)


def _check_choices(row: CustomField) -> None:
    lines = [parsed for line in row.choices_text.splitlines() if (parsed := read_choice(line)) is not None]
    codes = [code for code, _zh, _en in lines]
    if not lines:
        raise Refused(_("Write the choices, one a line: code = Chinese name | English name."), field="choices_text")
    if len(lines) > MAX_CHOICES:
        raise Refused(_("At most %(n)s choices.") % {"n": MAX_CHOICES}, field="choices_text")
    wrong = next((code for code, zh, en in lines if not _CHOICE.fullmatch(code) or not zh or len(zh) > 60 or len(en) > 60), None)
    if wrong is not None:
        raise Refused(_("“%(code)s”: a choice has a code without spaces and a name of at most 60 characters.") % {"code": wrong},
                      field="choices_text")
    if len(set(codes)) != len(codes):
        raise Refused(_("Two choices have the same code."), field="choices_text")


def _check_formula(row: CustomField) -> None:
    _tree, names = formulas.parse(row.formula)
    kind = registry.kind(row.on)
    for name in sorted(names):
        try:
            attr = kind.attr(name)
        except FieldDoesNotExist:
            attr = None
        if attr is None or not attr.num or "__" in attr.path or (isinstance(attr, customs.CustomAttr) and attr.formula):
            raise Refused(_("“%(name)s” is not a number field of these records.") % {"name": name}, field="formula")


def _retired(before: CustomField, after: CustomField) -> list[list[str]]:
    now = {parsed[0] for line in after.choices_text.splitlines() if (parsed := read_choice(line)) is not None}
    return [[code, zh, en] for code, zh, en, _offered in before.choices() if code not in now]


def _rows(row: CustomField, **more: Any) -> Any:
    model = registry.kind(row.on).model
    left = model.objects.filter(**more).order_by("pk")
    last = 0
    while part := list(left.filter(pk__gt=last)[:2_000]):
        yield part
        last = part[-1].pk


def reindex(row: CustomField) -> None:
    """Write the filterable side of one field anew from the records."""
    CustomValue.objects.filter(field=row).delete()
    if row.filterable and row.enabled:
        for part in _rows(row, custom__has_key=row.name):
            customs.index(registry.kind(row.on), part, fresh=True, only=row.name)


def _work_out(row: CustomField) -> None:
    """Give every record the result of a new formula; neither versions nor history move."""
    kind = registry.kind(row.on)
    for part in _rows(row):
        customs.derive(kind, part)
        kind.model.objects.bulk_update(part, ["custom"], batch_size=500)
        customs.index(kind, part)
