"""Alert rules as a company keeps them, and the occurrences they have found."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.records.models import VersionedModel


class RuleQuerySet(models.QuerySet["AlertRule"]):
    def visible_to(self, user: Any, mode: str = "plain") -> RuleQuerySet:
        """Rules have no owner: who may see the kind sees all of them."""
        return self if user.is_authenticated else self.none()


class AlertRule(VersionedModel):
    """How one declared alert works in this company: what counts, whom it tells, and when."""

    code = models.CharField(max_length=20, unique=True)
    enabled = models.BooleanField(_("enabled"), default=False)
    params = models.JSONField(_("figures"), default=dict, blank=True)
    working = models.BooleanField(_("count workdays only"), default=False)
    departments = models.JSONField(_("departments"), default=list, blank=True)  # ids; empty: all
    conditions = models.CharField(_("only records with"), max_length=2000, blank=True, default="")
    recipients = models.JSONField(_("recipients"), default=list, blank=True)  # owner, manager, team, user:5, role:SM
    escalate_days = models.PositiveSmallIntegerField(_("to the manager after (days)"), null=True, blank=True)
    repeat_days = models.PositiveSmallIntegerField(_("again after (days)"), null=True, blank=True)
    digest = models.BooleanField(_("one digest a day"), default=True)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True)
    quiet_to = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True)
    scanned_at = models.DateTimeField(_("last scan"), null=True, blank=True, editable=False)
    scan_error = models.CharField(max_length=500, blank=True, default="", editable=False)

    KIND = "alert_rule"
    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__lte=23, quiet_to__lte=23), name="notices_rule_quiet_hours"
            ),
            models.CheckConstraint(condition=Q(escalate_days=None) | Q(escalate_days__lte=365), name="notices_rule_escalate"),
            models.CheckConstraint(condition=Q(repeat_days=None) | Q(repeat_days__gte=1, repeat_days__lte=365), name="notices_rule_repeat"),
        ]

    def __str__(self) -> str:
        from ..alerting import declared

        found = declared(self.code)
        return str(found.label) if found else self.code


class AlertHit(models.Model):
    """One occurrence of an alert for one person: found, told, put off, handled, and closed when it is over."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="hits")
    row_id = models.BigIntegerField()
    key = models.CharField(max_length=60)
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.DateTimeField(null=True)  # the moment the occurrence is about
    escalated = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    later = models.DateTimeField(null=True)  # put off until then
    handled_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("alert")
        constraints = [models.UniqueConstraint(fields=["rule", "row_id", "key", "receiver"], name="notices_hit_once")]
        indexes = [
            models.Index(fields=["receiver", "rule", "-id"], name="notices_hit_open_ix", condition=Q(closed_at=None)),
            models.Index(fields=["rule", "opened_at"], name="notices_hit_of_rule_ix", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id}/{self.row_id}/{self.key}"
