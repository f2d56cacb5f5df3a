"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.fields
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('collab', '0001_files'), ('collab', '0002_comments'), ('collab', '0003_tags'), ('collab', '0004_trash'), ('collab', '0005_files_in_fields_and_words')]

    initial = True

    dependencies = [
        ('org', '0001_to_0003'),
        ('org', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='Blob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('size', models.PositiveBigIntegerField()),
                ('touched_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['touched_at'], name='collab_blob_touched_ix')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('text', zhike.base.fields.CleanTextField(max_length=4000, verbose_name='text')),
                ('mentions', models.JSONField(blank=True, default=list)),
                ('created_at', models.DateTimeField()),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('pinned_at', models.DateTimeField(blank=True, null=True)),
                ('concluded_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('concluded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deleted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='collab.comment')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'indexes': [models.Index(fields=['kind', 'row_id', 'id'], name='collab_comment_row_ix'), models.Index(fields=['created_by', 'created_at'], name='collab_comment_rate_ix'), models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['deleted_at'], name='collab_comment_gone_ix'), models.Index(condition=models.Q(('pinned_at__isnull', False), ('concluded_at__isnull', False), _connector='OR'), fields=['kind', 'row_id'], name='collab_comment_top_ix')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('field', models.CharField(blank=True, default='', max_length=40)),
                ('name', zhike.base.fields.CleanCharField(max_length=160, verbose_name='file name')),
                ('size', models.PositiveBigIntegerField()),
                ('group', models.CharField(choices=[('picture', 'picture'), ('pdf', 'PDF'), ('other', 'file')], default='other', max_length=8)),
                ('media_type', models.CharField(blank=True, default='', max_length=40)),
                ('thumb', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('trashed_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('trashed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='collab.blob')),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='files', to='collab.comment')),
            ],
            options={
                'verbose_name': 'attachment',
                'verbose_name_plural': 'Attachments',
                'indexes': [models.Index(condition=models.Q(('trashed_at', None)), fields=['kind', 'row_id', 'id'], name='collab_file_of_row_ix'), models.Index(condition=models.Q(('trashed_at__isnull', False)), fields=['trashed_at'], name='collab_file_trash_ix'), models.Index(condition=models.Q(('row_id', 0)), fields=['created_by', 'created_at'], name='collab_file_waiting_ix')],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('name', zhike.base.fields.CleanCharField(max_length=30, verbose_name='tag')),
                ('key', models.CharField(editable=False, max_length=40)),
                ('tone', models.CharField(choices=[('neutral', 'grey'), ('info', 'blue'), ('wait', 'amber'), ('good', 'green'), ('bad', 'red'), ('violet', 'violet'), ('teal', 'teal')], default='neutral', max_length=8, verbose_name='colour')),
                ('retired', models.BooleanField(default=False, verbose_name='retired')),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'Tags',
                'constraints': [models.UniqueConstraint(fields=('kind', 'key'), name='collab_tag_once')],
            },
        ),
        migrations.CreateModel(
            name='TagLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('tag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='links', to='collab.tag')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'row_id', 'tag'], name='collab_tag_of_row_ix')],
                'constraints': [models.UniqueConstraint(fields=('tag', 'row_id'), name='collab_tag_link_once')],
            },
        ),
        migrations.CreateModel(
            name='TrashedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('row_id', models.BigIntegerField()),
                ('title', models.CharField(max_length=200)),
                ('data', models.JSONField()),
                ('deleted_at', models.DateTimeField()),
                ('deleted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner_dept', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department')),
            ],
            options={
                'verbose_name': 'deleted record',
                'indexes': [models.Index(fields=['deleted_at'], name='collab_trash_age_ix'), models.Index(fields=['owner'], name='collab_trash_owner_ix')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'row_id'), name='collab_trash_once')],
            },
        ),
    ]
