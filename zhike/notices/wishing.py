"""How one person wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.refused import Refused

from .alerting import declared
from .models import Wishes


def set_wishes(
    *, muted: Sequence[str], digest_hour: int, quiet_from: int | None, quiet_to: int | None, mail: bool, by: Any
) -> Wishes:
    """Store one's own wishes. Refuses half a span of quiet hours, and mail without an address."""
    if (quiet_from is None) != (quiet_to is None):
        raise Refused(_("Quiet hours need a beginning and an end."), field="quiet_to")
    if mail and not by.email:
        raise Refused(_("Your account has no e-mail address. An administrator enters it."), field="mail")
    values = {"muted": [code for code in muted if declared(code)], "digest_hour": digest_hour, "quiet_from": quiet_from,
              "quiet_to": quiet_to, "mail": mail}
    return Wishes.objects.update_or_create(user=by, defaults=values)[0]
