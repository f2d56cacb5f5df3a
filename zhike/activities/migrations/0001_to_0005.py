"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
import zhike.base.fields
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('activities', '0001_initial'), ('activities', '0002_provable_indexes'), ('activities', '0003_the_reps_day'), ('activities', '0004_who_writes_logs'), ('activities', '0005_activities_with_leads')]

    initial = True

    dependencies = [
        ('collab', '0001_to_0005'),
        ('customers', '0001_to_0013'),
        ('leads', '0001_to_0004'),
        ('opportunities', '0001_to_0004'),
        ('org', '0001_to_0003'),
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='Attendee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('activity_number', models.BigIntegerField()),
                ('contact_number', models.BigIntegerField()),
            ],
            options={
                'verbose_name': 'attendee',
                'verbose_name_plural': 'attendees',
                'indexes': [models.Index(fields=['activity_number'], name='activities_attendee_ix'), models.Index(fields=['contact_number'], name='activities_attended_ix')],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'calendar address',
                'verbose_name_plural': 'calendar addresses',
            },
        ),
        migrations.CreateModel(
            name='Activity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('type', models.CharField(default='phone', max_length=20, verbose_name='type of activity')),
                ('subject', zhike.base.fields.CleanCharField(max_length=100, verbose_name='subject')),
                ('status', models.CharField(choices=[('planned', 'planned'), ('in_progress', 'in progress'), ('done', 'done'), ('cancelled', 'cancelled')], default='planned', editable=False, max_length=12, verbose_name='status')),
                ('at', models.DateTimeField(default=zhike.base.clock.now, verbose_name='time')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('place', zhike.base.fields.CleanCharField(blank=True, default='', max_length=120, verbose_name='place')),
                ('purpose', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='purpose')),
                ('content', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='content')),
                ('result', models.CharField(blank=True, default='', max_length=20, verbose_name='result')),
                ('next_action', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='next step')),
                ('next_contact_at', models.DateTimeField(blank=True, null=True, verbose_name='next contact')),
                ('planned_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='planned for')),
                ('done_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='recorded as done')),
                ('amended_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='changed later')),
                ('remind_before', models.PositiveIntegerField(blank=True, null=True, verbose_name='remind me (minutes before)')),
                ('remind_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checked_in_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='checked in')),
                ('check_in_place', zhike.base.fields.CleanCharField(blank=True, default='', editable=False, max_length=200)),
                ('check_in_lat', models.IntegerField(blank=True, editable=False, null=True, verbose_name='latitude')),
                ('check_in_lng', models.IntegerField(blank=True, editable=False, null=True, verbose_name='longitude')),
                ('check_in_accuracy', models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name='accuracy in metres')),
                ('check_in_photo', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='collab.attachment', verbose_name='photo')),
                ('checked_in_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='checked in by')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.contact', verbose_name='contact')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='customer')),
                ('lead', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='leads.lead', verbose_name='lead')),
                ('opportunity', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='opportunities.opportunity', verbose_name='opportunity')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('owner_dept', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department', verbose_name='department')),
                ('planned_from', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='activities.activity')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'activity',
                'verbose_name_plural': 'activities',
                'indexes': [models.Index(fields=['at', 'id'], name='activities_at_ix'), models.Index(fields=['customer', 'at', 'id'], name='activities_customer_ix'), models.Index(fields=['owner', 'status', 'at'], name='activities_my_day_ix'), models.Index(condition=models.Q(('opportunity__isnull', False)), fields=['opportunity', 'at'], name='activities_of_opportunity_ix'), models.Index(condition=models.Q(('lead__isnull', False)), fields=['lead', 'at'], name='activities_of_lead_ix'), models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['remind_at'], name='activities_remind_ix')],
                'constraints': [models.CheckConstraint(condition=models.Q(('customer__isnull', False), ('lead__isnull', False), _connector='OR'), name='activities_with_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('check_in_lat', None), ('check_in_lng', None)), models.Q(('check_in_lat__range', (-90000000, 90000000)), ('check_in_lng__range', (-180000000, 180000000))), _connector='OR'), name='activities_position_on_earth')],
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('title', zhike.base.fields.CleanCharField(max_length=100, verbose_name='task')),
                ('detail', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='details')),
                ('priority', models.CharField(choices=[('low', 'low'), ('normal', 'normal'), ('high', 'high'), ('urgent', 'urgent')], default='normal', max_length=8, verbose_name='priority')),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('status', models.CharField(choices=[('open', 'to accept'), ('accepted', 'in progress'), ('done', 'done'), ('confirmed', 'confirmed'), ('refused', 'refused'), ('cancelled', 'cancelled')], default='open', editable=False, max_length=10, verbose_name='status')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='begins')),
                ('remind_before', models.PositiveIntegerField(blank=True, null=True, verbose_name='remind me (minutes before)')),
                ('remind_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('checklist', models.JSONField(blank=True, default=list, editable=False, verbose_name='checklist')),
                ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='progress (%)')),
                ('recurrence', models.CharField(blank=True, choices=[('daily', 'every day'), ('workdays', 'every working day'), ('weekly', 'every week'), ('monthly', 'every month'), ('quarterly', 'every quarter'), ('yearly', 'every year')], default='', max_length=10, verbose_name='repeats')),
                ('about_kind', models.CharField(blank=True, default='', editable=False, max_length=40)),
                ('about_id', models.BigIntegerField(blank=True, editable=False, null=True)),
                ('result', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='result')),
                ('finished_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='finished')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('customer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='customers.customer', verbose_name='customer')),
                ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='given by')),
                ('opportunity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='opportunities.opportunity', verbose_name='opportunity')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('owner_dept', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department', verbose_name='department')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='activities.task', verbose_name='part of the task')),
                ('repeat_of', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='activities.task')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'task',
                'verbose_name_plural': 'tasks',
                'indexes': [models.Index(fields=['due_at', 'id'], name='tasks_due_ix'), models.Index(fields=['owner', 'status', 'due_at'], name='tasks_my_day_ix'), models.Index(fields=['giver', 'status'], name='tasks_given_ix'), models.Index(fields=['customer', 'id'], name='tasks_customer_ix'), models.Index(condition=models.Q(('about_id__isnull', False)), fields=['about_kind', 'about_id'], name='tasks_about_ix'), models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['remind_at'], name='tasks_remind_ix')],
                'constraints': [models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='tasks_progress_whole')],
            },
        ),
        migrations.CreateModel(
            name='WorkLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('period', models.CharField(choices=[('daily', 'daily log'), ('weekly', 'weekly log'), ('monthly', 'monthly log')], default='weekly', max_length=8, verbose_name='period')),
                ('first_day', models.DateField(verbose_name='first day')),
                ('status', models.CharField(choices=[('draft', 'draft'), ('submitted', 'submitted'), ('read', 'has been read'), ('commented', 'commented')], default='draft', editable=False, max_length=10, verbose_name='status')),
                ('done', zhike.base.fields.CleanTextField(blank=True, default='', max_length=20000, verbose_name='what was done')),
                ('plan_next', zhike.base.fields.CleanTextField(blank=True, default='', max_length=20000, verbose_name='what comes next')),
                ('problem', zhike.base.fields.CleanTextField(blank=True, default='', max_length=20000, verbose_name='problems')),
                ('need_help', models.BooleanField(default=False, verbose_name='help is needed')),
                ('figures', models.JSONField(blank=True, default=dict, editable=False)),
                ('submitted_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='submitted at')),
                ('read_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='read at')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('owner_dept', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department', verbose_name='department')),
                ('read_by', models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='read by')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'work log',
                'verbose_name_plural': 'work logs',
                'indexes': [models.Index(fields=['first_day', 'id'], name='worklogs_day_ix'), models.Index(fields=['owner', 'first_day'], name='worklogs_owner_ix')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'period', 'first_day'), name='worklogs_once')],
            },
        ),
    ]
