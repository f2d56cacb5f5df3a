"""What deserves attention on a customer's page: facts of this floor; higher apps add theirs to `customer.attention`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.pages import formats
from zhike.pages.parts import Button, Notice
from zhike.records import guard

from .. import quality
from ..models import Opening, PoolWarning, SuspectedPair
from ..status import OPEN

POOR = 60  # percent of the data below which the page asks for more
NAMED = 3  # gaps that are named


def known_gaps(page: Any) -> list[quality.Gap]:
    """The gaps in the customer's data that the person may know of, what is wrong first. Read from the facts: no query."""
    facts = getattr(page.row, "facts", None)
    if facts is None or not facts.gaps:
        return []
    found = [gap for gap in quality.gaps_of(facts.gaps) if quality.may_know(gap, page.access)]
    return sorted(found, key=lambda gap: (not gap.wrong, -gap.weight))


def of_data(page: Any) -> list[Notice]:
    """What is wrong in the data, and the gaps where too little is known."""
    gaps = known_gaps(page)
    if not gaps:
        return []
    complete = Button(_("Complete"), page.kind.action_url("edit", page.row), style="t") if guard.can_edit(page.user, page.row) else None
    found = [Notice(capfirst(str(gap.label)), "bad", "alert-triangle", complete) for gap in gaps if gap.wrong]
    missing = [str(gap.label) for gap in gaps if not gap.wrong]
    if missing and page.row.facts.completeness < POOR:
        named = _(", ").join(missing[:NAMED])
        text = _("Data %(n)s%% complete: %(gaps)s") if len(missing) <= NAMED else _("Data %(n)s%% complete: %(gaps)s and more")
        found.append(Notice(text % {"n": page.row.facts.completeness, "gaps": named}, "info", "list-details", complete))
    return found


def of_pool(page: Any) -> list[Notice]:
    """That it falls into a pool soon, as its owner has been warned."""
    row, today = page.row, clock.today()
    if row.pool_id:
        return []
    found = PoolWarning.objects.filter(customer=row, due_on__gte=today).order_by("due_on", "-before").first()
    if found is None:
        return []
    facts = getattr(row, "facts", None)
    warned = found.due_on - timedelta(days=found.before)
    if facts is not None and clock.local(facts.last_contact_at).date() > warned:
        return []  # contacted since then: the next look of the rules tells anew
    text = _("Falls into the pool on %(day)s unless something happens.") % {"day": formats.d(found.due_on)}
    return [Notice(text, "bad", "ripple", Button(_("See"), reverse("pool-due"), style="t") if row.owner_id == page.user.pk else None)]


def of_duplicates(page: Any) -> list[Notice]:
    """Records that may be the same firm: to compare for those who may merge, to know of for the others who see both."""
    if not guard.can_edit(page.user, page.row):
        return []
    merges, model = guard.can_edit(page.user, page.row, "merge"), page.kind.model
    known = (model.objects.editable_by(page.user) if merges else model.objects.visible_to(page.user)).order_by().values("pk")
    here = Q(low=page.row, high__in=known) | Q(high=page.row, low__in=known)
    found = list(SuspectedPair.objects.filter(here, different=False).select_related("low", "high").order_by("-rank", "pk")[:10])
    if not found:
        return []
    other = found[0].high if found[0].low_id == page.row.pk else found[0].low
    if not merges:
        text = _("May stand here twice, as “%(name)s” too. A sales manager can merge them.") % {"name": other}
        return [Notice(text, "wait", "users", Button(_("Open"), page.kind.url(other), style="t"))]
    if len(found) == 1:
        compare = f"{reverse('customer-merge')}?ids={found[0].low_id},{found[0].high_id}"
        return [Notice(_("May stand here twice, as “%(name)s” too.") % {"name": other}, "wait", "users", Button(_("Compare"), compare, style="t"))]
    return [Notice(_("May stand here twice: %(n)s similar customers.") % {"n": len(found)}, "wait", "users",
                   Button(_("See"), reverse("duplicates"), style="t"))]


def of_opening(page: Any) -> list[Notice]:
    """An application to open it formally that waits, or has come back."""
    if not page.access.may("opening", "view"):
        return []
    found = Opening.objects.filter(customer=page.row, status__in=OPEN).order_by(F("pk").desc()).first()
    if found is None:
        return []
    back = found.status == "returned"
    text = _("The application for a formal customer has been returned.") if back else _("The application for a formal customer waits for finance.")
    return [Notice(text, "bad" if back else "info", "file-invoice", Button(_("Open"), reverse("opening-detail", args=[found.pk]), style="t"))]
