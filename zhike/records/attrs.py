"""Attr: one field of a kind, as the people who use it meet it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise

from zhike.base import fields as exact

# How a value is shown, filtered, entered and exported; derived from the model field.
TYPES = ("text", "long", "code", "phone", "email", "url", "choice", "multi", "option", "ref", "user", "department",
         "bool", "int", "money", "price", "quantity", "percent", "date", "datetime", "file")
LINKS = ("ref", "user", "department")
PLACES = {"money": 2, "price": 6, "quantity": 4, "percent": 4}  # decimals an exact type keeps
NUMBERS = ("int", *PLACES)
# What has a control of its own that fits into the cell of a list.
PLAIN = ("text", "long", "code", "phone", "email", "url", "choice", "multi", "option", "ref", "user", "bool", *NUMBERS,
         "date", "datetime")


@dataclass(slots=True)
class Attr:
    """`name` is the model field, or `path` the way to it ("facts__last_contact_at").

    `dictionary` names an option list; `tones` maps a choice to a badge tone; `mask` marks a value
    that a role may be shown masked; `never` is the sentinel of a NOT NULL column that means "none";
    `edits` names the field that a cell of this column changes, where it only shows another one.
    `when` names a choice of the same form and its values with which the field is of use ("type=choice multi").
    """

    name: str
    label: Any = ""
    type: str = ""
    path: str = ""
    dictionary: str = ""
    tones: Mapping[str, str] = field(default_factory=dict)
    choices: Sequence[tuple[str, Any]] = ()
    sort: bool = False
    filter: bool = False
    priority: int = 1
    unit: Any = ""
    help: Any = ""
    readonly: bool = False
    mask: Callable[[Any], str] | None = None
    shown: Callable[[Any], Any] | None = None
    never: Any = None
    to: str = ""
    model_field: models.Field[Any, Any] | None = None
    edits: str = ""
    when: str = ""
    offered: Sequence[str] | None = None  # codes of a choice that may still be chosen; None: all

    @property
    def custom(self) -> bool:
        """Whether an administrator added the field: it has no column to join or sort by."""
        return False

    def bind(self, model: Any) -> Attr:
        """Fill what the model already knows: label, type, choices and the kind a link goes to."""
        self.path = self.path or self.name
        found: Any = None
        owner: Any = model
        for part in self.path.split("__"):
            try:
                found = owner._meta.get_field(part)
            except FieldDoesNotExist:
                found = None
                break
            owner = found.related_model or owner
        self.model_field = found
        if found is not None and not getattr(found, "auto_created", False):
            self.label = self.label or found.verbose_name
            self.help = self.help or found.help_text
            if not self.choices and found.choices:
                self.choices = list(found.flatchoices)
        self.type = self.type or self._guess(found)
        if self.link and found is not None and not self.to:
            self.to = getattr(found.related_model, "KIND", "")
        return self

    def _guess(self, found: Any) -> str:
        if self.dictionary:
            return "option"
        if self.choices:
            return "choice"
        for kinds, name in (
            (exact.Money, "money"),
            (exact.Price, "price"),
            (exact.Quantity, "quantity"),
            (exact.Percent, "percent"),
            (models.BooleanField, "bool"),
            (models.DateTimeField, "datetime"),
            (models.DateField, "date"),
            (models.EmailField, "email"),
            (models.URLField, "url"),
            (models.TextField, "long"),
            (models.IntegerField, "int"),
        ):
            if isinstance(found, kinds):
                return name
        if isinstance(found, models.ForeignKey):
            return {"user": "user", "department": "department"}.get(getattr(found.related_model, "KIND", ""), "ref")
        return "text"

    @property
    def num(self) -> bool:
        return self.type in NUMBERS

    @property
    def link(self) -> bool:
        """Whether the value is another record or a colleague."""
        return self.type in LINKS

    def value(self, row: Any) -> Any:
        """The plain value of a row; a sentinel comes back as None."""
        found = row
        for part in self.path.split("__") if "__" in self.path else (self.path,):
            found = getattr(found, part, None)
            if found is None:
                return None
        return None if self.never is not None and found == self.never else found

    def choice_label(self, value: Any) -> Any:
        return next((label for code, label in self.choices if code == value), value)

    @property
    def label_text(self) -> str:
        return str(self.label) if isinstance(self.label, Promise) else self.label
