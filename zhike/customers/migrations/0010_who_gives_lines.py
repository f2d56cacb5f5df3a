"""Roles that hand customers over may give their lines away, in houses that were set up before there were any."""

from django.db import migrations


def give(apps, schema_editor):
    permission, scope = apps.get_model("org", "RolePermission"), apps.get_model("org", "Scope")
    if permission.objects.filter(kind="line_owner").exists():
        return
    for found in permission.objects.filter(kind="customer", action__in=("view", "transfer")):
        for action in ("view",) if found.action == "view" else ("add", "edit", "transfer"):
            permission.objects.create(role_id=found.role_id, kind="line_owner", action=action)
    for found in scope.objects.filter(kind="customer"):
        level = found.level if found.level != "chosen" else "self"
        edit_level = found.edit_level if found.edit_level != "chosen" else "self"
        scope.objects.create(role_id=found.role_id, kind="line_owner", level=level, edit_level=edit_level)


class Migration(migrations.Migration):
    dependencies = [("customers", "0009_owners_of_lines"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
