"""What runs in the background for master data."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.records import customs, guard, jobs, registry
from zhike.records.job_context import Context
from zhike.records.models import CustomField

from . import searching


@jobs.job(searching.JOB, label=gettext_lazy("Search by a custom field"))
def index_field(ctx: Context) -> None:
    """Let the records of a kind be found, or no longer be found, by a custom field."""
    guard.require(ctx.user, registry.kind("custom_field"), "edit")
    customs.definitions.forget()
    field = CustomField.objects.get(pk=ctx.payload["field"])
    n = searching.work_through(ctx, field)
    ctx.say(_("%(n)s records brought up to date in the search.") % {"n": f"{n:,}"})
