"""Put row version, journal and row-level security around this room's tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("exchange", "0001_initial")]
    operations = [
        Protect("exchange_importbatch"),
        Protect("exchange_importproblem", journal=False),
        Protect("exchange_importmapping", journal=False),
    ]
