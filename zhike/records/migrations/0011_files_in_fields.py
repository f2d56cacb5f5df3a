from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0010_required_roles'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customfield',
            name='type',
            field=models.CharField(choices=[('text', 'short text'), ('long', 'long text'), ('int', 'whole number'), ('quantity', 'number'), ('money', 'amount of money'), ('percent', 'percent'), ('date', 'date'), ('datetime', 'date and time'), ('bool', 'yes or no'), ('choice', 'choice'), ('multi', 'several choices'), ('user', 'colleague'), ('ref', 'record'), ('url', 'web address'), ('email', 'e-mail address'), ('phone', 'phone number'), ('formula', 'formula'), ('file', 'file or picture')], max_length=10, verbose_name='type'),
        ),
    ]
