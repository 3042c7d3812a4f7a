"""Row version and journal for dead letters; suppliers see none of it."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_deadletter")]
    operations = [Protect("journal_deadletter")]
