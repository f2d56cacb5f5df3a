"""Whoever reads the directory of colleagues may talk in groups, in houses that were set up before there were any."""

from django.db import migrations

ACTIONS = ("view", "add", "edit", "transfer")


def give(apps, schema_editor):
    permission, scope = apps.get_model("org", "RolePermission"), apps.get_model("org", "Scope")
    if permission.objects.filter(kind="discussion_group").exists():
        return
    for role in sorted(set(permission.objects.filter(kind="user", action="view").values_list("role_id", flat=True))):
        for action in ACTIONS:
            permission.objects.create(role_id=role, kind="discussion_group", action=action)
        scope.objects.create(role_id=role, kind="discussion_group", level="self", edit_level="self")


class Migration(migrations.Migration):
    dependencies = [("collab", "0006_groups"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
