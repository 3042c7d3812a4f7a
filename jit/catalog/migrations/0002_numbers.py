"""Make the sequences that document numbers come from."""

from django.db import migrations

NAMES = [
    "call_off",
    "shipment",
    "receipt",
    "handling_unit",
    "work_order",
    "production_plan",
    "plan_run",
    "agreement",
    "control_cycle",
    "demand",
]


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [
        migrations.RunSQL(
            f"CREATE SEQUENCE takt_number_{name}; GRANT USAGE ON SEQUENCE takt_number_{name} TO app_rw, app_portal;",
            f"DROP SEQUENCE takt_number_{name};",
        )
        for name in NAMES
    ]
