"""Put row version, journal and row-level security around this room's tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("shopfloor", "0001_initial")]
    operations = [
        Protect("shopfloor_workorder"),
        Protect("shopfloor_workordercomponent"),
        Protect("shopfloor_report"),
    ]
