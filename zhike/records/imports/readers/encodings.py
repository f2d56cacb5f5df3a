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
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    nulls = head.count(0)
    if nulls:
        if nulls > len(head) // 5:
            return "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
        raise SourceError(_("%(file)s: not a text file.") % {"file": path.name})
    if check(path, "utf-8") is None:
        return "utf-8"
    line = check(path, "gb18030")
    if line is None and not _looks_like_big5(path):
        return "gb18030"
    if check(path, "big5") is None:
        raise SourceError(_("%(file)s: looks like Big5 (traditional Chinese). If it is, write encoding = \"big5\" into "
                            "the plan; else save it as UTF-8.") % {"file": path.name})
    raise SourceError(_("%(file)s: neither UTF-8 nor GB18030 (line %(line)s). Save it as UTF-8, or write its encoding "
                        "into the plan.") % {"file": path.name, "line": line})


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


def _looks_like_big5(path: Path) -> bool:
    """In GB text nearly every character has its second byte above A0, in Big5 only about half."""
    with path.open("rb") as file:
        data = file.read(CHUNK)
    pairs = _DOUBLE.findall(data)
    return len(pairs) >= 4 and sum(1 for pair in pairs if _COMMON.fullmatch(pair)) < 0.8 * len(pairs)
