from django.db import migrations, models


def write_patterns(apps, schema_editor):
    """Prefix and date become one pattern; the counters keep their names and go on."""
    tokens = {"%Y": "{YYYY}", "%Y%m": "{YYYYMM}", "%Y%m%d": "{YYYYMMDD}"}
    for rule in apps.get_model("records", "NumberRule").objects.all():
        parts = [rule.prefix, tokens.get(rule.date_part, ""), "{SEQ}"]
        rule.pattern = "-".join(part for part in parts if part)
        rule.save(update_fields=["pattern"])


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0007_import_uploads'),
    ]

    operations = [
        migrations.AddField('numberrule', 'pattern', models.CharField(default='', max_length=60, verbose_name='parts'), preserve_default=False),
        migrations.RunPython(write_patterns, migrations.RunPython.noop),
    ]
