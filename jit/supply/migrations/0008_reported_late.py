"""Mark a departure the plant heard of late; the supplier's own login says so."""

from django.db import migrations, models

from forms_engine.kernel.text import Text


class Migration(migrations.Migration):
    dependencies = [("supply", "0007_blocked")]
    operations = [
        migrations.AddField(
            model_name="shipment",
            name="reported_late",
            field=models.BooleanField(
                default=False, verbose_name=Text("Departure reported late", "发车补报")
            ),
        ),
        migrations.RunSQL(
            "GRANT UPDATE (reported_late) ON supply_shipment TO app_portal",
            "REVOKE UPDATE (reported_late) ON supply_shipment FROM app_portal",
        ),
    ]
