"""Parents before children, in whatever order the file has them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from .items import Item, Reader
from .plan import Section
from .problems import CellError
from .tables import Rows, key_text

DEEPEST = 50


def waves(rows: Rows, section: Section, reader: Reader) -> Iterator[Iterator[Item]]:
    """The items of a section, level by level. Where rows name a parent of their own kind, the file
    is looked through first and read once for each level, so that no row needs a second change."""
    parent = section.importer.self_ref
    if not parent or parent not in section.fields:
        yield (reader.read(row) for row in rows)
        return
    levels, faults = _levels(rows, section, reader, parent)
    for level in range(max(levels.values(), default=0) + 1):
        yield (
            Item(row).end("failed", faults[row.number]) if row.number in faults else reader.read(row)
            for row in rows if levels.get(row.number, 0) == level
        )


def _levels(rows: Rows, section: Section, reader: Reader, parent: str) -> tuple[dict[int, int], dict[int, str]]:
    """row number → its level when not 0; and the rows that are each other's parents, with the reason."""
    above: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for row in rows:
        if row.repeats_header:
            continue
        try:
            reader.mend(row)
            key = reader.key_of(row)
            value = section.fields[parent].raw(row.values)
            up = key_text(value) if value != "" else ""
        except CellError:
            continue
        if key and key not in numbers:
            numbers[key] = row.number
            if up:
                above[key] = up
    levels: dict[int, int] = {}
    faults: dict[int, str] = {}
    for key in above:
        chain, at = [key], above[key]
        while at in numbers and at not in chain and len(chain) <= DEEPEST:
            chain.append(at)
            at = above.get(at, "")
        number = numbers[key]
        if at in chain:
            if at == key:
                faults[number] = _("%(field)s: the rows %(list)s are each other's parents") % {
                    "field": parent, "list": ", ".join(str(numbers[name]) for name in chain)}
        elif len(chain) > DEEPEST:
            faults[number] = _("%(field)s: more than %(n)s levels") % {"field": parent, "n": DEEPEST}
        if len(chain) > 1 and number not in faults:
            levels[number] = min(len(chain) - 1, DEEPEST)
    return levels, faults
