from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0012_worker_signs'),
    ]

    operations = [
        migrations.AddField(
            model_name='customfield',
            name='searchable',
            field=models.BooleanField(default=False, verbose_name='searchable'),
        ),
    ]
