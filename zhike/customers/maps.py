"""Addresses of a map that the person opens; the house itself asks no map of anything."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse, HttpResponseRedirect

from zhike.base.places import degrees
from zhike.org.models import Company

# What the company's settings `map_search` and `map_point` may replace; a phone opens its map app with them.
SEARCH = "https://uri.amap.com/search?keyword={text}"
POINT = "https://uri.amap.com/marker?position={lng},{lat}&coordinate=wgs84"


def _pattern(key: str, default: str) -> str:
    found = Company.current().setting(key, default)
    return found if isinstance(found, str) and found.startswith("https://") else default


def search(words: str) -> str:
    """The map with an address or a name looked up."""
    return _pattern("map_search", SEARCH).replace("{text}", quote(words, safe=""))


def point(lat: int, lng: int) -> str:
    """The map with a pin; both in millionths of a degree."""
    return _pattern("map_point", POINT).replace("{lat}", degrees(lat)).replace("{lng}", degrees(lng))


def lead(url: str) -> HttpResponse:
    """An answer that leads there without telling it from where."""
    response = HttpResponseRedirect(url)
    response["Referrer-Policy"] = "no-referrer"
    return response
