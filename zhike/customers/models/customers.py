"""The customer master, what follows from other records about it, and its life cycle."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.chinese import names, phones, pinyin, uscc
from zhike.base.fields import CleanCharField, CleanTextField, CodeField, PhoneField
from zhike.records.models import OwnedModel

from ..lifecycle import LIFECYCLE

_ABBREVIATION = re.compile(r"[a-z0-9]*")
# Both or neither, and a place that exists.
ON_EARTH = models.Q(lat=None, lng=None) | models.Q(lat__range=(-90_000_000, 90_000_000), lng__range=(-180_000_000, 180_000_000))


class Customer(OwnedModel):
    """A company or person we sell to, or want to. One master for sales, orders and service."""

    COMPANY, INDIVIDUAL, GOVERNMENT, OVERSEAS = "company", "individual", "government", "overseas"
    KINDS = [
        (COMPANY, _("company")),
        (INDIVIDUAL, _("person")),
        (GOVERNMENT, _("public body")),
        (OVERSEAS, _("overseas")),
    ]
    RELATIONS = [
        ("group", _("group head")),
        ("subsidiary", _("subsidiary company")),
        ("branch", _("branch or plant")),
    ]

    code = CodeField(_("customer code"), max_length=40, unique=True, blank=True)
    name = CleanCharField(_("customer name"), max_length=200)
    short_name = CleanCharField(_("short name"), max_length=60, blank=True, default="")
    name_en = CleanCharField(_("English name"), max_length=200, blank=True, default="")
    # The first letters of the name, until somebody who knows better writes them (单 of 单县 reads shan).
    pinyin_abbr = CleanCharField(_("pinyin abbreviation"), max_length=60, blank=True, default="")
    former_names = CleanTextField(_("former names"), blank=True, default="")
    uscc = CodeField(_("unified social credit code"), max_length=18, blank=True, default="")
    kind = models.CharField(_("kind of customer"), max_length=12, choices=KINDS, default=COMPANY)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent customer"),
        db_index=False,  # customers_parent_ix, without the many that have none
    )
    relation = models.CharField(_("place in the group"), max_length=12, choices=RELATIONS, blank=True, default="")
    lifecycle = models.CharField(
        _("life cycle"), max_length=12, choices=LIFECYCLE.choices, default="target", editable=False
    )
    level = models.CharField(_("customer level"), max_length=20, blank=True, default="")
    category = models.CharField(_("customer category"), max_length=20, blank=True, default="")
    industry = models.CharField(_("industry"), max_length=20, blank=True, default="")
    source = models.CharField(_("source"), max_length=20, blank=True, default="")
    scale = models.CharField(_("size"), max_length=20, blank=True, default="")
    nature = models.CharField(_("form of ownership"), max_length=20, blank=True, default="")
    territory = models.CharField(_("sales territory"), max_length=20, blank=True, default="")
    region = models.ForeignKey(
        "masterdata.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    address = CleanCharField(_("address"), max_length=200, blank=True, default="")
    postcode = CodeField(_("postcode"), max_length=20, blank=True, default="")
    # Millionths of a degree: whole numbers are the same on every machine. Set together, by `set_place`.
    lat = models.IntegerField(_("latitude"), null=True, blank=True, editable=False)
    lng = models.IntegerField(_("longitude"), null=True, blank=True, editable=False)
    # Several numbers stand in one field, "021-… / 138…": each is searched, called and masked by itself.
    phone = PhoneField(_("phone"), max_length=120, blank=True, default="")
    fax = PhoneField(_("fax"), max_length=60, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    website = models.URLField(_("website"), max_length=300, blank=True, default="")
    payment_term = models.CharField(_("payment terms"), max_length=20, blank=True, default="")
    currency = models.CharField(_("currency"), max_length=20, blank=True, default="")
    settle_customer = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settlement customer"),
        db_index=False,  # customers_settle_ix, without the many that settle for themselves
    )
    price_list = models.ForeignKey(
        "products.PriceList", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("price list"),
        db_index=False,  # customers_price_list_ix, without the many that have none
    )
    # Given when finance has opened the customer formally; the customer code stays what it was from the first day.
    formal_code = CodeField(_("formal customer code"), max_length=40, blank=True, default="", editable=False)
    erp_code = CodeField(_("ERP customer code"), max_length=40, blank=True, default="")
    remark = CleanTextField(_("remark"), blank=True, default="")
    enabled = models.BooleanField(_("enabled"), default=True)
    # Nobody's while it waits in a pool; everywhere else somebody is accountable.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    pool = models.ForeignKey(
        "customers.Pool", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pool"), editable=False,
        db_index=False,  # customers_pool_ix
    )
    previous_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("previous owner"),
        editable=False, db_index=False,
    )
    # Since when it is in these hands, or in this pool; empty: since it was made.
    held_since = models.DateTimeField(_("held since"), null=True, blank=True, editable=False)
    locked = models.BooleanField(_("locked"), default=False, db_default=False, editable=False)
    sort_name = models.CharField(max_length=300, default="", editable=False)
    match_name = models.CharField(max_length=200, default="", editable=False, db_index=True)

    KIND = "customer"

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        constraints = [
            models.UniqueConstraint(fields=["formal_code"], condition=~models.Q(formal_code=""), name="customers_formal_code_once"),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | models.Q(pool__isnull=False), name="customers_owner_or_pool",
            ),
            models.CheckConstraint(name="customers_place_on_earth", condition=ON_EARTH),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="customers_sort_name_ix"),
            models.Index(fields=["created_at", "id"], name="customers_created_ix"),
            models.Index(fields=["lifecycle", "id"], name="customers_lifecycle_ix"),
            # SQLite uses a partial index only where it can prove the condition: of "not null" it can,
            # of "not empty" it cannot.
            models.Index(fields=["parent"], name="customers_parent_ix", condition=models.Q(parent__isnull=False)),
            models.Index(fields=["settle_customer"], name="customers_settle_ix",
                         condition=models.Q(settle_customer__isnull=False)),
            models.Index(fields=["price_list"], name="customers_price_list_ix", condition=models.Q(price_list__isnull=False)),
            models.Index(fields=["formal_code"], name="customers_by_formal_code_ix"),
            models.Index(fields=["uscc"], name="customers_by_uscc_ix"),
            models.Index(fields=["phone"], name="customers_by_phone_ix"),
            models.Index(fields=["pool", "held_since", "id"], name="customers_pool_ix", condition=models.Q(pool__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hint(self) -> str:
        return self.code

    @property
    def position(self) -> tuple[int, int] | None:
        """Latitude and longitude, where both are known."""
        return (self.lat, self.lng) if self.lat is not None and self.lng is not None else None

    def derive(self) -> None:
        self.sort_name = pinyin.sort_key(self.name)[:300]
        self.pinyin_abbr = self.pinyin_abbr.lower() or self.abbreviated(self.name)
        self.match_name = names.core(self.name)[:200]

    @staticmethod
    def abbreviated(name: str) -> str:
        """What a name is abbreviated to as long as nobody writes anything else."""
        return "".join(letter for letter in pinyin.abbreviation(name) if letter.isascii())[:60]

    def clean(self) -> None:
        if not _ABBREVIATION.fullmatch(self.pinyin_abbr):
            raise ValidationError({"pinyin_abbr": _("The abbreviation has letters a to z and digits only.")})
        if len(self.name) < 2:
            raise ValidationError({"name": _("A customer name has at least two characters.")})
        if self.name.isdigit():
            raise ValidationError({"name": _("A customer name cannot be digits only.")})
        if self.uscc and self.kind in (self.COMPANY, self.GOVERNMENT):
            problem = uscc.problem(self.uscc)
            if problem:
                raise ValidationError({"uscc": problem})
        if self.settle_customer_id and self.settle_customer_id == self.pk:
            raise ValidationError({"settle_customer": _("Leave this empty when the customer settles for itself.")})
        if self.fax and (problem := phones.problem(self.fax)):
            raise ValidationError({"fax": problem})


class CustomerFacts(models.Model):
    """What follows from other records about a customer. Written by the system, rebuilt exactly by
    `zhike rebuild customer_facts`; never touches the customer's version."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="facts")
    last_contact_at = models.DateTimeField(_("last contact"), default=clock.NEVER)
    last_contact_text = models.CharField(max_length=200, blank=True, default="")
    next_contact_at = models.DateTimeField(_("next contact"), null=True, blank=True)
    next_contact_text = models.CharField(max_length=200, blank=True, default="")
    # How much of what we should know we know, in percent, and what is missing or wrong: one bit each (quality.py).
    completeness = models.PositiveSmallIntegerField(_("completeness"), default=0)
    gaps = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["last_contact_at", "customer"], name="customers_last_contact_ix"),
            models.Index(fields=["completeness", "customer"], name="customers_completeness_ix"),
        ]


class LifecycleChange(models.Model):
    """One step of a customer's life cycle with its cause; conversion and duration are counted from it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="lifecycle_changes")
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey("org.User", models.SET_NULL, null=True, related_name="+")
    cause_kind = models.CharField(max_length=40, blank=True, default="")
    cause_id = models.BigIntegerField(null=True)
    reason = CleanCharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["target", "at"], name="customers_lifecycle_flow_ix")]
