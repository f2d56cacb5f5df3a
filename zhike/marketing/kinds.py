"""Customer care as people meet it."""

from django.utils.translation import gettext_lazy as _

from zhike.records.attrs import Attr
from zhike.records.kinds import Kind, Section

from . import actions
from .models import CareItem, CareRule
from .status import CARE

# Their pages are their own: a daily list that is worked through, and a short list of rules.
care_item = Kind(
    name="care_item", model=CareItem, label=_("care item"), plural=_("Customer care"), slug="care", icon="heart",
    count_text=_("%(n)s items"), pages=False, words=False, actions=("view", "edit"), flow=CARE, order="due_on",
    attrs=[Attr("title"), Attr("due_on", sort=True), Attr("status", tones={code: state.tone for code, state in CARE.states.items()}, readonly=True),
           Attr("channel"), Attr("cost", unit=_("CNY")), Attr("owner", readonly=True)],
    filters=["status", "channel", "owner", "owner_dept", "customer", "rule", "due_on"],
    related=("owner", "owner_dept", "customer", "contact", "rule"),
)
care_rule = Kind(
    name="care_rule", model=CareRule, label=_("care rule"), plural=_("Care rules"), slug="care-rules", icon="heart",
    count_text=_("%(n)s rules"), pages=False, words=False, owned=False, actions=("view", "add", "edit"), order="id",
    create=["name", "occasion", "festival", "days", "channel", "text_zh"], more=["levels", "gap_days", "text_en"],
    sections=[Section(_("Rule"), ["name", "occasion", "festival", "days", "levels", "channel", "gap_days", "enabled"]),
              Section(_("Texts"), ["text_zh", "text_en"])],
    created_by_action=actions.create_rules, changed_by_action=actions.change_rule,
)
