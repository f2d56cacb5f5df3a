from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0011_files_in_fields'),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkerSign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker_id', models.CharField(max_length=80, unique=True)),
                ('seen_at', models.DateTimeField(db_index=True)),
            ],
        ),
    ]
