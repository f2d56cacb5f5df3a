"""A new house makes its tables in one step; one that went the steps before goes on from where it is."""

import datetime
from decimal import Decimal

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import zhike.base.clock
import zhike.base.fields
from zhike.base.folding import Folded


class Migration(Folded):

    replaces = [('opportunities', '0001_initial'), ('opportunities', '0002_covering_indexes'), ('opportunities', '0003_product_line'), ('opportunities', '0004_contact_roles')]

    initial = True

    dependencies = [
        ('customers', '0001_to_0013'),
        ('org', '0001_to_0003'),
        ('org', '0001_to_0003'),
        ('products', '0001_to_0003'),
    ]

    operations = [
        migrations.CreateModel(
            name='Process',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
                ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                ('types', models.JSONField(blank=True, default=list, verbose_name='opportunity types')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('published_at', models.DateTimeField(default=zhike.base.clock.now)),
            ],
            options={
                'verbose_name': 'sales process',
                'ordering': ['code', '-version'],
                'constraints': [models.UniqueConstraint(fields=('code', 'version'), name='opportunities_process_version')],
            },
        ),
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(verbose_name='order')),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name_zh', models.CharField(max_length=80, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=80, verbose_name='English name')),
                ('win_rate', zhike.base.fields.Percent(verbose_name='win probability')),
                ('standard_days', models.PositiveSmallIntegerField(default=14, verbose_name='standard days')),
                ('guide', models.TextField(blank=True, default='', verbose_name='guidance')),
                ('process', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='opportunities.process')),
            ],
            options={
                'verbose_name': 'sales stage',
                'ordering': ['process', 'order'],
                'constraints': [models.UniqueConstraint(fields=('process', 'order'), name='opportunities_stage_order'), models.UniqueConstraint(fields=('process', 'code'), name='opportunities_stage_code')],
            },
        ),
        migrations.CreateModel(
            name='Opportunity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=zhike.base.clock.now, editable=False, verbose_name='changed')),
                ('version', models.PositiveIntegerField(default=1, editable=False, verbose_name='version')),
                ('custom', models.JSONField(blank=True, default=dict, editable=False)),
                ('code', zhike.base.fields.CodeField(blank=True, max_length=40, unique=True, verbose_name='opportunity number')),
                ('name', zhike.base.fields.CleanCharField(max_length=120, verbose_name='opportunity name')),
                ('type', models.CharField(default='new_project', max_length=20, verbose_name='opportunity type')),
                ('stage_started_at', models.DateTimeField(default=zhike.base.clock.now, verbose_name='in stage since')),
                ('status', models.CharField(choices=[('open', 'open'), ('suspended', 'suspended'), ('won', 'won'), ('lost', 'lost'), ('void', 'void')], default='open', editable=False, max_length=10, verbose_name='status')),
                ('win_rate', zhike.base.fields.Percent(default=Decimal('0'), verbose_name='win probability')),
                ('amount', zhike.base.fields.Money(default=Decimal('0'), verbose_name='expected amount')),
                ('weighted_amount', zhike.base.fields.Money(default=Decimal('0'), editable=False, verbose_name='weighted amount')),
                ('expected_sign_date', models.DateField(blank=True, null=True, verbose_name='expected sign date')),
                ('sign_key', models.DateField(default=datetime.date(1970, 1, 1), editable=False)),
                ('source', models.CharField(blank=True, default='', max_length=20, verbose_name='source')),
                ('demand', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name="customer's demand")),
                ('budget', zhike.base.fields.Money(blank=True, null=True, verbose_name="customer's budget")),
                ('remark', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='remark')),
                ('won_at', models.DateField(blank=True, null=True, verbose_name='won on')),
                ('won_amount', zhike.base.fields.Money(blank=True, null=True, verbose_name='won amount')),
                ('win_reason', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='why won')),
                ('lost_at', models.DateField(blank=True, null=True, verbose_name='lost on')),
                ('lost_amount', zhike.base.fields.Money(blank=True, null=True, verbose_name='lost amount')),
                ('lose_reason', models.CharField(blank=True, default='', max_length=20, verbose_name='reason of loss')),
                ('lost_to', zhike.base.fields.CleanCharField(blank=True, default='', max_length=120, verbose_name='lost to')),
                ('lose_remark', zhike.base.fields.CleanTextField(blank=True, default='', verbose_name='remark on the loss')),
                ('resume_on', models.DateField(blank=True, null=True, verbose_name='resume on')),
                ('restated', models.BooleanField(default=False, editable=False, verbose_name='history restated')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.contact', verbose_name='main contact')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='creator')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='customer')),
                ('final_user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='customers.customer', verbose_name='end user')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
                ('owner_dept', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department', verbose_name='department')),
                ('product_line', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.productline', verbose_name='product line')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='changed by')),
                ('process', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.process', verbose_name='sales process')),
                ('stage', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.stage', verbose_name='stage')),
            ],
            options={
                'verbose_name': 'opportunity',
                'verbose_name_plural': 'opportunities',
                'indexes': [models.Index(fields=['created_at', 'id'], name='opportunities_created_ix'), models.Index(fields=['amount', 'id'], name='opportunities_amount_ix'), models.Index(fields=['sign_key', 'id'], name='opportunities_sign_ix'), models.Index(fields=['customer', 'status', 'id'], name='opportunities_customer_ix'), models.Index(fields=['process', 'stage', 'status', 'sign_key', 'id'], name='opportunities_board_ix'), models.Index(condition=models.Q(('product_line__isnull', False)), fields=['product_line', 'customer'], name='opportunities_line_ix'), models.Index(fields=['process', 'status', 'stage', 'owner_dept', 'owner', 'customer', 'amount', 'weighted_amount'], name='opportunities_sums_ix'), models.Index(condition=models.Q(('status', 'won')), fields=['won_at', 'won_amount'], name='opportunities_won_sum_ix')],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='opportunities_amount_not_negative'), models.CheckConstraint(condition=models.Q(('win_rate__gte', 0), ('win_rate__lte', 1)), name='opportunities_win_rate_0_1')],
            },
        ),
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(default=0)),
                ('code', models.CharField(max_length=40)),
                ('name_zh', models.CharField(max_length=120, verbose_name='Chinese name')),
                ('name_en', models.CharField(max_length=120, verbose_name='English name')),
                ('kind', models.CharField(choices=[('tick', 'tick'), ('field', 'field filled'), ('document', 'document')], max_length=10)),
                ('field', models.CharField(blank=True, default='', max_length=40)),
                ('required', models.BooleanField(default=True, verbose_name='required')),
                ('stage', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='opportunities.stage')),
            ],
            options={
                'ordering': ['stage', 'order'],
                'constraints': [models.UniqueConstraint(fields=('stage', 'code'), name='opportunities_criterion_code')],
            },
        ),
        migrations.CreateModel(
            name='StageChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(default='open', max_length=10)),
                ('at', models.DateTimeField()),
                ('days', models.IntegerField(default=0, verbose_name='days in the stage before')),
                ('amount', zhike.base.fields.Money(default=Decimal('0'))),
                ('win_rate', zhike.base.fields.Percent(default=Decimal('0'))),
                ('reason', zhike.base.fields.CleanCharField(blank=True, default='', max_length=300)),
                ('criteria', models.JSONField(blank=True, default=list)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opportunity', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='stage_changes', to='opportunities.opportunity')),
                ('source', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.stage')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.stage')),
            ],
            options={
                'ordering': ['-at', '-id'],
                'indexes': [models.Index(fields=['target', 'at'], name='opportunities_stage_flow_ix'), models.Index(fields=['source', 'target', 'status', 'days'], name='opportunities_left_ix'), models.Index(fields=['opportunity', 'source', 'target', 'status', 'days'], name='opportunities_path_ix')],
            },
        ),
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=zhike.base.clock.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opportunities.criterion')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='opportunities.opportunity')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('opportunity', 'criterion'), name='opportunities_tick_once')],
            },
        ),
        migrations.CreateModel(
            name='OpportunityContact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision_role', models.CharField(blank=True, default='', max_length=20, verbose_name='decision role')),
                ('attitude', models.CharField(blank=True, choices=[('support', 'supports us'), ('neutral', 'neutral'), ('oppose', 'against us'), ('unknown', 'unknown')], default='', max_length=10, verbose_name='attitude')),
                ('influence', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='influence')),
                ('involved', models.BooleanField(default=True, verbose_name='takes part')),
                ('note', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='remark')),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='customers.contact', verbose_name='contact')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='people', to='opportunities.opportunity')),
            ],
            options={
                'verbose_name': 'contact of an opportunity',
                'verbose_name_plural': 'contacts of opportunities',
                'constraints': [models.UniqueConstraint(fields=('opportunity', 'contact'), name='opportunities_contact_once'), models.CheckConstraint(condition=models.Q(('influence', None), models.Q(('influence__gte', 1), ('influence__lte', 5)), _connector='OR'), name='opportunities_influence_1_5')],
            },
        ),
        migrations.CreateModel(
            name='OpportunityLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_no', models.PositiveIntegerField(verbose_name='line number')),
                ('text', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='description')),
                ('quantity', zhike.base.fields.Quantity(default=Decimal('1'), verbose_name='quantity')),
                ('unit', zhike.base.fields.CleanCharField(blank=True, default='', max_length=20, verbose_name='unit')),
                ('target_price', zhike.base.fields.Price(blank=True, null=True, verbose_name='target price')),
                ('amount', zhike.base.fields.Money(default=Decimal('0'), editable=False, verbose_name='amount')),
                ('remark', zhike.base.fields.CleanCharField(blank=True, default='', max_length=200, verbose_name='remark')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='opportunities.opportunity')),
                ('product', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='products.product', verbose_name='product')),
            ],
            options={
                'ordering': ['opportunity', 'line_no'],
                'constraints': [models.UniqueConstraint(fields=('opportunity', 'line_no'), name='opportunities_line_no'), models.CheckConstraint(condition=models.Q(('quantity__gt', 0)), name='opportunities_quantity_positive')],
            },
        ),
    ]
