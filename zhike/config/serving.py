"""The web server: gunicorn with sync workers, loaded once and then forked."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def default_workers() -> int:
    """Two for each core, eight at most: more only pays on machines that are tuned by hand."""
    return max(2, min(8, 2 * (os.cpu_count() or 1)))


def port_is_free(host: str, port: int) -> bool:
    """Whether this process could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def load_application() -> Any:
    """Import everything a request needs, so that the workers share it after the fork."""
    from django.core.wsgi import get_wsgi_application
    from django.db import connections
    from django.template import engines
    from django.urls import get_resolver

    from zhike.base.chinese import pinyin

    application = get_wsgi_application()
    _ = get_resolver().url_patterns
    engines.all()
    pinyin.load()
    # A connection opened before the fork would be shared by all workers.
    connections.close_all()
    gc.collect()
    gc.freeze()
    # A page makes some thousands of objects and drops them all: looking for cycles every 700 costs a
    # list a millisecond or two and finds nothing.
    gc.set_threshold(20_000, 20, 50)
    return application


def serve(
    *, host: str, port: int, workers: int, when_ready: Callable[[], None] | None = None
) -> None:
    """Answer on http://host:port until told to stop (SIGTERM, SIGINT). Does not return before that."""
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):
        def load_config(self) -> None:
            bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            settings: dict[str, Any] = {
                "bind": bind,
                "workers": workers,
                "worker_class": "sync",
                "preload_app": True,
                "timeout": 120,
                "graceful_timeout": 20,
                # A worker is replaced now and then, which bounds what a slow leak can take.
                "max_requests": 20000,
                "max_requests_jitter": 2000,
                "loglevel": os.environ.get("ZHIKE_GUNICORN_LOG", "warning"),
                "control_socket_disable": True,
                "proc_name": "zhike",
                "forwarded_allow_ips": os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1"),
            }
            if Path("/dev/shm").is_dir() and os.access("/dev/shm", os.W_OK):
                settings["worker_tmp_dir"] = "/dev/shm"  # the heartbeat must not wait for a disk
            for name, value in settings.items():
                self.cfg.set(name, value)
            if when_ready:
                self.cfg.set("when_ready", lambda server: when_ready())

        def load(self) -> Any:
            return load_application()

    Application().run()
