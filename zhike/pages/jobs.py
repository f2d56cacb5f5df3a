"""What runs in the background for the pages of lists: changing, handing over and taking away
more rows than one waits for."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import bulk, guard, history, jobs, ownership, registry, teams
from zhike.records.job_context import Context
from zhike.records.kinds import Kind
from zhike.records.models import HistoryEntry

from . import exports, whole
from .bulk import fields_for, value_form
from .columns import chosen_columns
from .forms import LookupField
from .ownership import LEVELS


def posted(payload: dict[str, Any]) -> QueryDict:
    """What the person typed, as a form takes it."""
    found = QueryDict(mutable=True)
    for name, values in payload.get("data", {}).items():
        found.setlist(name, values)
    return found


def begin(ctx: Context, kind: Kind) -> str:
    """Settle the rows once, before anything changes; returns the name of the change in history."""
    ctx.kept.setdefault("batch", uuid.uuid4().hex)
    ctx.kept.setdefault("after", history.last_id())
    if not ctx.kept.get("stored"):
        ctx.store(whole.ids(kind, ctx.payload["query"], ctx.user))
    return str(ctx.kept["batch"])


def rows_of(ctx: Context, kind: Kind, ids: list[int]) -> list[Any]:
    """The rows the person still sees; those gone since the start are named by their number."""
    rows = list(kind.visible(ctx.user).filter(pk__in=ids).order_by("pk"))
    for pk in sorted(set(ids) - {row.pk for row in rows}):
        ctx.refused(pk, _("There is nothing here, or you may not see it."))
    return rows


def add(ctx: Context, name: str, n: int) -> None:
    ctx.kept[name] = ctx.kept.get(name, 0) + n


# What became of some rows: those that were changed, and those that refused, each with its reason.
Came = tuple[Sequence[Any], Sequence[tuple[Any, str]]]


def each_row(ctx: Context, kind: Kind, work: Callable[[list[Any], str], Came], /, *, undo: str, **way: Any) -> None:
    """Let `work(rows, batch)` change every match of the list, a chunk at a time; each row answers for itself.

    `batch` names the change in history. Once something has changed, the job `undo` is offered as the way back, with what is given besides.
    """
    batch = begin(ctx, kind)

    def chunk(ids: list[int]) -> None:
        changed, refused = work(rows_of(ctx, kind, ids), batch)
        note(ctx, len(changed), refused)
        if changed:
            ctx.undoable(undo, **way, batch=batch, after=ctx.kept["after"])

    ctx.each_chunk(chunk)


def note(ctx: Context, changed: int, refused: Sequence[tuple[Any, str]]) -> None:
    """Keep how many rows were changed, and which refused, and why."""
    for row, text in refused:
        ctx.refused(row, text)
    add(ctx, "changed", changed)


def figures(ctx: Context) -> dict[str, str]:
    """How many rows were changed and how many not, as the outcome says it."""
    return {"n": f"{ctx.kept.get('changed', 0):,}", "m": f"{ctx.n_refused:,}"}


@jobs.job("records.bulk_edit", label=gettext_lazy("Change of many records"))
def edit_many(ctx: Context) -> None:
    """Give every match of a list the same value in one field; each row answers for itself."""
    kind, name = registry.kind(ctx.payload["kind"]), ctx.payload["field"]
    guard.require(ctx.user, kind, "edit")
    attr = fields_for(kind, access_of(ctx.user)).get(name)
    if attr is None:
        raise Refused(_("This field can no longer be changed for many records."), code="field")
    form = value_form(kind, attr, ctx.user, posted(ctx.payload))
    if not form.is_valid():
        raise Refused(" ".join(text for texts in form.errors.values() for text in texts), code="invalid")
    values = form.values()

    def work(rows: list[Any], batch: str) -> Came:
        if name not in fields_for(kind, access_of(ctx.user)):
            raise Refused(_("This field can no longer be changed for many records."), code="field")
        outcome = bulk.edit_rows(kind, rows, values, by=ctx.user, batch=batch)
        add(ctx, "same", outcome.same)
        return outcome.changed, outcome.failed

    each_row(ctx, kind, work, undo="records.bulk_edit.undo", kind=kind.name, field=name)
    ctx.say(_("%(n)s changed, %(same)s had the value already, %(m)s not changed.")
            % {**figures(ctx), "same": f"{ctx.kept.get('same', 0):,}"})


@jobs.job("records.transfer", label=gettext_lazy("Handover of many records"))
def transfer_many(ctx: Context) -> None:
    """Hand every match of a list over to a colleague; each row answers for itself."""
    kind, data = registry.kind(ctx.payload["kind"]), posted(ctx.payload)
    guard.require(ctx.user, kind, "transfer")
    try:
        to = LookupField(registry.kind("user"), ctx.user).clean(data.get("to"))
    except ValidationError as wrong:
        raise Refused(" ".join(wrong.messages), code="invalid") from None
    ownership.require_receiver(to, kind)
    stays, stays_as = data.get("stays", ""), data.get("stays_as", "")
    more: dict[str, Any] = {"children": data.getlist("children"), "stays": stays if stays in dict(LEVELS) else "",
                            "stays_as": stays_as if stays_as in dict(teams.ROLES) else "", "reason": data.get("reason", "")[:200]}

    def work(rows: list[Any], batch: str) -> Came:
        good, others = guard.sort_rows(ctx.user, rows, "transfer")
        to.refresh_from_db()
        ownership.require_receiver(to, kind)  # who is disabled meanwhile gets no more
        moved, refused = ownership.transfer_each(good, to=to, by=ctx.user, batch=batch, **more)
        return moved, [*others, *refused]

    each_row(ctx, kind, work, undo="records.transfer.undo")
    ctx.say(_("%(n)s handed over to %(user)s, %(m)s not.") % {**figures(ctx), "user": to})


def lines_of(ctx: Context) -> Iterator[int]:
    """The history lines of the change to be taken back; it is at most an hour old, so the walk is short."""
    found = HistoryEntry.objects.filter(pk__gt=ctx.payload["after"], batch=ctx.payload["batch"], by=ctx.job.user_id)
    yield from found.order_by("pk").values_list("pk", flat=True).iterator()


def take_back(ctx: Context, restore: Any) -> None:
    """Undo line by line what stands as it was left; rows that moved on are named."""
    ctx.store(lines_of(ctx))

    def work(ids: list[int]) -> None:
        restored, refused = restore(list(HistoryEntry.objects.filter(pk__in=ids).order_by("pk")), by=ctx.user)
        note(ctx, restored, refused)

    ctx.each_chunk(work)
    ctx.say(_("%(n)s taken back, %(m)s not.") % figures(ctx))


@jobs.job("records.bulk_edit.undo", label=gettext_lazy("Undo of a change"))
def edit_back(ctx: Context) -> None:
    """Give each row the value it had, where nobody has changed it since."""
    kind, name = registry.kind(ctx.payload["kind"]), ctx.payload["field"]
    take_back(ctx, lambda lines, by: bulk.restore(kind, name, lines, by=by))


@jobs.job("records.transfer.undo", label=gettext_lazy("Undo of a handover"))
def transfer_back(ctx: Context) -> None:
    """Give each record back to whom it belonged, what went along included."""
    take_back(ctx, ownership.give_back)


@jobs.job("records.export", label=gettext_lazy("Export of a list"))
def export(ctx: Context) -> None:
    """The list as a file, with the cells that the same export of few rows has. Begins anew after a kill."""
    kind, wanted, params = registry.kind(ctx.payload["kind"]), ctx.payload["format"], ctx.payload["params"]
    guard.require(ctx.user, kind, "export")
    access = access_of(ctx.user)
    ids = exports.row_ids(exports.read(kind, params, ctx.user), exports.MOST_LATER)
    columns = chosen_columns(kind, access, params.get("columns", []))

    def rows() -> Iterator[list[Any]]:
        for n, row in enumerate(exports.values(kind, columns, ids, access), 1):
            yield row
            if n % exports.CHUNK == 0:
                ctx.progress(n, len(ids))

    path = ctx.path(wanted)
    with path.open("wb") as file:
        exports.WRITERS[wanted](file, exports.heads(columns), columns, rows(), ctx.payload["encoding"], str(path.parent), name=kind.plural)
    with ctx.step():
        ctx.progress(len(ids), len(ids))
        ctx.result(path, exports.file_name(kind, wanted))
        exports.note(kind, params, columns, len(ids), wanted, by=ctx.user)
