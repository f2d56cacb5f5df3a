"""Reading a TOML table strictly: every key is known, every value has its type, errors name the place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from .problems import PlanError, allowed
from .templates import Template

_TYPES = {str: "text", int: "whole number", bool: "true/false", dict: "table", list: "list", float: "number"}


class Table:
    """One table of the plan. Every key is taken once; `done` refuses those nobody asked for."""

    def __init__(self, data: Any, where: str, plan: str) -> None:
        self.where, self.plan = where, plan
        if not isinstance(data, dict):
            raise self.wrong("", _("a table is expected here."))
        self.data = dict(data)
        self.asked: list[str] = []

    def wrong(self, key: str, text: str) -> PlanError:
        place = ".".join(part for part in (self.where, key) if part)
        return PlanError(f"{self.plan}: {place}: {text}" if place else f"{self.plan}: {text}")

    def get(self, key: str, *types: type, default: Any = None, need: bool = False) -> Any:
        self.asked.append(key)
        if key not in self.data:
            if need:
                raise self.wrong(key, _("this key is missing."))
            return default
        value = self.data.pop(key)
        good = isinstance(value, types) and not (isinstance(value, bool) and bool not in types)
        if types and not good:
            names = " / ".join(_TYPES.get(found, found.__name__) for found in types)
            raise self.wrong(key, _("%(types)s is expected, not %(value)r.") % {"types": names, "value": value})
        return value

    def text(self, key: str, default: str = "", *, need: bool = False, limit: int = 200) -> str:
        value = self.get(key, str, default=default, need=need)
        if len(value) > limit:
            raise self.wrong(key, _("at most %(limit)s characters.") % {"limit": limit})
        if need and not value.strip():
            raise self.wrong(key, _("this key is empty."))
        return value

    def choice(self, key: str, choices: Iterable[str], default: str = "", *, need: bool = False) -> str:
        value = self.text(key, default, need=need)
        if value != default and value not in set(choices) or need and value not in set(choices):
            raise self.wrong(key, _("“%(value)s” is not possible.") % {"value": value} + " " + allowed(value, choices))
        return value

    def template(self, key: str, *, need: bool = False) -> Template | None:
        text = self.get(key, str, need=need)
        return None if text is None else self.make_template(text, key)

    def make_template(self, text: Any, key: str) -> Template:
        if not isinstance(text, str):
            text = str(text).lower() if isinstance(text, bool) else str(text)
        try:
            return Template(text)
        except ValueError as wrong:
            raise self.wrong(key, str(wrong)) from None

    def child(self, key: str) -> Table | None:
        data = self.get(key, dict)
        return None if data is None else Table(data, f"{self.where}.{key}" if self.where else key, self.plan)

    def children(self, key: str) -> list[Table]:
        """An array of tables; each is named by its `name` or its place."""
        found = self.get(key, list, default=[])
        made = []
        for i, data in enumerate(found, 1):
            name = data.get("name") if isinstance(data, dict) else None
            label = f"{key} “{name}”" if isinstance(name, str) and name else f"{key} {i}"
            made.append(Table(data, f"{self.where}, {label}" if self.where else label, self.plan))
        return made

    def named(self, key: str) -> dict[str, Table]:
        """A table of tables: name → table."""
        found = self.child(key)
        return {} if found is None else {
            name: Table(data, f"{key}.{name}", self.plan) for name, data in found.data.items()
        }

    def done(self) -> None:
        if self.data:
            key = next(iter(self.data))
            raise self.wrong(key, _("this key is not known.") + " " + allowed(key, sorted(set(self.asked))))
