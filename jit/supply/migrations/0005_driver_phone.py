"""Keep the number the dock rings when a truck does not come."""

from django.db import migrations, models

from forms_engine.kernel.text import Text


class Migration(migrations.Migration):
    dependencies = [("supply", "0004_live_key")]
    operations = [
        migrations.AddField(
            model_name="shipment",
            name="driver_phone",
            field=models.CharField(
                blank=True, default="", max_length=40, verbose_name=Text("Driver's phone", "司机电话")
            ),
        ),
    ]
