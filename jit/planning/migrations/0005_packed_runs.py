"""Pack what a run proposes and finds; planned orders become a view over packs and firm rows."""

from pathlib import Path

import django.db.models.deletion
import forms_engine.kernel.text
from django.db import migrations, models

from forms_engine.tables.operations import Protect

SQL = Path(__file__).resolve().parent.parent / "sql"
#: Packed columns hardly shrink, and a row of them is best left in one piece: moving them out costs an index entry
#: each two kilobytes.
STORAGE = """
ALTER TABLE planning_plannedpack ALTER COLUMN orders SET STORAGE EXTERNAL, SET (toast_tuple_target = 8160);
ALTER TABLE planning_planrunnode ALTER COLUMN requirements SET STORAGE EXTERNAL,
  ALTER COLUMN supplies SET STORAGE EXTERNAL, ALTER COLUMN labels SET STORAGE EXTERNAL,
  SET (toast_tuple_target = 8160);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_main_store"),
        ("planning", "0004_peg_order"),
    ]

    operations = [
        migrations.AlterField(
            model_name="planexception",
            name="area",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.location",
                verbose_name=forms_engine.kernel.text.Text("Area", "区域"),
            ),
        ),
        migrations.AlterField(
            model_name="planexception",
            name="item",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.item",
                verbose_name=forms_engine.kernel.text.Text("Item", "物料"),
            ),
        ),
        migrations.AlterField(
            model_name="planexception",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exceptions",
                to="planning.planrun",
                verbose_name=forms_engine.kernel.text.Text("Run", "计划运行"),
            ),
        ),
        migrations.AlterField(
            model_name="planexception",
            name="supplier",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.supplier",
                verbose_name=forms_engine.kernel.text.Text("Supplier", "供应商"),
            ),
        ),
        migrations.DeleteModel(
            name="PlanRunNode",
        ),
        migrations.CreateModel(
            name="PlanRunNode",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                        verbose_name=forms_engine.kernel.text.Text("Item", "物料"),
                    ),
                ),
                (
                    "plant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.plant",
                        verbose_name=forms_engine.kernel.text.Text("Plant", "工厂"),
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.location",
                        verbose_name=forms_engine.kernel.text.Text("Area", "区域"),
                    ),
                ),
                (
                    "opening",
                    models.FloatField(
                        default=0, verbose_name=forms_engine.kernel.text.Text("Opening stock", "期初库存")
                    ),
                ),
                (
                    "safety_stock",
                    models.FloatField(
                        default=0, verbose_name=forms_engine.kernel.text.Text("Safety stock", "安全库存")
                    ),
                ),
                ("hard", models.PositiveIntegerField(default=0)),
                ("requirements", models.BinaryField(default=b"")),
                ("supplies", models.BinaryField(default=b"")),
                ("labels", models.TextField(default="")),
                ("digest", models.BinaryField(default=b"")),
            ],
            options={
                "verbose_name": forms_engine.kernel.text.Text("Netting", "净需求明细"),
                "verbose_name_plural": forms_engine.kernel.text.Text("Nettings", "净需求明细"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("item", "plant", "area"), name="plan_run_node_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmOrder",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("MAKE", forms_engine.kernel.text.Text("Make", "生产")),
                            ("BUY", forms_engine.kernel.text.Text("Buy", "采购")),
                            ("TRANSFER", forms_engine.kernel.text.Text("Transfer", "调拨")),
                            ("FORECAST", forms_engine.kernel.text.Text("Forecast", "预测")),
                        ],
                        max_length=24,
                        verbose_name=forms_engine.kernel.text.Text("Kind", "类型"),
                    ),
                ),
                (
                    "plant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.plant",
                        verbose_name=forms_engine.kernel.text.Text("Plant", "工厂"),
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                        verbose_name=forms_engine.kernel.text.Text("Item", "物料"),
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.location",
                        verbose_name=forms_engine.kernel.text.Text("Area", "区域"),
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.supplier",
                        verbose_name=forms_engine.kernel.text.Text("Supplier", "供应商"),
                    ),
                ),
                (
                    "is_blocked",
                    models.BooleanField(
                        default=False, verbose_name=forms_engine.kernel.text.Text("Blocked", "受阻")
                    ),
                ),
                (
                    "quantity",
                    models.FloatField(
                        verbose_name=forms_engine.kernel.text.Text("Start quantity", "投产数量")
                    ),
                ),
                (
                    "good_quantity",
                    models.FloatField(
                        verbose_name=forms_engine.kernel.text.Text("Good quantity", "合格数量")
                    ),
                ),
                (
                    "start_at",
                    models.DateTimeField(verbose_name=forms_engine.kernel.text.Text("Start", "开始")),
                ),
                (
                    "finish_at",
                    models.DateTimeField(verbose_name=forms_engine.kernel.text.Text("Finish", "完成")),
                ),
                (
                    "need_at",
                    models.DateTimeField(verbose_name=forms_engine.kernel.text.Text("Needed at", "需求时间")),
                ),
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": forms_engine.kernel.text.Text("Firm planned order", "已确定计划订单"),
                "verbose_name_plural": forms_engine.kernel.text.Text("Firm planned orders", "已确定计划订单"),
                "indexes": [models.Index(fields=["item"], name="firm_order_item")],
            },
        ),
        migrations.CreateModel(
            name="PlannedPack",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("MAKE", forms_engine.kernel.text.Text("Make", "生产")),
                            ("BUY", forms_engine.kernel.text.Text("Buy", "采购")),
                            ("TRANSFER", forms_engine.kernel.text.Text("Transfer", "调拨")),
                            ("FORECAST", forms_engine.kernel.text.Text("Forecast", "预测")),
                        ],
                        max_length=24,
                        verbose_name=forms_engine.kernel.text.Text("Kind", "类型"),
                    ),
                ),
                (
                    "plant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.plant",
                        verbose_name=forms_engine.kernel.text.Text("Plant", "工厂"),
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                        verbose_name=forms_engine.kernel.text.Text("Item", "物料"),
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.location",
                        verbose_name=forms_engine.kernel.text.Text("Area", "区域"),
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.supplier",
                        verbose_name=forms_engine.kernel.text.Text("Supplier", "供应商"),
                    ),
                ),
                (
                    "is_blocked",
                    models.BooleanField(
                        default=False, verbose_name=forms_engine.kernel.text.Text("Blocked", "受阻")
                    ),
                ),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("orders", models.BinaryField()),
            ],
            options={
                "verbose_name": forms_engine.kernel.text.Text("Packed proposals", "打包建议"),
                "verbose_name_plural": forms_engine.kernel.text.Text("Packed proposals", "打包建议"),
                "indexes": [models.Index(fields=["item"], name="planned_pack_item")],
            },
        ),
        Protect("planning_planrunnode", journal=False),
        Protect("planning_plannedpack", journal=False),
        Protect("planning_firmorder", journal=False),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "planned_order_moved.sql").read_text("utf-8"), migrations.RunSQL.noop),
        migrations.DeleteModel("PlannedOrder"),
        migrations.CreateModel(
            name="PlannedOrder",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("MAKE", forms_engine.kernel.text.Text("Make", "生产")),
                            ("BUY", forms_engine.kernel.text.Text("Buy", "采购")),
                            ("TRANSFER", forms_engine.kernel.text.Text("Transfer", "调拨")),
                            ("FORECAST", forms_engine.kernel.text.Text("Forecast", "预测")),
                        ],
                        max_length=24,
                        verbose_name=forms_engine.kernel.text.Text("Kind", "类型"),
                    ),
                ),
                (
                    "plant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.plant",
                        verbose_name=forms_engine.kernel.text.Text("Plant", "工厂"),
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                        verbose_name=forms_engine.kernel.text.Text("Item", "物料"),
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.location",
                        verbose_name=forms_engine.kernel.text.Text("Area", "区域"),
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.supplier",
                        verbose_name=forms_engine.kernel.text.Text("Supplier", "供应商"),
                    ),
                ),
                (
                    "is_blocked",
                    models.BooleanField(
                        default=False, verbose_name=forms_engine.kernel.text.Text("Blocked", "受阻")
                    ),
                ),
                (
                    "quantity",
                    models.FloatField(
                        verbose_name=forms_engine.kernel.text.Text("Start quantity", "投产数量")
                    ),
                ),
                (
                    "good_quantity",
                    models.FloatField(
                        verbose_name=forms_engine.kernel.text.Text("Good quantity", "合格数量")
                    ),
                ),
                (
                    "start_at",
                    models.DateTimeField(verbose_name=forms_engine.kernel.text.Text("Start", "开始")),
                ),
                (
                    "finish_at",
                    models.DateTimeField(verbose_name=forms_engine.kernel.text.Text("Finish", "完成")),
                ),
                (
                    "need_at",
                    models.DateTimeField(verbose_name=forms_engine.kernel.text.Text("Needed at", "需求时间")),
                ),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "is_firm",
                    models.BooleanField(
                        default=False, verbose_name=forms_engine.kernel.text.Text("Firm", "已确定")
                    ),
                ),
            ],
            options={
                "verbose_name": forms_engine.kernel.text.Text("Planned order", "计划订单"),
                "verbose_name_plural": forms_engine.kernel.text.Text("Planned orders", "计划订单"),
                "db_table": "planning_plannedorder",
                "managed": False,
            },
        ),
        migrations.RunSQL((SQL / "planned_order.sql").read_text("utf-8"), migrations.RunSQL.noop),
    ]
