"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('masterdata', '0001_initial'), ('masterdata', '0002_option_lists')]

    initial = True

    dependencies = [
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dictionary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'option list',
                'verbose_name_plural': 'option lists',
            },
        ),
        migrations.CreateModel(
            name='DictionaryOption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dictionary', models.CharField(max_length=40)),
                ('code', models.CharField(max_length=20)),
                ('name_zh', models.CharField(max_length=60)),
                ('name_en', models.CharField(blank=True, default='', max_length=60)),
                ('order', models.IntegerField(default=0)),
                ('enabled', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['dictionary', 'order', 'code'],
                'constraints': [models.UniqueConstraint(fields=('dictionary', 'code'), name='masterdata_option_once')],
            },
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('full_name', models.CharField(max_length=120, verbose_name='full name')),
                ('level', models.PositiveSmallIntegerField(verbose_name='level')),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='masterdata.region')),
            ],
            options={
                'verbose_name': 'region',
                'verbose_name_plural': 'regions',
            },
        ),
    ]
