"""Pages of the house's own fields."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.pages.details import DetailPage
from zhike.pages.parts import Button, Notice

from .. import searching


class CustomFieldPage(DetailPage):
    kind_name = "custom_field"
    menu = "settings"
    place = "custom-fields"

    def subtitle(self) -> Any:
        on = dict(self.kind.attr("on").choices).get(self.row.on, self.row.on)
        return f"{on} · {self.row.get_type_display()} · {self.row.name}"

    def notices(self) -> list[Notice]:
        job = searching.under_way(self.row)
        if job is None:
            return []
        text = _("The search by this field is being brought up to date: %(done)s of %(total)s records.")
        return [Notice(text % {"done": f"{job.done:,}", "total": f"{job.total:,}"}, "info", "clock",
                       Button(_("Progress"), reverse("job", args=[job.pk])))]
