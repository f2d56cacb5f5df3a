"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
import zhike.base.fields
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('products', '0001_initial'), ('products', '0002_price_lists'), ('products', '0003_who_keeps_price_lists')]

    initial = True

    dependencies = [
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProductLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('order', models.IntegerField(default=0)),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
            ],
            options={
                'verbose_name': 'product line',
                'verbose_name_plural': 'product lines',
                'ordering': ['order', 'code'],
            },
        ),
        migrations.CreateModel(
            name='PriceList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('code', zhike.base.fields.CodeField(max_length=40, unique=True, verbose_name='price list code')),
                ('name', zhike.base.fields.CleanCharField(max_length=80, verbose_name='price list name')),
                ('currency', models.CharField(blank=True, default='', max_length=20, verbose_name='currency')),
                ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid until')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('remark', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='remark')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'price list',
                'verbose_name_plural': 'price lists',
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('code', zhike.base.fields.CodeField(max_length=40, unique=True, verbose_name='product code')),
                ('name', zhike.base.fields.CleanCharField(max_length=200, verbose_name='product name')),
                ('model', zhike.base.fields.CleanCharField(blank=True, default='', max_length=100, verbose_name='model')),
                ('unit', zhike.base.fields.CleanCharField(default='台', max_length=20, verbose_name='unit')),
                ('list_price', zhike.base.fields.Price(blank=True, null=True, verbose_name='list price')),
                ('tax_rate', zhike.base.fields.Percent(blank=True, null=True, verbose_name='tax rate')),
                ('standard_cost', zhike.base.fields.Money(blank=True, null=True, verbose_name='standard cost')),
                ('description', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='description')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('sort_name', models.CharField(default='', editable=False, max_length=300)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('line', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='products.productline', verbose_name='product line')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'indexes': [models.Index(fields=['sort_name', 'id'], name='products_sort_name_ix'), models.Index(fields=['created_at', 'id'], name='products_created_ix')],
            },
        ),
    ]
