"""Install the functions that alone write the ledger."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial"), ("catalog", "0001_initial")]
    operations = [
        migrations.RunSQL(
            (SQL / "posting.sql").read_text("utf-8"), (SQL / "posting_undo.sql").read_text("utf-8")
        )
    ]
