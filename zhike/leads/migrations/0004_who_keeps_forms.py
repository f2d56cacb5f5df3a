"""The roles of houses that were set up before there were forms and rules may see and keep them."""

from django.db import migrations

RIGHTS = {
    "SR": [("lead_form", "view")],
    "SM": [("lead_form", "view add edit"), ("assign_rule", "view add edit")],
    "GM": [("lead_form", "view"), ("assign_rule", "view")],
    "MK": [("lead_form", "view add edit"), ("assign_rule", "view add edit")],
}


def give(apps, schema_editor):
    role, permission = apps.get_model("org", "Role"), apps.get_model("org", "RolePermission")
    scope = apps.get_model("org", "Scope")
    if permission.objects.filter(kind="lead_form").exists():
        return
    for found in role.objects.filter(code__in=list(RIGHTS)):
        for kind, actions in RIGHTS[found.code]:
            for action in actions.split():
                permission.objects.create(role=found, kind=kind, action=action)
            scope.objects.create(role=found, kind=kind, level="all", edit_level="all")


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_forms"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
