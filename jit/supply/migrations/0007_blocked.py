"""Keep how much of a count was not good, and why."""

import forms_engine.kernel.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_main_store"),
        ("stock", "0004_posting_answers"),
        ("supply", "0006_departing"),
    ]

    operations = [
        migrations.AddField(
            model_name="receiptline",
            name="blocked_quantity",
            field=models.DecimalField(
                decimal_places=6,
                default=0,
                max_digits=18,
                verbose_name=forms_engine.kernel.text.Text("Of it not good", "其中不合格"),
            ),
        ),
        migrations.AddField(
            model_name="receiptline",
            name="blocked_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("DAMAGED", forms_engine.kernel.text.Text("Damaged", "破损")),
                    ("WRONG_ITEM", forms_engine.kernel.text.Text("Wrong item", "错料")),
                    ("QUALITY", forms_engine.kernel.text.Text("Quality", "质量问题")),
                    ("WET", forms_engine.kernel.text.Text("Wet or dirty", "受潮或脏污")),
                    ("LABEL", forms_engine.kernel.text.Text("Label wrong or missing", "标签错误或缺失")),
                    ("EXPIRED", forms_engine.kernel.text.Text("Expired", "已过期")),
                    ("OTHER", forms_engine.kernel.text.Text("Other", "其他")),
                ],
                default="",
                max_length=24,
                verbose_name=forms_engine.kernel.text.Text("Why not good", "不合格原因"),
            ),
        ),
        migrations.AddConstraint(
            model_name="receiptline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("blocked_quantity", 0), ("blocked_reason", "")),
                    models.Q(
                        ("blocked_quantity__gt", 0),
                        ("blocked_quantity__lte", models.F("counted_quantity")),
                        models.Q(("blocked_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="receipt_line_blocked",
            ),
        ),
    ]
