"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
import zhike.base.fields
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('marketing', '0001_customer_care'), ('marketing', '0002_conversion')]

    initial = True

    dependencies = [
        ('customers', '0001_to_0013'),
        ('leads', '0001_to_0004'),
        ('opportunities', '0001_to_0004'),
        ('org', '0001_to_0003'),
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactWish',
            fields=[
                ('contact', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.contact')),
                ('lunar', models.BooleanField(default=False, verbose_name='keeps the birthday by the lunar calendar')),
                ('opt_out', models.BooleanField(default=False, verbose_name='wants no attention')),
                ('reason', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('changed_at', models.DateTimeField(default=zhike.base.clock.now)),
            ],
            options={
                'verbose_name': "contact's wishes",
            },
        ),
        migrations.CreateModel(
            name='CustomerWish',
            fields=[
                ('customer', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='customers.customer')),
                ('opt_out', models.BooleanField(default=False, verbose_name='wants no attention')),
                ('reason', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('changed_at', models.DateTimeField(default=zhike.base.clock.now)),
            ],
            options={
                'verbose_name': "customer's wishes",
            },
        ),
        migrations.CreateModel(
            name='CareRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('name', zhike.base.fields.CleanCharField(max_length=80, verbose_name='rule name')),
                ('occasion', models.CharField(choices=[('birthday', 'birthday'), ('festival', 'festival'), ('anniversary', 'day to remember'), ('silence', 'days without contact')], default='birthday', max_length=12, verbose_name='occasion')),
                ('festival', models.CharField(blank=True, choices=[('new_year', "New Year's Day"), ('spring', 'Spring Festival'), ('lantern', 'Lantern Festival'), ('women', "Women's Day"), ('labour', 'Labour Day'), ('dragon_boat', 'Dragon Boat Festival'), ('mid_autumn', 'Mid-Autumn Festival'), ('national', 'National Day'), ('double_ninth', 'Double Ninth Festival'), ('christmas', 'Christmas')], default='', max_length=20, verbose_name='festival')),
                ('days', models.PositiveSmallIntegerField(default=0, help_text='Days before the occasion; with “days without contact” after how many.', verbose_name='days')),
                ('levels', zhike.base.fields.CleanCharField(blank=True, default='', help_text='Codes such as A, B; empty for all.', max_length=80, verbose_name='customer levels')),
                ('channel', models.CharField(choices=[('phone', 'phone call'), ('visit', 'visit'), ('wechat', 'WeChat'), ('sms', 'SMS'), ('email', 'e-mail'), ('gift', 'gift')], default='phone', max_length=10, verbose_name='channel')),
                ('gap_days', models.PositiveSmallIntegerField(default=7, verbose_name='at most once in (days)')),
                ('text_zh', zhike.base.fields.CleanTextField(blank=True, default='', help_text='Variables stand in double braces; they are named below.', verbose_name='Chinese text')),
                ('text_en', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='English text')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'care rule',
                'verbose_name_plural': 'care rules',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('days__lte', 3650)), name='marketing_care_days'), models.CheckConstraint(condition=models.Q(('gap_days__lte', 365)), name='marketing_care_gap')],
            },
        ),
        migrations.CreateModel(
            name='CareItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('title', zhike.base.fields.CleanCharField(max_length=120, verbose_name='care')),
                ('occasion', models.CharField(max_length=20, verbose_name='occasion')),
                ('occasion_on', models.DateField(verbose_name='day of the occasion')),
                ('due_on', models.DateField(verbose_name='due')),
                ('channel', models.CharField(choices=[('phone', 'phone call'), ('visit', 'visit'), ('wechat', 'WeChat'), ('sms', 'SMS'), ('email', 'e-mail'), ('gift', 'gift')], max_length=10, verbose_name='channel')),
                ('text', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='text')),
                ('status', models.CharField(choices=[('planned', 'planned'), ('done', 'done'), ('skipped', 'skipped')], default='planned', editable=False, max_length=10, verbose_name='status')),
                ('result', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='result')),
                ('cost', zhike.base.fields.Money(default=0, verbose_name='cost')),
                ('reason', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='finished')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.contact', verbose_name='contact')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='customer')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('owner_dept', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department', verbose_name='department')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='marketing.carerule', verbose_name='care rule')),
            ],
            options={
                'verbose_name': 'care item',
                'verbose_name_plural': 'care items',
                'indexes': [models.Index(fields=['owner', 'status', 'due_on'], name='marketing_care_day_ix'), models.Index(fields=['status', 'occasion_on'], name='marketing_care_near_ix'), models.Index(fields=['due_on', 'id'], name='marketing_care_due_ix')],
                'constraints': [models.UniqueConstraint(fields=('rule', 'customer', 'contact', 'occasion', 'occasion_on'), name='marketing_care_once'), models.UniqueConstraint(condition=models.Q(('contact', None)), fields=('rule', 'customer', 'occasion', 'occasion_on'), name='marketing_care_once_whole')],
            },
        ),
        migrations.CreateModel(
            name='LeadConversion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made', models.JSONField(default=list)),
                ('at', models.DateTimeField(verbose_name='converted on')),
                ('journal', models.JSONField(default=dict)),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back on')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='converted by')),
                ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.contact', verbose_name='contact')),
                ('customer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='customer')),
                ('lead', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead', verbose_name='lead')),
                ('opportunity', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='opportunities.opportunity', verbose_name='opportunity')),
                ('undone_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'lead conversion',
                'verbose_name_plural': 'lead conversions',
                'indexes': [models.Index(fields=['at', 'id'], name='marketing_conversion_at_ix')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('lead',), name='marketing_conversion_once')],
            },
        ),
        migrations.CreateModel(
            name='CareDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', zhike.base.fields.CleanCharField(max_length=60, verbose_name='name of the day')),
                ('first_on', models.DateField(verbose_name='first time')),
                ('lunar', models.BooleanField(default=False, verbose_name='by the lunar calendar')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now)),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.contact', verbose_name='contact')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'day to remember',
                'verbose_name_plural': 'days to remember',
                'indexes': [models.Index(fields=['customer', 'id'], name='marketing_day_customer_ix')],
            },
        ),
    ]
