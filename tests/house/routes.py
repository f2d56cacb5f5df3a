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
        f"{kind}-detail": Rule(kind, row=True),
        f"{kind}-tab": Rule(kind, row=True),
        f"{kind}-attach": Rule(kind, "edit", row=True, change=owned),
        f"{kind}-people": Rule(kind, row=True),
        f"{kind}-words": Rule(kind, row=True),
        f"{kind}-tags": Rule(kind, "edit", row=True, change=owned),
    }
    if owned:
        rules |= {
            f"{kind}-transfer-one": Rule(kind, "transfer", row=True, change=True),
            f"{kind}-share": Rule(kind, "transfer", row=True, change=True),
        }
    return rules


DELETABLE = ("contact", "activity", "task")


def _kept(kind, *more):
    """What administrators keep: pages for who may change it, although everybody may read of it elsewhere."""
    rules = {f"{kind}-list": Rule(kind, "edit"), f"{kind}-new": Rule(kind, "add")}
    return rules | {f"{kind}-{name}": Rule(kind, "edit", row=True) for name in ("detail", "edit", "tab", *more)}


RULES = {
    **_kind("customer"), **_kind("contact"), **_kind("opportunity"), **_kind("activity"), **_kind("task"),
    **_kind("product", owned=False),
    **{name: rule for name, rule in _kind("custom_field", owned=False).items()
       if name.split("-")[1] not in ("export", "attach", "people", "words", "tags")},
    "dictionary-list": Rule("dictionary"), "dictionary-detail": Rule("dictionary", row=True), "dictionary-tab": Rule("dictionary", row=True),
    "dictionary-add": Rule("dictionary", "edit", row=True), "number_rule-list": Rule("number_rule"),
    **_rows("customer", lose="lose", switch="disable", **{"address-new": "edit"}),
    **{f"{kind}-delete": Rule(kind, "delete", row=True, change=True) for kind in DELETABLE},
    **_rows("contact", primary="edit"),
    **{f"{kind}-merge-with": Rule(kind, "merge", row=True, change=True) for kind in ("customer", "contact")},
    "duplicates": Rule("customer", "merge", get_only=True),
    **_rows("opportunity", move="edit", win="win", lose="lose", unwin="unwin", unlose="unlose", suspend="edit", resume="edit", lines="edit"),
    **_rows("activity", finish="edit", cancel="edit"),
    **_kept("user", "link", "disable", "enable", "sign-out", "factor", "sees"),
    **_kept("department", "switch"),
    **_kept("role", "rights"),
    "activity-log": Rule("activity", "add"),
    "opportunity-board": Rule("opportunity"),
    "customer-check": Rule("customer", "add"),
    "report-funnel": Rule("opportunity"),
    "report-won": Rule("opportunity"),
}
# Judged one by one below their own tests: the right depends on more than the kind's table.
SPECIAL = {
    *(f"{kind}-change" for kind in ("customer", "contact", "opportunity", "activity", "task", "product", "custom_field")),
    "conditions", "view-new", "view-edit", "view-delete", "file", "file-remove", "who-sees", "reveal", "account-session",
    "comment-edit", "comment-delete", "tags", "tag-edit", "tag-merge", "trash-restore",
    *(f"{kind}-{name}" for name in ("comment", "tag-many") for kind in ("customer", "contact", "opportunity", "activity", "task", "product")),
    "import", "import-new", "import-file", "import-columns", "import-check", "import-result", "import-rows", "import-undo", "import-delete",
    "import-cancel", "import-retry",
    *(f"{kind}-template" for kind in ("customer", "contact", "opportunity", "product")),
    "choice-rename", "choice-switch", "choice-move", "choice-remove", "number_rule-edit", "number_rule-preview",
    "job", "job-cancel", "job-retry", "job-undo", "job-file", "job-reasons",
    "customer-merge", "contact-merge", "customer-unmerge", "contact-unmerge", "duplicates-pair", "duplicates-search", "duplicate-policy",
    "customer-log", "customer-address", "customer-address-remove", "activity-quick", "task-step", "opportunity-tick", "lookup", "undo",
    "customer-transfer", "contact-transfer", "opportunity-transfer", "activity-transfer", "task-transfer",
}
SIGNED_IN = {
    "account", "account-password", "account-factor", "account-factor-off", "account-codes", "account-sessions", "help", "api-help", "home", "imports",
    "jobs", "messages", "palette", "preferences", "trash",
}
TOKEN = {"api-meta", "api-openapi", "api-funnel", "api-won", "api-list", "api-batch", "api-item", "api-call"}
PUBLIC = {
    "sign-in-code", "sign-in-factor", "password-set", "password-ask", "healthz", "readyz", "version", "sign-in", "sign-out", "language", "set-up",
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
