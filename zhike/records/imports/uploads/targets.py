"""Which fields of a kind a person may fill from a file, and what these are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.org.access import Access

from ..importer import Importer, Target

ID, VERSION, KEY = "@id", "@version", "@key"
ID_HEADING, VERSION_HEADING = "Zhike id", "Zhike version"
PARTS = "@"  # region@1, region@2: a place in several columns
DATES_OF_THE_SYSTEM = ("created_at",)


@dataclass(slots=True)
class Fillable:
    """One choice beside a column: a field, a part of one, or a mark the row is found by."""

    name: str
    label: str
    target: Target | None = None
    part: int = 0
    labels: tuple[str, ...] = ()  # in both languages, to recognise headings by
    required: bool = False


def fillable(importer: Importer, access: Access) -> dict[str, Fillable]:
    """The fields in the order of the kind's forms. Hidden, masked and read-only ones are not among
    them, nor owners and dates of the past without the right to give records to others, nor states of
    the past without the right to restate history."""
    found: dict[str, Fillable] = {}
    gives = access.may(importer.kind, "transfer") or importer.house_kind is None
    targets = importer.targets()
    asked = importer.asked_of(access.user)
    for name in _order(importer, targets):
        target = targets[name]
        if target.parts is not None or access.field_mode(importer.kind, name):
            continue
        if name in ("owner", "owner_dept", *DATES_OF_THE_SYSTEM) and not gives:
            continue
        if name in importer.restated and not access.may(importer.kind, "restate_history"):
            continue
        if name in asked:
            target = replace(target, required=True)
        labels = _labels(importer, name, target)
        found[name] = Fillable(name, labels[0], target, labels=labels, required=target.required)
        if target.type == "region":
            for n, (text, more) in enumerate((
                (_("province"), ("省", "省份", "province", "state")),
                (_("city"), ("市", "城市", "city", "地市")),
                (_("district"), ("区县", "区", "县", "county", "district")),
            ), 1):
                found[f"{name}{PARTS}{n}"] = Fillable(f"{name}{PARTS}{n}", f"{labels[0]} / {text}", target, n, more)
    return found


def marks() -> dict[str, Fillable]:
    """What a row may be found by besides its fields. A heading "id" alone is never taken for one of
    them: two files may number their rows alike."""
    return {
        KEY: Fillable(KEY, _("Id in the other system")),
        ID: Fillable(ID, _("Id of the record here"), labels=(ID_HEADING, "知客编号")),
        VERSION: Fillable(VERSION, _("Version of the record here"), labels=(VERSION_HEADING, "知客版本")),
    }


def _order(importer: Importer, targets: dict[str, Target]) -> list[str]:
    kind = importer.house_kind
    first: Iterable[str] = ()
    if kind is not None:
        first = [*importer.required, *kind.create, *kind.more, *(name for part in kind.sections for name in part.fields)]
    return list(dict.fromkeys(name for name in (*first, *targets) if name in targets))


def _labels(importer: Importer, name: str, target: Target) -> tuple[str, ...]:
    kind = importer.house_kind
    attr = kind.attr(name) if kind is not None else None

    def label() -> str:
        text = attr.label if attr is not None and attr.label else getattr(target.field, "verbose_name", name)
        return capfirst(str(text))

    texts = [label()]
    for language in ("zh-hans", "en"):
        with translation.override(language):
            texts.append(label())
    return tuple(dict.fromkeys([*texts, name.replace("_", " ")]))


def match_choices(importer: Importer, allowed: dict[str, Fillable]) -> list[str]:
    """The fields by which an existing record may be found: those of the kind the person may fill."""
    return [name for name in importer.match if name in allowed]
