"""Who looks after a product line, or a plant, of a large customer beside its owner."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.fields import CleanCharField
from zhike.records.models import OwnedModel

from .addresses import Address
from .customers import Customer


class LineOwner(OwnedModel):
    """The colleague who is accountable for one product line at a customer, for one of its plants, or for both together.

    They read and change the customer and its contacts and make its opportunities of their line; what
    others have offered in other lines stays out of their sight.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="line_owners", verbose_name=_("customer"))
    line = models.ForeignKey(
        "products.ProductLine", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product line")
    )
    address = models.ForeignKey(
        Address, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("plant"),
        db_index=False,  # asked only when an address of one customer is taken off
    )
    remark = CleanCharField(_("remark"), max_length=200, blank=True, default="")
    # Line and plant in one word: a unique rule over two empty columns would hold on neither database.
    scope_key = models.CharField(max_length=50, default="", editable=False)

    KIND = "line_owner"
    PARENTS = ("customer",)
    TEAM_REACH = {"customer": "read"}

    class Meta:
        verbose_name = _("owner of a product line")
        verbose_name_plural = _("owners of product lines")
        constraints = [
            models.UniqueConstraint(fields=["customer", "scope_key"], name="customers_line_owner_once",
                                    violation_error_message=_("This line has an owner at this customer already. Change that one, or hand it over.")),
        ]

    def __str__(self) -> str:
        return " · ".join(str(part) for part in (self.line, self.plant) if part)

    @property
    def plant(self) -> str:
        """The plant in one line, without who takes parcels there."""
        return f"{self.address.region or ''}{self.address.text}" if self.address else ""

    @property
    def hint(self) -> str:
        return str(self.customer)

    def derive(self) -> None:
        self.scope_key = "".join(f"{sign}{pk}" for sign, pk in (("l", self.line_id), ("a", self.address_id)) if pk)

    def clean(self) -> None:
        if not self.line_id and not self.address_id:
            raise ValidationError({"line": _("Choose a product line, a plant, or both.")})
        if self.address_id and self.address and self.address.customer_id != self.customer_id:
            raise ValidationError({"address": _("This address belongs to another customer.")})
