"""What the message centre adds to the shell."""

from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.org.access import access_of
from zhike.pages import formats, menus
from zhike.pages.parts import Button, Notice
from zhike.records import registry

from . import actions
from .alerting import all_alerts
from .models import AlertHit

menus.unread.add("messages", actions.unread)
menus.place("settings", "alerts", _("Alert rules"), "alert_rule-list", order=400, kind="alert_rule",
            allowed=lambda user: access_of(user).may("alert_rule", "edit"))
menus.place("settings", "outbox", _("Outbox"), "outbox", order=410, allowed=lambda user: user.is_admin)


def open_alerts(page: Any) -> list[Notice]:
    """The person's own open alerts about the record of a page."""
    declared = {alert.code: alert for alert in all_alerts() if alert.kind == page.kind.name and not alert.page_tells}
    if not declared:
        return []
    now, lang = clock.now(), get_language() or "zh-hans"
    mine = AlertHit.objects.filter(receiver=page.user, rule__code__in=sorted(declared), row_id=page.row.pk, closed_at=None, handled_at=None)
    found = []
    for hit in mine.filter(Q(later=None) | Q(later__lte=now)).select_related("rule").order_by("-pk")[:5]:
        alert = declared[hit.rule.code]
        words = str(alert.label)
        if hit.since is not None and hit.since != clock.NEVER:
            words = gettext("%(what)s (since %(day)s)") % {"what": words, "day": formats.d(clock.local(hit.since).date(), lang)}
        found.append(Notice(words, alert.tone, "bell", Button(gettext("See"), reverse("message-alerts", args=[hit.rule_id]), style="t")))
    return found


for _kind in registry.kinds():
    if _kind.pages:
        _kind.attention.add("alerts", open_alerts, order=10)
