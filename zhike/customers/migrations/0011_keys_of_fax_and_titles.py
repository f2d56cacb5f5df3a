"""Customers with a fax number or invoicing details, or whose credit code stands in those of another, get their keys anew by the night's job: these count now, too."""

from django.db import migrations


def forget(apps, schema_editor):
    key, customer, title = (apps.get_model("customers", name) for name in ("NameKey", "Customer", "InvoiceTitle"))
    wanted = set(customer.objects.exclude(fax="").values_list("pk", flat=True)) | set(
        customer.objects.exclude(uscc="").filter(uscc__in=title.objects.exclude(tax_no="").values("tax_no")).values_list("pk", flat=True))
    wanted |= set(title.objects.values_list("customer_id", flat=True))
    ids = sorted(wanted)
    for start in range(0, len(ids), 500):
        # Without its key of source "name" a customer counts as not yet looked at; the others still find it meanwhile.
        key.objects.filter(customer__in=ids[start : start + 500], source="name").update(source="stale")


class Migration(migrations.Migration):
    dependencies = [("customers", "0010_who_gives_lines")]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
