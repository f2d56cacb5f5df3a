"""Suspected duplicates to look through, and the house's rules about duplicates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django import forms as django_forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.refused import Conflict, Forbidden, Refused
from zhike.pages import formats, seen
from zhike.pages.actions import started
from zhike.pages.edits import EditParts
from zhike.pages.forms import both_versions, take_refusal
from zhike.pages.parts import Badge, Button, Link, Notice
from zhike.pages.views import PageView, PostView, go_to
from zhike.records import guard, jobs

from ..duplicates import pairs, policy
from ..duplicates.words import VERDICTS, reason_text
from ..models import Customer, SuspectedPair

PER_PAGE = 20
MOST = 1_000


@dataclass(slots=True)
class PairCard:
    """One pair: both customers in short, why they are suspected, and what one may do."""

    badge: Badge
    why: str
    sides: list[tuple[str, str, str]]  # name, address, line of facts
    merge: Button | None
    decide: Button


@dataclass(slots=True)
class PairsParts:
    title: Any
    count_text: Any
    cards: list[PairCard]
    tabs: list[Link]
    actions: list[Button] = field(default_factory=list)
    next_url: str = ""
    prev_url: str = ""
    empty: Any = ""


class PairsPage(PageView):
    """The pairs one may decide about, the surest first; under "Not the same" those that somebody told apart."""

    kind_name = "customer"
    menu, place = "customers", "duplicates"
    template = "customers/pairs.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        guard.require(self.user, self.kind, "merge")
        different = request.GET.get("show") == "different"
        page = request.GET.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() and len(page) <= 3 else 1
        start = max(number - 1, 0) * PER_PAGE
        rows = list(pairs.pairs_for(self.user, different=different)[start : min(start + PER_PAGE + 1, MOST)])
        total = pairs.pairs_for(self.user, different=different).order_by()[: MOST + 1].count()
        here = reverse("duplicates")
        link = f"{here}?show=different&page=" if different else f"{here}?page="
        parts = PairsParts(
            title=_("Suspected duplicates"), count_text=_("%(n)s pairs") % {"n": f"{total:,}" if total <= MOST else f"{MOST:,}+"},
            cards=[self.card(row) for row in rows[:PER_PAGE]],
            tabs=[Link(_("To look at"), here, active=not different), Link(_("Not the same"), f"{here}?show=different", active=different)],
            empty=_("Nobody has been told apart.") if different else _("No suspected pair. The master is searched every night."),
            next_url=f"{link}{number + 1}" if len(rows) > PER_PAGE else "", prev_url=f"{link}{number - 1}" if number > 1 else "",
        )
        if self.user.is_admin:
            parts.actions = [Button(_("Search now"), reverse("duplicates-search"), "user-search", post=True)]
        return self.answer(parts)

    def card(self, pair: SuspectedPair) -> PairCard:
        lang = get_language() or "zh-hans"
        label, tone = VERDICTS[pair.verdict]

        def side(row: Customer) -> tuple[str, str, str]:
            last = row.facts.last_contact_at
            facts = [row.code, str(row.region or ""), str(row.owner or row.pool or ""),
                     _("last contact %(when)s") % {"when": formats.near(last, lang)} if last > clock.NEVER else ""]
            return str(row), self.kind.url(row), " · ".join(part for part in facts if part)

        decide = Button(_("May be the same after all") if pair.different else _("Not the same"), reverse("duplicates-pair", args=[pair.pk]), post=True,
                        fields={"different": "0" if pair.different else "1"})
        merge = Button(_("Compare and merge"), f"{reverse('customer-merge')}?ids={pair.low_id},{pair.high_id}", "arrows-join", "p")
        return PairCard(Badge(label, tone), " · ".join(reason_text(code) for code in pair.reasons), [side(pair.low), side(pair.high)],
                        None if pair.different else merge, decide)

    def crumbs(self) -> list[Link]:
        return [Link(self.kind.plural, self.kind.list_url()), Link(_("Suspected duplicates"))]


class PairView(PostView):
    """Remember that two customers are not the same, or take that back."""

    kind_name = "customer"
    http_method_names = ["post", "options"]

    def perform(self) -> str:
        guard.require(self.user, self.kind, "merge")
        different = self.request.POST.get("different", "1") == "1"
        found = pairs.pairs_for(self.user, different=not different).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        pairs.tell_apart(found, different, by=self.user)
        return reverse("duplicates") + ("" if different else "?show=different")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Remembered"), "tone": "good"}


class SearchView(PostView):
    """Search the whole master now, in the background; administrators only."""

    kind_name = "customer"
    http_method_names = ["post", "options"]

    def perform(self) -> str:
        if not self.user.is_admin:
            raise Forbidden(_("Only an administrator starts this."))
        self.job = jobs.start(self.user, "customers.find_pairs", {}, title=_("Search for duplicates"), back=reverse("duplicates"))
        return reverse("duplicates")

    def done(self, url: str) -> HttpResponse:
        return go_to(self.request, url, toast=started(self.job))


class PolicyForm(django_forms.Form):
    """What happens on each kind of hit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for point, (label, _start) in policy.POINTS.items():
            self.fields[point] = django_forms.ChoiceField(label=label, choices=policy.LEVELS)


class PolicyPage(PostView):
    """Forbid, warn or only show: the rules of the house."""

    template = "pages/edit.html"
    fragment = "pages/form.html"
    menu, place = "settings", "duplicates"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not request.user.is_admin:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        self.form = PolicyForm(initial=policy.current())
        return self.answer(self.parts())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = PolicyForm(request.POST)
        if not self.form.is_valid():
            return self.answer(self.parts(), status=422)
        return super().post(request, *args, **kwargs)

    def opened_now(self) -> Any:
        return PolicyForm(initial=policy.current())

    def parts(self) -> EditParts:
        errors = [(self.form[name].id_for_label if name in self.form.fields else "", text) for name, texts in self.form.errors.items() for text in texts]
        return EditParts(
            title=_("Rules for duplicates"), form=self.form, sections=[("", list(policy.POINTS))], submit_label=_("Save"),
            cancel_url=reverse("duplicates"), post_url=self.request.path, errors=errors,
            seen=self.request.POST.get(seen.FIELD) or seen.digest(self.opened_now() if self.form.is_bound else self.form),
            warnings=[Notice(_("They hold for forms, imports and programs alike. “Warn” asks once more before a second record is made; an import names the row and, "
                    "as chosen there, leaves it out."))],
        )

    def crumbs(self) -> list[Link]:
        return [Link(_("Settings")), Link(_("Rules for duplicates"))]

    @transaction.atomic
    def perform(self) -> str:
        policy.change_policy(self.form.cleaned_data, by=self.user)
        return reverse("duplicate-policy")

    def refused(self, no: Refused) -> HttpResponse:
        status = take_refusal(self.form, no)
        parts, now = self.parts(), self.opened_now()
        if isinstance(no, Conflict):
            parts.conflict, parts.seen = both_versions(self.form, now), seen.digest(now)
        return self.answer(parts, status=status)

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Saved; it counts from the next record on"), "tone": "good"}
