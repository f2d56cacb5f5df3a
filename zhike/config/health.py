"""Is it alive, is it ready, which version: for those who run it."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zhike import __version__

_complete: set[bool] = set()


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process can answer at all; touches nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers and no migration is missing, else 503 and why."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
        if not _complete:
            executor = MigrationExecutor(connection)
            # Once complete it stays complete for the life of this process.
            if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
                _complete.add(True)
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "reason": "database"}, status=503)
    if not _complete:
        return JsonResponse({"status": "unavailable", "reason": "migrations"}, status=503)
    return JsonResponse({"status": "ready"})


@require_safe
@never_cache
def version(request: HttpRequest) -> JsonResponse:
    """Answer which version runs."""
    return JsonResponse({"name": "zhike", "version": __version__})
