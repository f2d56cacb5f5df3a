"""More rows for forms to be about: leads, campaigns, openings, uploaded files, one's own account, and what is to be said of them.

Whoever adds a form that cannot be filled in by itself says here, or in `filling.HINTS`, what it stands on.
"""

from __future__ import annotations

import html
import itertools
import json
import re
from datetime import timedelta

from zhike.base import clock

_n = itertools.count(1)
PASSWORD = "stille-drehbank-78"
LEAD_MANY = ("assign", "invalidate", "reopen", "take", "queue", "by-rules")


class MoreRows:
    """The part of `filling.Desk` that makes rows of the upper floors."""

    def a_lead(self, n):
        return self.make.lead("admin", company=f"示例线索{n}号机械有限公司", name=f"林线{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{n}")

    def a_campaign(self, n):
        return self.make.campaign("admin", name=f"示例展会{n}")

    def a_lead_form(self, n):
        return self.make.lead_form()

    def a_assign_rule(self, n):
        return self.make.assign_rule()

    def a_price_list(self, n):
        return self.make.price_list()

    def waiting_lead(self):
        from zhike.leads.models import AssignRule
        from zhike.org.models import Department

        n = next(_n)
        AssignRule.objects.update(enabled=False)
        return self.make.lead(None, owner_dept=Department.objects.get(code="EAST"), company=f"示例等待{n}号机械有限公司", name=f"林等{n}")

    def a_opening(self, n):
        """An application for opening by a colleague, so that an administrator may check it."""
        from zhike.customers.actions import apply_opening

        from .filling import _formal

        values = _formal(n)
        values |= {"credit_limit": int(values["credit_limit"])}
        return apply_opening(self.make.opportunity(name=f"生产线{n}").customer, values, by=self.people["rep"])

    def own_account(self):
        """A colleague with a password of their own signs in; the client that does."""
        user = self.row("user")
        user.set_password(PASSWORD)
        user.save()
        self.me = user
        return self.sign_in(user.username, raise_request_exception=False)

    def own_factor(self):
        """The same, with a second factor; `self.codes` are the recovery codes."""
        from zhike.org import second_factor
        from zhike.org.models import SecondFactor

        client = self.own_account()
        SecondFactor.objects.create(user=self.me, secret=second_factor.new_secret(), made_at=clock.now(), last_step=0, recovery=[])
        self.codes = second_factor.renew_codes(self.me)
        return client

    def own_key(self):
        """The same, with a passkey."""
        client = self.own_account()
        got = client.post("/me/passkeys/keep/", {"_once": self.once(), "credential": self.made_key(client)})
        assert got.status_code == 303, got.content.decode()[-300:]
        return client

    def made_key(self, client):
        """What a device answers that has just been asked for a key."""
        from zhike.people.tests.device import Device

        got = client.post("/me/passkeys/new/", {"_once": self.once(), "name": "手机", "old": PASSWORD})
        options = json.loads(html.unescape(re.search(r'data-options="([^"]+)"', got.content.decode())[1]))
        return Device().make(options)

    def key(self):
        from zhike.org.models import Passkey

        return Passkey.objects.get(user=self.me).pk

    def uploaded(self, *steps):
        """A file on its way in, so many steps on: columns, check, run, cancel."""
        from zhike.records import jobs
        from zhike.records.models import ImportUpload

        from .filling import _csv

        self.post("import-new", ["customer"], file=_csv(next(_n) + 50_000))
        row = ImportUpload.objects.order_by("-pk").first()
        for step in steps:
            if step == "run":
                jobs.run(ImportUpload.objects.get(pk=row.pk).run_job_id)
            else:
                self.post(f"import-{step}", [row.pk])
        return [row.pk], {}

    def job_in(self, state, **values):
        from zhike.records.models import Job

        row = self.row("job")
        Job.objects.filter(pk=row.pk).update(state=state, ended_at=clock.now(), **values)
        return [row.pk], {}


def _ids(*rows):
    return ",".join(str(row.pk) for row in rows)


def _leads(make, *, ready=None):
    """(one, two) leads that `ready` was done with."""

    def about(desk):
        rows = [make(desk), make(desk)]
        if ready:
            ready(desk, rows)
        return [], {"ids": _ids(*rows)}

    def about_one(desk):
        row = make(desk)
        if ready:
            ready(desk, [row])
        return [row.pk], {}

    return about, about_one


def _fresh(desk):
    return desk.row("lead")


def _waiting(desk):
    return desk.waiting_lead()


def _invalid(desk, rows):
    for row in rows:
        desk.post("lead-invalidate-one", [row.pk])


def _by_rules(desk):
    """Two leads that wait, and a rule that names somebody for them."""
    waiting = [desk.waiting_lead(), desk.waiting_lead()]
    desk.make.assign_rule(words="", name=f"示例规则{next(_n)}")
    return [], {"ids": _ids(*waiting)}


def _lead_steps():
    takes = {"take": (_waiting, None), "reopen": (_fresh, _invalid)}
    made = {"lead-by-rules": {"about": _by_rules}}
    for name in ("assign", "invalidate", "take", "queue", "reopen"):
        many, one = _leads(*takes.get(name, (_fresh, None))[:1], ready=takes.get(name, (None, None))[1])
        data = {"data": lambda desk: {"to": str(desk.people["rep_south"].pk)}} if name == "assign" else {}
        made |= {f"lead-{name}": {"about": many, **data}, f"lead-{name}-one": {"about": one, **data}}
    return made


def _converted(desk):
    row = desk.row("lead")
    desk.post("lead-convert", [row.pk])
    return [row.pk], {}


def _pausing(desk):
    today = clock.today()
    return {"user": str(desk.row("user").pk), "starts_on": f"{today}", "until": f"{today + timedelta(days=5)}"}


def _paused(desk):
    given = _pausing(desk)
    desk.post("lead-pause", [], **given)
    return [int(given["user"])], {}


def _two_rules(desk):
    desk.row("assign_rule")
    return [desk.row("assign_rule").pk, "up"], {}


def _line_owner(desk):
    from zhike.customers.actions import create_line_owners, switch_line_owners
    from zhike.customers.models import LineOwner
    from zhike.products.models import ProductLine

    switch_line_owners(True, by=desk.people["admin"])
    line = ProductLine.objects.create(code=f"PL{next(_n)}", name=f"示例产品线{next(_n)}")
    customer = desk.row("customer")
    made = create_line_owners([LineOwner(customer=customer, line=line, owner=desk.people["rep_east2"])], by=desk.people["admin"])
    return [customer.pk, made[0].pk], {}


def _new_line_owner(desk):
    from zhike.products.models import ProductLine

    (customer, _owner), _data = _line_owner(desk)
    line = ProductLine.objects.create(code=f"PL{next(_n)}", name=f"示例产品线{next(_n)}")
    return [customer], {"line": str(line.pk), "owner": str(desk.people["rep_south"].pk)}


def _asked_pool(desk):
    """A customer in a pool from which it must be asked for."""
    from zhike.customers.models import Pool

    from .filling import waiting_customer

    pool, customer = waiting_customer(desk)
    Pool.objects.filter(pk=pool).update(pick_mode="apply")
    return [pool], {"ids": str(customer)}


def _pool_request(desk):
    from zhike.customers import actions
    from zhike.customers.models import Pool, PoolRequest

    (pool,), data = _asked_pool(desk)
    actions.apply_for_customers(Pool.objects.get(pk=pool), [int(data["ids"])], by=desk.people["rep_south"])
    return [PoolRequest.objects.order_by("-pk").first().pk], {"verdict": "approve"}


def _opening(*steps):
    def about(desk):
        row = desk.row("opening")
        for step in steps:
            desk.post(step, [row.pk])
        return [row.pk], {}

    return about


def _tick(desk):
    from zhike.opportunities.actions import move_stage
    from zhike.opportunities.models import Stage

    row = desk.make.opportunity(type="supply")
    move_stage(row, Stage.objects.get(process=row.process_id, order=2), by=desk.people["admin"])
    row.refresh_from_db()
    return [row.pk, row.stage.criteria.filter(kind="tick").first().pk], {"done": "1"}


def _deal_with_people(desk):
    row = desk.row("opportunity")
    return row, desk.make.contact(row.customer, name=f"林部件{next(_n)}")


def _part(desk):
    row, contact = _deal_with_people(desk)
    return [row.pk, contact.pk], {}


def _new_part(desk):
    row, contact = _deal_with_people(desk)
    return [row.pk], {"contact": str(contact.pk)}


def _being_member(desk):
    from zhike.collab.actions.groups import set_members

    row = desk.make.discussion_group("rep", name=f"示例讨论组{next(_n)}")
    set_members(row, [desk.people["admin"]], by=desk.people["rep"])
    return [row.pk], {}


def _told(desk):
    """One message that is unread."""
    from zhike.notices.models import Message

    Message.objects.filter(read_at=None).update(read_at=clock.now())
    desk.make.task("manager_east", "admin", title=f"任务{next(_n)}")
    return [], {"do": "all"}


def _unread(desk):
    from zhike.collab.actions.comments import add_comment
    from zhike.collab.models import DiscussionGroup

    (group,), _data = _being_member(desk)
    said = add_comment(DiscussionGroup.objects.get(pk=group), "一句话", by=desk.people["rep"])
    return [group], {"last": str(said.pk)}


def _hit(desk):
    from zhike.notices.models import AlertHit, AlertRule

    rule = AlertRule.objects.get(code="CU01")
    made = AlertHit.objects.create(rule=rule, row_id=desk.row("customer").pk, key=f"k{next(_n)}", receiver=desk.people["admin"], since=clock.now(), opened_at=clock.now())
    return [rule.pk], {"ids": str(made.pk), "do": "done"}


def _rule_that_is_on(desk):
    row = desk.row("alert_rule")
    type(row).objects.filter(pk=row.pk).update(enabled=True)
    return [row.pk], {}


def _switched_off(desk):
    desk.settle()
    return [], {"on": "on"}


def _elsewhere_too(desk):
    desk.sign_in("admin")
    return [], {}


def _leaver(desk):
    user = desk.row("user")
    desk.make.customer(user.username)
    return [user.pk], {"do": "go", "to1": str(desk.people["rep_south"].pk)}


def _locked_out(desk, way):
    getattr(desk, way)()
    return [desk.me.pk], {}


def _visited(desk):
    row = desk.row("activity")
    type(row).objects.filter(pk=row.pk).update(check_in_lat=31_300_000, check_in_lng=120_600_000)
    return [row.pk], {}


def _two_places(desk):
    row = desk.row("campaign")
    return [row.pk, "approve"], {}


def _calendar_file(n):
    from django.core.files.uploadedfile import SimpleUploadedFile

    day = f"{clock.today() + timedelta(days=3):%Y%m%d}"
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x//", "BEGIN:VEVENT", f"UID:faults-{n}@example.com", f"DTSTAMP:{day}T010000Z",
             f"DTSTART:{day}T010000Z", f"DTEND:{day}T020000Z", f"SUMMARY:示例会议{n}", "END:VEVENT", "END:VCALENDAR", "")
    return SimpleUploadedFile(f"{n}.ics", "\r\n".join(lines).encode(), "text/calendar")


def _secret_on_the_page(desk, client):
    """The six digits for the secret that this browser has just been offered."""
    import pyotp

    text = client.get("/me/second-factor/").content.decode()
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", text)[1].replace(" ", "")
    return {"code": pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30)}


def _later_date(desk):
    return {"expected_sign_date": f"{clock.today() + timedelta(days=40 + next(_n) % 300)}"}


def _nothing(desk):
    return [], {}


def _a_customer(desk):
    return {"customer": str(desk.row("customer").pk)}


KINDS = ("lead", "campaign")
MORE: dict = {
    **_lead_steps(),
    **{f"{kind}-comment": {"data": {"text": "一句话"}} for kind in KINDS},
    **{f"{kind}-attach": {"data": lambda desk: {"files": desk.file(next(_n))}} for kind in KINDS},
    **{f"{kind}-tag-many": {"about": lambda desk, kind=kind: ([], {"ids": _ids(desk.row(kind), desk.row(kind)), "new": f"标签{next(_n)}"})} for kind in KINDS},
    "lead-log": {"data": {"type": "phone", "content": "谈过了"}},
    "lead-convert": {}, "lead-unconvert": {"about": _converted},
    "lead-pause": {"about": _nothing, "data": _pausing}, "lead-pause-end": {"about": _paused},
    "lead_form-edit": {}, "lead_form-renew": {}, "lead_form-switch": {},
    "campaign-step": {"about": _two_places},
    "assign_rule-new": {"data": lambda desk: {"way": "user", "user": str(desk.people["rep"].pk)}},
    "assign_rule-move": {"about": _two_rules},
    "customer-line-owner": {"about": _line_owner}, "customer-line-owner-end": {"about": _line_owner},
    "customer-line-owner-new": {"about": _new_line_owner},
    "line-owner-switch": {"about": _switched_off}, "account-sessions": {"about": _elsewhere_too},
    "pool-apply": {"about": _asked_pool}, "pool-decide": {"about": _pool_request},
    "opening-accept": {"about": _opening()}, "opening-return": {"about": _opening()}, "opening-withdraw": {"about": _opening()},
    "opening-resubmit": {"about": _opening("opening-return")},
    "opportunity-tick": {"about": _tick}, "opportunity-contact": {"about": _part}, "opportunity-contact-new": {"about": _new_part},
    "opportunity-cell": {"data": _later_date},
    "activity-new": {"data": _a_customer}, "activity-log": {"about": _nothing, "data": lambda desk: {"type": "phone", "content": "谈过了", **_a_customer(desk)}},
    "activity-take-place": {"about": _visited},
    "customer-place": {"data": lambda desk: {"position": f"31.{200_000 + next(_n)}, 121.473701"}},
    "calendar-import": {"about": _nothing, "data": lambda desk: {"file": _calendar_file(next(_n))}},
    "comment-pin": {"about": lambda desk: ([desk.row("comment").pk], {})}, "comment-conclude": {"about": lambda desk: ([desk.row("comment").pk], {})},
    "discussion_group-leave": {"about": _being_member}, "discussion_group-seen": {"about": _unread},
    "discussion_group-members": {"data": lambda desk: {"more": str(desk.people["rep_south"].pk)}},
    "worklog-readers": {"data": lambda desk: {"more": str(desk.people["rep_south"].pk)}},
    "campaign-change": {"field": "audience"}, "product-change": {"field": "unit"},
    "task-followers": {"data": lambda desk: {"more": str(desk.people["rep_south"].pk)}},
    "messages": {"about": _told}, "message-alerts": {"about": _hit}, "alert_rule-switch": {"about": _rule_that_is_on},
    "alert_rule-try": {"about": _rule_that_is_on},
    "preferences": {"about": _nothing, "data": lambda desk: {"theme": ("dark", "light")[next(_n) % 2]}},
    "role-rights": {"data": {"do": "save"}}, "user-hand-over": {"about": _leaver},
    "user-factor": {"about": lambda desk: _locked_out(desk, "own_factor")}, "user-passkeys": {"about": lambda desk: _locked_out(desk, "own_key")},
    "account-password": {"as": "own_account", "about": _nothing, "data": lambda desk: {
        "old": PASSWORD, "password": "neue-drehbank-79-x", "again": "neue-drehbank-79-x"}},
    "account-factor": {"as": "own_account", "about": _nothing, "later": _secret_on_the_page},
    "account-factor-off": {"as": "own_factor", "about": _nothing, "data": lambda desk: {"code": desk.codes[0]}},
    "account-codes": {"as": "own_factor", "about": _nothing, "data": lambda desk: {"code": desk.codes[0]}},
    "account-passkey-new": {"as": "own_account", "about": _nothing, "data": {"name": "手机", "old": PASSWORD}},
    "account-passkey-keep": {"as": "own_account", "about": _nothing, "later": lambda desk, client: {"credential": desk.made_key(client)}},
    "account-passkey-name": {"as": "own_key", "about": lambda desk: ([desk.key()], {"name": f"电脑{next(_n)}"})},
    "account-passkey-remove": {"as": "own_key", "about": lambda desk: ([desk.key()], {"old": PASSWORD})},
    "import-file": {"about": lambda desk: desk.uploaded()}, "import-columns": {"about": lambda desk: desk.uploaded()},
    "import-check": {"about": lambda desk: desk.uploaded("columns")}, "import-cancel": {"about": lambda desk: desk.uploaded("columns", "check")},
    "import-retry": {"about": lambda desk: desk.uploaded("columns", "check", "cancel")},
    "import-undo": {"about": lambda desk: desk.uploaded("columns", "check", "run")}, "import-delete": {"about": lambda desk: desk.uploaded()},
    "job-retry": {"about": lambda desk: desk.job_in("failed")},
    "job-undo": {"about": lambda desk: desk.job_in("done", undo={"name": "records.transfer.undo", "payload": {"batch": "0" * 32, "after": 0}})},
}
