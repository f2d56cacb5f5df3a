"""The newest words said in groups are found by an index of their own, so that searching them stays bounded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("collab", "0007_who_talks_in_groups")]

    operations = [
        migrations.AddIndex(model_name="comment", index=models.Index(fields=["kind", "id"], name="collab_comment_new_ix")),
    ]
