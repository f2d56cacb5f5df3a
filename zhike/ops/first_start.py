"""A database nobody can sign in to yet: furnish it, and let the set-up page ask for the rest."""

from __future__ import annotations

from django.core.management import call_command
from django.db import connection

from zhike.org.models import User
from zhike.pages.set_up import open_door
from zhike.seed import seed_house


def nobody() -> bool:
    """Whether nobody can sign in: a fresh database, or one whose first start was cut short."""
    return User._meta.db_table not in connection.introspection.table_names() or not User.objects.exists()


def welcome(address: str) -> str:
    """Make tables and what the program brings along (safe to repeat); returns what to tell the person at the keyboard."""
    call_command("migrate", verbosity=0, interactive=False)
    seed_house()
    code = open_door()
    return f"Nobody can sign in yet. Set it up at {address}set-up/?code={code}  (set-up code {code})"
