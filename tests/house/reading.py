"""Every page of the house as it is read: addresses with their answers, and the texts on a page."""

from __future__ import annotations

from html.parser import HTMLParser

from django.urls import reverse

from zhike.masterdata.models import DictionaryOption
from zhike.notices.models import AlertRule
from zhike.records import registry

SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-confirm", "data-text")
SILENT = {"script", "style", "svg", "code"}


def pages(rows):
    """(address, headers) of every page a signed-in person can open, for one row of each kind."""
    part = {"HX-Request": "true"}
    for kind in registry.kinds():
        if not kind.pages or kind.name not in rows:  # openings and care have tests of their own
            continue
        row = rows[kind.name][0]
        base = kind.list_url()
        yield f"{base}?view=all", {}
        yield f"{base}?view=all&q=zzzz", {}
        yield f"{base}?view=all&peek={row.pk}", {}
        yield f"{base}new/", {}
        yield f"{kind.url(row)}", {}
        yield f"{kind.url(row)}edit/", {}
        yield f"{kind.url(row)}history/", {}
        if kind.owned:
            yield f"{base}transfer/?ids={row.pk}", part
            yield f"{kind.url(row)}team/", part
    customer, opportunity = rows["customer"][0], rows["opportunity"][0]
    for tab in ("contacts", "opportunities", "activities", "lose", "switch"):
        yield f"/customers/{customer.pk}/{tab}/", {}
    for tab in ("summary", "activities", "win", "lose", "suspend", f"move/?to={opportunity.stage_id + 1}", "unwin", "resume"):
        yield f"/opportunities/{opportunity.pk}/{tab}" + ("" if "?" in tab else "/"), {}
    yield f"/contacts/{rows['contact'][0].pk}/primary/", {}
    yield f"/customers/{customer.pk}/check-in/", {}
    for step in ("finish", "cancel", "move", "party", "check-in"):
        yield f"/activities/{rows['activity'][0].pk}/{step}/", {}
    log = rows["worklog"][0].pk
    group = rows["discussion_group"][0].pk
    yield from ((reverse(f"discussion_group-{name}", args=[group]), {}) for name in ("members", "switch"))
    yield reverse("customer-group", args=[rows["customer"][0].pk]), {}
    yield from ((f"/work-logs/{log}/{name}/", {}) for name in ("readers", "step/submit", "step/comment"))
    for view in ("day", "week", "month"):
        yield f"/calendar/?view={view}", {}
    yield from ((f"/calendar/{name}/", {}) for name in ("address", "import"))
    yield from ((f"/tasks/{rows['task'][0].pk}/{name}/", {}) for name in ("due", "checklist", "followers"))
    for step in ("accept", "refuse", "finish"):
        yield f"/tasks/{rows['task'][0].pk}/step/{step}/", {}
    for kind in ("user", "department", "role"):
        row = rows[kind][0]
        yield from ((reverse(f"{kind}-{name}"), {}) for name in ("list", "new"))
        yield from ((reverse(f"{kind}-{name}", args=[row.pk]), {}) for name in ("detail", "edit"))
        yield reverse(f"{kind}-tab", args=[row.pk, "history"]), {}
    user, role = rows["user"][0], rows["role"][0]
    yield from ((reverse(f"user-{name}", args=[user.pk]), {}) for name in ("link", "disable", "enable", "sign-out", "factor", "passkeys", "sees", "hand-over", "token-new"))
    yield reverse("department-switch", args=[rows["department"][0].pk]), {}
    yield reverse("role-rights", args=[role.pk]), {}
    yield reverse("role-tab", args=[role.pk, "people"]), {}
    listed = rows["dictionary"][0]
    yield reverse("dictionary-list"), {}
    yield reverse("dictionary-detail", args=[listed.pk]), {}
    yield reverse("dictionary-tab", args=[listed.pk, "history"]), {}
    yield reverse("dictionary-add", args=[listed.pk]), {}
    yield reverse("number_rule-list"), {}
    rule = AlertRule.objects.get(code="CU01")
    yield reverse("alert_rule-list"), {}
    for name in ("detail", "edit", "try"):
        yield reverse(f"alert_rule-{name}", args=[rule.pk]), {}
    for name in ("message-wishes", "care_item-list", "care_rule-list", "care_rule-new"):
        yield reverse(name), {}
    yield reverse("care_rule-preview") + "?text_zh=x", part
    form, rule = rows["lead_form"][0], rows["assign_rule"][0]
    for name in ("lead_form-list", "lead_form-new", "assign_rule-list", "assign_rule-new", "assign_rule-try", "lead-pause"):
        yield reverse(name), {}
    for name in ("detail", "edit", "switch", "renew", "card"):
        yield reverse(f"lead_form-{name}", args=[form.pk]), {}
    for name in ("edit", "remove"):
        yield reverse(f"assign_rule-{name}", args=[rule.pk]), {}
    yield reverse("assign_rule-move", args=[rule.pk, "up"]), {}
    yield reverse("lead-convert", args=[rows["lead"][0].pk]), {}
    for name in ("contact", "customer"):
        yield reverse(f"{name}-care-wish", args=[rows[name][0].pk]), {}
    yield reverse("customer-care-day", args=[customer.pk]), {}
    yield reverse("customer-place", args=[customer.pk]), {}
    yield reverse("opportunity-contact-new", args=[rows["opportunity"][0].pk]), {}
    yield reverse("opportunity-contact", args=[rows["opportunity"][0].pk, rows["contact"][0].pk]), {}
    yield reverse("customer-tab", args=[customer.pk, "care"]), {}
    yield reverse("number_rule-edit", args=["customers"]), {}
    yield reverse("number_rule-preview", args=["customers"]) + "?pattern=KH&width=4&start=1&step=1&reset=month", part
    choice = DictionaryOption.objects.filter(dictionary=listed.code).first()
    yield from ((reverse(f"choice-{name}", args=[choice.pk]), {}) for name in ("rename", "switch", "remove"))
    for kind in ("customer", "contact", "opportunity", "activity", "task"):
        yield reverse("who-sees", args=[kind, rows[kind][0].pk]), {}
    for name in ("account", "account-password", "account-factor", "account-factor-off", "account-codes", "account-sessions", "account-passkey-new"):
        yield reverse(name), {}
    for name in ("home", "messages", "opportunity-board", "report-funnel", "report-lifecycle", "report-won", "report-duty", "pool-home",
                 "pool-due", "activity-rules", "report-customers", "report-coverage", "report-care", "line-owner-switch"):
        yield reverse(name), {}
    yield reverse("palette") + "?q=", part
    yield reverse("customer-check") + f"?name={customer.name}", part


class Reader(HTMLParser):
    """What a person sees and a screen reader says, and every tag with its attributes."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.texts, self.tags, self._open, self._foreign = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("input", "link", "meta", "br", "img", "hr", "use", "path", "option") and not (tag == "path"):
            self._open.append(tag)
            if tag != "html" and "lang" in dict(attrs):  # says itself that it is in another language
                self._foreign.append(len(self._open))
        for name, value in attrs:
            if name in SPOKEN and value:
                self.texts.append(value.strip())

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        while self._foreign and self._foreign[-1] > len(self._open):
            self._foreign.pop()

    def handle_data(self, data):
        if data.strip() and not self._foreign and not SILENT.intersection(self._open):
            self.texts.append(" ".join(data.split()))
