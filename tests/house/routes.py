"""Every address of the house and what it asks for, written by hand: a new address must be added here.

`kind` and `action` say whose rights decide; `read` pages ask for the right to see, `change` pages
for the action and the right to change the row. What is open to everybody signed in says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import get_resolver


@dataclass(frozen=True)
class Rule:
    kind: str = ""
    action: str = "view"
    row: bool = False  # the address names a record
    change: bool = False  # the row must also be one the person may change
    post_only: bool = False
    get_only: bool = False  # a post is "no such method" to everybody


def _rows(kind, **actions):
    return {f"{kind}-{name}": Rule(kind, action, row=True, change=True) for name, action in actions.items()}


def _kind(kind, owned=True):
    rules = {
        f"{kind}-list": Rule(kind),
        f"{kind}-export": Rule(kind, "export"),
        f"{kind}-new": Rule(kind, "add"),
        f"{kind}-edit": Rule(kind, "edit", row=True, change=owned),
        f"{kind}-cell": Rule(kind, "edit", row=True, change=owned),
        f"{kind}-detail": Rule(kind, row=True),
        f"{kind}-tab": Rule(kind, row=True),
        f"{kind}-attach": Rule(kind, "edit", row=True, change=owned),
        f"{kind}-people": Rule(kind, row=True),
        f"{kind}-words": Rule(kind, row=True),
        f"{kind}-tags": Rule(kind, "edit", row=True, change=owned),
        f"{kind}-group": Rule(kind, row=True),
    }
    if owned:
        rules |= {
            f"{kind}-transfer-one": Rule(kind, "transfer", row=True, change=True),
            f"{kind}-share": Rule(kind, "transfer", row=True, change=True),
        }
    return rules


# The field of the cell that is asked for: a plain one that nobody's roles hide.
CELLS = {"lead": "interest", "campaign": "place", "customer": "level", "contact": "job_title", "opportunity": "expected_sign_date", "activity": "place", "task": "title",
         "product": "name", "discussion_group": "name", "price_list": "name", "custom_field": "label_zh", "worklog": "need_help"}


def behind(name):
    """What an address wants to know besides the record."""
    kind, _sep, page = name.rpartition("-")
    return {"tab": ["history"], "cell": [CELLS.get(kind)]}.get(page, [])


DELETABLE = ("contact", "activity", "task", "lead")


def _kept(kind, *more):
    """What administrators keep: pages for who may change it, although everybody may read of it elsewhere."""
    rules = {f"{kind}-list": Rule(kind, "edit"), f"{kind}-new": Rule(kind, "add")}
    return rules | {f"{kind}-{name}": Rule(kind, "edit", row=True) for name in ("detail", "edit", "tab", *more)}


RULES = {
    **_kind("lead"), **_kind("campaign"), **_kind("customer"), **_kind("contact"), **_kind("opportunity"), **_kind("activity"), **_kind("task"), **_kind("worklog"),
    **{name: rule for name, rule in _kind("discussion_group").items() if name not in ("discussion_group-export", "discussion_group-group")},
    **_rows("discussion_group", members="edit", switch="edit"),
    **_kind("product", owned=False),
    **{name: rule for name, rule in _kind("custom_field", owned=False).items()
       if name.split("-")[1] not in ("export", "attach", "people", "words", "tags", "group")},
    "dictionary-list": Rule("dictionary"), "dictionary-detail": Rule("dictionary", row=True), "dictionary-tab": Rule("dictionary", row=True),
    "dictionary-add": Rule("dictionary", "edit", row=True), "dictionary-many": Rule("dictionary", "edit", row=True),
    "number_rule-list": Rule("number_rule"),
    **_rows("customer", lose="lose", switch="disable", **{"address-new": "edit", "invoicing-new": "edit"}),
    **{f"{kind}-delete": Rule(kind, "delete", row=True, change=True) for kind in DELETABLE},
    **_rows("lead", **{"assign-one": "assign", "queue-one": "assign", "invalidate-one": "edit", "reopen-one": "edit"}),
    "lead-take-one": Rule("lead", "take", row=True), "report-leads": Rule("lead", get_only=True),
    **_rows("lead", convert="convert", unconvert="convert"), "lead-pause": Rule("lead"),
    "lead_form-list": Rule("lead_form"), "lead_form-new": Rule("lead_form", "add"), "lead_form-detail": Rule("lead_form", row=True),
    "lead_form-tab": Rule("lead_form", row=True), "lead_form-qr": Rule("lead_form", row=True, get_only=True),
    "lead_form-card": Rule("lead_form", row=True, get_only=True),
    **{f"lead_form-{name}": Rule("lead_form", "edit", row=True) for name in ("edit", "switch", "renew")},
    "assign_rule-list": Rule("assign_rule"), "assign_rule-try": Rule("assign_rule", get_only=True), "assign_rule-new": Rule("assign_rule", "add"),
    **{f"assign_rule-{name}": Rule("assign_rule", "edit", row=True) for name in ("edit", "remove")},
    **_rows("contact", primary="edit", part="edit", hang="edit", move="edit"),
    **{f"{kind}-merge-with": Rule(kind, "merge", row=True, change=True) for kind in ("customer", "contact")},
    "duplicates": Rule("customer", "merge", get_only=True),
    **_rows("opportunity", move="edit", win="win", lose="lose", unwin="unwin", unlose="unlose", suspend="edit", resume="edit", lines="edit"),
    **_rows("activity", finish="edit", cancel="edit", move="edit", party="edit", **{"check-in": "edit"}),
    "customer-map": Rule("customer", row=True, get_only=True),
    **_kept("user", "link", "disable", "enable", "sign-out", "factor", "passkeys", "sees", "hand-over", "token-new"),
    **_kept("department", "switch"),
    **_kept("role", "rights"),
    **{name: rule for name, rule in _kind("price_list", owned=False).items()
       if name.split("-")[1] not in ("export", "attach", "people", "words", "tags", "group")},
    **_rows("customer", place="edit"), **_rows("opportunity", **{"contact-new": "edit"}), "line-owner-switch": Rule("pool", "edit"),
    "opening-list": Rule("opening"), "opening-export": Rule("opening", "export"),
    "contact-card": Rule("contact", "add"), "contact-card-file": Rule("contact", row=True, get_only=True),
    "activity-log": Rule("activity", "add"),
    "calendar": Rule("activity", get_only=True), "report-duty": Rule("activity", get_only=True), "report-care": Rule("care_item", get_only=True), "calendar-address": Rule("activity"), "calendar-import": Rule("activity", "add"),
    **_rows("worklog", readers="edit", refresh="edit"), **_rows("task", due="edit", checklist="edit", followers="edit"),
    "alert_rule-list": Rule("alert_rule", "edit"),
    "care_item-list": Rule("care_item"), "care_rule-list": Rule("care_rule"), "care_rule-new": Rule("care_rule", "add"),
    "care_rule-preview": Rule("care_rule", "edit", get_only=True),
    "contact-care-wish": Rule("contact", "edit", row=True, change=True), "customer-care-wish": Rule("customer", "edit", row=True, change=True),
    "customer-care-day": Rule("customer", "edit", row=True, change=True),
    "opportunity-board": Rule("opportunity"),
    "customer-check": Rule("customer", "add"),
    **_rows("customer", **{"return": "transfer"}, lock="edit", stage="edit"),
    **_kept("pool", "switch", "fields", "rules"), "pool-limits": Rule("pool", "edit"),
    "pool-home": Rule("pool"), "pool-due": Rule("customer"),
    "report-lifecycle": Rule("customer"), "report-customers": Rule("customer", get_only=True), "report-coverage": Rule("opportunity", get_only=True),
    "report-funnel": Rule("opportunity"),
    "report-won": Rule("opportunity"),
}
# Judged one by one below their own tests: the right depends on more than the kind's table.
SPECIAL = {
    "lead-by-rules", "lead-pause-end", "assign_rule-move",
    *(f"lead-{name}" for name in ("assign", "take", "queue", "invalidate", "reopen", "log")), "campaign-step", "lead-transfer", "campaign-transfer",
    *(f"{kind}-change" for kind in ("lead", "campaign", "customer", "contact", "opportunity", "activity", "task", "worklog", "product", "custom_field", "price_list", "discussion_group")),
    "conditions", "view-counts", "view-new", "view-edit", "view-delete", "file", "file-remove", "who-sees", "reveal", "star", "account-session",
    "account-passkey-name", "account-passkey-remove", "account-token", "user-token",
    "comment-edit", "comment-delete", "comment-pin", "comment-conclude", "tags", "tag-edit", "tag-merge", "trash-restore",
    *(f"{kind}-delete-many" for kind in DELETABLE),
    *(f"{kind}-{name}" for name in ("comment", "hold", "tag-many") for kind in ("lead", "campaign", "customer", "contact", "opportunity", "activity", "task", "worklog", "product", "discussion_group")),
    "import", "import-new", "import-file", "import-columns", "import-check", "import-result", "import-rows", "import-undo", "import-delete",
    "import-cancel", "import-retry",
    *(f"{kind}-template" for kind in ("lead", "campaign", "customer", "contact", "opportunity", "product", "opening")),
    *(f"care_item-{name}" for name in ("detail", "finish", "skip", "send", "reopen")), "care_rule-edit", "care-day-remove",
    "message-alerts", "outbox", *(f"alert_rule-{name}" for name in ("detail", "edit", "switch", "try")),
    "choice-rename", "choice-switch", "choice-move", "choice-remove", "number_rule-edit", "number_rule-preview",
    "job", "job-cancel", "job-retry", "job-undo", "job-file", "job-reasons",
    "customer-merge", "contact-merge", "customer-unmerge", "contact-unmerge", "duplicates-pair", "duplicates-search", "duplicate-policy",
    "customer-return-many", "pool-customers", "pool-customer", "pool-pick", "pool-apply", "pool-assign", "pool-requests", "pool-decide",
    "pool-members", "contact-cards", "customer-opening", "opening-detail", "opening-tab", "opening-accept", "opening-return", "opening-resubmit",
    "opening-withdraw", "customer-invoicing", "customer-invoicing-default", "customer-invoicing-remove",
    "customer-line-owner-new", "customer-line-owner", "customer-line-owner-end", "customer-address-map", "opportunity-contact", "activity-take-place",
    "customer-log", "customer-check-in", "lead-check-in", "activity-map", "task-tick", "customer-address", "customer-address-remove", "activity-quick",
    "task-step", "activity-rules", "worklog-step", "worklog-transfer", "discussion_group-transfer", "discussion_group-leave", "discussion_group-seen", "discussion_group-untie", "opportunity-tick", "lookup", "undo",
    "customer-transfer", "contact-transfer", "opportunity-transfer", "activity-transfer", "task-transfer",
}
SIGNED_IN = {
    "account", "account-password", "account-factor", "account-factor-off", "account-codes", "account-sessions", "account-passkey-new", "account-passkey-keep", "help", "api-help", "home", "imports",
    "jobs", "message-wishes", "messages", "palette", "preferences", "trash",
}
TOKEN = {"api-meta", "api-openapi", "api-funnel", "api-won", "api-lifecycle", "api-list", "api-batch", "api-item", "api-call",
         "api-files", "api-file", "api-comments", "api-comment"}
PUBLIC = {
    "calendar-feed",  # its secret is the key
    "public-form", "public-form-thanks",  # for strangers
    "sign-in-code", "sign-in-factor", "sign-in-passkey", "sign-in-code-passkey", "password-set", "password-ask", "healthz", "readyz", "version", "sign-in", "sign-out", "language", "set-up",
}


def all_routes():
    """(pattern, name) of every address the program answers."""

    def walk(resolver, before=""):
        for entry in resolver.url_patterns:
            here = before + str(entry.pattern)
            if hasattr(entry, "url_patterns"):
                yield from walk(entry, here)
            else:
                yield here, entry.name

    return list(walk(get_resolver()))
