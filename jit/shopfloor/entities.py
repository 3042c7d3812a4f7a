"""The nouns of the floor."""

from forms_engine.core.entity import ModelEntity, TableField, entity_register
from jit.shopfloor import models
from jit.shopfloor.services.work_order import work_order_from_form

entity_register(
    ModelEntity(
        "shopfloor.workordercomponent",
        model=models.WorkOrderComponent,
        title="line_no",
        read_only=True,
        archivable=False,
        business_key=("work_order", "line_no"),
        sort=("line_no",),
        icon="list-tree",
        columns=("line_no", "item", "area", "quantity_per", "scrap_ratio", "consumed_quantity"),
    )
)
entity_register(
    ModelEntity(
        "shopfloor.report",
        model=models.Report,
        title="id",
        read_only=True,
        archivable=False,
        business_key=("id",),
        sort=("-reported_at",),
        icon="clipboard-check",
        hidden=("posting",),
        columns=(
            "work_order",
            "good_quantity",
            "scrap_quantity",
            "scrap_reason",
            "reported_at",
            "reported_by",
        ),
    )
)
entity_register(
    ModelEntity(
        "shopfloor.workorder",
        model=models.WorkOrder,
        title="number",
        business_key=("number",),
        search=("number",),
        sort=("planned_start", "number"),
        icon="tool",
        archivable=False,
        create=work_order_from_form,
        hidden=("plan_line_id",),
        overrides={
            "number": {"required": False},
            "state": {"read_only": True},
            "plant": {"required": False},
            "bom": {"read_only": True},
            "good_quantity": {"read_only": True},
            "scrap_quantity": {"read_only": True},
            "started_at": {"read_only": True},
            "done_at": {"read_only": True},
            "done_reason": {"read_only": True},
        },
        columns=(
            "number",
            "item",
            "work_centre",
            "quantity",
            "good_quantity",
            "scrap_quantity",
            "state",
            "planned_start",
            "planned_end",
        ),
        tables={
            "components": TableField("shopfloor.workordercomponent", "work_order"),
            "reports": TableField("shopfloor.report", "work_order", sort="-reported_at"),
        },
    )
)
