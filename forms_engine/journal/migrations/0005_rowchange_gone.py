"""Deleted child rows are found by their table: the history of a record tells of its lines too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0004_deadletter_walls")]
    operations = [
        migrations.AddIndex(
            "rowchange",
            models.Index(
                fields=["entity_table"], name="journal_rowchange_gone", condition=models.Q(verb="D")
            ),
        ),
    ]
