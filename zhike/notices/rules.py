"""What administrators do with alert rules."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from zhike.base.refused import Refused
from zhike.base.text import number
from zhike.org.models import Department, Role, User
from zhike.records import guard, jobs, listing, registry, save

from .alerting import Alert, all_alerts, declared
from .models import AlertHit, AlertRule
from .scanning import all_seeing, close_hits

PERSONAL = ("me", "mine")


def ensure_rules() -> int:
    """Add a rule for each alert that has none yet, as the alert's app suggests; what is there stays."""
    known = set(AlertRule.objects.values_list("code", flat=True))
    rows = [
        AlertRule(code=alert.code, enabled=alert.on, recipients=list(alert.recipients), escalate_days=alert.escalate,
                  repeat_days=alert.repeat, digest=alert.digest, working=alert.working)
        for alert in all_alerts() if alert.code not in known
    ]
    AlertRule.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@transaction.atomic
def change_rule(rule: AlertRule, values: Mapping[str, Any], *, by: Any, version: int | None) -> dict[str, Any]:
    """Change what a rule counts, whom it tells and when. Refuses figures, people and conditions that are none."""
    guard.require_rows(by, [rule], "edit")
    return save.change_row(rule, _checked(rule, values), by=by, version=version)


def tried_with(rule: AlertRule, values: Mapping[str, Any], *, by: Any) -> AlertRule:
    """The rule as it would be with these values, to be tried; nothing is stored. Refuses what `change_rule` does."""
    guard.require_rows(by, [rule], "edit")
    draft = copy.copy(rule)
    for name, value in _checked(rule, values).items():
        setattr(draft, name, value)
    return draft


def _checked(rule: AlertRule, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a rule, found right."""
    alert = declared(rule.code)
    if alert is None:
        raise Refused(_("The part of the program that made this alert is not there any more."), code="alert.gone")
    values = dict(values)
    if "params" in values:
        values["params"] = _figures(alert, values["params"])
    if "recipients" in values:
        values["recipients"] = _recipients(alert, values["recipients"])
    if "departments" in values:
        ids = sorted({int(pk) for pk in values["departments"]})
        if Department.objects.filter(pk__in=ids).count() != len(ids):
            raise Refused(_("Choose one from the list."), field="departments")
        values["departments"] = ids
    if "conditions" in values:
        values["conditions"] = conditions_of(alert, values["conditions"])
    start, end = values.get("quiet_from", rule.quiet_from), values.get("quiet_to", rule.quiet_to)
    if (start is None) != (end is None):
        raise Refused(_("Quiet hours need a beginning and an end."), field="quiet_to")
    return values


@transaction.atomic
def switch_rule(rule: AlertRule, *, enabled: bool, by: Any) -> AlertRule:
    """Turn a rule on or off; turned off, what it has found leaves everybody's list."""
    guard.require_rows(by, [rule], "edit")
    if not rule.recipients and enabled:
        raise Refused(_("Say first whom this alert tells."), code="alert.nobody")
    save.change_row(rule, {"enabled": enabled}, by=by, version=None, action="enable" if enabled else "disable")
    if not enabled:
        close_hits(list(AlertHit.objects.filter(rule=rule, closed_at=None).values_list("pk", flat=True)))
    return rule


def _figures(alert: Alert, given: Mapping[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for param in alert.params:
        for key, choice in param.slots():
            value = given.get(key, param.default_of(choice))
            if type(value) is not int or not param.least <= value <= param.most:
                raise Refused(_("%(label)s: a whole number from %(least)s to %(most)s.")
                              % {"label": param.label, "least": param.least, "most": f"{param.most:,}"}, field=f"p_{key}")
            found[key] = value
    return found


def _recipients(alert: Alert, given: Any) -> list[str]:
    """Known recipients in the order given; refuses what names nobody."""
    found = list(dict.fromkeys(given))
    simple = {*alert.named(), "admins"}
    ids = {code[5:] for code in found if code.startswith("user:")}
    if any(number(pk) is None for pk in ids):
        raise Refused(_("Choose one from the list."), field="users")
    known = {f"user:{pk}" for pk in User.objects.filter(pk__in=[int(pk) for pk in ids]).values_list("pk", flat=True)}
    known |= {f"role:{code}" for code in Role.objects.values_list("code", flat=True)} | simple
    if any(code not in known for code in found):
        raise Refused(_("Choose one from the list."), field="recipients")
    if not found:
        raise Refused(_("Say first whom this alert tells."), field="recipients")
    if len(found) > 50:
        raise Refused(_("At most %(n)s recipients are possible.") % {"n": 50}, field="recipients")
    return found


def conditions_of(alert: Alert, text: str) -> str:
    """The query string of a list's address, checked; the whole address may be given."""
    text = text.strip()
    if not text:
        return ""
    if not alert.kind:
        raise Refused(_("This alert is about no list of records."), field="conditions")
    kind = registry.kind(alert.kind)
    query = urlsplit(text).query if "?" in text else text
    asked = {name: values for name, values in parse_qs(query).items() if name not in ("view", "order", "cursor", "peek", "columns", "group")}
    if not asked:
        raise Refused(_("The address has no conditions. Open the list, choose conditions there, and copy its address."), field="conditions")
    if "q" in asked:
        raise Refused(_("A search cannot be a condition; use filters."), field="conditions")
    if any(value in PERSONAL for values in asked.values() for value in values) or '"me"' in str(asked) or '"mine"' in str(asked):
        raise Refused(_("“Mine” means nobody here: choose people or departments by name."), field="conditions")
    try:
        listing.read(kind, asked, all_seeing())
    except Refused as no:
        raise Refused(no.message, field="conditions", code=no.code) from None
    return urlencode(asked, doseq=True)[:2000]


def scan_soon(rule: AlertRule, *, by: Any) -> Any:
    """Scan one rule in the background, for who keeps rules."""
    guard.require_rows(by, [rule], "edit")
    return jobs.start(by, "notices.scan_rule", {"rule": rule.pk}, title=_("Scan of “%(rule)s”") % {"rule": rule})
