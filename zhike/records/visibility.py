"""Who sees which rows, written as SQL.

A list of branches, each one indexed condition, evaluated live; rendered in three forms that give
the same rows at different speeds (`docs/decisions/0001-visibility.md` has the measurements):

* plain: ``b1 OR b2 …``; one record, joins, counts, reports, bulk ids
* few:   ``id IN (b1 UNION ALL b2 …)`` on SQLite; lists of people who see little
* walk:  the OR written so that a sorted index is walked; lists of people who see much
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import connections, models
from django.db.models import Q
from django.db.models.lookups import In

from zhike.base import clock
from zhike.org.access import Reach, access_of

from . import registry

FEW = 10_000

# Higher apps add conditions on the rows of any kind, e.g. open approval tasks: (what it stands for, column, function).
Branch = Callable[[type[models.Model], Any, bool], "models.QuerySet[Any] | list[int] | None"]
more_branches: list[tuple[str, str, Branch]] = []
# Of such a way: whom it could lead to a row, where that is known without asking everybody.
led_by: dict[str, Callable[[Any], set[int]]] = {}


def add_branch(
    ids_for: Branch, *, name: str = "asked", column: str = "id", whom: Callable[[Any], set[int]] | None = None
) -> Branch:
    """Register `ids_for(model, user, edit)`, giving a queryset or a short list of what `column` may be, or None.

    Without `column` these are ids of rows. A column of its own (a pool, a plant) has an index on it.
    `whom(row)` names the people whom the way could lead to a row: who explains a record's readers then
    asks nobody else.
    """
    more_branches.append((name, column, ids_for))
    if whom is not None:
        led_by[name] = whom
    return ids_for


class Beside(In):
    """``IN`` that SQLite may not use to enter an index, so that the sort index is walked instead."""

    lookup_name = "beside"

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        sql, params = super().process_lhs(compiler, connection, lhs)
        return (f"+{sql}" if connection.vendor == "sqlite" else sql), params


models.Field.register_lookup(Beside)
models.ForeignKey.register_lookup(Beside)


class EqualsAny(models.Func):
    """``column = ANY(ARRAY(subquery))``: the form PostgreSQL can use an index for inside an OR."""

    template = "%(expressions)s"
    output_field = models.BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        left, right = self.source_expressions
        lsql, lparams = compiler.compile(left)
        rsql, rparams = compiler.compile(right)
        return f"{lsql} = ANY({rsql})", [*lparams, *rparams]


class Ids(models.Expression):
    """A column of rows where other columns have these values, as a subquery written at once.

    Every page asks for its rights a dozen times; a queryset would be built and put into SQL anew each
    time, which costs more than the database does. A value is a constant, or the words after the column.
    """

    output_field = models.BigIntegerField()

    def __init__(self, model: type[models.Model], column: str, where: dict[str, Any], *, array: bool = False) -> None:
        super().__init__(output_field=self.output_field)
        self.model, self.column, self.where, self.array = model, column, where, array

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Ids:
        return self

    def as_array(self) -> Ids:
        return Ids(self.model, self.column, self.where, array=True)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        meta, quote = self.model._meta, connection.ops.quote_name
        parts, params = [], []
        for name, value in self.where.items():
            field = meta.get_field(name)
            column = quote(field.column)
            if isinstance(value, Until):
                parts.append(f"({column} IS NULL OR {column} > %s)")
                value = value.moment
            else:
                parts.append(f"{column} = %s")
            params.append(field.get_db_prep_value(value, connection))
        chosen, table = quote(meta.get_field(self.column).column), quote(meta.db_table)
        sql = f"SELECT {chosen} FROM {table} WHERE {' AND '.join(parts)}"  # noqa: S608  names of the model alone
        return f"{'ARRAY' if self.array else ''}({sql})", params


@dataclass(frozen=True, slots=True)
class Until:
    """Empty, or later than a moment."""

    moment: datetime


class Loose(models.Func):
    """The same value, without its index: rows are collected first and sorted afterwards."""

    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"+{sql}", params

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"GREATEST({sql})", params


def among(column: str, ids: models.QuerySet[Any] | Ids | list[int], mode: str, vendor: str) -> Q:
    """`column` is one of `ids`, in the shape that suits the database and the mode."""
    if isinstance(ids, list):
        return Q(**{f"{column}__{'beside' if mode == 'walk' else 'in'}": ids})
    if vendor == "sqlite" or mode == "walk":
        return Q(**{f"{column}__in": ids})
    # A third of a second of every start, which a house on SQLite does not pay.
    from django.contrib.postgres.expressions import ArraySubquery

    return Q(EqualsAny(models.F(column), ids.as_array() if isinstance(ids, Ids) else ArraySubquery(ids)))


def living_grants(user: Any, kind: str, *, write: bool = False) -> Ids:
    """Row ids of `kind` that the person has been let in to and whose grant has not expired."""
    from .models import TeamGrant

    where = {"kind": kind, "user": user.pk, "expires_at": Until(_now())}
    return Ids(TeamGrant, "row_id", {**where, "level": TeamGrant.WRITE} if write else where)


def _now() -> datetime:
    """This second: a page asks for the same rights ten times and more, and builds them once."""
    return clock.now().replace(microsecond=0)


def branches(model: Any, user: Any, *, mode: str, edit: bool, vendor: str) -> list[Q] | None:
    """The conditions under which `user` sees (or may edit) rows; None means every row."""
    memo = access_of(user).memo
    key = ("branches", model, mode, edit, vendor)
    now = _now()
    kept = memo.get(key)
    if kept is None or kept[0] != now:
        kept = memo[key] = (now, _branches(model, user, mode=mode, edit=edit, vendor=vendor))
    return kept[1]


def _branches(model: Any, user: Any, *, mode: str, edit: bool, vendor: str) -> list[Q] | None:
    named = named_branches(model, user, mode=mode, edit=edit, vendor=vendor)
    return None if named is None else [condition for _name, condition in named]


def named_branches(model: Any, user: Any, *, mode: str, edit: bool, vendor: str) -> list[tuple[str, Q]] | None:
    """The branches with what each stands for: owners, departments, team, asked, <parent>-team, <parent>-owner.

    Lists are narrowed by these very conditions, and "who can see this and why" asks them one by one.
    """
    reach: Reach = access_of(user).reach(model.KIND, edit=edit)
    if reach.everything:
        return None
    op = "beside" if mode == "walk" else "in"
    found = [("owners", Q(**{f"owner_id__{op}": sorted(reach.owners | {user.pk})}))]
    if reach.departments:
        found.append(("departments", Q(**{f"owner_dept_id__{op}": sorted(reach.departments)})))
    found.append(("team", among("id", living_grants(user, model.KIND, write=edit), mode, vendor)))
    for name, more_column, ids_for in more_branches:
        ids = ids_for(model, user, edit)
        if ids is not None:
            found.append((name, among(more_column, ids, mode, vendor)))
    for place, parent in enumerate(model.PARENTS):
        parent_model = registry.kind(model._meta.get_field(parent).related_model.KIND).model
        column = f"{parent}_id"
        if (reaches := model.TEAM_REACH.get(parent, "write")) and (reaches == "write" or not edit):
            let_in = among(column, living_grants(user, parent_model.KIND, write=edit), mode, vendor)
            # What hangs on something nearer is that one's: a customer's team does not read the
            # visits to an opportunity that it may not see.
            nearer = Q(**{f"{below}__isnull": True for below in model.PARENTS[place + 1 :]})
            found.append((f"{parent}-team", let_in & nearer))
        if not edit:  # whoever owns the parent reads what hangs on it, but does not change it
            owned = Ids(parent_model, "id", {"owner": user.pk})
            found.append((f"{parent}-owner", among(column, owned, mode, vendor)))
    return found


def visible(queryset: Any, user: Any, *, mode: str = "plain", edit: bool = False) -> Any:
    """Narrow `queryset` to what the person may see, or with `edit` change."""
    model = queryset.model
    if not user.is_authenticated or not user.is_active:
        return queryset.none()
    if not access_of(user).may(model.KIND, "edit" if edit else "view"):
        return queryset.none()
    vendor = connections[queryset.db].vendor
    found = branches(model, user, mode=mode, edit=edit, vendor=vendor)
    if found is None:
        return queryset
    if not untouched(queryset):
        return _narrowed(queryset, found, mode, vendor)
    # A record's page asks a dozen times; the resolved condition is copied instead of made anew.
    memo, key = access_of(user).memo, ("visible", type(queryset), model, mode, edit, queryset.db)
    kept = memo.get(key)
    if kept is None or kept[0] is not found:
        kept = memo[key] = (found, _narrowed(queryset, found, mode, vendor))
    return kept[1].all()


def pieces(queryset: Any, user: Any) -> list[Any]:
    """`queryset` narrowed to what the person may see, cut into parts that share no row, for sums over very many.

    One OR over all ways of seeing looks at every row there is. Departments and owners stand in the indexes of
    sums, and what else somebody has been let in to is little and found by its ids, so each part reads its own rows only.
    """
    model = queryset.model
    if not hasattr(model, "PARENTS"):  # a catalogue without owners is open as a whole
        return [queryset.visible_to(user)]
    if not user.is_authenticated or not user.is_active or not access_of(user).may(model.KIND, "view"):
        return [queryset.none()]
    found = named_branches(model, user, mode="plain", edit=False, vendor=connections[queryset.db].vendor)
    if found is None:
        return [queryset]
    conditions = dict(found)
    parts, taken = [], Q()
    for name in ("departments", "owners"):
        if name in conditions:
            condition = conditions.pop(name)
            parts.append(queryset.filter(condition & ~taken if taken else condition))
            taken |= condition
    first, *more = (model._default_manager.using(queryset.db).filter(b).order_by().values("pk") for b in conditions.values())
    parts.append(queryset.filter(~taken, pk__in=first.union(*more, all=True) if more else first))
    return parts


def untouched(queryset: Any) -> bool:
    """Whether nothing has been asked of the queryset yet: all rows as the manager gives them."""
    query = queryset.query
    return not (
        query.where or query.alias_map or query.annotations or query.extra or query.order_by or query.is_sliced
        or query.select_related or query.values_select or query.distinct or query.combinator or query.external_aliases
        or query.select_for_update or query.deferred_loading[0] or queryset._prefetch_related_lookups or queryset._hints
        or queryset._sticky_filter or queryset._fields is not None
    )


def _narrowed(queryset: Any, found: list[Q], mode: str, vendor: str) -> Any:
    model = queryset.model
    if mode == "few" and vendor == "sqlite":
        first, *rest = (model._default_manager.using(queryset.db).filter(b).order_by().values("pk") for b in found)
        return queryset.filter(pk__in=first.union(*rest, all=True) if rest else first)
    condition = Q()
    for branch in found:
        condition |= branch
    return queryset.filter(condition)


def sees_few(model: Any, user: Any, *, using: str = "default") -> bool:
    """Whether the person sees at most `FEW` rows of the kind; a hint for speed, kept ten minutes."""
    if not hasattr(model, "PARENTS"):  # a catalogue without owners is open as a whole
        return False
    vendor = connections[using].vendor
    found = branches(model, user, mode="plain", edit=False, vendor=vendor)
    if found is None:
        return False
    key = f"few:{using}:{model._meta.label_lower}:{user.pk}"
    hint = cache.get(key)
    if hint is None:
        total = 0
        for branch in found:
            total += model._default_manager.using(using).filter(branch).order_by().values("pk")[: FEW + 1].count()
            if total > FEW:
                break
        hint = total <= FEW
        cache.set(key, hint, 600)
    return bool(hint)


def owner_fields(owner: Any) -> dict[str, Any]:
    """The two columns an owner comes down to."""
    return {"owner_id": owner.pk, "owner_dept_id": owner.department_id}


def owned_ids(rows: Iterable[Any]) -> list[int]:
    return [row.pk for row in rows]
