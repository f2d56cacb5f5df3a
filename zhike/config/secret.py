"""The signing key: given by the environment, or made once in the data directory."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def secret_key(data: Path) -> str:
    """Return the key in DATA/secret.key, making it (readable by its owner only) when it is missing.

    Two processes that start together agree: the first link wins, the other reads it.
    """
    path = data / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    data.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(dir=data, prefix=".secret-")  # mode 600 from the start
    try:
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        os.unlink(made)
    return path.read_text().strip()
