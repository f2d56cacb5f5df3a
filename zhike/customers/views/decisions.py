"""What is done on the decision map: hanging people anew, and telling their part in buying."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.pages import forms
from zhike.pages.actions import ActionPage
from zhike.pages.forms import LookupField
from zhike.pages.views import go_to
from zhike.records import registry

from .. import actions
from ..models import Contact

FIELDS = ("decision_role", "attitude", "influence", "reports_to")


def _narrow(field: Any, row: Contact, chosen: Any) -> None:
    """Offer only people of the same customer who are still there."""
    field.queryset = field.queryset.filter(customer=row.customer_id).exclude(pk=row.pk)
    field.widget.attrs["data-search-url"] = f"{field.widget.attrs['data-search-url']}?customer={row.customer_id}"
    field.offer(chosen)


class PartPage(ActionPage):
    """Decision role, attitude, influence and superior of one person."""

    kind_name = "contact"
    menu = "customers"
    place = "contacts"
    title_text = gettext_lazy("Part in buying")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> Any:
        attrs = self.kind.writable(FIELDS, self.access)
        start = forms.initial(attrs, self.row)
        form = forms.KindForm(self.kind, attrs, self.user, data, initial=start, held=start)
        if "reports_to" in form.fields:
            _narrow(form.fields["reports_to"], self.row, form.data.get("reports_to") if form.is_bound else self.row.reports_to_id)
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.change_contact(self.row, self.form.values(), by=self.user, version=self.version())  # type: ignore[attr-defined]
        return None

    def back_url(self) -> str:
        """Back to the map it was opened from, of the customer or of an opportunity."""
        return map_url(self) or super().back_url()


def map_url(page: ActionPage) -> str:
    """The address of the map the person has before their eyes, else nothing."""
    from urllib.parse import urlsplit

    here = urlsplit(page.request.headers.get("HX-Current-URL", ""))
    return here.path if here.path.endswith("/map/") and here.netloc in ("", page.request.get_host()) else ""


class HangPage(PartPage):
    """Put a person under another one; what dragging on the map posts, and a dialog of its own."""

    title_text = gettext_lazy("Reports to")
    submit_text = gettext_lazy("Save")

    def make_form(self, data: Any = None) -> Any:
        form = django_forms.Form(data, initial={"to": self.row.reports_to_id})
        form.fields["to"] = LookupField(registry.kind("contact"), self.user, label=_("reports to"), required=False)
        _narrow(form.fields["to"], self.row, form.data.get("to") if form.is_bound else self.row.reports_to_id)
        return form

    def run(self, values: dict[str, Any]) -> str | None:
        actions.hang_contact(self.row, to=values["to"], by=self.user, version=self.version())
        return None

    def done(self, url: str) -> Any:
        boss = self.form.cleaned_data["to"]
        text = _("%(name)s reports to %(boss)s now") % {"name": self.row, "boss": boss} if boss else _("%(name)s stands at the top now") % {"name": self.row}
        return go_to(self.request, url, toast={"text": text, "tone": "good"})
