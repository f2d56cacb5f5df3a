"""Customer pools (公海): who belongs to them, what returns customers to them, and what happened; limits of owners."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField
from zhike.org.access import access_of
from zhike.org.models import Department
from zhike.records.models import VersionedModel

from .customers import Customer


class PoolQuerySet(models.QuerySet["Pool"]):
    def visible_to(self, user: Any, mode: str = "plain") -> PoolQuerySet:
        """The pools one belongs to; whoever keeps pools sees all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if access_of(user).may("pool", "edit"):
            return self
        inside = belonging(user).filter(Q(part=PoolMember.ADMIN) | Q(part=PoolMember.MEMBER, pool__enabled=True))
        return self.filter(pk__in=inside.values("pool_id"))


class Pool(VersionedModel):
    """A pool of customers that nobody owns, and the rules by which they come and go."""

    ASSIGN, PICK, APPLY = "assign", "pick", "apply"
    MODES = [
        (ASSIGN, _("administrators assign")),
        (PICK, _("members pick")),
        (APPLY, _("members apply")),
    ]
    DAY, WEEK, MONTH = "day", "week", "month"
    PERIODS = [(DAY, _("a day")), (WEEK, _("a week")), (MONTH, _("a month"))]

    name = CleanCharField(_("pool name"), max_length=60, unique=True)
    pick_mode = models.CharField(_("way out"), max_length=8, choices=MODES, default=PICK)
    pick_limit = models.PositiveSmallIntegerField(
        _("picks at most"), null=True, blank=True, help_text=_("Of one person; empty: no limit."))
    pick_period = models.CharField(_("picks counted"), max_length=5, choices=PERIODS, default=DAY)
    blocked_days = models.PositiveSmallIntegerField(
        _("previous owner waits (days)"), default=0, help_text=_("So long who lost the customer may not take it again."))
    warn_days = CleanCharField(
        _("warn before (days)"), max_length=40, default="7,3,1", help_text=_("Up to five numbers, e.g. 7,3,1."))
    visible_fields = models.JSONField(default=list, blank=True)
    open_detail = models.BooleanField(
        _("members open the record"), default=False,
        help_text=_("Else they see the chosen fields only, until the customer is theirs."))
    keep_deals = models.BooleanField(_("deal customers stay with their owner"), default=True)
    keep_busy = models.BooleanField(_("customers with an open opportunity stay with their owner"), default=True)
    enabled = models.BooleanField(_("enabled"), default=False, editable=False)

    KIND = "pool"
    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer pool")
        verbose_name_plural = _("customer pools")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PoolMember(models.Model):
    """A person or a department (with all below it) in a pool: keeps it, takes from it, or is spared by its rules."""

    ADMIN, MEMBER, SPARED = "admin", "member", "spared"
    PARTS = [(ADMIN, _("administrator")), (MEMBER, _("member")), (SPARED, _("spared by the rules"))]

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="members")
    part = models.CharField(max_length=6, choices=PARTS)
    user = models.ForeignKey("org.User", models.CASCADE, null=True, related_name="+")
    department = models.ForeignKey("org.Department", models.CASCADE, null=True, related_name="+")

    class Meta:
        verbose_name = _("pool member")
        constraints = [
            models.CheckConstraint(
                condition=Q(user=None, department__isnull=False) | Q(user__isnull=False, department=None),
                name="pools_member_is_one",
            ),
            models.UniqueConstraint(fields=["pool", "part", "user"], condition=Q(user__isnull=False), name="pools_user_once"),
            models.UniqueConstraint(
                fields=["pool", "part", "department"], condition=Q(department__isnull=False), name="pools_department_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user or self.department)


class PoolRule(models.Model):
    """Customers return after so many days without a follow-up, an opportunity or a deal."""

    FOLLOW_UP, OPPORTUNITY, DEAL = "follow_up", "opportunity", "deal"
    CRITERIA = [
        (FOLLOW_UP, _("no follow-up")),
        (OPPORTUNITY, _("no new opportunity")),
        (DEAL, _("no deal")),
    ]

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="rules")
    order = models.PositiveSmallIntegerField(default=0)
    criterion = models.CharField(_("condition"), max_length=12, choices=CRITERIA, default=FOLLOW_UP)
    days = models.PositiveSmallIntegerField(_("days"))
    levels = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["order", "id"]
        verbose_name = _("return rule")
        constraints = [models.CheckConstraint(condition=Q(days__gte=1, days__lte=3650), name="pools_rule_days")]

    def __str__(self) -> str:
        return str(_("%(what)s for %(n)s days") % {"what": self.get_criterion_display(), "n": self.days})


class PoolMove(models.Model):
    """A customer's way into a pool or out of it; pick limits are counted from here."""

    IN, PICK, ASSIGN, APPLY, TAKEN = "in", "pick", "assign", "apply", "transfer"

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="moves")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    way = models.CharField(max_length=8)
    user = models.ForeignKey("org.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    by = models.ForeignKey("org.User", models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=clock.now)
    reason = CleanCharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["pool", "user", "at"], name="pools_move_of_user_ix")]


class PoolRequest(models.Model):
    """A member asks for a customer of a pool; an administrator of it decides."""

    OPEN, APPROVED, REFUSED = "open", "approved", "refused"
    STATES = [(OPEN, _("waits")), (APPROVED, _("approved")), (REFUSED, _("refused"))]

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="requests")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    applicant = models.ForeignKey("org.User", models.CASCADE, related_name="+")
    at = models.DateTimeField(default=clock.now)
    reason = CleanCharField(_("reason"), max_length=200, blank=True, default="")
    state = models.CharField(max_length=8, choices=STATES, default=OPEN)
    decided_by = models.ForeignKey("org.User", models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = CleanCharField(max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("request to pick")
        constraints = [
            models.UniqueConstraint(fields=["customer", "applicant"], condition=Q(state="open"), name="pools_request_once")
        ]
        indexes = [models.Index(fields=["pool", "state", "at"], name="pools_request_ix")]

    def __str__(self) -> str:
        return f"{self.applicant} → {self.customer}"


class PoolWarning(models.Model):
    """A customer falls into a pool on this day, which is at most `before` days away; kept by the job, told by the alert CU02."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    due_on = models.DateField()
    before = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "due_on", "before"], name="pools_warned_once")]


class HoldingLimit(models.Model):
    """How many customers one person may own, and how many of them lock.

    For a person, for everybody of a department and below, or (with neither) for the whole house; the
    nearest counts.
    """

    user = models.ForeignKey("org.User", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("user"))
    department = models.ForeignKey(
        "org.Department", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    most_owned = models.PositiveIntegerField(_("owns at most"), null=True, blank=True)
    most_locked = models.PositiveIntegerField(_("locks at most"), null=True, blank=True)
    count_deals = models.BooleanField(_("deal customers count"), default=False)

    class Meta:
        verbose_name = _("customer limit")
        constraints = [
            models.CheckConstraint(condition=Q(user=None) | Q(department=None), name="limits_one_scope"),
            models.UniqueConstraint(fields=["user"], condition=Q(user__isnull=False), name="limits_user_once"),
            models.UniqueConstraint(fields=["department"], condition=Q(department__isnull=False), name="limits_department_once"),
        ]

    def __str__(self) -> str:
        return str(self.user or self.department or _("the whole house"))


def belonging(user: Any) -> models.QuerySet[PoolMember]:
    """The places in pools that are the person's, their own or their department's. Asks nothing by itself."""
    above = Department.objects.filter(pk=user.department_id, path__startswith=OuterRef("department__path"))
    mine = Q(user=user)
    return PoolMember.objects.filter(mine | Q(Exists(above)) if user.department_id else mine).order_by()
