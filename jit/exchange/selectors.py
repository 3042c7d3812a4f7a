"""Reading imports and the proof of loads."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from forms_engine.access.actor import Actor
from forms_engine.access.policy import visible
from forms_engine.base import db
from forms_engine.base.models import Job
from forms_engine.core.entity import entity
from forms_engine.kernel.errors import NotFound
from forms_engine.kernel.text import Text as T
from jit.exchange.cells import text_read
from jit.exchange.files import table_open
from jit.exchange.models import ImportBatch

_PROOF = """
WITH need AS (SELECT * FROM supply_inboundrequirement WHERE batch = %(batch)s AND archived_at IS NULL),
load AS (SELECT l.* FROM supply_loadline l JOIN need ON need.id = l.requirement_id),
truck AS (SELECT * FROM supply_plannedtruck WHERE batch = %(batch)s),
lane AS (SELECT * FROM supply_trucklane),
announced AS (SELECT s.* FROM supply_shipmentline s JOIN load ON load.shipment_line_id = s.id),
unit AS (SELECT u.* FROM stock_handlingunit u WHERE u.shipment_line_id IN (SELECT id FROM announced))
SELECT
  (SELECT count(*) FROM need),
  (SELECT coalesce(sum(quantity), 0)::bigint FROM need),
  (SELECT coalesce(sum(quantity * unit_weight_grams), 0)::bigint FROM need),
  (SELECT count(DISTINCT calloff_id) FROM need),
  (SELECT count(*) FROM truck WHERE copy_of_id IS NULL),
  (SELECT count(*) FROM truck WHERE copy_of_id IS NOT NULL AND state <> 'CANCELLED'),
  (SELECT count(DISTINCT truck_id) FROM load JOIN truck ON truck.id = load.truck_id WHERE copy_of_id IS NULL),
  (SELECT count(*) FROM load),
  (SELECT count(DISTINCT shipment_id) FROM announced),
  (SELECT count(*) FROM unit),
  (SELECT count(*) FROM supply_dockslot WHERE truck_id IN (SELECT id FROM truck)),
  (SELECT count(*) FROM need WHERE quantity <>
     coalesce((SELECT sum(packages) FROM load WHERE load.requirement_id = need.id), 0)),
  (SELECT count(*) FROM load JOIN need ON need.id = load.requirement_id JOIN truck ON truck.id = load.truck_id
     WHERE truck.arrives_at NOT BETWEEN need.earliest AND need.latest),
  (SELECT count(*) FROM truck WHERE max_weight_grams <
     (SELECT sum(grams) FROM load WHERE load.truck_id = truck.id)),
  (SELECT count(*) FROM load JOIN need ON need.id = load.requirement_id JOIN truck ON truck.id = load.truck_id
     WHERE NOT EXISTS (SELECT 1 FROM lane WHERE lane.truck_id = coalesce(truck.copy_of_id, truck.id)
       AND lane.supplier_id = need.supplier_id AND lane.supplier_dock = need.supplier_dock
       AND lane.dock_id = need.dock_id AND lane.item_id = need.item_id)),
  (SELECT coalesce(sum(packages), 0)::bigint FROM announced) - (SELECT count(*) FROM unit),
  (SELECT count(*) FROM unit WHERE state = 'RECEIVED'),
  (SELECT coalesce(sum(received_quantity), 0)::bigint FROM announced)
"""


@dataclass(frozen=True, slots=True)
class InboundProof:
    """Counts of one data set's loads as they stand in the tables, and what must be 0."""

    requirements: int
    packages: int
    grams: int
    calloffs: int
    trucks_planned: int
    trucks_extra: int
    trucks_used: int
    load_lines: int
    shipments: int
    labels: int
    slots: int
    uncovered: int
    outside_window: int
    overweight: int
    off_lane: int
    labels_missing: int
    labels_received: int
    packages_received: int

    @property
    def holds(self) -> bool:
        """Whether nothing is uncovered, late, overweight, off its lane or without a label."""
        wrong = (self.uncovered, self.outside_window, self.overweight, self.off_lane, self.labels_missing)
        return not any(wrong)


def inbound_proof(*, batch: str) -> InboundProof:
    """Count one data set's loads from the tables alone, independent of the code that made them."""
    with db.connection().cursor() as cursor:
        cursor.execute(_PROOF, {"batch": batch})
        return InboundProof(*cursor.fetchone())


RECENT = 50
PREVIEW_ROWS = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an uploaded file: its header, some cells, the field it goes to ('' = left out)."""

    number: int
    header: str
    field: str
    samples: Sequence[str]


def imports_recent(*, actor: Actor) -> list[ImportBatch]:
    """Return the newest imports the actor may see."""
    seen = visible(actor, entity("exchange.importbatch"))
    return list(ImportBatch.objects.filter(seen.q()).order_by("-created_at")[:RECENT])


def import_get(*, actor: Actor, pk: UUID) -> ImportBatch:
    """Return one import. Raises: NotFound for a missing one and for one the actor may not see."""
    seen = visible(actor, entity("exchange.importbatch"))
    found = ImportBatch.objects.filter(seen.q(), pk=pk).first()
    if found is None:
        raise NotFound(T("There is no such import.", "没有该导入。"))
    return found


def folder_job(*, actor: Actor, pk: UUID) -> Job:
    """Return the job of a folder the actor loads. Raises: NotFound for another's, unless he may do all."""
    found = Job.objects.filter(pk=pk, kind="exchange.folder").first()
    if found is None or not (actor.is_admin or found.owner_id == actor.user_id):
        raise NotFound(T("There is no such import.", "没有该导入。"))
    return found


def import_columns(*, batch: ImportBatch) -> list[Column]:
    """Return the columns of an import's file with the first cells below the header."""
    with batch.file.open("rb") as file:
        table = table_open(
            file.read(),
            batch.file_name,
            sheet=batch.sheet,
            encoding=batch.encoding,
            delimiter=batch.delimiter,
        )
    first = list(islice(table.rows, batch.header_row, batch.header_row + PREVIEW_ROWS))
    return [
        Column(
            number,
            header,
            batch.mapping.get(str(number), ""),
            [text_read(row[number]) for row in first if number < len(row) and row[number] is not None],
        )
        for number, header in enumerate(batch.header)
    ]
