"""Customer care that is due, on the workbench."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.org.access import access_of
from zhike.pages.parts import Button
from zhike.records import registry

from .models import CHANNELS, CareItem

SHOWN = 21  # one more than the workbench shows, so that it can say "20+"


def care(user: Any) -> list[tuple[str, Any, list[dict[str, Any]]]]:
    """My items whose day has come, each with its ways out; empty for those who have none."""
    from .views.items import SENDS, badge

    if not access_of(user).may("care_item", "edit"):
        return []
    rows = CareItem.objects.visible_to(user).filter(owner=user, status="planned", due_on__lte=clock.today())
    names, found = dict(CHANNELS), []
    for row in rows.select_related("customer").order_by("due_on", "pk")[:SHOWN]:
        due = badge(row)
        found.append({
            "id": f"g{row.pk}", "at": clock.start_of(row.due_on), "icon": "heart", "tone": due.tone, "title": row.title,
            "url": reverse("care_item-detail", args=[row.pk]), "sub": f"{row.customer} · {names.get(row.channel, row.channel)}",
            "sub_url": registry.kind("customer").url(row.customer_id), "due": due,
            # A text is sent, not just said to be done.
            "buttons": [Button(_("Send"), reverse("care_item-send", args=[row.pk]), style="t", dialog=True) if row.channel in SENDS
                        else Button(_("Done"), reverse("care_item-finish", args=[row.pk]), style="t", dialog=True),
                        Button(_("Skip"), reverse("care_item-skip", args=[row.pk]), style="g", dialog=True)],
        })
    return [("care", _("Care"), found)] if found else []
