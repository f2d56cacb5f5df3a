"""Custom fields in the search: the keys of records that are there already follow the definition."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.records import jobs, registry, save, search
from zhike.records.job_context import CHUNK, Context
from zhike.records.models import CustomField, Job, SearchEntry

AT_ONCE = 1_000  # records of a kind up to which nobody waits for a background job
JOB = "masterdata.index_field"


def index_anew(field: CustomField, *, by: Any) -> Job | None:
    """Bring the search keys of a field's records up to date: at once where they are few, else as a job of `by`."""
    kind = registry.kind(field.on)
    n = kind.model._default_manager.values("pk")[: AT_ONCE + 1].count()
    if n > AT_ONCE:
        return jobs.start(by, JOB, {"field": field.pk}, title=_("Search by “%(field)s”") % {"field": field},
                          back=reverse("custom_field-detail", args=[field.pk]))
    last = 0
    while last is not None:
        last = index_next(field, last)
    return None


def concerned(field: CustomField) -> QuerySet[Any]:
    """The records that hold a value of the field, or are still found by one they held."""
    mark = search.heads_of(field.pk)[0]
    found = SearchEntry.objects.filter(kind=field.on, row_id=OuterRef("pk"), codes__contains=mark)
    return registry.kind(field.on).model._base_manager.filter(Q(custom__has_key=field.name) | Exists(found))


def index_next(field: CustomField, last: int, **more: Any) -> int | None:
    """Write the keys of the next records after the id `last`, in the caller's transaction; the last id, None at the end.

    The rows are held, so that somebody who changes one meanwhile comes after and has the last word.
    """
    part = list(concerned(field).filter(pk__gt=last, **more).order_by("pk").select_for_update(of=("self",))[:CHUNK])
    save.index(registry.kind(field.on), part)
    return part[-1].pk if part else None


def work_through(ctx: Context, field: CustomField) -> int:
    """All records of the field in steps, then those that changed while the definition became known everywhere."""
    if not ctx.kept.get("counted"):
        ctx.kept["counted"] = True
        ctx.progress(0, concerned(field).count())
    since = {"updated_at__gte": ctx.job.created_at - timedelta(minutes=1)}
    for name, more in (("last", {}), ("late", since)):
        last: int | None = ctx.kept.get(name, 0)
        while last is not None:
            with ctx.step():
                before = ctx.done
                last = index_next(field, last, **more)
                ctx.kept[name] = last
                if name == "last" and last is not None:
                    ctx.progress(min(before + CHUNK, ctx.total))
    return ctx.total


def under_way(field: CustomField) -> Job | None:
    """The job that brings the search up to date for a field, while it waits or runs."""
    return Job.objects.filter(name=JOB, payload__field=field.pk, state__in=Job.OPEN).order_by("-pk").first()
