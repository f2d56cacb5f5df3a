"""What a lead became: who decided it, when, and what is needed to take it back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

CUSTOMER, CONTACT, OPPORTUNITY = "customer", "contact", "opportunity"


class LeadConversion(models.Model):
    """One conversion of a lead into a customer, a contact and an opportunity. Taken back, it stays as a memory."""

    lead = models.ForeignKey("leads.Lead", models.PROTECT, related_name="+", verbose_name=_("lead"))
    customer = models.ForeignKey("customers.Customer", models.PROTECT, null=True, related_name="+", verbose_name=_("customer"))
    contact = models.ForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+", verbose_name=_("contact"))
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", models.SET_NULL, null=True, related_name="+", verbose_name=_("opportunity")
    )
    made = models.JSONField(default=list)  # which of the three did not exist before
    at = models.DateTimeField(_("converted on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("converted by"))
    # What came along, as it was before, and the versions at which the three were left.
    journal = models.JSONField(default=dict)
    undone_at = models.DateTimeField(_("taken back on"), null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("lead conversion")
        verbose_name_plural = _("lead conversions")
        constraints = [models.UniqueConstraint(fields=["lead"], condition=Q(undone_at=None), name="marketing_conversion_once")]
        indexes = [models.Index(fields=["at", "id"], name="marketing_conversion_at_ix")]

    def __str__(self) -> str:
        return str(self.lead)
