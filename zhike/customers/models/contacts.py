"""People at a customer."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.chinese import phones, pinyin
from zhike.base.fields import CleanCharField, CleanTextField, CodeField, PhoneField
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
    qq = CodeField(_("QQ"), max_length=20, blank=True, default="")
    wecom_id = CodeField(_("WeCom external id"), max_length=64, blank=True, default="")
    region = models.ForeignKey(
        "masterdata.Region", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("region")
    )
    address = CleanCharField(_("address"), max_length=200, blank=True, default="")
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    # A birthday in the lunar calendar: its 30th of a month has no day of ours, so it is no date.
    lunar_month = models.PositiveSmallIntegerField(_("lunar birthday: month"), null=True, blank=True)
    lunar_day = models.PositiveSmallIntegerField(_("lunar birthday: day"), null=True, blank=True)
    lunar_leap = models.BooleanField(_("born in a leap month"), default=False)
    hobby = CleanCharField(_("interests"), max_length=200, blank=True, default="")
    primary = models.BooleanField(_("primary contact"), default=False)
    left = models.BooleanField(_("has left"), default=False)
    remark = CleanTextField(_("remark"), blank=True, default="")
    # The same person at the former employer.
    moved_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("came from")
    )
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
            models.CheckConstraint(
                condition=models.Q(lunar_month=None, lunar_day=None)
                | models.Q(lunar_month__gte=1, lunar_month__lte=12, lunar_day__gte=1, lunar_day__lte=30),
                name="contacts_lunar_day",
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
        # Contacts of customers abroad: only what cannot be a number anywhere is refused.
        if self.phone and (problem := phones.no_number(self.phone)):
            raise ValidationError({"phone": problem})
        if self.birthday and self.birthday > clock.today():
            raise ValidationError({"birthday": _("A birthday does not lie in the future.")})
        self._clean_lunar()
        if self.reports_to_id and self.reports_to_id == self.pk:
            raise ValidationError({"reports_to": _("Nobody reports to himself.")})
        if self.reports_to_id and self.reports_to and self.reports_to.customer_id != self.customer_id:
            raise ValidationError({"reports_to": _("Choose somebody of the same customer.")})

    def _clean_lunar(self) -> None:
        month, day = self.lunar_month, self.lunar_day
        if month is not None and not 1 <= month <= 12:
            raise ValidationError({"lunar_month": _("A lunar month is a number from 1 to 12.")})
        if day is not None and not 1 <= day <= 30:
            raise ValidationError({"lunar_day": _("A day of a lunar month is a number from 1 to 30.")})
        if (month is None) != (day is None):
            raise ValidationError({"lunar_day" if day is None else "lunar_month": _("A lunar birthday has a month and a day.")})
        if self.lunar_leap and month is None:
            raise ValidationError({"lunar_leap": _("Give month and day of the lunar birthday too.")})
