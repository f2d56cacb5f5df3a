"""Writing down what customers are found again by; made in the transaction of the change itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef

from zhike.base.chinese import names, phones
from zhike.base.chinese.names import Name
from zhike.records.inserting import insert_rows

from ..models import Address, Contact, Customer, InvoiceTitle, NameKey, ReachKey

BATCH = 2_000
GENTLY = 200  # customers whose keys are made anew in one go: everybody else's writing waits that long on SQLite
SHORTEST_TAX = 8  # what is shorter is no tax number anywhere
MAX_FORMER = 20  # former names looked at
# Anybody has an address there: it says nothing about the firm.
PUBLIC = frozenset((
    "qq.com foxmail.com 163.com 126.com yeah.net 188.com vip.163.com vip.126.com sina.com sina.cn sina.com.cn vip.sina.com sohu.com vip.qq.com "
    "139.com 189.cn wo.cn wo.com.cn 21cn.com tom.com aliyun.com alibaba.com 263.net 263.net.cn 2980.com gmail.com googlemail.com outlook.com "
    "hotmail.com live.com live.cn msn.com msn.cn yahoo.com yahoo.cn yahoo.com.cn icloud.com me.com mac.com aol.com protonmail.com proton.me "
    "gmx.com gmx.de mail.com mail.ru yandex.ru yandex.com zoho.com example.com example.org example.net"
).split())
# Many firms show themselves there: the whole host or nothing.
SHOWROOMS = ("1688.com", "alibaba.com", "made-in-china.com", "hc360.com", "taobao.com", "tmall.com", "jd.com", "qq.com", "weebly.com",
             "gongchang.com", "china.cn", "b2b.cn", "51sole.com", "huangye88.com", "aliexpress.com", "wixsite.com", "github.io")
_SECOND = frozenset("com net org gov edu ac co mil".split())
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)


def slip_of(found: Name) -> str | None:
    """Where a core with one slip in it is looked for: its beginning and its length."""
    return slip(found.core, len(found.core)) if len(found.core) >= 4 else None


def slip(core: str, length: int) -> str:
    return f"{core[:2]}{min(length, 99)}"


def _key(customer_id: int, source: str, text: str) -> NameKey | None:
    found = names.parse(text[:200])
    if not found.core:
        return None
    brand = found.brand[:60] if found.brand and not found.latin else None
    return NameKey(customer_id=customer_id, source=source, text=text[:200], core=found.core[:200], brand=brand,
                   sound=found.sound[:200] or None, slip=slip_of(found))


def names_of(row: Any) -> Iterator[tuple[str, str]]:
    """(source, text) of every name of a customer, former ones in brackets behind the name included."""
    yield NameKey.NAME, row.name
    for text in names.parse(row.name).former:
        yield NameKey.FORMER, text
    if row.short_name:
        yield NameKey.SHORT, row.short_name
    if row.name_en:
        yield NameKey.ENGLISH, row.name_en
    for text in row.former_names.split("\n")[:MAX_FORMER]:
        if text.strip():
            yield NameKey.FORMER, text.strip()


def domain_of_email(address: str) -> str:
    """The domain an e-mail address shares with the firm's others; "" for the public mail houses."""
    host = address.strip().casefold().rpartition("@")[2]
    found = registrable(host) if "@" in address else ""
    return "" if found in PUBLIC or host in PUBLIC else found


def domain_of_website(address: str) -> str:
    """The domain of a website without www; a showroom of many firms by its whole host."""
    try:
        host = (urlsplit(address if "//" in address else f"//{address}").hostname or "").casefold()
    except ValueError:
        return ""
    host = host.removeprefix("www.").rstrip(".")
    for house in SHOWROOMS:
        if host.endswith("." + house):
            return host[:120] if _HOST.fullmatch(host) else ""
    found = registrable(host)
    return "" if found in PUBLIC or found in SHOWROOMS else found


def registrable(host: str) -> str:
    """sales.example-firm.com.cn → example-firm.com.cn; "" for what is no domain."""
    host = host.rstrip(".")
    if not _HOST.fullmatch(host) or host.replace(".", "").isdigit():
        return ""
    parts = host.split(".")
    keep = 3 if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in _SECOND else 2
    return ".".join(parts[-keep:])[:120]


def numbers_of(*texts: str) -> list[str]:
    """Telephone numbers as they are compared: digits, of a switchboard without the extension."""
    found: dict[str, None] = {}
    for text in texts:
        for number in phones.split(text) if text else ():
            main = number.partition("-")
            digits = phones.digits("".join(main[:1]) + main[2].split("-")[0] if number.startswith("0") else number)
            if number.startswith(("400-", "800-")):
                digits = phones.digits(number)[:10]
            if 7 <= len(digits) <= 15:
                found[digits] = None
    return list(found)


def reach_of(*, phones: Sequence[str] = (), emails: Sequence[str] = (), website: str = "", tax: str = "") -> list[tuple[str, str]]:
    """(what, value) for the numbers, mail addresses, website and tax number of one record."""
    found = [(ReachKey.PHONE, number) for number in numbers_of(*phones)]
    found += [(ReachKey.TAX, tax.strip().upper())] if len(tax.strip()) >= SHORTEST_TAX else []
    domains = dict.fromkeys([*map(domain_of_email, filter(None, emails)), domain_of_website(website) if website else ""])
    return [*found, *((ReachKey.DOMAIN, domain) for domain in domains if domain)]


def _reach_of_customer(row: Any) -> list[tuple[str, str]]:
    return reach_of(phones=(row.phone, row.fax), emails=(row.email,), website=row.website, tax=row.uscc)


def _reach_of_contact(row: Any) -> list[tuple[str, str]]:
    return reach_of(phones=(row.mobile, row.phone), emails=(row.email,))


def _reach_of_address(row: Any) -> list[tuple[str, str]]:
    return reach_of(phones=(row.phone,))


def _reach_of_title(row: Any) -> list[tuple[str, str]]:
    return reach_of(phones=(row.phone,), tax=row.tax_no)


def _store_reach(source: str, rows: Sequence[tuple[int, int, list[tuple[str, str]]]], *, fresh: bool) -> None:
    """(customer, id, keys) of customers, contacts, addresses or invoicing details; `fresh` ones have none yet."""
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        if not fresh:
            ReachKey.objects.filter(source=source, source_id__in=[row_id for _customer, row_id, _keys in part]).delete()
        insert_rows([ReachKey(customer_id=customer, source=source, source_id=row_id, what=what, value=value)
                     for customer, row_id, keys in part for what, value in keys])


@transaction.atomic
def note_customers(rows: Sequence[Any], *, fresh: bool = False) -> None:
    """Bring the keys of these customers up to date; `fresh` ones have just been made."""
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        if not fresh:
            NameKey.objects.filter(customer__in=[row.pk for row in part]).delete()
        made = [key for row in part for source, text in names_of(row) if (key := _key(row.pk, source, text)) is not None]
        insert_rows(made)
    _store_reach("customer", [(row.pk, row.pk, _reach_of_customer(row)) for row in rows], fresh=fresh)


@transaction.atomic
def note_contacts(rows: Sequence[Any], *, fresh: bool = False) -> None:
    """The same for contacts: their numbers and mail addresses lead to their customer."""
    _store_reach("contact", [(row.customer_id, row.pk, _reach_of_contact(row)) for row in rows], fresh=fresh)


@transaction.atomic
def note_addresses(rows: Sequence[Any], *, fresh: bool = False) -> None:
    _store_reach("address", [(row.customer_id, row.pk, _reach_of_address(row)) for row in rows], fresh=fresh)


@transaction.atomic
def note_titles(rows: Sequence[Any], *, fresh: bool = False) -> None:
    """The same for invoicing details: their number and their tax number."""
    _store_reach("title", [(row.customer_id, row.pk, _reach_of_title(row)) for row in rows], fresh=fresh)


def forget_title(row_id: int) -> None:
    ReachKey.objects.filter(source="title", source_id=row_id).delete()


def forget_address(row_id: int) -> None:
    ReachKey.objects.filter(source="address", source_id=row_id).delete()


def rebuild(ids: Iterable[int]) -> None:
    """Work the keys of these customers out anew, with those of their contacts and addresses."""
    wanted = list(ids)
    for start in range(0, len(wanted), GENTLY):
        part = wanted[start : start + GENTLY]
        with transaction.atomic():
            ReachKey.objects.filter(customer__in=part).delete()
            note_customers(list(Customer.objects.filter(pk__in=part).order_by("pk")))
            note_contacts(list(Contact.objects.filter(customer__in=part).order_by("pk")), fresh=True)
            note_addresses(list(Address.objects.filter(customer__in=part).order_by("pk")), fresh=True)
            note_titles(list(InvoiceTitle.objects.filter(customer__in=part).order_by("pk")), fresh=True)


def without_keys() -> Any:
    """Customers that have no key yet: those of an older version of the house, or loaded past the actions."""
    return Customer.objects.filter(~Exists(NameKey.objects.filter(customer=OuterRef("pk"), source=NameKey.NAME)))


def catch_up(limit: int = 100_000) -> int:
    """Give keys to customers that have none yet; returns how many were looked at."""
    ids = list(without_keys().order_by("pk").values_list("pk", flat=True)[:limit])
    rebuild(ids)
    return len(ids)
