"""A row's typed value of one field is answered from the index alone, with its number or text."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0013_searchable_fields'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='customvalue',
            index=models.Index(fields=['field', 'row_id', 'number', 'text'], name='records_custom_ask_ix'),
        ),
        migrations.RemoveIndex(
            model_name='customvalue',
            name='records_custom_row_ix',
        ),
    ]
