from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScheduledJob(models.Model):
    """A job that recurs. Whoever holds the lease runs it; a dead holder's lease runs out."""

    name = models.CharField(max_length=80, unique=True)
    every_minutes = models.PositiveIntegerField()
    next_run_at = models.DateTimeField(db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True, default="")
    failures = models.PositiveIntegerField(default=0)
    last_run_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")


class WorkerSign(models.Model):
    """When a worker last said that it lives, by the clock of the database."""

    worker_id = models.CharField(max_length=80, unique=True)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.worker_id


class Job(models.Model):
    """Work somebody started that runs in the background: how far it is, what came of it, its file.

    `name` says which body of `records.jobs` runs. `kept` is what the body needs to go on after a
    kill; it is written in the transaction of the work it tells of. `run` names the attempt that may
    write: one that was given up for dead and still lives finds another name there and stops.
    """

    QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
    STATES = [
        (QUEUED, _("waiting")),
        (RUNNING, _("running")),
        (DONE, _("done")),
        (FAILED, _("failed")),
        (CANCELLED, _("cancelled")),
    ]
    OPEN = (QUEUED, RUNNING)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("started by"))
    name = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=STATES, default=QUEUED)
    payload = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)  # 0: not known (yet)
    refused = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True, default="")  # for the person, in their language
    error = models.TextField(blank=True, default="")  # for administrators
    back = models.CharField(max_length=2000, blank=True, default="")  # where it was started, e.g. the list
    undo = models.JSONField(default=dict)  # {"name": undoer, "payload": {...}} once there is something to undo
    file = models.CharField(max_length=120, blank=True, default="")  # below <data>/jobs/<id>/
    file_name = models.CharField(max_length=200, blank=True, default="")
    file_size = models.PositiveBigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    task_id = models.CharField(max_length=36, blank=True, default="", db_index=True)
    run = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    KIND = "job"

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="records_job_of_ix")]

    def __str__(self) -> str:
        return self.title

    @property
    def open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in self.OPEN


class JobChunk(models.Model):
    """Ids a job works off together, in one transaction; `done` is written in that transaction."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="chunks")
    place = models.PositiveIntegerField()
    ids = models.JSONField()
    done = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "place"], name="records_job_chunk_once")]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.place}"


class JobRefusal(models.Model):
    """A row that a job did not change, and why. At most 10,000 a job are kept; the rest are counted."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="refusals")
    row_id = models.BigIntegerField()
    text = models.CharField(max_length=200)
    reason = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.text}: {self.reason}"
