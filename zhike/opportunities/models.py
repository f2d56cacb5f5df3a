"""Opportunities, their product lines, and the versioned processes they run through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import (
    CleanCharField,
    CleanTextField,
    CodeField,
    Money,
    Percent,
    Price,
    Quantity,
    percent_of,
    round_half_up,
)
from zhike.customers.models import Contact
from zhike.records.models import OwnedModel

from .status import STATUS


class OpenQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, mode: str = "plain") -> OpenQuerySet:
        """Processes and their stages are open to everybody who works here."""
        return self if user.is_authenticated else self.none()


class Process(models.Model):
    """A sales process. Changing one in use makes a new version; running opportunities keep theirs."""

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=1)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    types = models.JSONField(_("opportunity types"), default=list, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    published_at = models.DateTimeField(default=clock.now)

    KIND = "process"
    objects = OpenQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-version"]
        verbose_name = _("sales process")
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="opportunities_process_version")]

    def __str__(self) -> str:
        return _local(self.name_zh, self.name_en)


class Stage(models.Model):
    """One step of a process with its usual win rate and length."""

    process = models.ForeignKey(Process, models.PROTECT, related_name="stages")
    order = models.PositiveSmallIntegerField(_("order"))
    code = models.CharField(_("code"), max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    win_rate = Percent(_("win probability"))
    standard_days = models.PositiveSmallIntegerField(_("standard days"), default=14)
    guide = models.TextField(_("guidance"), blank=True, default="")

    KIND = "stage"
    objects = OpenQuerySet.as_manager()

    class Meta:
        ordering = ["process", "order"]
        verbose_name = _("sales stage")
        constraints = [
            models.UniqueConstraint(fields=["process", "order"], name="opportunities_stage_order"),
            models.UniqueConstraint(fields=["process", "code"], name="opportunities_stage_code"),
        ]

    def __str__(self) -> str:
        return _local(self.name_zh, self.name_en)


class Criterion(models.Model):
    """What must be there before a stage may be left: a tick, a filled field, or a document."""

    TICK, FIELD, DOCUMENT = "tick", "field", "document"
    stage = models.ForeignKey(Stage, models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(default=0)
    code = models.CharField(max_length=40)
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=120)
    kind = models.CharField(
        max_length=10, choices=[(TICK, _("tick")), (FIELD, _("field filled")), (DOCUMENT, _("document"))]
    )
    field = models.CharField(max_length=40, blank=True, default="")
    required = models.BooleanField(_("required"), default=True)

    class Meta:
        ordering = ["stage", "order"]
        constraints = [models.UniqueConstraint(fields=["stage", "code"], name="opportunities_criterion_code")]

    def __str__(self) -> str:
        return _local(self.name_zh, self.name_en)


class Opportunity(OwnedModel):
    """A possible sale, followed like a project from first demand to won or lost."""

    code = CodeField(_("opportunity number"), max_length=40, unique=True, blank=True)
    name = CleanCharField(_("opportunity name"), max_length=120)
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        "customers.Contact", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("main contact")
    )
    final_user = models.ForeignKey(
        "customers.Customer", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("end user")
    )
    # What it is about in one word: whose line it is where a customer has an owner for each.
    product_line = models.ForeignKey(
        "products.ProductLine", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product line"),
        db_index=False,  # opportunities_line_ix
    )
    type = models.CharField(_("opportunity type"), max_length=20, default="new_project")
    process = models.ForeignKey(Process, models.PROTECT, related_name="+", verbose_name=_("sales process"))
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("stage"))
    stage_started_at = models.DateTimeField(_("in stage since"), default=clock.now)
    status = models.CharField(_("status"), max_length=10, choices=STATUS.choices, default="open", editable=False)
    win_rate = Percent(_("win probability"), default=Decimal(0))
    amount = Money(_("expected amount"), default=Decimal(0))
    weighted_amount = Money(_("weighted amount"), default=Decimal(0), editable=False)
    expected_sign_date = models.DateField(_("expected sign date"), null=True, blank=True)
    sign_key = models.DateField(default=clock.NEVER.date(), editable=False)
    source = models.CharField(_("source"), max_length=20, blank=True, default="")
    demand = CleanTextField(_("customer's demand"), blank=True, default="")
    budget = Money(_("customer's budget"), null=True, blank=True)
    remark = CleanTextField(_("remark"), blank=True, default="")
    won_at = models.DateField(_("won on"), null=True, blank=True)
    won_amount = Money(_("won amount"), null=True, blank=True)
    win_reason = CleanCharField(_("why won"), max_length=200, blank=True, default="")
    lost_at = models.DateField(_("lost on"), null=True, blank=True)
    lost_amount = Money(_("lost amount"), null=True, blank=True)
    lose_reason = models.CharField(_("reason of loss"), max_length=20, blank=True, default="")
    lost_to = CleanCharField(_("lost to"), max_length=120, blank=True, default="")
    lose_remark = CleanTextField(_("remark on the loss"), blank=True, default="")
    resume_on = models.DateField(_("resume on"), null=True, blank=True)
    restated = models.BooleanField(_("history restated"), default=False, editable=False)

    KIND = "opportunity"
    PARENTS = ("customer",)
    TEAM_REACH = {"customer": ""}  # opportunities of several owners under one customer stay hidden from each other

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        indexes = [
            models.Index(fields=["created_at", "id"], name="opportunities_created_ix"),
            models.Index(fields=["amount", "id"], name="opportunities_amount_ix"),
            models.Index(fields=["sign_key", "id"], name="opportunities_sign_ix"),
            models.Index(fields=["customer", "status", "id"], name="opportunities_customer_ix"),
            models.Index(fields=["process", "stage", "status", "sign_key", "id"], name="opportunities_board_ix"),
            models.Index(fields=["product_line", "customer"], name="opportunities_line_ix", condition=models.Q(product_line__isnull=False)),
            # Sums by stage within anybody's rights are read from here alone.
            models.Index(
                fields=["process", "status", "stage", "owner_dept", "owner", "customer", "amount", "weighted_amount"],
                name="opportunities_sums_ix",
            ),
            models.Index(
                fields=["won_at", "won_amount"], name="opportunities_won_sum_ix", condition=models.Q(status="won")
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="opportunities_amount_not_negative"),
            models.CheckConstraint(
                condition=models.Q(win_rate__gte=0, win_rate__lte=1), name="opportunities_win_rate_0_1"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hint(self) -> str:
        return self.code

    @property
    def days_in_stage(self) -> int:
        """Calendar days since the stage was entered."""
        return (clock.today() - clock.local(self.stage_started_at).date()).days

    @property
    def overdue_in_stage(self) -> bool:
        return self.status == "open" and self.days_in_stage > self.stage.standard_days

    def derive(self) -> None:
        self.weighted_amount = percent_of(self.amount, self.win_rate)
        self.sign_key = self.expected_sign_date or clock.NEVER.date()

    def clean(self) -> None:
        if self.stage_id and self.process_id and self.stage.process_id != self.process_id:
            raise ValidationError({"stage": _("This stage belongs to another process.")})
        if self.contact_id and self.affects("contact", "customer") and self.contact and self.contact.customer_id != self.customer_id:
            raise ValidationError({"contact": _("This contact belongs to another customer.")})


class OpportunityLine(models.Model):
    """What the customer needs: one product or free text."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField(_("line number"))
    product = models.ForeignKey(
        "products.Product", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    text = CleanCharField(_("description"), max_length=200, blank=True, default="")
    quantity = Quantity(_("quantity"), default=Decimal(1))
    unit = CleanCharField(_("unit"), max_length=20, blank=True, default="")
    target_price = Price(_("target price"), null=True, blank=True)
    amount = Money(_("amount"), default=Decimal(0), editable=False)
    remark = CleanCharField(_("remark"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["opportunity", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "line_no"], name="opportunities_line_no"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="opportunities_quantity_positive"),
        ]

    def __str__(self) -> str:
        price = f" @ {self.target_price.normalize():f}" if self.target_price is not None else ""
        return f"{self.product or self.text} × {self.quantity.normalize():f} {self.unit}{price}"

    def worth(self) -> Decimal:
        """Quantity × target price in 元, half up to the fen; 0 without a price."""
        return round_half_up(self.quantity * (self.target_price or Decimal(0)), 2)

    def clean(self) -> None:
        if self.quantity <= 0:
            raise ValidationError({"quantity": _("The quantity must be greater than zero.")})


class OpportunityContact(models.Model):
    """What somebody at the customer is to one opportunity, where that differs from what they are in general.

    An empty field says "as at the customer"; who has nothing to do with it is not on its decision map.
    """

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="people")
    contact = models.ForeignKey("customers.Contact", models.CASCADE, related_name="+", verbose_name=_("contact"))
    decision_role = models.CharField(_("decision role"), max_length=20, blank=True, default="")
    attitude = models.CharField(_("attitude"), max_length=10, choices=Contact.ATTITUDES, blank=True, default="")
    influence = models.PositiveSmallIntegerField(_("influence"), null=True, blank=True)
    involved = models.BooleanField(_("takes part"), default=True)
    note = CleanCharField(_("remark"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("contact of an opportunity")
        verbose_name_plural = _("contacts of opportunities")
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "contact"], name="opportunities_contact_once"),
            models.CheckConstraint(name="opportunities_influence_1_5",
                                   condition=models.Q(influence=None) | models.Q(influence__gte=1, influence__lte=5)),
        ]

    def __str__(self) -> str:
        return str(self.contact)


class StageChange(models.Model):
    """One move of an opportunity: from where to where, by whom, how long it had stood there."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="stage_changes", db_index=False)
    source = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+", db_index=False)
    target = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=10, default="open")
    at = models.DateTimeField()
    by = models.ForeignKey("org.User", models.PROTECT, null=True, related_name="+")
    days = models.IntegerField(_("days in the stage before"), default=0)
    amount = Money(default=Decimal(0))
    win_rate = Percent(default=Decimal(0))
    reason = CleanCharField(max_length=300, blank=True, default="")
    criteria = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        # The funnel's rates count these by hundred thousands: for everything, and for somebody's rows.
        indexes = [
            models.Index(fields=["target", "at"], name="opportunities_stage_flow_ix"),
            models.Index(fields=["source", "target", "status", "days"], name="opportunities_left_ix"),
            models.Index(fields=["opportunity", "source", "target", "status", "days"], name="opportunities_path_ix"),
        ]


class Tick(models.Model):
    """A criterion somebody has ticked on an opportunity."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="ticks")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    by = models.ForeignKey("org.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opportunity", "criterion"], name="opportunities_tick_once")]


def _local(zh: str, en: str) -> str:
    from django.utils.translation import get_language

    return en if (get_language() or "").startswith("en") else zh
