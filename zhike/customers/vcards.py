"""Address cards (vCard 3.0): contacts as a file for telephones and mail programs, and one card as a new contact."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import vobject
from django.utils.translation import gettext as _

from zhike.base.chinese import names
from zhike.base.refused import Refused
from zhike.org.access import Access
from zhike.records.imports.problems import SourceError
from zhike.records.imports.uploads import cards, sniff

from .models import Contact, Customer

MOST = 500  # contacts of one file
MAX_BYTES = 500_000  # of one uploaded card, its picture included
# Compound surnames, so that 欧阳示例 is sorted under 欧阳 by a telephone.
COMPOUND = frozenset("欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 司徒 令狐 夏侯 宇文 长孙 端木 南宫 独孤 轩辕 钟离 闻人".split())


def file_of(rows: Sequence[Contact], access: Access) -> str:
    """The contacts as one file, within the person's field rights: what they see masked is left out."""
    return "".join(_card(row, access).serialize() for row in rows)


def _card(row: Contact, access: Access) -> Any:
    def value(name: str) -> Any:
        return getattr(row, name) if access.field_mode("contact", name) in ("", "read") else None

    card = vobject.vCard()
    card.add("fn").value = row.name
    family, given = _names(row.name)
    card.add("n").value = vobject.vcard.Name(family=family, given=given)
    unit = value("department")
    if access.field_mode("contact", "customer") in ("", "read"):
        card.add("org").value = [str(row.customer), unit] if unit else [str(row.customer)]
    if value("job_title"):
        card.add("title").value = row.job_title
    for name, types in (("mobile", "CELL"), ("phone", "WORK,VOICE")):
        for number in (value(name) or "").split(" / "):
            if number:
                line = card.add("tel")
                line.value, line.type_param = number, types.split(",")
    if value("email"):
        line = card.add("email")
        line.value, line.type_param = row.email, "INTERNET"
    if value("address") or value("region"):
        line = card.add("adr")
        line.value = vobject.vcard.Address(street=f"{value('region') or ''}{value('address') or ''}")
        line.type_param = "WORK"
    if value("birthday"):
        card.add("bday").value = row.birthday.isoformat()
    for name, field in (("x-wechat", "wechat"), ("x-qq", "qq")):
        if value(field):
            card.add(name).value = getattr(row, field)
    return card


def _names(name: str) -> tuple[str, str]:
    """(family name, given name), Chinese or Western."""
    if name.isascii() and " " in name:
        given, _space, family = name.rpartition(" ")
        return family, given
    cut = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    return (name[:cut], name[cut:]) if not name.isascii() else (name, "")


def read_one(data: bytes, name: str, user: Any) -> dict[str, Any]:
    """The values of a new contact from an uploaded card; raises `Refused` for what is no single card."""
    if len(data) > MAX_BYTES:
        raise Refused(_("A card has at most %(n)s kB. Leave its picture out.") % {"n": MAX_BYTES // 1000}, field="file")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "card.vcf"
        path.write_bytes(data)
        try:
            if sniff.kind_of(path) != sniff.CARDS:
                raise Refused(_("This is not an address card (.vcf)."), field="file")
            found = [row for _line, row in cards.rows(path, _encoding(data))][1:]
        except SourceError as wrong:
            raise Refused(str(wrong).replace(path.name, name[:80]), field="file") from None
    if len(found) > 1:
        raise Refused(_("The file holds %(n)s cards. Take them in with “Import from a file” in the list of contacts.") % {"n": len(found)},
                      field="file", code="card.many")
    return _values([str(cell or "") for cell in found[0]], user)


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _values(cells: Sequence[str], user: Any) -> dict[str, Any]:
    """A row of `cards.columns` as the fields of a contact; the company is looked for among the visible customers."""
    name, company, unit, title, mobile, phone, more, email, mails, address, code, site, birthday, note = cells
    kept = [part for part in (note, more, mails, site, f"{address} {code}".strip() if len(address) > 200 else "") if part]
    values: dict[str, Any] = {
        "name": name[:50], "department": unit[:80], "job_title": title[:80], "mobile": mobile[:40], "phone": phone[:40], "email": email,
        "address": "" if len(address) > 200 else address, "birthday": _date(birthday), "remark": "\n".join(kept),
    }
    core = names.core(company) if company else ""
    if core:
        found = Customer.objects.visible_to(user).filter(match_name=core[:200], enabled=True).order_by("pk")[:2]
        same = [row for row in found if names.same_region(row.name, company)]
        if len(same) == 1:
            values["customer"] = same[0].pk
        else:
            values["remark"] = "\n".join([company, *kept])
    return {key: value for key, value in values.items() if value}
