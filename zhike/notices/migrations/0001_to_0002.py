"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('notices', '0001_initial'), ('notices', '0002_alerts_and_outbox')]

    initial = True

    dependencies = [
        ('org', '0001_to_0003'),
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('code', models.CharField(max_length=20, unique=True)),
                ('enabled', models.BooleanField(default=False, verbose_name='enabled')),
                ('params', models.JSONField(blank=True, default=dict, verbose_name='figures')),
                ('working', models.BooleanField(default=False, verbose_name='count workdays only')),
                ('departments', models.JSONField(blank=True, default=list, verbose_name='departments')),
                ('conditions', models.CharField(blank=True, default='', max_length=2000, verbose_name='only records with')),
                ('recipients', models.JSONField(blank=True, default=list, verbose_name='recipients')),
                ('escalate_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='to the manager after (days)')),
                ('repeat_days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='again after (days)')),
                ('digest', models.BooleanField(default=True, verbose_name='one digest a day')),
                ('quiet_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='quiet from')),
                ('quiet_to', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='quiet until')),
                ('scanned_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last scan')),
                ('scan_error', models.CharField(blank=True, default='', editable=False, max_length=500)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'alert rule',
                'verbose_name_plural': 'alert rules',
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_to', None)), models.Q(('quiet_from__lte', 23), ('quiet_to__lte', 23)), _connector='OR'), name='notices_rule_quiet_hours'), models.CheckConstraint(condition=models.Q(('escalate_days', None), ('escalate_days__lte', 365), _connector='OR'), name='notices_rule_escalate'), models.CheckConstraint(condition=models.Q(('repeat_days', None), models.Q(('repeat_days__gte', 1), ('repeat_days__lte', 365)), _connector='OR'), name='notices_rule_repeat')],
            },
        ),
        migrations.CreateModel(
            name='AlertHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_id', models.BigIntegerField()),
                ('key', models.CharField(max_length=60)),
                ('since', models.DateTimeField(null=True)),
                ('escalated', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('told_at', models.DateTimeField(null=True)),
                ('later', models.DateTimeField(null=True)),
                ('handled_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('receiver', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hits', to='notices.alertrule')),
            ],
            options={
                'verbose_name': 'alert',
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['receiver', 'rule', '-id'], name='notices_hit_open_ix'), models.Index(condition=models.Q(('closed_at', None)), fields=['rule', 'opened_at'], name='notices_hit_of_rule_ix')],
                'constraints': [models.UniqueConstraint(fields=('rule', 'row_id', 'key', 'receiver'), name='notices_hit_once')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(choices=[('system', 'system'), ('approval', 'approval'), ('task', 'task'), ('alert', 'alert'), ('mention', 'mention'), ('notice', 'announcement')], default='system', max_length=10)),
                ('tone', models.CharField(default='info', max_length=8)),
                ('urgent', models.BooleanField(default=False)),
                ('text_key', models.CharField(max_length=60)),
                ('values', models.JSONField(blank=True, default=dict)),
                ('kind', models.CharField(blank=True, default='', max_length=40)),
                ('row_id', models.BigIntegerField(null=True)),
                ('key', models.CharField(max_length=120)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('later', models.DateTimeField(blank=True, null=True)),
                ('hit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='notices.alerthit')),
                ('receiver', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to=settings.AUTH_USER_MODEL)),
                ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'message',
                'indexes': [models.Index(fields=['receiver', '-id'], name='notices_of_person_ix'), models.Index(condition=models.Q(('read_at', None)), fields=['receiver'], name='notices_unread_ix')],
                'constraints': [models.UniqueConstraint(fields=('receiver', 'key'), name='notices_message_once')],
            },
        ),
        migrations.CreateModel(
            name='Outgoing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('mail', 'e-mail'), ('sms', 'SMS'), ('wechat', 'WeChat')], max_length=10)),
                ('address', models.CharField(max_length=254)),
                ('subject', models.CharField(blank=True, default='', max_length=200)),
                ('body', models.TextField()),
                ('key', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(blank=True, default='', max_length=40)),
                ('row_id', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sent', 'sent'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='waiting', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, default='', max_length=500)),
                ('created_at', models.DateTimeField()),
                ('next_try_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(null=True)),
                ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'outgoing message',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['next_try_at'], name='notices_outgoing_ix')],
            },
        ),
        migrations.CreateModel(
            name='Wishes',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='wishes', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('muted', models.JSONField(blank=True, default=list)),
                ('digest_hour', models.PositiveSmallIntegerField(default=8, verbose_name='hour of the daily digest')),
                ('quiet_from', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='quiet from')),
                ('quiet_to', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='quiet until')),
                ('mail', models.BooleanField(default=False, verbose_name='daily digest by mail as well')),
                ('mailed_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'message preferences',
                'constraints': [models.CheckConstraint(condition=models.Q(('digest_hour__lte', 23)), name='notices_digest_hour'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_to', None)), models.Q(('quiet_from__lte', 23), ('quiet_to__lte', 23)), _connector='OR'), name='notices_quiet_hours')],
            },
        ),
    ]
