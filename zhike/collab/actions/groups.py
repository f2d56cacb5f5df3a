"""Discussion groups: who belongs to them, what they talk about, and their end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.notices import actions as notices
from zhike.org.access import access_of
from zhike.org.models import User
from zhike.records import guard, history, registry, save, teams
from zhike.records.models import TeamGrant

from .. import mentions
from ..group_rights import people_of
from ..models import Comment, DiscussionGroup, GroupReading, GroupRecord

MEMBER = "member"
MOST_MEMBERS = 200  # picked by hand
MOST_RECORDS = 50
MOST_OWNED = 200

notices.declare("group.added", gettext_lazy("%(who)s took you into the discussion group “%(group)s”"))
notices.declare("group.closed", gettext_lazy("%(who)s closed the discussion group “%(group)s”"))


@transaction.atomic
def create_groups(rows: Sequence[DiscussionGroup], *, by: Any) -> list[DiscussionGroup]:
    """Open discussion groups; they belong to whoever opens them."""
    guard.require(by, registry.kind("discussion_group"), "add")
    if DiscussionGroup.objects.filter(owner=by, status=DiscussionGroup.OPEN)[:MOST_OWNED].count() + len(rows) > MOST_OWNED:
        raise Refused(_("You have %(n)s open groups already. Close some first.") % {"n": MOST_OWNED})
    for row in rows:
        if row.owner_id != by.pk:
            raise Refused(_("A group belongs to whoever opens it. It can be handed over later."), field="owner")
    return list(save.create_rows(registry.kind("discussion_group"), rows, by=by))


@transaction.atomic
def change_group(row: DiscussionGroup, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change the name, the purpose or the department of one's group."""
    guard.require_rows(by, [row], "edit")
    return save.change_row(row, values, by=by, version=version)


def members(row: DiscussionGroup) -> list[Any]:
    """The members picked by hand, without the owner."""
    return members_of([row])[row.pk]


def members_of(rows: Sequence[DiscussionGroup]) -> dict[int, list[Any]]:
    """Group id → its members picked by hand, for many groups in one query."""
    found: dict[int, list[Any]] = {row.pk: [] for row in rows}
    owners = {row.pk: row.owner_id for row in rows}
    for grant in TeamGrant.objects.filter(kind=DiscussionGroup.KIND, row_id__in=list(found)).select_related("user").order_by("pk"):
        if teams.lasts(grant) and grant.user_id != owners[grant.row_id]:
            found[grant.row_id].append(grant.user)
    return found


def everybody(row: DiscussionGroup) -> list[Any]:
    """All active members: the owner, those picked by hand, and the department."""
    found = {user.pk: user for user in [row.owner, *members(row), *people_of(row.department)] if user.is_active}
    return list(found.values())


@transaction.atomic
def set_members(row: DiscussionGroup, users: Sequence[Any], *, by: Any) -> DiscussionGroup:
    """Say who belongs to one's group; whoever is new is told. What those who go have written stays."""
    guard.require_rows(by, [row], "edit")
    wanted = {user.pk: user for user in users if user.pk != row.owner_id}
    if len(wanted) > MOST_MEMBERS:
        raise Refused(_("At most %(n)s members can be picked by hand. Take a whole department instead.") % {"n": MOST_MEMBERS}, field="people")
    before = {user.pk: user for user in members(row)}
    gone = [user for pk, user in before.items() if pk not in wanted]
    new = [user for pk, user in wanted.items() if pk not in before]
    if gone:
        teams.unshare_row(row, gone, by=by)
    if new:
        teams.share_row(row, new, level=TeamGrant.READ, role=MEMBER, by=by)
        notices.tell(new, "group.added", key=f"group:{row.pk}:added:{clock.now().isoformat()}", row=row, by=by, category="mention", who=str(by),
                     group=row.name)
    return row


@transaction.atomic
def add_member(row: DiscussionGroup, user: User, *, by: Any) -> DiscussionGroup:
    """Take one more colleague into one's group; nothing happens when they belong to it."""
    return set_members(row, [*members(row), user], by=by)


@transaction.atomic
def remove_member(row: DiscussionGroup, user: User, *, by: Any) -> DiscussionGroup:
    """Take a member picked by hand out of one's group; what they wrote stays."""
    return set_members(row, [member for member in members(row) if member.pk != user.pk], by=by)


@transaction.atomic
def leave_group(row: DiscussionGroup, *, by: Any) -> None:
    """Leave a group one was picked for. Its owner hands it over first; a department is left by moving."""
    if not mentions.sees(by, row):
        raise Http404
    if row.owner_id == by.pk:
        raise Refused(_("The group is yours: hand it over to somebody first, or close it."), code="group.owner")
    if not teams.unshare_row(row, [by], by=by):
        raise Refused(_("You belong to this group by your department. Ask its owner."), code="group.department")


@transaction.atomic
def switch_group(row: DiscussionGroup, *, by: Any) -> DiscussionGroup:
    """Close one's group, so that nothing more is said in it, or open it again; its words stay to be read."""
    guard.require_rows(by, [row], "edit")
    stored = save.locked(row)
    closing = not stored.closed
    save.change_row(row, {"status": DiscussionGroup.CLOSED if closing else DiscussionGroup.OPEN}, by=by, version=stored.version,
                    action="group-close" if closing else "group-open")
    if closing:
        notices.tell(everybody(row), "group.closed", key=f"group:{row.pk}:closed:{row.version}", row=row, by=by, category="mention", who=str(by),
                     group=row.name)
    return row


@transaction.atomic
def tie_record(row: DiscussionGroup, record: Any, *, by: Any) -> GroupRecord:
    """Note that a group talks about a record; for members who see the record."""
    if not mentions.sees(by, row) or not mentions.sees(by, record):
        raise Http404
    if row.closed:
        raise closed()
    if GroupRecord.objects.filter(group=row)[:MOST_RECORDS].count() >= MOST_RECORDS:
        raise Refused(_("At most %(n)s records in one group.") % {"n": MOST_RECORDS}, field="group")
    made, new = GroupRecord.objects.get_or_create(group=row, kind=record.KIND, row_id=record.pk,
                                                  defaults={"created_at": clock.now(), "created_by": by})
    if not new:
        raise Refused(_("This record is in the group already."), field="group", code="group.twice")
    history.log(row, "group-tie", by=by, args={"kind": record.KIND, "id": record.pk})
    return made


@transaction.atomic
def untie_record(link: GroupRecord, row: DiscussionGroup, *, by: Any) -> None:
    """Take a record out of a group: whoever put it in, or may change the group."""
    if not mentions.sees(by, row) or link.group_id != row.pk:
        raise Http404
    if link.created_by_id != by.pk and not guard.can_edit(by, row):
        raise Forbidden(_("Only whoever put the record in, or the owner of the group, takes it out."))
    if GroupRecord.objects.filter(pk=link.pk).delete()[0]:
        history.log(row, "group-untie", by=by, args={"kind": link.kind, "id": link.row_id})


def closed() -> Refused:
    """The refusal of words in a closed group."""
    return Refused(_("This group is closed. Its owner can open it again."), code="group.closed")


def require_open(row: Any) -> None:
    """Refuse words in a closed group."""
    if isinstance(row, DiscussionGroup) and row.closed:
        raise closed()


def note_words(row: Any, *, by: Any) -> None:
    """Something was said: the group comes to the top, and whoever spoke has read it."""
    if isinstance(row, DiscussionGroup):
        now = clock.now()
        DiscussionGroup.objects.filter(pk=row.pk).update(last_words_at=now)
        mark_read(row, by=by)


def mark_read(row: DiscussionGroup, *, by: Any, last: int | None = None) -> None:
    """Remember that the person has read the group up to now, or up to the words with the number `last`."""
    seen = clock.now()
    if last is not None:
        found = Comment.objects.filter(kind=DiscussionGroup.KIND, row_id=row.pk, pk=last).values_list("created_at", flat=True).first()
        if found is None:
            return
        seen = found
    kept, new = GroupReading.objects.get_or_create(group=row, user=by, defaults={"seen_at": seen})
    if not new and kept.seen_at < seen:
        GroupReading.objects.filter(pk=kept.pk, seen_at__lt=seen).update(seen_at=seen)


def unread_in(ids: Sequence[int], *, by: Any) -> dict[int, int]:
    """Group id → how much others have said there since the person last read it; one query."""
    seen = GroupReading.objects.filter(group=OuterRef("row_id"), user=by).values("seen_at")[:1]
    said = Comment.objects.filter(kind=DiscussionGroup.KIND, row_id__in=list(ids), deleted_at=None).exclude(created_by=by)
    new = said.annotate(_seen=Subquery(seen)).filter(Q(_seen=None) | Q(created_at__gt=Subquery(seen)))
    return dict(new.order_by().values_list("row_id").annotate(n=Count("pk")))


def tied(row: DiscussionGroup, user: Any) -> list[tuple[GroupRecord, Any]]:
    """The records of a group that the person may see, each with its link; one query for each kind."""
    links = list(GroupRecord.objects.filter(group=row).order_by("pk"))
    by_kind: dict[str, list[int]] = {}
    for link in links:
        by_kind.setdefault(link.kind, []).append(link.row_id)
    found = {(name, record.pk): record for name, ids in by_kind.items() if registry.has(name)
             for record in registry.kind(name).visible(user).filter(pk__in=ids)}
    return [(link, found[link.kind, link.row_id]) for link in links if (link.kind, link.row_id) in found]


def of_record(record: Any, user: Any) -> list[DiscussionGroup]:
    """The groups that talk about a record, among those the person belongs to."""
    if record.KIND == DiscussionGroup.KIND:
        return []
    return list(DiscussionGroup.objects.visible_to(user).filter(records__kind=record.KIND, records__row_id=record.pk).order_by("-last_words_at")[:10])


def kind_for(user: Any) -> Any:
    """The kind of discussion groups, where the person's roles show them at all."""
    return registry.kind(DiscussionGroup.KIND) if access_of(user).may(DiscussionGroup.KIND, "view") else None
