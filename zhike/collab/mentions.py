"""Finding the colleagues a text names with @, and whether they may see what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from markupsafe import Markup, escape

from zhike.base.refused import Refused
from zhike.org.models import User
from zhike.records import guard, teams
from zhike.records.registry import kind_of

MOST = 20
LONGEST = 40
_AT = re.compile(r"@([^\s@，。；：、！？,;:!?()（）]{1,40})")
_LINK = re.compile(r"https?://[^\s<>\"'，。；、！？（）「」【】]{3,500}")
CANNOT_SEE = gettext_lazy("%(user)s cannot see this record.")
CAN_BE_LET_IN = gettext_lazy("%(user)s cannot see this record yet and can be let into the team.")


def named_in(text: str, picked: Iterable[int] = ()) -> list[User]:
    """The active colleagues named in a text, by name or user name; the longest name counts.

    `picked` are the ids chosen from the list, which decide between two of one name. Raises `Refused`
    where a name is that of several and none of them was picked, and beyond 20 people.
    """
    parts = [found[1] for found in _AT.finditer(text)][: MOST * 3]
    if not parts:
        return []
    beginnings = {part[:n] for part in parts for n in range(1, len(part) + 1)}
    # The ids picked are only ever asked for together with the name in the text: no id alone notifies anybody.
    by_name: dict[str, list[User]] = {}
    for user in User.objects.filter(is_active=True, name__in=beginnings):
        by_name.setdefault(user.name, []).append(user)
    for user in User.objects.filter(is_active=True, username__in=beginnings):
        by_name.setdefault(user.username, [user])
    wanted, found = set(picked), {}
    for part in parts:
        name = next((part[:n] for n in range(len(part), 0, -1) if part[:n] in by_name), "")
        users = by_name.get(name, [])
        chosen = [user for user in users if user.pk in wanted] if len(users) > 1 else users
        if len(users) > 1 and not chosen:
            raise Refused(_("Several colleagues are called %(name)s. Choose one from the list that opens after @.") % {"name": name},
                          field="text", code="mention.several")
        found.update({user.pk: user for user in chosen})
    if len(found) > MOST:
        raise Refused(_("At most %(n)s colleagues can be named at once.") % {"n": MOST}, field="text", code="mention.many")
    return list(found.values())


def sees(user: Any, row: Any) -> bool:
    return bool(kind_of(row).model.objects.visible_to(user).filter(pk=row.pk).exists())


class Blind(Refused):
    """Somebody named may not see the record; `users` are those who could be let into its team by whoever writes."""

    def __init__(self, message: Any, users: Sequence[User]) -> None:
        super().__init__(message, field="text", code="mention.blind")
        self.users = list(users)


def may_let_in(user: Any, row: Any) -> bool:
    """Whether the person may take colleagues into the record's team."""
    return kind_of(row).owned and guard.can_edit(user, row, "transfer")


def require_sight(users: Sequence[User], row: Any, *, by: Any = None, let_in: Iterable[int] = ()) -> None:
    """Refuse when somebody named may not see the record; each is listed.

    Those of `let_in` come into the team first, to read, where `by` may do that.
    """
    wanted = set(let_in)
    blind = [user for user in users if not sees(user, row)]
    for user in blind:
        if user.pk in wanted and by is not None:
            teams.share_with(row, user, by=by)
    blind = [user for user in blind if user.pk not in wanted or not sees(user, row)]
    if blind:
        names = [str(CANNOT_SEE % {"user": user}) for user in blind]
        # Who was let in and still sees nothing lacks the right to these records: no place in a team helps.
        could = [user for user in blind if user.pk not in wanted] if by is not None and may_let_in(by, row) else []
        raise Blind(_("%(who)s Take the name out, or let them into the team first.") % {"who": " ".join(names)}, could)


def rendered(text: str, names: Iterable[str]) -> Markup:
    """A text as safe HTML: web addresses as links, the named colleagues marked; everything else as typed."""
    marks = sorted({f"@{name}" for name in names if name}, key=len, reverse=True)
    pattern = re.compile("|".join([_LINK.pattern, *(re.escape(mark) for mark in marks)]))
    out, at = [], 0
    for found in pattern.finditer(text):
        out.append(escape(text[at : found.start()]))
        part, at = found[0], found.end()
        if part.startswith("@"):
            out.append(Markup('<span class="men">{}</span>').format(part))
            continue
        tail = part[len(part.rstrip(".,;:!?)")) :]  # the full stop of the sentence is not of the address
        part = part[: len(part) - len(tail)]
        out.append(Markup('<a href="{}" rel="noreferrer noopener nofollow" target="_blank">{}</a>{}').format(part, part, tail))
    out.append(escape(text[at:]))
    return Markup("").join(out)
