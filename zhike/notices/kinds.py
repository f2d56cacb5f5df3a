"""Alert rules as administrators meet them."""

from django.utils.translation import gettext_lazy as _

from zhike.records.attrs import Attr
from zhike.records.kinds import Kind

from . import rules
from .models import AlertRule

# Its pages are its own: which alerts there are is the program's, only their rules are kept.
alert_rule = Kind(
    name="alert_rule", model=AlertRule, label=_("alert rule"), plural=_("Alert rules"), slug="alerts", icon="bell",
    count_text=_("%(n)s rules"), owned=False, pages=False, words=False, actions=("view", "edit"), order="id",
    attrs=[Attr("enabled", readonly=True), Attr("digest"), Attr("working"), Attr("conditions"), Attr("escalate_days"), Attr("repeat_days"),
           Attr("quiet_from"), Attr("quiet_to")],
    changed_by_action=rules.change_rule,
)
