"""Ways out of a pool: picking, applying, assigning, and deciding on requests."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.parts import Card, Cell, Column, Link, Row, Table
from zhike.records import registry

from .. import actions, pool_rights
from ..actions.pools import MOST
from ..forms import ApplyForm, AssignForm, DecideForm
from ..models import Customer, Pool, PoolRequest
from .pools import PoolPlace, room_in


class TakePage(ActionPage):
    """Pick, apply for or assign the chosen customers of a pool."""

    kind_name, menu, place = "pool", "customers", "pools"
    many = True
    pool: Pool

    def prepare(self, pk: int | None = None) -> None:
        self.pool = self.visible_or_404(pk or 0)
        source = self.request.POST if self.request.method == "POST" else self.request.GET
        texts = [part for value in source.getlist("ids") for part in value.split(",") if part]
        if not texts or any(not text.isascii() or not text.isdigit() or len(text) > 18 for text in texts):
            raise Refused(_("Select at least one row first."), code="rows.none")
        if len(texts) > MOST:
            raise Refused(_("At most %(n)s rows at a time.") % {"n": MOST}, code="rows.many")
        # Those taken meanwhile are still named: the action says who was faster.
        ids = sorted({int(text) for text in texts})
        known = Q(pool=self.pool) | Q(pk__in=self.pool.moves.values("customer_id"))
        self.rows = list(Customer.objects.filter(known, pk__in=ids).order_by("pk"))
        if len(self.rows) != len(ids):
            raise Http404
        self.require()

    def require(self) -> None:
        if not pool_rights.belongs(self.user, self.pool):
            raise Http404

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.version = None
        made.ids = [row.pk for row in self.rows]
        return made

    def list_url(self) -> str:
        return reverse("pool-customers", args=[self.pool.pk])

    def back_url(self) -> str:
        return self.list_url()

    def crumbs(self) -> list[Link]:
        return [Link(_("Customer pools"), reverse("pool-home")), Link(self.pool.name, self.list_url()), Link(self.title_text)]

    def ids(self) -> list[int]:
        return [row.pk for row in self.rows]

    def room(self) -> str:
        """How much of the pick limit is left, in words."""
        return room_in(self.pool, self.user)


class PickPage(TakePage):
    title_text = gettext_lazy("Pick")
    submit_text = gettext_lazy("Pick")

    def text(self) -> Any:
        return " ".join(part for part in (_("You will be the owner."), self.room()) if part)

    def run(self, values: dict[str, Any]) -> str | None:
        taken = actions.pick_customers(self.pool, self.ids(), by=self.user)
        return registry.kind("customer").url(taken[0]) if len(taken) == 1 else None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("%(n)s customers are yours now") % {"n": len(self.rows)}, "tone": "good"}


class ApplyPage(TakePage):
    title_text = gettext_lazy("Apply for")
    submit_text = gettext_lazy("Send request")
    form_class = ApplyForm

    def text(self) -> Any:
        return " ".join(part for part in (_("Who keeps the pool decides: %(names)s.") % {"names": actions.pools.keepers_of(self.pool)}, self.room()) if part)

    def run(self, values: dict[str, Any]) -> str | None:
        actions.apply_for_customers(self.pool, self.ids(), reason=values["reason"], by=self.user)
        return reverse("pool-requests", args=[self.pool.pk])

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Asked for"), "tone": "good"}


class AssignPage(TakePage):
    title_text = gettext_lazy("Assign")
    submit_text = gettext_lazy("Assign")

    def require(self) -> None:
        if not pool_rights.keeps(self.user, self.pool):
            raise Http404

    def make_form(self, data: Any = None) -> Any:
        return AssignForm(data, user=self.user)

    def run(self, values: dict[str, Any]) -> str | None:
        actions.assign_customers(self.pool, self.ids(), to=values["to"], by=self.user)
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Assigned"), "tone": "good"}


class RequestsPage(PoolPlace):
    """Who asks for what: all of it for keepers, one's own for members."""

    template = "pages/table.html"
    TONES: ClassVar[dict[str, str]] = {"open": "wait", "approved": "good", "refused": "bad"}

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        self.find(pk)
        keeps = pool_rights.keeps(self.user, self.pool)
        found = self.pool.requests.select_related("customer", "applicant").order_by("-pk")
        if not keeps:
            found = found.filter(applicant=self.user)
        lang = get_language() or "zh-hans"
        rows = []
        for asked in sorted(found[:200], key=lambda asked: asked.state != PoolRequest.OPEN):
            url = reverse("pool-decide", args=[asked.pk])
            last: Any = asked.answer
            if keeps and asked.state == PoolRequest.OPEN:
                last = Markup('<a class="btn btn-d s" href="{}" data-dialog>{}</a>').format(url, _("Decide"))
            rows.append(Row(asked.pk, "", [
                Cell(asked.customer.name), Cell(cells.person(asked.applicant)), Cell(formats.near(asked.at, lang)), Cell(asked.reason or "—"),
                Cell(cells.badge(asked.get_state_display(), self.TONES[asked.state])), Cell(last or "—"),
            ]))
        columns = [Column("customer", _("customer"), primary=True), Column("who", _("applicant"), said=True), Column("at", _("time"), said=True),
                   Column("reason", _("reason"), said=True), Column("state", _("state")), Column("answer", _("answer"), said=True)]
        return self.answer({
            "title": _("Requests: %(pool)s") % {"pool": self.pool}, "count_text": _("%(n)s requests") % {"n": len(rows)}, "actions": [],
            "card": Card("", table=Table(columns, rows, label=_("Requests")), empty=_("Nobody has asked for anything.")),
        })


class DecidePage(ActionPage):
    """Approve or refuse one request."""

    kind_name, menu, place = "pool", "customers", "pools"
    form_class = DecideForm
    submit_text = gettext_lazy("Decide")

    def prepare(self, pk: int | None = None) -> None:
        self.asked = PoolRequest.objects.select_related("pool", "customer", "applicant", "applicant__department").filter(pk=pk).first()
        if self.asked is None or not pool_rights.keeps(self.user, self.asked.pool):
            raise Http404
        self.rows = [self.asked.pool]

    def title(self) -> Any:
        return _("“%(customer)s” for %(user)s?") % {"customer": self.asked.customer, "user": self.asked.applicant}

    def text(self) -> Any:
        return self.asked.reason

    def parts(self, **more: Any) -> Any:
        made = super().parts(**more)
        made.version = None
        return made

    def back_url(self) -> str:
        return reverse("pool-requests", args=[self.asked.pool_id])

    def crumbs(self) -> list[Link]:
        return [Link(_("Customer pools"), reverse("pool-home")), Link(_("Requests"), self.back_url())]

    def run(self, values: dict[str, Any]) -> str | None:
        actions.decide_request(self.asked, approve=values["verdict"] == "approve", answer=values["answer"], by=self.user)
        return None
