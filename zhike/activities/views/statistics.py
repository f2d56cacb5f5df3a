"""Duty statistics as a page and as a file; every figure opens its list."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from zhike.base import clock, places
from zhike.base.refused import Conflict, Refused
from zhike.org.models import Company, Department, User
from zhike.pages import formats, seen
from zhike.pages.forms import both_versions, take_refusal
from zhike.pages.parts import Button, Card, Cell, Column, Link, Row, Table
from zhike.pages.views import PageView, PostView
from zhike.records import guard, history, options, registry

from .. import distances, reports
from ..actions import rules
from ..models import Activity
from ..models.worklogs import WorkLog


class DutyPage(PageView):
    """Who met whom how often: by person, and day by day for one of them."""

    kind_name = "activity"
    template = "activities/duty.html"
    menu = "analysis"
    place = "duty"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = clock.today()
        self.first = clock.day_named(request.GET.get("first", ""), today.replace(day=1))
        self.last = clock.day_named(request.GET.get("last", ""), today)
        self.owner = self._owner(request.GET.get("owner", ""))
        self.error = ""
        try:
            found = reports.duty(self.user, self.first, self.last, owner=self.owner.pk if self.owner else None)
        except Refused as no:
            self.error, found = str(no.message), {}
        codes = options.labels("activity_type", get_language() or "zh-hans")
        met = {code for line in found.values() for code in line.counts}
        self.types = [(code, label) for code, label in codes.items() if code in met] + [(code, code) for code in sorted(met - set(codes))]
        if request.GET.get("file") == "csv":
            return self.as_file(found)
        table = self.table(found)
        card = Card(_("Contacts and tasks"), key="duty", sub=str(self.owner or ""), table=table, empty=_("Nothing was done in this span."),
                    buttons=[Button(_("Export"), self.address(file="csv"), "file-export", "g")] if self.access.may("activity", "export") else [],
                    more=Link(_("All people"), self.address(owner="")) if self.owner else None)
        route = self.route() if self.owner and self.first == self.last and not self.error else None
        logs = self.logs() if not self.owner and not self.error and self.access.may("worklog", "view") else None
        return self.answer({"title": _("Duty statistics"), "card": card, "logs": logs, "route": route, "first": self.first.isoformat(), "last": self.last.isoformat(),
                            "error": self.error, "owner": self.owner.pk if self.owner else ""}, status=422 if self.error else 200)

    def _owner(self, text: str) -> Any:
        if not text:
            return None
        found = User.objects.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) <= 18 else None
        if found is None:
            raise Http404
        return found

    def address(self, **more: Any) -> str:
        values = {"first": self.first, "last": self.last, "owner": self.owner.pk if self.owner else "", **more}
        return f"{reverse('report-duty')}?{urlencode({key: str(value) for key, value in values.items() if value})}"

    def _list(self, group: Any, **more: Any) -> str:
        owner, first, last = (self.owner.pk, group, group) if self.owner else (group, self.first, self.last)
        return f"{reverse('activity-list')}?{urlencode({'owner': owner, 'status': 'done', **more, 'at__from': first, 'at__to': last})}"

    def groups(self, found: dict[Any, reports.Line]) -> list[tuple[Any, str]]:
        if self.owner:
            return [(day, formats.weekday(day)) for day in sorted(found)]
        names = {user.pk: str(user) for user in User.objects.filter(pk__in=found)}
        return sorted(((pk, names.get(pk, "—")) for pk in found), key=lambda pair: (-found[pair[0]].total, pair[0]))

    def table(self, found: dict[Any, reports.Line]) -> Table:
        columns = [Column("who", _("day") if self.owner else _("colleague"), primary=True), *(Column(code, capfirst(label), num=True) for code, label in self.types),
                   Column("total", _("total"), num=True), Column("customers", _("customers met"), num=True), Column("rate", _("effective rate"), num=True),
                   Column("tasks", _("tasks done"), num=True), Column("on_time", _("of these in time"), num=True)]
        return Table(columns, [self._row(i, group, name, found[group]) for i, (group, name) in enumerate(self.groups(found))], label=_("Duty statistics"))

    def _row(self, i: int, group: Any, name: str, line: reports.Line) -> Row:
        def figure(n: int, url: str) -> Cell:
            return Cell(Markup('<a href="{}">{}</a>').format(url, f"{n:,}") if n else "—", num=True)

        head = escape(name) if self.owner else Markup('<a class="lk" href="{}">{}</a>').format(self.address(owner=group), name)
        owner, first, last = (self.owner.pk, group, group) if self.owner else (group, self.first, self.last)
        tasks = f"{reverse('task-list')}?{urlencode({'owner': owner, 'finished_at__from': first, 'finished_at__to': last})}"
        return Row(i, "", [
            Cell(head), *(figure(line.counts.get(code, 0), self._list(group, type=code)) for code, _label in self.types),
            figure(line.total, self._list(group)), figure(line.customers, self._list(group)),
            Cell(f"{line.good * 100 // line.judged}%" if line.judged else "—", num=True), figure(line.tasks, tasks),
            Cell(f"{line.on_time * 100 // line.tasks}%" if line.tasks else "—", num=True)])

    def route(self) -> Card | None:
        """Where the person was on this day, stop by stop, with the way between."""
        start, end = clock.day_range(self.first)
        stops = list(Activity.objects.visible_to(self.user).filter(owner=self.owner, type__in=distances.VISITS, at__gte=start, at__lt=end)
                     .exclude(status="cancelled").select_related("customer").order_by("at", "pk")[:50])
        if not stops:
            return None
        rows, before = [], None
        kind = registry.kind("activity")
        for stop in stops:
            here = (stop.check_in_lat, stop.check_in_lng) if stop.check_in_lat is not None and stop.check_in_lng is not None else None
            way = distances.text(places.metres(*before, *here)) if before and here else "—"
            map_ = Markup('<a class="lk" href="{}">{}</a>').format(reverse("activity-map", args=[stop.pk]), places.text(*here)) if here else _("without position")
            rows.append(Row(stop.pk, kind.url(stop), [
                Cell(f"{clock.local(stop.checked_in_at or stop.at):%H:%M}"), Cell(Markup('<a class="lk" href="{}">{}</a>').format(kind.url(stop), stop.subject)),
                Cell(str(stop.customer or "—")), Cell(map_), Cell(way, num=True)]))
            before = here or before
        columns = [Column("at", _("time")), Column("what", _("subject"), primary=True), Column("customer", _("customer")),
                   Column("where", _("check-in"), priority=2), Column("way", _("from the stop before"), num=True)]
        return Card(_("Visit route"), key="route", table=Table(columns, rows, label=_("Visit route")))

    def logs(self) -> Card | None:
        """Handed in, late and missing logs by person, as the duty rule has it."""
        found = reports.owed(self.user, self.first, self.last)
        if not found or not found[0].due:
            return None
        url = reverse("worklog-list")
        span = {"period": reports.rule().period, "first_day__from": reports.first_of(reports.rule().period, self.first), "first_day__to": self.last}
        rows = []
        for i, one in enumerate(sorted(found, key=lambda one: (-one.missing, one.person.pk))):
            link = f"{url}?{urlencode({**span, 'owner': one.person.pk})}"
            rows.append(Row(i, "", [Cell(str(one.person)), Cell(str(one.due), num=True), Cell(Markup('<a href="{}">{}</a>').format(link, one.handed_in) if one.handed_in else "—", num=True),
                                    Cell(str(one.late or "—"), num=True), Cell(Markup('<span class="{}">{}</span>').format("bad" if one.missing else "", one.missing or "—"), num=True)]))
        columns = [Column("who", _("colleague"), primary=True), *(Column(key, label, num=True) for key, label in (
            ("due", _("owed")), ("in", _("handed in")), ("late", _("late")), ("missing", _("missing"))))]
        return Card(_("Work logs owed"), key="logs", sub=str(dict(WorkLog.PERIODS).get(reports.rule().period, "")), table=Table(columns, rows, label=_("Work logs owed")))

    def as_file(self, found: dict[Any, reports.Line]) -> HttpResponse:
        guard.require(self.user, self.kind, "export")
        text = io.StringIO()
        sheet = csv.writer(text)
        sheet.writerow([_("day") if self.owner else _("colleague"), *(capfirst(label) for _code, label in self.types), _("total"), _("customers met"),
                        _("with a result"), _("effective"), _("tasks done"), _("of these in time")])
        for group, name in self.groups(found):
            line = found[group]
            safe = f"'{name}" if name[:1] in "=+-@\t" else name
            sheet.writerow([group.isoformat() if self.owner else safe, *(line.counts.get(code, 0) for code, _label in self.types), line.total, line.customers,
                            line.judged, line.good, line.tasks, line.on_time])
        history.log_list("activity", "export", by=self.user, args={"what": "duty", "first": self.first, "last": self.last, "rows": len(found)})
        response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="duty-{self.first}-{self.last}.csv"'
        response["Cache-Control"] = "no-store"
        return response


class RulesForm(django_forms.Form):
    backdate = django_forms.IntegerField(label=gettext_lazy("Contacts can be recorded so many days back"), min_value=0, max_value=366)
    content = django_forms.IntegerField(label=gettext_lazy("A done contact says at least so many characters"), min_value=0, max_value=500)
    period = django_forms.ChoiceField(label=gettext_lazy("Work log that is owed"), required=False,
                                      choices=[("", gettext_lazy("none")), *WorkLog.PERIODS])
    workdays_only = django_forms.BooleanField(label=gettext_lazy("Daily logs on working days only"), required=False)
    grace_hours = django_forms.IntegerField(label=gettext_lazy("Late so many hours after the period is over"), min_value=0, max_value=240)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Department.objects.filter(enabled=True).order_by("path")[:200]
        self.fields["departments"] = django_forms.MultipleChoiceField(
            label=_("Only these departments (none means all)"), required=False, widget=django_forms.CheckboxSelectMultiple,
            choices=[(str(row.pk), row.name) for row in rows])


class RulesPage(PostView):
    """What the company asks of activities and work logs; for administrators."""

    template = "activities/rules.html"
    menu = "settings"
    place = "activity-rules"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not request.user.is_admin:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.shown(self.opened_now())

    def opened_now(self) -> RulesForm:
        found = reports.rule()
        return RulesForm(initial={
            "backdate": rules.backdate_days(), "content": rules.content_min(), "period": found.period, "workdays_only": found.workdays_only,
            "grace_hours": found.grace_hours, "departments": [str(pk) for pk in found.departments]})

    def shown(self, form: RulesForm, status: int = 200, conflict: Any = ()) -> HttpResponse:
        kept = "" if conflict else self.request.POST.get(seen.FIELD, "")
        return self.answer({"title": _("Activities and work logs"), "form": form, "conflict": conflict,
                            "seen": kept or seen.digest(self.opened_now() if form.is_bound else form)}, status=status)

    def refused(self, no: Refused) -> HttpResponse:
        status = take_refusal(self.form, no)
        return self.shown(self.form, status, both_versions(self.form, self.opened_now()) if isinstance(no, Conflict) else ())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.form = RulesForm(request.POST)
        return super().post(request, *args, **kwargs) if self.form.is_valid() else self.shown(self.form, 422)

    def perform(self) -> str:
        given = self.form.cleaned_data
        company = Company.objects.select_for_update().order_by("pk").first()
        if company is None:
            raise Refused(_("Set the company up first."))
        before = {key: company.settings.get(key) for key in ("activity_backdate_days", "activity_content_min", "worklog_duty")}
        company.settings = {**company.settings, "activity_backdate_days": given["backdate"], "activity_content_min": given["content"], "worklog_duty": {
            "period": given["period"], "workdays_only": given["workdays_only"], "grace_hours": given["grace_hours"],
            "departments": [int(pk) for pk in given["departments"]]}}
        company.save()
        history.log_list("activity", "rules", by=self.user, args={"before": before, "after": {key: company.settings[key] for key in before}})
        return reverse("activity-rules")

    def toast(self) -> dict[str, Any] | None:
        return {"text": _("Rules saved"), "tone": "good"}

