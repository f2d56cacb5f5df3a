"""Pages of opportunities: list, record, gate, win and lose."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup

from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.pages import cells, formats
from zhike.pages.actions import ActionPage
from zhike.pages.details import DetailPage, DetailParts, TabSpec
from zhike.pages.edits import NewPage
from zhike.pages.lines import LinesPage
from zhike.pages.lists import ListPage
from zhike.pages.parts import Button, Card, Cell, Check, Column, Fact, Link, Row, Step, Table
from zhike.pages.views import PostView, go_to, with_toast
from zhike.records import guard, undo

from . import actions, gates
from .forms import LineForm, LinesForm, LoseForm, MoveForm, SuspendForm, WinForm
from .models import Criterion, Opportunity, OpportunityLine, Stage
from .processes import course_of
from .status import STATUS

HERE = {"kind_name": "opportunity", "menu": "opportunities", "place": "opportunities"}


class OpportunityList(ListPage):
    kind_name = "opportunity"

    def switch(self, params: dict[str, list[str]]) -> list[Link]:
        return [Link(_("Table"), self.kind.list_url(), active=True, icon="table"),
                Link(_("Board"), reverse("opportunity-board"), icon="layout-kanban")]


class OpportunityPage(DetailPage):
    """One opportunity: facts, stage path, gate, stage record."""

    kind_name = "opportunity"
    menu = "opportunities"
    place = "opportunities"

    def context(self) -> dict[str, Any]:
        return {"customer": self.row.customer_id, "opportunity": self.row.pk}

    def subtitle(self) -> Any:
        parts = [Markup('<span class="code">{}</span>').format(self.row.code),
                 cells.text(self.kind, self.kind.attr("customer"), self.row, self.access)]
        if self.row.contact is not None and self.access.may("contact", "view"):
            parts.append(_("main contact %(name)s") % {"name": self.row.contact})
        return Markup(" · ").join(parts)

    def facts(self) -> list[Fact]:
        row = self.row
        shown = {attr.name for attr in self.kind.shown(["amount", "weighted_amount", "win_rate"], self.access)}
        facts = []
        if "amount" in shown:
            facts.append(Fact(_("expected amount"), f"¥ {formats.money(row.amount)}"))
        if "win_rate" in shown:
            facts.append(Fact(_("win probability"), formats.pct(row.win_rate)))
        if "weighted_amount" in shown:
            facts.append(Fact(_("weighted amount"), f"¥ {formats.money(row.weighted_amount)}"))
        facts.append(Fact(_("expected sign date"), formats.d(row.expected_sign_date)))
        if row.status == "open":
            facts.append(Fact(
                _("In this stage"), _("%(n)s days") % {"n": row.days_in_stage},
                hint=_("limit %(n)s days") % {"n": row.stage.standard_days}, tone="bad" if row.overdue_in_stage else "",
            ))
        facts.append(Fact(_("owner"), cells.person(row.owner)))
        return [*facts, *super().facts()]

    def stages(self) -> Sequence[Stage]:
        return course_of(self.row.process_id, by=self.user).stages

    def path(self) -> list[Step]:
        can = self.row.status == "open" and guard.can_edit(self.user, self.row)
        here = self.row.stage.order
        return [
            Step(str(stage), "done" if stage.order < here or self.row.status == "won" else "cur" if stage.order == here else "todo",
                 formats.pct(stage.win_rate),
                 reverse("opportunity-move", args=[self.row.pk]) + f"?to={stage.pk}" if can and stage.order != here else "")
            for stage in self.stages()
        ]

    def path_label(self) -> Any:
        return _("Stages of the opportunity")

    def next_stage(self) -> Stage | None:
        return next((stage for stage in self.stages() if stage.order > self.row.stage.order), None)

    def actions(self) -> list[Button]:
        row = self.row
        buttons = super().actions()

        def offer(move: str, label: Any, url: str, icon: str, **more: Any) -> None:
            if row.status in STATUS.moves[move].sources and guard.can_edit(self.user, row, STATUS.moves[move].permission):
                buttons.append(Button(label, reverse(url, args=[row.pk]), icon, dialog=True, **more))

        offer("suspend", _("Suspend"), "opportunity-suspend", "player-pause", menu=True)
        offer("resume", _("Resume"), "opportunity-resume", "player-play", style="p")
        offer("unwin", _("Undo won"), "opportunity-unwin", "arrow-back-up", menu=True)
        offer("unlose", _("Undo lost"), "opportunity-unlose", "arrow-back-up", menu=True)
        offer("lose", _("Lose"), "opportunity-lose", "thumb-down")
        following = self.next_stage()
        if row.status == "open" and following is not None and guard.can_edit(self.user, row):
            if self.access.may("opportunity", "win_early"):
                offer("win", _("Win"), "opportunity-win", "trophy", menu=True)
            buttons.append(Button(_("Advance to %(stage)s") % {"stage": following},
                                  reverse("opportunity-move", args=[row.pk]) + f"?to={following.pk}", "arrow-right", "p",
                                  dialog=True, phone=True))
        else:
            offer("win", _("Win"), "opportunity-win", "trophy", style="p")
        return buttons

    def own_tabs(self) -> list[TabSpec]:
        return [TabSpec("stages", _("Stages"), fill_stages), TabSpec("summary", _("Demand"), type(self).fill_summary)]

    def fill_summary(self, parts: DetailParts) -> None:
        parts.main.append(lines_card(self))
        for card in self.fact_cards()[1:]:
            if any(fact.value != cells.DASH for fact in card.facts):
                parts.main.append(card)
        parts.rail.extend(self.fact_cards()[:1])


def fill_stages(page: OpportunityPage, parts: DetailParts) -> None:
    """The present stage's checklist and the record of all stages."""
    row, can = page.row, guard.can_edit(page.user, page.row) and page.row.status == "open"
    checked = gates.checklist(row, by=page.user)
    done = sum(item.done for item in checked)
    items = []
    for item in checked:
        button = None
        if can and item.criterion.kind == Criterion.TICK:
            url = reverse("opportunity-tick", args=[row.pk, item.criterion.pk])
            label = _("Take back") if item.done else _("Done")
            button = Button(label, url, style="t", post=True, fields={"done": "" if item.done else "1"})
        elif can and not item.done:
            button = Button(_("Fill in"), page.kind.action_url("edit", row), style="t")
        items.append(Check(str(item.criterion), item.done, item.criterion.required, item.note, button))
    if row.status == "open":
        parts.main.append(Card(_("Present stage: %(stage)s") % {"stage": row.stage}, sub=row.stage.guide,
                               count=f"{done} / {len(items)}" if items else "", checklist=items,
                               empty=_("Nothing is required to leave this stage.")))
    history = list(row.stage_changes.select_related("target", "by")[:100])
    noted = any(change.reason for change in history)
    parts.main.append(Card(_("Stage record"), table=Table(
        [Column("stage", _("Stage")), Column("at", _("Entered")), Column("days", _("Days before"), num=True),
         Column("rate", _("Win probability"), num=True), Column("amount", _("Expected amount"), num=True),
         Column("by", _("By")), *([Column("reason", _("Note"), priority=2)] if noted else [])],
        [Row(change.pk, "", [
            Cell(cells.badge(change.target or "—", "info" if i == 0 and row.status == "open" else "good")),
            Cell(formats.full(change.at)), Cell(str(change.days), num=True), Cell(formats.pct(change.win_rate), num=True),
            Cell(formats.money(change.amount), num=True), Cell(cells.person(change.by)), *([Cell(change.reason or "—")] if noted else [])])
         for i, change in enumerate(history)], label=_("Stage record"))))
    for contribution in page.kind.cards:
        contribution(page, parts)
    parts.attention.extend(page.attention())
    parts.rail.extend(page.fact_cards()[:1])


def lines_card(page: OpportunityPage) -> Card:
    """What the customer needs, with the sum of the lines."""
    row = page.row
    lines = list(row.lines.select_related("product"))
    money = page.access.field_mode("opportunity", "amount") in ("", "read")
    columns = [Column("no", "#", num=True), Column("product", _("product"), primary=True), Column("quantity", _("quantity"), num=True),
               Column("unit", _("unit")), Column("remark", _("remark"), priority=2)]
    rows = []
    for line in lines:
        shown = Markup("{} <span class=\"mut\">{}</span>").format(line.product or line.text, line.text if line.product else "")
        cells_ = [Cell(str(line.line_no), num=True), Cell(shown), Cell(formats.quantity(line.quantity), num=True), Cell(line.unit or "—"),
                  Cell(line.remark or "—")]
        if money:
            cells_[4:4] = [Cell(formats.price(line.target_price), num=True), Cell(formats.money(line.amount), num=True)]
        rows.append(Row(line.pk, "", cells_))
    foot = []
    if money:
        columns[4:4] = [Column("price", _("target price"), num=True), Column("amount", _("amount"), num=True)]
        total = sum((line.amount for line in lines), Decimal(0))
        foot = [Cell(""), Cell(_("Total")), Cell(""), Cell(""), Cell(""), Cell(formats.money(total), num=True), Cell("")]
    buttons = []
    if row.status in ("open", "suspended") and guard.can_edit(page.user, row):
        buttons = [Button(_("Edit lines"), reverse("opportunity-lines", args=[row.pk]), "pencil", "g")]
    return Card(_("Product needs"), key="lines", buttons=buttons, empty=_("No product named yet."),
                table=Table(columns, rows, foot=foot if rows else [], label=_("Product needs")))


class LinesOfOpportunity(LinesPage):
    """The grid of product needs."""

    kind_name = "opportunity"
    menu = "opportunities"
    place = "opportunities"
    line_form = LineForm
    extra_form = LinesForm
    numbers = ("quantity", "target_price")

    def make_form(self, n: int, data: Any = None, initial: dict[str, Any] | None = None) -> Any:
        form = LineForm(data, prefix=f"line-{n}", initial=initial, user=self.user)
        product = data.get(form.add_prefix("product")) if data is not None else (initial or {}).get("product")
        form.fields["product"].offer(product)  # type: ignore[attr-defined]
        return form

    def names(self) -> dict[str, Any]:
        return LineForm(user=self.user).fields

    def stored(self) -> list[tuple[int, dict[str, Any]]]:
        return [
            (line.line_no, {"product": line.product, "text": line.text, "quantity": line.quantity, "unit": line.unit,
                            "target_price": line.target_price, "remark": line.remark})
            for line in self.row.lines.select_related("product")
        ]

    def line(self, values: dict[str, Any]) -> OpportunityLine:
        return OpportunityLine(**{"line_no": 0, **{k: v for k, v in values.items() if k != "line_no" or v}})

    def amount_of(self, values: dict[str, Any]) -> Any:
        return self.line(values).worth()

    def totals(self, lines: list[dict[str, Any]]) -> list[Fact]:
        total = sum((self.amount_of(values) for values in lines), Decimal(0))
        return [Fact(_("Lines"), str(len(lines))), Fact(_("Total"), f"¥ {formats.money(total)}")]

    def save(self, lines: list[dict[str, Any]], extra: dict[str, Any], version: int) -> None:
        actions.set_lines(self.row, [self.line(values) for values in lines], by=self.user, version=version,
                          take_sum=extra["take_sum"])

    def back_url(self) -> str:
        return reverse("opportunity-tab", args=[self.row.pk, "summary"])


class NewOpportunityPage(NewPage):
    kind_name = "opportunity"

    def defaults(self) -> dict[str, Any]:
        return {"type": "new_project", **super().defaults()}


class StepPage(ActionPage):
    """The common part of what happens to one opportunity."""

    kind_name = "opportunity"
    menu = "opportunities"
    place = "opportunities"


class MovePage(StepPage):
    """The stage gate: what is missing, and a note; also where the board drops its cards."""

    form_class = MoveForm

    def target(self) -> Stage:
        text = self.request.POST.get("to") or self.request.GET.get("to", "")
        pk = number(text)
        found = course_of(self.row.process_id, by=self.user).stage(pk) if pk is not None else None
        if found is None:
            raise Http404
        return found

    def parts(self, **more: Any) -> Any:
        target = self.target()
        made = super().parts(**more)
        made.title = _("“%(row)s” to %(stage)s") % {"row": self.row, "stage": target}
        made.submit_label = _("Advance") if target.order > self.row.stage.order else _("Move back")
        made.post_url = f"{self.request.path}?to={target.pk}"
        if not made.blockers and target.order == self.row.stage.order + 1:
            made.blockers = gates.missing(self.row, by=self.user)
        if made.blockers:
            made.text = _("Still required before this stage may be left:")
        return made

    def run(self, values: dict[str, Any]) -> str | None:
        target, source = self.target(), self.row.stage
        actions.move_stage(self.row, target, by=self.user, reason=values["reason"], version=self.version())
        self.text_done = _("“%(row)s” moved to %(stage)s") % {"row": self.row, "stage": target}
        self.undo_url = undo.url(self.user, "opportunities.move", id=self.row.pk, to=target.pk, **{"from": source.pk})
        return None

    def done(self, url: str) -> HttpResponse:
        if self.request.POST.get("to"):  # dropped on the board: the card is where it belongs already
            return with_toast(HttpResponse(status=200), self.text_done, undo_url=self.undo_url)
        board = reverse("opportunity-board")
        here = urlsplit(self.request.headers.get("HX-Current-URL", ""))
        if here.path == board:  # the gate was opened from the board: back to the same lanes
            url = f"{board}?{here.query}" if here.query else board
        return go_to(self.request, url, toast={"text": self.text_done, "tone": "good", "undo_url": self.undo_url})


class WinPage(StepPage):
    permission = "win"
    form_class = WinForm
    title_text = gettext_lazy("Win")
    submit_text = gettext_lazy("Record the win")

    def initial(self) -> dict[str, Any]:
        return {"amount": self.row.amount}

    def run(self, values: dict[str, Any]) -> str | None:
        actions.win_opportunity(self.row, on=values["on"], reason=values["reason"], amount=values["amount"],
                                by=self.user, version=self.version())
        return None

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("“%(row)s” is won") % {"row": self.row}, "tone": "good"}


class LosePage(StepPage):
    permission = "lose"
    form_class = LoseForm
    title_text = gettext_lazy("Lose")
    submit_text = gettext_lazy("Record the loss")
    style = "x"

    def run(self, values: dict[str, Any]) -> str | None:
        actions.lose_opportunity(self.row, **values, by=self.user, version=self.version())
        return None


class SuspendPage(StepPage):
    form_class = SuspendForm
    title_text = gettext_lazy("Suspend")
    submit_text = gettext_lazy("Suspend")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.suspend_opportunity(self.row, **values, by=self.user)
        return None


class ResumePage(StepPage):
    title_text = submit_text = gettext_lazy("Resume")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.resume_opportunity(self.row, by=self.user)
        return None


class UnwinPage(StepPage):
    permission = "unwin"
    form_class = MoveForm
    title_text = submit_text = gettext_lazy("Undo won")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.unwin_opportunity(self.row, by=self.user, reason=values["reason"])
        return None


class UnlosePage(UnwinPage):
    permission = "unlose"
    title_text = submit_text = gettext_lazy("Undo lost")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.unlose_opportunity(self.row, by=self.user, reason=values["reason"])
        return None


class TickPage(PostView):
    """Tick an item of the present stage's checklist."""

    kind_name = "opportunity"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        raise Http404

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.row: Opportunity = self.visible_or_404(self.kwargs["pk"])
        return super().post(request)

    def perform(self) -> str:
        criterion = Criterion.objects.filter(pk=self.kwargs["criterion"], stage=self.row.stage_id).first()
        if criterion is None:
            raise Refused(_("This item does not belong to the present stage."))
        actions.tick_criterion(self.row, criterion, bool(self.request.POST.get("done")), by=self.user)
        return self.kind.url(self.row)
