"""Put row version, journal and row-level security around this room's tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("catalog", "0002_numbers")]
    operations = [
        *(
            Protect(f"catalog_{name}")
            for name in [
                "plant",
                "location",
                "workcentre",
                "routing",
                "routingoperation",
                "unit",
                "unitconversion",
                "packaging",
                "item",
                "bom",
                "bomline",
                "workcalendar",
                "workshift",
                "calendarday",
                "supplier",
            ]
        ),
        Protect("catalog_sourcingrule", scope="supplier"),
    ]
