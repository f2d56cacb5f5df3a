"""Who sees what, worked out a second time, row by row, from the written tables alone."""

from __future__ import annotations

from zhike.demo.people import DEPARTMENTS, USERS
from zhike.org.roles import KEEPS_PRODUCTS, RIGHTS

PARENTS = {"contact": ("customer",), "lead": ("customer",), "opportunity": ("customer",), "activity": ("lead", "customer", "opportunity"),
           "task": ("customer", "opportunity")}
# What a place in a parent's team opens below it: ("read", "write") or less.
BELOW_TEAM = {("contact", "customer"): ("read",), ("lead", "customer"): ("read",), ("activity", "lead"): ("read", "write"), ("opportunity", "customer"): (), ("activity", "customer"): ("read", "write"),
              ("task", "customer"): ("read", "write"), ("activity", "opportunity"): ("read", "write"), ("task", "opportunity"): ("read", "write")}
# (kind, row id) → user name → right, as the rows at hand are shared.
TEAMS: dict[tuple[str, int], dict[str, str]] = {}
_dept = {username: dept for username, _name, dept, *_rest in USERS}
_roles = {username: roles for username, _n, _d, roles, *_rest in USERS}
_up = {code: parent for code, _name, parent in DEPARTMENTS}


def _above(code):
    while code:
        yield code
        code = _up[code]


def _granted(username, kind):
    """(actions, level to see, level to change) of every role that names the kind."""
    if kind == "price_list":  # kept with the products
        return [(["view", *(a for a in ("add", "edit") if a in KEEPS_PRODUCTS.get(role, "").split())], "all", "all") for role in _roles[username]]
    if kind == "product":  # the catalogue: open to read, kept by some roles
        return [(["view", *KEEPS_PRODUCTS.get(role, "").split()], "all", "all") for role in _roles[username]]
    if kind in ("user", "department", "role", "pool"):  # a directory to read; roles and pages of all three for administrators
        return [(["view"], "all", "self")] if kind != "role" else []
    if kind == "discussion_group":  # everybody but dealers; a group is its members' alone
        return [(["view", "add", "edit", "transfer"], "self", "self")]
    if kind == "worklog":  # whoever has activities writes logs; each stays with its author
        return [([action for action in actions if action in ("view", "add", "edit", "export")], see, "self")
                for actions, see, _change in _granted(username, "activity")]
    return [
        (actions.split(), see, change)
        for role in _roles[username]
        for kinds, actions, see, change in RIGHTS.get(role, [])
        if kind in kinds.split()
    ]


def may(username, kind, action):
    return username == "admin" or any(action in actions for actions, _s, _c in _granted(username, kind))


def _within(username, level, row):
    owner, dept = row.owner.username, row.owner_dept.code
    if owner == username:
        return True
    return {
        "self": False,
        "department": dept == _dept[username],
        "below": _dept[username] in _above(dept),
        "all": True,
    }[level]


def share(row, username, level):
    """Let somebody into a row's team, and write it down here."""
    from zhike.org.models import User
    from zhike.records.teams import share_row

    share_row(row, [User.objects.get(username=username)], level=level, by=None)
    TEAMS.setdefault((row.KIND, row.pk), {})[username] = level


def _let_in(username, row, change):
    """Whether a place in the row's own team, or in that of what it hangs on, opens it."""
    own = TEAMS.get((row.KIND, row.pk), {}).get(username)
    if own == "write" or (own and not change):
        return True
    parents = PARENTS.get(row.KIND, ())
    for name in parents:
        parent = getattr(row, name)
        level = TEAMS.get((name, parent.pk), {}).get(username) if parent is not None else None
        # What hangs on an opportunity is not the customer's team's business.
        nearer = name == "customer" and "opportunity" in parents and row.opportunity_id is not None
        nearer |= name == "lead" and row.customer_id is not None  # nor is that of a customer who came from a lead the lead's
        opens = BELOW_TEAM[row.KIND, name]
        if level and not nearer and ("write" in opens and level == "write" if change else "read" in opens):
            return True
    return False


def sees(username, row):
    if username == "admin":
        return True
    kind = row.KIND
    if not may(username, kind, "view"):
        return False
    if not hasattr(row, "owner_dept_id"):  # a catalogue, or a form that names whose its leads are
        return True
    if any(_within(username, see, row) for _a, see, _c in _granted(username, kind)):
        return True
    if _let_in(username, row, False):
        return True
    for name in PARENTS.get(kind, ()):
        parent = getattr(row, name)
        if parent is not None and parent.owner.username == username:
            return True
    return row.owner.username == username


def changes(username, row):
    if username == "admin":
        return True
    if not hasattr(row, "owner_dept_id"):
        return True
    if not may(username, row.KIND, "edit"):
        return False
    return row.owner.username == username or _let_in(username, row, True) or any(_within(username, change, row) for _a, _s, change in _granted(username, row.KIND))
