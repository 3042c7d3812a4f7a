"""Give firm planned orders a number, versions and a history; the view reads them anew."""

from pathlib import Path

import django.db.models.deletion
import forms_engine.kernel.clock
import forms_engine.kernel.ids
import forms_engine.kernel.text
from django.db import migrations, models

from forms_engine.tables.operations import Protect


SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_main_store"),
        ("planning", "0005_packed_runs"),
        ("shopfloor", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            "DROP VIEW planning_plannedorder; DROP FUNCTION takt_planned_write()", migrations.RunSQL.noop
        ),
        migrations.DeleteModel(
            name="FirmOrder",
        ),
        migrations.CreateModel(
            name="FirmOrder",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=forms_engine.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name=forms_engine.kernel.text.Text("Id", "标识"),
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=forms_engine.kernel.clock.now,
                        editable=False,
                        verbose_name=forms_engine.kernel.text.Text("Created", "创建时间"),
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=forms_engine.kernel.clock.now,
                        editable=False,
                        verbose_name=forms_engine.kernel.text.Text("Changed", "更新时间"),
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        default=1,
                        editable=False,
                        verbose_name=forms_engine.kernel.text.Text("Row version", "行版本"),
                    ),
                ),
                (
                    "archived_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        null=True,
                        verbose_name=forms_engine.kernel.text.Text("Archived", "归档时间"),
                    ),
                ),
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
                    "order_id",
                    models.BigIntegerField(
                        verbose_name=forms_engine.kernel.text.Text("Planned order", "计划订单")
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        max_length=80, verbose_name=forms_engine.kernel.text.Text("Number", "编号")
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("FIRM", forms_engine.kernel.text.Text("Firm", "已确定")),
                            (
                                "GIVEN_BACK",
                                forms_engine.kernel.text.Text("Given back to the run", "已退回计划"),
                            ),
                            ("MADE", forms_engine.kernel.text.Text("Made into a work order", "已转工单")),
                        ],
                        default="FIRM",
                        max_length=24,
                        verbose_name=forms_engine.kernel.text.Text("State", "状态"),
                    ),
                ),
                (
                    "work_order",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shopfloor.workorder",
                        verbose_name=forms_engine.kernel.text.Text("Work order", "工单"),
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        decimal_places=6,
                        default=0,
                        max_digits=18,
                        verbose_name=forms_engine.kernel.text.Text("Start quantity", "投产数量"),
                    ),
                ),
                (
                    "good_quantity",
                    models.DecimalField(
                        decimal_places=6,
                        default=0,
                        max_digits=18,
                        verbose_name=forms_engine.kernel.text.Text("Good quantity", "合格数量"),
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
            ],
            options={
                "verbose_name": forms_engine.kernel.text.Text("Firm planned order", "已确定计划订单"),
                "verbose_name_plural": forms_engine.kernel.text.Text("Firm planned orders", "已确定计划订单"),
                "indexes": [models.Index(fields=["item"], name="firm_order_item")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "FIRM")), fields=("order_id",), name="firm_order_once"
                    )
                ],
            },
        ),
        Protect("planning_firmorder"),
        migrations.RunSQL((SQL / "firm_order.sql").read_text("utf-8"), migrations.RunSQL.noop),
    ]
