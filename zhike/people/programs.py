"""Tokens with which programs act as a colleague: made by administrators, revoked by them or by whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.org import tokens
from zhike.org.models import User
from zhike.records import guard, history, registry

from . import rights

MOST_TOKENS = 20  # living ones of one person


@transaction.atomic
def make_token(row: User, *, name: str, scope: str, days: int | None, kinds: Sequence[str], by: Any) -> str:
    """A token with which a program acts as the colleague; returned once, stored as a digest.

    Only for people whose every right the maker holds, as with the password link.
    """
    guard.require(by, registry.kind("user"), "edit")
    row = User.objects.select_for_update(of=("self",)).get(pk=row.pk)
    rights.require_cover(by, row)
    if not row.is_active:
        raise Refused(_("%(user)s is disabled. Enable them first.") % {"user": row})
    if tokens.living(row).count() >= MOST_TOKENS:
        raise Refused(_("%(user)s has %(n)s living tokens already. Revoke one first.") % {"user": row, "n": MOST_TOKENS}, code="tokens.many")
    token = tokens.create_token(row, scope=scope, days=days, name=name, kinds=kinds)
    history.log(row, "token", by=by, args={"name": name, "scope": scope, "days": days, "kinds": list(kinds)})
    return token


@transaction.atomic
def revoke_token(row: User, number: int, *, by: Any) -> None:
    """Make a colleague's token stop at once; refused when it does not live any more."""
    guard.require(by, registry.kind("user"), "edit")
    row = User.objects.select_for_update(of=("self",)).get(pk=row.pk)
    name = tokens.living(row).filter(pk=number).values_list("name", flat=True).first()
    if not tokens.revoke_token(row, number):
        raise Refused(_("This token does not work any more."), code="token.gone")
    history.log(row, "token-off", by=by, args={"name": name or ""})


@transaction.atomic
def revoke_own_token(user: User, number: int) -> bool:
    """Make one of one's own tokens stop; another's is not found."""
    name = tokens.living(user).filter(pk=number).values_list("name", flat=True).first()
    if not tokens.revoke_token(user, number):
        return False
    history.log(user, "token-off", by=user, args={"name": name or ""})
    return True
