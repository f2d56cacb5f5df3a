"""Rights one can question: who sees a record and why, and what a person would see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base import clock
from zhike.base.refused import Forbidden
from zhike.org.access import access_of
from zhike.org.models import Role
from zhike.pages import cells, formats
from zhike.pages.columns import heading, usual
from zhike.pages.parts import Badge, Card, Cell, Column, Fact, Link, Mini, Pager, Row, Table
from zhike.pages.views import PageView
from zhike.records import explain, history, listing, registry, teams
from zhike.records.explain import Reason, Seer
from zhike.records.kinds import Kind

from .. import rights
from ..role_form import LEVELS
from ..words import MODES
from .keeping import Keeping, crumbs

FIRST = 5  # rows named of each kind; the whole list is behind them


def reason_text(reason: Reason, roles: dict[int, str]) -> str:
    """A reason in words."""
    role = roles.get(reason.role or 0, "")
    level = str(dict(LEVELS).get(reason.level, reason.level))
    kind = registry.kind(reason.parent.KIND).label if reason.parent is not None else ""
    match reason.why:
        case "admin":
            return _("System administrator: sees everything")
        case "owner" if reason.parent is not None:
            return _("Owner of the %(kind)s %(row)s") % {"kind": kind, "row": reason.parent}
        case "owner":
            return _("Owner of this record")
        case "team":
            return _team_text(reason, kind)
        case "asked":
            return _("Asked to act on this record")
        case "pool":
            return _("Keeps or belongs to the pool of this customer")
        case "line" | "line-activity":
            return _("Looks after a product line of this customer")
        case "line-opportunity":
            return _("Looks after this product line at the customer")
        case "group-department":
            return _("Works in the department of this group")
        case "waiting":
            return _("May take leads that wait in this queue")
        case "manager":
            return _("Manager of the owner, by the role %(role)s (%(level)s)") % {"role": role, "level": level}
    return _("Role %(role)s: %(level)s") % {"role": role, "level": level}


def _team_text(reason: Reason, kind: Any) -> str:
    grant = reason.grant
    right = str(grant.get_level_display()) if grant is not None else ""
    if grant is not None and grant.role:
        right = f"{teams.role_text(grant.role)}, {right}"
    if grant is not None and grant.expires_at:
        last = clock.local(grant.expires_at) - timedelta(seconds=1)  # the last day it counts, as the team's list says it
        right = _("%(right)s until %(day)s") % {"right": right, "day": formats.d(last.date())}
    if reason.parent is not None:
        return _("In the team of the %(kind)s %(row)s (%(right)s)") % {"kind": kind, "row": reason.parent, "right": right}
    return _("In the team (%(right)s)") % {"right": right}


class WhoSeesPage(PageView):
    """Everybody who can see a record with every reason; open to whoever sees the record themselves."""

    template = "people/who_page.html"
    fragment = "people/who.html"

    def get(self, request: HttpRequest, kind: str, pk: int, **kwargs: Any) -> HttpResponse:
        if not registry.has(kind) or not registry.kind(kind).owned or not registry.kind(kind).pages:
            raise Http404
        declared = registry.kind(kind)
        row = self.visible_or_404(pk, declared)
        self._crumbs = [Link(declared.plural, declared.list_url()), Link(str(row), declared.url(row)), Link(_("Who can see this"))]
        seers = explain.who_sees(row)
        roles = {role.pk: str(role) for role in Role.objects.all()}
        mine = next((seer for seer in seers if seer.user.pk == self.user.pk), None)
        meant = next((seer for seer in seers if str(seer.user.pk) == request.GET.get("who") and seer is not mine), None)
        others = [seer for seer in seers if seer is not mine and seer is not meant]
        return self.answer({
            "title": _("Who can see “%(row)s”") % {"row": row},
            "meant": self._mini(meant, roles) if meant else None,
            "meant_text": _("Why %(user)s sees it") % {"user": meant.user} if meant else "",
            "mine": self._mini(mine, roles) if mine else None,
            "others": [self._mini(seer, roles) for seer in others],
            "count": len(seers), "back": declared.url(row),
        })

    def _mini(self, seer: Seer, roles: dict[int, str]) -> Mini:
        reasons = list(dict.fromkeys(reason_text(reason, roles) for reason in seer.reasons))
        sub = Markup("<br>").join([str(seer.user.department or ""), *reasons])
        return Mini(str(seer.user), sub=sub, avatar=str(seer.user)[:1],
                    badge=Badge(_("may change"), "info") if seer.changes else None)

    def crumbs(self) -> list[Link]:
        return self._crumbs


class SeesPage(Keeping, PageView):
    """What a person would see: figures and first rows of every kind with the whole list behind them, and what they may do.

    For system administrators, who see all of it themselves; nothing can be done here in the other's
    name, and looking is written into the other's history.
    """

    kind_name, place = "user", "users"
    template = "people/sees.html"

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        if not self.user.is_admin:
            raise Forbidden(_("Only a system administrator may look at what somebody else sees."))
        self._row = self.visible_or_404(pk)
        self._theirs = access_of(self._row)
        shown = {kind.name: kind for kind in rights.kinds() if kind.pages and self._theirs.may(kind.name, "view")}
        asked = request.GET.get("kind", "")
        if asked and asked not in shown:
            raise Http404
        answer = self._list(shown[asked]) if asked else self._overview(list(shown.values()))
        self._note()
        return answer

    def _note(self) -> None:
        """Write the look down, once for all that is looked at within ten minutes."""
        since = clock.now() - timedelta(minutes=10)
        if not history.of(self._row).filter(action="looked", by=self.user, at__gte=since).exists():
            history.log(self._row, "looked", by=self.user)

    def _overview(self, shown: list[Kind]) -> HttpResponse:
        access = self._theirs
        allowed = [
            Fact(kind.plural, formats.listed(rights.action_label(action) for action in rights.actions_of(kind) if access.may(kind.name, action)))
            for kind in rights.kinds() if access.may(kind.name, "view")
        ]
        limits = [Fact(formats.labelled(registry.kind(kind).label, registry.kind(kind).attr(name).label_text), str(MODES[mode]))
                  for (kind, name), mode in sorted(access.fields.items()) if mode and registry.has(kind)]
        return self.answer({
            "title": _("What %(user)s would see") % {"user": self._row}, "back": self.kind.url(self._row),
            "cards": [self._card(kind) for kind in shown],
            "rail": [Card(_("What they may do"), facts=allowed, empty=_("Nothing.")),
                     Card(_("Fields that are not open"), facts=limits, empty=_("None."))],
        })

    def _card(self, kind: Kind) -> Card:
        rows = kind.model.objects.visible_to(self._row)
        count, capped = listing.capped_count(rows)
        first = rows.order_by("-pk")[:FIRST]
        n = f"{count:,}{'+' if capped else ''}"
        return Card(kind.plural, count=n, minis=[
            Mini(str(found), kind.url(found), sub=str(getattr(found, kind.number_field, "") if kind.number_field else "")) for found in first
        ], empty=_("Nothing of this."), more=Link(_("All %(n)s") % {"n": n}, self._address(kind)) if count else None)

    def _address(self, kind: Kind, **more: str) -> str:
        return f"{self.request.path}?{urlencode({'kind': kind.name, **{name: value for name, value in more.items() if value}})}"

    def _list(self, kind: Kind) -> HttpResponse:
        """The whole list as they would see it, with their columns and masks; every name leads to the record in one's own name."""
        given = {name: self.request.GET.getlist(name) for name in ("q", "order") if self.request.GET.get(name)}
        asked = listing.read(kind, given, self._row)
        columns = usual(kind, self._theirs)
        links = [attr.path for attr in columns if attr.link and not attr.custom and attr.path not in kind.related]
        found = listing.page(asked, cursor=self.request.GET.get("cursor", ""), related=links, columns=columns)
        show = cells.renderers(kind, columns, found.items, self._theirs)
        if columns and columns[0].type == "ref":
            show[0] = cells.renderer(kind, columns[0], self._theirs)
        rows = [self._line(kind, row, [render(row) for render in show], columns) for row in found.items]
        head = [Column(attr.name, heading(attr), num=attr.num, primary=i == 0, priority=attr.priority) for i, attr in enumerate(columns)]
        n = f"{found.count:,}{'+' if found.capped else ''}"
        last = found.first + len(found.items) - 1
        said = {"q": asked.q, "order": (given.get("order") or [""])[-1]}
        return self.answer({
            "title": _("What %(user)s would see") % {"user": self._row}, "back": self.request.path, "kind": kind.name, "q": asked.q,
            "name": kind.plural, "count_text": str(kind.count_text) % {"n": n}, "clear": self._address(kind),
            "table": Table([*head, Column("why", "")] if kind.owned else head, rows, label=str(kind.plural)),
            "pager": Pager(
                text=_("%(first)s–%(last)s of %(n)s") % {"first": f"{found.first:,}", "last": f"{last:,}", "n": n} if rows else "",
                prev_url=self._address(kind, cursor=found.prev, **said) if found.prev else "",
                next_url=self._address(kind, cursor=found.next, **said) if found.next else "",
            ),
            "others": [Link(other.plural, self._address(other), active=other is kind) for other in rights.kinds()
                       if other.pages and self._theirs.may(other.name, "view")],
        })

    def _line(self, kind: Kind, row: Any, drawn: list[Any], columns: list[Any]) -> Row:
        if drawn:
            drawn[0] = Markup('<a class="lk" href="{}">{}</a>').format(kind.url(row), drawn[0])
        made = [Cell(html, num=attr.num) for attr, html in zip(columns, drawn, strict=True)]
        if kind.owned:
            why = f"{reverse('who-sees', args=[kind.name, row.pk])}?who={self._row.pk}"
            made.append(Cell(Markup('<a href="{}" data-dialog>{}</a>').format(why, _("Why?"))))
        return Row(row.pk, kind.url(row), made)

    def crumbs(self) -> list[Link]:
        return crumbs("user", Link(str(self._row), self.kind.url(self._row)), Link(_("What would they see")))
