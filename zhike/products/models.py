"""What the company makes and sells."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import pinyin
from zhike.base.fields import CleanCharField, CleanTextField, CodeField, Money, Percent, Price
from zhike.org.access import access_of
from zhike.records.models import VersionedModel


class CatalogueQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> CatalogueQuerySet:
        """The catalogue and what orders it are open to everybody whose roles show products."""
        if user.is_authenticated and user.is_active and access_of(user).may("product", "view"):
            return self
        return self.none()


class ProductLine(models.Model):
    """A family of products; protection, evaluation and the funnel are cut by it."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    order = models.IntegerField(default=0)
    enabled = models.BooleanField(_("enabled"), default=True)

    KIND = "product_line"
    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("product line")
        verbose_name_plural = _("product lines")

    def __str__(self) -> str:
        return self.name


class PriceList(VersionedModel):
    """The head of a price list, which customers are put on; prices of its own follow with quotes."""

    code = CodeField(_("price list code"), max_length=40, unique=True)
    name = CleanCharField(_("price list name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=20, blank=True, default="")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    remark = CleanTextField(_("remark"), blank=True, default="")

    KIND = "price_list"
    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("price list")
        verbose_name_plural = _("price lists")

    def __str__(self) -> str:
        return self.name

    @property
    def hint(self) -> str:
        return self.code

    def clean(self) -> None:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("The end lies before the start.")})


class Product(VersionedModel):
    """One article of the catalogue with its list price; `standard_cost` is kept by finance."""

    code = CodeField(_("product code"), max_length=40, unique=True)
    name = CleanCharField(_("product name"), max_length=200)
    model = CleanCharField(_("model"), max_length=100, blank=True, default="")
    line = models.ForeignKey(
        ProductLine, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("product line")
    )
    unit = CleanCharField(_("unit"), max_length=20, default="台")
    list_price = Price(_("list price"), null=True, blank=True)
    tax_rate = Percent(_("tax rate"), null=True, blank=True)
    standard_cost = Money(_("standard cost"), null=True, blank=True)
    description = CleanTextField(_("description"), blank=True, default="")
    enabled = models.BooleanField(_("enabled"), default=True)
    sort_name = models.CharField(max_length=300, default="", editable=False)

    KIND = "product"
    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            models.Index(fields=["sort_name", "id"], name="products_sort_name_ix"),
            models.Index(fields=["created_at", "id"], name="products_created_ix"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.model}".strip()

    @property
    def hint(self) -> str:
        return self.code

    def derive(self) -> None:
        self.sort_name = pinyin.sort_key(self.name)[:300]
