from __future__ import annotations

from django.db import models


class ExternalKey(models.Model):
    """The key of a record in another system, so that a second import finds it again.

    `marks` keeps a short digest of every imported value: what did not change at the source is not
    written again, even when somebody has since changed it here.
    """

    system = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    row_id = models.BigIntegerField()
    marks = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "kind", "key"], name="records_external_key")]
        indexes = [models.Index(fields=["kind", "row_id"], name="records_external_row_ix")]
