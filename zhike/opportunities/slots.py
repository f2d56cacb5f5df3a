"""What opportunities add to the menu, to the customer's page and to the customer list."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.customers.slots import group_figures
from zhike.org.access import access_of
from zhike.pages import cells, changes, finding, formats, menus, timeline
from zhike.pages.details import DetailParts, TabSpec
from zhike.pages.parts import Badge, Button, Card, Cell, Column, Event, Fact, Link, Mini, Notice, Row, Table
from zhike.records import registry
from zhike.records.kinds import ExtraFilter, Kind

from . import contact_roles, contact_views, trend
from .models import Opportunity, StageChange

menus.place("opportunities", "opportunities", gettext_lazy("Opportunity list"), "opportunity-list", order=100, kind="opportunity")
menus.place("opportunities", "board", gettext_lazy("Opportunity board"), "opportunity-board", order=200, kind="opportunity")
menus.new_items.add(
    "opportunity",
    menus.Place("opportunity", gettext_lazy("New opportunity"), "opportunity-new", kind="opportunity", action="add"),
    order=30,
)
for _verb, _text, _icon, _tone in (
    ("stage", gettext_lazy("Stage changed"), "arrow-right", "info"), ("win", gettext_lazy("Won"), "trophy", "good"),
    ("lose", gettext_lazy("Lost"), "thumb-down", "bad"), ("unwin", gettext_lazy("Win taken back"), "arrow-back-up", "wait"),
    ("unlose", gettext_lazy("Loss taken back"), "arrow-back-up", "wait"),
    ("lines", gettext_lazy("Product needs changed"), "list-details", "info"),
    ("suspend", gettext_lazy("Suspended"), "player-pause", "wait"), ("resume", gettext_lazy("Resumed"), "player-play", "info"),
):
    changes.verbs.add(_verb, (_text, _icon, _tone))

customer = registry.kind("customer")
SHOWN, OFFERED = 5, 50  # in the card; to choose from in the box for follow-ups


def _open(page: Any) -> Any:
    customer_id = page.row.pk if page.kind.name == "customer" else page.row.customer_id
    return Opportunity.objects.visible_to(page.user).filter(customer=customer_id, status__in=("open", "suspended"))


def _mine(page: Any) -> Any:
    return Opportunity.objects.visible_to(page.user).filter(customer=page.row)


def _counted(page: Any) -> dict[str, Any]:
    """All and open opportunities of the page's customer, counted once for the figure and the tab."""
    if not hasattr(page, "_opportunities_counted"):
        still = Q(status__in=("open", "suspended"))
        page._opportunities_counted = _mine(page).aggregate(
            all=Count("pk"), n=Count("pk", filter=still), total=Sum("amount", filter=still)
        )
    return page._opportunities_counted


def _facts(page: Any) -> list[Fact]:
    if not page.access.may("opportunity", "view"):
        return []
    found, amounts = _counted(page), page.access.field_mode("opportunity", "amount") in ("", "read")
    url = f"{registry.kind('opportunity').list_url()}?customer={page.row.pk}&status=open&status=suspended"
    return [Fact(_("open opportunities"), _("%(n)s · %(amount)s") % {"n": found["n"], "amount": formats.wan(found["total"] or 0)} if found["n"] and amounts
                 else str(found["n"]), url=url)]


def open_rows(page: Any) -> list[Opportunity]:
    """The open opportunities of the page's customer (or of the customer of its contact) that the person sees, the next to be signed first; asked for once a page."""
    if not hasattr(page, "_open_opportunities"):
        page._open_opportunities = list(_open(page).select_related("stage").order_by("sign_key", "pk")[:OFFERED])
    found: list[Opportunity] = page._open_opportunities
    return found


def _late(page: Any) -> list[Notice]:
    if not page.access.may("opportunity", "view") or page.access.field_mode("opportunity", "expected_sign_date") not in ("", "read"):
        return []
    kind, today = registry.kind("opportunity"), clock.today()
    late = [row for row in open_rows(page)[:SHOWN] if row.status == "open" and row.expected_sign_date and row.expected_sign_date < today]
    return [Notice(_("“%(row)s” should have been signed on %(day)s.") % {"row": row, "day": formats.d(row.expected_sign_date)},
                   "wait", "target-arrow", Button(_("Open"), kind.url(row), style="t")) for row in late[:3]]


def _card(page: Any, parts: DetailParts) -> None:
    if not page.access.may("opportunity", "view"):
        return
    kind = registry.kind("opportunity")
    rows, n = open_rows(page), _counted(page)["n"]
    amounts = page.access.field_mode("opportunity", "amount") in ("", "read")
    buttons = []
    if page.access.may("opportunity", "add"):
        buttons = [Button(_("New opportunity"), f"{kind.action_url('new')}?customer={page.row.pk}", "plus", "g")]
    parts.rail.append(Card(
        _("Open opportunities"), key="opportunities", count=str(n) if n else "",
        minis=[Mini(row.name, kind.url(row), Badge(row.stage, "wait" if row.status == "suspended" else "info"),
                    formats.wan(row.amount) if amounts else "") for row in rows[:SHOWN]],
        buttons=buttons, empty=_("No open opportunity."),
        more=Link(_("All"), page.tab_url("opportunities")) if n > SHOWN else None,
    ))
    deals = trend.card(page)
    if deals:
        parts.rail.append(deals)


def _creates(page: Any) -> list[Button]:
    if not page.access.may("opportunity", "add"):
        return []
    return [Button(_("Opportunity"), f"{registry.kind('opportunity').action_url('new')}?customer={page.row.pk}", "target-arrow")]


def _next_steps(kind: Kind, row: Any, access: Any) -> list[Link]:
    """What the palette offers with its best hit."""
    if kind.name != "customer" or not access.may("opportunity", "add"):
        return []
    return [Link(_("New opportunity: %(name)s") % {"name": row}, f"{registry.kind('opportunity').action_url('new')}?customer={row.pk}", icon="target-arrow")]


def _fill(page: Any, parts: DetailParts) -> None:
    kind = registry.kind("opportunity")
    attrs = kind.shown(["name", "stage", "status", "amount", "expected_sign_date", "owner"], page.access)
    rows = list(_mine(page).select_related("stage", "owner").order_by("-pk")[:200])
    show = cells.renderers(kind, attrs, rows, page.access)
    parts.layout = "c1"
    buttons = [Button(_("New opportunity"), f"{kind.action_url('new')}?customer={page.row.pk}", "plus", "d")] if page.access.may("opportunity", "add") else []
    parts.main.append(Card(_("Opportunities"), buttons=buttons, empty=_("No opportunity yet."), table=Table(
        [Column(attr.name, attr.label, num=attr.type == "money", primary=i == 0) for i, attr in enumerate(attrs)],
        [Row(row.pk, kind.url(row), [
            Cell(Markup('<a class="lk" href="{}">{}</a>').format(kind.url(row), render(row)) if attr.name == "name" else render(row),
                 num=attr.type == "money") for attr, render in zip(attrs, show, strict=True)]) for row in rows],
        label=_("Opportunities"))))


STEPS = {"won": (gettext_lazy("Opportunity won"), "trophy", "good"), "lost": (gettext_lazy("Opportunity lost"), "thumb-down", "bad"),
         "suspended": (gettext_lazy("Opportunity suspended"), "player-pause", "wait")}


def _steps(page: Any, how: timeline.Reading) -> list[timeline.Found]:
    """Moves of the customer's opportunities, or of this one, each leading to its opportunity."""
    if not page.access.may("opportunity", "view"):
        return []
    lang, kind = get_language() or "zh-hans", registry.kind("opportunity")
    which = [page.row] if page.kind.name == "opportunity" else _mine(page).order_by().values("pk")
    found = []
    for step in how.rows(StageChange.objects.filter(opportunity__in=which).select_related("opportunity", "target", "by").only(
            "at", "status", "reason", "opportunity__name", "target__name_zh", "target__name_en", "by__name", "by__username"), "at"):
        title, icon, tone = STEPS.get(step.status, (_("Opportunity at %(stage)s") % {"stage": step.target or ""}, "target-arrow", "violet"))
        found.append((step.at, step.pk, Event(icon, title, formats.hm(step.at), formats.full(step.at, lang), str(step.by or _("system")),
                                              step.reason, tone=tone, link=Link(step.opportunity.name, kind.url(step.opportunity_id)))))
    return found


def _has_open(queryset: Any, values: Any, user: Any) -> Any:
    found = Exists(Opportunity.objects.visible_to(user).filter(customer=OuterRef("pk"), status="open"))
    if set(values) == {"yes", "no"}:
        return queryset
    return queryset.filter(found) if "yes" in values else queryset.filter(~found)


def _group(page: Any, ids: list[int]) -> list[Fact]:
    """What the companies of a group have open and have bought, as far as the person sees it."""
    if not page.access.may("opportunity", "view") or not ids:
        return []
    still, won = Q(status__in=("open", "suspended")), Q(status="won")
    found = Opportunity.objects.visible_to(page.user).filter(customer__in=ids).aggregate(
        n=Count("pk", filter=still), total=Sum("amount", filter=still), won=Count("pk", filter=won), gained=Sum("won_amount", filter=won))
    of_group = "&".join(f"customer={pk}" for pk in ids)
    url = f"{registry.kind('opportunity').list_url()}?{of_group}"
    open_amounts = page.access.field_mode("opportunity", "amount") in ("", "read")

    won_amounts = page.access.field_mode("opportunity", "won_amount") in ("", "read")

    def figure(n: int, amount: Any, shown: bool) -> Any:
        return _("%(n)s · %(amount)s") % {"n": n, "amount": formats.wan(amount or 0)} if n and shown else str(n)

    return [Fact(_("open opportunities"), figure(found["n"], found["total"], open_amounts), url=f"{url}&status=open&status=suspended"),
            Fact(_("won opportunities"), figure(found["won"], found["gained"], won_amounts), url=f"{url}&status=won")]


def _decider(queryset: Any, values: Any, user: Any) -> Any:
    if not access_of(user).may("contact", "view"):
        return queryset.none()
    if set(values) == {"yes", "no"}:
        return queryset
    known = contact_roles.decider_known()
    return queryset.filter(known) if "yes" in values else queryset.filter(~known)


def _talks(queryset: Any, values: Any, user: Any) -> Any:
    if set(values) == {"yes", "no"}:
        return queryset
    return queryset.filter(contact_roles.has_contact()) if "yes" in values else queryset.exclude(contact_roles.has_contact())


opportunity = registry.kind("opportunity")
opportunity.tabs.add("map", TabSpec("map", gettext_lazy("Decision map"), contact_views.fill_map, kind="contact"), order=40)
opportunity.facts.add("decider", contact_views.fact, order=5)
opportunity.cards.add("people", contact_views.card, order=5)
registry.kind("contact").cards.add("opportunities", contact_views.of_contact, order=20)
for _name, _label, _apply in (("decider", gettext_lazy("Decider known"), _decider), ("people", gettext_lazy("With a contact"), _talks)):
    opportunity.extra_filters.add(_name, ExtraFilter(_name, _label, [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))], _apply))
changes.verbs.add("contact", (gettext_lazy("Part of a contact changed"), "user-check", "info"))
changes.PART_NAMES["people"] = gettext_lazy("contacts of this opportunity")
group_figures.add("opportunities", _group, order=10)
customer.facts.add("opportunities", _facts, order=10)
for _name in ("customer", "opportunity"):
    registry.kind(_name).timeline.add("stages", timeline.Stream("deal", _steps), order=40)
customer.facts.add("won", trend.figure, order=20)
customer.attention.add("opportunities", _late, order=30)
customer.creates.add("opportunity", _creates, order=20)
finding.next_steps.add("opportunity", _next_steps, order=20)
customer.cards.add("opportunities", _card, order=20)
customer.tabs.add("opportunities", TabSpec("opportunities", gettext_lazy("Opportunities"), _fill,
                                           count=lambda page: _counted(page)["all"], kind="opportunity"), order=30)
customer.extra_filters.add("has_open", ExtraFilter(
    "has_open", gettext_lazy("Open opportunity"), [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))], _has_open))
