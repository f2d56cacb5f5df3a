"""Which encoding a text file is in: a mark at its start, else tried strictly, never guessed loosely."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from django.utils.translation import gettext as _

from ..problems import SourceError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DOUBLE = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
CHUNK = 1 << 20


def find(path: Path) -> str:
    """The encoding of a file without one in the plan. Refuses what is none of UTF-8, UTF-16, GB18030."""
    found, line = guess(path)
    if found == "big5":
        raise SourceError(_("%(file)s: looks like Big5 (traditional Chinese). If it is, write encoding = \"big5\" into "
                            "the plan; else save it as UTF-8.") % {"file": path.name})
    if not found:
        raise SourceError(_("%(file)s: neither UTF-8 nor GB18030 (line %(line)s). Save it as UTF-8, or write its encoding "
                            "into the plan.") % {"file": path.name, "line": line})
    return found


def guess(path: Path) -> tuple[str, int]:
    """The encoding ("big5" where it only looks like it), or "" and the line that fits none."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, 0
    nulls = head.count(0)
    if nulls > len(head) // 5:
        return ("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"), 0
    if nulls > len(head) // 20 + 1:  # a stray one is taken out of the text later
        raise SourceError(_("%(file)s: not a text file.") % {"file": path.name})
    if check(path, "utf-8") is None:
        return "utf-8", 0
    line = check(path, "gb18030")
    pairs, odd = _odd_pairs(path)
    if line is None and not odd:
        return "gb18030", 0
    line = line or odd
    if pairs >= 4 and check(path, "big5") is None:
        return "big5", 0
    return "", line


def check(path: Path, encoding: str) -> int | None:
    """The line where the file stops being of this encoding; None when it is all through."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        while True:
            data = file.read(CHUNK)
            try:
                line += decoder.decode(data, final=not data).count("\n")
            except UnicodeDecodeError as wrong:
                return line + data[: wrong.start].count(b"\n")
            if not data:
                return None


def _odd_pairs(path: Path) -> tuple[int, int]:
    """How many two-byte characters there are, and the line of the first odd one when they are too
    many: in GB text nearly every second byte lies above A0, in Big5 and Latin text only about half."""
    with path.open("rb") as file:
        data = file.read(CHUNK)
    pairs = list(_DOUBLE.finditer(data))
    odd = [pair for pair in pairs if not _COMMON.fullmatch(pair[0])]
    return len(pairs), data[: odd[0].start()].count(b"\n") + 1 if len(odd) > 0.2 * len(pairs) else 0
