"""Custom fields: what an administrator added to a kind, met everywhere like the fields of the house.

A custom field's name begins with `c_`. Its values are plain JSON in the row's `custom`; those of
filterable fields stand a second time, typed and indexed, in `CustomValue`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import get_language

from zhike.base import fields as exact
from zhike.base.kept import Kept
from zhike.base.text import clean_line
from zhike.org.access import roles_of

from . import formulas, kept_files
from .attrs import PLACES, Attr
from .kept_files import KeptFile

if TYPE_CHECKING:
    from .kinds import Kind

PREFIX = "c_"
MOST = 60  # custom fields of one kind
MOST_FILTERS = 20
MOST_SEARCHED = 6
# What a record can be found by in the search: what people read as a word or a number of something.
SEARCHED = ("text", "email", "phone", "url", "int", "choice", "multi")
# What a list can be sorted by, where it can be filtered by it: one value a record, of an order people know.
SORTED = ("text", "email", "phone", "int", "quantity", "money", "percent", "date", "datetime", "bool", "choice", "formula")
_COLUMNS: dict[str, Any] = {
    "text": lambda: models.CharField(max_length=200, blank=True, default=""),
    "long": lambda: models.TextField(max_length=10_000, blank=True, default=""),
    "url": lambda: models.URLField(max_length=300, blank=True, default=""),
    "email": lambda: models.EmailField(max_length=254, blank=True, default=""),
    "phone": lambda: models.CharField(max_length=40, blank=True, default=""),
    "int": lambda: models.IntegerField(null=True, blank=True),
    "quantity": lambda: exact.Quantity(null=True, blank=True),
    "money": lambda: exact.Money(null=True, blank=True),
    "percent": lambda: exact.Percent(null=True, blank=True),
    "date": lambda: models.DateField(null=True, blank=True),
    "datetime": lambda: models.DateTimeField(null=True, blank=True),
    "bool": lambda: models.BooleanField(default=False, blank=True),
    "choice": lambda: models.CharField(max_length=40, blank=True, default=""),
    "formula": lambda: exact.Price(null=True, blank=True),
}


@dataclass(slots=True)
class CustomAttr(Attr):
    """A custom field as an `Attr`."""

    field_id: int = 0
    on: str = ""  # the kind of record it is a field of
    required: bool = False
    required_roles: Sequence[str] = ()  # codes of the roles it is asked of, where not of everybody
    on_create: bool = False
    on_list: bool = False
    filterable: bool = False
    searchable: bool = False
    formula: str = ""
    named: Sequence[tuple[str, str]] = ()  # choices by their Chinese and English names, whoever reads

    @property
    def custom(self) -> bool:
        return True

    def value(self, row: Any) -> Any:
        """The typed value; None when there is none."""
        kept = row.custom.get(self.name)
        return self.linked(row, kept) if kept is not None and self.link else self.typed(kept)

    def typed(self, kept: Any) -> Any:
        """A kept value (or one from the history) as what it is; a link stays its id."""
        if kept is None or kept == "":
            return None
        match self.type:
            case "money" | "quantity" | "percent" | "price":
                return Decimal(kept)
            case "date":
                return date.fromisoformat(kept)
            case "datetime":
                return datetime.fromisoformat(kept)
            case "user" | "ref":
                return kept["id"] if isinstance(kept, dict) else kept
            case "file":
                return kept_files.read(kept)
        return kept

    def linked(self, row: Any, pk: int) -> Any:
        """The record behind a link: attached to the row, or read now."""
        there = row.__dict__.get("_custom_linked")
        if there is not None and (self.name, pk) in there:
            return there[self.name, pk]
        return self.target()._default_manager.filter(pk=pk).first()

    def target(self) -> Any:
        from . import registry

        return registry.kind(self.to).model

    def keep(self, value: Any) -> Any:
        """The value as the row keeps it: plain JSON, None for nothing."""
        if value is None or value == "" or value == []:
            return None
        if isinstance(value, models.Model):
            return value.pk
        if isinstance(value, KeptFile):
            return value.plain()
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"  # 90.0000 and 90 are one value
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, str):
            return clean_line(value) if self.type != "long" else value
        return value

    def indexed(self, kept: Any) -> list[dict[str, Any]]:
        """How a kept value is found again: one entry, or one for each of several choices."""
        match self.type:
            case "money" | "quantity" | "percent" | "price":
                # The whole number the field itself would keep: within its bounds it fits a column.
                return [{"number": int(Decimal(kept).scaleb(PLACES[self.type]))}]
            case "date":
                return [{"number": date.fromisoformat(kept).toordinal()}]
            case "datetime":
                return [{"number": int(datetime.fromisoformat(kept).timestamp())}]
            case "int" | "bool" | "user" | "ref":
                return [{"number": int(kept)}]
            case "multi":
                return [{"text": code} for code in kept]
        return [{"text": str(kept)[:200]}]

    def words(self, kept: Any) -> list[str]:
        """What a search finds a kept value by: a choice by its names in both languages."""
        if self.type in ("choice", "multi"):
            codes = kept if isinstance(kept, list) else [kept]
            return list(dict.fromkeys(name for code, name in self.named if code in codes))
        return [str(kept)]

    def sought(self, values: Sequence[Any], op: str = "in") -> Q | None:
        """What a typed value has to be: one of `values`, or reach it (`gte`, `lte`, `lt`). None: no value can be."""
        if self.type in PLACES:
            values = _on_scale(values, PLACES[self.type], op)
        entries = [entry for value in values for entry in self.indexed(self.keep(value))]
        if not entries:
            return None
        column = next(iter(entries[0]))
        wanted = [entry[column] for entry in entries]
        return Q(**{f"{column}__{op}": wanted if op == "in" else wanted[0]})

    def condition(self, values: Sequence[Any], *, op: str = "in", none: bool = False) -> Q:
        """Rows whose value is one of `values`, or reaches it (`gte`, `lte`, `lt`); with `none` those without too."""
        from .models import CustomValue

        found = CustomValue.objects.filter(field_id=self.field_id)
        wanted = self.sought(values, op)
        asked = Q(pk__in=found.filter(wanted).values("row_id")) if wanted is not None else Q()
        if none:
            asked |= ~Q(pk__in=found.values("row_id"))
        return asked if wanted is not None or none else Q(pk__in=[])


def _on_scale(values: Sequence[Decimal], places: int, op: str) -> list[Decimal]:
    """Bounds brought to the places that are kept, inwards; a value that no field can hold finds nothing."""
    step = Decimal(1).scaleb(-places)
    if op == "in":
        return [value for value in values if value % step == 0]
    return [value.quantize(step, rounding=ROUND_CEILING if op == "gte" else ROUND_FLOOR) for value in values]


def required_of(kind: Kind, user: Any) -> list[str]:
    """The custom fields that are asked of this person when they make a record: of everybody, or of one of their roles."""
    fields = of(kind)
    codes = {role.code for role in roles_of(user)} if any(attr.required_roles for attr in fields) else set()
    return [attr.name for attr in fields if attr.required or not codes.isdisjoint(attr.required_roles)]


def is_custom(name: str) -> bool:
    return name.startswith(PREFIX)


class Definitions:
    """All fields in use; as the kit meets them they are made once a kind and language."""

    def __init__(self, fields: Iterable[Any] = ()) -> None:
        self._fields: dict[str, list[Any]] = {}
        for field in fields:
            self._fields.setdefault(field.on, []).append(field)
        self._made: dict[tuple[str, str], dict[str, CustomAttr]] = {}

    def of(self, kind: str) -> dict[str, CustomAttr]:
        """The fields of a kind by name, in their order."""
        if kind not in self._fields:
            return {}
        key = kind, get_language() or ""
        if key not in self._made:
            self._made[key] = {field.name: _attr(field) for field in self._fields[kind]}
        return self._made[key]


def _read() -> Definitions:
    from .models import CustomField

    return Definitions(CustomField.objects.filter(enabled=True).order_by("on", "order", "pk"))


definitions = Kept(_read)


def of(kind: Kind) -> list[CustomAttr]:
    """The custom fields of a kind in their order, in the reader's language."""
    return list(definitions.get().of(kind.name).values())


def attr_of(kind: Kind, name: str) -> CustomAttr | None:
    """One custom field of a kind by its name; None when there is none (any more)."""
    return definitions.get().of(kind.name).get(name)


def _attr(field: Any) -> CustomAttr:
    english = (get_language() or "").startswith("en")
    column = _COLUMNS.get(field.type)
    choices = field.choices()
    made = CustomAttr(
        field.name, label=field.label, type="price" if field.type == "formula" else field.type, path=field.name, unit=field.unit,
        help=field.help_text, readonly=field.type == "formula", priority=2, to="user" if field.type == "user" else field.to,
        choices=[(code, en if english else zh) for code, zh, en, _offered in choices],
        sort=field.filterable and field.type in SORTED,
        field_id=field.pk, on=field.on, required=field.required, required_roles=tuple(field.required_roles),
        on_create=field.on_create or field.required or bool(field.required_roles), on_list=field.on_list,
        filterable=field.filterable, searchable=field.searchable, formula=field.formula if field.type == "formula" else "",
    )
    made.named = [(code, name) for code, zh, en, _offered in choices for name in (zh, en)]
    made.offered = [code for code, _zh, _en, offered in choices if offered] if field.type in ("choice", "multi") else None
    made.model_field = column() if column else None
    return made


def searched(kind: Kind) -> list[CustomAttr]:
    """The custom fields that records of a kind are found by, whoever looks."""
    return [attr for attr in of(kind) if attr.searchable]


def put(row: Any, name: str, value: Any) -> None:
    """Give a row the value of a custom field."""
    from .registry import kind_of

    attr = attr_of(kind_of(row), name)
    kept = attr.keep(value) if attr is not None else value
    custom = dict(row.custom)
    if kept is None:
        custom.pop(name, None)
    else:
        custom[name] = kept
    row.custom = custom
    row.__dict__.pop("_custom_linked", None)


def read(row: Any, name: str) -> Any:
    """The value of a custom field of a row."""
    from .registry import kind_of

    attr = attr_of(kind_of(row), name)
    if attr is None:
        return row.custom.get(name)
    value = attr.value(row)
    if value is None and attr.type in ("bool", "multi"):
        return False if attr.type == "bool" else []
    return "" if value is None and attr.model_field is not None and not attr.model_field.null else value


def derive(kind: Kind, rows: Iterable[Any]) -> None:
    """Work out the formulas of rows that are about to be stored."""
    wanted = [attr for attr in of(kind) if attr.formula]
    for row in rows if wanted else ():
        known = partial(_number, kind, row)
        for attr in wanted:
            put(row, attr.name, formulas.work_out(attr.formula, known))


def _number(kind: Kind, row: Any, name: str) -> Any:
    """What a formula reads: a number field of the row, None where there is none."""
    attr = kind.attr(name)
    return attr.value(row) if attr.num else None


def settle_files(row: Any, diff: Mapping[str, tuple[Any, Any]], *, by: Any) -> None:
    """Tell the keeper of files what the row holds now and no longer, in the transaction that stores the row."""
    from .registry import kind_of

    for name in diff:
        attr = attr_of(kind_of(row), name) if is_custom(name) else None
        if attr is not None and attr.type == "file":
            old, new = (kept_files.read(value) for value in diff[name])
            kept_files.keeper().settle(row, name, old, new, by=by)


def settle_new(kind: Kind, rows: Sequence[Any], *, by: Any) -> None:
    """The same for rows that have just been made."""
    names = [attr.name for attr in of(kind) if attr.type == "file"]
    for row in rows if names else ():
        settle_files(row, {name: (None, row.custom[name]) for name in names if name in row.custom}, by=by)


def attach(attrs: Sequence[Attr], rows: Sequence[Any]) -> None:
    """Fetch what the custom links of rows point to, a query for each field, so that a list needs none a row."""
    for attr in attrs:
        if isinstance(attr, CustomAttr) and attr.link:
            ids = {pk for row in rows if (pk := row.custom.get(attr.name)) is not None}
            there = attr.target()._default_manager.in_bulk(ids) if ids else {}
            for row in rows:
                pk = row.custom.get(attr.name)
                if pk is not None:
                    row.__dict__.setdefault("_custom_linked", {})[attr.name, pk] = there.get(pk)


@transaction.atomic(savepoint=False)
def index(kind: Kind, rows: Sequence[Any], *, fresh: bool = False, only: str = "") -> None:
    """Bring the filterable values of rows up to date; `fresh` rows have none yet (of the field `only`)."""
    from .models import CustomValue

    attrs = [attr for attr in of(kind) if attr.filterable and only in ("", attr.name)]
    if not attrs:
        return
    if not fresh:
        unindex(kind, [row.pk for row in rows])
    CustomValue.objects.bulk_create(
        [
            CustomValue(field_id=attr.field_id, row_id=row.pk, **entry)
            for row in rows for attr in attrs if (kept := row.custom.get(attr.name)) is not None for entry in attr.indexed(kept)
        ],
        batch_size=2_000,
    )


def unindex(kind: Kind, ids: Sequence[int]) -> None:
    """Take the filterable values of rows away."""
    from .models import CustomValue

    fields = [attr.field_id for attr in of(kind) if attr.filterable]
    for start in range(0, len(ids) if fields else 0, 500):
        CustomValue.objects.filter(field__in=fields, row_id__in=ids[start : start + 500]).delete()


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of the house's fields, and those of custom ones."""
    own = {name: value for name, value in values.items() if not is_custom(name)}
    return own, {name: value for name, value in values.items() if is_custom(name)}
