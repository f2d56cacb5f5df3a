"""Files to upload: honest ones, and ones that lie."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# Where a phone was when it took the picture: GPS latitude 31 degrees, and a name nobody should send on.
SECRET = b"CAMERA-OWNER-SECRET"


def picture(format="JPEG", size=(1200, 800), colour="red", **more):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, format, **more)
    return out.getvalue()


def phone_picture(orientation=6):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 12.0, 5.0)
    return picture(exif=exif)


def huge_png(width=60_000, height=60_000):
    """A few hundred bytes that say they are 3.6 billion pixels."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def office(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return out.getvalue()


def upload(name, content=PDF):
    return SimpleUploadedFile(name, content)
