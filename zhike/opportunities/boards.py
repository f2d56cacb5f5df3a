"""The board: one lane a stage, sums from the database, cards in order of the sign date."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connections
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.pages import formats
from zhike.pages.parts import BoardCard, Lane, Link, Option
from zhike.pages.views import PageView
from zhike.records import listing, visibility

from .models import Opportunity, Process, Stage
from .processes import course_of, enabled_processes

SHOWN = 20
MAX_SHOWN = 200


class BoardPage(PageView):
    """Open opportunities of one process by stage, within rights and filters."""

    template = "opportunities/board.html"
    kind_name = "opportunity"
    menu = "opportunities"
    place = "board"
    total: tuple[Any, ...] = (0, 0, 0)

    def get(self, request: HttpRequest) -> HttpResponse:
        params = {key: request.GET.getlist(key) for key in request.GET}
        processes = enabled_processes(by=self.user)
        wanted = request.GET.get("process", "")
        process = next((p for p in processes if str(p.pk) == wanted), None) or (processes[0] if processes else None)
        base = {**params, "status": ["open"], "process": [str(process.pk)] if process else []}
        asked = listing.read(self.kind, base, self.user, ignore=("show", "measure"))
        shown = request.GET.get("show", "")
        limit = min(int(shown), MAX_SHOWN) if shown.isascii() and shown.isdigit() and len(shown) < 5 else SHOWN
        lanes = self.lanes(asked, process, limit) if process else []
        total = self.total
        page = {
            "title": _("Opportunities"),
            "total": _("%(n)s opportunities · expected %(amount)s · weighted %(weighted)s")
            % {"n": f"{total[0]:,}", "amount": formats.wan(total[1], places=1), "weighted": formats.wan(total[2], places=1)},
            "lanes": lanes,
            "processes": [Link(str(p), f"?process={p.pk}", active=p == process) for p in processes],
            "switch": [Link(_("Table"), self.kind.list_url(), icon="table"),
                       Link(_("Board"), reverse("opportunity-board"), active=True, icon="layout-kanban")],
            "owners": [Link(_("all"), self.with_owner(None), active="owner" not in params),
                       Link(_("Mine"), self.with_owner("me"), active=params.get("owner") == ["me"])],
            "new_url": self.kind.action_url("new") if self.access.may("opportunity", "add") else "",
        }
        return self.answer(page)

    def with_owner(self, owner: str | None) -> str:
        query = self.request.GET.copy()
        query.pop("owner", None)
        if owner:
            query["owner"] = owner
        return f"?{query.urlencode()}"

    def lanes(self, asked: listing.Request, process: Process, limit: int) -> list[Lane]:
        rows = asked.rows()
        sums = {
            found["stage_id"]: found
            for found in rows.values("stage_id").annotate(n=Count("pk"), total=Sum("amount"), weighted=Sum("weighted_amount"))
        }
        self.total = tuple(sum((found[key] or 0 for found in sums.values()), Decimal(0)) for key in ("n", "total", "weighted"))
        stages = course_of(process.pk, by=self.user).stages
        largest = max((found["total"] or 0 for found in sums.values()), default=0) or 1
        cards = self.cards(rows, stages, limit)
        more = self.request.GET.copy()
        more["show"] = str(limit + 50)
        lanes = []
        for stage in stages:
            found = sums.get(stage.pk, {"n": 0, "total": 0, "weighted": 0})
            shown = cards.get(stage.pk, [])
            moves = [Option(str(other), value=str(other.pk)) for other in stages if other.pk != stage.pk]
            lanes.append(Lane(
                key=str(stage.pk), name=str(stage), count=f"{found['n']:,}", total=formats.wan(found["total"] or 0, places=1),
                weighted=formats.wan(found["weighted"] or 0, places=0), rate=formats.pct(stage.win_rate),
                share=int((found["total"] or 0) * 100 / largest), cards=[self.card(row, stage, moves) for row in shown],
                drop_text=_("Drop here: win probability becomes %(rate)s") % {"rate": formats.pct(stage.win_rate)},
                more_url=f"?{more.urlencode()}" if found["n"] > len(shown) else "",
                more_text=_("Show %(n)s more") % {"n": found["n"] - len(shown)},
            ))
        return lanes

    def cards(self, rows: Any, stages: Sequence[Stage], limit: int) -> dict[int, list[Any]]:
        """The first cards of every lane in one query: each lane's ids come from the index of the board."""
        vendor = connections[rows.db].vendor
        wanted = Q()
        for stage in stages:
            lane = rows.filter(stage=stage).order_by("sign_key", "pk").values("pk")[:limit]
            wanted |= visibility.among("pk", lane, "plain", vendor)
        if not wanted:
            return {}
        found: dict[int, list[Any]] = {}
        for row in Opportunity.objects.filter(wanted).select_related("customer", "owner").order_by("sign_key", "pk"):
            found.setdefault(row.stage_id, []).append(row)
        return found

    def card(self, row: Any, stage: Stage, moves: list[Option]) -> BoardCard:
        row.stage = stage
        return BoardCard(
            id=row.pk, url=self.kind.url(row), title=row.name, sub=str(row.customer), amount=formats.wan(row.amount),
            close=formats.short(row.expected_sign_date), age=_("%(n)s days") % {"n": row.days_in_stage}, owner=str(row.owner),
            late=row.overdue_in_stage, version=row.version, move_url=self.kind.action_url("move", row), moves=moves,
        )
