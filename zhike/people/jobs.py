"""The hand-over of somebody who leaves, in the background: as many records as they have, killed or not."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base.refused import Refused
from zhike.org.models import User
from zhike.pages import formats
from zhike.records import guard, history, jobs, ownership, registry
from zhike.records.job_context import Context

from . import actions, leaving, rights


@jobs.job("people.hand_over", label=gettext_lazy("Hand-over of a colleague's records"))
def hand_over(ctx: Context) -> None:
    """Give a colleague's records to others as planned, and at the end shut the account if that was wanted.

    What was planned is settled once; a resumed job goes on with it. Each record answers for itself.
    """
    leaver = User.objects.select_related("department").get(pk=ctx.payload["user"])
    guard.require(ctx.user, registry.kind("user"), "edit")
    rights.require_cover(ctx.user, leaver)
    if not ctx.kept.get("stored"):
        plan = leaving.make_plan(leaver, ctx.payload["hows"], ctx.payload["receivers"], by=ctx.user)
        ctx.kept |= {"batch": uuid.uuid4().hex, "after": history.last_id(), "tally": {}}
        given: Any = ([kind, pk, to] for kind, pk, to in plan.given)
        ctx.store(given)
    batch, reason = ctx.kept["batch"], ctx.payload.get("reason", "")

    def work(chunk: list[Any]) -> None:
        portions: dict[tuple[str, int], list[int]] = {}
        for kind_name, pk, to in chunk:
            portions.setdefault((kind_name, to), []).append(pk)
        for (kind_name, to), ids in portions.items():
            _portion(ctx, kind_name, User.objects.select_related("department").get(pk=to), ids, leaver, batch, reason)

    ctx.each_chunk(work)
    with ctx.step():
        ctx.say("\n".join(_outcome(ctx, leaver)))


def _portion(ctx: Context, kind_name: str, to: User, ids: list[int], leaver: User, batch: str, reason: str) -> None:
    """Records of one kind for one receiver."""
    kind = registry.kind(kind_name)
    rows = list(kind.visible(ctx.user).filter(pk__in=ids, owner_id=leaver.pk).order_by("pk"))
    good, others = guard.sort_rows(ctx.user, rows, "transfer")
    gone = sorted(set(ids) - {row.pk for row in rows})
    met = {row.pk: row for row in kind.visible(ctx.user).filter(pk__in=gone)} if gone else {}
    followed = [pk for pk in gone if pk in met and met[pk].owner_id == to.pk]  # went along with what they belong to
    for pk in gone:
        if pk not in followed:
            ctx.refused(met.get(pk, pk), formats.labelled(kind.label, _("It has been changed since.")))
    moved, refused = ownership.transfer_each(good, to=to, by=ctx.user, batch=batch, reason=reason)
    for row, text in [*others, *refused]:
        ctx.refused(row, formats.labelled(kind.label, text))
    tally = ctx.kept["tally"]
    tally[kind_name] = tally.get(kind_name, 0) + len(moved) + len(followed)
    if moved:
        ctx.undoable("records.transfer.undo", batch=batch, after=ctx.kept["after"])


def _outcome(ctx: Context, leaver: User) -> list[str]:
    """What was handed over and what remained of each kind; and the end of the account."""
    remain: dict[str, int] = {}
    for lot in leaving.lots_of(leaver):
        remain[lot.kind.name] = remain.get(lot.kind.name, 0) + lot.count
    names = dict.fromkeys([*ctx.kept["tally"], *remain])
    lines = [
        _("%(kind)s: %(n)s handed over, %(m)s remain") % {
            "kind": registry.kind(name).plural, "n": f"{ctx.kept['tally'].get(name, 0):,}", "m": f"{remain.get(name, 0):,}"}
        for name in names
    ]
    leaver.refresh_from_db()
    if ctx.payload.get("leaves") and leaver.is_active:
        try:
            ended, revoked, places = actions.let_go(leaver, by=ctx.user)
        except Refused as no:
            lines.append(_("The account stays enabled: %(reason)s") % {"reason": no.message})
        else:
            lines.append(_("The account is disabled: %(sessions)s sessions and %(tokens)s tokens ended, %(places)s places in teams given up.")
                         % {"sessions": ended, "tokens": revoked, "places": places})
    return lines
