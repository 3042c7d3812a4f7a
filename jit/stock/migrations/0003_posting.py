"""Install the functions that alone write the ledger."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("stock", "0002_walls")]
    operations = [
        migrations.RunSQL(
            (SQL / "posting.sql").read_text("utf-8"), (SQL / "posting_undo.sql").read_text("utf-8")
        )
    ]
