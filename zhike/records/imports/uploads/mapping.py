"""Which column fills which field: suggested by names, values and what was chosen before."""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .presets import Preset
from .synonyms import CLASHES, FITS, names_of
from .targets import Fillable

SURE, LIKELY = 0.9, 0.5  # from here on chosen without a word; from here on chosen and marked
_NOISE = re.compile(r"[\s\W_]+|必填|选填|required|optional")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


@dataclass(slots=True)
class Suggestion:
    """`why`: before, preset, name, similar, values."""

    place: int
    target: str
    confidence: float
    why: str


def digest(names: Sequence[str]) -> str:
    """The same for the same set of headings, in whatever order they stand."""
    text = "\x1f".join(sorted({fold(name) for name in names}))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:40]


def fold(name: str) -> str:
    """A heading as it is compared: case, width, blanks, signs and "required" do not matter."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", name).casefold())


def suggest(
    kind: str, columns: Sequence[Mapping[str, Any]], fields: Mapping[str, Fillable], *,
    before: Mapping[str, str] | None = None, preset: Preset | None = None,
) -> list[Suggestion]:
    """One suggestion a column at most, every field at most once; the best ones first come first served.

    `before` is what was chosen for these headings the last time (heading → field, "" for left out).
    """
    found: list[Suggestion] = []
    known = {fold(name): target for name, target in (before or {}).items()}
    for column in columns:
        place, name = int(column["place"]), str(column["name"])
        if fold(name) in known:
            target = known[fold(name)]
            if not target or target in fields:
                found.append(Suggestion(place, target, 1.0, "before"))
                continue
        if preset is not None and name in preset.fields:
            target = preset.fields[name]
            if not target or target in fields:
                found.append(Suggestion(place, target, 1.0, "preset"))
                continue
        if preset is not None:
            found.append(Suggestion(place, "", 1.0, "preset"))
            continue
        found += [hit for field in fields.values() if (hit := _score(kind, column, field)) is not None]
    found.sort(key=lambda hit: (-hit.confidence, hit.place))
    taken: set[str] = set()
    by_place: dict[int, Suggestion] = {}
    for hit in found:
        if hit.place not in by_place and (not hit.target or hit.target not in taken):
            by_place[hit.place] = hit
            taken.add(hit.target)
    return [by_place[place] for place in sorted(by_place) if by_place[place].target]


def _score(kind: str, column: Mapping[str, Any], field: Fillable) -> Suggestion | None:
    place, shapes = int(column["place"]), dict(column.get("shapes", {}))
    score, why = _by_name(kind, str(column["name"]), field)
    base = field.name.split("@")[0]
    against = max((shapes.get(shape, 0.0) for shape in CLASHES.get(base, ())), default=0.0)
    if score and against > 0.5:
        score *= 0.4
    if field.target is not None and field.target.type in ("exact", "int", "date", "datetime", "bool") and score:
        texts = 1.0 - sum(shapes.values())
        if column.get("filled") and texts > 0.8:
            score *= 0.5
    by_values = max((shapes.get(shape, 0.0) * (0.7 if i == 0 else 0.55) for shape, names in FITS.items()
                     for i, name in enumerate(names) if name == base), default=0.0)
    if kind == "contact" and base == "customer" or kind == "customer" and base == "name":
        by_values = max(by_values, shapes.get("company", 0.0) * 0.6)
    if by_values > score and by_values >= LIKELY:
        score, why = by_values, "values"
    return Suggestion(place, field.name, round(score, 3), why) if score >= LIKELY else None


def _by_name(kind: str, heading: str, field: Fillable) -> tuple[float, str]:
    best, why = 0.0, ""
    whole, last = fold(heading), fold(heading.split(" / ")[-1])
    bare = fold(_BRACKETS.sub("", heading))
    labels = [fold(label) for label in field.labels]
    others = [] if field.part else [fold(name) for name in names_of(kind, field.name)]
    for i, text in enumerate(labels + others):
        if not text:
            continue
        if text == whole:
            # The kind's own label beats a synonym, and an early synonym a late one.
            return (1.0 if i < len(labels) else max(0.9, 0.97 - 0.002 * (i - len(labels)))), "name"
        if text in (last, bare):
            best, why = max(best, 0.9), "name"
        elif len(text) >= 2 and len(whole) >= 2 and (text in whole or whole in text) and not field.part:
            near = 0.5 + 0.35 * min(len(text), len(whole)) / max(len(text), len(whole))
            if near > best:
                best, why = near, "similar"
        elif len(text) > 3 and (ratio := difflib.SequenceMatcher(None, text, whole).ratio()) > 0.84 and ratio * 0.8 > best:
            best, why = ratio * 0.8, "similar"
    return best, why
