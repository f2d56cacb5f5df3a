"""A step of the life cycle by hand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages.actions import ActionPage

from .. import actions
from ..forms import StageForm
from ..lifecycle import BY_HAND, LIFECYCLE, open_by_hand


class StagePage(ActionPage):
    kind_name, menu, place = "customer", "customers", "customers"
    title_text = gettext_lazy("Change the stage")
    submit_text = gettext_lazy("Change the stage")
    form_class = StageForm

    def make_form(self, data: Any = None) -> Any:
        steps = [name for name in open_by_hand(self.row.lifecycle) if self.access.may("customer", BY_HAND[name])]
        form = StageForm(data)
        form.fields["move"].choices = [  # type: ignore[attr-defined]
            (name, f"{LIFECYCLE.label(self.row.lifecycle)} → {LIFECYCLE.label(LIFECYCLE.moves[name].target)}") for name in steps
        ]
        return form

    def text(self) -> Any:
        if self.form.fields["move"].choices:  # type: ignore[attr-defined]
            return ""
        return _("From here a document takes the customer on; there is no step by hand that your roles allow.")

    def run(self, values: dict[str, Any]) -> str | None:
        actions.set_stage(self.row, move=values["move"], reason=values["reason"], by=self.user)
        return None
