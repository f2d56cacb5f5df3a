"""Places on earth as whole numbers: millionths of a degree (WGS 84), the same on every machine."""

from __future__ import annotations

import math
import re

_DEGREES = re.compile(r"(-?)([0-9]{1,3})(?:\.([0-9]{1,20}))?")
EARTH = 6_371_000  # metres
NORTH, EAST = 90, 180


def millionths(text: str, most: int) -> int | None:
    """31230416 for "31.230416"; None for what is no number of degrees up to `most`."""
    found = _DEGREES.fullmatch(text.strip())
    if found is None:
        return None
    sign, whole, part = found.groups()
    value = int(whole) * 1_000_000 + int((part or "").ljust(6, "0")[:6] or 0)
    return None if value > most * 1_000_000 else -value if sign else value


def degrees(value: int) -> str:
    """31.230416 for 31230416; worked out in whole numbers."""
    sign, size = "-" if value < 0 else "", abs(value)
    return f"{sign}{size // 1_000_000}.{size % 1_000_000:06d}"


def text(lat: int, lng: int) -> str:
    """A position as people read it: latitude, longitude."""
    return f"{degrees(lat)}, {degrees(lng)}"


def read(said: str) -> tuple[int, int] | None:
    """(latitude, longitude) of "31.2304, 121.4737"; full-width signs and blanks do no harm. None where it is no place."""
    parts = [part for part in re.split(r"[,，;；\s]+", said.strip()) if part]
    if len(parts) != 2:
        return None
    lat, lng = millionths(parts[0], NORTH), millionths(parts[1], EAST)
    return None if lat is None or lng is None else (lat, lng)


def metres(lat: int, lng: int, other_lat: int, other_lng: int) -> int:
    """How far apart two places are, as the crow flies."""
    a, b = math.radians(lat / 1e6), math.radians(other_lat / 1e6)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians((other_lng - lng) / 1e6) / 2) ** 2
    return round(2 * EARTH * math.asin(min(1.0, math.sqrt(half))))
