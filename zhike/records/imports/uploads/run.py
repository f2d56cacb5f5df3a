"""Taking an uploaded table through the import engine: dry to see what would happen, then for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base.text import clean_line
from zhike.org.access import access_of
from zhike.records import channel, history, options

from ...models import ExternalKey
from ..importer import importer
from ..items import Item, open_references
from ..problems import CellError, SourceError
from ..resolver import Resolver
from ..section import SectionRun
from ..templates import as_text
from ..values import Converter
from . import section as sections
from .sandbox import Shape
from .settings import Settings
from .tally import Tallied, Tally
from .targets import ID, VERSION, fillable

SIZE = 500  # rows of one transaction
RESULT = "result.csv"


def take(
    kind: str, folder: Path, shape: Shape, settings: Settings, *, by: Any, dry_run: bool, batch: str = "",
    tally: Tally | None = None, around: Callable[[], AbstractContextManager[Any]] = nullcontext,
    progress: Callable[[Tally], None] = lambda _tally: None,
) -> Tally:
    """Take the table of FOLDER into the kind, as `by`; what became of every row also stands in FOLDER/result.csv.

    `around` is entered for each 500 rows: a transaction that stores the tally given to `progress`.
    A tally of a run that was stopped makes this one go on behind it, nothing is done twice. Raises
    `Refused` when the person may not, or the settings cannot work; `SourceError` without the table.
    """
    found = importer(kind)
    if found is None:
        raise SourceError(_("“%(kind)s” cannot be imported.") % {"kind": kind})
    found.check_right(by)
    allowed = fillable(found, access_of(by))
    settings.check(found, allowed)
    if not (folder / sections.table.FILE).is_file():
        raise SourceError(_("The file is no longer here. Upload it again."))
    section = sections.build(found, shape, settings, allowed)
    rows = sections.Uploaded(folder, shape, section, settings)
    tally = tally or Tally()
    out = Tallied(folder / (f"check-{RESULT}" if dry_run else RESULT), tally, named_by=_named_by(found.required, rows.places, settings))
    with channel.through("import"), history.in_batch(batch):
        resolver, converter = Resolver(settings.system, by), Converter(friendly=True)
        found.begin(converter, dry_run=dry_run)
        try:
            UploadRun(
                section, rows, out, resolver, converter, by=by, system=settings.system, batch=batch, dry_run=dry_run,  # type: ignore[arg-type]
                step=lambda _n: progress(tally), around=around, done=tally.rows, size=SIZE,
            ).follow(settings).run()
        finally:
            out.close()
    return tally


def _named_by(required: Sequence[str], places: Sequence[int], settings: Settings) -> int:
    """The cell a person knows a row by: the name, else whatever comes first."""
    by_field = {name: place for place, name in settings.columns.items()}
    wanted = next((by_field[name] for name in (*required, "name") if name in by_field), None)
    return places.index(wanted) if wanted in places else -1


class UploadRun(SectionRun):
    """Finds rows by the id they were downloaded with, too, and notes what changes."""

    out: Tallied

    def follow(self, settings: Settings) -> UploadRun:
        self.settings = settings
        places = {name: place for place, name in settings.columns.items()}
        self.id_column = sections.name_of(places[ID]) if ID in places and settings.by == ID else ""
        self.version_column = sections.name_of(places[VERSION]) if self.id_column and VERSION in places else ""
        self.here: dict[int, Any] = {}
        return self

    def _resolve(self, items: list[Item]) -> None:
        if self.id_column:
            self._look_up(items)
        super()._resolve(items)

    def _look_up(self, items: list[Item]) -> None:
        """The records the rows were downloaded from; links that still show the same text stay what they are."""
        ids = {id(item): _whole(item.row.values.get(self.id_column)) for item in items}
        links = [name for name, target in self.importer.targets().items() if target.ref and target.field is not None]
        found = self.importer.visible(self.by).select_related(*[name for name in links if name in self.section.fields])
        self.here = found.in_bulk([pk for pk in ids.values() if pk])
        for item in items:
            pk = ids[id(item)]
            text = item.row.values.get(self.id_column)
            if pk is None and text not in (None, ""):
                item.end("failed", _("“%(value)s” is not the id of a record.") % {"value": str(text)[:40]})
            elif pk and pk not in self.here:
                item.end("failed", _("The record is no longer here, or not yours to see."))
            elif pk:
                self._same_links(item, self.here[pk])

    def _same_links(self, item: Item, row: Any) -> None:
        for _item, reference in list(open_references([item])):
            held = getattr(row, reference.name, None) if reference.holder is item.values else None
            key = reference.key if isinstance(reference.key, str) else clean_line(" ".join(reference.key))
            if held is not None and clean_line(str(held)) == key:
                reference.holder[reference.name] = held
                item.references.remove(reference)

    def _known(self, items: list[Item]) -> dict[int, tuple[Any, ExternalKey | None]]:
        found: dict[int, tuple[Any, ExternalKey | None]] = super()._known(items) if not self.id_column else {}
        if self.id_column:
            for item in items:
                pk = _whole(item.row.values.get(self.id_column))
                if pk is None:
                    continue
                found[id(item)] = (pk, None)
                version = _whole(item.row.values.get(self.version_column)) if self.version_column else None
                current = getattr(self.here[pk], "version", None)
                if version is not None and current is not None and version != current and not item.result:
                    item.end("failed", _("%(who)s changed the record after the file was downloaded. Download it again.")
                             % {"who": getattr(self.here[pk], "updated_by", None) or _("Somebody")},
                             self.importer.label(self.here[pk]))
        return found

    def noted(self, item: Item, row: Any, diff: Mapping[str, Any]) -> None:
        shown = [(self._named(name), self._text(name, pair[0]), self._text(name, pair[1]))
                 for name, pair in diff.items() if isinstance(pair, (tuple, list)) and len(pair) == 2]
        if shown:
            self.out.tally.change(item.row.number, str(row)[:120], shown)

    def _text(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        source = self.section.fields.get(name)
        target = source.target if source is not None else None
        if isinstance(value, list):
            return ", ".join(self._text(name, one) for one in value)
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if target is not None and target.dictionary:
            return str(options.labels(target.dictionary, get_language() or "zh-hans").get(value, value))
        if target is not None and target.choices:
            return str(dict(target.choices).get(value, value))
        return str(value)[:200]


def _whole(value: Any) -> int | None:
    """The number of a cell that holds one, else None."""
    try:
        text = as_text(value).strip()
    except CellError:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


