"""What the message centre tells by itself: that a background job is over, that a passkey may have been copied."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.org.models import User
from zhike.people.events import passkey_copied
from zhike.records.jobs import job_ended
from zhike.records.models import Job

from . import actions

actions.declare("job.done", _("%(title)s is done."))
actions.declare("job.failed", _("%(title)s has failed. See why, and go on with it from there."))
TONES = {Job.DONE: "good", Job.FAILED: "bad"}


@job_ended.follow_up
def tell_starter(ids: list[int], *, by_id: int | None, state: str) -> None:
    """Tell the person who started the job; one who cancelled it knows."""
    for job in Job.objects.filter(pk__in=ids, state=state).select_related("user"):
        if state in TONES:
            actions.tell([job.user], f"job.{state}", key=f"job:{job.pk}:{job.ended_at:%Y%m%d%H%M%S}", row=job,
                         tone=TONES[state], title=job.title)


def _links(user: Any, ids: set[int]) -> dict[int, str]:
    return {pk: reverse("job", args=[pk]) for pk in Job.objects.filter(user=user, pk__in=ids).values_list("pk", flat=True)}


actions.LINKS[Job.KIND] = _links

actions.declare("passkey.copied", _("Your passkey “%(name)s” was refused: its counter went back, which happens when a key has been "
                                    "copied. Remove it in your account and make a new one."))


@passkey_copied.follow_up
def warn_of_copy(ids: list[int], *, by_id: int | None, name: str, at: str) -> None:
    """Tell the person that one of their passkeys was refused."""
    for user in User.objects.filter(pk__in=ids):
        actions.tell([user], "passkey.copied", key=f"passkey:{at}", row=SimpleNamespace(KIND="account", pk=user.pk), tone="bad",
                     urgent=True, name=name)


def _accounts(user: Any, ids: set[int]) -> dict[int, str]:
    return dict.fromkeys(ids & {user.pk}, reverse("account"))


actions.LINKS["account"] = _accounts


def _alerts(user: Any, ids: set[int]) -> dict[int, str]:
    """A digest leads to the records behind it."""
    return {pk: reverse("message-alerts", args=[pk]) for pk in ids}


actions.LINKS["alert"] = _alerts
