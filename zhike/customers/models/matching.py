"""What customers are found again by, and pairs that may be one firm. Kept by the system, made anew at any time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .customers import Customer


class NameKey(models.Model):
    """One name of a customer (its own, short, English or a former one) as it is compared."""

    NAME, SHORT, ENGLISH, FORMER = "name", "short", "english", "former"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    source = models.CharField(max_length=8)
    text = models.CharField(max_length=200)
    core = models.CharField(max_length=200)
    brand = models.CharField(max_length=60, null=True)
    sound = models.CharField(max_length=200, null=True)
    slip = models.CharField(max_length=12, null=True)  # first two characters and length: slips are looked for among them

    class Meta:
        verbose_name = _("name key")
        indexes = [
            models.Index(fields=["core", "customer"], name="customers_key_core_ix"),
            models.Index(fields=["brand", "customer"], name="customers_key_brand_ix", condition=models.Q(brand__isnull=False)),
            models.Index(fields=["sound", "customer"], name="customers_key_sound_ix", condition=models.Q(sound__isnull=False)),
            models.Index(fields=["slip", "customer"], name="customers_key_slip_ix", condition=models.Q(slip__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text


class ReachKey(models.Model):
    """A number or a domain under which a customer, one of its contacts, addresses or invoicing details is reached or taxed.

    The key of a contact that is in the trash stays until the trash is emptied.
    """

    PHONE, DOMAIN, TAX = "phone", "domain", "tax"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    source = models.CharField(max_length=8)  # customer, contact, address, title
    source_id = models.BigIntegerField()
    what = models.CharField(max_length=6)
    value = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("reach key")
        indexes = [
            models.Index(fields=["what", "value", "customer"], name="customers_reach_value_ix"),
            models.Index(fields=["source", "source_id"], name="customers_reach_source_ix"),
        ]

    def __str__(self) -> str:
        return self.value


class SuspectedPair(models.Model):
    """Two customers that may be one firm. `different` remembers that somebody looked and said they are not."""

    low = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    high = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=8)
    rank = models.PositiveSmallIntegerField(default=0)  # what comes first in the list: the surer, the higher
    reasons = models.JSONField(default=list)
    run = models.CharField(max_length=32, default="", blank=True)
    found_at = models.DateTimeField()
    different = models.BooleanField(default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("suspected duplicate")
        verbose_name_plural = _("Suspected duplicates")
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="customers_pair_once"),
            models.CheckConstraint(condition=models.Q(low__lt=models.F("high")), name="customers_pair_order"),
        ]
        indexes = [models.Index(fields=["different", "-rank", "id"], name="customers_pair_rank_ix")]

    def __str__(self) -> str:
        return f"{self.low_id} – {self.high_id}"
