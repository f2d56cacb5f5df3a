"""Address cards (vcf) as a table: one row a card, one column a use (mobile, work phone, mail, …).

Cards are taken apart line by line: telephones and mail programs write pictures, keys and nested
cards that no strict reader gets through, and none of them is wanted here.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.text import clean_block, clean_line

from ..problems import SourceError
from . import limits

_LINE = re.compile(r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<params>(?:;(?:[^:\"]|\"[^\"]*\")*)?):(?P<value>.*)", re.DOTALL)
_PARAM = re.compile(r';([\w-]+)(?:=("[^"]*"|[^;]*))?')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPLIT = re.compile(r"(?<!\\);")
_DROPPED = {"PHOTO", "LOGO", "SOUND", "KEY", "AGENT", "REV", "PRODID", "UID", "VERSION", "LABEL"}


def columns() -> list[str]:
    return [_("name"), _("company"), _("department"), _("job title"), _("mobile"), _("phone"), _("other phones"),
            _("e-mail"), _("other e-mails"), _("address"), _("postcode"), _("website"), _("birthday"), _("remark")]


def rows(path: Path, encoding: str) -> Iterator[tuple[int, list[Any]]]:
    """The heading, then (line number, cells) of every card."""
    yield 1, columns()
    text = path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace").replace("\x00", "")
    depth, start, card, count = 0, 0, _Card(), 0
    for number, line in _unfolded(text):
        found = _LINE.match(line)
        if found is None:
            continue
        name, value = found["name"].upper(), found["value"]
        if name == "BEGIN":
            depth += 1
            if depth == 1:
                start, card = number, _Card()
        elif name == "END":
            depth = max(depth - 1, 0)
            if depth == 0 and start:
                count += 1
                if count > limits.MAX_CARDS:
                    raise SourceError(_("%(file)s: more than %(n)s rows; split the file.")
                                      % {"file": path.name, "n": limits.MAX_CARDS})
                yield start, card.cells()
                start = 0
        elif depth == 1 and name not in _DROPPED:
            card.take(name, _params(found["params"]), value)
    if start:
        raise SourceError(_("%(file)s: the card of line %(line)s has no end; the file was cut off.")
                          % {"file": path.name, "line": start})
    if not count:
        raise SourceError(_("%(file)s: the file holds no card.") % {"file": path.name})


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines: continued ones begin with a blank, or the line before ends with = (quoted-printable)."""
    whole, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        soft = whole.endswith("=") and "QUOTED-PRINTABLE" in whole[:200].upper()
        if soft:
            whole = whole[:-1] + line.lstrip()
        elif line[:1] in (" ", "\t") and whole:
            whole += line[1:]
        else:
            if whole:
                yield first, whole
            whole, first = line, number
        if len(whole) > 1_000_000:  # a picture; nothing of it is wanted
            whole = whole[:100]
    if whole:
        yield first, whole


def _params(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _PARAM.findall(text):
        name, value = name.upper(), value.strip('"').upper()
        if not value and name not in ("TYPE", "ENCODING", "CHARSET"):
            name, value = ("ENCODING", name) if name in ("QUOTED-PRINTABLE", "BASE64") else ("TYPE", name)
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _pieces(value: str) -> list[str]:
    return [clean_line(_plain(part)) for part in _SPLIT.split(value)]


class _Card:
    def __init__(self) -> None:
        self.one: dict[str, str] = {}
        self.phones: list[tuple[bool, str]] = []
        self.mails: list[str] = []

    def take(self, name: str, params: dict[str, str], value: str) -> None:
        encoding = params.get("ENCODING", "")
        if encoding in ("B", "BASE64"):
            return
        if encoding == "QUOTED-PRINTABLE":
            charset = params.get("CHARSET", "UTF-8")
            data = quopri.decodestring(value.encode("utf-8", "replace"))
            try:
                value = data.decode("gb18030" if charset in ("GBK", "GB2312") else charset)
            except (LookupError, UnicodeDecodeError):
                value = data.decode("utf-8", "replace")
        if name == "TEL":
            number = clean_line(_plain(value)).removeprefix("tel:").replace(";ext=", "-")
            if number and not any(known == number for _mobile, known in self.phones):
                types = params.get("TYPE", "")
                self.phones.append(("CELL" in types or "IPHONE" in types, number))
        elif name == "EMAIL":
            mail = clean_line(_plain(value)).removeprefix("mailto:")
            if mail and mail not in self.mails:
                self.mails.append(mail)
        elif name == "N":
            pieces = [*_pieces(value), *[""] * 5]
            family, given, more = pieces[0], pieces[1], pieces[2]
            chinese = not (family + given).isascii()
            self.one.setdefault("n", family + given if chinese else " ".join(part for part in (given, more, family) if part))
        elif name == "ORG":
            company, *rest = _pieces(value)
            self.one.setdefault("org", company)
            self.one.setdefault("unit", " ".join(part for part in rest if part))
        elif name == "ADR":
            pieces = [*_pieces(value), *[""] * 7]
            first = "WORK" in params.get("TYPE", "") or "adr" not in self.one
            address = [pieces[6], pieces[4], pieces[3], pieces[2], pieces[1]]
            western = all(part.isascii() for part in address)
            text = (", " if western else "").join(part for part in (address[::-1] if western else address) if part)
            if text and first:
                self.one["adr"], self.one["code"] = text, pieces[5]
        elif name in ("FN", "TITLE", "ROLE", "URL", "BDAY", "NOTE"):
            text = clean_block(_plain(value)).strip()
            if text:
                self.one.setdefault(name.lower(), text)

    def cells(self) -> list[Any]:
        mobile = next((number for is_mobile, number in self.phones if is_mobile), "")
        others = [number for _is, number in self.phones if number != mobile]
        birthday = self.one.get("bday", "")
        if re.fullmatch(r"\d{8}", birthday):
            birthday = f"{birthday[:4]}-{birthday[4:6]}-{birthday[6:]}"
        one = self.one.get
        return [one("fn") or one("n") or one("org", ""), one("org", ""), one("unit", ""), one("title") or one("role", ""),
                mobile, others[0] if others else "", ", ".join(others[1:]), self.mails[0] if self.mails else "",
                ", ".join(self.mails[1:]), one("adr", ""), one("code", ""), one("url", ""), birthday[:10], one("note", "")]
