"""Files on records: the content once, however often it is attached."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.fields import CleanCharField


class Blob(models.Model):
    """One content in the store, named by its SHA-256. Its row is the lock under which the file on disk is
    placed or taken away: nobody touches the file without holding the row."""

    digest = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    touched_at = models.DateTimeField()  # last placed, or let go by an attachment

    class Meta:
        indexes = [models.Index(fields=["touched_at"], name="collab_blob_touched_ix")]

    def __str__(self) -> str:
        return self.digest[:12]


class Attachment(models.Model):
    """A file on a record. In the trash (`trashed_at`) it is shown nowhere and can be brought back.

    With `field` it is the value of that field of the record, with `comment` it belongs to those words;
    without either it is one of the record's files. `row_id` WAITING: sent ahead by somebody whose form
    or words are not saved yet; nobody else meets it, and a day later it goes.
    """

    WAITING = 0
    PICTURE, PDF, OTHER = "picture", "pdf", "other"
    GROUPS = [(PICTURE, _("picture")), (PDF, "PDF"), (OTHER, _("file"))]

    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()
    field = models.CharField(max_length=40, blank=True, default="")
    comment = models.ForeignKey("collab.Comment", models.SET_NULL, null=True, blank=True, related_name="files")
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="attachments")
    name = CleanCharField(_("file name"), max_length=160)
    size = models.PositiveBigIntegerField()
    group = models.CharField(max_length=8, choices=GROUPS, default=OTHER)
    # What a browser may be told it is; empty for everything that is only ever downloaded.
    media_type = models.CharField(max_length=40, blank=True, default="")
    thumb = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("Attachments")
        indexes = [
            models.Index(fields=["kind", "row_id", "id"], name="collab_file_of_row_ix", condition=models.Q(trashed_at=None)),
            models.Index(fields=["trashed_at"], name="collab_file_trash_ix", condition=models.Q(trashed_at__isnull=False)),
            models.Index(fields=["created_by", "created_at"], name="collab_file_waiting_ix", condition=models.Q(row_id=0)),
        ]

    def __str__(self) -> str:
        return self.name
