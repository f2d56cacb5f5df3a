"""Importer: what an app declares (in its room `imports.py`) so that plans can fill one of its kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base import fields as exact
from zhike.base.refused import Forbidden, Refused
from zhike.org.access import access_of
from zhike.records import customs, guard, registry, save
from zhike.records.kinds import Kind

_importers: dict[str, Importer] = {}
# Types of custom fields as plans know them.
_TYPES = {"money": "exact", "quantity": "exact", "percent": "exact", "int": "int", "bool": "bool", "date": "date",
          "datetime": "datetime", "choice": "choice", "multi": "multi", "phone": "phone", "long": "block"}


@dataclass(slots=True)
class Target:
    """One field a plan may fill. `ref` is the kind a key points to; `parts` are the fields of a list."""

    name: str
    type: str = "text"
    ref: str = ""
    field: models.Field[Any, Any] | None = None
    dictionary: str = ""
    choices: Sequence[tuple[str, Any]] = ()
    named: Sequence[tuple[str, str]] = ()  # what the choices are called in either language, where `choices` says one
    parts: Mapping[str, Target] | None = None
    required: bool = False


class Importer:
    """How rows of one kind are found again, built, created and changed.

    Subclasses name the model, the plain fields, the references and the actions; the engine does
    the rest. `match` are the fields by which an existing row may be found without a key, `keys`
    those by which plans may refer to a row of this kind.
    """

    kind: ClassVar[str]
    model: ClassVar[Any]
    plain: ClassVar[tuple[str, ...]] = ()
    refs: ClassVar[Mapping[str, str]] = {}
    required: ClassVar[tuple[str, ...]] = ()
    dictionaries: ClassVar[Mapping[str, str]] = {}
    match: ClassVar[tuple[str, ...]] = ()
    keys: ClassVar[tuple[str, ...]] = ()
    keep: ClassVar[tuple[str, ...]] = ()  # columns a reference to this kind needs
    self_ref: ClassVar[str] = ""
    restated: ClassVar[tuple[str, ...]] = ()  # fields only for whoever may restate history
    batch = 1_000
    fillable = True  # whether a section may create rows of this kind
    asks_custom = True  # whether a row needs the custom fields that are asked of whoever makes a record
    small = False  # a kind with few rows: references to it are remembered for the whole run

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "kind" in cls.__dict__:
            _importers[cls.kind] = cls()

    @property
    def house_kind(self) -> Kind | None:
        return registry.kind(self.kind) if registry.has(self.kind) else None

    def targets(self) -> dict[str, Target]:
        """The fields a plan may fill, by name."""
        kind = self.house_kind
        found: dict[str, Target] = {}
        for name in self.plain:
            field = self.model._meta.get_field(name)
            attr = kind.attr(name) if kind is not None else None
            dictionary = self.dictionaries.get(name) or (attr.dictionary if attr else "")
            found[name] = Target(name, "option" if dictionary else _type(field), field=field, dictionary=dictionary,
                                 choices=list(field.flatchoices or ()))
        for name, ref in self.refs.items():
            found[name] = Target(name, "region" if ref == "region" else "ref", ref=ref, field=_field(self.model, name))
        for name in self.required:
            found[name].required = True
        for attr in customs.of(kind) if kind is not None else ():
            if attr.link:
                found[attr.name] = Target(attr.name, "ref", ref=attr.to)
            elif attr.type != "file" and not attr.formula:
                found[attr.name] = Target(attr.name, _TYPES.get(attr.type, "text"), field=attr.model_field, choices=list(attr.choices),
                                          named=attr.named)
            if attr.name in found:
                found[attr.name].required = self.asks_custom and attr.required and attr.type != "bool"
        return found

    def asked_of(self, by: Any) -> dict[str, str]:
        """The custom fields that are asked of this person and can come from a table: name → label."""
        kind = self.house_kind
        if kind is None or not self.asks_custom:
            return {}
        asked = {name: kind.attr(name) for name in customs.required_of(kind, by)}
        return {name: attr.label_text for name, attr in asked.items() if attr.type not in ("file", "bool")}

    def left_out(self) -> dict[str, str]:
        """The fields of the kind that no table can fill: name → label."""
        return {attr.name: attr.label_text for attr in customs.of(self.house_kind) if attr.type == "file"} if self.house_kind is not None else {}

    # Rights

    def check_right(self, by: Any) -> None:
        """Refuse unless the person may import this kind. Kinds without such a right: administrators."""
        kind = self.house_kind
        if kind is not None and "import" in kind.actions:
            guard.require(by, kind, "import")
            guard.require(by, kind, "add")
            guard.require(by, kind, "edit")
        elif not by.is_admin:
            raise Forbidden(_("“%(kind)s”: only an administrator may import this.") % {"kind": self.kind})

    def visible(self, by: Any) -> models.QuerySet[Any]:
        """The rows keys may lead to: never more than the person sees."""
        manager = self.model.objects
        return manager.visible_to(by) if hasattr(manager, "visible_to") else manager.all()

    def begin(self, converter: Any, *, dry_run: bool) -> None:
        """Called before each section of this kind."""

    # Rows

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        """Complete or check the values of one row; may raise `Refused`."""
        return values

    def build(self, values: Mapping[str, Any], *, by: Any) -> Any:
        """An unsaved row from converted values."""
        return self.model(**values)

    def create(self, rows: list[Any], *, by: Any, batch: str) -> list[Any]:
        """Insert checked rows through the action people use."""
        return save.create_rows(registry.kind(self.kind), rows, by=by, checked=True, batch=batch, action="import")

    def after_create(self, pairs: Sequence[tuple[Any, Mapping[str, Any]]], *, by: Any) -> None:
        """What belongs to new rows besides their columns: (row, all values)."""

    def change(self, row: Any, values: Mapping[str, Any], *, by: Any) -> Mapping[str, Any]:
        """Bring a row to these values; the difference, empty when it had them already."""
        return save.change_row(row, values, by=by, version=None, action="import")

    def lookup(self, name: str, keys: Sequence[str], *, by: Any) -> dict[str, list[Any]]:
        """Rows by one of `keys` (a natural key): key → the rows that have it."""
        found: dict[str, list[Any]] = {}
        for row in self.visible(by).filter(**{f"{name}__in": keys}).only("pk", name, *self.keep):
            found.setdefault(str(getattr(row, name)), []).append(row)
        return found

    def paths(self, paths: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], Any]:
        """Rows by a path of names (province, city); only for kinds that form a tree of places."""
        raise NotImplementedError

    def doubts(self, rows: Sequence[Any], *, by: Any) -> dict[int, str]:
        """Why a new row, by its place in `rows`, may be one that is here already."""
        return {}

    def twins(self, row: Any) -> list[str]:
        """By what two rows of one file may be the same: texts, equal for rows that look alike."""
        return []

    def label(self, row: Any) -> str:
        """How the result file names a record."""
        return f"{self.kind} {row.pk} {getattr(row, 'code', '') or ''}".strip()


class OwnedImporter(Importer):
    """Rows with an owner; the department follows from the owner unless the plan names one."""

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        owner = values.get("owner")
        if owner is not None and owner.pk != by.pk and not access_of(by).may(self.kind, "transfer"):
            raise Forbidden(_("Your roles do not allow giving records to others."))
        if values.get("created_at") and values["created_at"] > clock.now():
            raise Refused(_("A record cannot have been created in the future."), field="created_at")
        return values

    def build(self, values: Mapping[str, Any], *, by: Any) -> Any:
        values = dict(values)
        owner = values.get("owner") or by
        values["owner"] = owner
        if values.get("owner_dept") is None:
            values.pop("owner_dept", None)
            values["owner_dept_id"] = owner.department_id
        return self.model(**values)

    def with_department(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new owner brings the department along."""
        found = dict(values)
        if found.get("owner") is not None and "owner_dept" not in found:
            found["owner_dept_id"] = found["owner"].department_id
        return found


def importer(kind: str) -> Importer | None:
    return _importers.get(kind)


def kinds() -> list[str]:
    return sorted(name for name, found in _importers.items() if found.fillable)


def _field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:  # a reference that is no column of its own
        return None


def _type(field: Any) -> str:
    for found, name in (
        (exact.ExactField, "exact"), (models.BooleanField, "bool"), (models.DateTimeField, "datetime"),
        (models.DateField, "date"), (models.IntegerField, "int"), (models.JSONField, "list"),
    ):
        if isinstance(field, found):
            return name
    if field.choices:
        return "choice"
    if isinstance(field, exact.PhoneField):
        return "phone"
    return "block" if isinstance(field, models.TextField) else "text"
