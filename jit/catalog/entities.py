"""The nouns of master data."""

from forms_engine.core.entity import ModelEntity, TableField, entity_register
from forms_engine.fields.units import units_through
from jit.catalog import models, services
from jit.catalog.units import typed_amount

units_through(typed_amount)

entity_register(
    ModelEntity(
        "catalog.plant",
        model=models.Plant,
        search=("code", "name"),
        columns=("code", "name", "zone", "calendar"),
        sort=("code",),
        icon="building-factory-2",
    )
)
entity_register(
    ModelEntity(
        "catalog.unit",
        model=models.Unit,
        search=("code", "name"),
        sort=("code",),
        icon="ruler-2",
        columns=("code", "name", "dimension", "decimals"),
    )
)
entity_register(
    ModelEntity(
        "catalog.unitconversion",
        model=models.UnitConversion,
        title="id",
        icon="arrows-exchange",
        business_key=("item", "from_unit", "to_unit"),
        columns=("item", "from_unit", "to_unit", "numerator", "denominator"),
    )
)
entity_register(
    ModelEntity(
        "catalog.packaging",
        model=models.Packaging,
        search=("code", "name"),
        sort=("code",),
        icon="package",
        columns=("code", "name", "length_mm", "width_mm", "height_mm", "tare_grams"),
    )
)
entity_register(
    ModelEntity(
        "catalog.workshift",
        model=models.WorkShift,
        title="id",
        business_key=("calendar", "weekday", "start"),
        sort=("weekday", "start"),
        icon="clock",
        columns=("calendar", "weekday", "start", "end"),
    )
)
entity_register(
    ModelEntity(
        "catalog.calendarday",
        model=models.CalendarDay,
        title="id",
        business_key=("calendar", "day", "start"),
        sort=("day",),
        icon="calendar-off",
        columns=("calendar", "day", "is_working", "start", "end", "reason"),
    )
)
entity_register(
    ModelEntity(
        "catalog.workcalendar",
        model=models.WorkCalendar,
        search=("code", "name"),
        sort=("code",),
        icon="calendar",
        columns=("code", "name", "zone", "follows_cn_holidays"),
        tables={
            "shifts": TableField("catalog.workshift", "calendar", sort="weekday"),
            "days": TableField("catalog.calendarday", "calendar", sort="day"),
        },
    )
)
entity_register(
    ModelEntity(
        "catalog.location",
        model=models.Location,
        search=("code", "name"),
        sort=("code",),
        icon="map-pin",
        columns=("code", "name", "kind", "plant", "line", "station", "doors"),
        update=services.location_update,
    )
)
entity_register(
    ModelEntity(
        "catalog.workcentre",
        model=models.WorkCentre,
        search=("code", "name"),
        sort=("code",),
        icon="assembly",
        columns=("code", "name", "plant", "calendar", "line_side", "units_per_hour"),
    )
)
entity_register(
    ModelEntity(
        "catalog.item",
        model=models.Item,
        search=("code", "name", "specification"),
        sort=("code",),
        icon="box",
        columns=("code", "name", "specification", "unit", "group", "mode", "criticality", "safety_stock"),
    )
)
entity_register(
    ModelEntity(
        "catalog.bomline",
        model=models.BomLine,
        title="id",
        business_key=("bom", "line_no"),
        sort=("line_no",),
        icon="list-tree",
        columns=("line_no", "component", "quantity_per", "scrap_ratio", "area"),
        create=services.bom_line_create,
        update=services.bom_line_update,
    )
)
entity_register(
    ModelEntity(
        "catalog.bom",
        model=models.Bom,
        title="revision",
        business_key=("item", "revision"),
        icon="sitemap",
        columns=("item", "revision", "effective_from", "effective_to", "is_released"),
        tables={"lines": TableField("catalog.bomline", "bom", required=True)},
        create=services.bom_create,
        update=services.bom_update,
    )
)
entity_register(
    ModelEntity(
        "catalog.routingoperation",
        model=models.RoutingOperation,
        title="sequence",
        business_key=("routing", "sequence"),
        sort=("sequence",),
        icon="route",
        columns=("sequence", "work_centre", "setup_minutes", "seconds_per_unit"),
    )
)
entity_register(
    ModelEntity(
        "catalog.routing",
        model=models.Routing,
        title="revision",
        business_key=("item", "revision"),
        icon="route",
        columns=("item", "revision"),
        tables={"operations": TableField("catalog.routingoperation", "routing", sort="sequence")},
    )
)
entity_register(
    ModelEntity(
        "catalog.supplier",
        model=models.Supplier,
        scope="self",
        search=("code", "name", "contact"),
        sort=("code",),
        icon="truck-delivery",
        columns=("code", "name", "status", "contact", "phone", "email"),
    )
)
entity_register(
    ModelEntity(
        "catalog.sourcingrule",
        model=models.SourcingRule,
        scope="supplier",
        title="id",
        icon="git-branch",
        business_key=("item", "supplier", "area"),
        columns=(
            "item",
            "supplier",
            "area",
            "dock",
            "quota",
            "pack_quantity",
            "prep_minutes",
            "transit_minutes",
        ),
    )
)
