"""Opportunities as people meet them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, SearchKeys, Section, View

from . import actions
from .models import Opportunity, Process, Stage
from .status import STATUS

process = Kind(name="process", model=Process, label=_("sales process"), plural=_("Sales processes"),
               slug="processes", owned=False, pages=False, actions=("view",))
stage = Kind(name="stage", model=Stage, label=_("sales stage"), plural=_("Sales stages"), slug="stages",
             owned=False, pages=False, actions=("view",))

opportunity = Kind(
    name="opportunity",
    model=Opportunity,
    label=_("opportunity"),
    plural=_("Opportunities"),
    slug="opportunities",
    icon="target-arrow",
    count_text=_("%(n)s opportunities"),
    attrs=[
        Attr("name", label=_("opportunity name")),
        Attr("code", type="code", readonly=True, priority=3),
        Attr("created_at", label=_("created"), sort=True),
        Attr("amount", sort=True, unit=_("CNY")),
        Attr("weighted_amount", unit=_("CNY"), readonly=True, priority=2),
        Attr("type", dictionary="opportunity_type"),
        Attr("source", dictionary="customer_source"),
        Attr("lose_reason", dictionary="lose_reason", readonly=True),
        Attr("status", tones={code: state.tone for code, state in STATUS.states.items()}, readonly=True),
        Attr("stage", type="ref", to="stage", readonly=True),
        Attr("process", type="ref", to="process", readonly=True),
        Attr("sign_key", label=_("expected sign date"), sort=True, never=clock.NEVER.date(),
             edits="expected_sign_date"),
        Attr("win_rate", readonly=True, priority=2),
        Attr("owner", readonly=True),
        Attr("owner_dept", label=_("department"), readonly=True, priority=3),
        Attr("won_amount", unit=_("CNY"), readonly=True),
        Attr("won_at", readonly=True),
        Attr("lost_at", readonly=True),
    ],
    columns=["name", "customer", "stage", "status", "amount", "win_rate", "sign_key", "owner", "code"],
    filters=["stage", "status", "process", "owner", "owner_dept", "customer", "type", "product_line", "amount", "sign_key",
             "expected_sign_date", "won_at", "lost_at", "created_at", "lose_reason"],
    order="-created_at",
    views=[
        View("mine", _("Mine"), "owner=me&status=open"),
        View("department", _("My department"), "owner_dept=mine&status=open"),
        View("quarter", _("To sign this quarter"), "status=open&expected_sign_date__within=quarter"),
        View("won", _("Won"), "status=won"),
        View("all", _("All"), ""),
    ],
    search=SearchKeys(names=("name",), codes=("code",)),
    create=["name", "customer", "type", "amount", "expected_sign_date", "contact"],
    more=["product_line", "final_user", "source", "demand", "budget", "remark"],
    required=["customer", "type", "amount"],
    sections=[
        Section(_("Opportunity"), ["name", "customer", "contact", "final_user", "type", "product_line", "source", "amount",
                                   "expected_sign_date", "budget"]),
        Section(_("Demand"), ["demand", "remark"]),
        Section(_("Result"), ["won_at", "won_amount", "win_reason", "lost_at", "lose_reason", "lost_to", "lose_remark"]),
    ],
    api=["code", "name", "customer", "contact", "final_user", "type", "product_line", "process", "stage", "status", "win_rate", "amount",
         "weighted_amount", "expected_sign_date", "source", "demand", "owner", "owner_dept", "won_at", "won_amount",
         "lost_at", "lost_amount", "lose_reason", "lost_to", "stage_started_at", "created_at", "restated"],
    import_keys=["code"],
    number_field="code",
    number_prefix="SJ",
    flow=STATUS,
    related=("owner", "owner_dept", "customer", "stage", "process", "contact"),
    created_by_action=actions.create_opportunities,
    changed_by_action=actions.change_opportunity,
    changed_together=actions.change_opportunities,
)
for name in ("win_reason", "lost_to", "lose_remark"):
    opportunity.attr(name).readonly = True
