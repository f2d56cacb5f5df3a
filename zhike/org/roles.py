"""The roles every house starts with, and what each may do (spec section 11).

Kinds are named, not imported: this floor is below them. An administrator may change everything;
seeding adds roles that are missing and leaves those that are there alone.
"""

from __future__ import annotations

from django.db import transaction

from .models import FieldRule, Role, RolePermission, Scope

# code: Chinese name, English name
ROLES = {
    "SR": ("业务员", "sales rep"),
    "SM": ("销售经理", "sales manager"),
    "GM": ("总经理", "general manager"),
    "SA": ("跟单员", "order follower"),
    "TE": ("技术支持", "presales engineer"),
    "MK": ("市场专员", "marketing"),
    "CS": ("客服", "service desk"),
    "DP": ("服务主管", "dispatcher"),
    "EN": ("服务工程师", "field engineer"),
    "FI": ("财务", "finance"),
    "WH": ("仓管", "warehouse"),
    "RO": ("审计只读", "auditor"),
    "PM": ("生产计划", "production planner"),
    "PU": ("采购", "purchasing"),
    "QA": ("质量", "quality"),
    "TM": ("技术经理", "technical manager"),
    "LE": ("法务", "legal"),
    "CA": ("出纳", "cashier"),
    "HR": ("人事", "human resources"),
    "DU": ("经销商用户", "dealer user"),
    "ADM": ("系统管理员", "system administrator"),
}
EDIT = "add edit transfer share delete"
SALES = "customer contact"
LEAD = f"{EDIT} take convert"  # whoever works with leads takes those that wait, and converts their own
# Who adds words to the tags; everybody who changes a record puts them on it.
MAKES_TAGS = {"SM", "GM", "MK", "DP", "TM"}
# role: list of (kinds, actions, scope to see, scope to change)
RIGHTS: dict[str, list[tuple[str, str, str, str]]] = {
    "SR": [
        (SALES, f"view {EDIT}", "self", "self"),
        ("lead", f"view {LEAD}", "self", "self"),
        ("campaign lead_form", "view", "all", "self"),
        ("opening", "view add", "self", "self"),
        ("opportunity", f"view {EDIT} win lose", "self", "self"),
        ("activity task", f"view {EDIT}", "self", "self"),
        ("care_item", "view edit", "self", "self"),
    ],
    "SM": [
        (SALES, f"view {EDIT} import export lose disable merge", "below", "below"),
        ("lead", f"view {LEAD} assign import export", "below", "below"),
        ("campaign", "view add edit transfer approve export", "all", "below"),
        ("lead_form assign_rule", "view add edit", "all", "all"),
        ("opening", "view add import export", "below", "below"),
        ("opportunity", f"view {EDIT} export win lose unwin unlose void stage_skip win_early", "below", "below"),
        ("activity task", f"view {EDIT} export", "below", "below"),
        ("care_item", "view edit", "below", "below"),
    ],
    "GM": [
        (SALES, "view export lose", "all", "self"),
        ("lead", "view export", "all", "self"),
        ("campaign", "view edit approve export", "all", "all"),
        ("lead_form assign_rule", "view", "all", "all"),
        ("opening", "view export", "all", "self"),
        ("opportunity", "view export win lose unwin unlose void stage_skip win_early", "all", "all"),
        ("activity task", f"view export {EDIT}", "all", "self"),
        ("care_item", "view", "all", "self"),
    ],
    "SA": [
        (SALES, "view add edit", "department", "department"),
        ("lead", "view add edit", "department", "department"),
        ("campaign", "view", "all", "self"),
        ("opportunity", "view", "department", "self"),
        ("activity task", "view add edit", "self", "self"),
    ],
    "TE": [
        (SALES, "view", "self", "self"),
        ("opportunity", "view edit", "self", "self"),
        ("activity task", "view add edit", "self", "self"),
    ],
    "MK": [
        (SALES, "view add edit import", "all", "all"),
        ("lead", f"view {LEAD} assign import export", "all", "all"),
        ("campaign", "view add edit transfer share import export", "all", "all"),
        ("lead_form assign_rule", "view add edit", "all", "all"),
        ("care_item", "view edit", "all", "all"),
        ("care_rule", "view add edit", "all", "all"),
        ("opportunity", "view", "department", "self"),
        ("activity task", "view add edit", "self", "self"),
    ],
    "CS": [
        ("customer", "view", "all", "self"),
        ("contact", "view add edit", "all", "all"),
        ("lead", "view add edit", "self", "self"),
        ("campaign", "view", "all", "self"),
        ("activity task", "view add edit", "self", "self"),
    ],
    # Dispatchers see phones masked and must ring up: they may have one shown, which is noted.
    "DP": [(SALES, "view reveal", "all", "self"), ("activity task", "view add edit", "below", "below")],
    "EN": [(SALES, "view", "self", "self"), ("activity task", "view add edit", "self", "self")],
    "FI": [(SALES, "view", "all", "self"), ("opening", "view check export", "all", "self"), ("task", "view add edit", "self", "self")],
    "WH": [("task", "view add edit", "self", "self")],
    "RO": [(f"{SALES} lead campaign opening opportunity activity task", "view", "all", "self")],
    "TM": [
        (SALES, "view", "self", "self"),
        ("opportunity", "view edit", "below", "below"),
        ("activity task", "view add edit", "below", "below"),
    ],
}
LOGS = {"view", "add", "edit", "export"}
# Everybody but dealers reads the catalogue and the directory.
COMMON = "product price_list user department region pool"
KEEPS_PRODUCTS = {"FI": "add edit import", "TM": "add edit", "SM": "export", "GM": "export"}
SEES_COST = {"FI", "GM", "SM"}
MASKED_PHONES = {"FI", "RO", "DP"}


@transaction.atomic
def seed_roles() -> None:
    """Create the default roles with permissions, scopes and field rules."""
    known = set(Role.objects.values_list("code", flat=True))
    for order, (code, (zh, en)) in enumerate(ROLES.items()):
        if code in known:
            continue
        role = Role.objects.create(code=code, name_zh=zh, name_en=en, order=order)
        permissions: set[tuple[str, str]] = set()
        for kinds, actions, level, edit_level in RIGHTS.get(code, []):
            for kind in kinds.split():
                permissions |= {(kind, action) for action in actions.split()}
                Scope.objects.create(role=role, kind=kind, level=level, edit_level=edit_level)
                if kind == "customer":  # who hands customers over gives their lines to colleagues, whoever sees them sees whose they are
                    lines = {"view"} | ({"add", "edit", "transfer"} if "transfer" in actions.split() else set())
                    permissions |= {("line_owner", action) for action in lines}
                    Scope.objects.create(role=role, kind="line_owner", level=level, edit_level=edit_level)
                if kind == "activity":  # whoever has activities writes work logs; those stay with their author
                    permissions |= {("worklog", action) for action in actions.split() if action in LOGS}
                    Scope.objects.create(role=role, kind="worklog", level=level, edit_level="self")
        if code != "DU":
            permissions |= {(kind, "view") for kind in COMMON.split()}
            permissions |= {("product", action) for action in KEEPS_PRODUCTS.get(code, "").split()}
            permissions |= {("price_list", action) for action in ("add", "edit") if action in KEEPS_PRODUCTS.get(code, "").split()}
            permissions |= {("tag", "add")} if code in MAKES_TAGS else set()
            # Everybody talks in groups; a group is its members' alone.
            permissions |= {("discussion_group", action) for action in ("view", "add", "edit", "transfer")}
            Scope.objects.create(role=role, kind="discussion_group", level="self", edit_level="self")
        RolePermission.objects.bulk_create(
            RolePermission(role=role, kind=kind, action=action) for kind, action in sorted(permissions)
        )
        rules = []
        if code not in SEES_COST:
            rules.append(FieldRule(role=role, kind="product", field="standard_cost", mode=FieldRule.HIDE))
        if code in MASKED_PHONES:
            for kind, field in (("contact", "mobile"), ("contact", "phone"), ("customer", "phone"), ("lead", "mobile"), ("lead", "phone")):
                rules.append(FieldRule(role=role, kind=kind, field=field, mode=FieldRule.MASK))
        FieldRule.objects.bulk_create(rules)
