"""Roles that see customers see the pools they belong to; new houses get this with their roles."""

from django.db import migrations


def let_in(apps, schema_editor):
    permission = apps.get_model("org", "RolePermission")
    roles = permission.objects.filter(kind="customer", action="view").values_list("role_id", flat=True)
    known = set(permission.objects.filter(kind="pool", action="view").values_list("role_id", flat=True))
    permission.objects.bulk_create([permission(role_id=pk, kind="pool", action="view") for pk in roles if pk not in known])


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_pools"), ("org", "0003_token_kinds")]
    operations = [migrations.RunPython(let_in, migrations.RunPython.noop, elidable=True)]
