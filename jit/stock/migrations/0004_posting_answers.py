"""Let the posting function answer a refusal instead of raising it: no savepoint is needed around it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("stock", "0003_posting")]
    operations = [migrations.RunSQL((SQL / "posting.sql").read_text("utf-8"), migrations.RunSQL.noop)]
