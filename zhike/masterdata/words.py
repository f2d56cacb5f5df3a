"""What the option lists of the program are called."""

from django.utils.translation import gettext_lazy as _

LISTS = {
    "customer_level": _("Customer levels"),
    "customer_category": _("Customer categories"),
    "customer_source": _("Sources"),
    "industry": _("Industries"),
    "scale": _("Company sizes"),
    "nature": _("Forms of ownership"),
    "payment_term": _("Payment terms"),
    "currency": _("Currencies"),
    "territory": _("Sales territories"),
    "decision_role": _("Roles in the decision"),
    "activity_type": _("Activity types"),
    "activity_result": _("Activity results"),
    "campaign_type": _("Campaign types"),
    "lead_invalid": _("Reasons why leads are invalid"),
    "opportunity_type": _("Opportunity types"),
    "lost_cause": _("Causes of losing a customer"),
    "pool_reason": _("Reasons for giving a customer back"),
    "lose_reason": _("Reasons for losing"),
}
