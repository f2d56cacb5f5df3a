"""What colleagues say to each other about a record."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.fields import CleanTextField


class Comment(models.Model):
    """A remark on a record, or (with `parent`) a reply to one. A deleted one keeps its place and shows no text."""

    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")
    text = CleanTextField(_("text"), max_length=4000)
    mentions = models.JSONField(default=list, blank=True)  # ids of the colleagues named in it
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)
    pinned_at = models.DateTimeField(null=True, blank=True)  # one of a record's threads at most
    concluded_at = models.DateTimeField(null=True, blank=True)
    concluded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [
            models.Index(fields=["kind", "row_id", "id"], name="collab_comment_row_ix"),
            models.Index(fields=["kind", "id"], name="collab_comment_new_ix"),  # the newest of all groups, to be searched
            models.Index(fields=["created_by", "created_at"], name="collab_comment_rate_ix"),
            models.Index(fields=["deleted_at"], name="collab_comment_gone_ix", condition=models.Q(deleted_at__isnull=False)),
            models.Index(fields=["kind", "row_id"], name="collab_comment_top_ix",
                         condition=models.Q(pinned_at__isnull=False) | models.Q(concluded_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text[:40]
