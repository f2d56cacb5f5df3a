"""A text that is being handed over has a state of its own, so that a kill in between never sends it twice."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("notices", "0002_alerts_and_outbox")]

    operations = [
        migrations.AlterField(
            model_name="outgoing",
            name="state",
            field=models.CharField(
                choices=[("waiting", "waiting"), ("sending", "being sent"), ("sent", "sent"), ("failed", "failed"), ("cancelled", "cancelled")],
                default="waiting", max_length=10,
            ),
        ),
    ]
