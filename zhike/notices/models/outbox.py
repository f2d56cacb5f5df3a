"""What waits to leave the house: mail now, other channels when they have a connector."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Outgoing(models.Model):
    """One text to one address, sent once (`key`). What has no channel yet waits and can be taken back."""

    WAITING, SENDING, SENT, FAILED, CANCELLED = "waiting", "sending", "sent", "failed", "cancelled"
    STATES = [(WAITING, _("waiting")), (SENDING, _("being sent")), (SENT, _("sent")), (FAILED, _("failed")), (CANCELLED, _("cancelled"))]
    CHANNELS = [("mail", _("e-mail")), ("sms", _("SMS")), ("wechat", _("WeChat"))]

    channel = models.CharField(max_length=10, choices=CHANNELS)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField()
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40, blank=True, default="")  # the record it is about
    row_id = models.BigIntegerField(null=True)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default=WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("outgoing message")
        indexes = [models.Index(fields=["next_try_at"], name="notices_outgoing_ix", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.channel}: {self.subject or self.body[:40]}"
