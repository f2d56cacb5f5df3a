"""Public forms and assignment rules as people meet them; their pages are their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.masterdata.models import Region
from zhike.org.models import User
from zhike.records import options
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, Section

from . import actions
from .models import ASKABLE, AssignRule, Lead, LeadForm


class Listed(Sequence[tuple[str, Any]]):
    """Choices that are read when a form or a page wants them."""

    def __init__(self, read: Callable[[], list[tuple[str, Any]]]) -> None:
        self.read = read

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.read())

    def __getitem__(self, at: Any) -> Any:
        return self.read()[at]

    def __len__(self) -> int:
        return len(self.read())

    def __bool__(self) -> bool:
        return True  # asked where a kind is declared: no table is read there


def _options(dictionary: str) -> Listed:
    return Listed(lambda: list(options.labels(dictionary, get_language() or "zh-hans", enabled_only=True).items()))


def _provinces() -> list[tuple[str, Any]]:
    return [(str(pk // 10_000), name) for pk, name in Region.objects.filter(level=1).order_by("pk").values_list("pk", "name")]


def _workers() -> list[tuple[str, Any]]:
    """Colleagues who work with leads."""
    able = Q(is_admin=True) | Q(roles__permissions__kind=Lead.KIND, roles__permissions__action="edit")
    return [(str(user.pk), user) for user in User.objects.filter(able, is_active=True).distinct().order_by("department__path", "pk")[:500]]


_asked = [(name, Lead._meta.get_field(name).verbose_name) for name in ASKABLE]

lead_form = Kind(
    name="lead_form", model=LeadForm, label=_("lead form"), plural=_("Lead forms"), slug="lead-forms", icon="qrcode",
    count_text=_("%(n)s forms"), owned=False, pages=False, words=False, actions=("view", "add", "edit"), order="-id",
    attrs=[
        Attr("title_zh"), Attr("source", dictionary="customer_source"),
        Attr("asked", type="multi", choices=_asked), Attr("must", type="multi", choices=_asked),
    ],
    create=["title_zh", "title_en", "campaign", "source", "asked", "must"],
    more=["receiver", "department", "greeting_zh", "greeting_en", "thanks_zh", "thanks_en", "privacy_zh", "privacy_en", "opens_at", "closes_at",
          "most", "again_days"],
    sections=[
        Section(_("Form"), ["title_zh", "title_en", "campaign", "source", "asked", "must"]),
        Section(_("Its leads"), ["receiver", "department", "again_days", "most"]),
        Section(_("When"), ["opens_at", "closes_at"]),
        Section(_("Texts"), ["greeting_zh", "greeting_en", "thanks_zh", "thanks_en", "privacy_zh", "privacy_en"]),
    ],
    related=("campaign", "receiver", "department"),
    created_by_action=actions.create_forms, changed_by_action=actions.change_form,
)

assign_rule = Kind(
    name="assign_rule", model=AssignRule, label=_("assignment rule"), plural=_("Assignment rules"), slug="assign-rules", icon="route",
    count_text=_("%(n)s rules"), owned=False, pages=False, words=False, actions=("view", "add", "edit"), order="order",
    attrs=[
        Attr("name", label=_("rule name")),
        Attr("sources", type="multi", choices=_options("customer_source")),
        Attr("industries", type="multi", choices=_options("industry")),
        Attr("provinces", type="multi", choices=Listed(_provinces)),
        Attr("user", when="way=user"), Attr("department", when="way=round queue"),
        Attr("people", type="multi", choices=Listed(_workers), when="way=round"),
        Attr("form", to="lead_form"), Attr("amount_from", unit=_("CNY")), Attr("amount_to", unit=_("CNY")),
    ],
    create=["name", "way", "user", "department", "people", "most_open"],
    more=["sources", "campaign", "form", "provinces", "industries", "words", "amount_from", "amount_to", "enabled"],
    sections=[
        Section(_("Rule"), ["name", "enabled"]),
        Section(_("For which leads"), ["sources", "campaign", "form", "provinces", "industries", "words", "amount_from", "amount_to"]),
        Section(_("Who gets them"), ["way", "user", "department", "people", "most_open"]),
    ],
    related=("campaign", "form", "user", "department"),
    created_by_action=actions.create_assign_rules, changed_by_action=actions.change_assign_rule,
)
