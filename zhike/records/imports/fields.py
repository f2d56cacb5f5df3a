"""How a plan says where the value of a field comes from: template, map, bands, default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.fields import read_number
from zhike.base.text import clean_line

from .checks import Table
from .importer import Target
from .problems import CellError, allowed
from .rules import Rule, read_condition
from .templates import Template, as_text


@dataclass(slots=True)
class Source:
    """Where one field comes from. Several templates are joined (`glue`) or, for regions, a path."""

    target: Target
    templates: list[Template]
    glue: str | None = None
    map: Mapping[str, str] | None = None
    map_name: str = ""
    otherwise: str | None = None
    keep: bool = False
    bands: list[tuple[Decimal | None, str]] | None = None
    default: Template | None = None
    form: str = ""
    places: int | None = None
    unknown: str = "fail"
    by: str = ""
    label: str = ""  # how the person knows the field; the name where a plan is read
    when: Rule | None = None
    rows: list[dict[str, Source]] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        found = [name for template in self.templates for name in template.columns]
        found += self.default.columns if self.default else []
        found += self.when.columns if self.when else []
        for row in self.rows:
            for source in row.values():
                found += source.columns
        return found

    def raw(self, row: Mapping[str, Any]) -> Any:
        """The value before it is converted; "" for none, a list for a path of regions."""
        if self.when is not None and self.when.meets(row, 0) is None:
            return self.default.value(row) if self.default is not None else ""
        if self.target.type == "region" and self.glue is None:
            value: Any = [as_text(template.value(row)).strip() for template in self.templates]
            value = value if any(value) else ""
        elif len(self.templates) > 1:
            value = (self.glue or " ").join(text for t in self.templates if (text := t.string(row)))
        else:
            value = self.templates[0].value(row)
        if self.map is not None and value != "":
            value = self._mapped(value)
        if self.bands is not None and value != "":
            value = self._band(value)
        if value == "" and self.default is not None:
            value = self.default.value(row)
        return value

    def _mapped(self, value: Any) -> Any:
        text = clean_line(as_text(value))
        found = self.map.get(text) if self.map is not None else None
        if found is not None:
            return found
        if self.otherwise is not None:
            return self.otherwise
        if self.keep:
            return value
        raise CellError(_("the map “%(map)s” has no entry for “%(value)s”; add one, or `otherwise`, to the plan.")
                        % {"map": self.map_name or self.target.name, "value": text[:60]})

    def _band(self, value: Any) -> str:
        number = read_number(as_text(value))
        if number is None:
            raise CellError(_("“%(value)s” is not a number such as 1,234.50.") % {"value": as_text(value)[:60]})
        for below, name in self.bands or ():
            if below is None or number < below:
                return name
        return ""


def read_source(table: Table, name: str, target: Target, maps: Mapping[str, Any], bands: Mapping[str, Any]) -> Source:
    """One entry of [section.fields]."""
    value = table.get(name, str, int, float, bool, list, dict)
    if target.parts is not None:
        return Source(target, [], rows=_parts(table, name, value, target, maps, bands))
    if isinstance(value, list):
        return Source(target, [table.make_template(item, name) for item in value])
    if not isinstance(value, dict):
        return Source(target, [table.make_template(value, name)])
    spec = Table(value, f"{table.where}.{name}", table.plan)
    given = spec.get("from", str, list, int, float, bool, default="")
    source = Source(target, [spec.make_template(item, "from") for item in (given if isinstance(given, list) else [given])])
    source.glue = spec.get("glue", str)
    named = spec.get("map", str, dict)
    if isinstance(named, str):
        if named not in maps:
            raise spec.wrong("map", _("there is no [maps.%(name)s].") % {"name": named} + " " + allowed(named, maps))
        source.map, source.map_name = maps[named], named
    elif named is not None:
        source.map = read_map(spec, "map", named)
    named = spec.get("bands", str)
    if named is not None:
        if named not in bands:
            raise spec.wrong("bands", _("there is no [bands.%(name)s].") % {"name": named} + " " + allowed(named, bands))
        source.bands = bands[named]
    source.otherwise = spec.get("otherwise", str)
    source.keep = bool(spec.get("keep", bool, default=False))
    default = spec.get("default", str, int, float, bool)
    source.default = None if default is None else spec.make_template(default, "default")
    source.form = spec.text("format")
    source.places = spec.get("round", int)
    if source.places is not None and not 0 <= source.places <= 8:
        raise spec.wrong("round", _("0 to 8 is possible."))
    source.unknown = spec.choice("unknown", ("fail", "warn"), "fail")
    source.by = spec.text("by")
    when = spec.child("when")
    source.when = None if when is None else read_condition(when)
    if (source.otherwise is not None or source.keep) and source.map is None:
        raise spec.wrong("otherwise" if source.otherwise is not None else "keep", _("this belongs to a map."))
    spec.done()
    return source


def read_map(table: Table, key: str, data: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for old, new in data.items():
        if not isinstance(new, (str, int)) or isinstance(new, bool):
            raise table.wrong(f"{key}.{old}", _("text is expected here."))
        found[clean_line(old)] = str(new)
    return found


def read_bands(table: Table) -> list[tuple[Decimal | None, str]]:
    """`small = 100, medium = 500, huge = "above"`: below 100 small, below 500 medium, else huge."""
    found: list[tuple[Decimal | None, str]] = []
    for name, limit in table.data.items():
        if limit == "above":
            found.append((None, name))
        elif isinstance(limit, int) and not isinstance(limit, bool):
            found.append((Decimal(limit), name))
        else:
            raise table.wrong(name, _("a whole number, or \"above\" for the last, is expected."))
    return sorted(found, key=lambda item: (item[0] is None, item[0] or 0))


def _parts(table: Table, name: str, value: Any, target: Target, maps: Any, bands: Any) -> list[dict[str, Source]]:
    if not isinstance(value, list):
        raise table.wrong(name, _("a list of tables is expected here."))
    rows = []
    for i, data in enumerate(value, 1):
        part = Table(data, f"{table.where}.{name} {i}", table.plan)
        row = {}
        for key in list(part.data):
            if key not in (target.parts or {}):
                raise part.wrong(key, _("this field is not known.") + " " + allowed(key, target.parts or ()))
            row[key] = read_source(part, key, (target.parts or {})[key], maps, bands)
        rows.append(row)
    return rows
