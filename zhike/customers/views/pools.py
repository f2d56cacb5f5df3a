"""Pools as their members and keepers meet them: what waits there, taking it, deciding on requests."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.pages import cells, formats
from zhike.pages.chips import Chip
from zhike.pages.lists import SAID, ListParts
from zhike.pages.parts import Button, Card, Cell, Column, Empty, Fact, Link, Option, Pager, Row, Table
from zhike.pages.views import PageView
from zhike.records import listing, options, registry, search

from .. import pool_fields, pool_rights
from ..actions.pools import picked
from ..models import Customer, Pool, PoolRequest

PAGE = 50
DEEPEST = 200  # pages one may turn; who looks further filters


def room_in(pool: Pool, user: Any) -> str:
    """How much of the pick limit is left, in words."""
    if pool.pick_limit is None:
        return ""
    left = max(pool.pick_limit - picked(pool, user), 0)
    return _("You may take %(left)s more of %(most)s %(period)s.") % {"left": left, "most": pool.pick_limit, "period": pool.get_pick_period_display()}


class PoolPlace(PageView):
    """A page of one pool that the person belongs to."""

    kind_name, menu, place = "pool", "customers", "pools"
    pool: Pool

    def find(self, pk: int) -> Pool:
        self.pool = self.visible_or_404(pk)
        if not (pool_rights.keeps(self.user, self.pool) or pool_rights.belongs(self.user, self.pool)):
            raise Http404  # whoever only keeps the settings of pools is no member
        return self.pool

    def crumbs(self) -> list[Link]:
        here = [Link(self.pool.name, reverse("pool-customers", args=[self.pool.pk]))] if hasattr(self, "pool") else []
        return [Link(_("Customer pools"), reverse("pool-home")), *here]


class PoolHome(PoolPlace):
    """The pools one belongs to, with what waits in each."""

    template = "pages/table.html"

    def crumbs(self) -> list[Link]:
        kind = registry.kind("customer")
        return [Link(kind.plural, kind.list_url()), Link(_("Customer pools"))]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        waiting = dict(Customer.objects.filter(pool__isnull=False).order_by().values_list("pool").annotate(n=Count("pk")))
        asked = dict(PoolRequest.objects.filter(state=PoolRequest.OPEN).order_by().values_list("pool").annotate(n=Count("pk")))
        mine = Pool.objects.visible_to(self.user)
        if not self.user.is_admin:
            mine = mine.filter(pk__in=pool_rights.belonging(self.user).values("pool_id"))
        rows = []
        for pool in mine.order_by("name", "pk")[:200]:
            url = reverse("pool-customers", args=[pool.pk])
            limit = "—" if pool.pick_limit is None else f"{pool.pick_limit} / {pool.get_pick_period_display()}"
            state = cells.badge(_("in use"), "good") if pool.enabled else cells.badge(_("disabled"), "neutral")
            rows.append(Row(pool.pk, url, [
                Cell(Markup('<a class="lk" href="{}">{}</a>').format(url, pool.name)), Cell(f"{waiting.get(pool.pk, 0):,}", num=True),
                Cell(str(pool.get_pick_mode_display())), Cell(limit), Cell(str(asked.get(pool.pk, 0)), num=True), Cell(state),
            ]))
        columns = [Column("name", _("pool name"), primary=True), Column("n", _("customers"), num=True), Column("mode", _("way out")),
                   Column("limit", _("picks at most"), priority=2), Column("asked", _("requests"), num=True, priority=2),
                   Column("state", _("state"), priority=3)]
        buttons = [Button(_("About to fall into a pool"), reverse("pool-due"), "clock")]
        return self.answer({
            "title": _("Customer pools"), "count_text": _("%(n)s pools") % {"n": len(rows)}, "actions": buttons,
            "card": Card("", table=Table(columns, rows, label=_("Customer pools")), empty=_("You belong to no pool.")),
        })


class PoolPage(PoolPlace):
    """What waits in one pool: the fields its members may see, found and narrowed by these alone."""

    template = "pages/list.html"
    fragment = "pages/list_body.html"

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.find(pk)
        attrs = pool_fields.shown(self.pool, self.user)
        rows, chips = self.narrowed()
        q = request.GET.get("q", "").strip()[:100]
        if q:
            rows = rows.filter(search.among("customer", q, parts=("names",))[0])
        count, capped = listing.capped_count(rows)
        text = request.GET.get("page", "1")
        number = int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= DEEPEST and len(text) < 7 else 1
        items = list(rows[(number - 1) * PAGE : number * PAGE + 1])
        more, items = len(items) > PAGE, items[:PAGE]
        n = f"{count:,}{'+' if capped else ''}"
        parts = ListParts(
            title=self.pool.name, count_text=" · ".join(part for part in (_("%(n)s customers") % {"n": n}, self.room()) if part), list_url=request.path, q=q, views=self.pools(),
            search_placeholder=_("Find by name"), chips=chips, bulk=self.bulk(), density=self.user.density, actions=self.buttons(),
            table=self.table(attrs, items),
            pager=Pager(_("%(first)s–%(last)s of %(n)s") % {"first": f"{(number - 1) * PAGE + 1:,}", "last": f"{(number - 1) * PAGE + len(items):,}", "n": n},
                        self.link(page=number - 1) if number > 1 else "", self.link(page=number + 1) if more and number < DEEPEST else ""),
        )
        if q or any(chip.on for chip in chips):
            parts.clear_url = request.path
        if not items:
            parts.empty = Empty(_("Nothing waits here."), _("Customers come by the rules of the pool, or are given back by hand."), "ripple",
                                why="nomatch" if parts.clear_url else "first")
        return self.answer(parts)

    def crumbs(self) -> list[Link]:
        return [Link(_("Customer pools"), reverse("pool-home")), Link(self.pool.name)]

    def link(self, **changes: Any) -> str:
        query = self.request.GET.copy()
        for key in ("page", "partial", *changes):
            query.pop(key, None)
        for key, value in changes.items():
            if value not in (None, 1, ""):
                query[key] = str(value)
        return f"{self.request.path}?{query.urlencode()}" if query else self.request.path

    def narrowed(self) -> tuple[Any, list[Chip]]:
        """The rows within the chosen filters, and the chips for them; anything that is not offered is refused."""
        rows, chips, lang = pool_fields.rows(self.pool), [], get_language() or "zh-hans"
        for attr in pool_fields.filters(self.pool, self.user):
            named = options.labels(attr.dictionary, lang) if attr.dictionary else dict(attr.choices)
            chosen = self.request.GET.get(attr.name, "")
            if chosen and chosen not in named:
                raise Refused(_("“%(value)s” is not possible for %(label)s.") % {"value": chosen[:60], "label": attr.label}, code="filter.value")
            if chosen:
                rows = rows.filter(**{attr.path: chosen})
            chips.append(Chip(attr.name, attr.label, str(named.get(chosen, "")), on=bool(chosen), name=attr.name, options=[
                Option(label, self.link(**{attr.name: None if code == chosen else code}), code, code == chosen) for code, label in named.items()
            ]))
        return rows, chips

    def pools(self) -> list[Link]:
        """The other pools as tabs."""
        mine = Pool.objects.filter(pk__in=pool_rights.belonging(self.user).values("pool_id")).order_by("name", "pk")[:20]
        found = list(mine) or [self.pool]
        return [Link(pool.name, reverse("pool-customers", args=[pool.pk]), active=pool.pk == self.pool.pk, key=str(pool.pk)) for pool in found]

    def bulk(self) -> list[Button]:
        """What may be done with the chosen rows: the pool's way out, and for its keepers assigning."""
        found = []
        if pool_rights.belongs(self.user, self.pool):
            if self.pool.pick_mode == Pool.PICK:
                found.append(Button(_("Pick"), reverse("pool-pick", args=[self.pool.pk]), "hand-grab", "g", dialog=True, key="a"))
            elif self.pool.pick_mode == Pool.APPLY:
                found.append(Button(_("Apply for"), reverse("pool-apply", args=[self.pool.pk]), "hand-grab", "g", dialog=True, key="a"))
        if pool_rights.keeps(self.user, self.pool):
            found.append(Button(_("Assign"), reverse("pool-assign", args=[self.pool.pk]), "user-share", "g", dialog=True))
        return found

    def room(self) -> str:
        """How many more the person may take, for those who take by themselves."""
        takes = pool_rights.belongs(self.user, self.pool) and self.pool.pick_mode in (Pool.PICK, Pool.APPLY)
        return room_in(self.pool, self.user) if takes else ""

    def buttons(self) -> list[Button]:
        found = [Button(_("About to fall into a pool"), reverse("pool-due"), "clock", menu=True)]
        n = self.pool.requests.filter(state=PoolRequest.OPEN).count()
        if self.pool.pick_mode == Pool.APPLY or n:
            label = _("Requests (%(n)s)") % {"n": n} if n else _("Requests")
            found.append(Button(label, reverse("pool-requests", args=[self.pool.pk]), "inbox"))
        return found

    def table(self, attrs: list[Any], items: list[Customer]) -> Table:
        kind = registry.kind("customer")
        head = [Column(attr.name, attr.label, num=attr.num, primary=i == 0, priority=attr.priority, said=attr.type in SAID) for i, attr in enumerate(attrs)]
        head.append(Column("since", _("here since"), said=True))
        ways = self.bulk()
        if ways:
            head.append(Column("way", _("Actions")))
        show = cells.renderers(kind, attrs, items, self.access)
        lang = get_language() or "zh-hans"
        rows = []
        for row in items:
            url = reverse("pool-customer", args=[self.pool.pk, row.pk])
            drawn = [render(row) for render in show]
            drawn[0] = Markup('<a class="lk" href="{}">{}</a>').format(url, drawn[0])
            since = formats.near(row.held_since, lang) if row.held_since else "—"
            way = [Cell(Markup('<a class="btn btn-t s" href="{}?ids={}" data-dialog>{}</a>').format(ways[0].url, row.pk, ways[0].label))] if ways else []
            rows.append(Row(row.pk, url, [*(Cell(text, num=attr.num) for text, attr in zip(drawn, attrs, strict=True)), Cell(since), *way]))
        return Table(head, rows, label=self.pool.name)


class PoolCustomerPage(PoolPlace):
    """One customer of a pool as its members may see it; who may read all of it goes to its own page."""

    template = "customers/pool_customer.html"

    def get(self, request: HttpRequest, pk: int, customer: int, **kwargs: Any) -> HttpResponse:
        self.find(pk)
        row = pool_fields.rows(self.pool).filter(pk=customer).first()
        if row is None:
            raise Http404
        kind = registry.kind("customer")
        facts = [Fact(attr.label, cells.text(kind, attr, row, self.access)) for attr in pool_fields.shown(self.pool, self.user)[1:]]
        facts.append(Fact(_("here since"), formats.full(row.held_since, get_language() or "zh-hans") if row.held_since else "—"))
        buttons = [Button(b.label, f"{b.url}?ids={row.pk}", b.icon, "p" if i == 0 else "d", dialog=True, phone=True)
                   for i, b in enumerate(PoolPage.bulk(self))]  # type: ignore[arg-type]
        if kind.model.objects.visible_to(self.user).filter(pk=row.pk).exists():
            buttons.insert(0, Button(_("Open the record"), kind.url(row), "external-link"))
        return self.answer({
            "title": row.name, "actions": buttons,
            "card": Card(_("What the pool shows"), facts=facts),
            "hint": "" if pool_rights.belongs(self.user, self.pool) or pool_rights.keeps(self.user, self.pool) else _("Ask who keeps the pool."),
        })
