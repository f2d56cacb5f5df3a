"""The second factor: codes of an authenticator app, and ten recovery codes for a lost phone."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from typing import Any

import pyotp
from django.db import transaction
from django.utils.crypto import salted_hmac

from zhike.base import clock

from . import limits
from .models import Company, SecondFactor, User
from .sealed import Broken, seal, unseal

STEP = 30  # seconds a code is good for; the one before and the one after are taken too
CODES = 10
TRIES_AN_HOUR = 30  # from whatever address; the lock by name and address comes sooner
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are taken for another


def needed_by(user: User) -> bool:
    """Whether one of the person's roles asks for a second factor."""
    return user.roles.filter(second_factor=True).exists()


def of(user: User) -> SecondFactor | None:
    """The person's second factor, where they have one."""
    return SecondFactor.objects.filter(user=user).first()


def new_secret() -> str:
    """A fresh secret, sealed. It is kept in the session until a first code shows that the app has it:

    in the table, whoever knew the password could read it before its person does.
    """
    return seal(secrets.token_bytes(20))


def _totp(sealed: str) -> pyotp.TOTP:
    """Raises `Broken` where the house's key is not the one the secret was sealed with."""
    return pyotp.TOTP(base64.b32encode(unseal(sealed)).decode(), interval=STEP)


def secret_text(sealed: str) -> str:
    """The secret in groups of four, to be typed where no picture can be taken."""
    text = base64.b32encode(unseal(sealed)).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def picture(sealed: str, user: User) -> str:
    """The secret as a QR code: an SVG without styles or scripts."""
    import segno

    address = _totp(sealed).provisioning_uri(name=user.username, issuer_name=str(Company.current()))
    return segno.make(address, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None)


def _step_of(sealed: str, code: str) -> int | None:
    """The half-minute a code belongs to: this one, the last or the next; None where it fits none."""
    now = int(clock.now().timestamp()) // STEP
    totp = _totp(sealed)
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


@transaction.atomic
def check(user: User, text: str) -> str:
    """"code" or "recovery" where `text` is right and has not been used before, else "".

    A code of the app counts once: the half-minute it belongs to is remembered. A recovery code is
    struck off. At most thirty tries an hour.
    """
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None or not limits.take(user, "second-factor", TRIES_AN_HOUR):
        return ""
    typed = re.sub(r"[\s-]", "", text).upper()
    if re.fullmatch(r"[0-9]{6}", typed, re.ASCII):
        try:
            step = _step_of(factor.secret, typed)
        except Broken:
            return ""
        fresh = step is not None and SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step)
        return "code" if fresh else ""
    digest = _digest(user, typed)
    left = [kept for kept in factor.recovery if not hmac.compare_digest(kept, digest)]
    if len(left) == len(factor.recovery):
        return ""
    SecondFactor.objects.filter(pk=factor.pk).update(recovery=left)
    return "recovery"


@transaction.atomic
def confirm(user: User, sealed: str, text: str) -> list[str] | None:
    """Take a new secret with its first code; returns the recovery codes, to be shown once, or None.

    Who has a second factor already keeps it: it is taken off first.
    """
    typed = re.sub(r"\s", "", text)
    if not re.fullmatch(r"[0-9]{6}", typed, re.ASCII) or of(user) is not None:
        return None
    try:
        step = _step_of(sealed, typed)
    except Broken:
        return None
    if step is None:
        return None
    codes = new_codes()
    _made, new = SecondFactor.objects.get_or_create(user=user, defaults={
        "secret": sealed, "made_at": clock.now(), "last_step": step,
        "recovery": [_digest(user, code.replace("-", "")) for code in codes],
    })
    return codes if new else None


@transaction.atomic
def renew_codes(user: User) -> list[str]:
    """Ten new recovery codes; the old ones stop counting."""
    codes = new_codes()
    SecondFactor.objects.filter(user=user).update(recovery=[_digest(user, code.replace("-", "")) for code in codes])
    return codes


def remove(user: User) -> bool:
    """Take the second factor away; True where there was one."""
    return bool(SecondFactor.objects.filter(user=user).delete()[0])


def new_codes() -> list[str]:
    """Ten codes of twelve letters and digits (60 bits each) in groups of four."""
    made = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(CODES)]
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in made]


def _digest(user: Any, code: str) -> str:
    return salted_hmac("zhike.recovery", f"{user.pk}:{code}", algorithm="sha256").hexdigest()
