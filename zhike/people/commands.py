"""What the command line does with accounts."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import override

from zhike.base.refused import Refused
from zhike.org import links
from zhike.org.models import User
from zhike.records import channel

from . import accounts


def rescue(name: str, password: str) -> Iterator[str]:
    """Let an administrator in again; yields what to tell them. Raises `Refused` for everybody else."""
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        raise Refused(f"there is no user {name}")
    with channel.through("system"), override("en"):
        if password:
            check_password(password, user)
        token = accounts.rescue_administrator(user, password)
    yield f"the second factor of {user.username} is off, and they are signed out everywhere"
    if password:
        yield "sign in with the new password"
    else:
        yield f"set a new password, once and within {links.HOURS} hours, at the house's own address: {reverse('password-set', args=[token])}"


def check_password(password: str, user: User) -> None:
    """Refuse a password that is easily guessed, in English."""
    try:
        with override("en"):
            validate_password(password, user)
    except ValidationError as wrong:
        raise Refused(f"this password will not do: {' '.join(wrong.messages)}") from None
