"""Every form of the house filled in, so that it may be sent: rows to stand on, and what a person would type."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta

from django.urls import get_resolver, reverse

from zhike.base import clock
from zhike.pages.views import PostView
from zhike.records import registry

from .forms import first_form, forms
from .more_rows import MORE, MoreRows
from .routes import CELLS

_n, _days = itertools.count(1), itertools.count(1)


def post_views():
    """Address name → class, of every page that takes a post with a once-token."""

    def walk(resolver):
        for entry in resolver.url_patterns:
            if hasattr(entry, "url_patterns"):
                yield from walk(entry)
            else:
                found = getattr(entry.callback, "view_class", None)
                if found is not None and issubclass(found, PostView) and "post" in found.http_method_names:
                    yield entry.name, found

    return dict(walk(get_resolver()))


class Filled:
    """A form as it would be sent: by whom, where to, with what."""

    def __init__(self, client, url, data, form=None, page=""):
        self.client, self.url, self.data, self.form, self.page = client, url, data, form, page

    def send(self, client=None, **more):
        return (client or self.client).post(self.url, {**self.data, **more})


class Desk(MoreRows):
    """Makes whatever a form is about and fills it in as an administrator would."""

    def __init__(self, make, people, sign_in, once):
        self.make, self.people, self.sign_in, self.once = make, people, sign_in, once
        self.client = sign_in("admin", raise_request_exception=False)

    # Rows -----------------------------------------------------------------------------------------

    def row(self, kind):
        """A fresh row of the kind, with nothing else hanging on it."""
        n = next(_n)
        match kind:
            case "customer":
                return self.make.customer("rep")
            case "contact":
                return self.make.contact(name=f"林示{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{n}")
            case "opportunity":
                return self.make.opportunity(name=f"生产线{n}")
            case "activity":
                return self.make.activity(subject=f"拜访{n}")
            case "task":
                return self.make.task("admin", "rep", title=f"任务{n}")
            case "worklog":
                return self.log()
            case "discussion_group":
                return self.make.discussion_group("admin", name=f"讨论组{n}")
            case "product" | "pool":
                return getattr(self.make, kind)()
            case "custom_field":
                return self.make.custom_field(label_zh=f"功率{n}", label_en=f"Power {n}")
        return getattr(self, f"a_{kind}")(n)

    def log(self, **values):
        """A work log of another day each time."""
        from zhike.activities.actions import open_log

        row = open_log(period="daily", day=clock.today() - timedelta(days=next(_days) % 360), by=self.people["admin"])
        if values:
            type(row).objects.filter(pk=row.pk).update(**values)
        row.refresh_from_db()
        return row

    def a_user(self, n):
        from zhike.org.models import Department, User

        made = User.objects.create_user(f"temp{n}", name=f"示例员工{n}")
        User.objects.filter(pk=made.pk).update(department=Department.objects.order_by("pk").first())
        made.refresh_from_db()
        return made

    def a_department(self, n):
        self.post("department-new", name=f"示例部{n}", code=f"D{n}")
        return self.last("org.Department")

    def a_role(self, n):
        self.post("role-new", name_zh=f"示例角色{n}", name_en=f"Role {n}", code=f"R{n}")
        return self.last("org.Role")

    def a_dictionary(self, n):
        from zhike.masterdata.models import Dictionary

        return Dictionary.objects.get(code="industry")

    def a_choice(self, n):
        self.post("dictionary-add", [self.a_dictionary(n).pk], name_zh=f"示例行业{n}", name_en=f"Trade {n}", code=f"trade{n}")
        return self.last("masterdata.DictionaryOption")

    def a_alert_rule(self, n):
        from zhike.notices.models import AlertRule

        return AlertRule.objects.order_by("code")[n % 5]

    def a_care_rule(self, n):
        from zhike.marketing.actions import create_rules
        from zhike.marketing.models import CareRule

        return create_rules([CareRule(name=f"示例问候{n}", occasion="birthday", channel="phone", text_zh="{{ salutation }}，快乐！")],
                            by=self.people["admin"])[0]

    def a_care_item(self, n):
        from zhike.marketing.jobs import plan_care
        from zhike.marketing.models import CareItem, CareRule

        if not CareRule.objects.exists():
            self.row("care_rule")
        contact = self.make.contact(name=f"寿示例{n}", birthday=(clock.today() + timedelta(days=3)).replace(year=1980))
        plan_care()
        return CareItem.objects.filter(contact=contact).get()

    def a_tag(self, n):
        row = self.row("customer")
        self.post("customer-tags", [row.pk], new=f"标签{n}", names=f"标签{n}")
        return self.last("collab.Tag")

    def a_comment(self, n):
        row = self.row("customer")
        self.post("customer-comment", [row.pk], text=f"一句话{n}")
        return self.last("collab.Comment")

    def a_file(self, n):
        row = self.row("customer")
        self.post("customer-attach", [row.pk], files=self.file(n))
        return self.last("collab.Attachment")

    def a_trash(self, n):
        row = self.row("contact")
        self.post("contact-delete", [row.pk])
        return self.last("collab.TrashedRow")

    def a_view(self, n):
        self.post("view-new", ["customer"], name=f"我的视图{n}", query="level=A")
        return self.last("records.SavedView")

    def a_job(self, n):
        from zhike.records.models import Job

        Job.objects.exclude(state="done").update(state="done")
        self.post("duplicates-search")
        return self.last("records.Job")

    def file(self, n):
        from django.core.files.uploadedfile import SimpleUploadedFile

        return SimpleUploadedFile(f"图纸{n}.txt", f"content {n}".encode(), "text/plain")

    def last(self, label):
        from django.apps import apps

        return apps.get_model(label).objects.order_by("-pk").first()

    def post(self, name, args=(), /, **data):
        """Send a form that makes something to stand on."""
        filled = self.filled(name, args=args, data=data)
        got = filled.send()
        assert got.status_code in (200, 204, 303), (name, got.status_code, complaint(got))

    def settle(self):
        """Settings as they were: the forms before have changed them."""
        from zhike.customers.models import HoldingLimit
        from zhike.org.models import Company, company
        from zhike.records.models import Job

        Job.objects.exclude(state="done").update(state="done")  # nobody works them off, and one may have five open
        HoldingLimit.objects.all().delete()
        Company.objects.update(settings={})
        company.kept.forget()

    # Forms ----------------------------------------------------------------------------------------

    def filled(self, name, *, args=None, data=None, query=""):
        """The form of an address, with rows of its own to be about."""
        hint = HINTS.get(name, {})
        client = getattr(self, hint["as"])() if "as" in hint else self.client
        given = dict(data or {})
        if args is None:
            args, more = self.about(name, hint)
            given = {**more, **given}
        given = {**(hint["data"](self) if callable(hint.get("data")) else hint.get("data", {})), **given}
        url = reverse(name, args=args)
        if "ids" in given and not query:
            field = hint.get("field") or CELLS.get(name.removesuffix("-change"), "")
            query = f"?ids={given['ids']}" + (f"&field={field}" if name.endswith("-change") else "")
        page = url + (query or hint.get("query", ""))
        form = self.form_of(client, page, url)
        given |= hint["later"](self, client) if "later" in hint else {}
        fields = self.typed(form, given) if form else {"_once": self.once()}
        if form and form.action:
            url = form.action
        elif hint.get("query"):
            url = page
        return Filled(client, url, {**fields, **given}, form, page)

    def opened_again(self, filled):
        """The same form as a second person has it before their eyes, with the same things typed in."""
        form = self.form_of(filled.client, filled.page, filled.url)
        kept = {control.name for control in form.controls if control.type == "hidden"} if form else {"_once"}
        fresh = form.data() if form else {"_once": self.once()}
        return Filled(filled.client, filled.url, {**filled.data, **{name: value for name, value in fresh.items() if name in kept}}, form, filled.page)

    def form_of(self, client, page, url):
        """The form of the page that is posted to `url`, else the one with most in it."""
        got = client.get(page)
        if got.status_code != 200 or got.streaming or "html" not in got.get("Content-Type", ""):
            return None
        text = got.content.decode()
        found = [one for one in forms(text) if any(control.name == "_once" for control in one.controls)]
        there = [one for one in found if (one.action or page).split("?")[0] == url.split("?")[0]]
        return max(there, key=lambda one: len(one.controls), default=None) or first_form(text)

    def about(self, name, hint):
        """(arguments of the address, fields) for rows made for this one form."""
        if "about" in hint:
            return hint["about"](self)
        kind, _dash, page = name.rpartition("-")
        while kind and not registry.has(kind):
            kind, _dash, more = kind.rpartition("-")
            page = f"{more}-{page}"
        if page in ("new", "export", "template"):
            return [], {}
        if page == "cell":
            return [self.row(kind).pk, CELLS[kind]], {}
        if page in ("transfer", "change", "tag-many", "delete-many", "merge", "return-many"):
            rows = [self.row(kind), self.row(kind)]
            return [], {"ids": ",".join(str(row.pk) for row in rows)}
        return [self.row(kind).pk], {}

    def typed(self, form, given):
        """What a browser would send, with what is missing typed in."""
        n, found = next(_n), form.data()
        for control in form.controls:
            name = control.name
            if not name or name in given or found.get(name) or control.type in ("hidden", "checkbox", "file"):
                continue
            if not (control.required or name in LIKED):
                continue
            found[name] = self.value(control, n)
        return {name: value for name, value in found.items() if value is not None}

    def value(self, control, n):
        tomorrow = clock.today() + timedelta(days=n)
        if control.type == "select" and control.search:
            kind = re.search(r"/lookup/(\w+)/", control.search)[1]
            found = {"user": lambda: self.people["rep_south"]}.get(kind, lambda: self.row(kind))()
            return str(found.pk)
        if control.type in ("select", "radio"):
            return next((value for value in control.options if value), control.value)
        return {"date": f"{tomorrow}", "datetime-local": f"{tomorrow}T09:00", "number": "1", "time": "09:00", "email": f"t{n}@example.com",
                "color": "#336699"}.get(control.type, f"试写{n}")


def complaint(got):
    """What the answer says is wrong, in short."""
    text = "" if got.streaming else got.content.decode("utf-8", "replace")
    at = text.find('role="alert"')
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text[at if at >= 0 else 0:][:1500]))[:300]


# Fields that a form can do without by itself and that the action then asks for.
LIKED = {"reason", "content", "name", "text", "remark", "title", "to", "field", "done", "audience", "unit", *CELLS.values()}


def _won(desk):
    row = desk.row("opportunity")
    desk.post("opportunity-win", [row.pk], reason="价格")
    return [row.pk], {}


def _after(kind, name, **data):
    def about(desk):
        row = desk.row(kind)
        desk.post(name, [row.pk], **data)
        return [row.pk], {}

    return about


def _child(kind, make, name, **data):
    """A part of a row: its address holds both numbers."""

    def about(desk):
        row = desk.row(kind)
        desk.post(make, [row.pk], **data)
        return [row.pk, desk.last(name).pk], {}

    return about


def _of(thing):
    return lambda desk: ([desk.row(thing).pk], {})


def _next_stage(desk):
    from zhike.opportunities.models import Stage

    row = desk.make.opportunity(type="repeat")
    return [row.pk], {"to": str(Stage.objects.get(process=row.process_id, order=2).pk)}


def _pair(kind):
    def about(desk):
        one, other = desk.row(kind), desk.row(kind)
        return [], {"ids": f"{one.pk},{other.pk}"}

    return about


def _retired(desk):
    row = desk.row("choice")
    desk.post("choice-switch", [row.pk])
    return [row.pk], {}


def _in_pool(desk):
    """A customer in a pool that everybody picks from."""
    from zhike.customers import actions

    pool, customer = working_pool(desk), desk.row("customer")
    actions.return_to_pool([customer], pool, reason="试", by=desk.people["admin"])
    return [pool.pk], {"ids": str(customer.pk)}


def waiting_customer(desk):
    """(pool, customer): one that waits there to be taken."""
    (pool,), data = _in_pool(desk)
    return pool, int(data["ids"])


def _pair_of_doubles(desk):
    from zhike.customers.duplicates import pairs
    from zhike.customers.models import SuspectedPair

    n = next(_n)
    low, high = (desk.make.customer("rep", name=f"示例双生{n}精工机械{form}") for form in ("有限公司", "股份有限公司"))
    pair, _made = SuspectedPair.objects.get_or_create(low=low, high=high, defaults={"verdict": "likely", "rank": 1, "reasons": [], "run": 1, "found_at": clock.now()})
    assert pairs
    return [pair.pk], {"different": "1"}


def working_pool(desk):
    """A pool that is at work."""
    from zhike.customers import actions

    pool = _ready_pool(desk)
    return actions.switch_pool(pool, enabled=True, by=desk.people["admin"])


def _ready_pool(desk):
    from zhike.customers import actions
    from zhike.customers.models import PoolRule

    pool, admin = desk.row("pool"), desk.people["admin"]
    actions.set_members(pool, "admin", users=[admin], departments=[], by=admin)
    actions.set_members(pool, "member", users=[desk.people[name] for name in ("rep", "rep_south", "admin")], departments=[], by=admin)
    actions.set_rules(pool, [PoolRule(criterion=PoolRule.FOLLOW_UP, days=90, levels=[])], by=admin)
    return pool


def _two_contacts(desk):
    customer = desk.row("customer")
    return [desk.make.contact(customer, name=f"林示{'甲乙丙丁戊己庚辛壬癸'[next(_n) % 10]}{next(_n)}") for _i in range(2)]


def merged(kind):
    def about(desk):
        one, other = _two_contacts(desk) if kind == "contact" else [desk.row("customer"), desk.row("customer")]
        desk.post(f"{kind}-merge", [], ids=f"{one.pk},{other.pk}")
        return [type(one).objects.filter(pk__in=[one.pk, other.pk]).get().pk], {}

    return about


def _two_titles(desk):
    row = desk.row("customer")
    for title in ("示例抬头甲有限公司", "示例抬头乙有限公司"):
        desk.post("customer-invoicing-new", [row.pk], title=title)
    return [row.pk, desk.last("customers.InvoiceTitle").pk], {}


def _mail_item(desk):
    from zhike.marketing.actions import create_rules
    from zhike.marketing.jobs import plan_care
    from zhike.marketing.models import CareItem, CareRule

    n = next(_n)
    if not CareRule.objects.filter(channel="email").exists():
        CareRule.objects.update(enabled=False)
        create_rules([CareRule(name=f"邮件{n}", occasion="birthday", channel="email", text_zh="{{ salutation }}，快乐！")], by=desk.people["admin"])
    contact = desk.make.contact(name=f"寿示例{n}", email=f"t{n}@example.com", birthday=(clock.today() + timedelta(days=3)).replace(year=1980))
    plan_care()
    return [CareItem.objects.filter(contact=contact).get().pk], {}


def _formal(n):
    from zhike.base.chinese import uscc

    body = f"91350100M000{n % 100_000:05d}"
    code = next(body + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if uscc.is_valid(body + last))
    return {"category": "oem", "uscc": code, "title": "测试抬头有限公司", "tax_no": code, "bank": "示例银行", "account": "0012 3456",
            "payment_term": "month30", "currency": "CNY", "credit_limit": "200000"}


def _other_session(desk):
    from zhike.org.models import SignedIn

    desk.sign_in("admin")
    return [SignedIn.objects.filter(user__username="admin").order_by("-pk").first().pk], {}


def _care_day(desk):
    desk.post("customer-care-day", [desk.row("customer").pk], name="厂庆", first_on="2020-05-01")
    return desk.last("marketing.CareDay").pk


def _token(own):
    def about(desk):
        user = desk.people["admin"] if own else desk.row("user")
        desk.post("user-token-new", [user.pk], name=f"程序{next(_n)}")
        return [*([] if own else [user.pk]), desk.last("org.ApiToken").pk], {}

    return about


def _undo(desk):
    from zhike.records import undo

    row = desk.row("file")
    desk.post("file-remove", [row.pk])
    return undo.url(desk.people["admin"], "collab.restore_file", id=row.pk).split("/")[-2]


def _tied(desk):
    group, row = desk.row("discussion_group"), desk.row("customer")
    desk.post("customer-group", [row.pk], group=str(group.pk))
    return [group.pk, desk.last("collab.GroupRecord").pk], {}


def _tagged_pair(kind):
    def about(desk):
        one, other = desk.row(kind), desk.row(kind)
        return [], {"ids": f"{one.pk},{other.pk}", "new": f"标签{next(_n)}"}

    return about


HINTS: dict = {
    "star": {"about": lambda desk: (["customer", desk.row("customer").pk], {"on": "1"})},
    "account-session": {"about": _other_session},
    "account-token": {"about": _token(True)}, "user-token": {"about": _token(False)},
    "discussion_group-untie": {"about": _tied},
    "choice-remove": {"about": _retired},
    "pool-switch": {"about": lambda desk: ([_ready_pool(desk).pk], {})},
    "user-enable": {"about": _after("user", "user-disable")},
    "pool-pick": {"about": _in_pool}, "pool-assign": {"about": _in_pool},
    "customer-return": {"about": lambda desk: ([desk.row("customer").pk], {"pool": str(working_pool(desk).pk)})},
    "customer-return-many": {"about": lambda desk: ([], {"ids": f"{desk.row('customer').pk},{desk.row('customer').pk}", "pool": str(working_pool(desk).pk)})},
    "care_item-reopen": {"about": lambda desk: _after("care_item", "care_item-skip")(desk)},
    "customer-care-day": {"data": {"name": "厂庆", "first_on": "2020-05-01"}},
    "care-day-remove": {"about": lambda desk: ([_care_day(desk)], {})},
    "pool-members": {"about": lambda desk: ([desk.row("pool").pk, "member"], {"users": [str(desk.people["rep"].pk)]})},
    "view-edit": {"about": _of("view")},
    "custom_field-new": {"data": lambda desk: {"name": "", "label_zh": f"功率{next(_n)}", "label_en": ""}},
    "contact-card": {"about": lambda desk: ([], {}), "data": lambda desk: {"file": _card(next(_n)), "customer": str(desk.row("customer").pk)}},
    "undo": {"about": lambda desk: ([_undo(desk)], {})},
    "duplicates-pair": {"about": _pair_of_doubles},
    "customer-opening": {"about": lambda desk: ([desk.make.opportunity(name=f"生产线{next(_n)}").customer.pk], _formal(next(_n)))},
    "contact-primary": {"about": lambda desk: ([_two_contacts(desk)[1].pk], {})},
    "contact-hang": {"about": lambda desk: (lambda one, other: ([one.pk], {"to": str(other.pk)}))(*_two_contacts(desk))},
    "contact-unmerge": {"about": merged("contact")}, "customer-unmerge": {"about": merged("customer")},
    "care_item-send": {"about": _mail_item},
    "customer-log": {"data": {"type": "phone", "content": "谈过了"}},
    "customer-check-in": {"data": {"lat": "31.3", "lng": "120.6", "accuracy": "20"}},
    "lead-check-in": {"data": {"lat": "31.3", "lng": "120.6", "accuracy": "20"}},
    "activity-check-in": {"data": {"lat": "31.3", "lng": "120.6", "accuracy": "20"}},
    "activity-quick": {"data": {"do": "done"}},
    "activity-rules": {"about": lambda desk: ([], {})},
    "calendar-address": {"about": lambda desk: ([], {}), "data": {"do": "renew"}},
    "task-step": {"about": lambda desk: ([desk.row("task").pk, "cancel"], {})},
    "task-tick": {"about": lambda desk: ([desk.make.task("admin", "rep", checklist=[{"text": "一", "done": False}]).pk], {"point": "0", "done": "1"})},
    "worklog-step": {"about": lambda desk: ([desk.log(done="做了").pk, "submit"], {})},
    "opportunity-move": {"about": _next_stage},
    "opportunity-unwin": {"about": _won},
    "opportunity-unlose": {"about": _after("opportunity", "opportunity-lose", lost_to="无", remark="记录")},
    "opportunity-resume": {"about": _after("opportunity", "opportunity-suspend")},
    "opportunity-lose": {"data": {"lost_to": "无", "remark": "记录"}},
    "customer-address": {"about": _child("customer", "customer-address-new", "customers.Address", text="示例路1号")},
    "customer-address-new": {"data": {"text": "示例路1号"}},
    "customer-address-remove": {"about": _child("customer", "customer-address-new", "customers.Address", text="示例路1号")},
    **{name: {"about": _child("customer", "customer-invoicing-new", "customers.InvoiceTitle", title="示例抬头有限公司")}
       for name in ("customer-invoicing", "customer-invoicing-remove")},
    "customer-invoicing-default": {"about": _two_titles},
    "customer-invoicing-new": {"data": {"title": "示例抬头有限公司"}},
    **{f"{kind}-comment": {"data": {"text": "一句话"}} for kind in ("customer", "contact", "opportunity", "activity", "task", "worklog", "product", "discussion_group")},
    **{f"{kind}-attach": {"data": lambda desk: {"files": desk.file(next(_n))}}
       for kind in ("customer", "contact", "opportunity", "activity", "task", "worklog", "product", "discussion_group")},
    **{name: {"about": _of(thing)} for name, thing in {
        "comment-edit": "comment", "comment-delete": "comment", "file-remove": "file", "trash-restore": "trash", "tag-edit": "tag", "tag-merge": "tag",
        "choice-rename": "choice", "choice-switch": "choice", "view-edit": "view",
        "view-delete": "view", "job-cancel": "job"}.items()},
    "choice-move": {"about": _of("choice"), "data": {"to": "up"}},
    "number_rule-edit": {"about": lambda desk: (["customers"], {})},
    "view-new": {"about": lambda desk: (["customer"], {}), "data": {"query": "level=A"}},
    "duplicates-search": {"about": lambda desk: ([], {})},
    **{name: {"about": lambda desk: ([], {})} for name in (
        "duplicate-policy", "message-wishes", "pool-limits")},
    **{f"{kind}-tag-many": {"about": _tagged_pair(kind)} for kind in ("customer", "contact", "opportunity", "activity", "task", "worklog", "product", "discussion_group")},
    "customer-merge": {"about": _pair("customer")},
    "contact-merge": {"about": lambda desk: ([], {"ids": ",".join(str(row.pk) for row in _two_contacts(desk))})},
    "import-new": {"about": lambda desk: (["customer"], {}), "data": lambda desk: {"file": _csv(next(_n))}},
}
HINTS |= MORE


def _card(n):
    from django.core.files.uploadedfile import SimpleUploadedFile

    text = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:林示例{n}\r\nN:林;示例{n};;;\r\nEND:VCARD\r\n"
    return SimpleUploadedFile(f"{n}.vcf", text.encode(), "text/vcard")


def _csv(n):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(f"客户{n}.csv", f"客户名称\n示例导入{n}机械厂\n".encode(), "text/csv")


__all__ = ["HINTS", "Desk", "Filled", "complaint", "merged", "post_views", "waiting_customer", "working_pool"]
