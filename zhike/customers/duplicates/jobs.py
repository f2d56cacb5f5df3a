"""Looking for duplicates by the clock and on demand."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.records import jobs, tasks
from zhike.records.job_context import Context

from . import keys, pairs


@tasks.job("customers.match_keys", every=60)
def catch_up() -> None:
    """Customers without keys (loaded past the actions, or of an older version) get theirs."""
    keys.catch_up()


@tasks.job("customers.find_pairs", every=24 * 60)
def find_pairs() -> None:
    pairs.find_pairs()


@jobs.job("customers.find_pairs", label=gettext_lazy("search for duplicates"))
def find_now(ctx: Context) -> Any:
    """The same when somebody asks for it."""
    n = pairs.find_pairs()
    ctx.say(_("%(n)s suspected pairs") % {"n": f"{n:,}"})
