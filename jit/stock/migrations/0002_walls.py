"""Put row version, journal and row-level security around this room's tables."""

from django.db import migrations

from forms_engine.tables.operations import Protect


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_initial"), ("stock", "0001_initial")]
    operations = [
        Protect("stock_lot", scope="supplier"),
        Protect("stock_handlingunit", scope="supplier", portal="select, insert, update(state)"),
        Protect("stock_variance"),
        Protect("stock_reservation"),
        # The ledger is its own journal: append-only, balanced, written by one function.
        Protect("stock_posting", journal=False),
        Protect("stock_stockmove", journal=False),
        Protect("stock_balance", journal=False),
    ]
