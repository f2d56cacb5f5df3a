"""The name of an uploaded file as it is kept and sent out again."""

from __future__ import annotations

import re
import unicodedata

from zhike.base.text import clean_line

LONGEST = 120  # characters, the ending included
_FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f]+')
# Names that Windows takes for devices, with or without an ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)


def clean(name: str) -> str:
    """The last part of the path, without what misleads the eye, a shell, a header or Windows."""
    last = re.split(r"[\\/]", name)[-1]
    # NFKC: a full-width point or a ligature must not hide the real ending.
    text = _FORBIDDEN.sub("_", unicodedata.normalize("NFKC", clean_line(last)))
    text = clean_line(text).lstrip(". ").rstrip(". ")
    stem, ending = split(text)
    room = LONGEST - len(ending)
    text = stem[:room].rstrip() + ending
    if not stem.strip("_ "):
        text = "file" + ending
    return f"_{text}" if _DEVICES.match(text) else text


def split(name: str) -> tuple[str, str]:
    """(stem, ending with its point); an ending has at most ten characters."""
    stem, point, ending = name.rpartition(".")
    if not point or not stem or len(ending) > 10:
        return name, ""
    return stem, f".{ending}"


def beside(name: str, taken: set[str]) -> str:
    """The name, or the next free "name (2).pdf" where a record has that name already."""
    if name not in taken:
        return name
    stem, ending = split(name)
    n = 2
    while (made := f"{stem[: LONGEST - len(ending) - 6]} ({n}){ending}") in taken:
        n += 1
    return made
