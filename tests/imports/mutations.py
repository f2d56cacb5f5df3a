"""Spoilt files: a good workbook, table or card with something broken in it, by seed."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterator
from datetime import date

from .uploads import workbook

CELLS = ["", " ", "\u3000", "\u200b", "\ufeff", "\x00", "\u202e", "𠮷", "ｶﾅ", "１２３（）", "<script>", "{{7*7}}", "{c0}", "' OR 1=1--",
         "=1+1", "＝1+1", "@SUM(1)", "\t=1", "NULL", "None", "无", "N/A", "1.38E+10", "2026-13-45", "#REF!", "x" * 40_000, "a\r\nb",
         '"', '""', ",", ";", "é\u0301", "%s%n", "-0", "1e999", "NaN", "合计"]
HEAD = ["名称", "电话", "邮箱", "日期", "金额", "备注"]


def rows(rng: random.Random, n: int = 12) -> list[list[object]]:
    found: list[list[object]] = [list(HEAD)]
    for i in range(n):
        row: list[object] = [f"样例{i}有限公司", 13800000000 + i, f"a{i}@b.example", date(2026, 1, 1 + i), i * 1.5, "备注"]
        for x in range(len(row)):
            if rng.random() < 0.08:
                row[x] = rng.choice(CELLS)
        found.append(row)
    return found


def spoilt(seed: int, more: dict[str, bytes] | None = None) -> tuple[str, bytes]:
    """(name, content) of one broken file; `more` are outside files to break as well."""
    rng = random.Random(seed)
    kinds = [_book, _book, _xml, _xml, _text, _text, _cards, _names]
    if more:
        kinds += [_outside(more)] * 4
    name, data = rng.choice(kinds)(rng)
    for _i in range(rng.choice((0, 0, 1, 1, 2, 5))):
        data = rng.choice((_flip, _cut, _double, _insert, _zeros))(rng, data)
    return name, data


def many(seeds: range, more: dict[str, bytes] | None = None) -> Iterator[tuple[str, bytes]]:
    for seed in seeds:
        name, data = spoilt(seed, more)
        yield f"{seed}-{name}", data


def _book(rng: random.Random) -> tuple[str, bytes]:
    merges = [(0, 0, 0, rng.randint(1, 5), "标题")] if rng.random() < 0.3 else []
    return "a.xlsx", workbook([[str(c) if isinstance(c, str) else c for c in row] for row in rows(rng)], merges=merges)


_XML = [
    (rb"<v>[^<]*</v>", b"<v>99999999</v>"), (rb"<v>[^<]*</v>", b"<v>-1</v>"), (rb"<v>[^<]*</v>", b"<v></v>"),
    (rb'r="([A-Z]+)(\d+)"', b'r="XFD1048576"'), (rb'r="([A-Z]+)(\d+)"', b'r="A0"'), (rb'r="([A-Z]+)(\d+)"', b'r="A99999999999"'),
    (rb'r="([A-Z]+)(\d+)"', b'r="\xff"'), (rb"<row ", b"<row><row "), (rb"</row>", b""), (rb' t="s"', b' t="e"'),
    (rb' t="s"', b' t="d"'), (rb"<sheetData>", b"<sheetData>" + b"<x>" * 5_000), (rb'encoding="UTF-8"', b'encoding="UTF-16"'),
    (rb"<\?xml[^>]*>", b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>'), (rb"<si>", b"<si><si>"), (rb"<t[^>]*>[^<]*</t>", b""),
    (rb'ref="[^"]*"', b'ref="A1:XFD1048576"'), (rb'sheetId="\d+"', b'sheetId="-5"'), (rb'numFmtId="\d+"', b'numFmtId="999999"'),
    (rb's="\d+"', b's="4294967295"'), (rb'count="\d+"', b'count="4294967295"'), (rb"mergeCell ref", b"mergeCell reff"),
    (rb'Target="[^"]*"', b'Target="../../../../etc/passwd"'), (rb'name="[^"]*"', b'name=""'),
]


def _xml(rng: random.Random) -> tuple[str, bytes]:
    _name, data = _book(rng)
    out = io.BytesIO()
    pairs = rng.sample(_XML, rng.randint(1, 3))
    gone = rng.random() < 0.15
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        members = old.namelist()
        lost = rng.choice(members) if gone else ""
        for member in members:
            text = old.read(member)
            for pattern, by in pairs:
                if rng.random() < 0.7:
                    text = re.sub(pattern, lambda _m, by=by: by, text, count=rng.choice((1, 1, 3, 0)))
            if member != lost:
                new.writestr(member, text)
    return rng.choice(("a.xlsx", "a.xlsx", "a.xls", "a.ods", "a.csv")), out.getvalue()


def _text(rng: random.Random) -> tuple[str, bytes]:
    mark = rng.choice([",", ";", "\t", "|", ",,", "\x01"])
    lines = [mark.join(str(cell) for cell in row) for row in rows(rng)]
    if rng.random() < 0.3:
        lines.insert(0, rng.choice(["客户清单", "", mark * 5, '"', "\ufeff"]))
    text = rng.choice(["\n", "\r\n", "\r", "\n\n"]).join(lines)
    encoding = rng.choice(["utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "utf-16", "utf-16-le", "latin-1", "cp932", "utf-7"])
    return rng.choice(("a.csv", "a.txt", "a.tsv", "a.xls")), text.encode(encoding, "ignore")


def _cards(rng: random.Random) -> tuple[str, bytes]:
    card = ["BEGIN:VCARD", "VERSION:3.0", "FN:张示例", "TEL;TYPE=CELL:13800000001", "EMAIL:a@b.example", "ORG:甲公司;研发", "N:张;示例;;;",
            "ADR;TYPE=WORK:;;人民路 1 号;苏州;江苏;215000;中国", "NOTE;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=", "BDAY:19900101", "END:VCARD"]
    found: list[str] = []
    for _i in range(4):
        part = list(card)
        for _j in range(rng.randint(0, 3)):
            part[rng.randrange(len(part))] = rng.choice(["", "END:VCARD", "BEGIN:VCARD", "=", ":", ";" * 200, "TEL:" + rng.choice(CELLS), " x",
                                                         "X;Y=\"open:z", "FN" + rng.choice(CELLS), "TEL;CHARSET=nope;ENCODING=QUOTED-PRINTABLE:=ZZ"])
        found += part
    return "a.vcf", "\r\n".join(found).encode("utf-8", "surrogatepass")


def _names(rng: random.Random) -> tuple[str, bytes]:
    """Good content under a wrong name."""
    _name, data = rng.choice((_book, _text, _cards))(rng)
    return rng.choice(("a.xlsx", "a.xls", "a.ods", "a.csv", "a.vcf", "a.xlsb", "a")), data


def _outside(more: dict[str, bytes]):
    def pick(rng: random.Random) -> tuple[str, bytes]:
        name = rng.choice(sorted(more))
        return name, more[name]

    return pick


def _flip(rng: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _i in range(min(rng.choice((1, 3, 20)), len(found))):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _double(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[max(0, at - 500) :]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(CELLS).encode("utf-8", "surrogatepass") + data[at:]


def _zeros(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes(rng.choice((1, 16, 400))) + data[at + 16 :]
