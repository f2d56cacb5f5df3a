"""The body of `zhike token`."""

from __future__ import annotations

import argparse

from zhike.base.refused import Refused
from zhike.org import tokens
from zhike.org.models import User
from zhike.records import registry


def token(args: argparse.Namespace) -> list[str]:
    """Make, list or revoke tokens of one person; the lines to print. Raises `Refused` for what does not exist."""
    user = User.objects.filter(username__iexact=args.user).first()
    if user is None:
        raise Refused(f"there is no user {args.user}")
    if args.verb == "list":
        return tokens.list_tokens(user)
    if args.verb == "revoke":
        if not tokens.revoke_token(user, args.number):
            raise Refused(f"{user.username} has no living token of this number: see `zhike token list`")
        return []
    kinds = [name for name in args.records.split(",") if name]
    unknown = [name for name in kinds if not registry.has(name) or not registry.kind(name).api]
    if unknown:
        known = ", ".join(kind.name for kind in registry.kinds() if kind.api)
        raise Refused(f"there are no records called {unknown[0]}; there are {known}")
    if args.days is not None and not 1 <= args.days <= 3650:
        raise Refused("--days is from 1 to 3650")
    return [tokens.create_token(user, scope=args.scope, days=args.days, name=args.name[:60], kinds=kinds)]
