from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('org', '0004_passkeys'),
    ]

    operations = [
        migrations.CreateModel(
            name='SetUpMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.CharField(max_length=40)),
            ],
            options={
                'verbose_name': 'mark of the set-up',
            },
        ),
    ]
