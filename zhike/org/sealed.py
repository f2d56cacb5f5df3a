"""Short secrets that must be read again, closed with the house's signing key.

The standard library has no cipher; for 32 bytes or fewer a keyed hash of a fresh nonce makes a pad
that is used once, and a second keyed hash over both shows any change.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from django.utils.crypto import salted_hmac

_PAD, _MARK = "zhike.sealed.pad", "zhike.sealed.mark"


class Broken(Exception):
    """The text was not sealed here, was changed, or the house has another key now."""


def _hash(purpose: str, data: bytes) -> bytes:
    return salted_hmac(purpose, data, algorithm="sha256").digest()


def seal(secret: bytes) -> str:
    """`secret` (at most 32 bytes) as a text that tells nothing without the house's key."""
    if len(secret) > 32:
        raise ValueError("too long to seal")
    nonce = secrets.token_bytes(16)
    closed = bytes(a ^ b for a, b in zip(secret, _hash(_PAD, nonce), strict=False))
    return base64.urlsafe_b64encode(nonce + _hash(_MARK, nonce + closed)[:16] + closed).decode()


def unseal(text: str) -> bytes:
    """The secret again; raises `Broken`."""
    try:
        data = base64.b64decode(text, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Broken from None
    nonce, mark, closed = data[:16], data[16:32], data[32:]
    if not closed or len(closed) > 32 or not hmac.compare_digest(mark, _hash(_MARK, nonce + closed)[:16]):
        raise Broken
    return bytes(a ^ b for a, b in zip(closed, _hash(_PAD, nonce), strict=False))
