"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('org', '0001_initial'), ('org', '0002_accounts'), ('org', '0003_token_kinds')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='company name')),
                ('short_name', models.CharField(blank=True, default='', max_length=60, verbose_name='short name')),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=40, verbose_name='time zone')),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('settings', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'verbose_name': 'company',
            },
        ),
        migrations.CreateModel(
            name='Role',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                ('name_zh', models.CharField(max_length=40, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=40, verbose_name='English name')),
                ('order', models.IntegerField(default=0, verbose_name='order')),
                ('second_factor', models.BooleanField(default=False, verbose_name='needs a second factor')),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'role',
                'verbose_name_plural': 'roles',
                'ordering': ['order', 'code'],
            },
        ),
        migrations.CreateModel(
            name='WorkCalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calendar', models.CharField(default='default', max_length=20)),
                ('date', models.DateField(verbose_name='date')),
                ('kind', models.CharField(choices=[('workday', 'workday'), ('holiday', 'statutory holiday'), ('makeup', 'make-up workday'), ('company_off', 'company day off')], max_length=12)),
                ('name', models.CharField(blank=True, default='', max_length=40, verbose_name='name')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('calendar', 'date'), name='org_calendar_day_once')],
            },
        ),
        migrations.CreateModel(
            name='WorkHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calendar', models.CharField(default='default', max_length=20)),
                ('weekday', models.PositiveSmallIntegerField(verbose_name='weekday')),
                ('start', models.PositiveSmallIntegerField()),
                ('end', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['calendar', 'weekday', 'start'],
                'constraints': [models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='org_hours_forward'), models.CheckConstraint(condition=models.Q(('end__lte', 1440)), name='org_hours_within_day')],
            },
        ),
        migrations.CreateModel(
            name='FieldRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('field', models.CharField(max_length=60)),
                ('mode', models.CharField(choices=[('hide', 'hidden'), ('mask', 'masked'), ('read', 'read only')], max_length=5)),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='field_rules', to='org.role')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role', 'kind', 'field'), name='org_field_rule_once')],
            },
        ),
        migrations.CreateModel(
            name='RolePermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('action', models.CharField(max_length=40)),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='permissions', to='org.role')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role', 'kind', 'action'), name='org_permission_once')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='user name')),
                ('name', models.CharField(max_length=50, verbose_name='name')),
                ('employee_no', models.CharField(blank=True, default='', max_length=40, verbose_name='employee number')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='e-mail')),
                ('mobile', models.CharField(blank=True, default='', max_length=20, verbose_name='mobile')),
                ('job_title', models.CharField(blank=True, default='', max_length=60, verbose_name='position')),
                ('is_active', models.BooleanField(default=True, verbose_name='enabled')),
                ('is_admin', models.BooleanField(default=False, verbose_name='system administrator')),
                ('language', models.CharField(default='zh-hans', max_length=10, verbose_name='language')),
                ('theme', models.CharField(default='auto', max_length=10)),
                ('density', models.CharField(default='normal', max_length=10)),
                ('preferences', models.JSONField(blank=True, default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('password_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='asked for a new password')),
                ('version', models.PositiveIntegerField(default=1)),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='subordinates', to=settings.AUTH_USER_MODEL, verbose_name='manager')),
                ('roles', models.ManyToManyField(blank=True, related_name='users', to='org.role', verbose_name='roles')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(blank=True, default='', max_length=60, verbose_name='name')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('scope', models.CharField(choices=[('read', 'read'), ('write', 'read and write')], default='read', max_length=10)),
                ('kinds', models.JSONField(blank=True, default=list, verbose_name='records')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API token',
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('path', models.CharField(db_index=True, default='', editable=False, max_length=400)),
                ('order', models.IntegerField(default=0, verbose_name='order')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('version', models.PositiveIntegerField(default=1)),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='head of department')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='org.department', verbose_name='parent department')),
            ],
            options={
                'verbose_name': 'department',
                'verbose_name_plural': 'departments',
                'ordering': ['path'],
            },
        ),
        migrations.CreateModel(
            name='PasswordLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='password_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'password link',
            },
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('secret', models.CharField(max_length=200)),
                ('made_at', models.DateTimeField(verbose_name='created')),
                ('last_step', models.BigIntegerField(default=0)),
                ('recovery', models.JSONField(blank=True, default=list)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='second_factor', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'second factor',
            },
        ),
        migrations.CreateModel(
            name='SignedIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_key', models.CharField(max_length=40, unique=True)),
                ('since', models.DateTimeField()),
                ('last_used_at', models.DateTimeField()),
                ('device', models.CharField(blank=True, default='', max_length=120, verbose_name='device')),
                ('address', models.CharField(blank=True, default='', max_length=45, verbose_name='network address')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'session',
            },
        ),
        migrations.CreateModel(
            name='HourlyCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=40)),
                ('hour', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'what', 'hour'), name='org_hourly_once')],
            },
        ),
        migrations.CreateModel(
            name='Scope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('level', models.CharField(choices=[('self', 'own'), ('subordinates', 'own and subordinates'), ('department', 'department'), ('below', 'department and below'), ('chosen', 'chosen departments'), ('all', 'all')], max_length=15)),
                ('edit_level', models.CharField(choices=[('self', 'own'), ('subordinates', 'own and subordinates'), ('department', 'department'), ('below', 'department and below'), ('chosen', 'chosen departments'), ('all', 'all')], max_length=15)),
                ('departments', models.ManyToManyField(blank=True, to='org.department')),
                ('role', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scopes', to='org.role')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role', 'kind'), name='org_scope_once')],
            },
        ),
        migrations.AddField(
            model_name='User',
            name='department',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='users', to='org.department', verbose_name='department'),
        ),
    ]
