"""Processes, stages and opportunities with their past, in import plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from zhike.base import clock
from zhike.base.fields import Price, Quantity
from zhike.base.refused import Refused
from zhike.records import guard, history, registry, save
from zhike.records.imports.importer import Importer, OwnedImporter, Target

from . import actions
from .models import Opportunity, OpportunityLine, Process, Stage, StageChange


class ProcessImporter(Importer):
    """A sales process; its stages are a section of their own. Administrators only."""

    kind = "process"
    model = Process
    plain = ("code", "version", "name_zh", "name_en", "types", "enabled")
    required = ("code", "name_zh", "name_en")
    match = ("code",)
    keys = ("code",)
    keep = ("code",)
    small = True

    def create(self, rows: list[Any], *, by: Any, batch: str) -> list[Any]:
        made = self.model.objects.bulk_create(rows)
        history.write([history.entry(row, "import", by=by, batch=batch) for row in made])
        return made

    def change(self, row: Any, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        diff = save.changes(registry.kind(self.kind), row, values)
        fixed = {"code", "version", "process", "order"} & diff.keys()
        if fixed:
            raise Refused(_("This stays as it is once the process is there; publish a new version instead."),
                          field=min(fixed))
        if diff:
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
            history.log(row, "import", by=by, diff=diff)
        return diff


class StageImporter(ProcessImporter):
    kind = "stage"
    model = Stage
    plain = ("order", "code", "name_zh", "name_en", "win_rate", "standard_days", "guide")
    refs = {"process": "process"}
    required = ("process", "order", "code", "name_zh", "name_en", "win_rate")
    match = ("process", "code")
    keys = ("path",)
    keep = ("process_id", "order", "code", "win_rate", "name_zh", "name_en")

    def lookup(self, name: str, keys: Sequence[str], *, by: Any) -> dict[str, list[Any]]:
        """By process and stage code, "mto/quote"; the newest version of the process counts."""
        found: dict[str, list[Any]] = {}
        wanted = dict.fromkeys(keys)
        codes = {key.partition("/")[0] for key in keys if "/" in key}
        rows = Stage.objects.filter(process__code__in=codes).select_related("process").order_by("-process__version")
        for row in rows:
            key = f"{row.process.code}/{row.code}"
            if key in wanted and key not in found:
                found[key] = [row]
        return found


LINE = {
    "product": Target("product", "ref", ref="product", field=OpportunityLine._meta.get_field("product")),
    "text": Target("text", field=OpportunityLine._meta.get_field("text")),
    "quantity": Target("quantity", "exact", field=Quantity(default=Decimal(1))),
    "unit": Target("unit", field=OpportunityLine._meta.get_field("unit")),
    "target_price": Target("target_price", "exact", field=Price(null=True, blank=True)),
    "remark": Target("remark", field=OpportunityLine._meta.get_field("remark")),
}
STEP = {"stage": Target("stage", "ref", ref="stage"), "at": Target("at", "datetime")}
COMPOSED = ("lines", "history")


class OpportunityImporter(OwnedImporter):
    """Opportunities as they were elsewhere: stage, state, dates and values, through `restate_history`."""

    kind = "opportunity"
    model = Opportunity
    plain = ("code", "name", "type", "status", "amount", "expected_sign_date", "source", "demand", "budget", "remark",
             "won_at", "won_amount", "win_reason", "lost_at", "lost_amount", "lose_reason", "lost_to", "lose_remark",
             "resume_on", "created_at", "stage_started_at")
    refs = {"customer": "customer", "contact": "contact", "final_user": "customer", "product_line": "product_line", "stage": "stage", "owner": "user",
            "owner_dept": "department"}
    required = ("name", "customer", "stage")
    asks_custom = False  # history is restated as it was, with what it lacks
    match = ("code",)
    keys = ("code",)
    keep = ("name", "customer_id")

    def targets(self) -> dict[str, Target]:
        return {**super().targets(), "lines": Target("lines", parts=LINE),
                "history": Target("history", parts=STEP)}

    def check_right(self, by: Any) -> None:
        super().check_right(by)
        guard.require(by, registry.kind("opportunity"), "restate_history")

    def prepare(self, values: dict[str, Any], *, by: Any) -> dict[str, Any]:
        values = super().prepare(values, by=by)
        status = values.get("status", "open")
        if status == "won" and not (values.get("won_at") and values.get("won_amount") is not None):
            raise Refused(_("A won opportunity needs the day it was won and the amount."), field="won_at")
        if status == "lost" and not values.get("lost_at"):
            raise Refused(_("A lost opportunity needs the day it was lost."), field="lost_at")
        if values.get("amount") is not None and values["amount"] < 0:
            raise Refused(_("An amount is not below nought."), field="amount")
        closed = values.get("won_at") or values.get("lost_at")
        if closed and closed > clock.today():
            raise Refused(_("The day of the result lies in the future."), field="won_at" if values.get("won_at") else "lost_at")
        steps = [step for step in values.get("history", ()) if step.get("at")]
        if any(step["at"] > clock.now() for step in steps):
            raise Refused(_("A stage cannot have been reached in the future."), field="history")
        if any(later["at"] < earlier["at"] for earlier, later in zip(steps, steps[1:], strict=False)):
            raise Refused(_("The stages are not in the order of their dates."), field="history")
        if closed and steps and closed < clock.local(steps[-1]["at"]).date():
            raise Refused(_("The result lies before the last stage."), field="history")
        for line in values.get("lines", ()):
            if line.get("quantity") is not None and line["quantity"] <= 0:
                raise Refused(_("A quantity is above nought."), field="lines")
        return values

    def build(self, values: Mapping[str, Any], *, by: Any) -> Opportunity:
        own = {name: value for name, value in values.items() if name not in COMPOSED}
        stage = own["stage"]
        own["process_id"] = stage.process_id
        row: Opportunity = super().build({**own, **self._state(own, values)}, by=by)
        row._steps = self._steps(row, values, by)  # type: ignore[attr-defined]
        return row

    def _state(self, own: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """Win rate and dates that follow from stage, status and history."""
        status = own.get("status", "open")
        found: dict[str, Any] = {
            "win_rate": Decimal(1) if status == "won" else Decimal(0) if status in ("lost", "void") else own["stage"].win_rate
        }
        dates = [step["at"] for step in values.get("history", ()) if step.get("at")]
        if dates:
            found["created_at"] = own.get("created_at") or dates[0]
            found["stage_started_at"] = own.get("stage_started_at") or dates[-1]
        return found

    def _steps(self, row: Opportunity, values: Mapping[str, Any], by: Any) -> list[StageChange]:
        """The stage changes, the result last; days between them counted."""
        found: list[StageChange] = []
        before: StageChange | None = None

        def add(target: Any, at: datetime, status: str) -> None:
            nonlocal before
            days = (clock.local(at).date() - clock.local(before.at).date()).days if before else 0
            before = StageChange(source=before.target if before else None, target=target, at=at, status=status, by=by,
                                 days=days, amount=row.amount, win_rate=target.win_rate)
            found.append(before)

        for step in values.get("history", ()):
            if step.get("at") and step.get("stage"):
                add(step["stage"], step["at"], "open")
        if not found:
            add(row.stage, row.stage_started_at, "open")
        closed = row.won_at or row.lost_at
        if row.status in ("won", "lost") and closed:
            add(row.stage, max(clock.start_of(closed), found[-1].at), row.status)
        return found

    def create(self, rows: list[Opportunity], *, by: Any, batch: str) -> list[Opportunity]:
        return actions.restate_history(rows, [row._steps for row in rows], by=by, batch=batch)  # type: ignore[attr-defined]

    def after_create(self, pairs: Sequence[tuple[Opportunity, Mapping[str, Any]]], *, by: Any) -> None:
        actions.replace_lines({row.pk: _lines(values["lines"]) for row, values in pairs if values.get("lines")}, by=by)

    def change(self, row: Opportunity, values: Mapping[str, Any], *, by: Any) -> dict[str, Any]:
        own = self.with_department({name: value for name, value in values.items() if name not in COMPOSED})
        if "stage" in own or "status" in own:
            stage = own.get("stage") or row.stage
            status = own.get("status", row.status)
            own["process"], own["stage"] = stage.process, stage
            own.update(self._state({"stage": stage, "status": status, **own}, values))
            own.pop("created_at", None)
        after = Opportunity(**{f.attname: getattr(row, f.attname) for f in Opportunity._meta.concrete_fields})
        for name, value in own.items():
            setattr(after, name, value)
        diff = actions.restate_change(row, own, self._steps(after, values, by), by=by)
        if "lines" in values:
            actions.replace_lines({row.pk: _lines(values["lines"])}, by=by)
            diff["lines"] = ([], values["lines"])
        return diff


def _lines(values: Sequence[Mapping[str, Any]]) -> list[OpportunityLine]:
    found = []
    for value in values:
        filled = {name: part for name, part in value.items() if part not in (None, "")}
        if not filled.get("product") and not filled.get("text"):
            continue
        product = filled.get("product")
        if product is not None:
            filled.setdefault("unit", product.unit)
        found.append(OpportunityLine(**filled))
    return found
