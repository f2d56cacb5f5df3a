"""Rights one can question: who sees a record and why, and what a person would see."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from markupsafe import Markup

from zhike.base.refused import Forbidden
from zhike.org.access import access_of
from zhike.org.models import Role
from zhike.pages import formats
from zhike.pages.parts import Badge, Card, Fact, Link, Mini
from zhike.pages.views import PageView
from zhike.records import explain, history, listing, registry, teams
from zhike.records.explain import Reason, Seer

from .. import rights
from ..role_form import LEVELS
from ..words import MODES
from .keeping import Keeping, crumbs

FIRST = 10  # rows named of each kind


def reason_text(reason: Reason, roles: dict[int, str], lang: str) -> str:
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
            return _team_text(reason, kind, lang)
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


def _team_text(reason: Reason, kind: Any, lang: str) -> str:
    grant = reason.grant
    right = str(grant.get_level_display()) if grant is not None else ""
    if grant is not None and grant.role:
        right = f"{teams.role_text(grant.role)}, {right}"
    if grant is not None and grant.expires_at:
        right = _("%(right)s until %(day)s") % {"right": right, "day": formats.full(grant.expires_at, lang)}
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
        lang = get_language() or "zh-hans"
        mine = next((seer for seer in seers if seer.user.pk == self.user.pk), None)
        others = [seer for seer in seers if seer is not mine]
        return self.answer({
            "title": _("Who can see “%(row)s”") % {"row": row},
            "mine": self._mini(mine, roles, lang) if mine else None,
            "others": [self._mini(seer, roles, lang) for seer in others],
            "count": len(seers), "back": declared.url(row),
        })

    def _mini(self, seer: Seer, roles: dict[int, str], lang: str) -> Mini:
        reasons = list(dict.fromkeys(reason_text(reason, roles, lang) for reason in seer.reasons))
        sub = " · ".join(filter(None, [str(seer.user.department or "")]))
        return Mini(str(seer.user), sub=Markup("{}<br>{}").format(sub, "; ".join(reasons)), avatar=str(seer.user)[:1],
                    badge=Badge(_("may change"), "info") if seer.changes else None)

    def crumbs(self) -> list[Link]:
        return self._crumbs


class SeesPage(Keeping, PageView):
    """What a person would see: figures and first rows of every kind, and what they may do.

    For system administrators, who see all of it themselves; nothing can be done here in the other's
    name, and looking is written into the other's history.
    """

    kind_name, place = "user", "users"
    template = "people/sees.html"

    def get(self, request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
        if not self.user.is_admin:
            raise Forbidden(_("Only a system administrator may look at what somebody else sees."))
        row = self.visible_or_404(pk)
        access = access_of(row)
        cards = [self._card(kind, row) for kind in rights.kinds() if kind.pages and access.may(kind.name, "view")]
        allowed = [
            Fact(kind.plural, formats.listed(rights.action_label(action) for action in rights.actions_of(kind) if access.may(kind.name, action)))
            for kind in rights.kinds() if access.may(kind.name, "view")
        ]
        limits = [Fact(formats.labelled(registry.kind(kind).label, registry.kind(kind).attr(name).label_text), str(MODES[mode]))
                  for (kind, name), mode in sorted(access.fields.items()) if mode and registry.has(kind)]
        history.log(row, "looked", by=self.user)
        self._row = row
        return self.answer({
            "title": _("What %(user)s would see") % {"user": row}, "back": self.kind.url(row), "cards": cards,
            "rail": [Card(_("What they may do"), facts=allowed, empty=_("Nothing.")),
                     Card(_("Fields that are not open"), facts=limits, empty=_("None."))],
        })

    def _card(self, kind: Any, user: Any) -> Card:
        rows = kind.model.objects.visible_to(user)
        count, capped = listing.capped_count(rows)
        first = rows.order_by("-pk")[:FIRST]
        return Card(kind.plural, count=f"{count:,}{'+' if capped else ''}", minis=[
            Mini(str(found), kind.url(found), sub=str(getattr(found, kind.number_field, "") if kind.number_field else "")) for found in first
        ], empty=_("Nothing of this."))

    def crumbs(self) -> list[Link]:
        return crumbs("user", Link(str(self._row), self.kind.url(self._row)), Link(_("What would they see")))

