"""Roles that keep products keep price lists, in houses that were set up before there were any."""

from django.db import migrations


def give(apps, schema_editor):
    permission = apps.get_model("org", "RolePermission")
    if permission.objects.filter(kind="price_list").exists():
        return
    for found in permission.objects.filter(kind="product", action__in=("view", "add", "edit")):
        permission.objects.create(role_id=found.role_id, kind="price_list", action=found.action)


class Migration(migrations.Migration):
    dependencies = [("products", "0002_price_lists"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
