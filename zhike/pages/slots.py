"""What the kit itself adds to every kind with pages."""

from __future__ import annotations

from zhike.records import registry

from . import stars

for _kind in registry.kinds():
    if _kind.pages:
        stars.add_to(_kind)
