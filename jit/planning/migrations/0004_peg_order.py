"""Keep in the packed netting what the run pegs by, and one row a plant."""

import django.db.models.deletion
from django.db import migrations, models

import forms_engine.kernel.text


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_main_store"), ("planning", "0003_schedule_lines")]

    operations = [
        # The last run's rows: the next run writes them anew.
        migrations.RunSQL("TRUNCATE planning_planrunnode", migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="planrunnode", name="plan_run_node_once"),
        migrations.AddField(
            model_name="planrunnode",
            name="plant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.plant",
                verbose_name=forms_engine.kernel.text.Text("Plant", "工厂"),
            ),
        ),
        migrations.AddField(
            model_name="planrunnode",
            name="requirement_priority",
            field=models.BinaryField(default=b""),
        ),
        migrations.AddField(
            model_name="planrunnode",
            name="supply_wanted",
            field=models.BinaryField(default=b""),
        ),
        migrations.AddField(
            model_name="planrunnode",
            name="hard",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="planrunnode",
            constraint=models.UniqueConstraint(
                fields=["run", "item", "plant", "area"], name="plan_run_node_once", nulls_distinct=False
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE planning_planrunnode ALTER COLUMN requirement_priority SET STORAGE EXTERNAL, "
            "ALTER COLUMN supply_wanted SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
