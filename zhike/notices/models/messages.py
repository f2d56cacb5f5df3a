"""The message centre: what people are told. Duties are pending work, never only a message."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhike.base import clock

from .alerts import AlertHit


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> MessageQuerySet:
        """Unread ones whose time has come: nothing that was put off until later."""
        return self.filter(Q(later=None) | Q(later__lte=clock.now()), read_at=None)


class Message(models.Model):
    """Something one person is told, once per occurrence (`key`), with a link to the record."""

    CATEGORIES = [
        ("system", _("system")),
        ("approval", _("approval")),
        ("task", _("task")),
        ("alert", _("alert")),
        ("mention", _("mention")),
        ("notice", _("announcement")),
    ]
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    category = models.CharField(max_length=10, choices=CATEGORIES, default="system")
    tone = models.CharField(max_length=8, default="info")
    urgent = models.BooleanField(default=False)
    # The text is made for the reader: a message key with its values, put into words at reading.
    text_key = models.CharField(max_length=60)
    values = models.JSONField(default=dict, blank=True)
    kind = models.CharField(max_length=40, blank=True, default="")
    row_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120)
    hit = models.ForeignKey(AlertHit, models.CASCADE, null=True, blank=True, related_name="messages")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    later = models.DateTimeField(null=True, blank=True)  # put off until then

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        constraints = [models.UniqueConstraint(fields=["receiver", "key"], name="notices_message_once")]
        indexes = [
            models.Index(fields=["receiver", "-id"], name="notices_of_person_ix"),
            models.Index(fields=["receiver"], name="notices_unread_ix", condition=models.Q(read_at=None)),
        ]


class Wishes(models.Model):
    """What one person wants of the message centre; without a row, what the house does by itself."""

    DIGEST_HOUR = 8
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="wishes")
    muted = models.JSONField(default=list, blank=True)  # codes of alerts
    digest_hour = models.PositiveSmallIntegerField(_("hour of the daily digest"), default=DIGEST_HOUR)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True)
    quiet_to = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True)
    mail = models.BooleanField(_("daily digest by mail as well"), default=False)
    mailed_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("message preferences")
        constraints = [
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="notices_digest_hour"),
            models.CheckConstraint(condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__lte=23, quiet_to__lte=23), name="notices_quiet_hours"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    def quiet_at(self, hour: int) -> bool:
        """Whether this hour of the day is one to leave the person alone in."""
        return within(hour, self.quiet_from, self.quiet_to)


def within(hour: int, start: int | None, end: int | None) -> bool:
    """Whether `hour` lies in the half-open span, which may run over midnight; without a span never."""
    if start is None or end is None or start == end:
        return False
    return start <= hour < end if start < end else hour >= start or hour < end


def wishes_of(user: Any) -> Wishes:
    """The person's stored wishes, or an unsaved row with the house's."""
    return Wishes.objects.filter(user=user).first() or Wishes(user=user)
