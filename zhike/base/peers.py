"""Who is at the other end of a request: the address that attempts and visits are counted for."""

from __future__ import annotations

import ipaddress
import os

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks: behind our own HTTPS proxy the one it names last, else the peer's.

    Without this every client behind a proxy would share its address, and one could shut the others out.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1").split(",")
    named = request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()
    # A server on a Unix socket has no peer address: only its proxy can reach it.
    if settings.HTTPS and named and (not peer or "*" in trusted or peer in trusted):
        return str(named[:45])
    return str(peer)


def household(address: str) -> str:
    """What one connection has at least: an IPv4 address, or the first half of an IPv6 one, of which a phone has billions."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)
