"""Put row version, journal and row-level security around this room's tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("planning", "0001_initial")]
    operations = [
        Protect("planning_demand"),
        Protect("planning_productionplan"),
        Protect("planning_productionplanline"),
        Protect("planning_planrun"),
        # What a run finds is replaced by the next run; its hash and counts stand in the run itself.
        Protect("planning_plannedorder", journal=False),
        Protect("planning_planexception", scope="supplier", journal=False),
        Protect("planning_planrunnode", journal=False),
        Protect("planning_calloffpeg", journal=False),
    ]
