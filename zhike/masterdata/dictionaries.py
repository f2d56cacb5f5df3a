"""Option lists: code → label in the reader's language."""

from __future__ import annotations

from zhike.base.kept import Kept

from .models import DictionaryOption

Choice = tuple[str, str, str, bool]  # code, Chinese name, English name, in use


def _read() -> dict[str, list[Choice]]:
    """All lists with their choices in order; a house has some dozens of lists of a dozen choices."""
    found: dict[str, list[Choice]] = {}
    rows = DictionaryOption.objects.order_by("dictionary", "order", "code")
    for dictionary, *choice in rows.values_list("dictionary", "code", "name_zh", "name_en", "enabled"):
        found.setdefault(dictionary, []).append(tuple(choice))  # type: ignore[arg-type]
    return found


kept = Kept(_read)


def labels(dictionary: str, lang: str, enabled_only: bool = False) -> dict[str, str]:
    """The choices of a list in their order; a choice without an English name is called by its Chinese one."""
    english = lang.startswith("en")
    return {
        code: (en or zh) if english else zh
        for code, zh, en, on in kept.get().get(dictionary, ()) if on or not enabled_only
    }
