"""What a file is, by what it holds; its name is only a hint."""

from __future__ import annotations

import zipfile
from pathlib import Path

from django.utils.translation import gettext as _

from ..problems import SourceError

BOOK, TEXT, CARDS = "book", "text", "cards"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")


def kind_of(path: Path) -> str:
    """BOOK, TEXT or CARDS; raises `SourceError` that says what to do with anything else."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        raise SourceError(_("%(file)s: the file is empty.") % {"file": path.name})
    if head[:2] == b"PK":
        return _archive(path)
    if head[:8] == _OLE or head[:2] == b"\x09\x08":
        return BOOK
    if head[:4] == b"%PDF":
        raise _no(path, _("a PDF"))
    if head.startswith(_PICTURES):
        raise _no(path, _("a picture"))
    if head[:2] == b"\x1f\x8b" or head[:6] in (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c"):
        raise SourceError(_("%(file)s: a packed file. Unpack it and upload what is inside.") % {"file": path.name})
    if head[:4] == b"PAR1":
        raise _no(path, "Parquet")
    text = _start(head)
    if text.startswith("begin:vcard"):
        return CARDS
    if text.startswith(("<html", "<!doctype html", "<table", "<meta", "<head")):
        raise SourceError(_("%(file)s: a web page under the name of a workbook, as some programs export it. Open it in a "
                            "spreadsheet program and save it as .xlsx.") % {"file": path.name})
    if text.startswith(("<?xml", "<?mso")) or text[:1] in ("{", "[") and path.suffix.lower() in (".json", ".xml"):
        raise _no(path, "XML" if text[:1] == "<" else "JSON")
    return TEXT


def _archive(path: Path) -> str:
    """A workbook is a zip with certain parts; other archives are told apart from broken workbooks."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower().replace("\\", "/") for name in archive.namelist()}
    except Exception:  # broken: the workbook reader says in which way
        return BOOK
    if "content.xml" in names or any(name.lstrip("/").startswith("xl/") or name.endswith("workbook.xml") for name in names):
        return BOOK
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise _no(path, _("a document of a word processor"))
    raise SourceError(_("%(file)s: a packed file. Unpack it and upload what is inside.") % {"file": path.name})


def _start(head: bytes) -> str:
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8-sig", "replace") if len(head) % 2 == 0 or not wide else ""
    return text.lstrip()[:40].lower()


def _no(path: Path, what: str) -> SourceError:
    return SourceError(_("%(file)s: this is %(what)s, not a table. Upload xlsx, xls, ods, csv, tsv, txt or vcf.")
                       % {"file": path.name, "what": what})
