"""The rows a run reads, in as few statements as there are tables. Quantities come as float8, times as minutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from jit.algorithms.mrp.table import ALWAYS, NEVER
from jit.planning.selectors.reading import packed

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def minute_of(moment: datetime) -> int:
    """Return an aware moment as whole minutes since 1970 UTC, rounded down."""
    return int((moment - EPOCH).total_seconds() // 60)


def moment_of(minute: int) -> datetime:
    """Return minutes since 1970 UTC as an aware moment."""
    return datetime.fromtimestamp(int(minute) * 60, UTC)


def minutes_sql(column: str) -> str:
    """Return SQL for a timestamp as minutes since 1970, rounded down like `minute_of`."""
    return f"floor(extract(epoch FROM {column}) / 60)::bigint"


ITEMS = packed(
    """
SELECT i.id::text AS id, i.id AS key, i.code, ascii(i.mode) AS mode, u.decimals, ascii(i.lot_rule) AS rule,
       coalesce(i.planning_window_minutes, 0) AS window_, i.min_lot, i.lot_multiple AS multiple, i.max_lot,
       i.fixed_lot AS fixed, i.period_minutes AS period, i.safety_stock AS safety, i.lead_minutes AS lead,
       i.handling_minutes AS handling, i.yield_ratio AS yield_, i.reschedule_minutes AS reschedule,
       i.min_remaining_days AS life
FROM catalog_item i JOIN catalog_unit u ON u.id = i.unit_id WHERE i.archived_at IS NULL ORDER BY i.code COLLATE "C"
""",
    id="text",
    key="key",
    code="text",
    mode="int",
    decimals="int",
    rule="int",
    window_="int",
    min_lot="float",
    multiple="float",
    max_lot="float",
    fixed="float",
    period="int",
    safety="float",
    lead="int",
    handling="int",
    yield_="float",
    reschedule="int",
    life="int",
)


class PlaceRow(NamedTuple):
    id: str
    code: str
    kind: str
    plant: str
    calendar: str | None


PLACES = """
SELECT id::text, code, kind, plant_id::text, calendar_id::text FROM catalog_location WHERE archived_at IS NULL
"""


class PlantRow(NamedTuple):
    id: str
    code: str
    calendar: str | None
    store: str | None
    zone: str


PLANTS = """
SELECT p.id::text, p.code, p.calendar_id::text, p.store_id::text, p.zone FROM catalog_plant p
WHERE p.archived_at IS NULL
"""


class CentreRow(NamedTuple):
    id: str
    plant: str
    calendar: str | None
    line_side: str | None
    output: str | None
    code: str


CENTRES = """
SELECT id::text, plant_id::text, calendar_id::text, line_side_id::text, output_id::text, code
FROM catalog_workcentre
"""


#: The first operation of the newest routing is the one that consumes the components.
OPERATIONS = packed(
    """
SELECT DISTINCT ON (r.item_id) r.item_id AS item, o.work_centre_id AS centre, o.setup_minutes AS setup,
       o.seconds_per_unit AS seconds
FROM catalog_routing r JOIN catalog_routingoperation o ON o.routing_id = r.id
WHERE r.archived_at IS NULL ORDER BY r.item_id, r.revision DESC, o.sequence
""",
    item="key",
    centre="key",
    setup="int",
    seconds="float",
)


class CycleRow(NamedTuple):
    number: str
    item: str
    area: str
    dock: str | None
    window_calendar: str | None
    window: int
    cover: int
    frozen: int
    handling: int
    horizon: int
    pack: float


CYCLES = """
SELECT number, item_id::text, area_id::text, dock_id::text, window_calendar_id::text, window_minutes, cover_minutes,
       frozen_minutes, handling_minutes, horizon_minutes, pack_quantity::float8
FROM supply_controlcycle WHERE archived_at IS NULL AND status = 'RELEASED' AND trigger = 'DEMAND'
ORDER BY number
"""


BOMS = packed(
    f"""
SELECT b.id AS key, b.item_id AS item, b.revision, b.base_quantity AS base,
       coalesce({minutes_sql("b.effective_from")}, {ALWAYS}) AS valid_from,
       coalesce({minutes_sql("b.effective_to")}, {NEVER}) AS valid_to
FROM catalog_bom b WHERE b.archived_at IS NULL AND b.is_released ORDER BY b.revision COLLATE "C"
""",
    key="key",
    item="key",
    revision="text",
    base="float",
    valid_from="int",
    valid_to="int",
)


#: Of all revisions: those that count are looked up in BOMS.
LINES = packed(
    """
SELECT bom_id AS bom, line_no, component_id AS component, quantity_per AS per, fixed_quantity AS fixed,
       scrap_ratio AS scrap, offset_minutes AS offset_, area_id AS area
FROM catalog_bomline
""",
    bom="key",
    line_no="int",
    component="key",
    per="float",
    fixed="float",
    scrap="float",
    offset_="int",
    area="key",
)


DEMANDS = packed(
    f"""
SELECT number, plant_id AS plant, item_id AS item, quantity - delivered_quantity AS quantity,
       {minutes_sql("due_at")} AS due, priority
FROM planning_demand WHERE archived_at IS NULL AND state = 'OPEN' AND quantity > delivered_quantity
ORDER BY number COLLATE "C"
""",
    number="text",
    plant="key",
    item="key",
    quantity="float",
    due="int",
    priority="int",
)


class OrderRow(NamedTuple):
    id: str
    number: str
    state: str
    plant: str
    item: str
    centre: str
    quantity: float
    done: float
    start: int
    end: int
    priority: int
    has_components: bool


ORDERS = f"""
SELECT w.id::text, w.number, w.state, w.plant_id::text, w.item_id::text, w.work_centre_id::text, w.quantity::float8,
       (w.good_quantity + w.scrap_quantity)::float8, {minutes_sql("w.planned_start")}, {minutes_sql("w.planned_end")},
       w.priority, EXISTS (SELECT 1 FROM shopfloor_workordercomponent c WHERE c.work_order_id = w.id)
FROM shopfloor_workorder w
WHERE w.archived_at IS NULL AND w.state IN ('PLANNED', 'FIRM', 'RELEASED', 'STARTED', 'PAUSED')
  AND w.quantity > w.good_quantity + w.scrap_quantity
ORDER BY w.number
"""


class ComponentRow(NamedTuple):
    order: str
    line_no: int
    item: str
    area: str
    per: float
    fixed: float
    scrap: float


COMPONENTS = """
SELECT c.work_order_id::text, c.line_no, c.item_id::text, c.area_id::text, c.quantity_per::float8,
       c.fixed_quantity::float8, c.scrap_ratio::float8
FROM shopfloor_workordercomponent c JOIN shopfloor_workorder w ON w.id = c.work_order_id
WHERE w.archived_at IS NULL AND w.state IN ('PLANNED', 'FIRM', 'RELEASED', 'STARTED', 'PAUSED')
  AND w.quantity > w.good_quantity + w.scrap_quantity
"""


STOCK = packed(
    f"""
SELECT b.item_id AS item, b.location_id AS place, coalesce(l.code, '') || '|' || coalesce(b.owner_id::text, '') AS lot,
       b.quantity, coalesce({minutes_sql("l.expires_at")}, {NEVER}) AS expires,
       coalesce(l.status, 'AVAILABLE') = 'AVAILABLE' AS usable
FROM stock_balance b LEFT JOIN stock_lot l ON l.id = b.lot_id
JOIN catalog_location p ON p.id = b.location_id AND p.kind IN ('STORE', 'BIN', 'LINE_SIDE')
WHERE b.quantity > 0
""",
    item="key",
    place="key",
    lot="text",
    quantity="float",
    expires="int",
    usable="flag",
)


class ReservedRow(NamedTuple):
    id: str
    item: str
    place: str
    quantity: float
    document: str
    lot: str | None


RESERVED = """
SELECT r.id::text, r.item_id::text, r.location_id::text, r.quantity::float8, r.document, l.code
FROM stock_reservation r LEFT JOIN stock_lot l ON l.id = r.lot_id
JOIN catalog_location p ON p.id = r.location_id AND p.kind IN ('STORE', 'BIN', 'LINE_SIDE')
"""


class SourceRow(NamedTuple):
    id: str
    agreement: str
    item: str
    supplier: str
    area: str | None
    dock: str | None
    quota: float
    used: float
    pack: float
    min_quantity: float
    max_quantity: float
    prep: int
    transit: int
    ship_calendar: str | None
    production_calendar: str | None
    usable: bool
    code: str
    is_packed: bool
    ends: bool

    @property
    def own_pack(self) -> float:
        """The source's pack; 0 where it is the table's default of one piece: then the item's multiple holds."""
        return 0.0 if self.pack == 1.0 else self.pack


#: Usable: the rule and the agreement hold at `as_of`, the supplier is approved (pull.md 19). `used` counts what was
#: received and what is firmly planned for times since the quota period began (20); what is open comes from the calls
#: themselves. `ends`: no agreement holds any more at the horizon.
SOURCES = """
SELECT r.id::text, coalesce(a.number, '~' || s.code), r.item_id::text, r.supplier_id::text, r.area_id::text,
       r.dock_id::text, r.quota::float8,
       (r.base_quantity + coalesce(got.quantity, 0) + coalesce(firm.quantity, 0))::float8,
       r.pack_quantity::float8, r.min_quantity::float8, r.max_quantity::float8, r.prep_minutes, r.transit_minutes,
       s.shipping_calendar_id::text, s.production_calendar_id::text,
       s.status = 'APPROVED' AND a.number IS NOT NULL, s.code, r.packaging_id IS NOT NULL,
       a.number IS NOT NULL AND NOT a.holds
FROM catalog_sourcingrule r
JOIN catalog_supplier s ON s.id = r.supplier_id
LEFT JOIN (
    SELECT item_id, supplier_id, min(number) FILTER (
             WHERE (valid_from IS NULL OR valid_from <= %(as_of)s) AND (valid_to IS NULL OR valid_to > %(as_of)s)
           ) AS number,
           bool_or((valid_from IS NULL OR valid_from <= %(horizon)s)
                   AND (valid_to IS NULL OR valid_to >= %(horizon)s)) AS holds
    FROM supply_agreement WHERE status = 'ACTIVE' AND archived_at IS NULL GROUP BY 1, 2) a
    ON a.item_id = r.item_id AND a.supplier_id = r.supplier_id
LEFT JOIN (SELECT q.id, sum(c.received_quantity) AS quantity FROM supply_calloff c
           JOIN catalog_sourcingrule q ON q.item_id = c.item_id AND q.supplier_id = c.supplier_id
           WHERE c.received_quantity > 0 AND (q.quota_since IS NULL OR c.window_end >= q.quota_since)
           GROUP BY 1) got
    ON got.id = r.id
LEFT JOIN (SELECT q.id, sum(o.quantity) AS quantity FROM planning_firmorder o
           JOIN catalog_sourcingrule q ON q.item_id = o.item_id AND q.supplier_id = o.source_id
           WHERE o.kind = 'BUY' AND o.state = 'FIRM' AND (q.quota_since IS NULL OR o.need_at >= q.quota_since)
           GROUP BY 1) firm
    ON firm.id = r.id
WHERE r.archived_at IS NULL AND r.is_active AND s.archived_at IS NULL
  AND (r.valid_from IS NULL OR r.valid_from <= %(as_of)s) AND (r.valid_to IS NULL OR r.valid_to > %(as_of)s)
"""


class FirmRow(NamedTuple):
    number: str
    kind: str
    plant: str
    item: str
    area: str
    quantity: float
    good: float
    start: int
    finish: int
    need: int


FIRM = f"""
SELECT number, kind, plant_id::text, item_id::text, coalesce(area_id::text, ''), quantity::float8,
       good_quantity::float8, {minutes_sql("start_at")}, {minutes_sql("finish_at")}, {minutes_sql("need_at")}
FROM planning_firmorder WHERE state = 'FIRM' ORDER BY number COLLATE "C"
"""


class CallRow(NamedTuple):
    id: str
    number: str
    kind: str
    state: str
    item: str
    area: str
    supplier: str
    dock: str
    end: int
    quantity: float
    confirmed: float | None
    received: float
    packed: float
    promised: int | None
    arrives: int | None


CALLS = f"""
SELECT c.id::text, c.number, c.kind, c.state, c.item_id::text, c.area_id::text, c.supplier_id::text, c.dock_id::text,
       {minutes_sql("c.window_end")}, c.quantity::float8, c.confirmed_quantity::float8, c.received_quantity::float8,
       c.packed_quantity::float8, {minutes_sql("c.promised_at")},
       (SELECT max({minutes_sql("s.arrives_at")}) FROM supply_shipmentline l
        JOIN supply_shipment s ON s.id = l.shipment_id AND s.state IN ('DEPARTED', 'ARRIVED', 'RECEIVING')
        WHERE l.calloff_id = c.id)
FROM supply_calloff c
WHERE c.archived_at IS NULL AND c.requirement_id IS NULL AND c.kind <> 'FORECAST'
  AND c.state IN ('DRAFT', 'RELEASED', 'SENT', 'ACKED', 'CONFIRMED', 'PARTIAL', 'DECLINED', 'PREP', 'PACKED', 'SHIPPED',
                  'AT_GATE', 'UNLOADED', 'HOLD')
ORDER BY c.number
"""
