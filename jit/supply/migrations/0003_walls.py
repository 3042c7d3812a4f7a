"""Put row version, journal and row-level security around this room's tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("supply", "0002_linecover")]
    operations = [
        Protect("supply_agreement", scope="supplier", portal="select"),
        Protect("supply_controlcycle"),
        Protect(
            "supply_calloff",
            scope="supplier",
            portal=(
                "select, update(state, confirmed_quantity, promised_at, replied_at, acked_at, reason, "
                "packed_quantity, shipped_quantity)"
            ),
        ),
        Protect(
            "supply_calloffversion",
            scope="supplier",
            portal="select",
            parents={"calloff_id": "supply_calloff"},
        ),
        Protect(
            "supply_calloffreply",
            scope="supplier",
            portal="select, insert",
            parents={"calloff_id": "supply_calloff"},
        ),
        Protect(
            "supply_shipment", scope="supplier", portal="select, insert, update(state, departed_at, plate)"
        ),
        Protect(
            "supply_shipmentline",
            scope="supplier",
            portal="select, insert",
            parents={"shipment_id": "supply_shipment", "calloff_id": "supply_calloff"},
        ),
        Protect("supply_receipt", scope="supplier", portal="select"),
        Protect(
            "supply_receiptline",
            scope="supplier",
            portal="select",
            parents={"receipt_id": "supply_receipt"},
        ),
        Protect("supply_dockslot"),
        Protect("supply_inboundrequirement", scope="supplier"),
        Protect("supply_plannedtruck"),
        Protect("supply_trucklane", scope="supplier"),
        Protect("supply_loadline", scope="supplier"),
        Protect("supply_linecover", journal=False),
    ]
