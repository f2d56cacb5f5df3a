"""Forms that everybody may fill in: kept by marketing, and what happens when one is sent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from zhike.base import clock
from zhike.base.refused import Refused
from zhike.customers.duplicates.keys import numbers_of
from zhike.notices.actions import declare, tell
from zhike.org.models import Company
from zhike.pages import formats
from zhike.records import channel, checks, guard, registry, save

from .. import keys
from ..models import REACH, FormDay, FormEntry, Lead, LeadForm
from ..models.intake import new_slug
from .leads import CLOSED, create_leads

AN_HOUR = 1_000  # entries of one form; a fair stand has a few hundred
LONGEST = 20_000  # of a lead's remark, with what was sent again
declare("lead.again", gettext_lazy("%(lead)s filled in “%(form)s” again"))


class Closed(Refused):
    """The form takes nothing more: over, full, or switched off."""


class Busy(Refused):
    """More is being sent than the form takes in an hour."""

    status = 429


@dataclass(slots=True)
class Sent:
    """What came of an entry; the person who sent it is never told which."""

    lead: int
    again: bool


def _kind() -> Any:
    return registry.kind(LeadForm.KIND)


def create_forms(rows: Sequence[LeadForm], *, by: Any) -> Sequence[LeadForm]:
    """Make forms; each gets an address of its own."""
    guard.require(by, _kind(), "add")
    return save.create_rows(_kind(), rows, by=by)


@transaction.atomic
def change_form(row: LeadForm, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a form; its address stays."""
    guard.require_rows(by, [row], "edit")
    return save.change_row(row, values, by=by, version=version)


@transaction.atomic
def renew_address(row: LeadForm, *, by: Any) -> LeadForm:
    """Give a form another address; the old one, printed or linked anywhere, is closed from now on."""
    guard.require_rows(by, [row], "edit")
    save.change_row(row, {"slug": new_slug()}, by=by, version=None, action="address-renewed")
    return row


@transaction.atomic
def switch_form(row: LeadForm, *, enabled: bool, by: Any) -> LeadForm:
    """Open a form, or close it at once."""
    guard.require_rows(by, [row], "edit")
    save.change_row(row, {"enabled": enabled}, by=by, version=None, action="enable" if enabled else "disable")
    return row


def open_form(slug: str) -> LeadForm | None:
    """The form at an address, as long as it takes entries; None for an unknown and for a closed one alike."""
    found = LeadForm.objects.filter(slug=slug[:20]).select_related("campaign", "receiver", "department").first()
    return found if found is not None and _takes(found) else None


def _takes(form: LeadForm) -> bool:
    if not form.open_at(clock.now()) or (form.campaign is not None and form.campaign.status in CLOSED):
        return False
    return form.most is None or sent_of(form) < form.most


def sent_of(form: LeadForm) -> int:
    """How many leads a form has brought."""
    return FormDay.objects.filter(form=form).aggregate(n=Sum("sent"))["n"] or 0


def count(form: LeadForm, what: str) -> None:
    """Count what happened to a form today: shown, sent, again or refused."""
    today = clock.today()
    if not FormDay.objects.filter(form=form, day=today).update(**{what: F(what) + 1}):
        FormDay.objects.get_or_create(form=form, day=today)
        FormDay.objects.filter(form=form, day=today).update(**{what: F(what) + 1})


def reach_of(values: Mapping[str, Any]) -> str:
    """The digest under which the same person is known again: the first number or address they gave; "" without any."""
    for name in REACH:
        given = str(values.get(name) or "")
        parts = numbers_of(given) if name in ("mobile", "phone") else [given.strip().casefold()]
        if parts and parts[0]:
            return hmac.new(settings.SECRET_KEY.encode(), f"{'tel' if name in ('mobile', 'phone') else name}:{parts[0]}".encode(),
                            hashlib.sha256).hexdigest()[:40]
    return ""


@transaction.atomic
def take_entry(form: LeadForm, values: Mapping[str, Any], *, token: str, consent: str = "", by: Any = None) -> Sent:
    """Take in what somebody has sent: a new lead, or a note on the lead that the same number has brought here lately.

    The same `token` counts once; `consent` is what the person has agreed to, kept as it read. Raises `Closed` where the form takes nothing more, `Busy` past its limit of an hour.
    """
    # One after the other for each form: of two entries with one number the second finds the first.
    form = LeadForm.objects.select_for_update(of=("self",)).get(pk=form.pk)
    done = FormEntry.objects.filter(form=form, token=token[:40]).first()
    if done is not None:
        return Sent(done.lead_number, done.again)
    if not _takes(form):
        raise Closed(_("This form is not open."), code="form.closed")
    now = clock.now()
    if FormEntry.objects.filter(form=form, at__gt=now - timedelta(hours=1)).count() >= AN_HOUR:
        raise Busy(_("Very many people are sending this form right now. Try again in a few minutes."), code="form.busy")
    reach = reach_of(values)
    with channel.through("form"):
        known = _known(form, reach)
        lead = _again(form, known, values, by) if known is not None else _first(form, values, by)
    FormEntry.objects.create(form=form, lead_number=lead.pk, reach=reach, token=token[:40], again=known is not None,
                             consent=consent[:500], at=now)
    count(form, "again" if known is not None else "sent")
    return Sent(lead.pk, known is not None)


def _known(form: LeadForm, reach: str) -> Lead | None:
    if not reach or not form.again_days:
        return None
    since = clock.now() - timedelta(days=form.again_days)
    last = FormEntry.objects.filter(form=form, reach=reach, at__gt=since).order_by("-at", "-pk").first()
    return Lead.objects.select_for_update(of=("self",)).filter(pk=last.lead_number).first() if last is not None else None


def _first(form: LeadForm, values: Mapping[str, Any], by: Any) -> Lead:
    owner = form.receiver if form.receiver is not None and form.receiver.is_active else None
    lead = Lead(
        **values, source=form.source, campaign=form.campaign, owner=owner,
        owner_dept=owner.department if owner is not None else form.department,
    )
    lead.form = form  # type: ignore[attr-defined] # what the rules may ask about
    made: Lead = create_leads([lead], by=by, source="form", checked=False if by is not None else _judged(lead), action="lead-form")[0]
    return made


def _judged(lead: Lead) -> bool:
    """The checks of one row, since the house itself asks for nobody's rights."""
    checks.tidy([lead])
    checks.derive([lead])
    checks.check_rows([lead], exclude=["code", "created_by", "updated_by"])
    return True


def _again(form: LeadForm, lead: Lead, values: Mapping[str, Any], by: Any) -> Lead:
    """What was sent again: empty fields are filled, the rest is a note behind the remark; its owner is told."""
    fill = {name: value for name, value in values.items() if value not in (None, "") and getattr(lead, name) in (None, "")}
    differs = {name: value for name, value in values.items() if name not in fill and value not in (None, "") and value != getattr(lead, name)}
    with override(Company.current().language):
        lines = [formats.labelled(Lead._meta.get_field(name).verbose_name, value) for name, value in differs.items()]
        head = _("%(when)s, filled in again: %(form)s") % {"when": f"{clock.local(clock.now()):%Y-%m-%d %H:%M}", "form": form.said("title")}
    note = "\n".join([head, *lines])
    remark = f"{lead.remark}\n{note}" if lead.remark else note
    if lead.status == "converted":
        fill = {}
    save.change_row(lead, {**fill, "remark": remark[-LONGEST:]}, by=by, version=None, action="lead-form-again", args={"form": str(form)}, held=True)
    if fill.keys() & keys.FOUND_BY:
        keys.note_leads([lead])
    if lead.owner_id:
        tell([lead.owner], "lead.again", key=f"lead.again:{lead.pk}:{clock.now():%Y%m%d%H}", row=lead, form=str(form), lead=str(lead))
    return lead
