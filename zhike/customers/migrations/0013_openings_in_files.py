"""Roles that import and export customers do so with applications to open them; who checks them exports them."""

from django.db import migrations


def give(apps, schema_editor):
    permission = apps.get_model("org", "RolePermission")
    mine = set(permission.objects.filter(kind="opening").values_list("role_id", "action"))
    if any(action in ("import", "export") for _role, action in mine):
        return
    theirs = set(permission.objects.filter(kind="customer", action__in=("import", "export")).values_list("role_id", "action"))
    wanted = {(role, action) for role, action in theirs if (role, "add" if action == "import" else "view") in mine}
    wanted |= {(role, "export") for role, action in mine if action == "check"}
    for role, action in sorted(wanted):
        permission.objects.create(role_id=role, kind="opening", action=action)


class Migration(migrations.Migration):
    dependencies = [("customers", "0012_credit_terms"), ("org", "0003_token_kinds")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
