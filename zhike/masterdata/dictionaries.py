"""Option lists: code → label in the reader's language."""

from __future__ import annotations

from django.core.cache import cache

from .models import DictionaryOption

SECONDS = 30


def labels(dictionary: str, lang: str, enabled_only: bool = False) -> dict[str, str]:
    """The options of a list in their order; kept for half a minute per process."""
    key = f"options:{dictionary}"
    rows = cache.get(key)
    if rows is None:
        found = DictionaryOption.objects.filter(dictionary=dictionary).order_by("order", "code")
        rows = list(found.values_list("code", "name_zh", "name_en", "enabled"))
        cache.set(key, rows, SECONDS)
    english = lang.startswith("en")
    return {code: (en if english else zh) for code, zh, en, on in rows if on or not enabled_only}


def forget(dictionary: str) -> None:
    cache.delete(f"options:{dictionary}")
