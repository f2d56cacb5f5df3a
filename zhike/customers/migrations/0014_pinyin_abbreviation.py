from django.db import connection, migrations

import zhike.base.fields

AT_ONCE = 5_000


def abbreviated(name):
    from pypinyin import lazy_pinyin

    syllables = (syllable for word in lazy_pinyin(name, errors=list) for syllable in ([word] if isinstance(word, str) else word))
    return "".join(syllable[0] for syllable in syllables if syllable[:1].isascii() and syllable[:1].isalnum()).lower()[:60]


def write(apps, schema_editor):
    """Every customer gets what its name is abbreviated to; the search finds all readings already."""
    customer = apps.get_model("customers", "Customer")
    after = 0
    while found := list(customer.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "name")[:AT_ONCE]):
        after = found[-1][0]
        lines = [(abbreviated(name), pk) for pk, name in found]
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
