"""Document numbers: a prefix and a running number out of a database sequence.

A sequence and not a counter row: two hundred parallel inserts never wait for each other, and a supplier's
login may draw a number without reading any table. The price is that a rolled back document leaves a gap.
"""

from __future__ import annotations

from forms_engine.base import db

#: Prefix of the document → its sequence; made in this room's second migration.
SEQUENCES = {
    "CO": "takt_number_call_off",
    "ASN": "takt_number_shipment",
    "GR": "takt_number_receipt",
    "HU": "takt_number_handling_unit",
    "WO": "takt_number_work_order",
    "PP": "takt_number_production_plan",
    "RUN": "takt_number_plan_run",
    "SA": "takt_number_agreement",
    "CC": "takt_number_control_cycle",
    "SO": "takt_number_demand",
}


def numbers_next(prefix: str, count: int = 1) -> list[str]:
    """Return `count` new document numbers such as `CO0001042`. Raises: KeyError for an unknown prefix."""
    with db.connection().cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [SEQUENCES[prefix], count])
        return [f"{prefix}{number:07d}" for (number,) in cursor.fetchall()]


def number_next(prefix: str) -> str:
    """Return one new document number."""
    return numbers_next(prefix)[0]
