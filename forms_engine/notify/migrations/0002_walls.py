"""People of a supplier see what is theirs; the rest is the plant's."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("notify", "0001_initial"), ("tables", "0001_initial"), ("journal", "0002_walls")]
    operations = [
        Protect("notify_notification", scope="supplier", portal="select, update(read_at)"),
        # How often a mail was tried is on the row itself.
        Protect("notify_delivery", journal=False),
        Protect(
            "notify_preference",
            scope="supplier",
            portal="select, insert, update(enabled, supplier_id)",
        ),
    ]
