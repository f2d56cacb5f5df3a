"""Taking a conversion back, as long as nobody has worked with what it made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.activities.models import Activity, Task
from zhike.base import clock
from zhike.base.refused import Refused
from zhike.collab import references
from zhike.collab.models import Attachment, Comment, TagLink
from zhike.customers.actions import advance_lifecycle, refresh_facts, unmake_contact, unmake_customer
from zhike.leads.actions import unmark_converted
from zhike.leads.models import Lead
from zhike.leads.status import LEAD
from zhike.opportunities.actions import unmake_opportunity
from zhike.records import guard, history, registry, save, undo
from zhike.records.models import TeamGrant

from ..models import LeadConversion
from .converting import conversion_of

HOURS = 24
# From the last made to the first: what hangs on another goes before it.
ORDER = ("opportunity", "contact", "customer")
# Made with the record itself, or by the night from it.
OWN_PARTS = frozenset((
    "customers.NameKey", "customers.ReachKey", "customers.CustomerFacts", "customers.LifecycleChange", "customers.SuspectedPair",
    "opportunities.OpportunityLine", "opportunities.StageChange", "leads.Lead", "marketing.LeadConversion",
))
LINKED = (Attachment, Comment, TagLink, TeamGrant)


def undoable(found: LeadConversion | None) -> bool:
    """Whether a conversion is young enough to be taken back."""
    return found is not None and found.undone_at is None and clock.now() - found.at < timedelta(hours=HOURS)


@transaction.atomic
def undo_conversion(found: LeadConversion, *, by: Any) -> Lead:
    """Take a conversion back within 24 hours: what it made is gone, and the lead is followed up again with all that was its own.

    Raises `Refused` with the reasons where somebody has worked with what it made.
    """
    lead = Lead.objects.visible_to(by).filter(pk=found.lead_id).first()
    if lead is None:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    guard.require_rows(by, [lead], "convert")
    stored = save.locked(lead)
    LEAD.check(stored, "unconvert")
    found = LeadConversion.objects.select_for_update(of=("self",)).select_related("customer", "contact", "opportunity").get(pk=found.pk)
    if not undoable(found):
        raise Refused(_("A conversion can be taken back once, within %(n)s hours.") % {"n": HOURS}, code="conversion.over")
    standing = what_stands(found, by)
    if standing:
        raise Refused(_("Work has gone on with what the lead became. Mark the lead's results yourself, or go on with them."),
                      items=standing, code="conversion.used")
    customer, made = found.customer, list(found.made)
    _give_back(found, by)
    rows = {name: getattr(found, name) for name in ORDER}
    found.undone_at, found.undone_by = clock.now(), by
    for name in made:
        setattr(found, name, None)
    found.save()
    unmark_converted(stored, by=by)
    _unmake(rows, made, found, by)
    if customer is not None and "customer" not in made:
        refresh_facts([customer.pk])
        history.log(customer, "lead-undone", by=by, args={"lead": stored})
    return stored


def _unmake(rows: dict[str, Any], made: list[str], found: LeadConversion, by: Any) -> None:
    if "opportunity" in made:
        unmake_opportunity(rows["opportunity"], by=by)
    if "contact" in made:
        unmake_contact(rows["contact"], by=by)
    customer = rows["customer"]
    if "customer" in made:
        unmake_customer(customer, by=by)
    elif "opportunity" in made and found.journal.get("lifecycle") in ("target", "potential") and not _has_opportunity(customer):
        advance_lifecycle([customer], "take_back_opportunity", by=by)


def _has_opportunity(customer: Any) -> bool:
    return bool(registry.kind("opportunity").model.objects.filter(customer=customer).exists())


def what_stands(found: LeadConversion, by: Any) -> list[Any]:
    """What has happened since with the records that the conversion made: texts, or (text, address)."""
    standing: list[Any] = []
    journal = found.journal
    known: dict[str, set[int]] = {
        "activities.Activity": {line[0] for line in journal["activities"]}, "activities.Task": {line[0] for line in journal["tasks"]},
        "collab.Attachment": set(journal["files"]), "collab.Comment": set(journal["comments"]), "collab.TagLink": set(journal["tags"]),
        **{getattr(found, name)._meta.label: {getattr(found, name).pk} for name in found.made if getattr(found, name) is not None},
    }
    for name in found.made:
        row, kind = getattr(found, name), registry.kind(name)
        if row is None:
            standing.append(_("The %(kind)s is no longer there.") % {"kind": kind.label})
            continue
        seen = kind.model.objects.visible_to(by).filter(pk=row.pk).exists()
        if row.version != journal["versions"].get(name):
            text = _("“%(row)s” has been changed since.") % {"row": row}
            standing.append((text, kind.url(row)) if seen else text)
        standing += _hanging(row, known)
    return standing


def _hanging(row: Any, known: dict[str, set[int]]) -> list[str]:
    """What points to a record now and did not when it was made."""
    counts: dict[Any, int] = {}
    for field in references.pointing(type(row)):
        label = field.model._meta.label
        if label not in OWN_PARTS:
            rows = field.model._base_manager.filter(**{field.attname: row.pk}).exclude(pk__in=known.get(label, set()))
            counts[field.model._meta.verbose_name_plural] = counts.get(field.model._meta.verbose_name_plural, 0) + rows[:1_000].count()
    for model in LINKED:
        rows = model._base_manager.filter(kind=row.KIND, row_id=row.pk).exclude(pk__in=known.get(model._meta.label, set()))
        counts[model._meta.verbose_name_plural] = rows[:1_000].count()
    return [_("“%(row)s”: %(n)s %(what)s") % {"row": row, "n": n, "what": what} for what, n in counts.items() if n]


def _give_back(found: LeadConversion, by: Any) -> None:
    """Follow-ups and tasks are the lead's alone again; the copies of files, comments and tags go."""
    journal = found.journal
    args = {"lead": found.lead}
    for kind_name, model, lines, names in (
        ("activity", Activity, journal["activities"], ("customer_id", "contact_id", "opportunity_id")),
        ("task", Task, journal["tasks"], ("customer_id", "opportunity_id")),
    ):
        groups: dict[tuple[Any, ...], list[int]] = {}
        for pk, *before in lines:
            groups.setdefault(tuple(before), []).append(pk)
        for values, ids in groups.items():
            rows = list(model._default_manager.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
            save.change_rows(registry.kind(kind_name), rows, dict(zip(names, values, strict=True)), by=by, action="lead-undone", args=args)
    Attachment.objects.filter(pk__in=journal["files"]).delete()
    Comment.objects.filter(pk__in=journal["comments"]).delete()
    TagLink.objects.filter(pk__in=journal["tags"]).delete()


def undo_last_conversion(lead: Lead, *, by: Any) -> Lead:
    """Take back what a lead became."""
    found = conversion_of(lead)
    if found is None:
        raise Refused(_("This lead has not been converted."), code="conversion.none")
    return undo_conversion(found, by=by)


@undo.undoer("marketing.conversion")
def _take_back(payload: dict[str, Any], *, by: Any) -> None:
    found = LeadConversion.objects.filter(pk=payload["id"]).first()
    if found is None:
        raise Refused(_("This can no longer be undone."), code="undo.changed")
    undo_conversion(found, by=by)
