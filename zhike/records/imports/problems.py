"""What can be wrong with a plan, a file or a cell, told so that it can be mended."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _


class PlanError(Exception):
    """The plan cannot be used; the message names the file, the section, the key and what is allowed."""


class SourceError(Exception):
    """A source file cannot be read; the message names the file and what to do."""


class Busy(Exception):
    """Another import is running on this database."""


class CellError(Exception):
    """The value of one cell is not usable; the row fails with this reason."""


def allowed(found: Any, names: Iterable[str]) -> str:
    """“Allowed: a, b” with the nearest name first in mind: “did you mean …?”."""
    names = list(names)
    text = _("Allowed: %(list)s.") % {"list": ", ".join(names[:40]) or "—"}
    near = difflib.get_close_matches(str(found), names, 1)
    return (_("Did you mean “%(name)s”?") % {"name": near[0]} + " " + text) if near else text
