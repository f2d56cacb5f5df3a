"""The yardstick: the same pages as somebody would write them by hand in Django.

Same middleware, same shell, same visibility in SQL, the same columns; no declarations, no chips, no
peek, no once-token. What Zhike's pages cost more than these is the price of the kit.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, F, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from zhike.base import clock
from zhike.customers.models import Customer
from zhike.masterdata.models import DictionaryOption
from zhike.opportunities.models import Criterion, Opportunity, Process, Stage, StageChange
from zhike.org.access import access_of
from zhike.pages import shell
from zhike.records import history, search, visibility

PAGE = 50
SORTS = {"-created_at", "sort_name"}


def _answer(request: HttpRequest, template: str, **page: Any) -> HttpResponse:
    frame = shell.build(request, menu="customers", place="customers")
    return render(request, template, {"page": page, "shell": frame})


def _options(*lists: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {name: {} for name in lists}
    for option in DictionaryOption.objects.filter(dictionary__in=lists):
        found[option.dictionary][option.code] = option.name_zh
    return found


@login_required
def customers(request: HttpRequest) -> HttpResponse:
    few = visibility.sees_few(Customer, request.user)
    mode = "few" if few else "plain"

    def narrowed(mode: str) -> Any:
        rows = Customer.objects.visible_to(request.user, mode)
        for name in ("level", "industry"):
            if request.GET.get(name):
                rows = rows.filter(**{name: request.GET[name]})
        if request.GET.get("q"):
            rows = rows.filter(pk__in=search.matching("customer", request.GET["q"]))
        return rows

    count = narrowed(mode).values("pk")[:10_001].count()
    order = request.GET.get("order", "-created_at")
    order = order if order in SORTS else "-created_at"
    if count > 10_000 and not request.GET.get("q"):
        rows = narrowed("walk").order_by(order, "-pk" if order.startswith("-") else "pk")
    else:
        column = visibility.Loose(F(order.lstrip("-")))
        rows = narrowed(mode).order_by(column.desc() if order.startswith("-") else column.asc())
    rows = rows.select_related("owner", "region", "facts")[:PAGE]
    return _answer(request, "bench/customers.html", title="Customers", rows=rows, count=count, never=clock.NEVER,
                   options=_options("customer_level", "industry"))


class OpportunityForm(forms.ModelForm):
    class Meta:
        model = Opportunity
        fields = ["name", "customer", "type", "amount", "expected_sign_date"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = Customer.objects.visible_to(user)  # type: ignore[attr-defined]


@login_required
def new_opportunity(request: HttpRequest) -> HttpResponse:
    form = OpportunityForm(request.POST, user=request.user)
    if not form.is_valid():
        return HttpResponse(form.errors.as_json(), status=422)
    with transaction.atomic():
        row = form.save(commit=False)
        row.stage = Stage.objects.select_related("process").filter(process__enabled=True).order_by("process__code", "order")[0]
        row.process, row.win_rate = row.stage.process, row.stage.win_rate
        row.owner, row.owner_dept, row.created_by, row.updated_by = request.user, request.user.department, request.user, request.user
        row.code = f"B{clock.now().timestamp():.6f}"
        row.derive()
        row.save()
        history.log(row, "create", by=request.user)
        StageChange.objects.create(opportunity=row, target=row.stage, at=clock.now(), by=request.user, amount=row.amount)
    return HttpResponseRedirect("/opportunities/")


@login_required
def move(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        row = get_object_or_404(Opportunity.objects.editable_by(request.user).select_for_update(of=("self",)), pk=pk)
        target = get_object_or_404(Stage, pk=request.POST["to"], process=row.process_id)
        ticked = set(row.ticks.values_list("criterion_id", flat=True))
        criteria = [(c.name_zh, c.pk in ticked or bool(c.field and getattr(row, c.field))) for c in Criterion.objects.filter(stage=row.stage_id)]
        if target.order > row.stage.order and not all(done for _name, done in criteria):
            return HttpResponse("", status=422)
        history.log(row, "stage", by=request.user, diff={"stage": (row.stage, target)})
        StageChange.objects.create(opportunity=row, source_id=row.stage_id, target=target, at=clock.now(), by=request.user,
                                   amount=row.amount, criteria=criteria)
        row.stage, row.win_rate, row.version = target, target.win_rate, row.version + 1
        row.derive()
        row.save()
    return HttpResponse("")


@login_required
def board(request: HttpRequest) -> HttpResponse:
    processes = list(Process.objects.filter(enabled=True).order_by("code", "-version"))
    process = next((p for p in processes if str(p.pk) == request.GET.get("process")), processes[0])
    rows = Opportunity.objects.visible_to(request.user).filter(process=process, status="open")
    sums = {s["stage_id"]: s for s in rows.values("stage_id").annotate(n=Count("pk"), total=Sum("amount"))}
    lanes = [
        (stage, sums.get(stage.pk), list(rows.filter(stage=stage).select_related("customer", "owner").order_by("sign_key", "pk")[:20]))
        for stage in Stage.objects.filter(process=process).order_by("order")
    ]
    return _answer(request, "bench/board.html", title="Board", lanes=lanes)


@login_required
def funnel(request: HttpRequest) -> HttpResponse:
    processes = list(Process.objects.filter(enabled=True).order_by("code", "-version"))
    process = next((p for p in processes if str(p.pk) == request.GET.get("process")), processes[0])
    rows = Opportunity.objects.visible_to(request.user).filter(process=process, status="open")
    sums = {s["stage_id"]: s for s in rows.values("stage_id").annotate(n=Count("pk"), total=Sum("amount"), weighted=Sum("weighted_amount"))}
    stages = list(Stage.objects.filter(process=process).order_by("order"))
    moves = StageChange.objects.filter(source__in=stages)
    if not access_of(request.user).reach("opportunity").everything:
        moves = moves.filter(opportunity__in=Opportunity.objects.visible_to(request.user).filter(process=process).values("pk"))
    rates = list(moves.order_by().values("source_id", "target_id", "status").annotate(n=Count("pk"), days=Sum("days")))
    largest = rows.select_related("customer", "owner").order_by("-amount", "-pk")[:20]
    return _answer(request, "bench/funnel.html", title="Funnel", stages=[(stage, sums.get(stage.pk)) for stage in stages], rates=rates,
                   rows=largest, count=rows.values("pk")[:10_001].count())
