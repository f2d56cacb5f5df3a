"""Groups in which colleagues talk, beside the discussion that every record has."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base import clock
from zhike.base.fields import CleanCharField, CleanTextField
from zhike.records.models import OwnedModel


class DiscussionGroup(OwnedModel):
    """A discussion group. Its members are its owner, those let into its team, and everybody of its department.

    Nobody else meets it. `last_words_at` is when something was said last, written without touching the version.
    """

    OPEN, CLOSED = "open", "closed"

    name = CleanCharField(_("group name"), max_length=80)
    purpose = CleanTextField(_("purpose"), blank=True, default="", max_length=1000)
    department = models.ForeignKey(
        "org.Department", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("whole department"),
        help_text=_("Everybody there, and in the departments below it, is a member; who comes or goes later as well."),
    )
    status = models.CharField(_("status"), max_length=6, choices=[(OPEN, _("open")), (CLOSED, _("closed"))], default=OPEN, editable=False)
    last_words_at = models.DateTimeField(_("last words"), default=clock.NEVER, editable=False)

    KIND = "discussion_group"
    PARENTS = ()
    AMONG_MEMBERS = True

    class Meta:
        verbose_name = _("discussion group")
        verbose_name_plural = _("discussion groups")
        indexes = [models.Index(fields=["last_words_at", "id"], name="collab_group_last_ix")]

    def __str__(self) -> str:
        return self.name

    @property
    def closed(self) -> bool:
        return self.status == self.CLOSED


class GroupRecord(models.Model):
    """A record that a group talks about. Members see the link where they may see the record."""

    group = models.ForeignKey(DiscussionGroup, models.CASCADE, related_name="records")
    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("record of a group")
        verbose_name_plural = _("records of groups")
        constraints = [models.UniqueConstraint(fields=["group", "kind", "row_id"], name="collab_group_record_once")]
        indexes = [models.Index(fields=["kind", "row_id"], name="collab_group_record_ix")]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.kind} {self.row_id}"


class GroupReading(models.Model):
    """Up to when a member has read a group."""

    group = models.ForeignKey(DiscussionGroup, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of a group")
        verbose_name_plural = _("readings of groups")
        constraints = [models.UniqueConstraint(fields=["group", "user"], name="collab_group_reading_once")]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.user_id}"
