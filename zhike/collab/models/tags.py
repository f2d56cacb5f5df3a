"""Tags: words people put on records to find them again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.base.fields import CleanCharField
from zhike.base.text import half_width

TONES = [
    ("neutral", _("grey")), ("info", _("blue")), ("wait", _("amber")), ("good", _("green")), ("bad", _("red")), ("violet", _("violet")),
    ("teal", _("teal")),
]


class Tag(models.Model):
    """A word for records of one kind. A retired one stays where it is and is put on nothing new."""

    kind = models.CharField(max_length=40)
    name = CleanCharField(_("tag"), max_length=30)
    key = models.CharField(max_length=40, editable=False)  # what makes two names the same
    tone = models.CharField(_("colour"), max_length=8, choices=TONES, default="neutral")
    retired = models.BooleanField(_("retired"), default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("Tags")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="collab_tag_once")]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def key_of(name: str) -> str:
        """Width, case and spaces make no difference between two tags."""
        return "".join(half_width(name).casefold().split())[:40]


class TagLink(models.Model):
    """A tag on a record."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="links", db_index=False)
    kind = models.CharField(max_length=40)
    row_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "row_id"], name="collab_tag_link_once")]
        indexes = [models.Index(fields=["kind", "row_id", "tag"], name="collab_tag_of_row_ix")]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"
