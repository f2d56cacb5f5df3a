"""The twin of the customer's page: the same facts, tabs, cards and timeline, written out by hand.

One view, one template, no slots and no declarations. Rights are asked where the page asks them: visibility in SQL,
what one may do from the roles, hidden fields of those that roles usually hide.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import groupby
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from zhike.activities.models import Activity
from zhike.base import clock
from zhike.collab.models import Attachment, Comment, TagLink
from zhike.customers import groups, quality
from zhike.customers.lifecycle import LIFECYCLE
from zhike.customers.models import Contact, Customer, Merge, Opening, PoolWarning, SuspectedPair
from zhike.marketing.models import CareItem
from zhike.notices.models import AlertHit
from zhike.opportunities.models import Opportunity, StageChange
from zhike.org.access import access_of
from zhike.pages import changes, formats
from zhike.records import history
from zhike.records.models import TeamGrant
from zhike.records.options import labels

from . import plain

SHOWN = 50
PATH = ("target", "potential", "opportunity", "deal", "service")
FIELDS = (
    ("short name", "short_name", ""), ("English name", "name_en", ""), ("pinyin abbreviation", "pinyin_abbr", ""), ("kind", "kind", "choice"), ("level", "level", "customer_level"),
    ("category", "category", "customer_category"), ("industry", "industry", "industry"), ("size", "scale", "scale"),
    ("ownership", "nature", "nature"), ("source", "source", "customer_source"), ("territory", "territory", "territory"),
    ("parent", "parent", ""), ("place in the group", "relation", "choice"), ("region", "region", ""), ("address", "address", ""),
    ("postcode", "postcode", ""), ("phone", "phone", ""), ("fax", "fax", ""), ("e-mail", "email", ""), ("website", "website", ""),
    ("payment terms", "payment_term", "payment_term"), ("currency", "currency", "currency"), ("settlement", "settle_customer", ""),
    ("code", "code", ""), ("formal code", "formal_code", ""), ("credit code", "uscc", ""), ("ERP code", "erp_code", ""),
    ("former names", "former_names", ""), ("enabled", "enabled", ""), ("remark", "remark", ""),
)
LISTS = ("customer_level", "customer_category", "industry", "scale", "nature", "customer_source", "territory", "payment_term", "currency",
         "activity_type", "activity_result", "decision_role", "lost_cause")


def fields_of(row: Customer, options: dict[str, dict[str, str]], access: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    filled, empty = [], []
    for label, name, kind in FIELDS:
        mode = access.field_mode("customer", name)
        if mode == "hide":
            continue
        value = getattr(row, name)
        if value not in (None, "") and mode == "mask":
            value = "***"
        elif kind == "choice":
            value = getattr(row, f"get_{name}_display")()
        elif kind and value:
            value = options[kind].get(value, value)
        (filled if value not in (None, "") else empty).append((label, value))
    return filled, empty


def trend_of(opportunities: Any) -> tuple[Any, list[dict[str, Any]]]:
    first = clock.today().replace(day=1) - relativedelta(months=11)
    rows = opportunities.filter(status="won", won_at__gte=first, won_at__lte=clock.today()).order_by()
    found = {line["month"]: line for line in rows.annotate(month=TruncMonth("won_at")).values("month").annotate(n=Count("pk"), total=Sum("won_amount"))}
    total, most = sum(line["total"] or 0 for line in found.values()), max((line["total"] or 0 for line in found.values()), default=0)
    months = []
    for i in range(12):
        month = first + relativedelta(months=i)
        line = found.get(month)
        months.append({"first": month, "last": month + relativedelta(months=1, days=-1), "n": line["n"] if line else 0,
                       "total": (line["total"] or 0) if line else 0, "height": int(84 * (line["total"] or 0) / most) if line and most else 0})
    return total, months if found else []


def timeline_of(request: HttpRequest, row: Customer, opportunities: Any, access: Any, steps: list[Any]) -> Any:
    user = request.user
    talks = Activity.objects.visible_to(user).filter(customer=row).select_related("owner", "contact", "opportunity").annotate(
        opportunity_seen=Exists(Opportunity.objects.visible_to(user).filter(pk=OuterRef("opportunity_id"))))
    talks = list(talks.order_by("-at", "-pk")[: SHOWN + 1])
    pictures = defaultdict(list)
    for file in Attachment.objects.filter(kind="activity", row_id__in=[talk.pk for talk in talks], trashed_at=None).order_by("-pk")[:200]:
        pictures[file.row_id].append(file)
    events = [("talk", talk.at, talk) for talk in talks]
    for talk in talks:
        talk.files = pictures[talk.pk]
    of_row = {"kind": "customer", "row_id": row.pk}
    for comment in Comment.objects.filter(deleted_at=None, **of_row).select_related("created_by").order_by("-created_at", "-pk")[: SHOWN + 1]:
        events.append(("comment", comment.created_at, comment))
    for file in Attachment.objects.filter(trashed_at=None, **of_row).select_related("created_by").order_by("-created_at", "-pk")[: SHOWN + 1]:
        events.append(("file", file.created_at, file))
    moves = StageChange.objects.filter(opportunity__in=opportunities.order_by().values("pk")).select_related("opportunity", "target", "by")
    events += [("move", move.at, move) for move in moves.order_by("-at", "-pk")[: SHOWN + 1]]
    events += [("step", step.at, step) for step in steps]
    care = CareItem.objects.visible_to(user).filter(customer=row, status="done", finished_at__isnull=False).select_related("owner")
    events += [("care", item.finished_at, item) for item in care.order_by("-finished_at", "-pk")[: SHOWN + 1]]
    for entry in history.of(row).exclude(action__in=changes.TOLD_ELSEWHERE).order_by("-at", "-pk")[: SHOWN + 1]:
        entry.words = changes.verbs.get(entry.action) or (entry.action, "point", "neutral")
        entry.lines = [(name, old, new) for name, (old, new) in entry.diff.items() if access.field_mode("customer", name) not in ("hide", "mask")]
        events.append(("entry", entry.at, entry))
    events.sort(key=lambda event: event[1], reverse=True)
    return [(formats.day(day), list(of_day)) for day, of_day in groupby(events[:SHOWN], key=lambda event: clock.local(event[1]).date())]


def attention_of(request: HttpRequest, row: Customer, access: Any, opened: list[Any], planned: Any, can_edit: bool) -> list[tuple[str, str]]:
    user, now, today, found = request.user, clock.now(), clock.today(), []
    hits = AlertHit.objects.filter(receiver=user, rule__code__in=["CU03"], row_id=row.pk, closed_at=None, handled_at=None)
    found += [("wait", str(hit.rule)) for hit in hits.filter(Q(later=None) | Q(later__lte=now)).select_related("rule")[:5]]
    if planned is not None and planned.at < clock.day_range(today)[0]:
        found.append(("bad", f"{planned.subject}: planned for {formats.d(clock.local(planned.at).date())}, late"))
    elif row.facts.next_contact_at is None and now - row.facts.last_contact_at > timedelta(days=60):
        found.append(("wait", f"No contact for {(now - row.facts.last_contact_at).days} days."))
    found += [("wait", f"{one.name} should have been signed on {formats.d(one.expected_sign_date)}") for one in opened[:3]
              if one.status == "open" and one.expected_sign_date and one.expected_sign_date < today]
    if row.facts.completeness < 60:
        found.append(("info", f"Data {row.facts.completeness}% complete"))
    warned = PoolWarning.objects.filter(customer=row, due_on__gte=today).order_by("due_on", "-before").first()
    if warned:
        found.append(("bad", f"Falls into the pool on {formats.d(warned.due_on)}"))
    if can_edit and access.may("customer", "merge"):
        mine = Customer.objects.editable_by(user).order_by().values("pk")
        if n := SuspectedPair.objects.filter(Q(low=row, high__in=mine) | Q(high=row, low__in=mine), different=False)[:10].count():
            found.append(("wait", f"{n} similar customers"))
    if access.may("opening", "view"):
        opening = Opening.objects.filter(customer=row, status__in=("waiting", "returned")).order_by("-pk").first()
        if opening:
            found.append(("wait", f"Opening: {opening.get_status_display()}"))
    return sorted(found)


@login_required
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    access = access_of(user)
    found = Customer.objects.visible_to(user).select_related("owner", "owner_dept", "region", "facts", "pool", "parent", "settle_customer")
    row = get_object_or_404(found, pk=pk)
    options = {name: labels(name, "zh-hans") for name in LISTS}
    contacts = Contact.objects.visible_to(user).filter(customer=row)
    opportunities = Opportunity.objects.visible_to(user).filter(customer=row)
    activities = Activity.objects.visible_to(user).filter(customer=row)
    still = Q(status__in=("open", "suspended"))
    sums = opportunities.aggregate(all=Count("pk"), n=Count("pk", filter=still), total=Sum("amount", filter=still))
    opened = list(opportunities.filter(still).select_related("stage").order_by("sign_key", "pk")[:50])
    planned = activities.filter(status__in=("planned", "in_progress")).order_by("at", "pk").first()
    can_edit = access.may("customer", "edit") and Customer.objects.editable_by(user).filter(pk=pk).exists()
    steps = list(row.lifecycle_changes.select_related("by"))
    reached = {step.target: step.at for step in steps}
    here = PATH.index(row.lifecycle) if row.lifecycle in PATH else -1
    path = [(LIFECYCLE.label(code), "done" if i < here else "cur" if i == here else "todo", reached.get(code)) for i, code in enumerate(PATH)]
    filled, empty = fields_of(row, options, access)
    won, months = trend_of(opportunities)
    gaps = sorted(quality.gaps_of(row.facts.gaps), key=lambda gap: (not gap.wrong, -gap.weight))
    merge = Merge.objects.filter(kind="customer", kept_id=pk).order_by("-pk").first() if can_edit and access.may("customer", "merge") else None
    return plain._answer(
        request, "bench/customer.html", title=row.name, row=row, options=options, can_edit=can_edit, may=access.may, path=path, filled=filled,
        empty=empty, sums=sums, opened=opened, won=won, months=months, gaps=gaps, planned=planned, never=clock.NEVER, merge=merge,
        year=clock.today().replace(day=1) - relativedelta(months=11),
        phones=access.field_mode("customer", "phone") in ("", "read"), mobiles=access.field_mode("contact", "mobile") in ("", "read"),
        tags=TagLink.objects.filter(kind="customer", row_id=pk).select_related("tag"),
        contacts_n=contacts.count(), activities_n=activities.count(), files_n=Attachment.objects.filter(kind="customer", row_id=pk, trashed_at=None).count(),
        words_n=Comment.objects.filter(kind="customer", row_id=pk, deleted_at=None).count(),
        contacts=contacts.filter(left=False).order_by("-primary", "-influence", "pk")[:5],
        people=contacts.filter(left=False).order_by("-primary", "sort_name")[:50],
        team=TeamGrant.objects.filter(kind="customer", row_id=pk).select_related("user").order_by("pk"),
        relations=[member.row for member in groups.members(row, user) if member.row.pk != pk][:8],
        addresses=row.addresses.select_related("region").order_by("kind", "pk"), titles=row.invoice_titles.order_by("-default", "pk"),
        attention=attention_of(request, row, access, opened, planned, can_edit),
        days=timeline_of(request, row, opportunities, access, steps),
    )
