"""What typed or imported text looks like before it is stored: no invisible characters, one form.

Invisible characters are how two equal names become two customers and how a file name lies about
its ending, so they are taken out of every text on its way in.
"""

from __future__ import annotations

import re
import unicodedata

# Zero-width characters and joiners, soft hyphen, bidirectional marks, overrides and isolates,
# interlinear and tag characters, non-characters: none of them can be seen, all of them can mislead.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
)
_SURROGATES = "\ud800-\udfff"
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_REMOVED = re.compile(f"[{_INVISIBLE}{_SURROGATES}{_CONTROL}]")
_BREAKS = re.compile(r"[ \t]*(?:\r\n?|\n|\u2028|\u2029)[ \t]*|\t")
_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029")
_TRAILING = re.compile(r"[ \t\u3000\u00a0]+$", re.MULTILINE)
_SPACES = re.compile(r"\s+")


def clean_line(text: str) -> str:
    """One line of clean text: invisible and control characters gone, breaks and tabs as one space,
    outer spaces (also the wide U+3000) trimmed, composed form (NFC)."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = _REMOVED.sub("", _BREAKS.sub(" ", text))
    return unicodedata.normalize("NFC", text).strip()


def clean_block(text: str) -> str:
    """Several lines of clean text: as `clean_line`, but line breaks stay (as a newline each) and
    so do tabs and the indentation of lines."""
    text = _REMOVED.sub("", _LINE_ENDS.sub("\n", text))
    text = _TRAILING.sub("", unicodedata.normalize("NFC", text))
    return text.strip("\n").rstrip() if text.strip() else ""


def number(text: str, digits: int = 18) -> int | None:
    """The whole number that an address or a form names; None for anything else, and for what no table holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def half_width(text: str) -> str:
    """Codes and numbers as they are compared: full-width letters, digits and signs become
    half-width (NFKC), dashes become "-", runs of spaces become one."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = unicodedata.normalize("NFKC", clean_line(text))
    return _SPACES.sub(" ", text.translate(_DASHES)).strip()


_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"}
