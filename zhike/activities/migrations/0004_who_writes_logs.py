"""Roles that have activities may write work logs, in houses that were set up before there were any."""

from django.db import migrations

ACTIONS = ("view", "add", "edit", "export")


def give(apps, schema_editor):
    permission, scope = apps.get_model("org", "RolePermission"), apps.get_model("org", "Scope")
    if permission.objects.filter(kind="worklog").exists():
        return
    for found in permission.objects.filter(kind="activity", action__in=ACTIONS):
        permission.objects.create(role_id=found.role_id, kind="worklog", action=found.action)
    for found in scope.objects.filter(kind="activity"):
        level = found.level if found.level != "chosen" else "self"
        scope.objects.create(role_id=found.role_id, kind="worklog", level=level, edit_level="self")


class Migration(migrations.Migration):
    dependencies = [("activities", "0003_the_reps_day"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
