"""The questions asked beside a customer's own fields."""

from django import forms
from django.utils.translation import gettext_lazy as _

LOST_CAUSES = [
    ("service", _("service")),
    ("product", _("product")),
    ("price", _("price")),
    ("competitor", _("competitor")),
    ("closed", _("closed down")),
    ("other", _("other")),
]


class LoseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Cause"), choices=LOST_CAUSES)
