"""What people do with customer care: finish, send, skip, and respect who wants to be left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from zhike.activities.actions import log_activity
from zhike.base import clock
from zhike.base.refused import Forbidden, Refused
from zhike.customers.models import Contact
from zhike.notices import outbox
from zhike.notices.models import Outgoing
from zhike.org.access import access_of
from zhike.org.models import Company
from zhike.records import guard, history, registry, save

from .. import events, festivals
from ..models import CareDay, CareItem, CareRule, ContactWish, CustomerWish
from ..planning import is_english
from ..status import CARE

AS_ACTIVITY = {"phone": "phone", "visit": "visit", "wechat": "wechat", "sms": "other", "email": "email", "gift": "other"}
ADDRESS = {"email": "email", "sms": "mobile", "wechat": "wechat"}  # where a contact keeps it
SENT = {"email": "mail", "sms": "sms"}  # by the house's outbox
BY_HAND = ("wechat",)  # copied, and sent from one's own phone
MOST_DAYS = 50  # to remember of one customer


@transaction.atomic
def create_rules(rows: Sequence[CareRule], *, by: Any) -> Sequence[CareRule]:
    """Add rules of customer care and plan what they ask for. Refuses texts that cannot be read or name unknown variables."""
    guard.require(by, registry.kind("care_rule"), "add")
    made = save.create_rows(registry.kind("care_rule"), rows, by=by)
    events.care_rules_set.announce(made, by=by)
    return made


@transaction.atomic
def change_rule(row: CareRule, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change a rule; what it has planned already stays as it is, what it asks for besides is planned."""
    guard.require_rows(by, [row], "edit")
    diff = save.change_row(row, values, by=by, version=version)
    if diff:
        events.care_rules_set.announce([row], by=by)
    return diff


def _step(row: CareItem, move: str, values: dict[str, Any], *, by: Any) -> CareItem:
    guard.require_rows(by, [row], "edit")
    step = CARE.check(save.locked(row), move)
    save.change_row(row, {"status": step.target, **values}, by=by, version=None, action=move)
    return row


@transaction.atomic
def finish_care(
    row: CareItem, *, by: Any, result: str = "", cost: Decimal = Decimal(0), next_contact_at: datetime | None = None, version: int | None = None,
) -> CareItem:
    """Record that the attention was paid; it stands among the customer's activities as well, and a next contact is planned.

    `cost` is money spent, never negative.
    """
    if cost < 0:
        raise Refused(_("A cost is not negative."), field="cost")
    _step(row, "finish", {"result": result.strip(), "cost": cost, "finished_at": clock.now()}, by=by)
    _log(row, result, by, next_contact_at)
    return row


def _log(row: CareItem, result: str, by: Any, next_contact_at: datetime | None = None, contact: Contact | None = None) -> None:
    if not access_of(by).may("activity", "add"):
        if next_contact_at is not None:
            raise Forbidden(_("Your roles do not allow planning contacts."))
        return
    contact = contact or (Contact.objects.visible_to(by).filter(pk=row.contact_id, customer=row.customer_id).first() if row.contact_id else None)
    content = "\n".join(part for part in (row.title, result.strip() or row.text) if part)
    log_activity(customer=row.customer, contact=contact, type=AS_ACTIVITY[row.channel], subject=row.title[:100], content=content[:5000],
                 next_contact_at=next_contact_at, by=by)


def receivers(row: CareItem, by: Any) -> Any:
    """Who at the customer can get the text: there, with an address for its channel, and not asking to be left alone."""
    rows = Contact.objects.visible_to(by).filter(customer=row.customer_id, left=False).exclude(**{ADDRESS[row.channel]: ""})
    return rows.exclude(pk__in=ContactWish.objects.filter(opt_out=True).values("contact_id")).order_by("-primary", "sort_name", "pk")


@transaction.atomic
def send_care(row: CareItem, *, by: Any, text: str, subject: str = "", contact: Contact | None = None) -> Outgoing | None:
    """Put the text into the outbox and finish the item. Mail leaves by itself, SMS waits for a channel; WeChat was sent from one's own phone.

    It goes to the item's contact, or to another `contact` of the customer. Refuses without a contact,
    without their address for the channel, and for who asked to be left alone.
    """
    guard.require_rows(by, [row], "edit")
    CARE.check(save.locked(row), "finish")
    contact, address = _receiver(row, contact, by)
    put = None
    if row.channel in SENT:
        put = outbox.put_out(SENT[row.channel], address, text, key=f"care:{row.pk}", subject=subject or subject_of(row), row=row, by=by)
    _step(row, "finish", {"text": text.strip(), "finished_at": clock.now()}, by=by)
    _log(row, text, by, contact=contact)
    return put


@transaction.atomic
def send_again(row: CareItem, *, by: Any, text: str, subject: str = "", contact: Contact | None = None) -> Outgoing:
    """Put a text that could not be delivered into the outbox once more, perhaps to another address. Refuses while it waits or was sent."""
    guard.require_rows(by, [row], "edit")
    save.locked(row)
    last = sent_as(row)
    # The failed one is put by: an administrator who tries it again would send both.
    if last is None or last.state != Outgoing.FAILED or not outbox.take_back([last.pk], failed=True):
        raise Refused(_("Only what could not be sent is sent again."), code="care.again")
    _contact, address = _receiver(row, contact, by)
    tries = Outgoing.objects.filter(kind=CareItem.KIND, row_id=row.pk).count()
    put = outbox.put_out(SENT[row.channel], address, text, key=f"care:{row.pk}:{tries}", subject=subject or last.subject, row=row, by=by)
    if not save.change_row(row, {"text": text.strip()}, by=by, version=None, action="send-again"):
        save.touch_row(row, by=by, action="send-again")
    return put


def _receiver(row: CareItem, contact: Contact | None, by: Any) -> tuple[Contact, str]:
    """Who gets the text and at which address."""
    if row.channel not in ADDRESS:
        raise Refused(_("This is no message to send: finish it when it is done."), code="care.channel")
    wanted = contact.pk if contact is not None else row.contact_id
    contact = Contact.objects.visible_to(by).filter(pk=wanted, customer=row.customer_id).first() if wanted else None
    if contact is None:
        raise Refused(_("There is no contact to send this to. Add one to the customer, or finish the item when you have reached them another way."),
                      code="care.contact")
    if _left_alone(contact):
        raise Refused(_("%(name)s wants no attention.") % {"name": contact}, code="care.opt_out")
    address = str(getattr(contact, ADDRESS[row.channel]))
    if not address:
        raise Refused(_("%(name)s has no address for this channel. Enter it first.") % {"name": contact}, code="care.address")
    return contact, address


def subject_of(row: CareItem) -> str:
    """What a mail is headed with until somebody writes otherwise: the occasion and our name, in the customer's language, nothing of our own list."""
    with translation.override("en" if is_english(row.customer) else "zh-hans"):
        company = str(Company.current())
        if row.occasion in festivals.FESTIVALS or row.occasion == CareRule.BIRTHDAY:
            occasion = festivals.FESTIVALS[row.occasion][0] if row.occasion in festivals.FESTIVALS else dict(CareRule.OCCASIONS)[CareRule.BIRTHDAY]
            return _("%(occasion)s greetings from %(company)s") % {"occasion": str(capfirst(str(occasion))), "company": company}
        return _("Greetings from %(company)s") % {"company": company}


def sent_as(row: CareItem) -> Outgoing | None:
    """What became of its text in the outbox; None for what was not sent."""
    return Outgoing.objects.filter(kind=CareItem.KIND, row_id=row.pk).order_by("-pk").first()


def _left_alone(contact: Contact) -> bool:
    return (ContactWish.objects.filter(contact=contact, opt_out=True).exists()
            or CustomerWish.objects.filter(customer=contact.customer_id, opt_out=True).exists())


@transaction.atomic
def skip_care(row: CareItem, *, by: Any, reason: str) -> CareItem:
    """Leave an item out, with a reason."""
    if not reason.strip():
        raise Refused(_("Say why it is left out."), field="reason")
    return _step(row, "skip", {"reason": reason.strip()[:200], "finished_at": clock.now()}, by=by)


@transaction.atomic
def reopen_care(row: CareItem, *, by: Any) -> CareItem:
    """Plan again what was left out."""
    return _step(row, "reopen", {"reason": "", "finished_at": None}, by=by)


@transaction.atomic
def set_contact_wish(contact: Contact, *, by: Any, lunar: bool, opt_out: bool, reason: str = "") -> ContactWish:
    """Note how a contact keeps the birthday and whether they want to be left alone; then nothing planned stays."""
    guard.require_rows(by, [contact], "edit")
    before = ContactWish.objects.filter(contact=contact).first()
    wish, _made = ContactWish.objects.update_or_create(contact=contact, defaults={
        "lunar": lunar, "opt_out": opt_out, "reason": reason.strip()[:200], "changed_at": clock.now()})
    _note(contact, before, wish, ("lunar", "opt_out"), by)
    if opt_out:
        _drop(CareItem.objects.filter(contact=contact), by, contact.customer_id)
    return wish


@transaction.atomic
def set_customer_wish(customer: Any, *, by: Any, opt_out: bool, reason: str = "") -> CustomerWish:
    """Note that a customer wants to be left alone altogether; then nothing planned stays."""
    guard.require_rows(by, [customer], "edit")
    before = CustomerWish.objects.filter(customer=customer).first()
    wish, _made = CustomerWish.objects.update_or_create(customer=customer, defaults={
        "opt_out": opt_out, "reason": reason.strip()[:200], "changed_at": clock.now()})
    _note(customer, before, wish, ("opt_out",), by)
    if opt_out:
        _drop(CareItem.objects.filter(customer=customer), by, customer.pk)
    return wish


def _note(row: Any, before: Any, after: Any, names: Sequence[str], by: Any) -> None:
    """The wish in the record's own history."""
    old = {name: getattr(before, name) if before else False for name in names}
    args = {name: getattr(after, name) for name in names if getattr(after, name) != old[name]}
    if args:
        history.log(row, "care-wish", by=by, args={**args, "reason": after.reason})


def _drop(items: Any, by: Any, customer_id: int) -> None:
    """What was planned is left out, and what waits in the outbox does not leave."""
    rows = list(items.filter(status="planned"))
    save.change_rows(registry.kind("care_item"), rows, {"status": "skipped", "reason": str(_("Wants no attention")), "finished_at": clock.now()},
                     by=by, action="skip")
    ids = list(items.values_list("pk", flat=True))
    texts = Outgoing.objects.filter(kind=CareItem.KIND, row_id__in=ids, state__in=(Outgoing.WAITING, Outgoing.FAILED))
    outbox.take_back(list(texts.values_list("pk", flat=True)), failed=True)


@transaction.atomic
def add_care_day(customer: Any, *, by: Any, name: str, first_on: date, lunar: bool = False, contact: Contact | None = None) -> CareDay:
    """Remember a day of a customer that comes back every year, e.g. the founding of the firm."""
    guard.require_rows(by, [customer], "edit")
    if not name.strip():
        raise Refused(_("Give the day a name."), field="name")
    if first_on > clock.today():
        raise Refused(_("The first time lies in the past."), field="first_on")
    if contact is not None and contact.customer_id != customer.pk:
        raise Refused(_("This contact belongs to another customer."), field="contact")
    if CareDay.objects.filter(customer=customer).count() >= MOST_DAYS:
        raise Refused(_("At most %(n)s days of one customer are remembered.") % {"n": MOST_DAYS}, code="care.days")
    made = CareDay.objects.create(customer=customer, contact=contact, name=name.strip()[:60], first_on=first_on, lunar=lunar)
    history.log(customer, "care-day", by=by, args={"name": made.name, "first_on": first_on})
    return made


@transaction.atomic
def remove_care_day(day: CareDay, *, by: Any) -> None:
    """Forget a day again."""
    guard.require_rows(by, [day.customer], "edit")
    history.log(day.customer, "care-day-gone", by=by, args={"name": day.name})
    day.delete()
