"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
from zhike.base.folding import Folded

# The search index: FTS5 over the token columns on SQLite, stored vectors with GIN on PostgreSQL.
SQLITE = [
    """CREATE VIRTUAL TABLE records_search_fts USING fts5(
        grams, codes, phones, content='records_searchentry', content_rowid='id', tokenize='ascii')""",
    """CREATE TRIGGER records_search_ai AFTER INSERT ON records_searchentry BEGIN
        INSERT INTO records_search_fts(rowid, grams, codes, phones) VALUES (new.id, new.grams, new.codes, new.phones);
    END""",
    """CREATE TRIGGER records_search_ad AFTER DELETE ON records_searchentry BEGIN
        INSERT INTO records_search_fts(records_search_fts, rowid, grams, codes, phones)
        VALUES ('delete', old.id, old.grams, old.codes, old.phones);
    END""",
    """CREATE TRIGGER records_search_au AFTER UPDATE ON records_searchentry BEGIN
        INSERT INTO records_search_fts(records_search_fts, rowid, grams, codes, phones)
        VALUES ('delete', old.id, old.grams, old.codes, old.phones);
        INSERT INTO records_search_fts(rowid, grams, codes, phones) VALUES (new.id, new.grams, new.codes, new.phones);
    END""",
]
POSTGRESQL = [
    """ALTER TABLE records_searchentry
        ADD COLUMN grams_v tsvector GENERATED ALWAYS AS (to_tsvector('simple', grams)) STORED,
        ADD COLUMN codes_v tsvector GENERATED ALWAYS AS (to_tsvector('simple', codes)) STORED,
        ADD COLUMN phones_v tsvector GENERATED ALWAYS AS (to_tsvector('simple', phones)) STORED""",
    "CREATE INDEX records_search_grams ON records_searchentry USING gin (grams_v)",
    "CREATE INDEX records_search_codes ON records_searchentry USING gin (codes_v)",
    "CREATE INDEX records_search_phones ON records_searchentry USING gin (phones_v)",
]


def build(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for name in ("ai", "ad", "au"):
            schema_editor.execute(f"DROP TRIGGER records_search_{name}")
        schema_editor.execute("DROP TABLE records_search_fts")
    else:
        schema_editor.execute(
            "ALTER TABLE records_searchentry DROP COLUMN grams_v, DROP COLUMN codes_v, DROP COLUMN phones_v"
        )


class Migration(Folded):

    replaces = [('records', '0001_initial'), ('records', '0002_search_index'), ('records', '0003_import_marks'), ('records', '0004_saved_views'), ('records', '0005_background_jobs'), ('records', '0006_custom_fields'), ('records', '0007_import_uploads'), ('records', '0008_number_patterns'), ('records', '0009_number_rules'), ('records', '0010_required_roles'), ('records', '0011_files_in_fields'), ('records', '0012_worker_signs')]

    initial = True

    dependencies = [
        ('org', '0001_to_0003'),
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistorySeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_id', models.BigIntegerField(unique=True)),
                ('last_id', models.BigIntegerField(unique=True)),
                ('count', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('sealed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='NumberCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=60, unique=True)),
                ('last', models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ScheduledJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True)),
                ('every_minutes', models.PositiveIntegerField()),
                ('next_run_at', models.DateTimeField(db_index=True)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('lease', models.CharField(blank=True, default='', max_length=32)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('last_run_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.TextField(blank=True, default='')),
            ],
        ),
        migrations.CreateModel(
            name='WorkerSign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker_id', models.CharField(max_length=80, unique=True)),
                ('seen_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='CustomField',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('on', models.CharField(max_length=40, verbose_name='records')),
                ('name', models.CharField(blank=True, max_length=40, verbose_name='field code')),
                ('label_zh', models.CharField(max_length=60, verbose_name='Chinese name')),
                ('label_en', models.CharField(blank=True, default='', max_length=60, verbose_name='English name')),
                ('type', models.CharField(choices=[('text', 'short text'), ('long', 'long text'), ('int', 'whole number'), ('quantity', 'number'), ('money', 'amount of money'), ('percent', 'percent'), ('date', 'date'), ('datetime', 'date and time'), ('bool', 'yes or no'), ('choice', 'choice'), ('multi', 'several choices'), ('user', 'colleague'), ('ref', 'record'), ('url', 'web address'), ('email', 'e-mail address'), ('phone', 'phone number'), ('formula', 'formula'), ('file', 'file or picture')], max_length=10, verbose_name='type')),
                ('choices_text', models.TextField(blank=True, default='', verbose_name='choices')),
                ('retired', models.JSONField(blank=True, default=list, editable=False)),
                ('to', models.CharField(blank=True, default='', max_length=40, verbose_name='points to')),
                ('formula', models.CharField(blank=True, default='', max_length=300, verbose_name='formula')),
                ('unit', models.CharField(blank=True, default='', max_length=20, verbose_name='unit')),
                ('help_text', models.CharField(blank=True, default='', max_length=200, verbose_name='hint')),
                ('required', models.BooleanField(default=False, verbose_name='required')),
                ('required_roles', models.JSONField(blank=True, default=list, verbose_name='required of these roles')),
                ('on_create', models.BooleanField(default=False, verbose_name='on the form for new records')),
                ('on_list', models.BooleanField(default=False, verbose_name='in the list')),
                ('filterable', models.BooleanField(default=False, verbose_name='filter by it')),
                ('order', models.PositiveIntegerField(default=100, verbose_name='sequence')),
                ('enabled', models.BooleanField(default=True, verbose_name='in use')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'custom field',
                'verbose_name_plural': 'custom fields',
                'constraints': [models.UniqueConstraint(fields=('on', 'name'), name='records_custom_field')],
            },
        ),
        migrations.CreateModel(
            name='CustomValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_id', models.BigIntegerField()),
                ('text', models.CharField(max_length=200, null=True)),
                ('number', models.BigIntegerField(null=True)),
                ('field', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='records.customfield')),
            ],
            options={
                'verbose_name': 'custom value',
                'indexes': [models.Index(fields=['field', 'text', 'row_id'], name='records_custom_text_ix'), models.Index(fields=['field', 'number', 'row_id'], name='records_custom_number_ix'), models.Index(fields=['row_id', 'field'], name='records_custom_row_ix')],
            },
        ),
        migrations.CreateModel(
            name='ExternalKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=40)),
                ('key', models.CharField(max_length=200)),
                ('row_id', models.BigIntegerField()),
                ('marks', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'row_id'], name='records_external_row_ix')],
                'constraints': [models.UniqueConstraint(fields=('system', 'kind', 'key'), name='records_external_key')],
            },
        ),
        migrations.CreateModel(
            name='HistoryEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('channel', models.CharField(max_length=10)),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('action', models.CharField(max_length=60)),
                ('args', models.JSONField(default=dict)),
                ('diff', models.JSONField(default=dict)),
                ('batch', models.CharField(blank=True, default='', max_length=32)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'row_id', 'id'], name='records_history_row_ix')],
            },
        ),
        migrations.CreateModel(
            name='ImportMemory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('digest', models.CharField(max_length=40)),
                ('columns', models.JSONField(default=dict)),
                ('settings', models.JSONField(default=dict)),
                ('used_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'kind', 'digest'), name='records_import_memory_once')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=10)),
                ('payload', models.JSONField(default=dict)),
                ('kept', models.JSONField(default=dict)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('refused', models.PositiveIntegerField(default=0)),
                ('message', models.TextField(blank=True, default='')),
                ('error', models.TextField(blank=True, default='')),
                ('back', models.CharField(blank=True, default='', max_length=2000)),
                ('undo', models.JSONField(default=dict)),
                ('file', models.CharField(blank=True, default='', max_length=120)),
                ('file_name', models.CharField(blank=True, default='', max_length=200)),
                ('file_size', models.PositiveBigIntegerField(default=0)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('task_id', models.CharField(blank=True, db_index=True, default='', max_length=36)),
                ('run', models.CharField(blank=True, default='', max_length=32)),
                ('created_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by')),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='records_job_of_ix')],
            },
        ),
        migrations.CreateModel(
            name='ImportUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=200)),
                ('folder', models.CharField(max_length=40, unique=True)),
                ('size', models.PositiveBigIntegerField(default=0)),
                ('state', models.CharField(choices=[('open', 'being prepared'), ('running', 'running'), ('done', 'done'), ('stopped', 'stopped'), ('undone', 'taken back')], default='open', max_length=10)),
                ('shape', models.JSONField(default=dict)),
                ('refusal', models.TextField(blank=True, default='')),
                ('choices', models.JSONField(default=dict)),
                ('settings', models.JSONField(default=dict)),
                ('check_done', models.BooleanField(default=False)),
                ('check_tally', models.JSONField(default=dict)),
                ('outcome', models.JSONField(default=dict)),
                ('batch', models.CharField(blank=True, default='', max_length=32)),
                ('created_at', models.DateTimeField(db_index=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('check_job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='records.job')),
                ('run_job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='records.job')),
                ('undo_job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='records.job')),
            ],
            options={
                'indexes': [models.Index(fields=['user', '-id'], name='records_upload_of_ix')],
            },
        ),
        migrations.CreateModel(
            name='JobChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField()),
                ('ids', models.JSONField()),
                ('done', models.BooleanField(default=False)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='records.job')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('job', 'place'), name='records_job_chunk_once')],
            },
        ),
        migrations.CreateModel(
            name='JobRefusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row_id', models.BigIntegerField()),
                ('text', models.CharField(max_length=200)),
                ('reason', models.CharField(max_length=500)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refusals', to='records.job')),
            ],
        ),
        migrations.CreateModel(
            name='NumberRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('kind', models.CharField(editable=False, max_length=40, unique=True)),
                ('pattern', models.CharField(max_length=60, verbose_name='parts')),
                ('width', models.PositiveSmallIntegerField(default=4, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(10)], verbose_name='digits of the count')),
                ('start', models.PositiveIntegerField(default=1, validators=[django.core.validators.MaxValueValidator(99999999)], verbose_name='first number')),
                ('step', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='step')),
                ('reset', models.CharField(choices=[('never', 'never'), ('year', 'yearly'), ('month', 'monthly'), ('day', 'daily')], default='month', max_length=5, verbose_name='restart')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
            ],
            options={
                'verbose_name': 'numbering rule',
                'verbose_name_plural': 'numbering rules',
            },
        ),
        migrations.CreateModel(
            name='OnceToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64)),
                ('path', models.CharField(max_length=300)),
                ('digest', models.CharField(default='', max_length=64)),
                ('answer', models.CharField(blank=True, default='', max_length=500)),
                ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('token', 'user'), name='records_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=40, verbose_name='view name')),
                ('query', models.CharField(blank=True, default='', max_length=2000)),
                ('pinned', models.BooleanField(default=True, verbose_name='show as a tab')),
                ('default', models.BooleanField(default=False, verbose_name='open the list with this view')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('roles', models.ManyToManyField(blank=True, related_name='+', to='org.role', verbose_name='shared with roles')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'kind', 'name'), name='records_view_once', violation_error_message='You already have a view of this name. Choose another one.'), models.UniqueConstraint(condition=models.Q(('default', True)), fields=('owner', 'kind'), name='records_view_default')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('names', models.TextField(blank=True, default='')),
                ('grams', models.TextField(blank=True, default='')),
                ('codes', models.TextField(blank=True, default='')),
                ('phones', models.TextField(blank=True, default='')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'row_id'), name='records_search_once')],
            },
        ),
        migrations.CreateModel(
            name='TeamGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('level', models.CharField(choices=[('read', 'read only'), ('write', 'read and write')], max_length=5, verbose_name='right')),
                ('role', models.CharField(blank=True, default='', max_length=40, verbose_name='role in team')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='grants', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'kind', 'row_id', 'expires_at'], name='records_grant_user_ix'), models.Index(fields=['kind', 'row_id', 'user'], name='records_grant_row_ix')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'row_id', 'user'), name='records_grant_once')],
            },
        ),
        migrations.RunPython(build, drop),
    ]
