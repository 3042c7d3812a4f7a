"""Let a supplier say who drives and when he is there as the truck leaves."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("supply", "0005_driver_phone")]
    operations = [
        migrations.RunSQL(
            "GRANT UPDATE (driver_phone, arrives_at) ON supply_shipment TO app_portal",
            "REVOKE UPDATE (driver_phone, arrives_at) ON supply_shipment FROM app_portal",
        ),
    ]
