"""The nouns of supply."""

from forms_engine.core.entity import ModelEntity, TableField, entity_register
from forms_engine.kernel.text import Text as T
from jit.supply import models
from jit.supply.services.agreement import agreement_create, cycle_create

entity_register(
    ModelEntity(
        "supply.agreement",
        model=models.Agreement,
        scope="supplier",
        title="number",
        business_key=("number",),
        search=("number",),
        icon="file-certificate",
        create=agreement_create,
        overrides={
            "number": {"required": False},
            "cumulative_shipped": {"read_only": True},
            "cumulative_received": {"read_only": True},
        },
        columns=(
            "number",
            "supplier",
            "item",
            "price",
            "currency",
            "status",
            "cumulative_shipped",
            "cumulative_received",
        ),
    )
)
entity_register(
    ModelEntity(
        "supply.controlcycle",
        model=models.ControlCycle,
        title="number",
        business_key=("number",),
        search=("number",),
        icon="refresh",
        create=cycle_create,
        overrides={"number": {"required": False}},
        columns=(
            "number",
            "item",
            "area",
            "trigger",
            "window_minutes",
            "cover_minutes",
            "frozen_minutes",
            "pack_quantity",
            "status",
        ),
    )
)
entity_register(
    ModelEntity(
        "supply.calloffversion",
        model=models.CallOffVersion,
        scope="supplier",
        title="revision",
        read_only=True,
        archivable=False,
        business_key=("calloff", "revision"),
        sort=("-revision",),
        icon="versions",
        columns=("revision", "quantity", "delta", "window_end", "reason", "created_at"),
    )
)
entity_register(
    ModelEntity(
        "supply.calloffreply",
        model=models.CallOffReply,
        scope="supplier",
        title="kind",
        read_only=True,
        archivable=False,
        business_key=("id",),
        icon="message-reply",
        columns=("kind", "quantity", "promised_at", "reason", "by_name", "created_at"),
    )
)
entity_register(
    ModelEntity(
        "supply.calloff",
        model=models.CallOff,
        scope="supplier",
        title="number",
        business_key=("number",),
        search=("number", "item_code", "item_name"),
        sort=("window_end", "number"),
        icon="phone-call",
        read_only=True,
        archivable=False,
        hidden=("held_from", "run_id", "requirement_id", "unit_decimals"),
        columns=(
            "number",
            "item",
            "item_name",
            "supplier",
            "window_start",
            "window_end",
            "quantity",
            "confirmed_quantity",
            "state",
            "area",
            "dock",
        ),
        tables={
            "versions": TableField("supply.calloffversion", "calloff", sort="-revision"),
            "replies": TableField("supply.calloffreply", "calloff", sort="-created_at"),
        },
    )
)
entity_register(
    ModelEntity(
        "supply.shipmentline",
        model=models.ShipmentLine,
        scope="supplier",
        title="line_no",
        archivable=False,
        business_key=("shipment", "line_no"),
        sort=("line_no",),
        icon="list",
        overrides={
            "supplier": {"read_only": True},
            "item": {"required": False},
            "item_code": {"read_only": True},
            "item_name": {"read_only": True},
            "unit_code": {"read_only": True},
            "shipment": {"required": False},
        },
        columns=(
            "line_no",
            "calloff",
            "item_code",
            "item_name",
            "lot_code",
            "quantity",
            "packages",
            "received_quantity",
        ),
    )
)
entity_register(
    ModelEntity(
        "supply.shipment",
        model=models.Shipment,
        scope="supplier",
        title="number",
        business_key=("number",),
        search=("number", "delivery_note", "plate"),
        icon="truck",
        read_only=True,
        archivable=False,
        columns=("number", "supplier", "delivery_note", "state", "dock", "plate", "arrives_at", "arrived_at"),
        tables={"lines": TableField("supply.shipmentline", "shipment")},
    )
)
entity_register(
    ModelEntity(
        "supply.receiptline",
        model=models.ReceiptLine,
        scope="supplier",
        title="id",
        read_only=True,
        archivable=False,
        business_key=("id",),
        sort=("created_at",),
        icon="list",
        # What is not good has columns of its own: "as announced" says so of the count alone.
        overrides={"difference": {"label": T("Difference in count", "数量差异")}},
        columns=(
            "item",
            "expected_quantity",
            "counted_quantity",
            "difference",
            "blocked_quantity",
            "blocked_reason",
            "to_location",
            "goes_to_line",
        ),
    )
)
entity_register(
    ModelEntity(
        "supply.receipt",
        model=models.Receipt,
        scope="supplier",
        title="number",
        business_key=("number",),
        search=("number",),
        icon="package-import",
        read_only=True,
        archivable=False,
        hidden=("posting",),
        columns=("number", "shipment", "supplier", "dock", "state", "received_at", "received_by"),
        tables={"lines": TableField("supply.receiptline", "receipt", sort="created_at")},
    )
)
entity_register(
    ModelEntity(
        "supply.inboundrequirement",
        model=models.InboundRequirement,
        scope="supplier",
        title="external_id",
        business_key=("external_id",),
        search=("external_id",),
        sort=("latest",),
        icon="calendar-due",
        columns=(
            "external_id",
            "supplier",
            "supplier_dock",
            "dock",
            "item",
            "quantity",
            "earliest",
            "latest",
            "calloff",
        ),
    )
)
entity_register(
    ModelEntity(
        "supply.trucklane",
        model=models.TruckLane,
        scope="supplier",
        title="id",
        icon="route",
        business_key=("truck", "supplier", "supplier_dock", "dock", "item"),
        sort=("unloading_order",),
        columns=("supplier", "supplier_dock", "dock", "item", "unloading_order"),
    )
)
entity_register(
    ModelEntity(
        "supply.plannedtruck",
        model=models.PlannedTruck,
        title="number",
        business_key=("number",),
        search=("number",),
        sort=("arrives_at",),
        icon="truck",
        columns=("number", "arrives_at", "max_weight_grams", "state", "copy_of"),
        tables={"lanes": TableField("supply.trucklane", "truck", sort="unloading_order")},
    )
)
entity_register(
    ModelEntity(
        "supply.loadline",
        model=models.LoadLine,
        scope="supplier",
        title="id",
        business_key=("requirement", "truck"),
        icon="stack",
        read_only=True,
        archivable=False,
        columns=("requirement", "truck", "supplier", "packages", "grams", "shipment_line"),
    )
)
entity_register(
    ModelEntity(
        "supply.dockslot",
        model=models.DockSlot,
        title="id",
        business_key=("id",),
        icon="calendar-time",
        read_only=True,
        archivable=False,
        columns=("dock", "door", "shipment", "truck"),
    )
)
entity_register(
    ModelEntity(
        "supply.linecover",
        model=models.LineCover,
        title="id",
        business_key=("item", "area"),
        icon="activity",
        read_only=True,
        archivable=False,
        sort=("stock_out_at",),
        columns=(
            "item",
            "area",
            "stock",
            "burn_per_hour",
            "stock_out_at",
            "next_arrival_at",
            "next_arrival_quantity",
        ),
    )
)
