"""How the house is set up, kept in memory until the database itself says that somebody changed it.

Rights, departments and processes are asked for with every page and changed once a month. Each change
of a watched table gives the one row of `SetUpMark` a new random value, in the same transaction and by
a trigger, so that no way of writing escapes it. Who asks brings the mark along (it is read in the same
query as the person), and what was kept under another mark is read anew: a right taken away is gone with
the next request, in every process.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models.expressions import RawSQL

from .models import SetUpMark
from .set_up_sql import TELL

SECONDS = 60  # read anew after this, mark or no mark: a table whose trigger somebody dropped heals itself
T = TypeVar("T")

# Table → columns whose change counts; none named: every change. Rows that come or go always count.
watched: dict[str, tuple[str, ...]] = {}


def watch(table: str, *columns: str) -> None:
    """Have each change of this table (of these columns) make everything kept be read anew."""
    watched[table] = columns


watch("org_role")
watch("org_rolepermission")
watch("org_scope")
watch("org_scope_departments")
watch("org_fieldrule")
watch("org_user_roles")
watch("org_department", "path", "parent_id", "manager_id", "enabled")
watch("org_user", "department_id", "manager_id", "is_active", "is_admin")


def mark() -> RawSQL:
    """The present mark, to be read along with the person who asks; in words, because every request puts it together."""
    return RawSQL("SELECT value FROM org_setupmark WHERE id = 1", [], output_field=models.CharField())


def current_mark() -> str | None:
    return SetUpMark.objects.values_list("value", flat=True).first()


class Known(Generic[T]):
    """Answers about the set-up by key, at most `most` of them in each process."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, tuple[str, float, T]] = OrderedDict()

    def get(self, user: Any, key: Hashable, read: Callable[[], T]) -> T:
        """The kept answer, or what `read` says. Who came without a mark (jobs, tests) always has it read.

        Nobody may change what they get: it is the same object for all.
        """
        mark = getattr(user, "set_up_mark", None)
        if not mark:
            return read()
        found = self._kept.get(key)
        if found is not None and found[0] == mark and time.monotonic() < found[1]:
            self._kept.move_to_end(key)
            return found[2]
        value = read()
        # What was read may be of a transaction that is taken back, or newer than the mark: then it is not kept.
        if current_mark() == mark:
            self._kept[key] = (mark, time.monotonic() + SECONDS, value)
            self._kept.move_to_end(key)
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return value



def put_triggers(using: str = "default", **more: Any) -> None:
    """See that every watched table tells of its changes (listens to the end of `migrate`, which drops triggers with rebuilt tables)."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    if SetUpMark._meta.db_table not in tables:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(TELL)
        for table, columns in watched.items():
            if table in tables:
                for statement in (_postgresql if connection.vendor == "postgresql" else _sqlite)(table, columns):
                    cursor.execute(statement)
    if not SetUpMark.objects.using(using).exists():
        SetUpMark.objects.using(using).create(pk=1, value=secrets.token_hex(16))


def silent_tables(using: str = "default") -> list[str]:
    """Watched tables whose changes nobody would hear of: a trigger is gone or switched off."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        question, ends = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'", ("", "_change")
    else:
        question, ends = "SELECT name FROM sqlite_master WHERE type = 'trigger'", ("_insert", "_delete", "_update")
    with connection.cursor() as cursor:
        cursor.execute(question)
        there = {name for (name,) in cursor.fetchall()}
    return [table for table in watched if not all(f"{table}_set_up{end}" in there for end in ends)]


def _differ(columns: tuple[str, ...], unlike: str) -> str:
    """" WHEN one of these columns changed", nothing where every change counts."""
    return f" WHEN ({' OR '.join(f'OLD.{name} {unlike} NEW.{name}' for name in columns)})" if columns else ""


def _postgresql(table: str, columns: tuple[str, ...]) -> list[str]:
    name = f"{table}_set_up"
    tell = "EXECUTE FUNCTION zhike_set_up_changed()"
    return [
        f"CREATE OR REPLACE TRIGGER {name} AFTER INSERT OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT {tell}",
        f"CREATE OR REPLACE TRIGGER {name}_change AFTER UPDATE ON {table} FOR EACH ROW{_differ(columns, 'IS DISTINCT FROM')} {tell}",
    ]


def _sqlite(table: str, columns: tuple[str, ...]) -> list[str]:
    # No INSERT OR REPLACE: after an INSERT OR IGNORE, which Django adds to many-to-many links by, it would be ignored too.
    tell = ("BEGIN UPDATE org_setupmark SET value = lower(hex(randomblob(16))); "
            "INSERT INTO org_setupmark (id, value) SELECT 1, lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM org_setupmark); END")
    found = []
    for event, when in (("INSERT", ""), ("DELETE", ""), ("UPDATE", _differ(columns, "IS NOT"))):
        name = f"{table}_set_up_{event.lower()}"
        # Made anew: the columns of an older version may have been others.
        found += [f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} AFTER {event} ON {table}{when} {tell}"]
    return found
