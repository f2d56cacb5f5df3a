from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .jobs import Job


class ImportUpload(models.Model):
    """A file somebody is taking in: how it was read, what its columns are, what came of it.

    The file itself and its table lie in `<data>/imports/<folder>/`. It is its owner's alone and is
    deleted after 30 days. `shape`, `settings`, `check` and `outcome` hold what `Shape`, `Settings`
    and `Tally` of `records.imports.uploads` write; `batch` names the changes in history.
    """

    OPEN, RUNNING, DONE, STOPPED, UNDONE = "open", "running", "done", "stopped", "undone"
    STATES = [
        (OPEN, _("being prepared")),
        (RUNNING, _("running")),
        (DONE, _("done")),
        (STOPPED, _("stopped")),
        (UNDONE, _("taken back")),
    ]

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    folder = models.CharField(max_length=40, unique=True)
    size = models.PositiveBigIntegerField(default=0)
    state = models.CharField(max_length=10, choices=STATES, default=OPEN)
    shape = models.JSONField(default=dict)  # empty while the file cannot be read
    refusal = models.TextField(blank=True, default="")  # why it cannot, in the person's language
    choices = models.JSONField(default=dict)  # sheet, heading, encoding, separator as chosen by hand
    settings = models.JSONField(default=dict)
    check_done = models.BooleanField(default=False)
    check_tally = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    batch = models.CharField(max_length=32, blank=True, default="")
    check_job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    run_job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    undo_job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="records_upload_of_ix")]

    def __str__(self) -> str:
        return self.name


class ImportMemory(models.Model):
    """What a person chose for a set of headings the last time: the next such file is mapped alike."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40)
    digest = models.CharField(max_length=40)
    columns = models.JSONField(default=dict)  # heading → field, "" for left out
    settings = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind", "digest"], name="records_import_memory_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"
