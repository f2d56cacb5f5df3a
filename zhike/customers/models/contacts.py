"""People at a customer."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.chinese import phones, pinyin
from zhike.base.fields import CleanCharField, CleanTextField, PhoneField
from zhike.records.models import OwnedModel

from .customers import Customer


class Contact(OwnedModel):
    """A person at a customer."""

    ATTITUDES = [
        ("support", _("supports us")),
        ("neutral", _("neutral")),
        ("oppose", _("against us")),
        ("unknown", _("unknown")),
    ]
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts", verbose_name=_("customer"))
    name = CleanCharField(_("name"), max_length=50)
    gender = models.CharField(
        _("gender"), max_length=6, blank=True, default="", choices=[("male", _("male")), ("female", _("female"))]
    )
    job_title = CleanCharField(_("job title"), max_length=80, blank=True, default="")
    department = CleanCharField(_("their department"), max_length=80, blank=True, default="")
    decision_role = models.CharField(_("decision role"), max_length=20, blank=True, default="")
    attitude = models.CharField(_("attitude"), max_length=8, choices=ATTITUDES, default="unknown")
    influence = models.PositiveSmallIntegerField(_("influence"), null=True, blank=True)
    reports_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("reports to")
    )
    mobile = PhoneField(_("mobile"), max_length=40, blank=True, default="")
    phone = PhoneField(_("phone"), max_length=40, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    wechat = CleanCharField(_("WeChat"), max_length=60, blank=True, default="")
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    hobby = CleanCharField(_("interests"), max_length=200, blank=True, default="")
    primary = models.BooleanField(_("primary contact"), default=False)
    left = models.BooleanField(_("has left"), default=False)
    remark = CleanTextField(_("remark"), blank=True, default="")
    sort_name = models.CharField(max_length=120, default="", editable=False)

    KIND = "contact"
    PARENTS = ("customer",)
    TEAM_REACH = {"customer": "read"}  # colleagues use a customer's contacts, their owner keeps them

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["sort_name", "id"], name="contacts_sort_name_ix"),
            models.Index(fields=["created_at", "id"], name="contacts_created_ix"),
            models.Index(fields=["customer", "id"], name="contacts_customer_ix"),
            models.Index(fields=["mobile"], name="contacts_by_mobile_ix"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(primary=True), name="contacts_one_primary"
            ),
            models.CheckConstraint(
                condition=models.Q(influence=None) | models.Q(influence__gte=1, influence__lte=5),
                name="contacts_influence_1_5",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hint(self) -> str:
        return self.job_title

    def derive(self) -> None:
        self.sort_name = pinyin.sort_key(self.name, person=True)[:120]

    def clean(self) -> None:
        if self.mobile and self.mobile.startswith("1"):
            problem = phones.problem(self.mobile)
            if problem:
                raise ValidationError({"mobile": problem})
        if self.reports_to_id and self.reports_to_id == self.pk:
            raise ValidationError({"reports_to": _("Nobody reports to himself.")})
