"""The background worker: runs tasks as they come and recurring jobs when they are due."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
import time
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, connection, connections
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from zhike.base import clock
from zhike.records import jobs as background
from zhike.records import signs
from zhike.records import tasks as jobs
from zhike.records.job_context import Turn

log = logging.getLogger("zhike.worker")

ATTEMPTS = 5
JOBS_EVERY = 20.0  # seconds
# A worker on another machine that gives no signs of life (an older program) cannot be asked whether it
# lives; nothing runs longer than this.
LONGEST_TASK = timedelta(hours=6)
# Bytes by which a worker may outgrow its start. Python hands little back of what a big job took, so an
# idle worker that holds more begins anew in the same process.
OUTGROWN = 64 * 1024 * 1024


def _worker_id() -> str:
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


def _alive(worker_id: str) -> bool | None:
    """Whether the worker with this id lives; None when it belongs to another machine and gives no signs."""
    try:
        host, pid, _mark = worker_id.rsplit(":", 2)
        here = host == socket.gethostname()[:30]
        if here:
            os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    # Its number may be somebody else's by now, as in a container that was started again: the signs tell.
    given = signs.lives(worker_id)
    return given if given is not None else True if here else None


def reap() -> int:
    """Free tasks whose worker died with them, and give failed ones another try; return how many.

    A task is tried five times, after 1, 2, 4 and 8 minutes; then it stays failed, with its traceback.
    """
    now, freed = clock.now(), 0
    for found in DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING):
        living = _alive(found.worker_ids[-1]) if found.worker_ids else False
        if living is None:
            living = bool(found.started_at and now - found.started_at < LONGEST_TASK)
        if not living:
            freed += _again(found, TaskResultStatus.RUNNING, wait=timedelta())
    recent = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, finished_at__gt=now - timedelta(days=1))
    for found in recent.order_by("finished_at")[:200]:
        if len(found.worker_ids) < ATTEMPTS:
            freed += _again(found, TaskResultStatus.FAILED, wait=timedelta(minutes=2 ** (len(found.worker_ids) - 1)))
    return freed


def _again(found: DBTaskResult, status: Any, *, wait: timedelta) -> int:
    # Guarded by the state it was read in: two reapers free it once.
    same = DBTaskResult.objects.filter(pk=found.pk, status=status, worker_ids=found.worker_ids)
    if len(found.worker_ids) >= ATTEMPTS:
        background.abandon(found.pk)
        return same.update(
            status=TaskResultStatus.FAILED, finished_at=clock.now(), traceback="The worker died each time."
        )
    return same.update(
        status=TaskResultStatus.READY, run_after=clock.now() + wait, started_at=None, finished_at=None
    )


def prune(days: int = 14) -> int:
    """Forget tasks that succeeded more than `days` ago; failed ones stay three months."""
    now = clock.now()
    old = DBTaskResult.objects.filter(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - timedelta(days=days))
    dead = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, finished_at__lt=now - timedelta(days=90))
    return old.delete()[0] + dead.delete()[0]


jobs.job("config.prune_tasks", every=24 * 60)(prune)


def _held() -> int:
    """Bytes of memory this process holds now, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _begin_anew() -> None:
    """Put a fresh program into this process: same pid, same words, same environment."""
    log.info("the worker begins anew to give memory back")
    connections.close_all()
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # the very words it was started with


class Pulse(threading.Thread):
    """Says every 20 seconds that this worker lives, also while a task runs for hours.

    Only where several machines can share a database: on SQLite all workers are processes of one
    machine and can be asked, and a thread that writes would wait for the task it tells of.
    """

    def __init__(self, worker_id: str) -> None:
        super().__init__(name="pulse", daemon=True)
        self.worker_id, self.over = worker_id, threading.Event()

    def beat(self) -> None:
        """One sign; a database that does not answer now may answer the next time."""
        try:
            signs.give(self.worker_id)
        except DatabaseError:
            log.warning("the database took no sign of life", exc_info=True)

    def run(self) -> None:
        while not self.over.wait(signs.EVERY):
            close_old_connections()
            self.beat()
        connection.close()

    def stop(self) -> None:
        self.over.set()
        self.join(5)
        try:
            signs.end(self.worker_id)
        except DatabaseError:
            log.warning("the database took no sign of life", exc_info=True)


class TaskWorker(Worker):
    """Drains what is ready; looks first without a lock, for an idle worker must not hold up writers."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False,
            max_tasks=None, worker_id=_worker_id(), excluded_queue_names=[],
        )

    def work(self, *, interval: float, once: bool = False) -> None:
        """Run until told to stop; `once` drains tasks and due jobs a single time."""
        pulse = Pulse(self.worker_id) if connection.vendor == "postgresql" else None
        if pulse is not None:
            pulse.beat()  # before the first task is taken
            pulse.start()
        try:
            outgrown = self._work(interval, once)
        finally:
            if pulse is not None:
                pulse.stop()
        if outgrown:
            _begin_anew()

    def _work(self, interval: float, once: bool) -> bool:
        """True when it stopped because it has outgrown its start."""
        parent, next_jobs, at_start = os.getppid(), 0.0, _held()
        Turn.stopping = staticmethod(lambda: not self.running)
        Turn.others_wait = staticmethod(lambda: DBTaskResult.objects.ready().exists())
        watch = os.environ.get("ZHIKE_WORKER_FOLLOWS") == str(parent)
        while self.running:
            if watch and os.getppid() != parent:
                log.warning("the process that started this worker is gone: stopping")
                return False
            close_old_connections()
            try:
                if time.monotonic() >= next_jobs:
                    next_jobs = time.monotonic() + JOBS_EVERY
                    self.run_jobs()
                if DBTaskResult.objects.ready().exists():
                    self.run()
            except DatabaseError:
                # Busy or restarting: what is stored waits; a worker that gives up helps nobody.
                log.exception("the database did not answer")
                time.sleep(min(5.0, interval * 5))
            if once:
                return False
            if self.running and _held() - at_start > OUTGROWN:
                return True
            if self.running:
                time.sleep(interval)
        return False

    def run_jobs(self) -> None:
        # A signal in the middle of a job lets it finish, as it does with tasks.
        self.running_task = True
        try:
            reap()
            jobs.run_due_jobs()
        finally:
            self.running_task = False


def work(*, interval: float = 1.0, once: bool = False) -> None:
    """Work off tasks and jobs until SIGTERM or SIGINT; a second signal stops at once."""
    worker = TaskWorker()
    if not once:
        worker.configure_signals()
    worker.work(interval=interval, once=once)
