"""What an uploaded file really is: its ending says what it claims, its first bytes what it is.

Only what stands in these lists is taken. Pictures that Pillow can read and PDF are shown in the
browser; everything else is only ever sent as a download, whatever it contains.
"""

from __future__ import annotations

import struct
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from zhike.base.refused import Refused

from . import names, store
from .models import Attachment

THUMB_SIDE = 480
# JPEG is decoded small at once; the others are decoded whole first.
MOST_PIXELS = {"JPEG": 120_000_000}
MOST_PIXELS_ELSE = 40_000_000

PICTURES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP", ".bmp": "BMP", ".tif": "TIFF", ".tiff": "TIFF"}
SHOWN = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}
_FORMATS = sorted(set(PICTURES.values()))

_ZIP, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), (b"\xd0\xcf\x11\xe0",)
# Ending → what the content must begin with; nothing means that the ending alone decides.
OTHERS: dict[str, tuple[bytes, ...]] = {
    **dict.fromkeys((".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".ofd", ".zip", ".3mf"), _ZIP),
    **dict.fromkeys((".doc", ".xls", ".ppt", ".wps", ".et", ".dps", ".msg"), _OLE),
    ".7z": (b"7z\xbc\xaf\x27\x1c",), ".rar": (b"Rar!\x1a\x07",), ".gz": (b"\x1f\x8b",), ".dwg": (b"AC1", b"AC2"),
    ".step": (b"ISO-10303-21",), ".stp": (b"ISO-10303-21",), ".rtf": (b"{\\rtf",),
    # Drawings and models, text, mail, sound and film, pictures only the sender's phone can show.
    **dict.fromkeys((
        ".dxf", ".igs", ".iges", ".stl", ".x_t", ".x_b", ".sldprt", ".sldasm", ".slddrw", ".prt", ".asm", ".ipt", ".iam", ".idw",
        ".catpart", ".catproduct", ".3dm", ".obj", ".glb", ".jt", ".plt", ".svg",
        ".txt", ".csv", ".md", ".log", ".xml", ".json", ".ics", ".vcf", ".eml",
        ".mp3", ".m4a", ".wav", ".amr", ".mp4", ".mov", ".webm", ".heic", ".heif",
    ), ()),
}
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
UNMARKED_OFFICE = (".docx", ".xlsx", ".pptx")


@dataclass(slots=True)
class Verdict:
    """What a file is: its group, and the type a browser may be told (empty: download only)."""

    group: str
    media_type: str = ""


def judge(found: store.Received, name: str) -> Verdict:
    """Look into a received file. Draws its small picture where it is one. Raises `Refused` with what to do."""
    ending = names.split(name)[1].lower()
    if not found.size:
        raise Refused(_("“%(name)s” is empty. Choose the file again.") % {"name": name}, code="file.empty")
    with found.path.open("rb") as file:
        head = file.read(64)
    if ending in PICTURES:
        return _picture(found, name, PICTURES[ending])
    if ending == ".pdf":
        if not head.startswith(b"%PDF-"):
            raise _other_inside(name)
        return Verdict(Attachment.PDF, "application/pdf")
    if ending not in OTHERS:
        raise Refused(
            _("Files like “%(name)s” are not taken. Possible: pictures, PDF, office files, drawings, text, sound, film and zip.")
            % {"name": name}, code="file.type")
    if head.startswith(PROGRAMS) or (OTHERS[ending] and not head.startswith(OTHERS[ending])):
        raise _other_inside(name)
    if OTHERS[ending] is _ZIP:
        _look_into_zip(found.path, name, ending)
    return Verdict(Attachment.OTHER)


def _other_inside(name: str) -> Refused:
    return Refused(_("“%(name)s” is not what its ending says. Save it in that format, or give it its real ending.") % {"name": name},
                   code="file.content")


def _look_into_zip(path: Path, name: str, ending: str) -> None:
    """Read the directory of an archive (never unpack it): office files must be some, and bring no macros."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {entry.lower() for entry in archive.namelist()[:20_000]}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        raise _other_inside(name) from None
    if ending in UNMARKED_OFFICE and "[content_types].xml" not in inside:
        raise _other_inside(name)
    if any(entry.endswith("vbaproject.bin") for entry in inside):
        raise Refused(_("“%(name)s” holds macros. Save it without macros and try again.") % {"name": name}, code="file.macros")


def _picture(found: store.Received, name: str, expected: str) -> Verdict:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # measured below
            with Image.open(found.path, formats=_FORMATS) as image:
                _measure(image, name)
                # A phone's ".png" that is a JPEG is a picture all the same; the browser is told the truth.
                real = str(image.format)
                if expected not in SHOWN and real != expected:
                    raise _other_inside(name)
                found.thumb = _thumb(image)
    except UnidentifiedImageError:
        raise _other_inside(name) from None
    except Image.DecompressionBombError:
        raise _too_many(name, 0, 0) from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, struct.error, OverflowError, MemoryError):
        raise Refused(_("“%(name)s” is damaged: it cannot be read as a picture.") % {"name": name}, code="file.damaged") from None
    return Verdict(Attachment.PICTURE, SHOWN.get(real, ""))


def _measure(image: Any, name: str) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS.get(str(image.format), MOST_PIXELS_ELSE):
        raise _too_many(name, width, height)


def _too_many(name: str, width: int, height: int) -> Refused:
    size = f" ({width} × {height})" if width else ""
    return Refused(_("The picture “%(name)s”%(size)s has too many pixels. Make it smaller, or send it as a zip.")
                   % {"name": name, "size": size}, code="file.pixels")


def _thumb(image: Any) -> Path:
    """The small picture: first frame only, turned upright, drawn anew, so that neither place nor camera nor
    anything hidden in the original is in it."""
    image.draft("RGB", (THUMB_SIDE, THUMB_SIDE))
    image.thumbnail((THUMB_SIDE, THUMB_SIDE))
    small = ImageOps.exif_transpose(image)
    mode = "RGBA" if "A" in small.getbands() or "transparency" in small.info else "RGB"
    clean = Image.new(mode, small.size)
    clean.paste(small.convert(mode))
    path = store.new_path()
    clean.save(path, "WEBP", quality=80, method=3)
    path.chmod(0o600)
    return path
