"""Pages of the house's own fields."""

from __future__ import annotations

from typing import Any

from zhike.pages.details import DetailPage


class CustomFieldPage(DetailPage):
    kind_name = "custom_field"
    menu = "settings"
    place = "custom-fields"

    def subtitle(self) -> Any:
        on = dict(self.kind.attr("on").choices).get(self.row.on, self.row.on)
        return f"{on} · {self.row.get_type_display()} · {self.row.name}"
