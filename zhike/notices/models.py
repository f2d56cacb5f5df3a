"""The message centre: what people are told. Duties are pending work, never only a message."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
    # The text is made for the reader: a message key with its values, put into words at reading.
    text_key = models.CharField(max_length=60)
    values = models.JSONField(default=dict, blank=True)
    kind = models.CharField(max_length=40, blank=True, default="")
    row_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        constraints = [models.UniqueConstraint(fields=["receiver", "key"], name="notices_message_once")]
        indexes = [
            models.Index(fields=["receiver", "-id"], name="notices_of_person_ix"),
            models.Index(fields=["receiver"], name="notices_unread_ix", condition=models.Q(read_at=None)),
        ]
