from django.db import connection, migrations

import zhike.base.fields
from zhike.base.chinese import pinyin

AT_ONCE = 5_000


def write(apps, schema_editor):
    """Every customer gets what its name is abbreviated to; the search finds all readings already."""
    customer = apps.get_model("customers", "Customer")
    after = 0
    while found := list(customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "name")[:AT_ONCE]):
        after = found[-1][0]
        lines = [("".join(letter for letter in pinyin.abbreviation(name) if letter.isascii())[:60], pk) for pk, name in found]
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE customers_customer SET pinyin_abbr = %s WHERE id = %s", lines)


class Migration(migrations.Migration):
    dependencies = [("customers", "0013_openings_in_files")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="pinyin_abbr",
            field=zhike.base.fields.CleanCharField(blank=True, default="", max_length=60, verbose_name="pinyin abbreviation"),
        ),
        migrations.RunPython(write, migrations.RunPython.noop),
    ]
