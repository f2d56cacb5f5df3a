"""What a person decided about an upload: which column is what, and what happens to the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from ..importer import Importer
from .presets import BY_NAME
from .targets import ID, KEY, VERSION, Fillable, match_choices

MODES = ("upsert", "add", "update")
DUPLICATES = ("skip", "warn", "fail")
CELLS = ("fail", "warn")
SYSTEM = "file"


@dataclass(slots=True)
class Settings:
    """`columns`: place in the file → field. `by`: the field rows are found by, "@key", "@id", or ""."""

    columns: dict[int, str] = field(default_factory=dict)
    mode: str = "upsert"
    by: str = ""
    duplicates: str = "skip"
    empties: bool = False  # whether an empty cell empties the field of a record that is here
    cells: str = "fail"  # a value that does not fit: fail the row, or leave the field empty and say so
    system: str = SYSTEM
    preset: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": {str(place): name for place, name in self.columns.items()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Settings:
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data and name != "columns"}
        return cls(columns={int(place): str(name) for place, name in data.get("columns", {}).items()}, **known)

    def check(self, importer: Importer, allowed: Mapping[str, Fillable]) -> None:
        """Refuse what cannot work or is not the person's to do; asked again before every run."""
        for name in self.columns.values():
            if name not in allowed and name not in (ID, VERSION, KEY):
                raise Refused(_("You may not fill the field “%(name)s”.") % {"name": name}, field="columns", code="field")
        names = list(self.columns.values())
        for name in names:
            if names.count(name) > 1:
                label = allowed[name].label if name in allowed else name
                raise Refused(_("Two columns fill “%(name)s”. Leave one of them out.") % {"name": label}, field="columns",
                              code="twice")
        if self.mode not in MODES or self.duplicates not in DUPLICATES or self.cells not in CELLS:
            raise Refused(_("Choose one of the answers that are offered."), field="mode", code="choice")
        if self.preset and self.preset not in BY_NAME:
            raise Refused(_("Choose one of the answers that are offered."), field="preset", code="choice")
        if self.by and self.by not in names:
            label = allowed[self.by].label if self.by in allowed else self.by
            raise Refused(_("Rows are to be found by “%(name)s”, but no column fills it.") % {"name": label}, field="by",
                          code="by")
        if self.by and self.by not in (ID, KEY, *match_choices(importer, dict(allowed))):
            raise Refused(_("Choose one of the answers that are offered."), field="by", code="choice")
        if self.mode == "update" and not self.by:
            raise Refused(_("Choose what existing records are found by, to update them."), field="by", code="by")
        derived = set(BY_NAME[self.preset].derived) if self.preset else set()
        missing = [found.label for name, found in allowed.items()
                   if found.required and name not in names and name not in derived]
        if missing and self.mode != "update" and self.by != ID:
            raise Refused(_("No column fills what every record needs: %(list)s.") % {"list": ", ".join(missing)},
                          field="columns", code="required")
        if not set(names) & set(allowed) and not derived:
            raise Refused(_("Choose a field for at least one column."), field="columns", code="none")
