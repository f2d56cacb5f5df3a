"""Further addresses of a customer."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import phones
from zhike.base.fields import CleanCharField, CodeField, PhoneField
from zhike.records.models import VersionedModel

from .customers import ON_EARTH, Customer


class Address(VersionedModel):
    """A further address of a customer: where it is registered, takes goods, mail or machines."""

    KINDS = [
        ("registered", _("registered")),
        ("delivery", _("delivery")),
        ("invoice", _("mail for invoices")),
        ("installation", _("installation")),
    ]
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses", verbose_name=_("customer"))
    kind = models.CharField(_("kind of address"), max_length=12, choices=KINDS, default="delivery")
    region = models.ForeignKey(
        "masterdata.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    text = CleanCharField(_("address"), max_length=300)
    postcode = CodeField(_("postcode"), max_length=20, blank=True, default="")
    person = CleanCharField(_("recipient"), max_length=50, blank=True, default="")
    phone = PhoneField(_("phone"), max_length=40, blank=True, default="")

    lat = models.IntegerField(_("latitude"), null=True, blank=True, editable=False)
    lng = models.IntegerField(_("longitude"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [models.CheckConstraint(name="customers_address_on_earth", condition=ON_EARTH)]

    def __str__(self) -> str:
        parts = [self.get_kind_display(), f"{self.region or ''}{self.text}", self.postcode, self.person, self.phone]
        return " · ".join(str(part) for part in parts if part)

    @property
    def position(self) -> tuple[int, int] | None:
        """Latitude and longitude, where both are known."""
        return (self.lat, self.lng) if self.lat is not None and self.lng is not None else None

    def clean(self) -> None:
        problem = phones.problem(self.phone) if self.phone else None
        if problem:
            raise ValidationError({"phone": problem})
