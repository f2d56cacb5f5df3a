"""The kinds of this house by name, by model and by address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kinds import Kind

_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    if kind.name in _kinds and _kinds[kind.name] is not kind:
        raise ValueError(f"kind {kind.name} is declared twice")
    if kind.model.KIND != kind.name:
        raise ValueError(f"{kind.model.__name__}.KIND is not {kind.name}")
    _kinds[kind.name] = kind
    return kind


def kind(name: str) -> Kind:
    return _kinds[name]


def kinds() -> list[Kind]:
    return list(_kinds.values())


def has(name: str) -> bool:
    return name in _kinds


def kind_of(row: Any) -> Kind:
    """The kind of a row or of a model class."""
    return _kinds[row.KIND]


def by_slug(slug: str) -> Kind | None:
    return next((found for found in _kinds.values() if found.slug == slug), None)
