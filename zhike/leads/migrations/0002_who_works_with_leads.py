"""The roles of houses that were set up before there were leads may work with leads and campaigns."""

from django.db import migrations

WORK = "view add edit transfer share delete take convert"
# role: (kind, actions, scope to see, scope to change)
RIGHTS = {
    "SR": [("lead", WORK, "self", "self"), ("campaign", "view", "all", "self")],
    "SM": [("lead", f"{WORK} assign import export", "below", "below"),
           ("campaign", "view add edit transfer approve export", "all", "below")],
    "GM": [("lead", "view export", "all", "self"), ("campaign", "view edit approve export", "all", "all")],
    "SA": [("lead", "view add edit", "department", "department"), ("campaign", "view", "all", "self")],
    "MK": [("lead", f"{WORK} assign import export", "all", "all"),
           ("campaign", "view add edit transfer share import export", "all", "all")],
    "CS": [("lead", "view add edit", "self", "self"), ("campaign", "view", "all", "self")],
    "RO": [("lead", "view", "all", "self"), ("campaign", "view", "all", "self")],
}
MASKED = ("FI", "RO", "DP")


def give(apps, schema_editor):
    role, permission = apps.get_model("org", "Role"), apps.get_model("org", "RolePermission")
    scope, rule = apps.get_model("org", "Scope"), apps.get_model("org", "FieldRule")
    roles = {found.code: found for found in role.objects.filter(code__in=[*RIGHTS, *MASKED])}
    if permission.objects.filter(kind="lead").exists():
        return
    for code, rights in RIGHTS.items():
        if code not in roles:
            continue
        for kind, actions, level, edit_level in rights:
            for action in actions.split():
                permission.objects.create(role=roles[code], kind=kind, action=action)
            scope.objects.create(role=roles[code], kind=kind, level=level, edit_level=edit_level)
    for code in MASKED:
        if code in roles:
            for field in ("mobile", "phone"):
                rule.objects.create(role=roles[code], kind="lead", field=field, mode="mask")


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_leads"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
