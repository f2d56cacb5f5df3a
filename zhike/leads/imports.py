"""Campaigns and leads in import plans and uploaded files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from zhike.base.chinese import likeness
from zhike.base.refused import Refused
from zhike.org.access import access_of
from zhike.records import checks, ownership
from zhike.records.imports.importer import OwnedImporter

from . import actions, duplicates, keys
from .models import Campaign, Lead


def _change(row: Any, values: Mapping[str, Any], change: Any, *, by: Any) -> dict[str, Any]:
    """A new owner is a transfer; the rest is an edit."""
    values = dict(values)
    values.pop("owner_dept", None)
    owner = values.pop("owner", None)
    diff = dict(change(row, values, by=by, version=None)) if values else {}
    if owner is not None and owner.pk != row.owner_id:
        former = row.owner
        ownership.transfer_rows([row], to=owner, by=by, reason=_("import"))
        diff["owner"] = (former, owner)
    return diff


class CampaignImporter(OwnedImporter):
    kind = "campaign"
    model = Campaign
    plain = ("code", "name", "type", "starts_on", "ends_on", "place", "audience", "description", "budget", "cost", "goal_leads",
             "goal_opportunities", "goal_amount", "summary", "remark", "created_at")
    refs = {"owner": "user", "owner_dept": "department"}
    required = ("name",)
    match = ("code", "name")
    keys = ("code", "name")
    keep = ("name",)
    small = True

    def create(self, rows: list[Campaign], *, by: Any, batch: str) -> list[Campaign]:
        return list(actions.create_campaigns(rows, by=by, checked=True, batch=batch, action="import", dated=True))

    def change(self, row: Campaign, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        return _change(row, values, actions.change_campaign, by=by)


class LeadImporter(OwnedImporter):
    """Leads, e.g. the visitors of a fair. Without an owner they wait in a queue where the person assigns leads, else they are theirs."""

    kind = "lead"
    model = Lead
    plain = ("code", "name", "company", "job_title", "mobile", "phone", "email", "wechat", "website", "address", "industry", "source",
             "interest", "need", "amount", "expected_on", "heat", "remark", "created_at")
    refs = {"campaign": "campaign", "product": "product", "region": "region", "owner": "user", "owner_dept": "department"}
    required = ("name",)
    match = ("code", "mobile", "email")
    keys = ("code", "mobile", "email")
    keep = ("name",)

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        values = super().prepare(values, by=by)
        if values.get("amount") is not None and values["amount"] < 0:
            raise Refused(_("An amount is not below nought."), field="amount")
        return values

    def build(self, values: Mapping[str, Any], *, by: Any) -> Any:
        if values.get("owner") is None and access_of(by).may("lead", "assign"):
            return Lead(**{**values, "owner": None})
        return super().build(values, by=by)

    def create(self, rows: list[Lead], *, by: Any, batch: str) -> list[Lead]:
        return list(actions.create_leads(rows, by=by, source="import", checked=True, batch=batch, action="import", dated=True))

    def change(self, row: Lead, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        return _change(row, values, actions.change_lead, by=by)

    def doubts(self, rows: Sequence[Lead], *, by: Any) -> dict[int, str]:
        """Rows that an open lead or a customer looks like, whoever owns it."""
        found: dict[int, str] = {}
        checks.tidy(rows)
        for i, hits in enumerate(duplicates.look(rows, by)):
            for hit in hits[:1]:
                if likeness.RANK[hit.verdict] >= likeness.RANK[likeness.LIKELY]:
                    who = hit.row.code if hit.row is not None else _("owner %(owner)s") % {"owner": hit.owner}
                    found[i] = _("looks like %(name)s (%(code)s)") % {"name": hit.name, "code": who}
        return found

    def twins(self, row: Lead) -> list[str]:
        return [f"{what} {value}" for what, value in keys.keys_of(row) if what in ("phone", "email")]
