"""The nouns of planning."""

from forms_engine.core.entity import ModelEntity, TableField, entity_register
from jit.planning import models
from jit.planning.services.demand import demand_create
from jit.planning.services.plan import plan_create, plan_update

entity_register(
    ModelEntity(
        "planning.demand",
        model=models.Demand,
        title="number",
        business_key=("number",),
        search=("number", "customer"),
        sort=("due_at", "number"),
        icon="shopping-cart",
        create=demand_create,
        overrides={"number": {"required": False}},
        columns=(
            "number",
            "customer",
            "item",
            "quantity",
            "delivered_quantity",
            "due_at",
            "priority",
            "state",
        ),
    )
)
entity_register(
    ModelEntity(
        "planning.planline",
        model=models.ProductionPlanLine,
        title="line_no",
        archivable=False,
        business_key=("plan", "line_no"),
        sort=("line_no",),
        icon="list",
        overrides={"line_no": {"required": False}},
        columns=("line_no", "item", "work_centre", "quantity", "start_at", "end_at"),
    )
)
entity_register(
    ModelEntity(
        "planning.plan",
        model=models.ProductionPlan,
        title="number",
        business_key=("number",),
        search=("number", "title"),
        icon="calendar-event",
        create=plan_create,
        update=plan_update,
        editable=lambda plan: (
            plan.state in (models.ProductionPlan.State.DRAFT, models.ProductionPlan.State.RETURNED)
        ),
        hidden=("submitted_by_id",),
        overrides={
            "number": {"required": False},
            "state": {"read_only": True},
            "released_at": {"read_only": True},
        },
        columns=("number", "title", "plant", "state", "released_at"),
        tables={"lines": TableField("planning.planline", "plan", required=True)},
    )
)
entity_register(
    ModelEntity(
        "planning.planrun",
        model=models.PlanRun,
        title="number",
        business_key=("number",),
        search=("number",),
        icon="player-play",
        read_only=True,
        archivable=False,
        columns=("number", "state", "as_of", "horizon_end", "reason", "trigger", "started_at", "finished_at"),
    )
)
entity_register(
    ModelEntity(
        "planning.firmorder",
        model=models.FirmOrder,
        title="number",
        business_key=("number",),
        search=("number",),
        sort=("need_at", "number"),
        icon="lock",
        read_only=True,
        archivable=False,
        columns=(
            "number",
            "kind",
            "item",
            "quantity",
            "start_at",
            "finish_at",
            "need_at",
            "source",
            "state",
            "work_order",
        ),
    )
)
