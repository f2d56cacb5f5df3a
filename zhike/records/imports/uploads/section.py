"""From a person's settings to a section of the import engine, and the rows it walks over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ..fields import Source
from ..importer import Importer, Target
from ..plan import Section
from ..rules import Rule
from ..tables import SourceRow
from ..templates import Template
from . import table
from .presets import BY_NAME, Derived, Preset
from .sandbox import Shape
from .settings import Settings
from .targets import ID, KEY, PARTS, VERSION, Fillable


def name_of(place: int) -> str:
    """The name of a column inside the engine: headings may hold anything, these hold nothing."""
    return f"c{place}"


def build(importer: Importer, shape: Shape, settings: Settings, allowed: Mapping[str, Fillable]) -> Section:
    """The section that does what the person decided."""
    places = {name: place for place, name in settings.columns.items()}
    preset = BY_NAME.get(settings.preset)
    section = Section("rows", importer, "rows", mode=settings.mode, duplicates=settings.duplicates, look_inside=True,
                      keep_empty=not settings.empties, left_out=_("belongs to another kind of record"))
    for name, place in places.items():
        if name in (ID, VERSION, KEY):
            continue
        field, target = name, allowed[name].target
        if target is None or allowed[name].part:
            continue
        section.fields[field] = _source(target, [name_of(place)], settings, allowed[name].label,
                                        by="key" if preset and field in preset.by_key else "")
    for field in {name.partition(PARTS)[0] for name in places if name in allowed and allowed[name].part}:
        parts = [places[name] for n in (1, 2, 3) if (name := f"{field}{PARTS}{n}") in places]
        target = allowed[f"{field}{PARTS}1"].target
        if field not in section.fields and target is not None:
            section.fields[field] = _source(target, [name_of(place) for place in parts], settings, allowed[field].label)
    if preset is not None:
        _derive(section, preset, shape, settings, allowed)
    if settings.by == KEY:
        section.key, section.key_optional = Template("{" + name_of(places[KEY]) + "}"), True
    elif settings.by and settings.by != ID:
        section.match, section.key_optional = (settings.by,), True
    else:
        section.keyless = True
    return section


def _source(target: Target, columns: list[str], settings: Settings, label: str, by: str = "") -> Source:
    return Source(target, [Template("{" + column + "}") for column in columns], unknown=settings.cells, by=by, label=label)


def _derive(section: Section, preset: Preset, shape: Shape, settings: Settings, allowed: Mapping[str, Fillable]) -> None:
    """What the preset makes from columns; what the person mapped by hand wins."""
    by_name = {str(column["name"]): name_of(int(column["place"])) for column in shape.columns}
    for field, made in preset.derived.items():
        if field in section.fields or field not in allowed:
            continue
        target = allowed[field].target
        text = _renamed(made, by_name)
        if target is None or not Template(text).columns:
            continue
        source = Source(target, [Template(text)], unknown=settings.cells, label=allowed[field].label)
        if made.map is not None:
            source.map, source.map_name, source.otherwise = made.map, preset.title, made.otherwise
        if made.when is not None:
            if made.when[0] not in by_name:
                continue
            source.when = _condition(by_name[made.when[0]], made.when[1])
        section.fields[field] = source
    if preset.where is not None and preset.where[0] in by_name:
        section.keep_rows = [_condition(by_name[preset.where[0]], preset.where[1])]


def _renamed(made: Derived, by_name: Mapping[str, str]) -> str:
    """The template with the engine's names; places of columns that are not there fall away."""
    text = made.template
    for column in Template(text).columns:
        text = text.replace("{" + column + "}", "{" + by_name[column] + "}" if column in by_name else "")
    return " ".join(text.split())


def _condition(column: str, values: tuple[str, ...]) -> Rule:
    return Rule("where", {}, Template("{" + column + "}"), "in", list(values), "reject")


class Uploaded:
    """The rows of an upload as the engine walks over them; may be walked more than once."""

    absent = False

    def __init__(self, folder: Path, shape: Shape, section: Section, settings: Settings) -> None:
        self.path, self.section = folder / table.FILE, section
        self.places = [int(column["place"]) for column in shape.columns]
        self.columns = shape.names()
        marks = [place for place, name in settings.columns.items() if name in (ID, VERSION, KEY)]
        self.named = {name_of(place): place for place in [*self.places, *marks]}

    def __iter__(self) -> Iterator[SourceRow]:
        for line in table.read(self.path):
            width = len(line.cells)
            cells: list[Any] = [line.cells[place] if place < width else None for place in self.places]
            values = {name: line.cells[place] if place < width else None for name, place in self.named.items()}
            yield SourceRow(line.number, cells, values, missing=line.fault, skip=line.skip)
