"""Who takes part: colleagues, who then see and write the activity, and people of the customer's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.collab import mentions
from zhike.customers.models import Contact
from zhike.notices.actions import tell
from zhike.org.models import User
from zhike.records import guard, history, teams
from zhike.records.models import TeamGrant

from ..models import Activity, Attendee

ROLE = "participant"
MOST = 50


def participants(row: Activity) -> list[Any]:
    """The colleagues who take part, besides the owner."""
    found = TeamGrant.objects.filter(kind=row.KIND, row_id=row.pk, role=ROLE).select_related("user").order_by("pk")
    return [grant.user for grant in found]


def attendees(row: Activity, by: Any) -> list[Any]:
    """The further people of the customer's who take part, as far as `by` sees them."""
    ids = Attendee.objects.filter(activity_number=row.pk).values("contact_number")
    return list(Contact.objects.visible_to(by).filter(pk__in=ids).order_by("-primary", "sort_name", "pk"))


@transaction.atomic
def invite(row: Activity, user: User, *, by: Any) -> Activity:
    """Let a colleague take part: the activity stands in their calendar and they may write it."""
    guard.require_rows(by, [row], "edit")
    return set_participants(row, [*participants(row), user], by=by)


@transaction.atomic
def set_participants(row: Activity, users: Sequence[Any], *, by: Any) -> Activity:
    """Say which colleagues take part. Whoever is new is told; whoever no longer takes part no longer sees it by that."""
    guard.require_rows(by, [row], "edit")
    wanted = {user.pk: user for user in users if user.pk != row.owner_id}
    if len(wanted) > MOST:
        raise Refused(_("At most %(n)s people take part.") % {"n": MOST}, field="people")
    before = {user.pk: user for user in participants(row)}
    new = [user for pk, user in wanted.items() if pk not in before]
    gone = [user for pk, user in before.items() if pk not in wanted]
    if gone:
        teams.unshare_row(row, gone, by=by)
    if new:
        teams.share_row(row, new, level=TeamGrant.WRITE, role=ROLE, by=by)
        tell(new, "activity.invited", key=f"activity:{row.pk}:invited:{row.version}", row=row, by=by, category="task",
             who=str(by), activity=row.subject)
    return row


@transaction.atomic
def set_attendees(row: Activity, contacts: Sequence[Any], *, by: Any) -> Activity:
    """Say which further people of the customer's take part. Those the person does not see stay as they are."""
    guard.require_rows(by, [row], "edit")
    wanted = {contact.pk for contact in contacts}
    if len(wanted) > MOST:
        raise Refused(_("At most %(n)s people take part.") % {"n": MOST}, field="contacts")
    seen = Contact.objects.visible_to(by).filter(customer=row.customer_id)
    if seen.filter(pk__in=wanted).count() != len(wanted):
        raise Refused(_("Choose one from the list."), field="contacts")
    before = {contact.pk: contact for contact in attendees(row, by)}
    Attendee.objects.filter(activity_number=row.pk, contact_number__in=before.keys() - wanted).delete()
    Attendee.objects.bulk_create([Attendee(activity_number=row.pk, contact_number=pk) for pk in sorted(wanted - before.keys())])
    if wanted != before.keys():
        history.log(row, "attend", by=by, diff={"attendees": (
            [str(contact) for contact in before.values()], [str(contact) for contact in contacts])})
    return row


@transaction.atomic
def mention_in(row: Activity, *, picked: Iterable[int] = (), by: Any) -> list[User]:
    """Tell the colleagues that a follow-up names with @; whoever sees the customer or lead but not the follow-up gets to read it.

    Raises `Refused` where one of those named may not see the customer or lead at all.
    """
    guard.require_rows(by, [row], "add")
    named = mentions.named_in(row.content, picked)
    mentions.require_sight(named, row.partner)
    blind = [user for user in named if not mentions.sees(user, row)]
    if blind:
        teams.share_row(row, blind, by=by)
    tell(named, "activity.mention", key=f"activity:{row.pk}:mention", row=row, by=by, category="mention", who=str(by), customer=str(row.partner))
    return named
