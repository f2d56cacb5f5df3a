# A change of the customer's level is an occasion for care; the words of the days say so.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('marketing', '0002_conversion'),
    ]

    operations = [
        migrations.AlterField(
            model_name='carerule',
            name='days',
            field=models.PositiveSmallIntegerField(default=0, help_text='Days before the occasion; with “days without contact” and “level changed” how many days after.', verbose_name='days'),
        ),
        migrations.AlterField(
            model_name='carerule',
            name='occasion',
            field=models.CharField(choices=[('birthday', 'birthday'), ('festival', 'festival'), ('anniversary', 'day to remember'), ('silence', 'days without contact'), ('level', 'level changed')], default='birthday', max_length=12, verbose_name='occasion'),
        ),
    ]
