"""Addresses of records, worked out once for each name instead of for each row of each list."""

from __future__ import annotations

import functools

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse

_HERE = 987654321


@functools.lru_cache(maxsize=2_000)
def _parts(name: str, prefix: str, urls: str, numbered: bool) -> tuple[str, str]:
    if not numbered:
        return reverse(name), ""
    before, _here, after = reverse(name, args=[_HERE]).partition(str(_HERE))
    return before, after


def address(name: str, pk: int | str | None = None) -> str:
    """The address `name`, of the record `pk` where one is given; raises NoReverseMatch as `reverse` does."""
    before, after = _parts(name, get_script_prefix(), settings.ROOT_URLCONF, pk is not None)
    return before if pk is None else f"{before}{int(pk)}{after}"


def known(name: str, *, of_record: bool = False) -> bool:
    """Whether the program has the address `name` (of a record); a kind may do without some of its pages."""
    try:
        address(name, 1 if of_record else None)
    except NoReverseMatch:
        return False
    return True
